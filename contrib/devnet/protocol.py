"""The protocol's contracts, deployed on a Chain with short rounds, unpaused and
with the first round begun. `contract.call("function", …)` reads,
`contract.send("function", …, sender=account)` acts and returns the receipt."""
import abi
import toolchain
from chain import Chain, ETHER, Reverted, RpcError, address_of

ZERO = "0x" + "00" * 20
MAX = 2 ** 256 - 1

# Which account is who; the rest is free for anyone.
ROLES = ("governor", "orchestrator", "broadcaster", "orchestrator2",
         "delegator", "orchestrator3", "broadcaster2", "stranger")

NAMES = ("LivepeerToken", "LivepeerTokenFaucet", "Minter", "RoundsManager",
         "BondingManager", "ServiceRegistry", "TicketBroker")

# Inflation, its step per round, the target bonding rate: as first deployed.
INFLATION = {"arbitrum": (218_500, 500, 500_000_000),
             "streamflow": (137, 3, 500_000)}

DEFAULTS = {
    "round_length": 50,        # blocks
    "round_lock": 100_000,     # parts per million of a round
    "first_round": 3,
    "unbonding_period": 7,     # rounds
    "unlock_period": 2,        # rounds
    "validity_period": 2,      # rounds
    "pool_size": 10,
    "max_claim_rounds": 20,    # Streamflow
    "supply": 10_000_000 * ETHER,
    "purse": 50_000 * ETHER,   # LPT for each account
    "faucet_amount": 10 * ETHER,
    "faucet_wait": 1,          # hours
}


class Contract:
    def __init__(self, chain, address, made):
        self.chain = chain
        self.address = address.lower()
        self.abi = made["abi"]
        self.storage = made["storage"]
        self.functions = {e["name"]: e for e in self.abi
                          if e["type"] == "function"}

    def __str__(self):
        return self.address

    def data(self, name, *args):
        entry = self.functions[name]
        args = [address_of(a) if t["type"] == "address" else a
                for a, t in zip(args, entry["inputs"], strict=True)]
        kinds = [abi.type_of(i) for i in entry["inputs"]]
        return "0x" + (abi.selector(abi.signature(entry)) +
                       abi.encode(kinds, args)).hex()

    def call(self, name, *args, sender=None, value=0, block="latest"):
        """What it returns; Reverted when it refuses. Changes nothing."""
        tx = {"to": self.address, "data": self.data(name, *args),
              "value": hex(value)}
        if sender is not None:
            tx["from"] = address_of(sender)
        try:
            answer = self.chain.rpc("eth_call", tx, block)
        except RpcError as e:
            raise Reverted(e.reason) from None
        return abi.outcome(self.functions[name], abi.raw(answer))

    def submit(self, name, *args, sender, value=0, **more):
        """Hash of the transaction, for when nobody mines."""
        return self.chain.submit(sender, self.address, self.data(name, *args),
                                 value, **more)

    def send(self, name, *args, sender, value=0, **more):
        """The receipt, once mined; Reverted with the reason when refused."""
        return self.chain.confirm(self.submit(
            name, *args, sender=sender, value=value, **more))

    def events(self, name=None, since=0, until="latest"):
        """This contract's events, all or those of a name, in order."""
        logs = self.chain.rpc("eth_getLogs", {
            "address": self.address, "fromBlock": hex(since),
            "toBlock": until if isinstance(until, str) else hex(until)})
        found = [abi.event(self.abi, log) for log in logs]
        return [e for e in found if e and name in (None, e.name)]

    def receipt_events(self, receipt, name=None):
        found = [abi.event(self.abi, log) for log in receipt["logs"]
                 if log["address"].lower() == self.address]
        return [e for e in found if e and name in (None, e.name)]

    def names(self, receipt):
        """Of its events in a transaction, in order."""
        return [e.name for e in self.receipt_events(receipt)]

    def args(self, receipt, name):
        """Of its first event of that name in a transaction."""
        return self.receipt_events(receipt, name)[0].args

    def slot(self, name, *keys):
        """Where a value, or a mapping's at integer or byte keys, is stored."""
        at = self.storage[name]
        for key in keys:
            key = abi.word(key) if isinstance(key, int) else \
                abi.raw(key).rjust(32, b"\0")
            at = int.from_bytes(abi.keccak(key + abi.word(at)), "big")
        return at


class Protocol(Chain):
    """A chain with the contracts of one generation, "arbitrum" or
    "streamflow"; keywords are those of DEFAULTS."""

    def __init__(self, directory, generation="arbitrum", port=0,
                 chain_id=31337, hardfork=None, **params):
        super().__init__(directory, port, chain_id, hardfork)
        unknown = set(params) - set(DEFAULTS)
        assert not unknown, f"no such parameters: {unknown}"
        self.generation = generation
        self.params = dict(DEFAULTS, **params)
        self.contracts = {}

    def start(self):
        super().start()
        for account, role in zip(self.accounts, ROLES):
            setattr(self, role, account)
        self._made = toolchain.artifacts()
        self._deploy()
        self.next_round(self.params["first_round"])
        return self

    # --- deployment: everything in one block, each step counted on ---
    def _deploy(self):
        self.automine(False)
        self._pending = []
        self._nonce = self.nonce(self.governor)
        self.controller = self._create("Controller")
        controller = self.controller
        token = self._create("LivepeerToken")
        self._create("LivepeerTokenFaucet", token, self.params["faucet_amount"],
                     self.params["faucet_wait"])
        self._create("Minter", controller, *INFLATION[self.generation])
        for name in ("RoundsManager", "BondingManager", "ServiceRegistry",
                     "TicketBroker"):
            self._create(name, controller)
        if self.generation == "streamflow":
            self._create("Refunder", self._create("JobsManager"))
        for name in NAMES:
            self._register(name, self.contracts[name])
        # The Minter knows the broker by the name of what it replaced.
        self._register("JobsManager", self.contracts["TicketBroker"])
        if self.generation == "arbitrum":
            self._register("Treasury", self.accounts[-1])
        self._set_parameters()
        self._give_tokens()
        self._step(controller, "unpause")
        self.mine()
        for what, tx in self._pending:
            status = int(self.receipt(tx)["status"], 16)
            assert status == 1, f"{what} failed in the deployment"
        self.automine()

    def _artifact(self, name):
        return self._made.get(f"{self.generation}/{name}") or self._made[name]

    def _later(self, what, to, data):
        tx = self.submit(self.governor, to, data, nonce=self._nonce,
                         gas=8_000_000)
        self._pending.append((what, tx))
        self._nonce += 1

    def _create(self, name, *args):
        made = self._artifact(name)
        kinds = [abi.type_of(i) for e in made["abi"]
                 if e["type"] == "constructor" for i in e["inputs"]]
        args = [address_of(a) if k == "address" else a
                for a, k in zip(args, kinds, strict=True)]
        contract = Contract(self, created_by(self.governor, self._nonce), made)
        self._later(name, None,
                    "0x" + made["code"] + abi.encode(kinds, args).hex())
        self.contracts[name] = contract
        return contract

    def _step(self, contract, name, *args):
        self._later(name, contract, contract.data(name, *args))

    def _register(self, name, what):
        self._step(self.controller, "setContractInfo",
                   abi.keccak(name.encode()), what, bytes(20))

    def _set_parameters(self):
        p = self.params
        self._step(self.rounds, "setRoundLength", p["round_length"])
        self._step(self.rounds, "setRoundLockAmount", p["round_lock"])
        self._step(self.bonding, "setUnbondingPeriod", p["unbonding_period"])
        self._step(self.bonding, "setNumActiveTranscoders", p["pool_size"])
        self._step(self.broker, "setUnlockPeriod", p["unlock_period"])
        self._step(self.broker, "setTicketValidityPeriod",
                   p["validity_period"])
        if self.generation == "streamflow":
            self._step(self.bonding, "setMaxEarningsClaimsRounds",
                       p["max_claim_rounds"])

    def _give_tokens(self):
        token, p = self.token, self.params
        if self.generation == "arbitrum":
            for holder in (self.minter, self.governor):
                self._step(token, "grantRole", abi.keccak(b"MINTER_ROLE"),
                           holder)
        self._step(token, "mint", self.governor, p["supply"])
        self._step(token, "transfer", self.contracts["LivepeerTokenFaucet"],
                   p["supply"] // 10)
        for account in self.accounts[1:-1]:
            self._step(token, "transfer", account, p["purse"])
        if self.generation == "streamflow":
            self._step(token, "transferOwnership", self.minter)

    # --- the contracts by short names ---
    token = property(lambda self: self.contracts["LivepeerToken"])
    faucet = property(lambda self: self.contracts["LivepeerTokenFaucet"])
    minter = property(lambda self: self.contracts["Minter"])
    rounds = property(lambda self: self.contracts["RoundsManager"])
    bonding = property(lambda self: self.contracts["BondingManager"])
    registry = property(lambda self: self.contracts["ServiceRegistry"])
    broker = property(lambda self: self.contracts["TicketBroker"])
    # What the alpha left behind, on Streamflow only; no controller knows them.
    jobs_manager = property(lambda self: self.contracts["JobsManager"])
    refunder = property(lambda self: self.contracts["Refunder"])

    # --- rounds ---
    @property
    def round(self):
        return self.rounds.call("currentRound")

    def next_round(self, rounds=1, initialize=True):
        """Mines to the first block of a later round, and begins it; the number
        of the round."""
        start = self.rounds.call("currentRoundStartBlock")
        length = self.rounds.call("roundLength")
        self.mine(start + rounds * length - self.height)
        if initialize:
            self.rounds.send("initializeRound", sender=self.governor)
        return self.round

    def lock_round(self):
        """Mines to the first locked block of the round."""
        length = self.rounds.call("roundLength")
        lock = length * self.rounds.call("roundLockAmount") // 10 ** 6
        start = self.rounds.call("currentRoundStartBlock")
        self.mine(start + length - lock - self.height)
        assert self.rounds.call("currentRoundLocked")


    # --- after the alpha ---
    def as_the_alpha_left_it(self, *orchestrators):
        """Their stake and that of their delegators is where it was; the pool is
        a new one, empty, and nobody was ever activated in it."""
        pool, at = self.bonding.storage["pool"], ZERO
        for who in orchestrators:
            t = self.bonding.slot("transcoders", address_of(who))
            member = int.from_bytes(abi.keccak(
                abi.raw(address_of(who)).rjust(32, b"\0") +
                abi.word(pool + 4)), "big")
            for slot in (t + 4, t + 5, member, member + 1, member + 2):
                self._store(self.bonding, slot, 0)
        for slot in (pool, pool + 1, pool + 2,
                     self.bonding.storage["nextRoundTotalActiveStake"]):
            self._store(self.bonding, slot, 0)
        assert self.bonding.call("getFirstTranscoderInPool") == at

    def alpha_deposit(self, who, wei):
        """What somebody had at the JobsManager, waiting at the Refunder."""
        self.jobs_manager.send("leave", who, wei, sender=self.governor)
        self.confirm(self.submit(self.governor, self.refunder, "0x", wei))

    def _store(self, contract, slot, value):
        self.rpc("anvil_setStorageAt", contract.address, hex(slot),
                 "0x" + abi.word(value).hex())


def created_by(sender, nonce):
    """The address of the contract that this transaction creates."""
    assert 0 <= nonce < 128
    body = b"\x94" + abi.raw(address_of(sender)) + bytes([nonce or 0x80])
    return "0x" + abi.keccak(bytes([0xc0 + len(body)]) + body)[12:].hex()

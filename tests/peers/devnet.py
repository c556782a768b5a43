"""The development chain of contrib/devnet under a test's control.

    with Devnet(tmp_path, generation="arbitrum", round_length=50) as chain:
        chain.bond_orchestrator()
        chain.next_round()
        Node(..., network="devnet", ethUrl=chain.url,
             ethController=chain.controller.address)

Everything of Protocol and Chain is there too: call, send, mine, next_round,
automine, base_fee, reorg, snapshot and restore, balance, events, rpc."""
import contextlib
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "contrib", "devnet"))

import abi
import keyfile
import toolchain
from chain import ETHER, GWEI, Account, Reverted, RpcError
from protocol import MAX, ZERO, Protocol, address_of

PASSWORD = "pass"


@contextlib.contextmanager
def refuses(words=None):
    """What is inside must be reverted, with exactly these words if given."""
    try:
        yield
    except Reverted as e:
        assert words is None or e.reason == words, \
            f"refused with {e.reason!r}, not {words!r}"
    else:
        raise AssertionError(f"accepted what deserves {words!r}")


class Ticket:
    """A ticket with its signature and the recipient's random number, as
    redeemWinningTicket takes them. It wins, unless asked otherwise."""

    def __init__(self, chain, recipient, sender, face_value=ETHER // 100,
                 win_prob=MAX, nonce=1, rand=5, round=None, block_hash=None,
                 rand_hash=None, aux=None, sig=None):
        self.chain = chain
        self.recipient = address_of(recipient)
        self.sender = address_of(sender)
        self.face_value, self.win_prob = face_value, win_prob
        self.nonce, self.rand = nonce, rand
        self.rand_hash = abi.keccak(abi.word(rand)) \
            if rand_hash is None else rand_hash
        if aux is None:
            round = chain.round if round is None else round
            if block_hash is None:
                block_hash = chain.rounds.call("blockHashForRound", round)
            aux = abi.word(round) + block_hash
        self.aux = aux
        self.sig = chain.sign(sender, self.hash) if sig is None else sig

    @property
    def tuple(self):
        return (self.recipient, self.sender, self.face_value, self.win_prob,
                self.nonce, self.rand_hash, self.aux)

    @property
    def hash(self):
        return abi.keccak(
            abi.raw(self.recipient) + abi.raw(self.sender) +
            abi.word(self.face_value) + abi.word(self.win_prob) +
            abi.word(self.nonce) + self.rand_hash + self.aux)

    @property
    def args(self):
        return self.tuple, self.sig, self.rand


class Devnet(Protocol):
    """With accounts of its own: two nodes of one machine may not share a key,
    and tests run side by side. usual_keys: anvil's well-known ones, for tests
    without a node."""

    def __init__(self, *args, usual_keys=False, **params):
        super().__init__(*args, **params)
        if not usual_keys:
            self.seed = random.SystemRandom().getrandbits(63)

    @contextlib.contextmanager
    def undone(self):
        """What is inside leaves no trace: for a chain that tests share."""
        before = self.snapshot()
        try:
            yield self
        finally:
            self.drop_waiting()
            self.automine()
            self.mine()  # what is being mined is mined before this
            self.restore(before)

    # --- keys ---
    def keystore(self, directory, account, password=PASSWORD):
        """Writes the account's key file there; its path."""
        return keyfile.write(str(directory), account.address, account.key,
                             password)

    # --- wealth ---
    def give(self, who, lpt=0, wei=0):
        """On top of what the account, any account, has; lpt in base units."""
        if lpt:
            self.token.send("transfer", who, lpt, sender=self.governor)
        if wei:
            self.set_balance(who, self.balance(who) + wei)

    # --- stake ---
    def bond(self, who, amount, to=None):
        """Approves and bonds, to oneself unless told otherwise."""
        self.token.send("approve", self.bonding, amount, sender=who)
        return self.bonding.send("bond", amount, to or who, sender=who)

    def bond_orchestrator(self, who=None, stake=1000 * ETHER, reward_cut=100000,
                          fee_share=500000, uri=None, activate=True):
        """A registered orchestrator; with `activate` also in an active round,
        the next one, which has begun then."""
        who = who or self.orchestrator
        self.bond(who, stake)
        self.bonding.send("transcoder", reward_cut, fee_share, sender=who)
        if uri:
            self.registry.send("setServiceURI", uri, sender=who)
        if activate:
            self.next_round()
        return who

    def pool(self):
        """[(address, stake)] of the transcoders in it, most stake first."""
        b = self.bonding
        found, at = [], b.call("getFirstTranscoderInPool")
        while at != ZERO:
            found.append((at, b.call("transcoderTotalStake", at)))
            at = b.call("getNextTranscoderInPool", at)
        assert len(found) == b.call("getTranscoderPoolSize")
        return found

    # --- funds of broadcasters ---
    def fund_broadcaster(self, who=None, deposit=ETHER, reserve=ETHER):
        who = who or self.broadcaster
        self.broker.send("fundDepositAndReserve", deposit, reserve, sender=who,
                         value=deposit + reserve)
        return who

    def sender_info(self, who):
        """Deposit, withdraw round, reserve left, reserve claimed this round."""
        (deposit, round_), (left, claimed) = \
            self.broker.call("getSenderInfo", who)
        return deposit, round_, left, claimed

    # --- tickets ---
    def ticket(self, recipient=None, sender=None, **more):
        return Ticket(self, recipient or self.orchestrator,
                      sender or self.broadcaster, **more)

    def redeem(self, ticket, sender=None, **more):
        return self.broker.send("redeemWinningTicket", *ticket.args,
                                sender=sender or self.orchestrator, **more)

    # --- what a real net does and this one does not ---
    def set_round_hash(self, round_, value):
        """Overwrites the hash kept for a round; 0 as Arbitrum has at times."""
        slot = self.rounds.slot("blockHashForRound", round_)
        self.rpc("anvil_setStorageAt", self.rounds.address, hex(slot),
                 "0x" + value.hex())

"""anvil: an EVM node of its own for one test or one person, and JSON-RPC to it.
What its methods do beside the standard is in its documentation; here are only
the ones that the development chain needs, under names that say why."""
import contextlib
import ctypes
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time

import abi
import toolchain

ETHER = 10 ** 18
GWEI = 10 ** 9


class RpcError(Exception):
    """An answer with "error"; `reason` is the words of a revert, if it was one
    with words, and what the node said of anything else."""

    def __init__(self, method, error):
        self.code = error.get("code")
        self.message = error.get("message", "")
        data = error.get("data")
        if isinstance(data, dict):
            data = data.get("data")
        self.data = abi.raw(data) if isinstance(data, str) and \
            data.startswith("0x") else b""
        self.reason = abi.revert(self.data)
        if not self.data and self.message != "execution reverted":
            self.reason = self.message
        super().__init__(f"{method}: {self.message} {self.reason}".strip())


class Reverted(Exception):
    """A call or transaction that the contracts refused."""

    def __init__(self, reason, receipt=None):
        super().__init__(reason)
        self.reason = reason
        self.receipt = receipt


class Account:
    """One of anvil's, which signs for it when asked by eth_sendTransaction."""

    def __init__(self, address, key):
        self.address = address.lower()
        self.key = key

    def __str__(self):
        return self.address


def address_of(who):
    return who.lower() if isinstance(who, str) else who.address.lower()


def _free_port():
    """Below those that the kernel gives to connections of anybody."""
    while True:
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Chain:
    """Chain(directory).start() … stop(); rpc(method, …) in between."""

    def __init__(self, directory, port=0, chain_id=31337, hardfork=None,
                 accounts=20, gas_limit=60_000_000):
        self.dir = str(directory)
        self.port = port
        self.chain_id = chain_id
        self.hardfork = hardfork
        self.count = accounts
        self.gas_limit = gas_limit
        self.seed = None  # of the accounts' keys; None: the usual ones
        self.accounts = []
        self.process = None
        self._connection = None
        self.mined_by = "sending"  # or "time", or "hand"
        self._id = 0
        self._miner = 0
        self._lock = threading.Lock()

    # --- its life ---
    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        fixed = self.port
        for _ in range(1 if fixed else 5):
            self.port = fixed or _free_port()
            self._spawn()
            if self._ready():
                return self
            self.stop()
        with open(self.log_path) as log:
            raise AssertionError("anvil did not start:\n" + log.read()[-2000:])

    @property
    def log_path(self):
        return os.path.join(self.dir, "anvil.log")

    @property
    def accounts_path(self):
        return os.path.join(self.dir, "anvil.json")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _spawn(self):
        command = [toolchain.anvil(), "--host", "127.0.0.1",
                   "--port", str(self.port), "--chain-id", str(self.chain_id),
                   "--accounts", str(self.count), "--balance", "1000000",
                   "--gas-limit", str(self.gas_limit), "--order", "fifo",
                   "--config-out", self.accounts_path]
        if self.seed is not None:
            command += ["--mnemonic-seed-unsafe", str(self.seed)]
        if self.hardfork:
            command += ["--hardfork", self.hardfork]
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.accounts_path)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, cwd=self.dir,
                env=dict(os.environ, HOME=self.dir, NO_COLOR="1"),
                preexec_fn=_die_with_parent)

    def _ready(self):
        """It answers, and it has said which accounts there are: in whichever
        order it comes to do that."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if int(self.rpc("eth_chainId"), 16) == self.chain_id:
                    self._read_accounts()
                    return True
                return False
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)
        return False

    def _read_accounts(self):
        with open(self.accounts_path) as f:
            made = json.load(f)
        self.accounts = [Account(a, k) for a, k in zip(
            made["available_accounts"], made["private_keys"])]

    def stop(self):
        if self._connection:
            self._connection.close()
            self._connection = None
        process, self.process = self.process, None
        if process and process.poll() is None:
            process.kill()
            process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # --- JSON-RPC ---
    def rpc(self, method, *params):
        with self._lock:
            self._id += 1
            body = json.dumps({"jsonrpc": "2.0", "id": self._id,
                               "method": method, "params": params})
            answer = json.loads(self._post(body))
        if "error" in answer:
            raise RpcError(method, answer["error"])
        return answer["result"]

    def _post(self, body):
        for attempt in (0, 1):
            kept = self._connection is not None
            if not kept:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=60)
            try:
                self._connection.request("POST", "/", body, {
                    "Content-Type": "application/json"})
                return self._connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                self._connection.close()
                self._connection = None
                if attempt or not kept:
                    raise
        return None

    # --- blocks ---
    def block(self, which="latest"):
        which = hex(which) if isinstance(which, int) else which
        return self.rpc("eth_getBlockByNumber", which, False)

    @property
    def height(self):
        return int(self.rpc("eth_blockNumber"), 16)

    def mine(self, blocks=1):
        for done in range(0, blocks, 500):  # each an answer within its time
            self.rpc("anvil_mine", hex(min(500, blocks - done)))

    def automine(self, on=True):
        """Each transaction is mined as it comes. Off: all wait for mine()."""
        if on and self.mined_by == "sending":
            return  # a new miner might mine again what was mined just now
        if self.mined_by == "time":  # else it would keep less of its past
            self.rpc("evm_setIntervalMining", 0)
        self.rpc("evm_setAutomine", on)
        self.mined_by = "sending" if on else "hand"

    def drop_waiting(self):
        """Of the transactions that are not mined, none will be."""
        self.rpc("anvil_dropAllTransactions")

    def mine_every(self, seconds):
        """A block each so many whole seconds, whatever there is to mine."""
        self.rpc("evm_setAutomine", False)
        self.rpc("evm_setIntervalMining", seconds)
        self.mined_by = "time"

    def base_fee(self, wei):
        """Of the next block. anvil forgets a waiting transaction that cannot
        pay it; other nodes would keep it for a better day."""
        self.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))

    def reorg(self, depth, keep=()):
        """Replaces the last `depth` blocks. Of their transactions those in
        `keep` are in the first new block; the others are gone, not pending."""
        kept = [[self.rpc("eth_getRawTransactionByHash", tx), 0]
                for tx in keep]
        # Another miner, or an empty block would be the same block again.
        self._miner += 1
        self.rpc("anvil_setCoinbase", f"0x{self._miner:040x}")
        self.rpc("anvil_reorg", depth, kept)

    def snapshot(self):
        return self.rpc("evm_snapshot")

    def restore(self, snapshot):
        """To a snapshot, which is used up by that."""
        assert self.rpc("evm_revert", snapshot), "no such snapshot"

    def advance_time(self, seconds):
        self.rpc("evm_increaseTime", seconds)
        self.mine()

    # --- accounts and transactions ---
    def balance(self, who):
        return int(self.rpc("eth_getBalance", address_of(who), "latest"), 16)

    def set_balance(self, who, wei):
        self.rpc("anvil_setBalance", address_of(who), hex(wei))

    def nonce(self, who, which="latest"):
        return int(self.rpc(
            "eth_getTransactionCount", address_of(who), which), 16)

    def receipt(self, tx, seconds=10):
        """Mining is not done when the sending is: waits for it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.rpc("eth_getTransactionReceipt", tx)
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"no receipt of {tx}")
            time.sleep(0.002)

    def submit(self, sender, to=None, data="0x", value=0, **more):
        """Hands over a transaction, and returns its hash at once."""
        tx = {"from": address_of(sender), "data": data, "value": hex(value)}
        if self.hardfork == "berlin":
            more = {"gasPrice": 2 * GWEI, **more}
        if to is not None:
            tx["to"] = address_of(to)
        tx.update({k: hex(v) if isinstance(v, int) else v
                   for k, v in more.items()})
        return self.rpc("eth_sendTransaction", tx)

    def confirm(self, tx):
        """The receipt of a transaction, once mined (here, if nobody else does
        it); Reverted with the words of the contract when it was refused."""
        if self.mined_by == "hand" and \
                not self.rpc("eth_getTransactionReceipt", tx):
            self.mine()
        receipt = self.receipt(tx)
        if int(receipt["status"], 16) == 1:
            return receipt
        sent = self.rpc("eth_getTransactionByHash", tx)
        again = {k: sent[k] for k in ("from", "to", "value", "gas")}
        again["data"] = sent["input"]
        try:
            # In the block that has it: the same round, the same state.
            self.rpc("eth_call", again, receipt["blockNumber"])
        except RpcError as e:
            raise Reverted(e.reason, receipt) from None
        raise Reverted("transaction failed", receipt)

    def sign(self, who, message):
        """The personal signature of 32 bytes: r | s | v, v 27 or 28."""
        return abi.raw(self.rpc(
            "eth_sign", address_of(who), "0x" + message.hex()))

"""A market: the development chain at a pace of its own, an orchestrator that
is bonded, active and priced, a broadcaster with funds, and how their nodes are
started. Tickets win often, and are worth enough to be redeemed."""
import collections
import contextlib
import decimal
import os
import sqlite3
import shutil
import sys
import tempfile
import threading

import curl
import wait
from devnet import ETHER, PASSWORD, Devnet
from node import Node
from views import Views

FACE = ETHER // 100
PARAMS_BLOCKS = 40  # that ticket params hold: nothing is redeemed before

# One in four wins; the price makes it one or two tickets a segment of 2 s.
PRICES = {"pricePerUnit": 500_000_000, "maxFaceValue": FACE,
          "ticketEV": FACE // 4, "autoAdjustPrice": "false"}
# Every ticket wins, so that whoever pays knows what it is owed.
ALL_WIN = dict(PRICES, ticketEV=FACE)
PAYS = {"maxTicketEV": ETHER, "maxTotalEV": 100 * ETHER}


class Pace:
    """Mines so many blocks a second, and begins rounds: life goes on."""

    def __init__(self, chain, per_second=5, rounds=True):
        self.chain, self.wait, self.rounds = chain, 1 / per_second, rounds
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        begun = None
        while not self.stopping.wait(self.wait):
            try:
                self.chain.mine()
                now = self.chain.round if self.rounds else begun
                if now != begun and not self.chain.rounds.call(
                        "currentRoundInitialized"):
                    self.chain.rounds.submit("initializeRound",
                                             sender=self.chain.governor)
                begun = now
            except Exception:  # the chain ended, or refuses: the test says so
                if self.chain.process is None:
                    return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()


class Market(Devnet):
    """Devnet, and the nodes on it."""

    def account_flags(self, directory, account):
        keys = os.path.join(str(directory), "keystore")
        os.makedirs(str(directory), exist_ok=True)
        self.keystore(keys, account)
        password = os.path.join(str(directory), "password")
        with open(password, "w") as f:
            f.write(PASSWORD + "\n")
        os.chmod(password, 0o600)
        return {"network": "devnet", "ethUrl": self.url,
                "ethController": self.controller.address,
                "ethKeystorePath": keys, "ethPassword": password,
                "blockPollingInterval": 1}

    def orchestrator_node(self, directory, *more, account=None, **flags):
        """Not started; its service URI is its own affair."""
        account = account or self.orchestrator
        given = dict(self.account_flags(directory, account), **PRICES)
        given.update(flags)
        return Node(directory, "orchestrator", "transcoder", *more, **given)

    def broadcaster_node(self, directory, orchestrator, account=None, **flags):
        account = account or self.broadcaster
        given = dict(self.account_flags(directory, account), **PAYS)
        given["orchAddr"] = orchestrator.flags["serviceAddr"]
        given.update(flags)
        return Node(directory, "broadcaster", **given)

    # --- what the chain says ---
    def redeemed(self):
        """{(sender, nonce, recipient's random number): event}"""
        found = {}
        for e in self.broker.events("WinningTicketRedeemed"):
            made = (e.args["sender"].lower(), e.args["senderNonce"],
                    e.args["recipientRand"])
            assert made not in found, f"redeemed twice: {made}"
            found[made] = e
        return found

    def redemptions(self):
        """{calldata of a redemption: the transactions in blocks that carry it}:
        more than one is gas for nothing, even when the contract refuses."""
        found = collections.defaultdict(list)
        for n in range(self.height + 1):
            block = self.rpc("eth_getBlockByNumber", hex(n), True)
            for tx in block["transactions"]:
                if tx["to"] and tx["to"].lower() == self.broker.address and \
                        tx["input"].startswith("0xec8b3cb6"):
                    found[tx["input"]].append(
                        f"nonce {int(tx['nonce'], 16)} in block {n}")
        return found

    def doubles(self):
        return [txs for txs in self.redemptions().values() if len(txs) > 1]


def bonded(chain, stake=None):
    chain.bond_orchestrator(**({"stake": stake} if stake else {}))
    chain.fund_broadcaster(deposit=100 * ETHER, reserve=100 * ETHER)


@contextlib.contextmanager
def market(pace=5, nodes=True, directory=None, params=None, **flags):
    """(chain, orchestrator's node, pace) with everybody bonded and funded."""
    made = directory or tempfile.mkdtemp(prefix="weir-market-")
    try:
        params = dict({"round_length": 400, "first_round": 1},
                      **(params or {}))
        with Market(os.path.join(made, "chain"), **params) as chain:
            bonded(chain)
            with Pace(chain, pace) if pace else contextlib.nullcontext():
                node = chain.orchestrator_node(os.path.join(made, "o"), **flags)
                if nodes:
                    node.start()
                try:
                    yield chain, node
                except BaseException:
                    sys.stderr.write(node.log()[-6000:])
                    raise
                finally:
                    node.kill()
    finally:
        if not directory:
            shutil.rmtree(made, ignore_errors=True)


def until_paid(broadcaster, node, clip):
    """Pushes segments into a broadcaster until a ticket of it has won at this
    orchestrator."""
    pushed = 0

    def push():
        nonlocal pushed
        answer = curl.request(
            f"{broadcaster.http}/live/paid/{pushed}.ts", method="PUT",
            body=clip[pushed % len(clip)], http=curl.H1, seconds=30,
            headers={"Accept": "multipart/mixed", "Expect": "",
                     "Content-Duration": "2000"})
        pushed += 1
        return answer.status == 200 and tickets(node)
    try:
        wait.until(push, 60, "a ticket wins")
    except TimeoutError:
        print(broadcaster.log()[-6000:], node.log()[-4000:])
        raise


# --- a node's books ---
def rows(node, sql, *args):
    """Of its database. A dead node's is read from a copy: what its death left
    on the disk is for its next start to find."""
    path = os.path.join(node.datadir, "weir.sqlite")
    with tempfile.TemporaryDirectory() as d:
        if not node.alive():
            for end in ("", "-wal"):
                if os.path.exists(path + end):
                    shutil.copy(path + end, d)
            path = os.path.join(d, "weir.sqlite")
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return db.execute(sql, args).fetchall()


def tickets(node):
    return rows(node, "SELECT * FROM tickets ORDER BY id")


def transactions(node):
    return rows(node, "SELECT * FROM txs ORDER BY id")


def taken(node):
    """How many tickets an orchestrator took, winners or not, by what they were
    to be worth: all of them the same."""
    views = Views(node)
    try:
        said = views.until("tickets", lambda v: v.get("expected"))
    finally:
        views.close()
    return round(ether(said["expected"]) / int(node.flags["ticketEV"]))


def ether(text):
    """"0.1 ETH", "20 gwei", "3 wei" as a number of wei."""
    if not text:
        return 0
    n, unit = text.split()
    return int(decimal.Decimal(n) * {"ETH": ETHER, "gwei": 10 ** 9,
                                     "wei": 1}[unit])


def states(node):
    return collections.Counter(t["state"] for t in tickets(node))


def key(ticket):
    """A row of tickets as Market.redeemed() names its event."""
    return ("0x" + ticket["sender"].hex(), ticket["nonce"],
            int.from_bytes(ticket["rand"], "big"))


def all_over(node, seconds=60):
    """Waits until each ticket is at its end."""
    wait.until(lambda: not {"won", "submitted"} & set(states(node)), seconds,
               "tickets come to their end")


def until_seen(node, chain, seconds=20):
    """Waits until the node knows the chain's head."""
    height = chain.height
    wait.until(lambda: (rows(node, "SELECT max(number) FROM blocks")[0][0] or
                        0) >= height, seconds, "the node sees the head")


def settle(node, chain, seconds=60):
    """A few blocks at a time, seen by the node, until each ticket is at its
    end; False when the time is up."""
    def over():
        chain.mine(3)
        until_seen(node, chain)
        return not {"won", "submitted"} & set(states(node))
    try:
        return wait.until(over, seconds)
    except TimeoutError:
        return False

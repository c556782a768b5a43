"""R10: an Ethereum node that answers with nonsense, too much, too slowly, not
at all, or with lies. The node stays up, sends no transaction on answers that
contradict each other, and is itself again a poll or two after the truth."""
import copy
import random
import time

import house
import market
import liar
import wait
from payer import Payer
from liar import Drop, Hang, Http, Huge, Raw, Trickle


def everywhere(change):
    """A lie told about each value of each answer."""
    def fault(_, _call, answer):
        answer = copy.deepcopy(answer)
        if "result" in answer:
            answer["result"] = walk(answer["result"], change)
        return answer
    return fault


def walk(value, change):
    if isinstance(value, dict):
        return {k: walk(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [walk(v, change) for v in value]
    return change(value)


def no_field(dice):
    """One field of each object is missing."""
    def drop(value):
        if isinstance(value, dict) and value:
            gone = dice.choice(sorted(value))
            return {k: drop(v) for k, v in value.items() if k != gone}
        if isinstance(value, list):
            return [drop(v) for v in value]
        return value

    def fault(_, _call, answer):
        return dict(answer, result=drop(answer.get("result")))
    return fault


def raising(make):
    def fault(*_):
        raise make()
    return fault


def other_ids(_, _call, answer):
    return dict(answer, id=answer["id"] + 1 if isinstance(answer["id"], int)
                else "x")


def wrong_parent(_, call, answer):
    """Blocks that are nobody's children."""
    if call["method"].startswith("eth_getBlockBy") and answer.get("result"):
        answer["result"]["parentHash"] = "0x" + "ab" * 32
    return answer


def far_ahead(_, call, answer):
    """A head a million blocks ahead, with nothing behind it."""
    if call["method"] == "eth_blockNumber":
        answer["result"] = hex(int(answer["result"], 16) + 1_000_000)
    if call["method"] == "eth_getBlockByNumber" and \
            call["params"][0] == "latest":
        answer["result"]["number"] = hex(
            int(answer["result"]["number"], 16) + 1_000_000)
    return answer


def used_up(_, call, answer):
    """Reverts whatever is asked, with the words that give a ticket up."""
    if call["method"] in ("eth_call", "eth_estimateGas"):
        return {"jsonrpc": "2.0", "id": answer["id"], "error": {
            "code": 3, "message": "execution reverted: ticket did not win"}}
    return answer


def no_receipts(_, call, answer):
    if call["method"] == "eth_getTransactionReceipt":
        answer["result"] = None
    return answer


def faults(dice):
    """(name, fault) of each kind."""
    found = [
        ("wrong types: numbers", everywhere(lambda _: 2 ** 53 + 1)),
        ("wrong types: null", everywhere(lambda _: None)),
        ("wrong types: true", everywhere(lambda _: True)),
        ("wrong types: deep", everywhere(lambda _: [[[[{}]]]])),
        ("hex that is none", everywhere(lambda v: "0xzz")),
        ("huge numbers", everywhere(lambda v: "0x" + "f" * 65)),
        ("empty text", everywhere(lambda v: "0x")),
        ("missing fields", no_field(dice)),
        ("no result", lambda _p, _c, a: {"jsonrpc": "2.0", "id": a["id"]}),
        ("other ids", other_ids),
        ("nothing", raising(lambda: Raw(b""))),
        ("half an answer", raising(lambda: Raw(b'{"jsonrpc":"2.0","id":'))),
        ("a list", raising(lambda: Raw(b"[]"))),
        ("depth", raising(lambda: Raw(b"[" * 100_000))),
        ("HTML", raising(lambda: Raw(b"<html>busy</html>"))),
        ("zeros", raising(lambda: Raw(bytes(1000)))),
        ("429", raising(lambda: Http(429, b"slow down",
                                     {"Retry-After": "1"}))),
        ("429, but soon", raising(lambda: Http(429, b"",
                                               {"Retry-After": "3"}))),
        ("502", raising(lambda: Http(502, b"bad gateway"))),
        ("500", raising(lambda: Http(500, b"{}"))),
        ("301", raising(lambda: Http(301, b"", {"Location": "http://[::1]/"}))),
        ("hangs up", raising(Drop)),
        ("says nothing", raising(lambda: Hang(4))),
        ("trickles", raising(lambda: Trickle(4))),
        ("parents", wrong_parent),
        ("far ahead", far_ahead),
        ("reverts", used_up),
        ("no receipts", no_receipts),
    ]
    size = house.many(64 << 20, 1 << 30)
    found.append((f"{size >> 20} MiB", raising(lambda: Huge(size))))
    return found


def flaky(dice, fault):
    """Every third answer."""
    def sometimes(proxy, call, answer):
        return answer if dice.randrange(3) else fault(proxy, call, answer)
    return sometimes


class Lied:
    def __init__(self, row, chain, node, proxy):
        self.row, self.chain, self.node = row, chain, node
        self.proxy, self.body = proxy, house.clip()[0]
        self.accepted = []
        self.slowest = 0

    def win(self, what):
        """One winner more, as soon as the node can take it; the seconds."""
        start = time.monotonic()
        with Payer(self.node, self.chain, self.chain.broadcaster) as payer:
            def taken():
                try:
                    return payer.stream(self.body, payer.info()).status == 200
                except Exception:
                    return False
            try:
                wait.until(taken, 20, what)
            except TimeoutError:
                self.row.broken(f"{what}: no payment is taken afterwards")
            self.accepted += payer.accepted
        return time.monotonic() - start

    def strike(self, name, fault):
        calls = sum(self.proxy.calls.values())
        pid = self.node.process.pid
        self.proxy.fault = fault
        self.chain.mine(2)
        try:  # it has been lied to a few times
            wait.until(lambda: sum(self.proxy.calls.values()) >= calls + 3 or
                       not self.node.alive(), 6)
        except TimeoutError:
            pass
        alive = self.node.alive() and self.node.process.pid == pid
        self.proxy.fault = None
        self.row.fault(alive, f"{name}: the node died")
        if not alive:
            self.node.kill()
            self.node.start()
        self.chain.mine()
        try:
            start = time.monotonic()
            market.until_seen(self.node, self.chain, 15)
            self.slowest = max(self.slowest, time.monotonic() - start)
        except TimeoutError:
            self.row.broken(f"{name}: it does not recover within 15 s")


def run(row):
    dice = random.Random(10)
    with market.market(pace=0, nodes=False, params={"round_length": 400},
                       **market.ALL_WIN) as (chain, node), \
            liar.Liar(chain.url) as proxy:
        node.flags["ethUrl"] = proxy.url
        node.start()
        market.until_seen(node, chain)
        lied = Lied(row, chain, node, proxy)
        lied.win("before it")
        cost = house.Cost(node)
        for n in range(house.many(1, 40)):
            kinds = faults(dice)
            for name, fault in kinds if house.FULL else dice.sample(kinds, 12):
                if n % 2:
                    name, fault = "now and then: " + name, flaky(dice, fault)
                lied.strike(name, fault)
                cost.look()
                if house.FULL:
                    lied.win("after " + name)
        lied.win("at the end")
        chain.mine(market.PARAMS_BLOCKS)
        market.settle(node, chain)
        fates = {t["sig"]: t["state"] for t in market.tickets(node)}
        lost = [s for s in lied.accepted if fates.get(s) != "redeemed"]
        row.owed(len(lied.accepted), len(lost), "accepted, and not redeemed")
        row.promise(not chain.doubles(), f"sent twice: {chain.doubles()}")
        row.figures["rss_mib"] = cost.mib()
        row.promise(cost.mib() < 64, f"memory grew by {cost.mib()} MiB")
        row.figures["recovery_s"] = round(lied.slowest, 1)
        node.stop()

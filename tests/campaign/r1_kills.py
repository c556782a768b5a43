"""R1: kill -9 at any instant, while tickets come in and while they are
redeemed. Whoever pays knows which tickets were taken, and all of them win:
each is in the database of the node that was killed, and each is redeemed once
in the end."""
import http.client
import random
import threading

import grpc

import house
import market
import wait
from payer import Payer


class Customer(threading.Thread):
    """Pays for segment after segment until the node dies."""

    def __init__(self, node, chain, body):
        super().__init__(daemon=True)
        self.node, self.chain, self.body = node, chain, body
        self.accepted, self.refused, self.trouble = [], [], None
        self.stopping = threading.Event()

    def run(self):
        try:
            with Payer(self.node, self.chain, self.chain.broadcaster) as payer:
                self.accepted = payer.accepted
                self.serve(payer)
        except (OSError, http.client.HTTPException, grpc.RpcError,
                TimeoutError):
            pass  # the node died: that is the point
        except Exception as e:
            self.trouble = f"{type(e).__name__}: {e}"

    def serve(self, payer):
        info, seq, nonce = payer.info(), 0, 1
        while not self.stopping.is_set():
            answer = payer.stream(self.body, info, seq, tickets=3, first=nonce,
                                  whole=False)
            if answer.status == 200:
                nonce, seq = nonce + 3, seq + 1
            elif "expired" not in answer.text:
                self.refused.append(repr(answer))
            if answer.status != 200 or nonce > 500:
                info, nonce = payer.info(), 1


def check_dead(row, node, accepted):
    """What the dead node left behind."""
    found = {t["sig"] for t in market.tickets(node)}
    lost = [sig for sig in accepted if sig not in found]
    verdict = market.rows(node, "PRAGMA integrity_check")[0][0]
    row.fault(not lost and verdict == "ok",
              f"{len(lost)} accepted tickets are not in the database; "
              f"integrity: {verdict}")
    return len(lost)


def check_end(row, chain, node, accepted, deposit):
    """After the last restart: all of them redeemed, once."""
    row.figures["waiting"] = market.states(node)["won"]
    market.all_over(node, house.many(120, 900))
    events = chain.redeemed()
    ours = market.tickets(node)
    fates = market.states(node)
    row.promise(set(fates) == {"redeemed"}, f"fates: {dict(fates)}")
    row.promise({market.key(t) for t in ours} == set(events),
                f"{len(ours)} in the database, {len(events)} on the chain")
    # One that the end of the round overtook is sent again, and no other.
    failed = [t for t in market.transactions(node) if t["state"] == "failed"]
    late = [t for t in failed
            if t["error"] == "current round is not initialized"]
    doubles = chain.doubles()
    row.promise(len(doubles) <= len(late), f"sent twice: {doubles}; failed: "
                f"{[(t['nonce'], t['error']) for t in failed]}")
    row.figures["overtaken"] = len(late)
    paid = sum(int.from_bytes(t["paid"], "big") for t in ours)
    row.promise(paid == market.FACE * len(ours), "the books miss some wei")
    spent = deposit - chain.sender_info(chain.broadcaster)[0]
    row.promise(spent == paid, f"the chain paid {spent}, the books say {paid}")
    redeemed = {t["sig"] for t in ours if market.key(t) in events}
    row.owed(len(accepted), len(set(accepted) - redeemed),
             "accepted, and not redeemed")


def run(row):
    dice = random.Random(1)
    body = house.clip()[0]
    accepted, lost = [], 0
    # A ticket's two rounds are 40 s, or as long as hundreds of kills take: the
    # node is down for most of the time, and time is not what is tested.
    pace, rounds = house.many((20, 400), (10, 8000))
    with market.market(pace=pace, params={"round_length": 400}, nodes=False,
                       maxSessions=4, v=4, **market.ALL_WIN) as (chain, node):
        chain.rounds.send("setRoundLength", rounds, sender=chain.governor)
        deposit = chain.sender_info(chain.broadcaster)[0]
        for _ in range(house.many(5, 220)):
            node.start()
            customer = Customer(node, chain, body)
            customer.start()
            customer.join(dice.uniform(0.5, 4) * wait.SCALE)
            node.kill()
            customer.stopping.set()
            customer.join(30)
            accepted += customer.accepted
            lost += check_dead(row, node, accepted)
            row.promise(not customer.refused,
                        f"an honest ticket: {customer.refused[:1]}")
            row.promise(not customer.trouble, f"payer: {customer.trouble}")
        row.promise(len(accepted) > 2 * row.injected,
                    f"only {len(accepted)} tickets were taken")
        node.start()
        check_end(row, chain, node, accepted, deposit)
        node.stop()

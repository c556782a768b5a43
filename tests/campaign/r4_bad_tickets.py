"""R4: tickets out of order, twice, six hundred at once and one more, and
forged ones by the thousand. None is taken twice, no honest one is refused, no
money moves, and memory stays."""
import random

import house
import market
import rpc
from payer import Payer
from rpc import pb

BATCH = 100  # of forged tickets: what a header carries


def send(payer, body, info, payment, seq=0):
    return payer.pay(payment, body, payer.creds(
        body, info, seq, profiles=rpc.LADDER[:1]))


def replays(row, payer, body, dice):
    """Nonces in any order are good, once."""
    info = payer.info()
    nonces = list(range(1, 31))
    dice.shuffle(nonces)
    first = payer.payment(info, nonces)
    row.promise(send(payer, body, info, first).status == 200,
                "honest tickets out of order were refused")
    for _ in range(house.many(5, 200)):
        again = pb.Payment()
        again.CopyFrom(first)
        del again.ticket_sender_params[:]
        again.ticket_sender_params.extend(dice.sample(
            list(first.ticket_sender_params), dice.randint(1, 30)))
        answer = send(payer, body, info, again)
        row.fault(answer.status == 400 and "already seen" in answer.text,
                  f"a replay: {answer}")


def flood(row, payer, body):
    """Six hundred nonces for one set of params, and no more."""
    info = payer.info()
    for first in range(1, 601, 100):
        answer = send(payer, body, info,
                      payer.payment(info, range(first, first + 100)))
        row.promise(answer.status == 200, f"nonces from {first}: {answer}")
    for nonce in range(601, 601 + house.many(5, 100)):
        answer = send(payer, body, info, payer.payment(info, [nonce]))
        row.fault(answer.status == 400 and "too many values" in answer.text,
                  f"nonce {nonce}: {answer}")
    # They were no good, and yet winners: the orchestrator may redeem them.
    kept = house.many(5, 100)
    # Other params are other nonces.
    answer = payer.stream(body, payer.info())
    row.promise(answer.status == 200, f"after the flood: {answer}")
    return kept


def each_rule(row, payer, body):
    """One rule of the payment broken at a time; the word that says which."""
    def broken(words, change):
        info = payer.info()
        payment = payer.payment(info, [1])
        change(payment)
        answer = send(payer, body, info, payment)
        row.fault(answer.status in (400, 402) and words in answer.text,
                  f"{words!r}: {answer}")

    def params(field, value):
        return lambda p: setattr(p.ticket_params, field, value)

    def times_two(p):
        face = int.from_bytes(p.ticket_params.face_value, "big") * 2
        p.ticket_params.face_value = face.to_bytes(32, "big").lstrip(b"\0")

    def flip(p):
        sig = bytearray(p.ticket_sender_params[0].sig)
        sig[40] ^= 1
        p.ticket_sender_params[0].sig = bytes(sig)

    broken("invalid ticket recipient", params("recipient", b"\1" * 20))
    broken("invalid recipientRand", params("recipient_rand_hash", b"\1" * 32))
    broken("invalid recipientRand", params("seed", b"\1" * 32))
    broken("invalid recipientRand", params("win_prob", b"\x7f" * 32))
    broken("invalid recipientRand", times_two)
    broken("invalid recipientRand", params("expiration_block", b"\x7f\0\0"))
    broken("invalid ticket signature", flip)
    broken("invalid ticket signature",
           lambda p: setattr(p.ticket_sender_params[0], "sig", b"\1" * 64))
    broken("invalid expected price",
           lambda p: setattr(p.expected_price, "pixelsPerUnit", 0))
    broken("invalid expected price",
           lambda p: p.ClearField("expected_price"))


def forged(row, payer, body, dice):
    """Signatures by nobody: each is looked at, and brings nothing."""
    info = payer.info()
    batches = house.many(20, 10_000)
    for n in range(batches):
        sigs = [dice.randbytes(64) + bytes([27 + dice.randint(0, 1)])
                for _ in range(BATCH)]
        if n % 4 == 3:  # high s, v of another chain, short
            sigs = [s[:32] + b"\xff" * 32 + s[64:] for s in sigs]
        if n % 4 == 2:
            sigs = [s[:64] + b"\0" for s in sigs]
        payment = payer.payment(info, range(1, BATCH + 1), sigs)
        answer = send(payer, body, info, payment)
        refused = answer.status == 400 and \
            "invalid ticket signature" in answer.text
        if not refused and "expired" in answer.text:
            info, refused = payer.info(), True
        row.injected += BATCH - 1
        row.fault(refused, f"forged: {answer}")


def expired(row, payer, body):
    """Late tickets bring no credit; winners among them are winners still."""
    info = payer.info()
    payment = payer.payment(info, [1])
    before = len(market.tickets(payer.node))
    payer.chain.mine(market.PARAMS_BLOCKS + 1)
    market.until_seen(payer.node, payer.chain)
    answer = send(payer, body, info, payment)
    row.fault(answer.status == 400 and "TicketParams expired" in answer.text,
              f"late: {answer}")
    row.promise(len(market.tickets(payer.node)) == before + 1,
                "a late winner was not kept")
    return 1


def run(row):
    dice = random.Random(4)
    body = house.clip()[0]
    # All win, and none is redeemed: the chain stands still.
    with market.market(pace=0, params={"round_length": 400}, maxSessions=50,
                       **dict(market.ALL_WIN, v=3)) as (chain, node):
        deposit = chain.sender_info(chain.broadcaster)[0]
        with Payer(node, chain, chain.broadcaster) as payer:
            row.promise(payer.stream(body, payer.info()).status == 200,
                        "the first honest ticket")
            cost = house.Cost(node)
            replays(row, payer, body, dice)
            each_rule(row, payer, body)
            good = len(market.tickets(node))
            forged(row, payer, body, dice)
            row.promise(len(market.tickets(node)) == good,
                        "a forged ticket is in the database")
            kept = flood(row, payer, body)
            row.promise(chain.sender_info(chain.broadcaster)[0] == deposit,
                        "money moved")
            kept += expired(row, payer, body)
            cost.look()
            accepted = set(payer.accepted)
            found = {t["sig"] for t in market.tickets(node)}
            row.owed(len(accepted), len(accepted - found), "not stored")
            row.promise(len(found) == len(accepted) + kept,
                        f"{len(found)} stored of {len(accepted)} accepted")
        row.figures["rss_mib"] = cost.mib()
        row.promise(cost.mib() < 64, f"memory grew by {cost.mib()} MiB")
        node.stop()

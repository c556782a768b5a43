"""Money on the wire, with a broadcaster and orchestrators that are not ours and
check everything themselves: who signed what, to the wei, to the word. The chain
is the development one. Words: go-livepeer core/orchestrator.go, pm/ at 0.9.1."""
import json
import socket
import sqlite3
import struct
from fractions import Fraction

import grpc
import pytest

import curl
import pm
import publish
import rpc
import wait
from broadcaster import PayingBroadcaster
from devnet import ETHER, PASSWORD, Devnet
from fake_orchestrator import PaidOrchestrator
from node import Node
from ports import free_port
from rpc import pb

# What weir asks: tickets that are worth redeeming, and all but one in 10^10 win.
DEAR = 10 ** 9            # wei a pixel
DEAR_EV = 10 ** 16        # wei
DEAR_FACE = DEAR_EV + 10 ** 6
# What it is asked.
PRICE = 1000
EV = 10 ** 12


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """With an active orchestrator, and a broadcaster that has funds."""
    with Devnet(tmp_path_factory.mktemp("chain"), round_length=200) as c:
        c.bond_orchestrator()
        c.fund_broadcaster(deposit=1000 * ETHER, reserve=1000 * ETHER)
        yield c


def flags_of(chain, directory, account):
    """What a node needs to act for the account on the chain."""
    keys = directory / f"keys-{account.address[2:8]}"
    chain.keystore(keys, account)
    (directory / "password").write_text(PASSWORD)
    return {"network": "devnet", "ethUrl": chain.url,
            "ethController": chain.controller.address,
            "ethKeystorePath": str(keys),
            "ethPassword": str(directory / "password"),
            "blockPollingInterval": 1, "reward": "false"}


@pytest.fixture(scope="module")
def paid(chain, tmp_path_factory):
    """weir, an orchestrator that is paid for its work."""
    directory = tmp_path_factory.mktemp("paid")
    node = Node(directory, "orchestrator", "transcoder", maxSessions=100,
                pricePerUnit=DEAR, ticketEV=DEAR_EV, maxFaceValue=DEAR_FACE,
                autoAdjustPrice="false", maxGasPrice=1,  # redeems nothing
                **flags_of(chain, directory, chain.orchestrator)).start()
    node.wait_log("ready after")
    yield node
    print(f"--- {node.log_path}\n{node.log()[-8000:]}")
    node.stop()


def account(of):
    return pm.Account(of.key)


@pytest.fixture
def payer(chain, paid):
    """A broadcaster with a fresh session there; the first waits until weir
    knows the chain."""
    with PayingBroadcaster(paid, account(chain.broadcaster)) as b:
        wait_told(b)
        yield b
        b.end(b.told.auth_token)


def wait_told(b):
    def told():
        try:
            return b.info()
        except grpc.RpcError as e:
            assert "chain is not known" in e.details(), e.details()
            return None
    wait.until(told, 20, "the orchestrator knows the chain")


def rows(node, where="1"):
    db = sqlite3.connect(f"file:{node.datadir}/weir.sqlite?mode=ro", uri=True)
    try:
        return db.execute(
            f"SELECT hash, sig, sender, face_value, nonce, session, state "
            f"FROM tickets WHERE {where} ORDER BY id").fetchall()
    finally:
        db.close()


def of_session(node, payer):
    return rows(node, f"session = '{payer.told.auth_token.session_id}'")


def hashes(payment):
    return [pm.ticket_hash(payment.ticket_params, payment.expiration_params,
                           payment.sender, t.sender_nonce)
            for t in payment.ticket_sender_params]


# --- weir is paid -----------------------------------------------------------

def test_terms(chain, paid, payer):
    info, p = payer.told, payer.told.ticket_params
    orchestrator = account(chain.orchestrator).address
    assert info.address == p.recipient == orchestrator
    assert info.price_info.pricePerUnit == DEAR
    assert info.price_info.pixelsPerUnit == 1
    assert pm.number(p.face_value) == DEAR_FACE
    assert DEAR_EV <= pm.ev(p) < DEAR_EV + 1
    assert p.face_value[0] and p.win_prob[0]  # no zeros in front
    assert len(p.recipient_rand_hash) == 32
    block = int(chain.rpc("eth_blockNumber"), 16)
    assert block + 35 <= pm.number(p.expiration_block) <= block + 40
    assert p.expiration_params.creation_round == chain.round
    assert p.expiration_params.creation_round_block_hash == \
        chain.rounds.call("blockHashForRound", chain.round)
    # Each is another.
    assert payer.info().ticket_params.recipient_rand_hash != \
        p.recipient_rand_hash


def refused_request(payer, text, **changes):
    request = payer.payer.request()
    for name, value in changes.items():
        setattr(request, name, value)
    with pytest.raises(grpc.RpcError) as e:
        payer.stub.GetOrchestrator(request, timeout=8)
    assert e.value.code() == grpc.StatusCode.UNKNOWN
    assert e.value.details() == text


def test_only_signed_requests_are_answered(chain, payer):
    text = "Invalid orchestrator request: orchestrator req sig check failed"
    good = payer.payer.request()
    other = account(chain.accounts[9])
    refused_request(payer, text, address=other.address)
    refused_request(payer, text, address=b"")
    refused_request(payer, text, sig=b"")
    refused_request(payer, text, sig=good.sig[:64])
    refused_request(payer, text, sig=good.sig[:64] + b"\x00")
    high = (pm.secp256k1.N - pm.number(good.sig[32:64])).to_bytes(32, "big")
    refused_request(payer, text, sig=good.sig[:32] + high +
                    bytes([55 - good.sig[64]]))


def test_without_reserve_no_terms(chain, payer):
    poor = pm.Payer(account(chain.accounts[9]))
    request = poor.request()
    with pytest.raises(grpc.RpcError) as e:
        payer.stub.GetOrchestrator(request, timeout=8)
    assert e.value.details() == "insufficient sender reserve"


def test_ping_is_signed(chain, payer):
    value = b"\0\x11\x22\x33"
    answer = payer.stub.Ping(pb.PingPong(value=value), timeout=8).value
    assert pm.signer(rpc.keccak(value), answer) == \
        account(chain.orchestrator).address


def test_paid_work(chain, paid, payer, clip):
    """Every winner is in the database when the answer is here; the receipt is
    good; what was paid is worked off to the pixel."""
    sent, credit = [], Fraction(0)
    for seq, body in enumerate(clip):
        payment = payer.payer.pay(payer.told, 2)
        credit += 2 * pm.ev(payment.ticket_params)
        sent += hashes(payment)
        answer = payer.send(body, seq, payment)
        assert answer.status == 200, answer
        result = pb.TranscodeResult.FromString(answer.body)
        assert result.WhichOneof("result") == "data", result.error
        stored = [bytes(r[0]) for r in of_session(paid, payer)]
        assert stored == sent
        bodies = [curl.get(s.url).body for s in result.data.segments]
        receipt = rpc.keccak(b"".join(map(rpc.keccak, bodies)))
        assert pm.signer(receipt, result.data.sig) == result.info.address
        credit -= DEAR * sum(s.pixels for s in result.data.segments)
        assert account(chain.orchestrator).text.encode() in bodies[0]
        assert result.info.auth_token == payer.told.auth_token
        assert result.info.ticket_params.recipient_rand_hash != \
            payer.told.ticket_params.recipient_rand_hash
        payer.told = result.info
    seen = wait.until(lambda: next(
        (s for s in status(paid)["sessions"]["rows"]
         if s["id"] == payer.told.auth_token.session_id and
         s["segments_out"] == len(clip)), None), 10, "the session's row")
    assert seen["price"] == "1000000000 wei/px"
    assert abs(in_wei(seen["credit"]) - credit) < 1


def in_wei(text):
    amount, unit = text.split()
    return Fraction(amount) * {"wei": 1, "gwei": 10 ** 9,
                               "ETH": 10 ** 18}[unit]


def test_the_price_of_a_session_stays(paid, payer, clip):
    """Its tickets prove it; a payment that names another is refused."""
    payer.work(clip[0], 0, n=40)
    spoilt = payer.payer.pay(payer.told, 0)
    spoilt.expected_price.pricePerUnit = 1
    assert payer.is_refused(clip[1], spoilt, 1) == (
        400, "invalid expected price sent with payment err=\"sent 1/1, the "
        f"session is at {DEAR}/1\"")
    # Without a ticket: there is credit.
    payer.work(clip[1], 1, n=0)


def test_nobody_works_for_nothing(payer, clip):
    """The reference takes a price of 0 without a ticket, and works for it."""
    for changes, text in (
            ({"pricePerUnit": 0}, "sent 0/1, the session is at 1000000000/1"),
            ({"pixelsPerUnit": 0}, "pixels per unit is 0"),
            ({"pricePerUnit": -5}, "expected price is negative"),
            (None, "expected price is nil")):
        payment = payer.payer.pay(payer.told, 0)
        if changes is None:
            payment.ClearField("expected_price")
        else:
            for name, value in changes.items():
                setattr(payment.expected_price, name, value)
        assert payer.is_refused(clip[0], payment) == (
            400, f'invalid expected price sent with payment err="{text}"')
    assert payer.is_refused(clip[0], payer.payer.pay(payer.told, 0)) == (
        400, "Insufficient balance")


RAND = "invalid recipientRand for ticket recipientRandHash"
SIG = "invalid ticket signature"


def longer(payment, name):
    value = pm.number(getattr(payment.ticket_params, name)) + 1
    setattr(payment.ticket_params, name, pm.least(value))


def resign(payer, payment, who=None):
    """After a change, as an attacker would."""
    by = pm.Payer(who or payer.account)
    for n, ticket in enumerate(payment.ticket_sender_params):
        payment.ticket_sender_params[n].sig = by.account.sign_hash(
            pm.ticket_hash(payment.ticket_params, payment.expiration_params,
                           payment.sender, ticket.sender_nonce))


def spoil_face(payer, p):
    longer(p, "face_value")
    resign(payer, p)


def spoil_prob(payer, p):
    p.ticket_params.win_prob = b"\xff" * 32
    resign(payer, p)


def spoil_expiry(payer, p):
    longer(p, "expiration_block")
    resign(payer, p)


def spoil_seed(payer, p):
    longer(p, "seed")


def spoil_round(payer, p):
    p.expiration_params.creation_round += 1
    resign(payer, p)


def spoil_round_hash(payer, p):
    p.expiration_params.creation_round_block_hash = b"\x01" * 32
    resign(payer, p)


def spoil_rand_hash(payer, p):
    p.ticket_params.recipient_rand_hash = rpc.keccak(b"mine")
    resign(payer, p)


def spoil_price(payer, p):
    p.expected_price.pricePerUnit = 1


def spoil_unit(payer, p):
    p.expected_price.pixelsPerUnit = 3


def spoil_recipient(payer, p):
    p.ticket_params.recipient = b"\x05" * 20
    resign(payer, p)


def spoil_signer(payer, p):
    resign(payer, p, pm.Account(0xbad))


def spoil_short_sig(payer, p):
    p.ticket_sender_params[0].sig = p.ticket_sender_params[0].sig[:64]


def spoil_no_sig(payer, p):
    p.ticket_sender_params[0].sig = b""


def spoil_long_sig(payer, p):
    p.ticket_sender_params[0].sig += b"\0"


def spoil_v(payer, p):
    sig = p.ticket_sender_params[0].sig
    p.ticket_sender_params[0].sig = sig[:64] + bytes([sig[64] - 27])


def spoil_high_s(payer, p):
    sig = p.ticket_sender_params[0].sig
    high = pm.secp256k1.N - pm.number(sig[32:64])
    p.ticket_sender_params[0].sig = \
        sig[:32] + pm.word(high) + bytes([55 - sig[64]])


def spoil_nonce(payer, p):
    p.ticket_sender_params[0].sender_nonce += 1


@pytest.mark.parametrize("spoil, text", [
    (spoil_face, RAND), (spoil_prob, RAND), (spoil_expiry, RAND),
    (spoil_seed, RAND), (spoil_round, RAND), (spoil_round_hash, RAND),
    (spoil_rand_hash, RAND), (spoil_price, RAND), (spoil_unit, RAND),
    (spoil_recipient, "invalid ticket recipient"), (spoil_signer, SIG),
    (spoil_short_sig, SIG), (spoil_no_sig, SIG), (spoil_long_sig, SIG),
    (spoil_v, SIG), (spoil_high_s, SIG), (spoil_nonce, SIG)],
    ids=lambda v: v.__name__ if callable(v) else "")
def test_one_rule_broken(paid, payer, clip, spoil, text):
    """The right word, no work, no money moved; and the same session goes on."""
    payment = payer.payer.pay(payer.told, 1)
    spoil(payer, payment)
    assert payer.is_refused(clip[0], payment) == (400, text)
    assert of_session(paid, payer) == []
    assert payer.is_refused(clip[0], payer.payer.pay(payer.told, 0)) == \
        (400, "Insufficient balance")
    payer.work(clip[0])


def test_the_header_itself(payer, clip):
    assert payer.is_refused(clip[0], "!") == (
        402, "base64 decode error: illegal base64 data at input byte 0")
    status, text = payer.is_refused(clip[0], "EhQs")
    assert status == 402 and text.startswith("protobuf unmarshal error: ")
    payment = payer.payer.pay(payer.told, 1)
    while len(payment.ticket_sender_params) < 601:
        payment.ticket_sender_params.append(payment.ticket_sender_params[0])
    assert payer.is_refused(clip[0], payment) == (
        402, "protobuf unmarshal error: 601 tickets, at most 600")


def test_the_segment_is_signed_by_who_pays(payer, clip):
    """Before all else, as ServeSegment has it."""
    payment = payer.payer.pay(payer.told, 1)
    unsigned = payer.seg_data(clip[0], sign=False)
    assert payer.is_refused(clip[0], payment, data=unsigned) == \
        (403, "ErrSegSig")
    of_another = payer.seg_data(clip[0])
    of_another.seq += 1
    assert payer.is_refused(clip[0], payment, data=of_another) == \
        (403, "ErrSegSig")
    assert payer.is_refused(clip[0], "", data=payer.seg_data(clip[0])) == \
        (403, "ErrSegSig")
    payment.sender = b"\x05" * 20
    assert payer.is_refused(clip[0], payment) == (403, "ErrSegSig")
    payer.told.auth_token.token = b"\0" * 32
    unsigned = payer.seg_data(clip[0])
    payment.sender = payer.account.address
    assert payer.is_refused(clip[0], payment, data=unsigned) == \
        (403, "invalid auth token")
    payer.info()


def test_replays(paid, payer, clip):
    payment = payer.payer.pay(payer.told, 3)
    answer = payer.send(clip[0], 0, payment)
    assert answer.status == 200, answer
    before = of_session(paid, payer)
    for seq in range(5):
        assert payer.is_refused(clip[0], payment, seq) == (
            400, "invalid ticket senderNonce: already seen "
            f"sender={payer.account.text} nonce=3")
    assert of_session(paid, payer) == before
    # Not into another session either.
    payer.end(payer.told.auth_token)
    payer.info()
    assert payer.is_refused(clip[0], payment)[0] == 400
    assert of_session(paid, payer) == []


def test_same_nonce_signed_anew(paid, payer, clip):
    """One ticket, two signatures: it is one ticket, and one row."""
    payment = payer.payer.pay(payer.told, 1)
    assert payer.send(clip[0], 0, payment).status == 200
    hash_ = hashes(payment)[0]
    key, digest = payer.account.key, pm.eip191(hash_)
    # Another nonce of the signature's own: as good as the first.
    k = 12345
    x, y = pm.secp256k1._times(k, pm.secp256k1.G)
    n = pm.secp256k1.N
    s = pow(k, -1, n) * (pm.number(digest) + x * key) % n
    odd = y % 2
    if s > n // 2:
        s, odd = n - s, 1 - odd
    payment.ticket_sender_params[0].sig = \
        pm.word(x) + pm.word(s) + bytes([27 + odd])
    assert pm.signer(hash_, payment.ticket_sender_params[0].sig) == \
        payer.account.address
    assert payer.is_refused(clip[0], payment) == (
        400, "invalid ticket senderNonce: already seen "
        f"sender={payer.account.text} nonce=1")
    found = rows(paid, f"hash = x'{hash_.hex()}'")
    assert len(found) == 1


@pytest.mark.limit(120)
def test_nonce_flood(paid, payer, clip):
    """600 nonces to a set of params; more bring nothing, and no memory."""
    params = payer.told
    first = payer.payer.pay(params, 600)
    answer = payer.send(clip[0], 0, first)
    assert answer.status == 200, answer
    assert len(of_session(paid, payer)) >= 598
    before = paid.rss()
    for _ in range(30):
        payment = payer.payer.pay(params, 1)
        nonce = payment.ticket_sender_params[0].sender_nonce
        assert payer.is_refused(clip[0], payment) == (
            400, "invalid ticket senderNonce: too many values "
            f"sender={payer.account.text} nonce={nonce}")
    if wait.SCALE == 1:  # a sanitizer keeps what was freed
        assert paid.rss() - before < 4096


def test_expired_params(chain, paid, payer, clip):
    """No credit; but what has won has won."""
    payment = payer.payer.pay(payer.told, 1)
    end = pm.number(payment.ticket_params.expiration_block)
    chain.mine(end + 1 - int(chain.rpc("eth_blockNumber"), 16))
    wait.until(lambda: status(paid)["chain"].get("l1_block", 0) >= end, 20,
               "weir sees the block")
    assert payer.is_refused(clip[0], payment) == (400, "TicketParams expired")
    assert [bytes(r[0]) for r in of_session(paid, payer)] == hashes(payment)
    payer.info()
    payer.work(clip[0])


def test_senders_are_shown(chain, paid, payer, clip):
    payer.work(clip[0], n=2)
    def row():
        pricing = status(paid).get("pricing") or {}
        return next((s for s in pricing.get("senders", [])
                     if s["address"] == payer.account.text.lower() and
                     s["received"] != "0 wei"), None)
    found = wait.until(row, 10, "the sender's row")
    assert in_wei(found["reserve"]) == 1000 * ETHER
    assert found["price"] == "1000000000 wei/px"


# --- weir pays --------------------------------------------------------------

@pytest.fixture
def gateway(chain, start, tmp_path):
    """gateway(orchestrators...) -> weir, a broadcaster with funds."""
    def make(*orchestrators, account=None, **flags):
        if orchestrators:
            flags.setdefault("orchAddr", ",".join(
                f"127.0.0.1:{o.port}" for o in orchestrators))
        flags.setdefault("localVerify", "false")
        node = start("broadcaster", **dict(flags_of(
            chain, tmp_path, account or chain.broadcaster), **flags))
        node.wait_log("ready after")
        wait.until(lambda: status(node)["chain"].get("ready"), 20,
                   "the chain is known")
        return node
    return make


def recipient(chain, n=11, **more):
    """An orchestrator's account that the chain knows nothing of, and terms that
    fit the chain."""
    more.setdefault("face_value", 10 ** 15)
    more.setdefault("price", Fraction(PRICE))
    more.setdefault("value", EV)
    return look(chain, pm.Recipient(account(chain.accounts[n]), **more))


def look(chain, r):
    r.block = int(chain.rpc("eth_blockNumber"), 16)
    r.round = chain.rounds.call("lastInitializedRound")
    r.hash = chain.rounds.call("blockHashForRound", r.round)
    return r


def push(node, body, seq=0, name="movie"):
    return curl.request(
        f"{node.http}/live/{name}/{seq}.ts", method="PUT", http=curl.H1,
        headers={"Accept": "multipart/mixed", "Content-Duration": "2000",
                 "Expect": ""}, body=body)


def pushed(node, body, seq=0, name="movie"):
    answer = push(node, body, seq, name)
    assert answer.status == 200, (answer, node.log()[-3000:])
    return answer


def status(node):
    """Whatever alarms there are."""
    return json.loads(node.command("status", "--json", check=False).stdout)


def errors_of(node):
    return {r["uri"]: r.get("last_error", "")
            for r in status(node)["orchestrators"]["rows"]}


def test_pays_what_is_due(chain, gateway, clip):
    """An orchestrator that checks each ticket finds nothing to say."""
    with PaidOrchestrator(recipient(chain)) as o:
        node = gateway(o)
        for seq in range(6):
            pushed(node, clip[seq % 3], seq)
        assert o.trouble == []
        me = account(chain.broadcaster)
        for request in o.requests:
            assert request.address == me.address
        assert len(o.payments) == 6
        for p in o.payments:
            assert p.sender == me.address
            assert (p.expected_price.pricePerUnit,
                    p.expected_price.pixelsPerUnit) == (PRICE, 1)
        # Nonces begin at 1 for each set of params.
        by_rand = {}
        for p in o.payments:
            if p.ticket_sender_params:
                assert not p.ticket_params.HasField("expiration_params")
                by_rand.setdefault(
                    p.ticket_params.recipient_rand_hash, []).extend(
                        t.sender_nonce for t in p.ticket_sender_params)
        assert by_rand
        for nonces in by_rand.values():
            assert nonces == list(range(1, len(nonces) + 1))
        # And its books are ours.
        [theirs] = o.credit.values()
        funds = wait.until(lambda: next(
            (r for r in status(node)["streams"]["rows"]
             if r["segments_out"] == 6), None), 10, "the stream's row")
        assert abs(in_wei(funds["credit"]) - theirs) < 1


def test_odd_prices_to_the_wei(chain, gateway, clip):
    """Prices that no binary fraction holds: never short, never a wei too
    much."""
    r = recipient(chain, price=Fraction(1000003, 997), value=3 * 10 ** 9,
                  face_value=10 ** 12 + 7)
    with PaidOrchestrator(r) as o:
        node = gateway(o, maxTotalEV=ETHER)
        for seq in range(8):
            pushed(node, clip[seq % 3], seq)
        assert o.trouble == []
        tickets = sum(len(p.ticket_sender_params) for p in o.payments)
        assert tickets > 4
        [left] = o.credit.values()
        due = pm.estimate(rpc.LADDER, 2000, r.price)
        assert 0 <= left < due + r.value


def test_expired_params_are_renewed(chain, gateway, clip):
    with PaidOrchestrator(recipient(chain)) as o:
        node = gateway(o)
        pushed(node, clip[0], 0)
        asked = o.infos
        o.recipient.block -= 60  # what it says now is over
        pushed(node, clip[1], 1)
        o.recipient.block += 60
        pushed(node, clip[2], 2)
        assert o.infos > asked
        assert o.trouble == []
        assert len({s["data"].auth_token.session_id
                    for s in o.segments}) == 2


@pytest.mark.parametrize("spoil, text", [
    (lambda o: setattr(o, "no_params", True), "Missing ticket params"),
    (lambda o: o.changes.update(expiration_block=b""),
     "ticketParams expiration block is 0"),
    (lambda o: setattr(o.recipient, "face_value", EV),
     f"ticket faceValue too low faceValue={EV}"),
    (lambda o: setattr(o.recipient, "value", 4 * EV),
     "ticket EV 4000000000000.00000 > max ticket EV 3000000000000.00000"),
    (lambda o: setattr(o.recipient, "face_value", 1001 * ETHER),
     f"ticket faceValue {1001 * ETHER} > max faceValue {1000 * ETHER}"),
    (lambda o: setattr(o.recipient, "price", Fraction(PRICE + 1)),
     f"its price of {PRICE + 1} wei/px is above ours of {PRICE} wei/px"),
], ids=["none", "endless", "low", "dear", "high", "price"])
def test_unacceptable_terms(chain, gateway, clip, spoil, text):
    """Not a ticket for these; the other one gets the work."""
    with PaidOrchestrator(recipient(chain)) as bad, \
            PaidOrchestrator(recipient(chain, 12)) as good:
        spoil(bad)
        node = gateway(bad, good, maxPricePerUnit=PRICE)
        pushed(node, clip[0])
        assert bad.payments == [] and len(good.payments) == 1
        wait.until(lambda: errors_of(node)[bad.uri] == text, 10,
                   f"{errors_of(node)[bad.uri]!r} is {text!r}")


def test_a_price_that_doubles(chain, gateway, clip):
    """At most twice the session's first price; then another session."""
    with PaidOrchestrator(recipient(chain)) as o:
        node = gateway(o)
        pushed(node, clip[0], 0)
        o.recipient.price = Fraction(2 * PRICE)
        pushed(node, clip[1], 1)  # the answer brings it
        pushed(node, clip[2], 2)
        o.recipient.price = Fraction(2 * PRICE + 1)
        pushed(node, clip[0], 3)
        pushed(node, clip[1], 4)
        assert o.trouble == []
        assert [p.expected_price.pricePerUnit for p in o.payments] == \
            [PRICE, PRICE, 2 * PRICE, 2 * PRICE, 2 * PRICE + 1]
        assert len({s["data"].auth_token.session_id
                    for s in o.segments}) == 2
        wait.until(lambda: errors_of(node)[o.uri] ==
                   "Orchestrator price has more than doubled, Orchestrator "
                   f"price: {2 * PRICE + 1}, Orchestrator initial price: "
                   f"{PRICE}", 10, "that is said")


@pytest.mark.parametrize("plan", ["status:400 Insufficient balance",
                                  "status:400 TicketParams expired",
                                  "error:OrchestratorBusy", "empty"])
def test_refused_payments_go_elsewhere(chain, gateway, clip, plan):
    with PaidOrchestrator(recipient(chain), [plan]) as a, \
            PaidOrchestrator(recipient(chain, 12), [plan]) as b:
        node = gateway(a, b)
        pushed(node, clip[0])
        assert a.trouble == b.trouble == []
        assert len(a.payments) + len(b.payments) >= 2


def test_forged_receipts(chain, gateway, clip):
    with PaidOrchestrator(recipient(chain)) as bad, \
            PaidOrchestrator(recipient(chain, 12)) as good:
        bad.forge = True
        node = gateway(bad, good)
        for seq in range(3):
            pushed(node, clip[seq], seq)
        assert len(good.segments) == 3
        if bad.segments:  # it was tried first
            assert "PM Check Failed" in node.log()


def test_without_a_deposit(chain, gateway, clip):
    """No other orchestrator would help: the stream ends, and says why."""
    with PaidOrchestrator(recipient(chain)) as o:
        node = gateway(o, account=chain.accounts[13])
        answer = push(node, clip[0])
        assert answer.status == 500
        assert "no sender reserve" in answer.text
        assert o.payments == []
        wait.until(lambda: not status(node)["streams"]["rows"], 10,
                   "the stream is gone")


def test_its_publisher_is_sent_away(chain, gateway):
    """Not left to send into the void."""
    with PaidOrchestrator(recipient(chain)) as o:
        node = gateway(o, account=chain.accounts[13])
        p = publish.ffmpeg(node.rtmp("movie"), 60)
        try:
            assert p.wait(30 * wait.SCALE) != 0
        finally:
            p.kill()
            p.communicate()
        assert "ended, no sender reserve" in node.log()
        assert o.payments == []


def test_who_is_registered_is_found(chain, gateway, clip):
    """Neither -orchAddr nor a webhook: the chain's pool, with its service
    URIs, as it changes."""
    who = chain.accounts[11]
    with PaidOrchestrator(recipient(chain)) as o:
        chain.bond_orchestrator(who, uri=o.uri)
        look(chain, o.recipient)
        node = gateway()
        wait.until(lambda: o.uri in errors_of(node), 30,
                   "the pool is read")
        pushed(node, clip[0])
        assert o.trouble == [] and len(o.payments) == 1


# --- weir pays weir ---------------------------------------------------------

def test_both_are_weir(chain, paid, gateway, clip):
    node = gateway(orchAddr=paid.flags["serviceAddr"],
                   maxTicketEV=2 * DEAR_EV, maxTotalEV=ETHER)
    before = len(rows(paid))
    for seq in range(4):
        pushed(node, clip[seq % 3], seq)
    assert len(rows(paid)) > before

    def books(rows):
        return [(r["paid"], r["credit"]) for r in rows
                if r["segments_out"] == 4 and r["manifest"] == "movie"]

    def same():
        ours = books(status(node)["streams"]["rows"])
        return ours and ours == books(status(paid)["sessions"]["rows"]) and ours
    (spent, _), = wait.until(same, 10, "the books are the same")
    assert in_wei(spent) > 0


def test_a_rest_between(chain, paid, clip):
    """An orchestrator that was stopped and started is paid as before, and has
    the tickets that it had."""
    def work(seq):
        with PayingBroadcaster(paid, account(chain.broadcaster)) as b:
            wait_told(b)
            result = b.work(clip[seq], seq, n=2)
            assert result.WhichOneof("result") == "data", result.error

    work(0)
    had = rows(paid)
    assert len(had) >= 2
    said = paid.command("stop_role", "orchestrator", "0").stdout
    assert "1 session did not end" in said
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", paid.port("serviceAddr")))
    paid.command("start_role", "orchestrator")
    paid.command("start_role", "transcoder")
    work(1)
    assert rows(paid)[:len(had)] == had
    assert len(rows(paid)) == len(had) + 2


def test_a_broadcaster_that_came_later(chain, paid, start, tmp_path, clip):
    """Its purse is opened with it, and it pays."""
    node = start("orchestrator", "transcoder", pricePerUnit=1, v=6,
                 maxTicketEV=2 * DEAR_EV, maxTotalEV=ETHER, localVerify="false",
                 **flags_of(chain, tmp_path, chain.broadcaster))
    assert "no broadcaster" in node.command("set_max_price", "5 wei",
                                            check=False).stderr
    node.flags["rtmpAddr"], node.flags["httpAddr"] = (
        f"127.0.0.1:{free_port()}" for _ in range(2))
    for name in ("rtmpAddr", "httpAddr"):
        node.command("set", name, node.flags[name])
    node.command("set", "orchAddr", paid.flags["serviceAddr"])
    node.command("start_role", "broadcaster")
    wait.until(lambda: status(node)["chain"].get("ready"), 20,
               "the chain is known")
    before = len(rows(paid))
    pushed(node, clip[0])
    assert len(rows(paid)) > before
    node.command("set_max_price", "5 wei")
    wait.until(lambda: status(node)["pricing"]["max_price"] == "5 wei/px", 10,
               "its price is shown")


def test_an_orchestrator_that_came_later(chain, start, tmp_path, clip):
    """Its cashier and its redeemer are opened with it, and it is paid."""
    node = start("broadcaster", ticketEV=DEAR_EV, maxFaceValue=DEAR_FACE,
                 autoAdjustPrice="false", maxGasPrice=1, orchAddr="127.0.0.1:1",
                 **flags_of(chain, tmp_path, chain.accounts[14]))
    node.flags["serviceAddr"] = f"127.0.0.1:{free_port()}"
    chain.bond_orchestrator(chain.accounts[14])
    node.command("set", "serviceAddr", node.flags["serviceAddr"])
    said = node.command("start_role", "orchestrator", check=False).stderr
    assert "pricePerUnit" in said
    node.command("set", "pricePerUnit", str(DEAR))
    node.command("start_role", "orchestrator")
    node.command("start_role", "transcoder")
    with PayingBroadcaster(node, account(chain.broadcaster)) as b:
        wait_told(b)
        assert b.told.price_info.pricePerUnit == DEAR
        result = b.work(clip[0], 0, n=2)
        assert result.WhichOneof("result") == "data", result.error
    assert len(rows(node)) >= 2
    wait.until(lambda: status(node)["tickets"].get("won", 0) >= 2, 10,
               "they are shown")
    # Once more: the same till.
    node.command("stop_role", "orchestrator", "0")
    node.command("start_role", "orchestrator")
    node.command("start_role", "transcoder")
    with PayingBroadcaster(node, account(chain.broadcaster)) as b:
        wait_told(b)
        b.work(clip[1], 1, n=2)
    assert len(rows(node)) >= 4

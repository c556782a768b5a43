"""The ticket broker of the development chain, without a node: deposits, reserves,
their way out, and the redemption of tickets with its refusals in their order."""
import pytest

from devnet import ETHER, MAX, ZERO, Devnet, abi, refuses

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module", params=["arbitrum", "streamflow"])
def deployed(request, tmp_path_factory):
    """With two active orchestrators, and a broadcaster with 1 + 1 ETH."""
    with Devnet(tmp_path_factory.mktemp("chain"), request.param,
                usual_keys=True) as chain:
        chain.bond_orchestrator(chain.orchestrator2, activate=False)
        chain.bond_orchestrator()
        chain.fund_broadcaster()
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


def only(generation):
    return pytest.mark.parametrize("deployed", [generation], indirect=True)


# --- funds ---
def test_funds_are_kept_apart_and_held_by_the_minter(chain):
    who, t = chain.broadcaster2, chain.broker
    held = chain.balance(chain.minter)
    assert chain.sender_info(who) == (0, 0, 0, 0)
    receipt = t.send("fundDeposit", sender=who, value=3)
    assert chain.broker.args(receipt, "DepositFunded") == {
        "sender": who.address, "amount": 3}
    receipt = t.send("fundReserve", sender=who, value=4)
    assert chain.broker.args(receipt, "ReserveFunded") == {
        "reserveHolder": who.address, "amount": 4}
    receipt = t.send("fundDepositAndReserve", 10, 20, sender=who, value=30)
    assert chain.broker.names(receipt) == ["ReserveFunded", "DepositFunded"]
    assert chain.sender_info(who) == (13, 0, 24, 0)
    assert t.call("getReserveInfo", who) == (24, 0)
    assert chain.balance(chain.minter) == held + 37
    assert chain.balance(t) == 0
    with refuses("msg.value does not equal sum of deposit amount and reserve "
                 "amount"):
        t.call("fundDepositAndReserve", 1, 2, sender=who, value=4)


@only("arbitrum")
def test_funds_for_another_leave_its_unlock_alone(chain):
    who, t = chain.broadcaster, chain.broker
    t.send("unlock", sender=who)
    receipt = t.send("fundDepositAndReserveFor", who, 1, 2,
                     sender=chain.stranger, value=3)
    assert chain.broker.names(receipt) == ["ReserveFunded", "DepositFunded"]
    assert t.call("isUnlockInProgress", who)
    assert chain.sender_info(who)[0] == ETHER + 1


def test_the_way_out(chain):
    who, t = chain.broadcaster, chain.broker
    for name in ("unlock", "withdraw"):
        with refuses("sender deposit and reserve are zero"):
            t.call(name, sender=chain.stranger)
    for name in ("cancelUnlock", "withdraw"):
        with refuses("no unlock request in progress"):
            t.call(name, sender=who)
    receipt = t.send("unlock", sender=who)
    opens = chain.round + 2
    assert chain.broker.args(receipt, "Unlock") == {
        "sender": who.address, "startRound": chain.round, "endRound": opens}
    assert chain.sender_info(who) == (ETHER, opens, ETHER, 0)
    with refuses("unlock already initiated"):
        t.call("unlock", sender=who)
    receipt = t.send("cancelUnlock", sender=who)
    assert chain.broker.args(receipt, "UnlockCancelled") == {
        "sender": who.address}
    assert chain.sender_info(who)[1] == 0
    t.send("unlock", sender=who)
    chain.next_round(initialize=False)
    with refuses("account is locked"):
        t.call("withdraw", sender=who)
    chain.next_round(initialize=False)
    had = chain.balance(who)
    receipt = t.send("withdraw", sender=who)
    assert chain.broker.args(receipt, "Withdrawal") == {
        "sender": who.address, "deposit": ETHER, "reserve": ETHER}
    cost = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert chain.balance(who) == had + 2 * ETHER - cost
    assert chain.sender_info(who) == (0, opens, 0, 0), "stays until funded"
    with refuses("sender deposit and reserve are zero"):
        t.call("withdraw", sender=who)
    receipt = t.send("fundDeposit", sender=who, value=1)
    assert chain.broker.names(receipt) == ["UnlockCancelled", "DepositFunded"]
    assert chain.sender_info(who) == (1, 0, 0, 0)


@pytest.mark.parametrize("name, order", [
    ("fundDeposit", ["UnlockCancelled", "DepositFunded"]),
    ("fundReserve", ["ReserveFunded", "UnlockCancelled"])])
def test_fresh_funds_cancel_an_unlock(chain, name, order):
    who, t = chain.broadcaster, chain.broker
    t.send("unlock", sender=who)
    receipt = t.send(name, sender=who, value=1)
    assert chain.broker.names(receipt) == order
    assert not t.call("isUnlockInProgress", who)


# --- hashes ---
K = "41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d"
VECTORS = [  # recipient, face, win probability, nonce, rand hash, aux: hash
    (ZERO, 0, 0, 4294967295, "00" * 32, "",
     "e1393fc7f6de093780674022f96cb8e3872235167d037c04d554e58c0e63d280"),
    (ZERO, 0, 0, 1, "00" * 32, "",
     "ce0918ba94518293e9712effbe5fca4f1f431089833a5b8c257cb1e024595f68"),
    (ZERO, 1, 500, 0, "00" * 32, "",
     "87ef13f2d37e4d5352a01d3c77b8179d80e0887f1953bfabfd0bfd7b0f689ddd"),
    (ZERO, 500, 1, 0, "00" * 32, "",
     "aa4b35071043587992ac8b9dd1b2cf1d8311130e6458cf0b2342484e21af5f5b"),
    ("0x73AEd7b5dEb30222fa896f399d46cC99c7BEe57F", 0, 0, 0, "00" * 32, "",
     "81e353ae39046e2b77b9f996abbaeed527fda559b61ef90f299c4499dd508ccc"),
    (ZERO, 0, 0, 0, K, "",
     "be5eaf9a49a39540b9bb02f1a21904f61324a29819e2c032824bfaa10c100b17"),
    (ZERO, 0, 0, 0, "00" * 32, f"{10:064x}{K}",
     "e502907c16036ab3d11b78c5a2e93c20f3d6415c67f91de4ed01348182b3b2e2"),
]


@pytest.mark.parametrize("recipient, face, prob, nonce, rand_hash, aux, known",
                         VECTORS)
def test_ticket_hash_is_the_networks(chain, recipient, face, prob, nonce,
                                     rand_hash, aux, known):
    given = (recipient, ZERO, face, prob, nonce, rand_hash, aux)
    assert chain.broker.call("getTicketHash", given).hex() == known


def test_vector_with_a_key(chain):
    """Signed by the node with the known key: the same ticket, the same bytes."""
    ticket = chain.ticket(chain.orchestrator, chain.delegator, nonce=7,
                          face_value=ETHER, win_prob=MAX // 2, round=10,
                          block_hash=bytes.fromhex(K))
    assert ticket.hash.hex() == \
        "e08fd948217a4697b7c40ffbe96eb85ca287fc422d76d39457b1eaf1c019a05f"
    assert chain.broker.call("getTicketHash", ticket.tuple) == ticket.hash
    assert ticket.sig.hex() == (
        "93d06091fcc8734893753213302f5552aa785ca1c40f0eec63888718baeb8f0e"
        "17504d63a36acd942e39a66b3912722ac164d11ac85edfda65df444e86af906c1b")
    assert len(chain.broker.data("redeemWinningTicket", *ticket.args)) == \
        2 + 2 * 548


# --- redemption ---
def test_redemption_pays_from_the_deposit(chain):
    o, t = chain.orchestrator, chain.broker
    ticket = chain.ticket(face_value=ETHER // 4)
    held = chain.balance(chain.minter)
    receipt = chain.redeem(ticket, sender=chain.stranger)
    assert chain.broker.names(receipt) == \
        ["WinningTicketTransfer", "WinningTicketRedeemed"]
    assert chain.broker.args(receipt, "WinningTicketTransfer") == {
        "sender": ticket.sender, "recipient": ticket.recipient,
        "amount": ETHER // 4}
    assert chain.broker.args(receipt, "WinningTicketRedeemed") == {
        "sender": ticket.sender, "recipient": ticket.recipient,
        "faceValue": ETHER // 4, "winProb": MAX, "senderNonce": 1,
        "recipientRand": 5, "auxData": ticket.aux}
    assert t.call("usedTickets", ticket.hash)
    assert chain.sender_info(chain.broadcaster) == \
        (ETHER * 3 // 4, 0, ETHER, 0)
    assert chain.balance(chain.minter) == held
    assert chain.bonding.call("pendingFees", o, chain.round) == ETHER // 4
    assert chain.bonding.call("getTranscoder", o).lastFeeRound == chain.round
    with refuses("ticket is used"):
        chain.redeem(ticket)


def test_redemption_goes_on_into_the_reserve(chain):
    ticket = chain.ticket(face_value=ETHER * 5 // 4)
    receipt = chain.redeem(ticket)
    assert chain.broker.names(receipt) == [
        "ReserveClaimed", "WinningTicketTransfer", "WinningTicketRedeemed"]
    assert chain.broker.args(receipt, "ReserveClaimed") == {
        "reserveHolder": ticket.sender, "claimant": ticket.recipient,
        "amount": ETHER // 4}
    assert chain.sender_info(chain.broadcaster) == \
        (0, 0, ETHER * 3 // 4, ETHER // 4)
    b, o, o2 = chain.broadcaster, chain.orchestrator, chain.orchestrator2
    assert chain.broker.call("claimedReserve", b, o) == ETHER // 4
    assert chain.broker.call("claimableReserve", b, o) == ETHER // 4
    assert chain.broker.call("claimableReserve", b, o2) == ETHER // 2
    assert chain.broker.call("claimableReserve", b, chain.stranger) == 0
    chain.next_round()
    assert chain.broker.call("claimedReserve", b, o) == 0
    assert chain.broker.call("claimableReserve", b, o) == ETHER * 3 // 8


def refusals(chain, generation):
    """Each broken ticket with the words it deserves. All of its later checks
    would fail too, where that can be: so the order is tested as well."""
    now, o, b = chain.round, chain.orchestrator, chain.broadcaster
    bad = dict(rand_hash=bytes(32), sig=bytes(65), win_prob=0)
    yield "ticket recipient is null address", \
        dict(recipient=ZERO, sender=ZERO, aux=b"", **bad)
    yield "ticket sender is null address", \
        dict(recipient=o, sender=ZERO, aux=b"", **bad)
    for aux in (b"", bytes(63), bytes(65)):
        yield "invalid length for ticket auxData: must be 64 bytes", \
            dict(recipient=o, sender=b, aux=aux, **bad)
    for round_ in (now - 2, now + 1, MAX):
        yield "ticket creationRound does not have a block hash", \
            dict(round=round_, block_hash=bytes(32), **bad)
    yield "ticket creationRoundBlockHash invalid for creationRound", \
        dict(round=now, block_hash=b"\1" * 32, **bad)
    yield "recipientRand does not match recipientRandHash", \
        dict(round=now, **bad)
    bad.pop("rand_hash")
    wrong = "invalid signature over ticket hash"
    modern = generation == "arbitrum"
    for size in (0, 64, 66):
        yield "INVALID_SIGNATURE_LENGTH" if modern else wrong, \
            dict(sig=bytes(size), win_prob=0)
    yield "ECDSA: invalid signature" if modern else wrong, \
        dict(sig=bytes(64) + b"\x1b", win_prob=0)
    good = chain.ticket(win_prob=0).sig
    flipped = good[:32] + abi.word(N - int.from_bytes(good[32:64], "big")) + \
        bytes([55 - good[64]])
    yield "ECDSA: invalid signature 's' value" if modern else wrong, \
        dict(sig=flipped, win_prob=0)
    yield "ECDSA: invalid signature" if modern else wrong, \
        dict(sig=good[:64] + bytes([good[64] - 27]), win_prob=0)
    yield wrong, dict(sig=chain.ticket(nonce=2).sig, win_prob=0)
    yield "ticket did not win", dict(win_prob=0)


def test_refusals_of_tickets_in_their_order(chain, deployed):
    o, b = chain.orchestrator, chain.broadcaster
    for words, given in refusals(chain, deployed.generation):
        ticket = chain.ticket(given.pop("recipient", o),
                              given.pop("sender", b), **given)
        with refuses(words):
            chain.broker.call("redeemWinningTicket", *ticket.args, sender=o)


def test_win_is_strictly_below(chain):
    ticket = chain.ticket()
    drawn = int.from_bytes(abi.keccak(ticket.sig + abi.word(ticket.rand)),
                           "big")
    assert drawn < MAX
    # The signature covers the probability: look for a ticket near its draw.
    for shift, wins in ((1, True), (-1, False)):
        for nonce in range(40):
            t = chain.ticket(nonce=nonce, win_prob=MAX // 2)
            drawn = int.from_bytes(abi.keccak(t.sig + abi.word(t.rand)),
                                   "big")
            if (drawn < MAX // 2) == wins:
                break
        if wins:
            chain.broker.call("redeemWinningTicket", *t.args,
                              sender=chain.orchestrator)
        else:
            with refuses("ticket did not win"):
                chain.broker.call("redeemWinningTicket", *t.args,
                                  sender=chain.orchestrator)


def test_tickets_expire_after_the_next_round(chain):
    ticket, used = chain.ticket(), chain.ticket(nonce=2)
    chain.redeem(used)
    chain.next_round()
    with chain.undone():
        chain.redeem(ticket)
    chain.next_round()
    for late in (ticket, used):
        with refuses("ticket is expired"):
            chain.redeem(late)


def test_refusals_of_senders(chain):
    b, o = chain.broadcaster, chain.orchestrator
    with refuses("sender deposit and reserve are zero"):
        chain.redeem(chain.ticket(o, chain.stranger))
    chain.broker.send("unlock", sender=b)
    with chain.undone():
        chain.redeem(chain.ticket())
    chain.next_round(2)
    with refuses("sender is unlocked"):
        chain.redeem(chain.ticket())
    chain.broker.send("withdraw", sender=b)
    with refuses("sender is unlocked"):
        chain.redeem(chain.ticket())


def test_recipient_must_be_registered_to_be_paid(chain):
    ticket = chain.ticket(chain.stranger)
    with refuses("transcoder must be registered"):
        chain.redeem(ticket)
    assert not chain.broker.call("usedTickets", ticket.hash)
    chain.redeem(chain.ticket(chain.stranger, face_value=0))


def test_a_recipient_not_active_has_no_share_of_the_reserve(chain):
    who = chain.bond_orchestrator(chain.orchestrator3, activate=False)
    assert chain.broker.call("claimableReserve", chain.broadcaster, who) == 0


def test_trap_an_exhausted_share_burns_the_ticket(chain):
    """Deposit 0 and the own share claimed, but reserve left: no refusal, no
    money, and the ticket is used."""
    chain.redeem(chain.ticket(face_value=3 * ETHER))
    assert chain.sender_info(chain.broadcaster) == \
        (0, 0, ETHER // 2, ETHER // 2)
    fees = chain.bonding.call("pendingFees", chain.orchestrator, 0)
    ticket = chain.ticket(nonce=2)
    receipt = chain.redeem(ticket)
    assert chain.broker.names(receipt) == ["WinningTicketRedeemed"]
    assert chain.broker.call("usedTickets", ticket.hash)
    assert chain.bonding.call("pendingFees", chain.orchestrator, 0) == fees


def test_trap_a_pool_that_grew_after_a_claim_reverts(chain):
    chain.redeem(chain.ticket(face_value=3 * ETHER))
    chain.bond_orchestrator(chain.orchestrator3, activate=False)
    words = "Panic(0x11)" if chain.generation == "arbitrum" else \
        "SafeMath: subtraction overflow"
    with refuses(words):
        chain.broker.call("claimableReserve", chain.broadcaster,
                          chain.orchestrator)
    with refuses(words):
        chain.redeem(chain.ticket(nonce=2))
    chain.next_round()
    chain.redeem(chain.ticket(nonce=2))


def test_trap_a_batch_swallows_its_failures(chain):
    tickets = [chain.ticket(nonce=n) for n in range(3)]
    tickets[1].sig = tickets[0].sig
    given = [list(column) for column in zip(*(t.args for t in tickets))]
    receipt = chain.broker.send("batchRedeemWinningTickets", *given,
                                sender=chain.orchestrator, gas=3 * 350_000)
    assert chain.broker.names(receipt).count("WinningTicketRedeemed") == 2
    used = [chain.broker.call("usedTickets", t.hash) for t in tickets]
    assert used == [True, False, True]


def test_trap_a_batch_with_little_gas_does_less(chain):
    tickets = [chain.ticket(nonce=n) for n in range(2)]
    given = [list(column) for column in zip(*(t.args for t in tickets))]
    receipt = chain.broker.send("batchRedeemWinningTickets", *given,
                                sender=chain.orchestrator, gas=330_000)
    assert receipt["status"] == "0x1"
    used = [chain.broker.call("usedTickets", t.hash) for t in tickets]
    assert used != [True, True]


def test_trap_a_round_without_a_hash_pays_in_no_round(chain):
    """As on Arbitrum when it does not know the hash of an L1 block."""
    chain.set_round_hash(chain.round, bytes(32))
    with refuses("ticket creationRound does not have a block hash"):
        chain.redeem(chain.ticket())


# --- fees ---
def test_fees_are_shared_and_withdrawn(chain):
    """The orchestrator's fee share is a half, its delegators bond as much as
    itself: a quarter is theirs."""
    b, o, fan = chain.bonding, chain.orchestrator, chain.delegator
    chain.bond(fan, 1000 * ETHER, o)
    chain.next_round()
    chain.redeem(chain.ticket(face_value=ETHER))
    assert b.call("pendingFees", o, chain.round) == ETHER * 3 // 4
    assert b.call("pendingFees", fan, chain.round) == ETHER // 4
    b.send("reward", sender=o)
    chain.next_round()
    for who, fees in ((o, ETHER * 3 // 4), (fan, ETHER // 4)):
        had, held = chain.balance(who), chain.balance(chain.minter)
        receipt = withdraw_fees(chain, who, fees)
        cost = int(receipt["gasUsed"], 16) * \
            int(receipt["effectiveGasPrice"], 16)
        assert chain.balance(who) == had + fees - cost
        assert chain.balance(chain.minter) == held - fees
        assert b.call("pendingFees", who, chain.round) == 0


def withdraw_fees(chain, who, fees):
    b = chain.bonding
    if chain.generation == "arbitrum":
        with refuses("insufficient fees to withdraw"):
            b.call("withdrawFees", who, fees + 1, sender=who)
        with refuses("invalid recipient"):
            b.call("withdrawFees", ZERO, 1, sender=who)
        receipt = b.send("withdrawFees", who, fees, sender=who)
        assert b.args(receipt, "WithdrawFees") == {
            "delegator": who.address, "recipient": who.address,
            "amount": fees}
        return receipt
    receipt = b.send("withdrawFees", sender=who)
    assert b.args(receipt, "WithdrawFees") == {
        "delegator": who.address}
    with refuses("no fees to withdraw"):
        b.call("withdrawFees", sender=who)
    return receipt


def owed_after(chain, plans):
    """Yields what tickets of 1 ETH paid, and what may be withdrawn of it by the
    orchestrator and a delegator, after each round of such plans."""
    b, o, fan = chain.bonding, chain.orchestrator, chain.delegator
    chain.fund_broadcaster(deposit=20 * ETHER)
    chain.bond(fan, 3333 * ETHER, o)
    paid = 0
    for plan in plans:
        chain.next_round()
        for step in plan.split():
            if step == "reward":
                b.send("reward", sender=o)
            else:
                paid += ETHER
                chain.redeem(chain.ticket(face_value=ETHER,
                                          nonce=paid // ETHER))
        yield paid, sum(b.call("pendingFees", who, chain.round)
                        for who in (o, fan))


def test_fees_before_and_after_rewards_add_up(chain):
    """What may be withdrawn is what tickets paid, but for the wei that
    divisions drop."""
    plans = ("ticket ticket", "reward", "ticket reward ticket", "reward ticket",
             "ticket", "", "ticket reward", "ticket")
    for paid, owed in owed_after(chain, plans):
        assert paid - 10_000 <= owed <= paid


def test_trap_fees_after_the_reward_that_follows_a_missed_one(chain):
    """The factor of the round before is then guessed from this round's reward,
    and too low: part of the delegators' fees is nobody's. So is the network."""
    plans = ("ticket", "reward ticket")
    (paid, owed), (paid2, owed2) = owed_after(chain, plans)
    assert paid - 10_000 <= owed <= paid
    assert owed2 - owed < (paid2 - paid) * 99 // 100

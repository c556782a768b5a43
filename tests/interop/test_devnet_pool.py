"""The pool of transcoders on the development chain, without a node: its order, who
is evicted, who may come back, and hints."""
import pytest

from devnet import ETHER, ZERO, Devnet, refuses

LPT = ETHER


@pytest.fixture(scope="module", params=["arbitrum", "streamflow"])
def deployed(request, tmp_path_factory):
    """With room for three."""
    with Devnet(tmp_path_factory.mktemp("chain"), request.param,
                pool_size=3) as chain:
        for who in chain.accounts[1:-1]:
            chain.token.send("approve", chain.bonding, 10 ** 6 * LPT,
                             sender=who)
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


@pytest.fixture
def b(chain):
    return chain.bonding


def test_pool_is_sorted_and_evicts_the_last(chain, b):
    one, two, three, four = chain.accounts[1:5]
    for who, stake in ((one, 10), (two, 30), (three, 20)):
        b.send("bond", stake * LPT, who, sender=who)
    ranked = [(two.address, 30 * LPT), (three.address, 20 * LPT),
              (one.address, 10 * LPT)]
    assert chain.pool() == ranked
    receipt = b.send("bond", 10 * LPT, four, sender=four)
    assert "TranscoderActivated" not in b.names(receipt)
    assert chain.pool() == ranked, "an equal stake does not evict"
    assert b.call("isRegisteredTranscoder", four)
    chain.next_round()
    receipt = b.send("bond", 1, four, sender=chain.delegator)
    assert b.names(receipt)[-3:] == \
        ["TranscoderDeactivated", "TranscoderActivated", "Bond"]
    assert b.args(receipt, "TranscoderDeactivated") == {
        "transcoder": one.address, "deactivationRound": chain.round + 1}
    assert chain.pool()[-1] == (four.address, 10 * LPT + 1)
    assert b.call("nextRoundTotalActiveStake") == 60 * LPT + 1
    assert b.call("isActiveTranscoder", one)
    assert not b.call("isActiveTranscoder", four)
    chain.next_round()
    with refuses("caller must be an active transcoder"):
        b.call("reward", sender=one)
    with refuses("delegation amount must be greater than 0"):
        b.call("bond", 0, one, sender=one)
    b.send("transcoder", 0, 0, sender=one)
    assert chain.pool()[-1][0] == four.address, "not enough to rejoin"
    b.send("bond", LPT, one, sender=one)
    assert chain.pool()[-1] == (one.address, 11 * LPT)
    assert b.call("getTranscoder", four).deactivationRound == chain.round + 1


def test_evicted_rejoins_by_commission_when_there_is_room(chain, b):
    four = chain.accounts[1:5]
    for who, stake in zip(four, (40, 30, 20, 10)):
        b.send("bond", stake * LPT, who, sender=who)
    assert len(chain.pool()) == 3
    chain.next_round()
    b.send("unbond", 20 * LPT, sender=four[2])
    receipt = b.send("transcoder", 5, 6, sender=four[3])
    assert b.names(receipt) == ["TranscoderActivated", "TranscoderUpdate"]
    assert chain.pool()[-1] == (four[3].address, 10 * LPT)


def test_pool_only_grows(chain, b):
    assert b.call("getTranscoderPoolMaxSize") == 3
    with refuses("new max size must be greater than old max size"):
        b.call("setNumActiveTranscoders", 3, sender=chain.governor)
    b.send("setNumActiveTranscoders", 4, sender=chain.governor)
    assert b.call("getTranscoderPoolMaxSize") == 4


@pytest.mark.parametrize("hint", [
    (ZERO, ZERO), ("first", "second"), ("second", "first"), ("second", ZERO),
    (ZERO, "first"), (ZERO, "second"), ("first", ZERO), ("other", "first"),
    ("first", "other"), ("other", "other")])
def test_any_hint_finds_the_place(chain, b, hint):
    """30, 20, and a newcomer of 25 between them; of 20 before or after."""
    first, second, new = chain.accounts[1:4]
    who = {"first": first, "second": second, "other": chain.stranger,
           ZERO: ZERO}
    b.send("bond", 20 * LPT, second, sender=second)
    b.send("bond", 30 * LPT, first, sender=first)
    where = [who[h] for h in hint]
    b.send("bondWithHint", 25 * LPT, new, ZERO, ZERO, *where, sender=new)
    assert [a for a, _ in chain.pool()] == \
        [first.address, new.address, second.address]
    chain.next_round()
    b.send("unbondWithHint", 5 * LPT, *where, sender=new)
    assert [s for _, s in chain.pool()] == [30 * LPT, 20 * LPT, 20 * LPT]


def test_equals_go_before_unless_the_hint_says_after(chain, b):
    one, two, three = chain.accounts[1:4]
    b.send("bond", 10 * LPT, one, sender=one)
    b.send("bond", 10 * LPT, two, sender=two)
    assert [a for a, _ in chain.pool()] == [two.address, one.address]
    b.send("bondWithHint", 10 * LPT, three, ZERO, ZERO, one, ZERO,
           sender=three)
    assert [a for a, _ in chain.pool()] == \
        [two.address, one.address, three.address]


def test_a_right_hint_is_cheaper(chain, b):
    b.send("setNumActiveTranscoders", 15, sender=chain.governor)
    some = chain.accounts[1:14]
    for i, who in enumerate(some):
        b.send("bond", (30 - i) * LPT, who, sender=who)
    chain.next_round()
    new = chain.accounts[15]
    used = []
    for where in ((ZERO, ZERO), (some[-1], ZERO)):
        with chain.undone():
            receipt = b.send("bondWithHint", LPT, new, ZERO, ZERO, *where,
                             sender=new)
            assert chain.pool()[-1][0] == new.address
            used.append(int(receipt["gasUsed"], 16))
    assert used[1] < used[0] - 10_000


def test_fees_of_one_who_never_got_in_are_refused(chain, b):
    """Registered, but without a stake that was ever active: there is nothing
    to share the fees by."""
    for who, stake in zip(chain.accounts[1:5], (40, 30, 20, 10)):
        b.send("bond", stake * LPT, who, sender=who)
    chain.next_round()
    chain.fund_broadcaster(chain.stranger)
    assert b.call("isRegisteredTranscoder", chain.accounts[4])
    with refuses("Panic(0x12)" if chain.generation == "arbitrum" else
                 "SafeMath: division by zero"):
        chain.redeem(chain.ticket(chain.accounts[4], chain.stranger))

"""What the alpha left behind on the development chain: an orchestrator that has
its stake and was never activated, and deposits that wait at the Refunder."""
import pytest

from devnet import ETHER, MAX, Devnet, refuses


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with Devnet(tmp_path_factory.mktemp("chain"), "streamflow",
                usual_keys=True, first_round=10) as chain:
        chain.bond_orchestrator()
        yield chain


@pytest.fixture
def chain(deployed):
    with deployed.undone():
        yield deployed


def transcoder(chain, who):
    names = [o["name"] for o in
             chain.bonding.functions["getTranscoder"]["outputs"]]
    return dict(zip(names, chain.bonding.call("getTranscoder", who)))


def test_stake_stays_and_the_pool_is_empty(chain):
    who = chain.orchestrator
    before = chain.bonding.call("getDelegator", who)
    assert transcoder(chain, who)["activationRound"]
    chain.as_the_alpha_left_it(who)
    assert chain.pool() == []
    assert chain.bonding.call("getDelegator", who) == before
    assert chain.bonding.call("isRegisteredTranscoder", who)
    assert not chain.bonding.call("isActiveTranscoder", who)
    assert transcoder(chain, who)["activationRound"] == 0
    # The round after that has nobody in it, whoever worked before.
    chain.next_round()
    assert chain.bonding.call("getTotalBonded") == 0


def test_one_call_of_transcoder_brings_it_back(chain):
    who = chain.orchestrator
    chain.as_the_alpha_left_it(who)
    chain.next_round()
    chain.bonding.send("transcoder", 100000, 500000, sender=who)
    assert [a for a, _ in chain.pool()] == [who.address.lower()]
    assert transcoder(chain, who)["activationRound"] == chain.round + 1
    assert transcoder(chain, who)["deactivationRound"] == MAX
    chain.next_round()
    assert chain.bonding.call("isActiveTranscoder", who)


def test_a_deposit_is_refunded_once_whoever_asks(chain):
    who, words = chain.broadcaster, "address has already withdrawn " \
        "alpha JobsManager refund"
    chain.alpha_deposit(who, 5 * ETHER)
    assert chain.jobs_manager.call("broadcasters", who) == (5 * ETHER, 0)
    before = chain.balance(who)
    chain.refunder.send("withdraw", who, sender=chain.stranger)
    assert chain.balance(who) == before + 5 * ETHER
    assert chain.refunder.call("withdrawn", who)
    with refuses(words):
        chain.refunder.send("withdraw", who, sender=who)
    assert chain.jobs_manager.call("broadcasters", who)[0] == 5 * ETHER


def test_who_had_no_deposit_gets_none(chain):
    with refuses("address does not have a deposit with alpha JobsManager"):
        chain.refunder.send("withdraw", chain.stranger, sender=chain.stranger)
    with refuses():
        chain.jobs_manager.send("deposit", sender=chain.stranger)
    with refuses():
        chain.jobs_manager.call("withdraw", sender=chain.stranger)

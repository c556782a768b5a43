"""Stake on the development chain, without a node: bonds and their locks, commission,
rewards and what they become."""
import pytest

from devnet import ETHER, MAX, ZERO, Devnet, abi, refuses

LPT = ETHER
HALF = 500_000  # parts per million


@pytest.fixture(scope="module", params=["arbitrum", "streamflow"])
def deployed(request, tmp_path_factory):
    """Everybody has approved what it will bond."""
    with Devnet(tmp_path_factory.mktemp("chain"), request.param) as chain:
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


def only(generation):
    return pytest.mark.parametrize("deployed", [generation], indirect=True)


def delegator(chain, who):
    return chain.bonding.call("getDelegator", who)


def transcoder(chain, who):
    return chain.bonding.call("getTranscoder", who)


# --- bond ---
def test_bond_takes_tokens_and_begins_next_round(chain, b):
    who = chain.orchestrator
    had, kept = (chain.token.call("balanceOf", w) for w in (who, chain.minter))
    receipt = b.send("bond", 100 * LPT, who, sender=who)
    assert b.names(receipt) == \
        ["EarningsClaimed", "TranscoderActivated", "Bond"]
    assert b.args(receipt, "Bond") == {
        "newDelegate": who.address, "oldDelegate": ZERO,
        "delegator": who.address, "additionalAmount": 100 * LPT,
        "bondedAmount": 100 * LPT}
    assert b.args(receipt, "TranscoderActivated") == {
        "transcoder": who.address, "activationRound": chain.round + 1}
    assert chain.token.call("balanceOf", who) == had - 100 * LPT
    assert chain.token.call("balanceOf", chain.minter) == kept + 100 * LPT
    assert delegator(chain, who) == (
        100 * LPT, 0, who.address, 100 * LPT, chain.round + 1, chain.round, 0)
    assert b.call("delegatorStatus", who) == 0
    assert b.call("transcoderStatus", who) == 1
    assert b.call("isRegisteredTranscoder", who)
    assert not b.call("isActiveTranscoder", who)
    assert b.call("nextRoundTotalActiveStake") == 100 * LPT
    assert b.call("getTotalBonded") == 0
    chain.next_round()
    assert b.call("delegatorStatus", who) == 1
    assert b.call("isActiveTranscoder", who)
    assert b.call("getTotalBonded") == 100 * LPT
    assert b.call("currentRoundTotalActiveStake") == 100 * LPT
    t = transcoder(chain, who)
    assert (t.activationRound, t.deactivationRound) == (chain.round, MAX)


def test_bond_refusals(chain, b):
    who, other = chain.orchestrator, chain.orchestrator2
    with refuses("delegation amount must be greater than 0"):
        b.call("bond", 0, who, sender=who)
    chain.token.send("approve", b, 5, sender=who)
    with refuses("ERC20: insufficient allowance"
                 if chain.generation == "arbitrum" else
                 "SafeMath: subtraction overflow"):
        b.call("bond", 6, who, sender=who)
    b.send("bond", 5, who, sender=who)
    with refuses("delegation amount must be greater than 0"):
        b.call("bond", 0, who, sender=who)
    with refuses("registered transcoders can't delegate towards other "
                 "addresses"):
        b.call("bond", 0, other, sender=who)


def test_bond_moves_whole_and_asks_only_for_the_extra(chain, b):
    who, one, two = chain.delegator, chain.orchestrator, chain.orchestrator2
    for o in (one, two):
        b.send("bond", 10 * LPT, o, sender=o)
    b.send("bond", 7 * LPT, one, sender=who)
    chain.next_round()
    had = chain.token.call("balanceOf", who)
    receipt = b.send("bond", 0, two, sender=who)
    assert b.args(receipt, "Bond") == {
        "newDelegate": two.address, "oldDelegate": one.address,
        "delegator": who.address, "additionalAmount": 0,
        "bondedAmount": 7 * LPT}
    assert chain.token.call("balanceOf", who) == had
    assert b.call("delegatorStatus", who) == 0
    assert chain.pool() == [(two.address, 17 * LPT), (one.address, 10 * LPT)]
    b.send("bond", LPT, one, sender=who)
    assert chain.token.call("balanceOf", who) == had - LPT
    assert chain.pool() == [(one.address, 18 * LPT), (two.address, 10 * LPT)]


# --- unbond, rebond, withdraw ---
def test_unbond_locks_and_withdraw_waits(chain, b):
    who = chain.orchestrator
    b.send("bond", 100 * LPT, who, sender=who)
    with refuses("caller must be bonded"):
        b.call("unbond", 1, sender=who)
    with refuses("caller must be bonded"):
        b.call("unbond", 1, sender=chain.stranger)
    chain.next_round()
    with refuses("unbond amount must be greater than 0"):
        b.call("unbond", 0, sender=who)
    with refuses("amount is greater than bonded amount"):
        b.call("unbond", 100 * LPT + 1, sender=who)
    opens = chain.round + 7
    receipt = b.send("unbond", 40 * LPT, sender=who)
    assert b.args(receipt, "Unbond") == {
        "delegate": who.address, "delegator": who.address,
        "unbondingLockId": 0, "amount": 40 * LPT, "withdrawRound": opens}
    assert b.call("getDelegatorUnbondingLock", who, 0) == (40 * LPT, opens)
    assert delegator(chain, who).nextUnbondingLockId == 1
    b.send("unbond", 1 * LPT, sender=who)
    assert b.call("isValidUnbondingLock", who, 1)
    assert chain.pool() == [(who.address, 59 * LPT)]
    chain.next_round(6)
    with refuses("withdraw round must be before or equal to the current "
                 "round"):
        b.call("withdrawStake", 0, sender=who)
    chain.next_round()
    had = chain.token.call("balanceOf", who)
    receipt = b.send("withdrawStake", 0, sender=who)
    assert b.args(receipt, "WithdrawStake") == {
        "delegator": who.address, "unbondingLockId": 0, "amount": 40 * LPT,
        "withdrawRound": opens}
    assert chain.token.call("balanceOf", who) == had + 40 * LPT
    assert b.call("getDelegatorUnbondingLock", who, 0) == (0, 0)
    for lock in (0, 2):
        with refuses("invalid unbonding lock ID"):
            b.call("withdrawStake", lock, sender=who)
        with refuses("invalid unbonding lock ID"):
            b.call("rebond", lock, sender=who)
    receipt = b.send("rebond", 1, sender=who)
    assert b.args(receipt, "Rebond") == {
        "delegate": who.address, "delegator": who.address,
        "unbondingLockId": 1, "amount": LPT}
    assert chain.pool() == [(who.address, 60 * LPT)]


def test_full_unbond_resigns_and_rebond_returns(chain, b):
    who, other = chain.orchestrator, chain.orchestrator2
    b.send("bond", 100 * LPT, who, sender=who)
    b.send("bond", 5 * LPT, other, sender=other)
    chain.next_round()
    with refuses("caller must be unbonded"):
        b.call("rebondFromUnbonded", who, 0, sender=who)
    receipt = b.send("unbond", 100 * LPT, sender=who)
    assert b.names(receipt)[-2:] == ["TranscoderDeactivated", "Unbond"]
    assert b.args(receipt, "TranscoderDeactivated") == {
        "transcoder": who.address, "deactivationRound": chain.round + 1}
    assert delegator(chain, who)[:5] == (0, 0, ZERO, 0, 0)
    assert b.call("delegatorStatus", who) == 2
    assert b.call("isActiveTranscoder", who), "until the round ends"
    assert not b.call("isRegisteredTranscoder", who)
    assert chain.pool() == [(other.address, 5 * LPT)]
    assert b.call("nextRoundTotalActiveStake") == 5 * LPT
    with refuses("caller must be bonded"):
        b.call("rebond", 0, sender=who)
    chain.next_round()
    assert not b.call("isActiveTranscoder", who)
    receipt = b.send("rebondFromUnbonded", other, 0, sender=who)
    assert b.args(receipt, "Rebond")["delegate"] == other.address
    assert chain.pool() == [(other.address, 105 * LPT)]
    assert delegator(chain, who).startRound == chain.round + 1


def test_delegators_can_leave_a_resigned_transcoder(chain, b):
    who, one = chain.delegator, chain.orchestrator
    b.send("bond", 10 * LPT, one, sender=one)
    b.send("bond", 7 * LPT, one, sender=who)
    chain.next_round()
    b.send("unbond", 10 * LPT, sender=one)
    assert chain.pool() == []
    assert b.call("transcoderTotalStake", one) == 7 * LPT
    chain.next_round()
    b.send("unbond", 7 * LPT, sender=who)
    assert b.call("transcoderTotalStake", one) == 0


# --- commission ---
def test_commission_rules_in_their_order(chain, b):
    who = chain.orchestrator
    with refuses("invalid rewardCut percentage"):
        b.call("transcoder", 10 ** 6 + 1, 10 ** 6 + 1, sender=who)
    with refuses("invalid feeShare percentage"):
        b.call("transcoder", 10 ** 6, 10 ** 6 + 1, sender=who)
    with refuses("transcoder must be registered"):
        b.call("transcoder", 10 ** 6, 10 ** 6, sender=who)
    b.send("bond", 10 * LPT, who, sender=who)
    receipt = b.send("transcoder", 1, 10 ** 6, sender=who)
    assert b.args(receipt, "TranscoderUpdate") == {
        "transcoder": who.address, "rewardCut": 1, "feeShare": 10 ** 6}
    chain.next_round()
    with refuses("caller can't be active or must have already called reward "
                 "for the current round"):
        b.call("transcoder", 2, 2, sender=who)
    b.send("reward", sender=who)
    b.send("transcoder", 2, 2, sender=who)
    t = transcoder(chain, who)
    assert (t.rewardCut, t.feeShare) == (2, 2)
    chain.lock_round()
    with refuses("can't update transcoder params, current round is locked"):
        b.call("transcoder", 10 ** 6 + 1, 2, sender=who)


# --- rewards ---
def test_reward_refusals_and_amount(chain, b):
    who, m = chain.orchestrator, chain.minter
    unit = 10 ** (9 if chain.generation == "arbitrum" else 6)
    with refuses("caller must be an active transcoder"):
        b.call("reward", sender=who)
    b.send("bond", 100 * LPT, who, sender=who)
    b.send("bond", 23 * LPT, chain.orchestrator2, sender=chain.orchestrator2)
    with refuses("caller must be an active transcoder"):
        b.call("reward", sender=who)
    chain.next_round()
    b.send("bond", 50 * LPT, who, sender=who)  # for the next round only
    mintable = m.call("currentMintableTokens")
    part = 100 * LPT * unit // (123 * LPT)
    receipt = b.send("reward", sender=who)
    made = mintable * part // unit
    assert b.args(receipt, "Reward") == {
        "transcoder": who.address, "amount": made}
    assert m.call("currentMintedTokens") == made
    assert transcoder(chain, who).lastRewardRound == chain.round
    assert chain.pool()[0] == (who.address, 150 * LPT + made)
    with refuses("caller has already called reward for the current round"):
        b.call("reward", sender=who)
    cell = b.call("getTranscoderEarningsPoolForRound", who, chain.round)
    assert cell.totalStake == 100 * LPT
    cell = b.call("getTranscoderEarningsPoolForRound", who, chain.round + 1)
    assert cell.totalStake == 150 * LPT + made


def test_reward_is_of_the_stake_when_last_changed(chain, b):
    """Rounds later, with nothing changed, the stake still counts."""
    who = chain.orchestrator
    b.send("bond", 100 * LPT, who, sender=who)
    chain.next_round(3)
    receipt = b.send("reward", sender=who)
    assert b.args(receipt, "Reward")["amount"] == \
        chain.minter.call("currentMintableTokens")


def near(a, b, slack=1000):
    """Equal but for the wei that divisions drop."""
    return abs(a - b) <= slack


def test_rewards_are_shared_by_stake_after_the_cut(chain, b):
    who, fan, late = chain.orchestrator, chain.delegator, chain.stranger
    b.send("bond", 300 * LPT, who, sender=who)
    b.send("transcoder", 200_000, HALF, sender=who)
    b.send("bond", 100 * LPT, who, sender=fan)
    chain.next_round()
    own, fans = 300 * LPT, 100 * LPT
    for i in range(4):
        if i == 1:
            b.send("bond", 500 * LPT, who, sender=late)
        if i == 3:
            chain.next_round(2)  # two without a reward
        total = b.call("getTotalBonded")
        receipt = b.send("reward", sender=who)
        made = b.args(receipt, "Reward")["amount"]
        shared = made - made // 5
        own, fans = (own + made // 5 + shared * own // total,
                     fans + shared * fans // total)
        chain.next_round()
        assert near(b.call("pendingStake", who, chain.round), own)
        assert near(b.call("pendingStake", fan, chain.round), fans)
    lates = b.call("pendingStake", late, chain.round)
    assert lates > 500 * LPT
    assert near(own + fans + lates, b.call("transcoderTotalStake", who), 5000)
    # Claiming makes it stake, and everybody can take everything out.
    for person, stake in ((fan, fans), (late, lates), (who, own)):
        pending = b.call("pendingStake", person, chain.round)
        receipt = b.send("claimEarnings", chain.round, sender=person)
        claimed = b.args(receipt, "EarningsClaimed")
        assert claimed["endRound"] == chain.round
        assert claimed["delegator"] == person.address
        assert near(delegator(chain, person).bondedAmount, stake, 5000)
        assert delegator(chain, person).bondedAmount == pending
        b.send("unbond", pending, sender=person)
    chain.next_round(7)
    for person in (fan, late, who):
        b.send("withdrawStake", 0, sender=person)
    assert chain.token.call("balanceOf", chain.minter) < 5000


@only("arbitrum")
def test_claims_are_until_now_whatever_is_asked(chain, b):
    who = chain.orchestrator
    b.send("bond", 10 * LPT, who, sender=who)
    chain.next_round()
    for end in (0, MAX, chain.round):
        b.send("claimEarnings", end, sender=who)
    assert delegator(chain, who).lastClaimRound == chain.round


@only("streamflow")
def test_claims_are_for_the_current_round(chain, b):
    who = chain.orchestrator
    b.send("bond", 10 * LPT, who, sender=who)
    chain.next_round()
    with refuses("end round must be after last claim round"):
        b.call("claimEarnings", chain.round - 1, sender=who)
    with refuses("end round must be equal to the current round or before the "
                 "LIP-36 upgrade round"):
        b.call("claimEarnings", chain.round + 1, sender=who)
    b.send("claimEarnings", chain.round, sender=who)
    with refuses("end round must be after last claim round"):
        b.call("claimEarnings", chain.round, sender=who)


@only("streamflow")
def test_claims_were_limited_at_the_launch(chain, b):
    """While LIP-36 is to come: so many rounds at a time, here 3."""
    who = chain.orchestrator
    b.send("setMaxEarningsClaimsRounds", 3, sender=chain.governor)
    b.send("bond", 10 * LPT, who, sender=who)
    start = chain.round
    chain.rounds.send("setLIPUpgradeRound", 36, 10 ** 6,
                      sender=chain.governor)
    chain.next_round(5)
    words = "too many rounds to claim through"
    with refuses(words):
        b.call("unbond", 1, sender=who)
    with refuses(words):
        b.call("claimEarnings", start + 4, sender=who)
    b.send("claimEarnings", start + 3, sender=who)
    assert delegator(chain, who).lastClaimRound == start + 3
    b.send("unbond", 1, sender=who)
    assert delegator(chain, who).lastClaimRound == chain.round


# --- Arbitrum only ---
@only("arbitrum")
def test_treasury_takes_its_part(chain, b):
    who = chain.orchestrator
    treasury = chain.controller.call("getContract", abi.keccak(b"Treasury"))
    b.send("setTreasuryRewardCutRate", 10 ** 26, sender=chain.governor)
    b.send("bond", 10 * LPT, who, sender=who)
    assert b.call("treasuryRewardCutRate") == 0
    assert b.call("nextRoundTreasuryRewardCutRate") == 10 ** 26
    chain.next_round()
    assert b.call("treasuryRewardCutRate") == 10 ** 26
    mintable = chain.minter.call("currentMintableTokens")
    receipt = b.send("reward", sender=who)
    assert b.args(receipt, "TreasuryReward") == {
        "transcoder": who.address, "treasury": treasury,
        "amount": mintable // 10}
    assert b.args(receipt, "Reward")["amount"] == \
        mintable - mintable // 10
    assert chain.token.call("balanceOf", treasury) == mintable // 10
    b.send("setTreasuryBalanceCeiling", 1, sender=chain.governor)
    chain.next_round()
    b.send("reward", sender=who)
    assert b.call("nextRoundTreasuryRewardCutRate") == 0


@only("arbitrum")
def test_bonds_for_others(chain, b):
    payer, owner, to = chain.stranger, chain.delegator, chain.orchestrator
    none = (ZERO,) * 4
    b.send("bond", 10 * LPT, to, sender=to)
    with refuses("INVALID_DELEGATOR"):
        b.call("bondForWithHint", 1, ZERO, to, *none, sender=payer)
    with refuses("INVALID_DELEGATE"):
        b.call("bondForWithHint", 1, owner, owner, *none, sender=payer)
    receipt = b.send("bondForWithHint", 5, owner, to, *none, sender=payer)
    assert b.args(receipt, "Bond")["delegator"] == owner.address
    with refuses("INVALID_DELEGATE_CHANGE"):
        b.call("bondForWithHint", 1, owner, payer, *none, sender=payer)
    chain.next_round()
    with refuses("ILLEGAL_CLAIM_EARNINGS"):
        b.call("bondForWithHint", 1, owner, to, *none, sender=payer)
    b.send("reward", sender=to)
    b.send("bondForWithHint", 1, owner, to, *none, sender=payer)


@only("arbitrum")
def test_bonds_change_hands(chain, b):
    who, heir, to = chain.delegator, chain.stranger, chain.orchestrator
    none = (ZERO,) * 4
    b.send("bond", 10 * LPT, to, sender=to)
    b.send("bond", 8 * LPT, to, sender=who)
    chain.next_round()
    receipt = b.send("transferBond", heir, 3 * LPT, *none, sender=who)
    assert b.names(receipt) == \
        ["EarningsClaimed", "Unbond", "TransferBond", "EarningsClaimed",
         "Rebond"]
    assert b.args(receipt, "TransferBond") == {
        "oldDelegator": who.address, "newDelegator": heir.address,
        "oldUnbondingLockId": 0, "newUnbondingLockId": 0, "amount": 3 * LPT}
    assert delegator(chain, who).bondedAmount == 5 * LPT
    d = delegator(chain, heir)
    assert (d.bondedAmount, d.delegateAddress) == (3 * LPT, to.address)
    assert chain.pool() == [(to.address, 18 * LPT)]
    with refuses("INVALID_DELEGATOR"):
        b.call("transferBond", ZERO, 1, *none, sender=who)

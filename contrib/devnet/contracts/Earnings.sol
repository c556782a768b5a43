// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Stakes.sol";

/// What bonded tokens earn. Each transcoder has two factors that grow with its
/// rewards and fees (LIP-36); a delegator's share is the quotient of the factors
/// at two rounds, so that claiming costs the same after one round or a thousand.
abstract contract Earnings is Stakes {
	event EarningsClaimed(
		address indexed delegate,
		address indexed delegator,
		uint256 rewards,
		uint256 fees,
		uint256 startRound,
		uint256 endRound
	);

	/// The round that an answer for `_endRound` is computed for.
	function _answerRound(uint256 _endRound)
		internal view virtual returns (uint256);

	function pendingStake(address _delegator, uint256 _endRound)
		external view returns (uint256 stake)
	{
		(stake, ) = _pending(_delegator, _answerRound(_endRound));
	}

	function pendingFees(address _delegator, uint256 _endRound)
		external view returns (uint256 fees)
	{
		(, fees) = _pending(_delegator, _answerRound(_endRound));
	}

	function _pending(address _delegator, uint256 _endRound)
		internal view returns (uint256 stake, uint256 fees)
	{
		Delegator storage d = delegators[_delegator];
		Transcoder storage t = transcoders[d.delegateAddress];
		stake = d.bondedAmount;
		fees = d.fees;
		if (d.lastClaimRound < _endRound) {
			Earning storage start = t.rounds[d.lastClaimRound];
			uint256 from = _orOne(start.rewardFactor);
			uint256 to = _orOne(_rewardFactorBy(t, _endRound));
			uint256 perToken = _feeFactorBy(t, _endRound) - start.feeFactor;
			fees += _precise(stake, perToken, from);
			stake = _precise(stake, to, from);
		}
		if (d.delegateAddress == _delegator) {
			stake += t.cumulativeRewards;
			fees += t.cumulativeFees;
		}
	}

	/// Moves what was earned until `_endRound` into stake and fees.
	function _claim(address _delegator, uint256 _endRound) internal {
		Delegator storage d = delegators[_delegator];
		address delegate = d.delegateAddress;
		uint256 stake = d.bondedAmount;
		uint256 fees = d.fees;
		if (delegate != address(0)) {
			(stake, fees) = _pending(_delegator, _endRound);
			_carryFactors(transcoders[delegate], _endRound);
			if (delegate == _delegator) {
				transcoders[delegate].cumulativeRewards = 0;
				transcoders[delegate].cumulativeFees = 0;
			}
		}
		emit EarningsClaimed(
			delegate,
			_delegator,
			stake - d.bondedAmount,
			fees - d.fees,
			d.lastClaimRound + 1,
			_endRound
		);
		d.lastClaimRound = _endRound;
		d.bondedAmount = stake;
		d.fees = fees;
	}

	function _claimUntilNow(address _delegator) internal {
		uint256 round = _round();
		if (delegators[_delegator].lastClaimRound < round) {
			_beforeClaim(_delegator, round);
			_claim(_delegator, round);
		}
	}

	/// Where a generation limits what one claim may span.
	function _beforeClaim(address _delegator, uint256 _endRound)
		internal view virtual {}

	/// Rewards of this round, after the treasury's part. The transcoder's cut,
	/// and what its earlier cuts earn as stake, wait in cumulativeRewards.
	function _earnRewards(Transcoder storage t, uint256 rewards, uint256 round)
		internal
	{
		Earning storage e = t.rounds[round];
		uint256 before = _orOne(t.rounds[t.lastRewardRound].rewardFactor);
		uint256 cut = _millionth(rewards, e.rewardCut);
		uint256 shared = rewards - cut;
		t.activeCumulativeRewards = t.cumulativeRewards;
		t.cumulativeRewards +=
			cut + _precise(shared, t.activeCumulativeRewards, e.totalStake);
		e.rewardFactor = before + _precise(before, shared, e.totalStake);
	}

	/// Fees of a redeemed ticket, always for the round that runs.
	function _earnFees(Transcoder storage t, uint256 fees, uint256 round)
		internal
	{
		Earning storage e = t.rounds[round];
		uint256 staked = t.activeCumulativeRewards;
		if (t.lastRewardRound < round) {
			_openEarning(t, round);
			staked = t.cumulativeRewards;
		}
		uint256 factor = _rewardFactorBy(t, round - 1);
		if (factor == 0 && t.lastRewardRound == round)
			factor = _factorBeforeReward(e);
		uint256 shared = _millionth(fees, e.feeShare);
		t.cumulativeFees +=
			fees - shared + _precise(shared, staked, e.totalStake);
		uint256 before = e.feeFactor == 0
			? _feeFactorBy(t, round - 1) : e.feeFactor;
		e.feeFactor =
			before + _precise(_orOne(factor), shared, e.totalStake);
		t.lastFeeRound = round;
	}

	/// Fixes commission and stake of a transcoder for the round.
	function _openEarning(Transcoder storage t, uint256 round) internal {
		Earning storage e = t.rounds[round];
		e.rewardCut = t.rewardCut;
		e.feeShare = t.feeShare;
		if (t.lastActiveStakeUpdateRound < round)
			e.totalStake = t.rounds[t.lastActiveStakeUpdateRound].totalStake;
	}

	/// What the reward factor was before this round's reward raised it, for
	/// the first reward of a transcoder, or one after rounds without.
	function _factorBeforeReward(Earning storage e)
		private view returns (uint256)
	{
		IMinter minter = _minter();
		uint256 rewards = _precise(
			minter.currentMintableTokens() + minter.currentMintedTokens(),
			e.totalStake,
			currentRoundTotalActiveStake
		);
		rewards -= _treasuryPart(rewards);
		uint256 shared = rewards - _millionth(rewards, e.rewardCut);
		return _precise(e.rewardFactor, e.totalStake, shared + e.totalStake);
	}

	/// How much of new tokens goes to the treasury, where there is one.
	function _treasuryPart(uint256 rewards)
		internal view virtual returns (uint256)
	{
		rewards;
		return 0;
	}

	/// Makes the factors of `round` readable later, when it had no reward or
	/// fee of its own.
	function _carryFactors(Transcoder storage t, uint256 round) internal {
		Earning storage e = t.rounds[round];
		if (e.rewardFactor == 0)
			e.rewardFactor = _rewardFactorBy(t, round);
		if (e.feeFactor == 0)
			e.feeFactor = _feeFactorBy(t, round);
	}

	function _rewardFactorBy(Transcoder storage t, uint256 round)
		private view returns (uint256 factor)
	{
		factor = t.rounds[round].rewardFactor;
		if (factor == 0 && t.lastRewardRound < round)
			factor = t.rounds[t.lastRewardRound].rewardFactor;
	}

	function _feeFactorBy(Transcoder storage t, uint256 round)
		private view returns (uint256 factor)
	{
		factor = t.rounds[round].feeFactor;
		if (factor == 0 && t.lastFeeRound < round)
			factor = t.rounds[t.lastFeeRound].feeFactor;
	}

	function _orOne(uint256 factor) private pure returns (uint256) {
		return factor == 0 ? Fractions.PRECISE : factor;
	}

	function _precise(uint256 amount, uint256 part, uint256 whole)
		internal pure returns (uint256)
	{
		return Fractions.portion(
			amount, part, _divisor(whole), Fractions.PRECISE);
	}

	/// A number to divide by: what a transcoder has that was never in the pool,
	/// 0, is refused in the generation's words.
	function _divisor(uint256 whole) internal pure virtual returns (uint256) {
		return whole;
	}

	function _millionth(uint256 amount, uint256 fraction)
		internal pure returns (uint256)
	{
		return Fractions.share(amount, fraction, Fractions.MILLION);
	}
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";
import "./Fractions.sol";
import "./Pool.sol";

/// Who bonded how much to whom, which transcoders are in the pool, and what can
/// be asked about it. Nothing here moves a token.
abstract contract Stakes is Proxied {
	using Pool for Pool.List;

	enum DelegatorStatus { Pending, Bonded, Unbonded }
	enum TranscoderStatus { NotRegistered, Registered }

	struct Lock {
		uint256 amount;
		uint256 withdrawRound; // 0: used, or never made
	}

	struct Delegator {
		uint256 bondedAmount;
		uint256 fees;
		address delegateAddress;
		uint256 delegatedAmount; // by everybody, to this address
		uint256 startRound;
		uint256 lastClaimRound;
		uint256 nextUnbondingLockId;
		mapping(uint256 => Lock) locks;
	}

	/// A transcoder in one round. The factors are what one token, bonded since
	/// the beginning, has become and has earned in ETH, over 1e27.
	struct Earning {
		uint256 totalStake;
		uint256 rewardCut;
		uint256 feeShare;
		uint256 rewardFactor;
		uint256 feeFactor;
	}

	struct Transcoder {
		uint256 lastRewardRound;
		uint256 rewardCut;
		uint256 feeShare;
		uint256 lastActiveStakeUpdateRound;
		uint256 activationRound;
		uint256 deactivationRound;
		uint256 activeCumulativeRewards;
		uint256 cumulativeRewards;
		uint256 cumulativeFees;
		uint256 lastFeeRound;
		mapping(uint256 => Earning) rounds;
	}

	uint64 public unbondingPeriod;
	uint256 public currentRoundTotalActiveStake;
	uint256 public nextRoundTotalActiveStake;
	mapping(address => Delegator) internal delegators;
	mapping(address => Transcoder) internal transcoders;
	Pool.List internal pool;

	// --- parameters ---
	function setUnbondingPeriod(uint64 _unbondingPeriod) external onlyOwner {
		unbondingPeriod = _unbondingPeriod;
		emit ParameterUpdate("unbondingPeriod");
	}

	function setNumActiveTranscoders(uint256 _number) external onlyOwner {
		pool.grow(_number);
		emit ParameterUpdate("numActiveTranscoders");
	}

	// --- delegators ---
	function getDelegator(address _delegator)
		external view
		returns (
			uint256 bondedAmount,
			uint256 fees,
			address delegateAddress,
			uint256 delegatedAmount,
			uint256 startRound,
			uint256 lastClaimRound,
			uint256 nextUnbondingLockId
		)
	{
		Delegator storage d = delegators[_delegator];
		return (
			d.bondedAmount,
			d.fees,
			d.delegateAddress,
			d.delegatedAmount,
			d.startRound,
			d.lastClaimRound,
			d.nextUnbondingLockId
		);
	}

	function getDelegatorUnbondingLock(address _delegator, uint256 _id)
		external view returns (uint256 amount, uint256 withdrawRound)
	{
		Lock storage lock = delegators[_delegator].locks[_id];
		return (lock.amount, lock.withdrawRound);
	}

	function isValidUnbondingLock(address _delegator, uint256 _id)
		public view returns (bool)
	{
		return delegators[_delegator].locks[_id].withdrawRound > 0;
	}

	function delegatorStatus(address _delegator)
		public view returns (DelegatorStatus)
	{
		Delegator storage d = delegators[_delegator];
		if (d.bondedAmount == 0)
			return DelegatorStatus.Unbonded;
		if (d.startRound > _round())
			return DelegatorStatus.Pending;
		return DelegatorStatus.Bonded;
	}

	// --- transcoders ---
	function getTranscoder(address _transcoder)
		external view
		returns (
			uint256 lastRewardRound,
			uint256 rewardCut,
			uint256 feeShare,
			uint256 lastActiveStakeUpdateRound,
			uint256 activationRound,
			uint256 deactivationRound,
			uint256 activeCumulativeRewards,
			uint256 cumulativeRewards,
			uint256 cumulativeFees,
			uint256 lastFeeRound
		)
	{
		Transcoder storage t = transcoders[_transcoder];
		lastRewardRound = t.lastRewardRound;
		rewardCut = t.rewardCut;
		feeShare = t.feeShare;
		lastActiveStakeUpdateRound = t.lastActiveStakeUpdateRound;
		activationRound = t.activationRound;
		deactivationRound = t.deactivationRound;
		activeCumulativeRewards = t.activeCumulativeRewards;
		cumulativeRewards = t.cumulativeRewards;
		cumulativeFees = t.cumulativeFees;
		lastFeeRound = t.lastFeeRound;
	}

	function transcoderStatus(address _transcoder)
		external view returns (TranscoderStatus)
	{
		return isRegisteredTranscoder(_transcoder)
			? TranscoderStatus.Registered
			: TranscoderStatus.NotRegistered;
	}

	function transcoderTotalStake(address _transcoder)
		public view returns (uint256)
	{
		return delegators[_transcoder].delegatedAmount;
	}

	function isRegisteredTranscoder(address _transcoder)
		public view returns (bool)
	{
		Delegator storage d = delegators[_transcoder];
		return d.delegateAddress == _transcoder && d.bondedAmount > 0;
	}

	function isActiveTranscoder(address _transcoder)
		public view returns (bool)
	{
		Transcoder storage t = transcoders[_transcoder];
		uint256 round = _round();
		return t.activationRound <= round && round < t.deactivationRound;
	}

	// --- the pool ---
	function getTranscoderPoolSize() external view returns (uint256) {
		return pool.size;
	}

	function getTranscoderPoolMaxSize() external view returns (uint256) {
		return pool.maxSize;
	}

	function getFirstTranscoderInPool() external view returns (address) {
		return pool.first;
	}

	function getNextTranscoderInPool(address _transcoder)
		external view returns (address)
	{
		return pool.members[_transcoder].below;
	}

	function getTotalBonded() external view returns (uint256) {
		return currentRoundTotalActiveStake;
	}

	function _round() internal view returns (uint256) {
		return _rounds().currentRound();
	}
}

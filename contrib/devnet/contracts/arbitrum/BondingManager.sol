// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Bonding.sol";

/// As on Arbitrum One: a treasury, bonds for others, transferable bonds, and fees
/// withdrawn in part and to anyone.
contract BondingManager is Bonding {
	uint256 public treasuryRewardCutRate;
	uint256 public nextRoundTreasuryRewardCutRate;
	uint256 public treasuryBalanceCeiling;

	event TransferBond(
		address indexed oldDelegator,
		address indexed newDelegator,
		uint256 oldUnbondingLockId,
		uint256 newUnbondingLockId,
		uint256 amount
	);
	event TreasuryReward(
		address indexed transcoder,
		address treasury,
		uint256 amount
	);
	event WithdrawFees(
		address indexed delegator,
		address recipient,
		uint256 amount
	);

	constructor(address controller_) Proxied(controller_, "BondingManager") {}

	// --- parameters ---
	/// Over 1e27, from the next round on.
	function setTreasuryRewardCutRate(uint256 _cutRate) external onlyOwner {
		require(
			_cutRate <= Fractions.PRECISE,
			"_cutRate is invalid precise percentage"
		);
		_setNextCutRate(_cutRate);
	}

	function setTreasuryBalanceCeiling(uint256 _ceiling) external onlyOwner {
		treasuryBalanceCeiling = _ceiling;
		emit ParameterUpdate("treasuryBalanceCeiling");
	}

	function _setNextCutRate(uint256 _cutRate) private {
		nextRoundTreasuryRewardCutRate = _cutRate;
		emit ParameterUpdate("nextRoundTreasuryRewardCutRate");
	}

	// --- bonds for and to others ---
	function bondForWithHint(
		uint256 _amount,
		address _owner,
		address _to,
		address _oldDelegateNewPosPrev,
		address _oldDelegateNewPosNext,
		address _currDelegateNewPosPrev,
		address _currDelegateNewPosNext
	) external unpaused roundReady {
		_mayClaimFor(_owner);
		_claimUntilNow(_owner);
		if (msg.sender != _owner && msg.sender != _at("L2Migrator")) {
			require(_owner != address(0), "INVALID_DELEGATOR");
			if (delegatorStatus(_owner) == DelegatorStatus.Unbonded)
				require(_to != _owner, "INVALID_DELEGATE");
			else
				require(
					delegators[_owner].delegateAddress == _to,
					"INVALID_DELEGATE_CHANGE"
				);
		}
		_bond(_amount, _owner, _to, Hints(
			_oldDelegateNewPosPrev,
			_oldDelegateNewPosNext,
			_currDelegateNewPosPrev,
			_currDelegateNewPosNext
		));
	}

	/// An unbonding of the caller, rebonded at once by `_delegator`.
	function transferBond(
		address _delegator,
		uint256 _amount,
		address _oldDelegateNewPosPrev,
		address _oldDelegateNewPosNext,
		address _newDelegateNewPosPrev,
		address _newDelegateNewPosNext
	) external unpaused roundReady {
		_mayClaimFor(_delegator);
		address delegate = delegators[msg.sender].delegateAddress;
		unbondWithHint(
			_amount, _oldDelegateNewPosPrev, _oldDelegateNewPosNext);
		uint256 id = _handOver(_delegator, _amount);
		_claimUntilNow(_delegator);
		Delegator storage d = delegators[_delegator];
		if (d.delegateAddress == address(0) && d.bondedAmount == 0) {
			require(
				delegate != _delegator && _delegator != address(0),
				"INVALID_DELEGATOR"
			);
			d.delegateAddress = delegate;
		}
		if (delegatorStatus(_delegator) == DelegatorStatus.Unbonded)
			d.startRound = _round() + 1;
		_rebond(
			_delegator, id, _newDelegateNewPosPrev, _newDelegateNewPosNext);
	}

	/// Makes the caller's newest lock one of `_to`'s.
	function _handOver(address _to, uint256 _amount)
		private returns (uint256 id)
	{
		Delegator storage from = delegators[msg.sender];
		uint256 old = from.nextUnbondingLockId - 1;
		uint256 withdrawRound = from.locks[old].withdrawRound;
		delete from.locks[old];
		id = _addLock(delegators[_to], _amount, withdrawRound);
		emit TransferBond(msg.sender, _to, old, id, _amount);
	}

	/// Nobody may fix another's earnings of a round before its delegate has
	/// called reward in it.
	function _mayClaimFor(address _owner) private view {
		if (
			msg.sender == _owner ||
			msg.sender == _at("L2Migrator") ||
			delegatorStatus(_owner) == DelegatorStatus.Unbonded
		) return;
		Delegator storage d = delegators[_owner];
		if (!isActiveTranscoder(d.delegateAddress))
			return;
		uint256 round = _round();
		require(
			transcoders[d.delegateAddress].lastRewardRound == round ||
				d.lastClaimRound == round,
			"ILLEGAL_CLAIM_EARNINGS"
		);
	}

	// --- earnings ---
	function withdrawFees(address payable _recipient, uint256 _amount)
		external unpaused roundReady
	{
		_claimUntilNow(msg.sender);
		require(_recipient != address(0), "invalid recipient");
		Delegator storage d = delegators[msg.sender];
		require(d.fees >= _amount, "insufficient fees to withdraw");
		d.fees -= _amount;
		_minter().trustedWithdrawETH(_recipient, _amount);
		emit WithdrawFees(msg.sender, _recipient, _amount);
	}

	/// Always until the round that runs, whatever is asked for.
	function claimEarnings(uint256 _endRound) external unpaused roundReady {
		_endRound;
		_claimUntilNow(msg.sender);
	}

	function getTranscoderEarningsPoolForRound(
		address _transcoder,
		uint256 _atRound
	)
		external view
		returns (
			uint256 totalStake,
			uint256 transcoderRewardCut,
			uint256 transcoderFeeShare,
			uint256 cumulativeRewardFactor,
			uint256 cumulativeFeeFactor
		)
	{
		Earning storage e = transcoders[_transcoder].rounds[_atRound];
		return (
			e.totalStake,
			e.rewardCut,
			e.feeShare,
			e.rewardFactor,
			e.feeFactor
		);
	}

	function _answerRound(uint256)
		internal view override returns (uint256)
	{
		return _round();
	}

	// --- treasury ---
	function _onRound() internal override {
		if (treasuryRewardCutRate != nextRoundTreasuryRewardCutRate) {
			treasuryRewardCutRate = nextRoundTreasuryRewardCutRate;
			emit ParameterUpdate("treasuryRewardCutRate");
		}
	}

	/// A treasury that is full enough takes nothing from the next round on.
	function _beforeReward() internal override {
		if (
			treasuryBalanceCeiling > 0 &&
			_token().balanceOf(_at("Treasury")) >= treasuryBalanceCeiling &&
			nextRoundTreasuryRewardCutRate > 0
		) _setNextCutRate(0);
	}

	function _payTreasury(address _transcoder, uint256 _rewards)
		internal override returns (uint256 part)
	{
		part = _treasuryPart(_rewards);
		if (part > 0) {
			address treasury = _at("Treasury");
			_minter().trustedTransferTokens(treasury, part);
			emit TreasuryReward(_transcoder, treasury, part);
		}
	}

	function _treasuryPart(uint256 _rewards)
		internal view override returns (uint256)
	{
		return Fractions.share(
			_rewards, treasuryRewardCutRate, Fractions.PRECISE);
	}
}

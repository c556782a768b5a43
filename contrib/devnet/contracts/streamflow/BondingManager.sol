// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Bonding.sol";

/// As on L1 at its end: all fees at once and to the caller only, and claims that
/// know of the time before LIP-36. With that LIP in the future, claims are
/// limited in length as they were at the launch.
contract BondingManager is Bonding {
	uint256 public maxEarningsClaimsRounds;

	event WithdrawFees(address indexed delegator);

	constructor(address controller_) Proxied(controller_, "BondingManager") {}

	function setMaxEarningsClaimsRounds(uint256 _rounds)
		external onlyOwner
	{
		maxEarningsClaimsRounds = _rounds;
		emit ParameterUpdate("maxEarningsClaimsRounds");
	}

	function withdrawFees() external unpaused roundReady {
		_claimUntilNow(msg.sender);
		Delegator storage d = delegators[msg.sender];
		uint256 fees = d.fees;
		require(fees > 0, "no fees to withdraw");
		d.fees = 0;
		_minter().trustedWithdrawETH(payable(msg.sender), fees);
		emit WithdrawFees(msg.sender);
	}

	function claimEarnings(uint256 _endRound) external unpaused roundReady {
		require(
			delegators[msg.sender].lastClaimRound < _endRound,
			"end round must be after last claim round"
		);
		require(
			_endRound == _round() || _endRound < _lip36(),
			"end round must be equal to the current round or before the LIP-36 upgrade round"
		);
		_beforeClaim(msg.sender, _endRound);
		_claim(msg.sender, _endRound);
	}

	/// The words about pools are of the time before LIP-36, and 0 ever since.
	function getTranscoderEarningsPoolForRound(
		address _transcoder,
		uint256 _atRound
	)
		external view
		returns (
			uint256 rewardPool,
			uint256 feePool,
			uint256 totalStake,
			uint256 claimableStake,
			uint256 transcoderRewardCut,
			uint256 transcoderFeeShare,
			uint256 transcoderRewardPool,
			uint256 transcoderFeePool,
			bool hasTranscoderRewardFeePool,
			uint256 cumulativeRewardFactor,
			uint256 cumulativeFeeFactor
		)
	{
		Earning storage e = transcoders[_transcoder].rounds[_atRound];
		return (
			0,
			0,
			e.totalStake,
			0,
			e.rewardCut,
			e.feeShare,
			0,
			0,
			false,
			e.rewardFactor,
			e.feeFactor
		);
	}

	function _divisor(uint256 whole)
		internal pure override returns (uint256)
	{
		require(whole > 0, "SafeMath: division by zero");
		return whole;
	}

	function _lip36() private view returns (uint256) {
		return _rounds().lipUpgradeRound(36);
	}

	function _answerRound(uint256 _endRound)
		internal view override returns (uint256)
	{
		return _endRound >= _lip36() ? _round() : _endRound;
	}

	function _beforeClaim(address _delegator, uint256 _endRound)
		internal view override
	{
		Delegator storage d = delegators[_delegator];
		uint256 lip36 = _lip36();
		uint256 until = _endRound <= lip36 ? _endRound : lip36;
		if (d.delegateAddress != address(0) && d.lastClaimRound < lip36)
			require(
				until - d.lastClaimRound <= maxEarningsClaimsRounds,
				"too many rounds to claim through"
			);
	}
}

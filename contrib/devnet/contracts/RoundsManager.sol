// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";
import "./Fractions.sol";

/// Rounds counted in blocks. A round works only after someone initialised it,
/// and its last blocks are locked for changes of commission.
contract RoundsManager is Proxied {
	uint256 public roundLength;
	uint256 public roundLockAmount;
	uint256 public lastInitializedRound;
	uint256 public lastRoundLengthUpdateRound;
	uint256 public lastRoundLengthUpdateStartBlock;
	mapping(uint256 => bytes32) public blockHashForRound;
	mapping(uint256 => uint256) public lipUpgradeRound;

	event NewRound(uint256 indexed round, bytes32 blockHash);

	constructor(address controller_) Proxied(controller_, "RoundsManager") {}

	// --- parameters ---
	/// The round that runs keeps its number and start.
	function setRoundLength(uint256 _roundLength) external onlyOwner {
		require(_roundLength > 0, "round length cannot be 0");
		uint256 ruler = roundLength == 0 ? _roundLength : roundLength;
		uint256 passed = (block.number - lastRoundLengthUpdateStartBlock) / ruler;
		lastRoundLengthUpdateRound += passed;
		lastRoundLengthUpdateStartBlock += passed * ruler;
		roundLength = _roundLength;
		emit ParameterUpdate("roundLength");
	}

	function setRoundLockAmount(uint256 _roundLockAmount) external onlyOwner {
		require(
			_roundLockAmount <= Fractions.MILLION,
			"round lock amount must be a valid percentage"
		);
		roundLockAmount = _roundLockAmount;
		emit ParameterUpdate("roundLockAmount");
	}

	function setLIPUpgradeRound(uint256 _lip, uint256 _round)
		external onlyOwner
	{
		require(lipUpgradeRound[_lip] == 0, "LIP upgrade round already set");
		lipUpgradeRound[_lip] = _round;
	}

	// --- a round begins ---
	function initializeRound() external unpaused {
		uint256 round = currentRound();
		require(lastInitializedRound < round, "round already initialized");
		bytes32 hash = blockHash(block.number - 1);
		lastInitializedRound = round;
		blockHashForRound[round] = hash;
		_bonding().setCurrentRoundTotalActiveStake();
		_minter().setCurrentRewardTokens();
		emit NewRound(round, hash);
	}

	// --- where we are ---
	function currentRound() public view returns (uint256) {
		return lastRoundLengthUpdateRound + _roundsPassed();
	}

	function currentRoundStartBlock() public view returns (uint256) {
		return lastRoundLengthUpdateStartBlock + _roundsPassed() * roundLength;
	}

	function currentRoundInitialized() external view returns (bool) {
		return lastInitializedRound == currentRound();
	}

	function currentRoundLocked() external view returns (bool) {
		uint256 locked = Fractions.share(
			roundLength,
			roundLockAmount,
			Fractions.MILLION
		);
		return block.number - currentRoundStartBlock() >= roundLength - locked;
	}

	function blockNum() external view returns (uint256) {
		return block.number;
	}

	function blockHash(uint256 _block) public view returns (bytes32) {
		require(_block < block.number, "can only retrieve past block hashes");
		require(
			block.number < 256 || _block >= block.number - 256,
			"can only retrieve hashes for last 256 blocks"
		);
		return blockhash(_block);
	}

	function _roundsPassed() private view returns (uint256) {
		return (block.number - lastRoundLengthUpdateStartBlock) / roundLength;
	}
}

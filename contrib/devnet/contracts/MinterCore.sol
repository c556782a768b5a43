// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";
import "./Fractions.sol";

interface IMintable is IToken {
	function mint(address to, uint256 amount) external;
}

/// Keeper of all stake and all ETH of the protocol, and maker of new tokens.
/// Inflation moves by one step a round towards the target bonding rate.
abstract contract MinterCore is Controlled {
	/// What inflation and bonding rates are fractions of.
	uint256 private immutable unit;
	uint256 public inflation;
	uint256 public inflationChange;
	uint256 public targetBondingRate;
	uint256 public currentMintableTokens;
	uint256 public currentMintedTokens;

	event SetCurrentRewardTokens(
		uint256 currentMintableTokens,
		uint256 currentInflation
	);

	constructor(
		address controller_,
		uint256 unit_,
		uint256 inflation_,
		uint256 change,
		uint256 target
	) Controlled(controller_) {
		unit = unit_;
		require(inflation_ <= unit_, "_inflation is invalid percentage");
		require(change <= unit_, "_inflationChange is invalid percentage");
		require(target <= unit_, "_targetBondingRate is invalid percentage");
		inflation = inflation_;
		inflationChange = change;
		targetBondingRate = target;
	}

	modifier onlyBonding() {
		require(
			msg.sender == _at("BondingManager"),
			"msg.sender not BondingManager"
		);
		_;
	}

	modifier onlyRounds() {
		require(
			msg.sender == _at("RoundsManager"),
			"msg.sender not RoundsManager"
		);
		_;
	}

	// --- parameters ---
	function setTargetBondingRate(uint256 _rate) external onlyOwner {
		require(_rate <= unit, "_targetBondingRate is invalid percentage");
		targetBondingRate = _rate;
		emit ParameterUpdate("targetBondingRate");
	}

	function setInflationChange(uint256 _change) external onlyOwner {
		require(_change <= unit, "_inflationChange is invalid percentage");
		inflationChange = _change;
		emit ParameterUpdate("inflationChange");
	}

	function migrateToNewMinter(IMinter _newMinter) external onlyOwner {
		require(
			address(_newMinter) != address(this),
			"new Minter cannot be current Minter"
		);
		require(
			address(_newMinter) != address(0),
			"new Minter cannot be null address"
		);
		IController other = _newMinter.getController();
		require(
			other == controller,
			"new Minter Controller must be current Controller"
		);
		require(
			_at("Minter") == address(this),
			"new Minter must be registered"
		);
		IToken token = _token();
		token.transfer(address(_newMinter), token.balanceOf(address(this)));
		_newMinter.depositETH{value: address(this).balance}();
	}

	// --- a round begins ---
	function setCurrentRewardTokens() external onlyRounds unpaused {
		uint256 supply = _supply();
		uint256 rate = supply == 0 ? 0 : Fractions.points(
			_bonding().getTotalBonded(), supply, unit);
		if (rate < targetBondingRate)
			inflation += inflationChange;
		else if (rate > targetBondingRate)
			inflation -= inflationChange < inflation
				? inflationChange : inflation;
		currentMintableTokens = Fractions.share(supply, inflation, unit);
		currentMintedTokens = 0;
		emit SetCurrentRewardTokens(currentMintableTokens, inflation);
	}

	// --- for the others ---
	function createReward(uint256 _part, uint256 _whole)
		external onlyBonding unpaused returns (uint256 made)
	{
		made = Fractions.portion(currentMintableTokens, _part, _whole, unit);
		currentMintedTokens += made;
		require(
			currentMintedTokens <= currentMintableTokens,
			"minted tokens cannot exceed mintable tokens"
		);
		IMintable(address(_token())).mint(address(this), made);
	}

	function trustedTransferTokens(address _to, uint256 _amount)
		external onlyBonding unpaused
	{
		_token().transfer(_to, _amount);
	}

	function trustedBurnTokens(uint256 _amount)
		external onlyBonding unpaused
	{
		_token().burn(_amount);
	}

	/// With the gas of a plain transfer: what a contract does on receipt may
	/// not fit.
	function trustedWithdrawETH(address payable _to, uint256 _amount)
		external unpaused
	{
		require(
			msg.sender == _at("BondingManager") ||
				msg.sender == _at("JobsManager"),
			"msg.sender not BondingManager or JobsManager"
		);
		_to.transfer(_amount);
	}

	function depositETH() external payable returns (bool) {
		require(
			msg.sender == _at("Minter") || msg.sender == _at("JobsManager"),
			"msg.sender not Minter or JobsManager"
		);
		return true;
	}

	function getController() external view returns (IController) {
		return controller;
	}

	/// All tokens that inflation and the bonding rate are measured by.
	function _supply() internal view virtual returns (uint256);
}

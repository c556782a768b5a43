// SPDX-License-Identifier: MIT
// The development chain of weir. Written for its tests from the protocol's
// published interface: signatures, events, units and revert reasons are the
// Livepeer protocol's, everything else is ours.
pragma solidity ^0.8.20;

interface IController {
	function getContract(bytes32 id) external view returns (address);
	function owner() external view returns (address);
	function paused() external view returns (bool);
}

interface IToken {
	function balanceOf(address account) external view returns (uint256);
	function burn(uint256 amount) external;
	function totalSupply() external view returns (uint256);
	function transfer(address to, uint256 amount) external returns (bool);
	function transferFrom(address from, address to, uint256 amount)
		external returns (bool);
}

interface IRounds {
	function blockHashForRound(uint256 round) external view returns (bytes32);
	function currentRound() external view returns (uint256);
	function currentRoundInitialized() external view returns (bool);
	function currentRoundLocked() external view returns (bool);
	function lipUpgradeRound(uint256 lip) external view returns (uint256);
}

interface IMinter {
	function createReward(uint256 part, uint256 whole)
		external returns (uint256);
	function currentMintableTokens() external view returns (uint256);
	function currentMintedTokens() external view returns (uint256);
	function depositETH() external payable returns (bool);
	function getController() external view returns (IController);
	function setCurrentRewardTokens() external;
	function trustedTransferTokens(address to, uint256 amount) external;
	function trustedWithdrawETH(address payable to, uint256 amount) external;
}

interface IBonding {
	function getTotalBonded() external view returns (uint256);
	function getTranscoderPoolSize() external view returns (uint256);
	function isActiveTranscoder(address a) external view returns (bool);
	function setCurrentRoundTotalActiveStake() external;
	function updateTranscoderWithFees(address a, uint256 fees, uint256 round)
		external;
}

/// A contract that finds the others through the Controller, obeys its pause
/// and takes parameters from its owner.
abstract contract Controlled {
	IController public controller;

	event SetController(address controller);
	event ParameterUpdate(string param);

	constructor(address controller_) {
		controller = IController(controller_);
	}

	modifier unpaused() {
		require(!controller.paused(), "system is paused");
		_;
	}

	modifier roundReady() {
		require(
			_rounds().currentRoundInitialized(),
			"current round is not initialized"
		);
		_;
	}

	modifier onlyOwner() {
		require(
			msg.sender == controller.owner(),
			"caller must be Controller owner"
		);
		_;
	}

	function setController(address controller_) external {
		require(
			msg.sender == address(controller),
			"caller must be Controller"
		);
		controller = IController(controller_);
		emit SetController(controller_);
	}

	/// Zero where nothing is registered by that name.
	function _at(string memory name) internal view returns (address) {
		return controller.getContract(keccak256(bytes(name)));
	}

	function _rounds() internal view returns (IRounds) {
		return IRounds(_at("RoundsManager"));
	}

	function _token() internal view returns (IToken) {
		return IToken(_at("LivepeerToken"));
	}

	function _minter() internal view returns (IMinter) {
		return IMinter(_at("Minter"));
	}

	function _bonding() internal view returns (IBonding) {
		return IBonding(_at("BondingManager"));
	}
}

/// A Controlled that stands behind a proxy on the real networks; there the
/// proxy looks up "<Name>Target". Here it is its own target.
abstract contract Proxied is Controlled {
	bytes32 public immutable targetContractId;

	constructor(address controller_, string memory name)
		Controlled(controller_)
	{
		targetContractId = keccak256(abi.encodePacked(name, "Target"));
	}
}

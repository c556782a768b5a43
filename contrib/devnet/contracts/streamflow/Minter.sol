// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../MinterCore.sol";

/// Counts in millionths.
contract Minter is MinterCore {
	constructor(
		address controller_,
		uint256 inflation_,
		uint256 change,
		uint256 target
	) MinterCore(controller_, 1e6, inflation_, change, target) {}

	function _supply() internal view override returns (uint256) {
		return _token().totalSupply();
	}
}

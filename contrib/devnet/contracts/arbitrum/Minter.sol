// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../MinterCore.sol";

interface ISupplyCache {
	function l1CirculatingSupply() external view returns (uint256);
}

/// Counts in billionths, and counts the tokens that stayed on L1.
contract Minter is MinterCore {
	constructor(
		address controller_,
		uint256 inflation_,
		uint256 change,
		uint256 target
	) MinterCore(controller_, 1e9, inflation_, change, target) {}

	function getGlobalTotalSupply() public view returns (uint256) {
		address cache = _at("L2LPTDataCache");
		uint256 elsewhere = cache == address(0)
			? 0 : ISupplyCache(cache).l1CirculatingSupply();
		return _token().totalSupply() + elsewhere;
	}

	function _supply() internal view override returns (uint256) {
		return getGlobalTotalSupply();
	}
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Fractions as numerators over a unit: parts per million for what people set,
/// 1e27 for what accumulates. All divisions floor, and in this order: a node
/// that predicts amounts has to floor at the same two places.
library Fractions {
	uint256 internal constant MILLION = 1e6;
	uint256 internal constant PRECISE = 1e27;

	function points(uint256 part, uint256 whole, uint256 unit)
		internal pure returns (uint256)
	{
		return (part * unit) / whole;
	}

	function share(uint256 amount, uint256 fraction, uint256 unit)
		internal pure returns (uint256)
	{
		return (amount * fraction) / unit;
	}

	function portion(
		uint256 amount,
		uint256 part,
		uint256 whole,
		uint256 unit
	) internal pure returns (uint256) {
		return share(amount, points(part, whole, unit), unit);
	}
}

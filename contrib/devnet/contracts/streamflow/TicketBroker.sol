// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Broker.sol";

/// As on L1: whatever is wrong with a signature, it is not the sender's.
contract TicketBroker is Broker {
	constructor(address controller_) Proxied(controller_, "TicketBroker") {}

	function _endsUnlock(address) internal pure override returns (bool) {
		return true;
	}

	function _minus(uint256 a, uint256 b)
		internal pure override returns (uint256)
	{
		require(b <= a, "SafeMath: subtraction overflow");
		return a - b;
	}

	function _recover(bytes32 _signed, bytes memory _sig)
		internal pure override returns (address)
	{
		if (_sig.length != 65)
			return address(0);
		(bytes32 r, bytes32 s, uint8 v) = _split(_sig);
		return _highS(s) ? address(0) : ecrecover(_signed, v, r, s);
	}
}

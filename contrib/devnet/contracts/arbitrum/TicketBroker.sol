// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Broker.sol";

/// As on Arbitrum One: funds for others, and signatures refused with a word each.
contract TicketBroker is Broker {
	constructor(address controller_) Proxied(controller_, "TicketBroker") {}

	function fundDepositAndReserveFor(
		address _addr,
		uint256 _depositAmount,
		uint256 _reserveAmount
	) external payable unpaused {
		_fundBoth(_addr, _depositAmount, _reserveAmount);
	}

	function _endsUnlock(address _sender)
		internal view override returns (bool)
	{
		return msg.sender == _sender;
	}

	function _minus(uint256 a, uint256 b)
		internal pure override returns (uint256)
	{
		return a - b;
	}

	function _recover(bytes32 _signed, bytes memory _sig)
		internal pure override returns (address signer)
	{
		require(_sig.length == 65, "INVALID_SIGNATURE_LENGTH");
		(bytes32 r, bytes32 s, uint8 v) = _split(_sig);
		require(!_highS(s), "ECDSA: invalid signature 's' value");
		signer = ecrecover(_signed, v, r, s);
		require(signer != address(0), "ECDSA: invalid signature");
	}
}

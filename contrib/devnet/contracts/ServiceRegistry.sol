// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";

/// Where each address says that it serves. Anyone may say anything.
contract ServiceRegistry is Proxied {
	mapping(address => string) private uris;

	event ServiceURIUpdate(address indexed addr, string serviceURI);

	constructor(address controller_) Proxied(controller_, "ServiceRegistry") {}

	function setServiceURI(string calldata _serviceURI) external {
		uris[msg.sender] = _serviceURI;
		emit ServiceURIUpdate(msg.sender, _serviceURI);
	}

	function getServiceURI(address _addr)
		external view returns (string memory)
	{
		return uris[_addr];
	}
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";

/// Gives away the tokens it was given, a fixed amount at a time; whoever is not
/// on its white list waits `requestWait` hours in between.
contract LivepeerTokenFaucet {
	address public owner;
	IToken public token;
	uint256 public requestAmount;
	uint256 public requestWait;
	mapping(address => uint256) public nextValidRequest;
	mapping(address => bool) public isWhitelisted;

	event OwnershipTransferred(
		address indexed previousOwner,
		address indexed newOwner
	);
	event Request(address indexed to, uint256 amount);

	constructor(address token_, uint256 amount, uint256 hours_) {
		owner = msg.sender;
		token = IToken(token_);
		requestAmount = amount;
		requestWait = hours_;
	}

	modifier onlyOwner() {
		require(msg.sender == owner);
		_;
	}

	function transferOwnership(address newOwner) external onlyOwner {
		require(newOwner != address(0));
		emit OwnershipTransferred(owner, newOwner);
		owner = newOwner;
	}

	function addToWhitelist(address _addr) external onlyOwner {
		isWhitelisted[_addr] = true;
	}

	function removeFromWhitelist(address _addr) external onlyOwner {
		isWhitelisted[_addr] = false;
	}

	function request() external {
		if (!isWhitelisted[msg.sender]) {
			require(block.timestamp >= nextValidRequest[msg.sender]);
			nextValidRequest[msg.sender] =
				block.timestamp + requestWait * 1 hours;
		}
		token.transfer(msg.sender, requestAmount);
		emit Request(msg.sender, requestAmount);
	}
}

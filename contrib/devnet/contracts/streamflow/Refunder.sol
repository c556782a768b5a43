// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./JobsManager.sol";

/// Pays the deposits of the alpha back, once each and whole, to whom they
/// belong, whoever asks for it.
contract Refunder {
	JobsManager public jobsManager;
	mapping(address => bool) public withdrawn;

	event FundsReceived(address from, uint256 amount);
	event RefundWithdrawn(address indexed addr, uint256 amount);

	constructor(address jobsManager_) {
		jobsManager = JobsManager(jobsManager_);
	}

	receive() external payable {
		emit FundsReceived(msg.sender, msg.value);
	}

	function withdraw(address payable _addr) external {
		require(
			!withdrawn[_addr],
			"address has already withdrawn alpha JobsManager refund"
		);
		(uint256 amount, ) = jobsManager.broadcasters(_addr);
		require(
			amount > 0,
			"address does not have a deposit with alpha JobsManager"
		);
		withdrawn[_addr] = true;
		_addr.transfer(amount);
		emit RefundWithdrawn(_addr, amount);
	}
}

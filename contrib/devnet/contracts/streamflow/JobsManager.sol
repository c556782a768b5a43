// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What the alpha left behind: who had deposited how much for jobs when it
/// ended. The money itself is with the Refunder, and whatever once changed a
/// deposit reverts without a word.
contract JobsManager {
	struct Broadcaster {
		uint256 deposit;
		uint256 withdrawBlock;
	}

	mapping(address => Broadcaster) public broadcasters;

	/// Of this chain only: there was no alpha here to leave it.
	function leave(address _who, uint256 _deposit) external {
		broadcasters[_who].deposit = _deposit;
	}

	function deposit() external payable {
		revert();
	}

	function withdraw() external pure {
		revert();
	}
}

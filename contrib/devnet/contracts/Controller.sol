// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface ISetController {
	function setController(address controller) external;
}

/// The directory of the protocol's contracts by the hash of their names, its
/// switch and its owner. Starts paused.
contract Controller {
	struct Entry {
		address at;
		bytes20 commit;
	}

	address public owner;
	bool public paused = true;
	mapping(bytes32 => Entry) private entries;

	event OwnershipTransferred(
		address indexed previousOwner,
		address indexed newOwner
	);
	event Pause();
	event SetContractInfo(
		bytes32 id,
		address contractAddress,
		bytes20 gitCommitHash
	);
	event Unpause();

	constructor() {
		owner = msg.sender;
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

	function pause() external onlyOwner {
		require(!paused);
		paused = true;
		emit Pause();
	}

	function unpause() external onlyOwner {
		require(paused);
		paused = false;
		emit Unpause();
	}

	function setContractInfo(bytes32 _id, address _at, bytes20 _commit)
		external onlyOwner
	{
		entries[_id] = Entry(_at, _commit);
		emit SetContractInfo(_id, _at, _commit);
	}

	function updateController(bytes32 _id, address _controller)
		external onlyOwner
	{
		ISetController(entries[_id].at).setController(_controller);
	}

	function getContract(bytes32 _id) external view returns (address) {
		return entries[_id].at;
	}

	function getContractInfo(bytes32 _id)
		external view returns (address, bytes20)
	{
		return (entries[_id].at, entries[_id].commit);
	}
}

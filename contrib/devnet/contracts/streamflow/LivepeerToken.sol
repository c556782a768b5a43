// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Token.sol";

/// Minting belongs to the owner here, which is the Minter.
contract LivepeerToken is Token {
	string public constant version = "0.1";
	address public owner;
	bool public mintingFinished;

	event Burn(address indexed burner, uint256 value);
	event MintFinished();
	event OwnershipTransferred(
		address indexed previousOwner,
		address indexed newOwner
	);

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

	function mint(address _to, uint256 _amount)
		external onlyOwner returns (bool)
	{
		require(!mintingFinished);
		_mint(_to, _amount);
		return true;
	}

	function finishMinting() external onlyOwner returns (bool) {
		mintingFinished = true;
		emit MintFinished();
		return true;
	}

	function burn(uint256 _amount) external {
		_burn(msg.sender, _amount);
		emit Burn(msg.sender, _amount);
	}

	function decreaseAllowance(address spender, uint256 subtracted)
		external returns (bool)
	{
		uint256 old = allowance[msg.sender][spender];
		require(old >= subtracted, _poor());
		_approve(msg.sender, spender, old - subtracted);
		return true;
	}

	function _spend(address from, address spender, uint256 amount)
		internal override
	{
		uint256 allowed = allowance[from][spender];
		require(allowed >= amount, _poor());
		_approve(from, spender, allowed - amount);
	}

	function _poor() internal pure override returns (string memory) {
		return "SafeMath: subtraction overflow";
	}
}

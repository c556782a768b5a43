// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What both generations of the Livepeer token share. Who may mint, and the
/// words of a refusal, belong to the generation.
abstract contract Token {
	string public constant name = "Livepeer Token";
	string public constant symbol = "LPT";
	uint8 public constant decimals = 18;
	uint256 public totalSupply;
	mapping(address => uint256) public balanceOf;
	mapping(address => mapping(address => uint256)) public allowance;

	event Approval(
		address indexed owner,
		address indexed spender,
		uint256 value
	);
	event Mint(address indexed to, uint256 amount);
	event Transfer(address indexed from, address indexed to, uint256 value);

	function approve(address spender, uint256 amount) external returns (bool) {
		_approve(msg.sender, spender, amount);
		return true;
	}

	function increaseAllowance(address spender, uint256 added)
		external returns (bool)
	{
		_approve(msg.sender, spender, allowance[msg.sender][spender] + added);
		return true;
	}

	function transfer(address to, uint256 amount) external returns (bool) {
		_transfer(msg.sender, to, amount);
		return true;
	}

	function transferFrom(address from, address to, uint256 amount)
		external returns (bool)
	{
		_spend(from, msg.sender, amount);
		_transfer(from, to, amount);
		return true;
	}

	/// Takes `amount` from an allowance, or reverts in the generation's words.
	function _spend(address from, address spender, uint256 amount)
		internal virtual;

	/// What a balance lacks when it is too small, in the same words.
	function _poor() internal pure virtual returns (string memory);

	function _approve(address from, address spender, uint256 amount) internal {
		require(spender != address(0), "ERC20: approve to the zero address");
		allowance[from][spender] = amount;
		emit Approval(from, spender, amount);
	}

	function _transfer(address from, address to, uint256 amount) internal {
		require(to != address(0), "ERC20: transfer to the zero address");
		require(balanceOf[from] >= amount, _poor());
		balanceOf[from] -= amount;
		balanceOf[to] += amount;
		emit Transfer(from, to, amount);
	}

	function _mint(address to, uint256 amount) internal {
		totalSupply += amount;
		balanceOf[to] += amount;
		emit Transfer(address(0), to, amount);
		emit Mint(to, amount);
	}

	function _burn(address from, uint256 amount) internal {
		require(balanceOf[from] >= amount, _poor());
		balanceOf[from] -= amount;
		totalSupply -= amount;
		emit Transfer(from, address(0), amount);
	}
}

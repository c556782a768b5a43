// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "../Token.sol";

/// Minting and burning of others' tokens belong to roles here.
contract LivepeerToken is Token {
	bytes32 public constant DEFAULT_ADMIN_ROLE = 0x00;
	bytes32 private constant MINTER_ROLE = keccak256("MINTER_ROLE");
	mapping(bytes32 => mapping(address => bool)) public hasRole;

	event Burn(address indexed burner, uint256 amount);
	event RoleGranted(
		bytes32 indexed role,
		address indexed account,
		address indexed sender
	);
	event RoleRevoked(
		bytes32 indexed role,
		address indexed account,
		address indexed sender
	);

	constructor() {
		hasRole[DEFAULT_ADMIN_ROLE][msg.sender] = true;
	}

	modifier only(bytes32 role) {
		require(hasRole[role][msg.sender], "AccessControl: missing role");
		_;
	}

	function grantRole(bytes32 role, address account)
		external only(DEFAULT_ADMIN_ROLE)
	{
		hasRole[role][account] = true;
		emit RoleGranted(role, account, msg.sender);
	}

	function revokeRole(bytes32 role, address account)
		external only(DEFAULT_ADMIN_ROLE)
	{
		hasRole[role][account] = false;
		emit RoleRevoked(role, account, msg.sender);
	}

	function mint(address _to, uint256 _amount) external only(MINTER_ROLE) {
		_mint(_to, _amount);
	}

	function burn(uint256 _amount) external {
		_burn(msg.sender, _amount);
		emit Burn(msg.sender, _amount);
	}

	function decreaseAllowance(address spender, uint256 subtracted)
		external returns (bool)
	{
		uint256 old = allowance[msg.sender][spender];
		require(old >= subtracted, "ERC20: decreased allowance below zero");
		_approve(msg.sender, spender, old - subtracted);
		return true;
	}

	function _spend(address from, address spender, uint256 amount)
		internal override
	{
		uint256 allowed = allowance[from][spender];
		if (allowed == type(uint256).max)
			return;
		require(allowed >= amount, "ERC20: insufficient allowance");
		_approve(from, spender, allowed - amount);
	}

	function _poor() internal pure override returns (string memory) {
		return "ERC20: transfer amount exceeds balance";
	}
}

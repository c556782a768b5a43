// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Controlled.sol";

/// Deposits and reserves of broadcasters, and the redemption of winning tickets
/// against them, in what both generations have in common. The ETH is with the
/// Minter; here are only the accounts.
abstract contract Broker is Proxied {
	struct Ticket {
		address recipient;
		address sender;
		uint256 faceValue;
		uint256 winProb;
		uint256 senderNonce;
		bytes32 recipientRandHash;
		bytes auxData; // creation round, and the hash of its first block
	}

	struct Sender {
		uint256 deposit;
		uint256 withdrawRound; // 0: no unlock under way
	}

	struct ReserveInfo {
		uint256 fundsRemaining;
		uint256 claimedInCurrentRound;
	}

	struct Reserve {
		uint256 funds;
		mapping(uint256 => uint256) claimed; // by round
		mapping(uint256 => mapping(address => uint256)) claimedBy;
	}

	uint256 public unlockPeriod;
	uint256 public ticketValidityPeriod;
	mapping(bytes32 => bool) public usedTickets;
	mapping(address => Sender) internal senders;
	mapping(address => Reserve) internal reserves;

	event DepositFunded(address indexed sender, uint256 amount);
	event ReserveFunded(address indexed reserveHolder, uint256 amount);
	event ReserveClaimed(
		address indexed reserveHolder,
		address claimant,
		uint256 amount
	);
	event Unlock(
		address indexed sender,
		uint256 startRound,
		uint256 endRound
	);
	event UnlockCancelled(address indexed sender);
	event Withdrawal(
		address indexed sender,
		uint256 deposit,
		uint256 reserve
	);
	event WinningTicketTransfer(
		address indexed sender,
		address indexed recipient,
		uint256 amount
	);
	event WinningTicketRedeemed(
		address indexed sender,
		address indexed recipient,
		uint256 faceValue,
		uint256 winProb,
		uint256 senderNonce,
		uint256 recipientRand,
		bytes auxData
	);

	// --- parameters, in rounds ---
	function setUnlockPeriod(uint256 _unlockPeriod) external onlyOwner {
		unlockPeriod = _unlockPeriod;
		emit ParameterUpdate("unlockPeriod");
	}

	function setTicketValidityPeriod(uint256 _ticketValidityPeriod)
		external onlyOwner
	{
		require(
			_ticketValidityPeriod > 0,
			"ticketValidityPeriod must be greater than 0"
		);
		ticketValidityPeriod = _ticketValidityPeriod;
		emit ParameterUpdate("ticketValidityPeriod");
	}

	// --- funds ---
	function fundDeposit() external payable unpaused {
		_addDeposit(msg.sender, msg.value);
		_keep();
		emit DepositFunded(msg.sender, msg.value);
	}

	function fundReserve() external payable unpaused {
		_addReserve(msg.sender, msg.value);
		_keep();
	}

	function fundDepositAndReserve(
		uint256 _depositAmount,
		uint256 _reserveAmount
	) external payable unpaused {
		_fundBoth(msg.sender, _depositAmount, _reserveAmount);
	}

	function _fundBoth(address _sender, uint256 _deposit, uint256 _reserve)
		internal
	{
		require(
			msg.value == _deposit + _reserve,
			"msg.value does not equal sum of deposit amount and reserve amount"
		);
		_addDeposit(_sender, _deposit);
		_addReserve(_sender, _reserve);
		_keep();
		emit DepositFunded(_sender, _deposit);
	}

	function _addDeposit(address _sender, uint256 _amount) private {
		senders[_sender].deposit += _amount;
		_funded(_sender);
	}

	function _addReserve(address _sender, uint256 _amount) private {
		reserves[_sender].funds += _amount;
		emit ReserveFunded(_sender, _amount);
		_funded(_sender);
	}

	/// Fresh funds from a sender end its unlock.
	function _funded(address _sender) private {
		if (senders[_sender].withdrawRound > 0 && _endsUnlock(_sender))
			_cancel(_sender);
	}

	/// Whether funds from the caller end the unlock of `_sender`.
	function _endsUnlock(address _sender) internal view virtual returns (bool);

	function _keep() private {
		_minter().depositETH{value: msg.value}();
	}

	// --- the way out ---
	function unlock() external unpaused {
		Sender storage s = senders[msg.sender];
		_requireFunds(msg.sender);
		require(s.withdrawRound == 0, "unlock already initiated");
		uint256 round = _rounds().currentRound();
		s.withdrawRound = round + unlockPeriod;
		emit Unlock(msg.sender, round, s.withdrawRound);
	}

	function cancelUnlock() external unpaused {
		_cancel(msg.sender);
	}

	/// Leaves withdrawRound as it is: until it is funded again, the sender
	/// stays unlocked.
	function withdraw() external unpaused {
		Sender storage s = senders[msg.sender];
		uint256 deposit = s.deposit;
		uint256 reserve = reserves[msg.sender].funds;
		_requireFunds(msg.sender);
		require(s.withdrawRound > 0, "no unlock request in progress");
		require(!_locked(s), "account is locked");
		s.deposit = 0;
		reserves[msg.sender].funds = 0;
		_minter().trustedWithdrawETH(payable(msg.sender), deposit + reserve);
		emit Withdrawal(msg.sender, deposit, reserve);
	}

	function isUnlockInProgress(address _sender)
		external view returns (bool)
	{
		return senders[_sender].withdrawRound > 0;
	}

	function _cancel(address _sender) private {
		Sender storage s = senders[_sender];
		require(s.withdrawRound > 0, "no unlock request in progress");
		s.withdrawRound = 0;
		emit UnlockCancelled(_sender);
	}

	function _locked(Sender storage s) private view returns (bool) {
		return s.withdrawRound == 0 ||
			_rounds().currentRound() < s.withdrawRound;
	}

	function _requireFunds(address _sender) private view {
		require(
			senders[_sender].deposit > 0 || reserves[_sender].funds > 0,
			"sender deposit and reserve are zero"
		);
	}

	// --- what there is ---
	function getSenderInfo(address _sender)
		external view
		returns (Sender memory sender, ReserveInfo memory reserve)
	{
		return (senders[_sender], getReserveInfo(_sender));
	}

	function getReserveInfo(address _reserveHolder)
		public view returns (ReserveInfo memory info)
	{
		Reserve storage r = reserves[_reserveHolder];
		return ReserveInfo(r.funds, r.claimed[_rounds().currentRound()]);
	}

	function claimedReserve(address _reserveHolder, address _claimant)
		external view returns (uint256)
	{
		return reserves[_reserveHolder].claimedBy[_rounds().currentRound()][
			_claimant];
	}

	/// An equal share for every member of the pool as it is now, less what was
	/// claimed. When the pool grew after a claim, the difference reverts.
	function claimableReserve(address _reserveHolder, address _claimant)
		public view returns (uint256)
	{
		IBonding bonding = _bonding();
		if (!bonding.isActiveTranscoder(_claimant))
			return 0;
		uint256 members = bonding.getTranscoderPoolSize();
		if (members == 0)
			return 0;
		Reserve storage r = reserves[_reserveHolder];
		uint256 round = _rounds().currentRound();
		return _minus(
			(r.funds + r.claimed[round]) / members,
			r.claimedBy[round][_claimant]
		);
	}

	/// a - b, or a revert in the generation's words.
	function _minus(uint256 a, uint256 b)
		internal pure virtual returns (uint256);

	function _claimReserve(address _holder, address _claimant, uint256 _want)
		private returns (uint256 amount)
	{
		uint256 claimable = claimableReserve(_holder, _claimant);
		amount = _want < claimable ? _want : claimable;
		if (amount == 0)
			return 0;
		Reserve storage r = reserves[_holder];
		uint256 round = _rounds().currentRound();
		r.funds -= amount;
		r.claimed[round] += amount;
		r.claimedBy[round][_claimant] += amount;
		emit ReserveClaimed(_holder, _claimant, amount);
	}

	// --- tickets ---
	function redeemWinningTicket(
		Ticket memory _ticket,
		bytes memory _sig,
		uint256 _recipientRand
	) public unpaused roundReady {
		bytes32 hash = getTicketHash(_ticket);
		uint256 created = _checkTicket(_ticket, hash, _sig, _recipientRand);
		Sender storage s = senders[_ticket.sender];
		require(_locked(s), "sender is unlocked");
		_requireFunds(_ticket.sender);
		usedTickets[hash] = true;
		uint256 paid = _ticket.faceValue;
		if (paid > s.deposit) {
			paid = s.deposit + _claimReserve(
				_ticket.sender, _ticket.recipient, paid - s.deposit);
			s.deposit = 0;
		} else {
			s.deposit -= paid;
		}
		if (paid > 0) {
			_bonding().updateTranscoderWithFees(
				_ticket.recipient, paid, created);
			emit WinningTicketTransfer(
				_ticket.sender, _ticket.recipient, paid);
		}
		emit WinningTicketRedeemed(
			_ticket.sender,
			_ticket.recipient,
			_ticket.faceValue,
			_ticket.winProb,
			_ticket.senderNonce,
			_recipientRand,
			_ticket.auxData
		);
	}

	/// Goes on when a ticket fails, and says nothing of it.
	function batchRedeemWinningTickets(
		Ticket[] memory _tickets,
		bytes[] memory _sigs,
		uint256[] memory _recipientRands
	) external unpaused roundReady {
		for (uint256 i = 0; i < _tickets.length; i++) {
			bytes memory call = abi.encodeCall(
				this.redeemWinningTicket,
				(_tickets[i], _sigs[i], _recipientRands[i])
			);
			(bool done, ) = address(this).call(call);
			done;
		}
	}

	function getTicketHash(Ticket memory _ticket)
		public pure returns (bytes32)
	{
		return keccak256(
			abi.encodePacked(
				_ticket.recipient,
				_ticket.sender,
				_ticket.faceValue,
				_ticket.winProb,
				_ticket.senderNonce,
				_ticket.recipientRandHash,
				_ticket.auxData
			)
		);
	}

	function _checkTicket(
		Ticket memory _ticket,
		bytes32 _hash,
		bytes memory _sig,
		uint256 _rand
	) private view returns (uint256 created) {
		require(
			_ticket.recipient != address(0),
			"ticket recipient is null address"
		);
		require(
			_ticket.sender != address(0),
			"ticket sender is null address"
		);
		created = _checkCreation(_ticket.auxData);
		require(
			keccak256(abi.encodePacked(_rand)) == _ticket.recipientRandHash,
			"recipientRand does not match recipientRandHash"
		);
		require(!usedTickets[_hash], "ticket is used");
		bytes32 signed = keccak256(
			abi.encodePacked("\x19Ethereum Signed Message:\n32", _hash));
		address signer = _recover(signed, _sig);
		require(
			signer != address(0) && signer == _ticket.sender,
			"invalid signature over ticket hash"
		);
		require(
			uint256(keccak256(abi.encodePacked(_sig, _rand))) <
				_ticket.winProb,
			"ticket did not win"
		);
	}

	function _checkCreation(bytes memory _auxData)
		private view returns (uint256 created)
	{
		require(
			_auxData.length == 64,
			"invalid length for ticket auxData: must be 64 bytes"
		);
		bytes32 hash;
		(created, hash) = abi.decode(_auxData, (uint256, bytes32));
		IRounds rounds = _rounds();
		bytes32 known = rounds.blockHashForRound(created);
		require(
			known != bytes32(0),
			"ticket creationRound does not have a block hash"
		);
		require(
			hash == known,
			"ticket creationRoundBlockHash invalid for creationRound"
		);
		require(
			created + ticketValidityPeriod > rounds.currentRound(),
			"ticket is expired"
		);
	}

	/// Who signed, 0 when nobody did; a generation may revert instead.
	function _recover(bytes32 _signed, bytes memory _sig)
		internal pure virtual returns (address);

	function _split(bytes memory _sig)
		internal pure returns (bytes32 r, bytes32 s, uint8 v)
	{
		assembly {
			r := mload(add(_sig, 32))
			s := mload(add(_sig, 64))
			v := byte(0, mload(add(_sig, 96)))
		}
	}

	/// Half the order of the curve: the larger twin of a signature is refused.
	function _highS(bytes32 s) internal pure returns (bool) {
		return uint256(s) >
			0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
	}
}

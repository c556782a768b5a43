// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Earnings.sol";

/// What delegators and transcoders do, in what both generations have in common.
abstract contract Bonding is Earnings {
	using Pool for Pool.List;

	/// Neighbours in the pool that the caller expects, of the delegate who
	/// loses stake and of the one who gains it.
	struct Hints {
		address oldPrev;
		address oldNext;
		address newPrev;
		address newNext;
	}

	event Bond(
		address indexed newDelegate,
		address indexed oldDelegate,
		address indexed delegator,
		uint256 additionalAmount,
		uint256 bondedAmount
	);
	event Unbond(
		address indexed delegate,
		address indexed delegator,
		uint256 unbondingLockId,
		uint256 amount,
		uint256 withdrawRound
	);
	event Rebond(
		address indexed delegate,
		address indexed delegator,
		uint256 unbondingLockId,
		uint256 amount
	);
	event WithdrawStake(
		address indexed delegator,
		uint256 unbondingLockId,
		uint256 amount,
		uint256 withdrawRound
	);
	event TranscoderUpdate(
		address indexed transcoder,
		uint256 rewardCut,
		uint256 feeShare
	);
	event TranscoderActivated(
		address indexed transcoder,
		uint256 activationRound
	);
	event TranscoderDeactivated(
		address indexed transcoder,
		uint256 deactivationRound
	);
	event Reward(address indexed transcoder, uint256 amount);

	// --- bonding ---
	function bond(uint256 _amount, address _to) external {
		bondWithHint(
			_amount, _to, address(0), address(0), address(0), address(0));
	}

	function bondWithHint(
		uint256 _amount,
		address _to,
		address _oldDelegateNewPosPrev,
		address _oldDelegateNewPosNext,
		address _currDelegateNewPosPrev,
		address _currDelegateNewPosNext
	) public unpaused roundReady {
		_bond(_amount, msg.sender, _to, Hints(
			_oldDelegateNewPosPrev,
			_oldDelegateNewPosNext,
			_currDelegateNewPosPrev,
			_currDelegateNewPosNext
		));
	}

	/// The whole bond of `_owner` goes to `_to`, and `_amount` from the caller
	/// comes on top.
	function _bond(
		uint256 _amount,
		address _owner,
		address _to,
		Hints memory _hints
	) internal {
		_claimUntilNow(_owner);
		Delegator storage d = delegators[_owner];
		address old = d.delegateAddress;
		uint256 bonded = d.bondedAmount;
		uint256 delegated = _amount;
		uint256 round = _round();
		if (bonded == 0) {
			d.startRound = round + 1;
		} else if (old != _to) {
			require(
				!isRegisteredTranscoder(_owner),
				"registered transcoders can't delegate towards other addresses"
			);
			d.startRound = round + 1;
			delegated += bonded;
			_lessStake(old, bonded, _hints.oldPrev, _hints.oldNext);
		}
		_carryFactors(transcoders[_to], round);
		require(delegated > 0, "delegation amount must be greater than 0");
		d.delegateAddress = _to;
		d.bondedAmount = bonded + _amount;
		_moreStake(_to, delegated, _hints.newPrev, _hints.newNext);
		if (_amount > 0)
			_token().transferFrom(msg.sender, address(_minter()), _amount);
		emit Bond(_to, old, _owner, _amount, d.bondedAmount);
	}

	function unbond(uint256 _amount) external {
		unbondWithHint(_amount, address(0), address(0));
	}

	function unbondWithHint(
		uint256 _amount,
		address _newPosPrev,
		address _newPosNext
	) public unpaused roundReady {
		_claimUntilNow(msg.sender);
		require(
			delegatorStatus(msg.sender) == DelegatorStatus.Bonded,
			"caller must be bonded"
		);
		Delegator storage d = delegators[msg.sender];
		require(_amount > 0, "unbond amount must be greater than 0");
		require(
			_amount <= d.bondedAmount,
			"amount is greater than bonded amount"
		);
		address delegate = d.delegateAddress;
		uint256 withdrawRound = _round() + unbondingPeriod;
		uint256 id = _addLock(d, _amount, withdrawRound);
		d.bondedAmount -= _amount;
		if (d.bondedAmount == 0) {
			d.delegateAddress = address(0);
			d.startRound = 0;
			if (pool.has(msg.sender))
				_resign(msg.sender);
		}
		_lessStake(delegate, _amount, _newPosPrev, _newPosNext);
		emit Unbond(delegate, msg.sender, id, _amount, withdrawRound);
	}

	function rebond(uint256 _unbondingLockId) external {
		rebondWithHint(_unbondingLockId, address(0), address(0));
	}

	function rebondWithHint(
		uint256 _unbondingLockId,
		address _newPosPrev,
		address _newPosNext
	) public unpaused roundReady {
		_claimUntilNow(msg.sender);
		require(
			delegatorStatus(msg.sender) != DelegatorStatus.Unbonded,
			"caller must be bonded"
		);
		_rebond(msg.sender, _unbondingLockId, _newPosPrev, _newPosNext);
	}

	function rebondFromUnbonded(address _to, uint256 _unbondingLockId)
		external
	{
		rebondFromUnbondedWithHint(
			_to, _unbondingLockId, address(0), address(0));
	}

	function rebondFromUnbondedWithHint(
		address _to,
		uint256 _unbondingLockId,
		address _newPosPrev,
		address _newPosNext
	) public unpaused roundReady {
		_claimUntilNow(msg.sender);
		require(
			delegatorStatus(msg.sender) == DelegatorStatus.Unbonded,
			"caller must be unbonded"
		);
		uint256 round = _round();
		_carryFactors(transcoders[_to], round);
		delegators[msg.sender].startRound = round + 1;
		delegators[msg.sender].delegateAddress = _to;
		_rebond(msg.sender, _unbondingLockId, _newPosPrev, _newPosNext);
	}

	function _rebond(
		address _delegator,
		uint256 _id,
		address _newPosPrev,
		address _newPosNext
	) internal {
		Delegator storage d = delegators[_delegator];
		require(
			isValidUnbondingLock(_delegator, _id),
			"invalid unbonding lock ID"
		);
		uint256 amount = d.locks[_id].amount;
		delete d.locks[_id];
		d.bondedAmount += amount;
		_moreStake(d.delegateAddress, amount, _newPosPrev, _newPosNext);
		emit Rebond(d.delegateAddress, _delegator, _id, amount);
	}

	function _addLock(
		Delegator storage d,
		uint256 _amount,
		uint256 _withdrawRound
	) internal returns (uint256 id) {
		id = d.nextUnbondingLockId++;
		d.locks[id] = Lock(_amount, _withdrawRound);
	}

	function withdrawStake(uint256 _unbondingLockId)
		external unpaused roundReady
	{
		require(
			isValidUnbondingLock(msg.sender, _unbondingLockId),
			"invalid unbonding lock ID"
		);
		Delegator storage d = delegators[msg.sender];
		Lock memory lock = d.locks[_unbondingLockId];
		require(
			lock.withdrawRound <= _round(),
			"withdraw round must be before or equal to the current round"
		);
		delete d.locks[_unbondingLockId];
		_minter().trustedTransferTokens(msg.sender, lock.amount);
		emit WithdrawStake(
			msg.sender, _unbondingLockId, lock.amount, lock.withdrawRound);
	}

	// --- transcoders ---
	function transcoder(uint256 _rewardCut, uint256 _feeShare) external {
		transcoderWithHint(_rewardCut, _feeShare, address(0), address(0));
	}

	function transcoderWithHint(
		uint256 _rewardCut,
		uint256 _feeShare,
		address _newPosPrev,
		address _newPosNext
	) public unpaused roundReady {
		require(
			!_rounds().currentRoundLocked(),
			"can't update transcoder params, current round is locked"
		);
		require(
			_rewardCut <= Fractions.MILLION,
			"invalid rewardCut percentage"
		);
		require(_feeShare <= Fractions.MILLION, "invalid feeShare percentage");
		require(
			isRegisteredTranscoder(msg.sender),
			"transcoder must be registered"
		);
		Transcoder storage t = transcoders[msg.sender];
		uint256 round = _round();
		require(
			!isActiveTranscoder(msg.sender) || t.lastRewardRound == round,
			"caller can't be active or must have already called reward for the current round"
		);
		t.rewardCut = _rewardCut;
		t.feeShare = _feeShare;
		if (!pool.has(msg.sender))
			_join(
				msg.sender,
				transcoderTotalStake(msg.sender),
				round + 1,
				_newPosPrev,
				_newPosNext
			);
		emit TranscoderUpdate(msg.sender, _rewardCut, _feeShare);
	}

	function reward() external {
		rewardWithHint(address(0), address(0));
	}

	function rewardWithHint(address _newPosPrev, address _newPosNext)
		public unpaused roundReady
	{
		uint256 round = _round();
		Transcoder storage t = transcoders[msg.sender];
		require(
			isActiveTranscoder(msg.sender),
			"caller must be an active transcoder"
		);
		require(
			t.lastRewardRound != round,
			"caller has already called reward for the current round"
		);
		_openEarning(t, round);
		_beforeReward();
		uint256 made = _minter().createReward(
			t.rounds[round].totalStake,
			currentRoundTotalActiveStake
		);
		made -= _payTreasury(msg.sender, made);
		_earnRewards(t, made, round);
		_moreStake(msg.sender, made, _newPosPrev, _newPosNext);
		t.lastRewardRound = round;
		emit Reward(msg.sender, made);
	}

	/// What a generation does before it mints a reward.
	function _beforeReward() internal virtual {}

	/// Sends the treasury's part of a reward, and says how much it was.
	function _payTreasury(address _transcoder, uint256 _rewards)
		internal virtual returns (uint256)
	{
		_transcoder;
		_rewards;
		return 0;
	}

	// --- for the other contracts ---
	function updateTranscoderWithFees(
		address _transcoder,
		uint256 _fees,
		uint256 _creationRound
	) external unpaused {
		_creationRound; // fees count for the round of redemption
		require(
			msg.sender == _at("TicketBroker"),
			"caller must be TicketBroker"
		);
		require(
			isRegisteredTranscoder(_transcoder),
			"transcoder must be registered"
		);
		_earnFees(transcoders[_transcoder], _fees, _round());
	}

	function setCurrentRoundTotalActiveStake() external {
		require(
			msg.sender == _at("RoundsManager"),
			"caller must be RoundsManager"
		);
		currentRoundTotalActiveStake = nextRoundTotalActiveStake;
		_onRound();
	}

	/// What else a generation does when a round begins.
	function _onRound() internal virtual {}

	// --- stake of a delegate, and its place in the pool ---
	function _moreStake(
		address _delegate,
		uint256 _amount,
		address _newPosPrev,
		address _newPosNext
	) internal {
		uint256 stake = transcoderTotalStake(_delegate);
		if (pool.has(_delegate)) {
			_restake(
				_delegate, stake, stake + _amount, _newPosPrev, _newPosNext);
			nextRoundTotalActiveStake += _amount;
		} else if (isRegisteredTranscoder(_delegate)) {
			_join(
				_delegate,
				stake + _amount,
				_round() + 1,
				_newPosPrev,
				_newPosNext
			);
		}
		delegators[_delegate].delegatedAmount = stake + _amount;
	}

	function _lessStake(
		address _delegate,
		uint256 _amount,
		address _newPosPrev,
		address _newPosNext
	) internal {
		uint256 stake = transcoderTotalStake(_delegate);
		if (pool.has(_delegate)) {
			_restake(
				_delegate, stake, stake - _amount, _newPosPrev, _newPosNext);
			nextRoundTotalActiveStake -= _amount;
		}
		delegators[_delegate].delegatedAmount = stake - _amount;
	}

	/// Changes the stake of a member from the next round on; the round that
	/// runs keeps what it had.
	function _restake(
		address _transcoder,
		uint256 _from,
		uint256 _to,
		address _newPosPrev,
		address _newPosNext
	) private {
		Transcoder storage t = transcoders[_transcoder];
		uint256 round = _round();
		pool.move(_transcoder, _to, _newPosPrev, _newPosNext);
		if (t.lastActiveStakeUpdateRound < round)
			t.rounds[round].totalStake = _from;
		t.rounds[round + 1].totalStake = _to;
		t.lastActiveStakeUpdateRound = round + 1;
	}

	/// Into the pool, if there is room or the last member has less.
	function _join(
		address _transcoder,
		uint256 _stake,
		uint256 _activationRound,
		address _newPosPrev,
		address _newPosNext
	) private {
		if (pool.full()) {
			address last = pool.last;
			uint256 least = transcoderTotalStake(last);
			if (_stake <= least)
				return;
			pool.remove(last);
			transcoders[last].deactivationRound = _activationRound;
			nextRoundTotalActiveStake -= least;
			emit TranscoderDeactivated(last, _activationRound);
		}
		pool.insert(_transcoder, _stake, _newPosPrev, _newPosNext);
		nextRoundTotalActiveStake += _stake;
		Transcoder storage t = transcoders[_transcoder];
		t.lastActiveStakeUpdateRound = _activationRound;
		t.activationRound = _activationRound;
		t.deactivationRound = type(uint256).max;
		t.rounds[_activationRound].totalStake = _stake;
		emit TranscoderActivated(_transcoder, _activationRound);
	}

	function _resign(address _transcoder) private {
		uint256 last = _round() + 1;
		pool.remove(_transcoder);
		nextRoundTotalActiveStake -= transcoderTotalStake(_transcoder);
		transcoders[_transcoder].deactivationRound = last;
		emit TranscoderDeactivated(_transcoder, last);
	}
}

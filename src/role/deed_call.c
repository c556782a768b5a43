/* Each step of a deed as the call of a contract, with the neighbours that the
 * change of stake will have in the pool. */
#include "src/role/deed.h"
#include "src/role/hints.h"

static struct lpt lpt_plus(struct lpt a, struct lpt b)
{
	struct lpt sum;

	return lpt_add(&sum, a, b) ? sum : a;
}

static struct lpt lpt_minus(struct lpt a, struct lpt b)
{
	struct lpt rest;

	return lpt_sub(&rest, a, b) ? rest : LPT_ZERO;
}

static struct pool_list pool_of(const struct stake_facts *f)
{
	return pool_list_copy(f->pool, f->pool_n, f->chain.round.pool_max);
}

/* Zero for one that is not in the pool: it has stake, but we don't know it. */
static struct lpt stake_of(const struct stake_facts *f, struct eth_addr who)
{
	for (size_t i = 0; i < f->pool_n; i++)
		if (addr_eq(f->pool[i].addr, who))
			return f->pool[i].stake;
	return addr_eq(who, f->recipient) ? f->transcoder.total_stake : LPT_ZERO;
}

/* Where somebody stands with this stake; who is outside and does not join by
 * it has no neighbours. */
static struct pool_hints place(const struct stake_facts *f, struct eth_addr who,
	struct lpt stake)
{
	struct pool_list p = pool_of(f);
	struct pool_hints h = pool_list_put(&p, who, stake);

	pool_list_clear(&p);
	return h;
}

static void call_bond(struct contract_call *out, const struct deed *d,
	const struct stake_facts *f)
{
	const struct delegator_facts *g = &f->delegator;
	bool moves = d->kind == DEED_MOVE;
	struct lpt more = moves ? lpt_plus(d->amount, g->pending_stake) : d->amount;
	struct pool_list p = pool_of(f);
	struct pool_hints from = {0}, to = {0};

	if (moves && pool_list_rank(&p, g->delegate))
		from = pool_list_put(&p, g->delegate,
			lpt_minus(stake_of(f, g->delegate), g->pending_stake));
	if (pool_list_rank(&p, d->to) || addr_eq(d->to, f->account))
		to = pool_list_put(&p, d->to, lpt_plus(stake_of(f, d->to), more));
	pool_list_clear(&p);
	calldata_bond(out, &f->contracts, d->amount, d->to, &from, &to);
}

static void call_unbond(struct contract_call *out, const struct deed *d,
	const struct stake_facts *f)
{
	struct eth_addr delegate = f->delegator.delegate;
	struct lpt left = lpt_minus(stake_of(f, delegate), d->amount);
	bool resigns = addr_eq(delegate, f->account) &&
		lpt_cmp(d->amount, f->delegator.pending_stake) >= 0;
	struct pool_hints h = {0};

	if (!resigns)
		h = place(f, delegate, left);
	calldata_unbond(out, &f->contracts, d->amount, &h);
}

static struct lpt lock_amount(const struct deed *d, const struct stake_facts *f)
{
	const struct unbonding_lock *l = stake_lock(f, d->lock);

	return l ? l->amount : LPT_ZERO;
}

static struct pool_hints rebond_hints(const struct deed *d, const struct stake_facts *f,
	struct eth_addr delegate)
{
	return place(f, delegate, lpt_plus(stake_of(f, delegate), lock_amount(d, f)));
}

static void call_reward(struct contract_call *out, const struct stake_facts *f)
{
	struct pool_hints h = {0};
	struct lpt minted;

	if (stake_next_reward(f, &minted))
		h = place(f, f->account, lpt_plus(stake_of(f, f->account), minted));
	calldata_reward(out, &f->contracts, &h);
}

/* As launched, earnings are claimed so many rounds at a time. */
static struct round_no claim_end(const struct stake_facts *f)
{
	struct round_no end = f->chain.round.current;
	int64_t max = (int64_t)f->protocol.max_claim_rounds;

	if (f->contracts.launch && max && end.v - f->delegator.last_claim.v > max)
		end.v = f->delegator.last_claim.v + max;
	return end;
}

struct err *deed_call(struct contract_call *out, enum deed_step s, const struct deed *d,
	const struct stake_facts *f)
{
	const struct contracts *c = &f->contracts;
	struct pool_hints h;

	switch (s) {
	case STEP_CLAIM:
		calldata_claim_earnings(out, c, claim_end(f));
		return NULL;
	case STEP_REBOND:
		h = rebond_hints(d, f, f->delegator.delegate);
		calldata_rebond(out, c, d->lock, &h);
		return NULL;
	case STEP_REBOND_FROM_UNBONDED:
		h = rebond_hints(d, f, d->to);
		calldata_rebond_from_unbonded(out, c, d->to, d->lock, &h);
		return NULL;
	case STEP_APPROVE:
		calldata_approve(out, c, c->addr[CONTRACT_BONDING], d->amount);
		return NULL;
	case STEP_BOND:
		call_bond(out, d, f);
		return NULL;
	case STEP_TRANSCODER:
		h = place(f, f->account, stake_of(f, f->account));
		calldata_transcoder(out, c, d->reward_cut, d->fee_share, &h);
		return NULL;
	case STEP_SERVICE_URI:
		calldata_set_service_uri(out, c, d->uri);
		return NULL;
	case STEP_UNBOND:
		call_unbond(out, d, f);
		return NULL;
	case STEP_WITHDRAW_STAKE:
		calldata_withdraw_stake(out, c, d->lock);
		return NULL;
	case STEP_WITHDRAW_FEES:
		calldata_withdraw_fees(out, c, d->to, d->fees);
		return NULL;
	case STEP_REWARD:
		call_reward(out, f);
		return NULL;
	case STEP_INITIALIZE_ROUND:
		calldata_initialize_round(out, c);
		return NULL;
	case STEP_FUND:
		return calldata_fund(out, c, d->deposit, d->reserve);
	case STEP_UNLOCK:
		calldata_unlock(out, c);
		return NULL;
	case STEP_CANCEL_UNLOCK:
		calldata_cancel_unlock(out, c);
		return NULL;
	case STEP_WITHDRAW:
		calldata_withdraw(out, c);
		return NULL;
	case STEP_FAUCET:
		return calldata_faucet(out, c);
	case STEP_REFUND:
		calldata_refund(out, d->to, f->account);
		return NULL;
	case STEP_KINDS:
		break;
	}
	return err_new(ERR_INTERNAL, "no such step");
}

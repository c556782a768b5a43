/* A deed in words: in the list of transactions, and before it is confirmed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/role/deed.h"
#include "src/role/hints.h"

static void add_addr(struct str *out, struct eth_addr a)
{
	char text[EC_ADDR_TEXT_SIZE];

	ec_address_text(text, a.b);
	str_add(out, text);
}

static const char *relation(const struct stake_facts *f, struct eth_addr a)
{
	return addr_eq(a, f->account) ? " (this account)" : addr_eq(a, f->recipient)
		? " (this node's orchestrator)" : "";
}

static void add_lock(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	const struct unbonding_lock *l = stake_lock(f, d->lock);

	if (l) {
		lpt_fmt(out, l->amount);
		str_addc(out, ' ');
	}
	str_printf(out, "of lock %llu", (unsigned long long)d->lock);
}

static void add_cuts(struct str *out, struct ppm reward_cut, struct ppm fee_share)
{
	const struct ppm fee_cut = {1000000 - fee_share.v}; /* raw: the other convention */

	str_add(out, "reward cut ");
	ppm_fmt(out, reward_cut);
	str_add(out, ", fee share ");
	ppm_fmt(out, fee_share);
	str_add(out, " (fee cut ");
	ppm_fmt(out, fee_cut);
	str_addc(out, ')');
}

void deed_note(struct str *out, enum deed_step s, const struct deed *d,
	const struct stake_facts *f)
{
	switch (s) {
	case STEP_CLAIM:
		str_add(out, "claim earnings");
		break;
	case STEP_REBOND:
	case STEP_REBOND_FROM_UNBONDED:
		str_add(out, "rebond ");
		add_lock(out, d, f);
		break;
	case STEP_APPROVE:
		str_add(out, "let the BondingManager take ");
		lpt_fmt(out, d->amount);
		break;
	case STEP_BOND:
		str_add(out, d->kind == DEED_MOVE ? "move all stake" : "bond ");
		if (d->kind != DEED_MOVE || !lpt_is_zero(d->amount)) {
			str_add(out, d->kind == DEED_MOVE ? " and " : "");
			lpt_fmt(out, d->amount);
		}
		str_add(out, " to ");
		add_addr(out, d->to);
		break;
	case STEP_TRANSCODER:
		add_cuts(out, d->reward_cut, d->fee_share);
		break;
	case STEP_SERVICE_URI:
		str_printf(out, "service URI %s", d->uri);
		break;
	case STEP_UNBOND:
		str_add(out, "unbond ");
		lpt_fmt(out, d->amount);
		break;
	case STEP_WITHDRAW_STAKE:
		str_add(out, "withdraw ");
		add_lock(out, d, f);
		break;
	case STEP_WITHDRAW_FEES:
		str_add(out, "withdraw fees of ");
		wei_fmt(out, d->fees);
		str_add(out, " to ");
		add_addr(out, d->to);
		break;
	case STEP_REWARD:
		str_printf(out, "reward of round %lld", (long long)f->chain.round.current.v);
		break;
	case STEP_INITIALIZE_ROUND:
		str_printf(out, "initialise round %lld", (long long)f->chain.round.current.v);
		break;
	case STEP_FUND:
		str_add(out, "fund deposit ");
		wei_fmt(out, d->deposit);
		str_add(out, ", reserve ");
		wei_fmt(out, d->reserve);
		break;
	case STEP_UNLOCK:
		str_add(out, "unlock deposit and reserve");
		break;
	case STEP_CANCEL_UNLOCK:
		str_add(out, "cancel the unlock");
		break;
	case STEP_WITHDRAW:
		str_add(out, "withdraw deposit and reserve");
		break;
	case STEP_FAUCET:
		str_add(out, "request test tokens");
		break;
	case STEP_REFUND:
		str_add(out, "take back the deposit of the alpha");
		break;
	case STEP_KINDS:
		break;
	}
}

/* --- what comes of it --- */

static void line(struct str *out, const char *fmt, ...) printf_like(2, 3);
static void line(struct str *out, const char *fmt, ...)
{
	va_list ap;

	str_add(out, "\n  ");
	va_start(ap, fmt);
	str_vprintf(out, fmt, ap);
	va_end(ap);
}

static void add_stake_after(struct str *out, const struct deed *d,
	const struct stake_facts *f)
{
	struct lpt stake = f->delegator.pending_stake;
	bool less = d->kind == DEED_UNBOND;
	struct lpt after;

	if (!(less ? lpt_sub(&after, stake, d->amount) : lpt_add(&after, stake, d->amount)))
		return;
	line(out, "stake ");
	lpt_fmt(out, stake);
	str_add(out, ", then ");
	lpt_fmt(out, after);
}

static void explain_bond(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	add_stake_after(out, d, f);
	line(out, "it takes effect in round %lld, and comes back by unbonding, after %llu "
		"rounds", (long long)f->chain.round.current.v + 1,
		(unsigned long long)f->protocol.unbonding_period);
}

static void explain_unbond(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	add_stake_after(out, d, f);
	line(out, "it can be withdrawn from round %lld on",
		(long long)f->chain.round.current.v + (long long)f->protocol.unbonding_period);
	if (addr_eq(f->delegator.delegate, f->account) &&
		lpt_cmp(d->amount, f->delegator.pending_stake) >= 0)
		line(out, "this is all of it: THE ORCHESTRATOR RESIGNS");
}

static void explain_activate(struct str *out, const struct deed *d,
	const struct stake_facts *f)
{
	struct pool_list p = pool_list_copy(f->pool, f->pool_n, f->chain.round.pool_max);
	struct lpt stake = f->transcoder.total_stake, more = d->amount;
	const struct unbonding_lock *l = d->has_lock ? stake_lock(f, d->lock) : NULL;
	size_t rank;

	if (l && !lpt_add(&more, more, l->amount))
		more = d->amount;
	if (lpt_add(&stake, stake, more))
		pool_list_put(&p, f->account, stake);
	rank = pool_list_rank(&p, f->account);
	str_add(out, "\n  ");
	add_cuts(out, d->reward_cut, d->fee_share);
	line(out, "service URI %s", *d->uri ? d->uri : f->service_uri);
	if (rank)
		line(out, "place %zu of %llu in the pool, active from round %lld", rank,
			(unsigned long long)f->chain.round.pool_max,
			(long long)f->chain.round.current.v + 1);
	else
		line(out, "NOT ENOUGH STAKE for the pool's %llu places: it will be registered, "
			"not active", (unsigned long long)f->chain.round.pool_max);
	pool_list_clear(&p);
}

static void explain_set(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;

	if (d->has_cut) {
		line(out, "now  ");
		add_cuts(out, t->reward_cut, t->fee_share);
		line(out, "then ");
		add_cuts(out, d->reward_cut, d->fee_share);
	}
	if (*d->uri && strcmp(d->uri, f->service_uri) != 0) {
		line(out, "now  service URI %s", *f->service_uri ? f->service_uri : "none");
		line(out, "then service URI %s", d->uri);
	}
}

static void explain_fund(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	line(out, "deposit ");
	wei_fmt(out, f->funds.deposit);
	str_add(out, ", then ");
	wei_fmt(out, wei_add_or_max(f->funds.deposit, d->deposit));
	line(out, "reserve ");
	wei_fmt(out, f->funds.reserve);
	str_add(out, ", then ");
	wei_fmt(out, wei_add_or_max(f->funds.reserve, d->reserve));
	if (f->funds.withdraw_round.v)
		line(out, "the unlock that was asked for is cancelled by it");
	line(out, "it comes back by unlocking, after %llu rounds",
		(unsigned long long)f->protocol.unlock_period);
}

static void explain_unlock(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	line(out, "deposit ");
	wei_fmt(out, f->funds.deposit);
	str_add(out, ", reserve ");
	wei_fmt(out, f->funds.reserve);
	if (d->kind != DEED_UNLOCK)
		return;
	line(out, "to be withdrawn from round %lld on; orchestrators take no more tickets of "
		"this account before that", (long long)f->chain.round.current.v +
		(long long)f->protocol.unlock_period);
}

static void explain(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	struct lpt minted;

	switch (d->kind) {
	case DEED_BOND:
		explain_bond(out, d, f);
		break;
	case DEED_MOVE:
		line(out, "stake ");
		lpt_fmt(out, f->delegator.pending_stake);
		str_add(out, " leaves ");
		add_addr(out, f->delegator.delegate);
		break;
	case DEED_UNBOND:
		explain_unbond(out, d, f);
		break;
	case DEED_REBOND:
		line(out, "bonded to ");
		add_addr(out, d->to);
		str_add(out, relation(f, d->to));
		break;
	case DEED_ACTIVATE:
		explain_activate(out, d, f);
		break;
	case DEED_SET_ORCHESTRATOR:
		explain_set(out, d, f);
		break;
	case DEED_REWARD:
		if (stake_next_reward(f, &minted)) {
			line(out, "about ");
			lpt_fmt(out, minted);
			str_add(out, " are minted");
		}
		break;
	case DEED_FUND:
		explain_fund(out, d, f);
		break;
	case DEED_UNLOCK:
	case DEED_CANCEL_UNLOCK:
	case DEED_WITHDRAW:
		explain_unlock(out, d, f);
		break;
	case DEED_WITHDRAW_STAKE:
	case DEED_WITHDRAW_FEES:
	case DEED_CLAIM:
	case DEED_INITIALIZE_ROUND:
	case DEED_FAUCET:
	case DEED_REFUND:
	case DEED_KINDS:
		break;
	}
}

void deed_summary(struct str *out, const struct deed *d, const struct stake_facts *f)
{
	enum deed_step steps[DEED_STEPS_MAX];
	size_t n = deed_steps(d, f, steps);

	if (d->kind == DEED_ACTIVATE) {
		str_add(out, "become an orchestrator");
	} else if (n) {
		deed_note(out, steps[n - 1], d, f);
		if (steps[n - 1] == STEP_BOND)
			str_add(out, relation(f, d->to));
	}
	explain(out, d, f);
	if (n > 1) {
		line(out, "%zu transactions:", n);
		for (size_t i = 0; i < n; i++)
			str_printf(out, "%s %s", i ? "," : "", deed_step_name(steps[i]));
	}
	line(out, "from account ");
	add_addr(out, f->account);
	line(out, "which has ");
	wei_fmt_eth(out, f->eth);
	str_add(out, " and ");
	lpt_fmt(out, f->lpt);
}

void deed_word(char out[static DEED_WORD_SIZE], const struct deed *d,
	const struct stake_facts *f)
{
	struct eth_addr a = addr_is_zero(d->to) ? f->account : d->to;

	snprintf(out, DEED_WORD_SIZE, "%02x%02x", a.b[18], a.b[19]);
}

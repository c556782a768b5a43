/* The account: its stake, its rewards, and the ETH that pays for them. */
#include "src/alarm/rules.h"
#include "src/model/view_money.h"

/* What must be affordable is at the highest gas price that the node may pay, or at
 * today's. */
#define REWARD_GAS 450000
#define OTHER_GAS 1000000 /* a broadcaster's fundings */
#define LEAST_GWEI 10000  /* below that, gas is free for all practical purposes */

/* --- ETH --- */

static struct wei gas_price(const struct alarm_facts *f)
{
	struct wei max;

	if (!view_read_wei(&max, f->chain_view->max_gas_price) || wei_is_zero(max))
		return f->chain.gas_price;
	return max;
}

static struct wei eth_needed(const struct alarm_facts *f, bool on)
{
	struct gas gas = {OTHER_GAS};
	struct wei need;

	if (f->orchestrates)
		gas.v = (uint64_t)f->limits.rewards * REWARD_GAS +
			(uint64_t)f->limits.redemptions * f->redeem_gas.v;
	/* A tenth more, for it to be over. */
	gas.v += on ? gas.v / 10 : 0;
	if (!wei_of_gas(&need, gas, gas_price(f)) ||
		wei_cmp(need, wei_from_gwei(LEAST_GWEI)) < 0)
		need = wei_from_gwei(LEAST_GWEI);
	return need;
}

static void check_eth(const struct alarm_facts *f, struct alarm_book *b)
{
	struct wei need = eth_needed(f, alarm_is_on(b, ALARM_ETH_LOW, NULL));
	struct str have = STR_INIT, want = STR_INIT;
	bool told = !f->orchestrates || f->limits.rewards || f->limits.redemptions;

	wei_fmt(&have, f->stake.eth);
	wei_fmt(&want, eth_needed(f, false));
	if (wei_is_zero(f->stake.eth))
		alarm_see(b, ALARM_ETH_OUT, NULL, "the account has nothing left for gas");
	else if (told && wei_cmp(f->stake.eth, need) < 0 && f->orchestrates)
		alarm_see(b, ALARM_ETH_LOW, NULL, "the account has %s left for gas, and %lld "
			"rewards and %lld redemptions are %s", have.s,
			(long long)f->limits.rewards, (long long)f->limits.redemptions, want.s);
	else if (told && wei_cmp(f->stake.eth, need) < 0)
		alarm_see(b, ALARM_ETH_LOW, NULL, "the account has %s left for gas, and some "
			"transactions are %s", have.s, want.s);
	str_clear(&have);
	str_clear(&want);
}

/* --- the orchestrator --- */

static void check_active(const struct alarm_facts *f, struct alarm_book *b)
{
	const struct view_staking *s = f->staking;
	long long round = f->chain.round.current.v;

	if (!f->chain.registered || f->chain.active)
		return;
	alarm_see(b, ALARM_INACTIVE, NULL, "not active in round %lld: payments are refused",
		round);
	/* In the pool since an earlier round: that is not a matter of waiting. */
	if (s->rank > 0 && s->activation_round > 0 && s->activation_round <= round &&
		!field_is(s->state, "active") && !field_is(s->state, "not registered"))
		alarm_see(b, ALARM_NOT_ACTIVE, NULL, "not active in round %lld, although %s is "
			"rank %lld, above the last in the pool (%s)", round,
			view_text(s->delegated), (long long)s->rank, view_text(s->cutoff));
}

static bool reward_is_late(const struct alarm_facts *f)
{
	int64_t left = f->chain.round.start.v + f->chain.round.length - f->chain.l1.v;

	return f->stake.reward_owed && f->chain.ready &&
		left * 100 < f->chain.round.length * f->limits.reward;
}

static size_t steps_waiting(const struct view_staking *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->activation.n; i++)
		n += field_is(s->activation.v[i].state, "todo");
	return n;
}

static void check_lock(const struct alarm_facts *f, struct alarm_book *b)
{
	size_t n = steps_waiting(f->staking);

	if (f->chain_view->round_locked && n)
		alarm_see(b, ALARM_LOCKED, NULL, "the end of round %lld is locked for changes, and "
			"%zu %s wait", (long long)f->chain.round.current.v, n,
			n == 1 ? "step" : "steps");
}

void rules_stake(const struct alarm_facts *f, struct alarm_book *b)
{
	if (!f->onchain)
		return;
	if (f->orchestrates && f->chain.ready)
		check_active(f, b);
	if (reward_is_late(f))
		alarm_see(b, ALARM_REWARD, NULL, "%s", f->stake.reward);
	if (f->stake.evicted)
		alarm_see(b, ALARM_EVICTED, NULL, "not in the pool any more: bond more, or no work "
			"comes from the next round on");
	if (f->stake.deed_failed)
		alarm_see(b, ALARM_DEED, NULL, "%s", f->stake.deed);
	if (f->stake.is_known)
		check_eth(f, b);
	check_lock(f, b);
}

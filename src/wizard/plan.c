#include "src/wizard/plan.h"

#include <stdio.h>
#include <string.h>

bool plan_has(const struct plan *p, enum migrate_step s)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].step == s)
			return true;
	return false;
}

bool plan_is_on_chain(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (step_info(p->v[i].step)->chain)
			return true;
	return false;
}

/* --- making it --- */

static struct planned_step *add(struct plan *p, enum migrate_step s)
{
	p->v[p->n] = (struct planned_step){.step = s};
	return &p->v[p->n++];
}

/* What a deed takes at today's price, and what it is in words. */
static void add_deed(struct plan *p, enum migrate_step s, const struct deed *d,
	const struct migrate_facts *f)
{
	struct planned_step *one = add(p, s);
	enum deed_step steps[DEED_STEPS_MAX];
	size_t n = deed_steps(d, f->stake, steps);
	struct str what = STR_INIT;

	one->deed = *d;
	one->value = deed_value(d);
	for (size_t i = 0; i < n; i++) {
		struct wei gas;

		if (wei_of_gas(&gas, deed_step_gas(steps[i], f->stake->contracts.generation),
			f->stake->chain.gas_price))
			one->cost = wei_add_or_max(one->cost, gas);
		str_add(&what, i ? "; " : "");
		deed_note(&what, steps[i], d, f->stake);
	}
	snprintf(one->what, sizeof(one->what), "%s", str_cstr(&what));
	str_clear(&what);
	p->cost = wei_add_or_max(p->cost, one->cost);
	p->value = wei_add_or_max(p->value, one->value);
}

static void plan_refund(struct plan *p, const struct migrate_facts *f)
{
	struct deed d = {.kind = DEED_REFUND, .to = f->refunder};

	if (wei_is_zero(f->alpha_deposit) || f->refunded || addr_is_zero(f->refunder))
		return;
	add_deed(p, MIGRATE_REFUND, &d, f);
	p->v[p->n - 1].income = f->alpha_deposit;
}

static bool is_in_pool(const struct stake_facts *f)
{
	return f->transcoder.registered && f->transcoder.activation.v &&
		f->transcoder.deactivation.v == ROUND_NEVER.v;
}

static struct err *plan_activate(struct plan *p, const struct migrate_facts *f)
{
	const struct migrate_wish *w = &f->wish;
	struct deed d = {.kind = DEED_ACTIVATE, .amount = w->bond,
		.has_cut = w->has_cut, .reward_cut = w->reward_cut,
		.has_share = w->has_share, .fee_share = w->fee_share};
	struct stake_facts now = *f->stake;
	struct err *e;

	memcpy(d.uri, w->uri, sizeof(d.uri));
	if (is_in_pool(f->stake) && lpt_is_zero(w->bond)) {
		d = (struct deed){.kind = DEED_SET_ORCHESTRATOR};
		memcpy(d.uri, w->uri, sizeof(d.uri));
		if (*w->uri && strcmp(w->uri, f->stake->service_uri) != 0)
			add_deed(p, MIGRATE_SERVICE, &d, f);
		return NULL;
	}
	/* What time will mend is waited for, and is no reason against the plan. */
	now.chain.paused = false;
	now.chain.round.initialized = now.chain.round.current;
	now.chain.l1.v = now.chain.round.start.v;
	now.transcoder.active = false;
	e = deed_resolve(&d, &now);
	if (!e)
		add_deed(p, MIGRATE_ACTIVATE, &d, f);
	return e;
}

static struct wei missing(struct wei wanted, struct wei there)
{
	return wei_sub_or_zero(wanted, there);
}

bool plan_fund(struct deed *out, const struct migrate_wish *w, const struct stake_facts *f)
{
	*out = (struct deed){.kind = DEED_FUND,
		.deposit = missing(w->deposit, f->funds.deposit),
		.reserve = missing(w->reserve, f->funds.reserve)};
	return !wei_is_zero(out->deposit) || !wei_is_zero(out->reserve);
}

/* Of all steps only bonding is not asked of the chain before it is done. */
void plan_leave_out(struct deed *d, const struct tx_job *txs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(txs[i].kind, deed_step_name(STEP_BOND)) &&
			(txs[i].state == TX_MINED || txs[i].state == TX_CONFIRMED))
			d->amount = LPT_ZERO;
}

static struct err *check_money(const struct plan *p, const struct migrate_facts *f)
{
	struct wei need = wei_add_or_max(p->cost, p->value), has = f->stake->eth;
	struct str a = STR_INIT, b = STR_INIT, c = STR_INIT;
	struct err *e = NULL;

	for (size_t i = 0; i < p->n; i++)
		has = wei_add_or_max(has, p->v[i].income);
	if (wei_cmp(need, has) <= 0 && wei_cmp(p->cost, f->stake->eth) <= 0)
		return NULL;
	wei_fmt_eth(&a, need);
	wei_fmt_eth(&b, f->stake->eth);
	wei_fmt_eth(&c, p->cost);
	e = err_new(ERR_INVALID, "what is to be sent takes about %s, %s of it gas, and the account "
		"has %s: send it some ETH, or leave the steps on the chain out (chainSteps no)",
		a.s, c.s, b.s);
	str_clear(&a);
	str_clear(&b);
	str_clear(&c);
	return e;
}

static struct err *plan_chain(struct plan *p, const struct migrate_facts *f)
{
	struct err *e = NULL;
	struct deed fund;

	if (!f->wish.chain_steps || f->moved_on)
		return NULL;
	plan_refund(p, f);
	if (f->wish.orchestrator)
		e = plan_activate(p, f);
	if (!e && f->wish.broadcaster && plan_fund(&fund, &f->wish, f->stake))
		add_deed(p, MIGRATE_FUND, &fund, f);
	if (!e && plan_is_on_chain(p) && f->nonce_pending != f->nonce_latest)
		e = err_new(ERR_BUSY, "another program has sent %llu transactions from this "
			"account that are not mined yet: wait for them, or cancel them",
			(unsigned long long)(f->nonce_pending - f->nonce_latest));
	return e ? e : check_money(p, f);
}

struct err *plan_make(struct plan *out, const struct migrate_facts *f)
{
	struct err *e = NULL;

	*out = (struct plan){.n = 0};
	add(out, MIGRATE_BACKUP);
	add(out, MIGRATE_DIRECTORY);
	add(out, MIGRATE_KEYS);
	add(out, MIGRATE_PASSWORD);
	if (f->has_history)
		add(out, MIGRATE_ARCHIVE);
	if (f->has_locks)
		add(out, MIGRATE_LOCKS);
	add(out, MIGRATE_CONFIG);
	if (f->on_chain)
		e = plan_chain(out, f);
	if (!e && f->wish.unit)
		add(out, MIGRATE_UNIT);
	if (!e)
		add(out, MIGRATE_VERIFY);
	return e;
}

/* --- going on with it --- */

size_t plan_next(const struct plan *p, const enum work_state states[static MIGRATE_STEPS])
{
	size_t i = 0;

	while (i < p->n && states[i] == WORK_OVER)
		i++;
	return i;
}

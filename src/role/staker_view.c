/* Section STAKING: what was read, in words. */
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/base/str.h"
#include "src/crypto/ec.h"
#include "src/role/hints.h"
#include "src/role/staker_private.h"

static void set_addr(char **field, struct eth_addr a)
{
	char text[EC_ADDR_TEXT_SIZE];

	ec_address_text(text, a.b);
	view_set(field, addr_is_zero(a) ? "" : text);
}

static void set_wei(char **field, struct wei a)
{
	struct str s = STR_INIT;

	wei_fmt_eth(&s, a);
	view_set(field, s.s);
	str_clear(&s);
}

static void set_lpt(char **field, struct lpt a)
{
	struct str s = STR_INIT;

	lpt_fmt(&s, a);
	view_set(field, s.s);
	str_clear(&s);
}

static void set_ppm(char **field, struct ppm a)
{
	struct str s = STR_INIT;

	ppm_fmt(&s, a);
	view_set(field, s.s);
	str_clear(&s);
}

/* a of b in percent; for people only. */
static void set_share(char **field, struct u256 a, struct u256 b)
{
	double whole = u256_to_double(b);

	view_setf(field, "%.4f %%", whole > 0 ? 100 * u256_to_double(a) / whole : 0.0);
}

static int64_t round_or_none(struct round_no r)
{
	return r.v == ROUND_NEVER.v ? 0 : r.v;
}

static void publish(struct staker *s, enum section section, void *view)
{
	struct str json = STR_INIT;

	view_encode(section_desc(section), view, &json);
	board_publish(s->board, section, blob_from_str(&json));
	view_clear(section_desc(section), view);
}

/* --- the pool --- */

static const char *uri_of(const struct staker *s, struct eth_addr a)
{
	if (addr_eq(a, s->facts.recipient))
		return s->facts.service_uri;
	for (size_t i = 0; s->pool && i < s->pool->n; i++)
		if (addr_eq(s->pool->o[i].address, a))
			return s->pool->o[i].uri;
	return "";
}

/* How far it is to the active set: how much more than the last of a full pool,
 * or how much less it could have. */
static void set_distance(const struct stake_facts *f, struct view_staking *v, bool inside)
{
	struct lpt last = f->pool[f->pool_n - 1].stake, mine = f->transcoder.total_stake;
	struct str s = STR_INIT;
	struct lpt by;

	set_lpt(&v->cutoff, last);
	if (inside && lpt_sub(&by, mine, last)) {
		lpt_fmt(&s, by);
		str_add(&s, " above the last");
	} else if (!inside && f->pool_n < f->chain.round.pool_max) {
		str_add(&s, "the pool has room");
	} else if (!inside && lpt_sub(&by, last, mine)) {
		str_add(&s, "more than ");
		lpt_fmt(&s, by);
		str_add(&s, " are missing");
	}
	view_set(&v->distance, str_cstr(&s));
	str_clear(&s);
}

static void fill_pool(const struct staker *s, struct view_staking *v)
{
	const struct stake_facts *f = &s->facts;
	struct pool_list p = {f->pool, f->pool_n, f->chain.round.pool_max};

	v->pool_size = (int64_t)f->pool_n;
	v->pool_max = (int64_t)f->chain.round.pool_max;
	v->rank = (int64_t)pool_list_rank(&p, f->recipient);
	for (size_t i = 0; i < f->pool_n; i++) {
		struct pool_row *row = VIEW_ADD(&v->pool);

		row->rank = (int64_t)i + 1;
		set_addr(&row->address, f->pool[i].addr);
		set_lpt(&row->stake, f->pool[i].stake);
		view_set(&row->service_uri, uri_of(s, f->pool[i].addr));
		row->ours = addr_eq(f->pool[i].addr, f->recipient);
	}
	if (f->pool_n)
		set_distance(f, v, v->rank > 0);
}

/* --- the deed under way --- */

static const char *step_state(const struct sequence *q, enum deed_step s,
	const struct tx_job *j, bool passed)
{
	if (!j)
		return passed ? "skipped" : q->next.step == s && q->active ? "running" : "todo";
	if (j->state == TX_MINED || j->state == TX_CONFIRMED)
		return "done";
	return tx_state_is_final(j->state) ? "failed" : "running";
}

static void fill_steps(const struct staker *s, struct view_staking *v)
{
	const struct sequence *q = &s->seq;
	enum deed_step steps[DEED_STEPS_MAX];
	bool passed = true;
	size_t n;

	if (!q->active && !q->over)
		return;
	n = deed_plan(&q->deed, steps);
	for (size_t i = 0; i < n; i++) {
		const struct tx_job *j = deed_step_job(steps[i], q->jobs, q->jobs_n);
		bool here = q->next.step == steps[i] && q->next.act != DEED_DONE;
		struct step_row *row = VIEW_ADD(&v->activation);
		struct wei cost;

		passed = passed && !here;
		view_set(&row->name, deed_step_name(steps[i]));
		view_set(&row->state, step_state(q, steps[i], j, passed));
		if (here)
			view_set(&row->detail, q->next.why);
		if (here && q->failed)
			view_set(&row->state, "failed");
		if (!j)
			continue;
		row->tx = j->id;
		if (!here)
			view_set(&row->detail, j->note);
		if (j->block.v && wei_of_gas(&cost, j->gas_used, j->gas_price))
			set_wei(&row->cost, cost);
	}
}

/* --- the section --- */

static void fill_account(const struct stake_facts *f, struct view_staking *v)
{
	const struct delegator_facts *g = &f->owner;

	set_wei(&v->eth_balance, f->eth);
	set_lpt(&v->lpt_balance, f->lpt);
	set_lpt(&v->allowance, f->allowance);
	set_lpt(&v->bonded, g->bonded);
	set_addr(&v->delegate, g->delegate);
	set_lpt(&v->pending_stake, g->pending_stake);
	set_wei(&v->pending_fees, g->pending_fees);
	v->start_round = round_or_none(g->start);
	v->last_claim_round = g->last_claim.v;
	for (size_t i = 0; i < f->locks_n; i++) {
		struct lock_row *row = VIEW_ADD(&v->locks);

		row->id = (int64_t)f->locks[i].id;
		set_lpt(&row->amount, f->locks[i].amount);
		row->withdraw_round = f->locks[i].withdraw_round.v;
		row->open = stake_lock_is_due(f, &f->locks[i]);
	}
}

static void fill_orchestrator(const struct stake_facts *f, struct view_staking *v)
{
	const struct transcoder_facts *t = &f->transcoder;
	struct lpt reward;

	view_set(&v->state, t->active ? "active" : !t->registered ? "not registered"
		: t->deactivation.v != ROUND_NEVER.v ? "inactive" : "registered");
	set_lpt(&v->delegated, t->total_stake);
	v->activation_round = round_or_none(t->activation);
	v->deactivation_round = round_or_none(t->deactivation);
	v->last_reward_round = t->last_reward.v;
	v->reward_called = t->last_reward.v >= f->chain.round.current.v;
	set_ppm(&v->reward_cut, t->reward_cut);
	set_ppm(&v->fee_share, t->fee_share);
	set_ppm(&v->fee_cut, (struct ppm){1000000 - t->fee_share.v}); /* raw: its complement */
	view_set(&v->service_uri, f->service_uri);
	if (t->active && stake_next_reward(f, &reward))
		set_lpt(&v->next_reward, reward);
}

static void fill_network(const struct stake_facts *f, struct view_staking *v)
{
	set_share(&v->inflation, u256_from(f->minter.inflation), u256_from(f->minter.divisor));
	set_lpt(&v->total_bonded, f->protocol.total_bonded);
	set_share(&v->participation, f->protocol.total_bonded.v, /* raw: for people */
		f->minter.supply.v); /* raw: for people */
}

void staker_publish(struct staker *s)
{
	struct view_staking v = {0};

	view_set(&v.reward_state, s->reward_step.why);
	if (s->facts.known) {
		fill_account(&s->facts, &v);
		fill_orchestrator(&s->facts, &v);
		fill_network(&s->facts, &v);
		fill_pool(s, &v);
	}
	fill_steps(s, &v);
	publish(s, SECTION_STAKING, &v);
}

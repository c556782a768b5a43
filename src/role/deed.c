#include "src/role/deed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/role/reward.h"

static const char *const names[DEED_KINDS] = {
	[DEED_BOND] = "bond",
	[DEED_MOVE] = "bond_to",
	[DEED_UNBOND] = "unbond",
	[DEED_REBOND] = "rebond",
	[DEED_WITHDRAW_STAKE] = "withdraw_stake",
	[DEED_WITHDRAW_FEES] = "withdraw_fees",
	[DEED_CLAIM] = "claim_earnings",
	[DEED_ACTIVATE] = "activate",
	[DEED_SET_ORCHESTRATOR] = "set_orchestrator",
	[DEED_REWARD] = "reward",
	[DEED_INITIALIZE_ROUND] = "initialize_round",
	[DEED_FUND] = "fund",
	[DEED_UNLOCK] = "unlock",
	[DEED_CANCEL_UNLOCK] = "cancel_unlock",
	[DEED_WITHDRAW] = "withdraw",
	[DEED_FAUCET] = "request_tokens",
	[DEED_REFUND] = "refund",
};

/* Typical gas, Streamflow and Confluence, measured on the contracts (chain
 * reference 6.4), rounded up. */
static const struct {
	const char *name;
	uint32_t gas[2];
} steps[STEP_KINDS] = {
	[STEP_CLAIM] = {"claim", {300000, 300000}},
	[STEP_REBOND] = {"rebond", {150000, 260000}},
	[STEP_REBOND_FROM_UNBONDED] = {"rebond_unbonded", {250000, 350000}},
	[STEP_APPROVE] = {"approve", {50000, 50000}},
	[STEP_BOND] = {"bond", {490000, 640000}},
	[STEP_TRANSCODER] = {"transcoder", {140000, 140000}},
	[STEP_SERVICE_URI] = {"service_uri", {60000, 60000}},
	[STEP_UNBOND] = {"unbond", {330000, 350000}},
	[STEP_WITHDRAW_STAKE] = {"withdraw_stake", {105000, 105000}},
	[STEP_WITHDRAW_FEES] = {"withdraw_fees", {235000, 235000}},
	[STEP_REWARD] = {"reward", {360000, 540000}},
	[STEP_INITIALIZE_ROUND] = {"initialize_round", {165000, 255000}},
	[STEP_FUND] = {"fund", {110000, 110000}},
	[STEP_UNLOCK] = {"unlock", {95000, 95000}},
	[STEP_CANCEL_UNLOCK] = {"cancel_unlock", {60000, 60000}},
	[STEP_WITHDRAW] = {"withdraw", {95000, 95000}},
	[STEP_FAUCET] = {"faucet", {75000, 75000}},
	[STEP_REFUND] = {"refund", {75000, 75000}},
};

const char *deed_name(enum deed_kind k)
{
	return names[k];
}

const char *deed_step_name(enum deed_step s)
{
	return steps[s].name;
}

struct gas deed_step_gas(enum deed_step s, enum generation g)
{
	return (struct gas){steps[s].gas[g == GENERATION_CONFLUENCE]};
}

struct wei deed_value(const struct deed *d)
{
	return d->kind == DEED_FUND ? wei_add_or_max(d->deposit, d->reserve) : WEI_ZERO;
}

/* --- as a line --- */

/* Words in a fixed order; "-" is what there is none of, and the URI, which has
 * no blanks, is the last. */
void deed_fmt(struct str *out, const struct deed *d)
{
	/* raw: exact digits, read back below */
	const struct u256 amounts[] = {d->amount.v, d->deposit.v, d->reserve.v, d->fees.v};

	str_add(out, names[d->kind]);
	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++) {
		str_addc(out, ' ');
		u256_fmt(out, amounts[i]);
	}
	str_addc(out, ' ');
	addr_fmt(out, d->to);
	str_printf(out, d->has_lock ? " %llu" : " -", (unsigned long long)d->lock);
	str_printf(out, d->has_cut ? " %u" : " -", d->reward_cut.v);
	str_printf(out, d->has_share ? " %u" : " -", d->fee_share.v);
	str_printf(out, " %s", *d->uri ? d->uri : "-");
}

static bool take_ppm(const char *word, bool *has, struct ppm *out)
{
	uint64_t v;

	*has = strcmp(word, "-") != 0;
	if (!*has)
		return true;
	if (!parse_u64(word, &v) || v > 1000000)
		return false;
	out->v = (uint32_t)v;
	return true;
}

static bool take_words(struct deed *d, char *const w[static 10])
{
	while (d->kind < DEED_KINDS && strcmp(names[d->kind], w[0]) != 0)
		d->kind++;
	if (d->kind == DEED_KINDS || !u256_parse(&d->amount.v, w[1]) || /* raw: see above */
		!u256_parse(&d->deposit.v, w[2]) || /* raw: see above */
		!u256_parse(&d->reserve.v, w[3]) || /* raw: see above */
		!u256_parse(&d->fees.v, w[4]) || /* raw: see above */
		!addr_parse(&d->to, w[5]))
		return false;
	d->has_lock = strcmp(w[6], "-") != 0;
	if ((d->has_lock && !parse_u64(w[6], &d->lock)) ||
		!take_ppm(w[7], &d->has_cut, &d->reward_cut) ||
		!take_ppm(w[8], &d->has_share, &d->fee_share) ||
		!*w[9] || strlen(w[9]) >= sizeof(d->uri))
		return false;
	if (strcmp(w[9], "-") != 0)
		memcpy(d->uri, w[9], strlen(w[9]) + 1);
	return true;
}

bool deed_parse(struct deed *out, const char *line)
{
	char *copy = xstrdup(line), *words[10] = {0}, *p = copy;
	bool ok;
	size_t n = 0;

	*out = (struct deed){0};
	while (n < ARRAY_SIZE(words) && p)
		words[n++] = strsep(&p, " ");
	ok = n == ARRAY_SIZE(words) && !p && take_words(out, words);
	free(copy);
	return ok;
}

/* --- which steps --- */

static bool behind_on_claims(const struct stake_facts *f)
{
	const struct delegator_facts *d = &f->delegator;

	/* Streamflow as launched: no bonding action for who is further behind. */
	return f->contracts.launch && f->protocol.max_claim_rounds && d->last_claim.v &&
		f->chain.round.current.v - d->last_claim.v >
			(int64_t)f->protocol.max_claim_rounds;
}

static bool wants_transcoder(const struct deed *d, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;

	if ((d->has_cut && d->reward_cut.v != t->reward_cut.v) || /* raw: parts of a million */
		(d->has_share && d->fee_share.v != t->fee_share.v)) /* raw: parts of a million */
		return true;
	/* It also joins who is not in the pool, as one evicted. */
	return d->kind == DEED_ACTIVATE && (!t->registered ||
		t->deactivation.v != ROUND_NEVER.v);
}

static bool is_needed(enum deed_step s, const struct deed *d, const struct stake_facts *f)
{
	switch (s) {
	case STEP_CLAIM:
		return d->kind == DEED_CLAIM
			? f->delegator.last_claim.v < f->chain.round.current.v
			: behind_on_claims(f);
	case STEP_APPROVE:
		return lpt_cmp(f->allowance, d->amount) < 0;
	case STEP_BOND:
		return d->kind == DEED_MOVE || !lpt_is_zero(d->amount);
	case STEP_REBOND:
		return d->has_lock && f->delegator.status != DELEGATOR_UNBONDED;
	case STEP_REBOND_FROM_UNBONDED:
		return d->has_lock && f->delegator.status == DELEGATOR_UNBONDED;
	case STEP_TRANSCODER:
		return wants_transcoder(d, f);
	case STEP_SERVICE_URI:
		return *d->uri && strcmp(d->uri, f->service_uri) != 0;
	case STEP_UNBOND:
	case STEP_WITHDRAW_STAKE:
	case STEP_WITHDRAW_FEES:
	case STEP_REWARD:
	case STEP_INITIALIZE_ROUND:
	case STEP_FUND:
	case STEP_UNLOCK:
	case STEP_CANCEL_UNLOCK:
	case STEP_WITHDRAW:
	case STEP_FAUCET:
	case STEP_REFUND:
	case STEP_KINDS:
		break;
	}
	return true;
}

#define PLAN(...) \
	{__VA_ARGS__, STEP_KINDS}
static const enum deed_step plans[DEED_KINDS][DEED_STEPS_MAX + 1] = {
	[DEED_BOND] = PLAN(STEP_CLAIM, STEP_APPROVE, STEP_BOND),
	[DEED_MOVE] = PLAN(STEP_CLAIM, STEP_APPROVE, STEP_BOND),
	[DEED_UNBOND] = PLAN(STEP_CLAIM, STEP_UNBOND),
	[DEED_REBOND] = PLAN(STEP_CLAIM, STEP_REBOND, STEP_REBOND_FROM_UNBONDED),
	[DEED_WITHDRAW_STAKE] = PLAN(STEP_WITHDRAW_STAKE),
	[DEED_WITHDRAW_FEES] = PLAN(STEP_CLAIM, STEP_WITHDRAW_FEES),
	[DEED_CLAIM] = PLAN(STEP_CLAIM),
	[DEED_ACTIVATE] = PLAN(STEP_CLAIM, STEP_REBOND, STEP_REBOND_FROM_UNBONDED,
		STEP_APPROVE, STEP_BOND, STEP_TRANSCODER, STEP_SERVICE_URI),
	[DEED_SET_ORCHESTRATOR] = PLAN(STEP_TRANSCODER, STEP_SERVICE_URI),
	[DEED_REWARD] = PLAN(STEP_REWARD),
	[DEED_INITIALIZE_ROUND] = PLAN(STEP_INITIALIZE_ROUND),
	[DEED_FUND] = PLAN(STEP_FUND),
	[DEED_UNLOCK] = PLAN(STEP_UNLOCK),
	[DEED_CANCEL_UNLOCK] = PLAN(STEP_CANCEL_UNLOCK),
	[DEED_WITHDRAW] = PLAN(STEP_WITHDRAW),
	[DEED_FAUCET] = PLAN(STEP_FAUCET),
	[DEED_REFUND] = PLAN(STEP_REFUND),
};

size_t deed_plan(const struct deed *d, enum deed_step out[static DEED_STEPS_MAX])
{
	size_t n = 0;

	while (plans[d->kind][n] != STEP_KINDS) {
		out[n] = plans[d->kind][n];
		n++;
	}
	return n;
}

size_t deed_steps(const struct deed *d, const struct stake_facts *f,
	enum deed_step out[static DEED_STEPS_MAX])
{
	size_t n = 0;

	for (const enum deed_step *s = plans[d->kind]; *s != STEP_KINDS; s++)
		if (is_needed(*s, d, f))
			out[n++] = *s;
	return n;
}

/* --- which is next --- */

const struct tx_job *deed_step_job(enum deed_step s, const struct tx_job *jobs, size_t n)
{
	const struct tx_job *latest = NULL;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(jobs[i].kind, steps[s].name) && (!latest || jobs[i].id > latest->id))
			latest = &jobs[i];
	return latest;
}

static struct deed_next next(enum deed_act act, enum deed_step s, int64_t tx,
	const char *fmt, ...) printf_like(4, 5);
static struct deed_next next(enum deed_act act, enum deed_step s, int64_t tx,
	const char *fmt, ...)
{
	struct deed_next out = {.act = act, .step = s, .tx = tx};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out.why, sizeof(out.why), fmt, ap);
	va_end(ap);
	return out;
}

/* What the chain makes every bonding transaction wait for. */
static bool must_wait(enum deed_step s, const struct stake_facts *f, struct deed_next *out)
{
	const struct chain_facts *c = &f->chain;

	if (s == STEP_APPROVE || s == STEP_SERVICE_URI || s == STEP_FAUCET ||
		s == STEP_REFUND || s == STEP_INITIALIZE_ROUND)
		return false;
	if (c->paused)
		*out = next(DEED_WAIT, s, 0, "the protocol is paused");
	else if (s >= STEP_FUND)
		return false;
	else if (c->round.initialized.v < c->round.current.v)
		*out = next(DEED_WAIT, s, 0, "round %lld is not initialised yet",
			(long long)c->round.current.v);
	else if (s == STEP_TRANSCODER && round_lock_left(c))
		*out = next(DEED_WAIT, s, 0, "the round is locked for another %lld blocks",
			(long long)round_lock_left(c));
	else
		return false;
	return true;
}

/* true: the transaction is through, and the facts know of it. */
static bool is_through(const struct tx_job *j, enum deed_step s,
	const struct stake_facts *f, struct deed_next *out)
{
	switch (j->state) {
	case TX_PREPARED:
	case TX_SENT:
		*out = next(DEED_WAIT, s, j->id, "transaction %lld is %s", (long long)j->id,
			tx_state_name(j->state));
		return false;
	case TX_MINED:
	case TX_CONFIRMED:
		if (f->chain.head.v >= j->block.v)
			return true;
		*out = next(DEED_WAIT, s, j->id, "transaction %lld is mined",
			(long long)j->id);
		return false;
	case TX_FAILED:
	case TX_CANCELLED:
	case TX_REPLACED:
		break;
	}
	*out = next(DEED_FAILED, s, j->id, "transaction %lld: %s%s%s", (long long)j->id,
		tx_state_name(j->state), *j->error ? ": " : "", j->error);
	return false;
}

struct deed_next deed_next(const struct deed *d, const struct stake_facts *f,
	const struct tx_job *jobs, size_t n)
{
	struct deed_next out;

	for (const enum deed_step *s = plans[d->kind]; *s != STEP_KINDS; s++) {
		const struct tx_job *j = deed_step_job(*s, jobs, n);

		if (j && !is_through(j, *s, f, &out))
			return out;
		/* A rebond changes what the other kind of it reads. */
		if (*s == STEP_REBOND_FROM_UNBONDED && deed_step_job(STEP_REBOND, jobs, n))
			continue;
		if (*s == STEP_REBOND && deed_step_job(STEP_REBOND_FROM_UNBONDED, jobs, n))
			continue;
		/* Claims go on until there are no more; all else is done once. */
		if ((j && *s != STEP_CLAIM) || !is_needed(*s, d, f))
			continue;
		if (*s == STEP_APPROVE && deed_step_job(STEP_BOND, jobs, n))
			continue;
		if (must_wait(*s, f, &out))
			return out;
		return next(DEED_SUBMIT, *s, 0, "%s", steps[*s].name);
	}
	return next(DEED_DONE, STEP_KINDS, 0, "done");
}

#include "src/pay/redemption.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/pay/reserve.h"

/* The last quarter of a ticket's last round. */
#define LAST_CHANCE_PARTS 4
/* What is sent now is mined in the next block at the soonest: at the end of a
 * round it would find one that nobody has initialised, or itself expired. */
#define EDGE_BLOCKS 2

static struct redemption_step step(enum redemption_act act, const char *fmt, ...)
	printf_like(2, 3);
static struct redemption_step step(enum redemption_act act, const char *fmt, ...)
{
	struct redemption_step s = { .act = act };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s.why, sizeof(s.why), fmt, ap);
	va_end(ap);
	return s;
}

static struct redemption_step wait_for(const char *what, struct wei a, struct wei b)
{
	struct str x = STR_INIT, y = STR_INIT;
	struct redemption_step s;

	wei_fmt(&x, a);
	wei_fmt(&y, b);
	s = step(REDEMPTION_WAIT, "%s: %s of %s", what, x.s, y.s);
	str_clear(&x);
	str_clear(&y);
	return s;
}

/* Numbers of the chain are as large as an endpoint pleases. */
static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* The round in which it is refused as expired:
 * "creationRound + ticketValidityPeriod > currentRound" must hold. */
static int64_t end_round(const struct winning_ticket *t, const struct round_facts *r)
{
	uint64_t rounds = r->ticket_validity < INT64_MAX ? r->ticket_validity : INT64_MAX;

	return plus(t->ticket.created.round.v, (int64_t)rounds);
}

/* Of the current round, the latest block among them. */
static int64_t blocks_left(const struct chain_facts *c)
{
	return plus(plus(c->round.start.v, c->round.length), -c->l1.v);
}

static bool is_last_chance(const struct winning_ticket *t, const struct chain_facts *c)
{
	const struct round_facts *r = &c->round;

	return r->current.v >= end_round(t, r) - 1 &&
	       blocks_left(c) < r->length / LAST_CHANCE_PARTS;
}

/* The chain refuses every redemption in this state of it. */
static const char *closed(const struct chain_facts *c)
{
	if (c->paused)
		return "the protocol is paused";
	if (c->round.current.v != c->round.initialized.v)
		return "the current round is not initialized";
	if (blocks_left(c) < EDGE_BLOCKS)
		return "the round is at its end";
	if (!c->registered)
		return "the recipient is not registered: bond to it";
	return NULL;
}

static struct redemption_step judge_money(const struct winning_ticket *t,
	const struct redemption_facts *f)
{
	const struct chain_facts *c = f->chain;
	struct wei face = t->ticket.face_value, cost, left;

	if (f->funds->withdraw_round.v && f->funds->withdraw_round.v <= c->round.current.v)
		return step(REDEMPTION_WAIT, "the sender is unlocked");
	/* What is under way is paid before this one. Only an active orchestrator
	 * has a share of the reserve. */
	left = c->active ? reserve_payout(f->funds, c->round.pool_size,
				   (struct wei){ U256_MAX })
			 : f->funds->deposit;
	left = wei_sub_or_zero(left, f->pending);
	/* A ticket is used up by whatever it is paid: never for less. */
	if (wei_cmp(left, face) < 0)
		return wait_for("the sender's deposit and reserve do not cover it", left,
			face);
	if (!wei_is_zero(f->max_gas_price) && wei_cmp(c->gas_price, f->max_gas_price) > 0)
		return wait_for("gas is above -maxGasPrice", c->gas_price,
			f->max_gas_price);
	if (!wei_of_gas(&cost, f->redeem_gas, c->gas_price) || wei_cmp(face, cost) <= 0)
		return wait_for("insufficient ticket face value for redeem tx cost", face,
			cost);
	return step(REDEMPTION_SUBMIT, "%s", "");
}

/* Of a ticket that is open and in its rounds. */
static struct redemption_step judge(const struct winning_ticket *t,
	const struct redemption_facts *f)
{
	const struct chain_facts *c = f->chain;
	const char *why = closed(c);
	bool last_chance = is_last_chance(t, c);
	struct redemption_step s, plain;

	if (why)
		s = step(REDEMPTION_WAIT, "%s", why);
	/* Redeeming tells the random number: with it a sender could make losing
	 * tickets only, as long as the params hold. All that these could be worth
	 * is little beside a face value that would be lost. */
	else if (t->ticket.params_expiration.v > c->l1.v && !last_chance)
		s = step(REDEMPTION_WAIT, "its params hold until block %lld",
			(long long)t->ticket.params_expiration.v);
	else if (f->funds)
		s = judge_money(t, f);
	else
		s = (struct redemption_step){ .act = REDEMPTION_WAIT, .needs_funds = true,
			.why = "the sender's funds are not known now" };
	if (last_chance && s.act == REDEMPTION_WAIT) {
		plain = s;
		snprintf(s.why, sizeof(s.why), "last chance: %.*s",
			(int)sizeof(s.why) - 16, plain.why);
	}
	s.last_chance = last_chance;
	return s;
}

struct redemption_step redemption_decide(enum ticket_state state,
	const struct winning_ticket *t, const struct redemption_facts *f)
{
	const struct round_facts *r = &f->chain->round;

	if (state != TICKET_WON || f->has_job)
		return step(REDEMPTION_WAIT, "%s", state == TICKET_SUBMITTED || f->has_job
			? "a transaction carries it" : "it is over");
	if (!f->chain->ready || !r->length || !r->ticket_validity)
		return step(REDEMPTION_WAIT, "the chain is not known");
	if (f->used)
		return step(REDEMPTION_DONE, "it is used on chain");
	if (r->initialized.v >= end_round(t, r))
		return step(REDEMPTION_LAPSE, "its rounds are over: made in round %lld, "
			"round %lld is on", (long long)t->ticket.created.round.v,
			(long long)r->initialized.v);
	return judge(t, f);
}

enum redemption_act redemption_after_revert(const char *text)
{
	static const struct {
		const char *words;
		enum redemption_act act;
	} table[] = {
		{ "ticket is used", REDEMPTION_DONE },
		{ "ticket is expired", REDEMPTION_LAPSE },
		{ "ticket recipient is null address", REDEMPTION_DROP },
		{ "ticket sender is null address", REDEMPTION_DROP },
		{ "invalid length for ticket auxData", REDEMPTION_DROP },
		{ "ticket creationRound does not have a block hash", REDEMPTION_DROP },
		{ "ticket creationRoundBlockHash invalid", REDEMPTION_DROP },
		{ "recipientRand does not match", REDEMPTION_DROP },
		{ "invalid signature over ticket hash", REDEMPTION_DROP },
		{ "INVALID_SIGNATURE_LENGTH", REDEMPTION_DROP },
		{ "ECDSA: invalid signature", REDEMPTION_DROP },
		{ "ticket did not win", REDEMPTION_DROP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strstr(text, table[i].words))
			return table[i].act;
	return REDEMPTION_WAIT;
}

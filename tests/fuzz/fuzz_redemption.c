/* A winning ticket and a chain that does what the input says: money comes and
 * goes, rounds begin, gas rises, transactions revert, other hands redeem, and
 * endpoints answer anything. Whatever happens, no ticket is carried by two
 * transactions, none is sent that the facts say is doomed or badly paid, and
 * what was sent on true facts pays its face. */
#include <assert.h>
#include <string.h>

#include "src/pay/redemption.h"
#include "src/pay/reserve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at, *end;
};

struct play {
	struct input in;
	struct winning_ticket w;
	enum ticket_state state;
	struct chain_facts chain;
	struct sender_funds funds;
	struct redemption_facts f;
	unsigned carried; /* by transactions that live */
};

static uint8_t byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static bool chance(struct input *in)
{
	return byte(in) & 1;
}

/* Near what matters, or at the far ends. */
static int64_t number(struct input *in)
{
	uint8_t b = byte(in);
	int64_t v = 0;

	if (b < 224)
		return b;
	if (b < 240)
		return b % 2 ? INT64_MAX - b % 4 : 0;
	for (int i = 0; i < 8; i++)
		v = (int64_t)((uint64_t)v << 8 | byte(in));
	return v;
}

static struct wei amount(struct input *in)
{
	uint8_t b = byte(in);

	if (b < 250)
		return wei_from_gwei((uint64_t)b * 100000);
	return b % 2 ? (struct wei){ U256_MAX } : WEI_ZERO;
}

/* What the contract would pay now (chain reference 8.4); nothing: it reverts. */
static bool pays(const struct play *p, struct wei *paid)
{
	const struct round_facts *r = &p->chain.round;
	int64_t made = p->w.ticket.created.round.v;

	if (p->f.used || p->chain.paused || r->current.v != r->initialized.v ||
		r->current.v - made >= (int64_t)r->ticket_validity ||
		(p->funds.withdraw_round.v && p->funds.withdraw_round.v <= r->current.v))
		return false;
	*paid = p->chain.active
			? reserve_payout(&p->funds, r->pool_size, p->w.ticket.face_value)
			: wei_min(p->funds.deposit, p->w.ticket.face_value);
	return true;
}

static void check_sent(const struct play *p, bool is_sane)
{
	const struct round_facts *r = &p->chain.round;
	struct wei cost, paid;

	assert(p->state == TICKET_WON && !p->f.has_job && !p->f.used && !p->carried);
	assert(p->chain.ready && !p->chain.paused && p->chain.registered);
	assert(r->current.v == r->initialized.v && p->f.funds);
	assert(wei_of_gas(&cost, p->f.redeem_gas, p->chain.gas_price) &&
		wei_cmp(cost, p->w.ticket.face_value) < 0);
	assert(wei_is_zero(p->f.max_gas_price) ||
		wei_cmp(p->chain.gas_price, p->f.max_gas_price) <= 0);
	if (!is_sane)
		return;
	assert(p->chain.l1.v + 1 < r->start.v + r->length);
	assert(pays(p, &paid) && wei_cmp(paid, p->w.ticket.face_value) == 0);
}

static void decide(struct play *p, bool is_sane)
{
	struct redemption_step s = redemption_decide(p->state, &p->w, &p->f);

	assert(memchr(s.why, '\0', sizeof(s.why)));
	switch (s.act) {
	case REDEMPTION_WAIT:
		assert(*s.why);
		break;
	case REDEMPTION_SUBMIT:
		check_sent(p, is_sane);
		p->state = TICKET_SUBMITTED;
		p->carried++;
		break;
	case REDEMPTION_DONE:
		assert(p->f.used && p->state == TICKET_WON);
		break;
	case REDEMPTION_LAPSE:
		assert(p->state == TICKET_WON && p->chain.ready && !p->f.used);
		p->state = TICKET_LAPSED;
		break;
	case REDEMPTION_DROP:
		assert(!"the chain's to say");
	}
}

/* Facts that hang together. */
static void true_facts(struct play *p)
{
	struct round_facts *r = &p->chain.round;
	struct input *in = &p->in;

	p->chain.ready = true;
	p->chain.paused = byte(in) < 32;
	p->chain.registered = byte(in) >= 32;
	p->chain.active = byte(in) >= 64;
	r->length = 16 + byte(in) % 64;
	r->ticket_validity = 2;
	r->current.v = 8 + byte(in) % 5;
	r->initialized.v = r->current.v - (byte(in) < 32);
	r->start.v = r->current.v * r->length;
	p->chain.l1.v = r->start.v + byte(in) % r->length;
	r->pool_size = byte(in) % 4;
	p->chain.gas_price = wei_from_gwei(byte(in) % 16);
	p->funds.deposit = amount(in);
	p->funds.reserve = amount(in);
	p->funds.claimed = wei_from_gwei(byte(in));
	p->funds.claimed_by_us = wei_min(p->funds.claimed, wei_from_gwei(byte(in)));
	p->funds.withdraw_round.v = byte(in) < 192 ? 0 : 8 + byte(in) % 6;
}

static void wild_facts(struct play *p)
{
	struct round_facts *r = &p->chain.round;
	struct input *in = &p->in;

	p->chain.ready = chance(in);
	p->chain.l1.v = number(in);
	p->chain.gas_price = amount(in);
	r->current.v = number(in);
	r->initialized.v = chance(in) ? r->current.v : number(in);
	r->start.v = number(in);
	r->length = number(in);
	r->ticket_validity = (uint64_t)number(in);
	r->pool_size = (uint64_t)number(in);
	p->funds.deposit = amount(in);
	p->funds.reserve = amount(in);
	p->funds.claimed = amount(in);
	p->funds.claimed_by_us = amount(in);
	p->funds.withdraw_round.v = number(in);
}

/* What becomes of the transaction that carries it. */
static void settle(struct play *p)
{
	if (p->state != TICKET_SUBMITTED)
		return;
	p->carried--;
	if (chance(&p->in)) {
		p->state = TICKET_REDEEMED;
		p->f.used = true;
	} else {
		p->state = TICKET_WON; /* it reverted, or was dropped */
	}
}

static void one_event(struct play *p)
{
	switch (byte(&p->in) % 8) {
	case 0:
	case 1:
	case 2:
		true_facts(p);
		p->f.funds = &p->funds;
		p->f.pending = WEI_ZERO;
		decide(p, true);
		break;
	case 3:
		wild_facts(p);
		p->f.funds = chance(&p->in) ? &p->funds : NULL;
		p->f.pending = amount(&p->in);
		decide(p, false);
		break;
	case 4:
		settle(p);
		break;
	case 5:
		p->f.used = chance(&p->in); /* another hand, or a lie about it */
		decide(p, false);
		break;
	case 6:
		p->f.has_job = chance(&p->in);
		decide(p, false);
		break;
	case 7:
		if (p->state == TICKET_LAPSED) /* tickets_reopen() */
			p->state = TICKET_WON;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = { .in = { data, data + size }, .state = TICKET_WON };
	char text[64] = "";

	p.f.chain = &p.chain;
	p.f.redeem_gas.v = 350000;
	p.f.max_gas_price = chance(&p.in) ? wei_from_gwei(8) : WEI_ZERO;
	p.w.ticket.face_value = amount(&p.in);
	p.w.ticket.created.round.v = chance(&p.in) ? number(&p.in) : 10;
	p.w.ticket.params_expiration.v = number(&p.in);
	if (size)
		memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
	assert(redemption_after_revert(text) != REDEMPTION_SUBMIT);
	for (int i = 0; i < 256 && p.in.at < p.in.end; i++)
		one_event(&p);
	return 0;
}

#include "src/pay/sender.h"

#include <stdlib.h>
#include <uthash.h>

#include "src/pay/reserve.h"
#include "src/pay/ticket_hash.h"

#define EXPIRY_BUFFER 1 /* L1 blocks: paramsExpiryBuffer */
#define SERIES_MAX 4096
/* 1.02 as the double it is in the reference, a fraction exactly. */
#define PIXEL_MARGIN_NUM 2296835809958953
#define PIXEL_MARGIN_DEN 2251799813685248

/* The nonces given out under one set of params. */
struct series {
	UT_hash_handle hh;
	struct hash32 rand_hash;
	uint32_t last;
};

struct sender {
	struct sender_options o;
	struct series *series; /* in order of their beginning */
};

struct sender *sender_new(const struct sender_options *o)
{
	struct sender *s = XNEW(struct sender);

	s->o = *o;
	if (!s->o.deposit_multiplier)
		s->o.deposit_multiplier = 1;
	return s;
}

static void drop(struct sender *s, struct series *one)
{
	HASH_DEL(s->series, one);
	free(one);
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	while (s->series)
		drop(s, s->series);
	free(s);
}

/* With five decimals, rounded as Go's FloatString does. */
static void fmt_ev(struct str *out, struct credit c)
{
	static const struct u256 half = { { 0, 1ull << 63 } };
	struct u256 scaled, rest, whole;

	if (!u256_mul(&scaled, c.v, u256_from(100000)) || !u256_add(&scaled, scaled, half)) {
		credit_fmt(out, c);
		return;
	}
	scaled = (struct u256){ { scaled.limb[2], scaled.limb[3] } };
	whole = u256_div(scaled, u256_from(100000), &rest);
	u256_fmt(out, whole);
	str_printf(out, ".%05llu", (unsigned long long)rest.limb[0]);
}

static struct err *too_much(const char *what, uint64_t n, const char *limit,
	struct credit got, struct credit max)
{
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e;

	fmt_ev(&a, got);
	fmt_ev(&b, max);
	e = n ? err_new(ERR_INVALID, "%s %s for %llu tickets > %s %s", what, a.s,
			(unsigned long long)n, limit, b.s)
	      : err_new(ERR_INVALID, "%s %s > %s %s", what, a.s, limit, b.s);
	str_clear(&a);
	str_clear(&b);
	return e;
}

static struct err *check_funds(const struct sender_facts *f)
{
	if (reserve_is_unlocking(&f->funds, f->chain->round.initialized))
		return err_new(ERR_DENIED, "unable to validate sender: deposit and "
			"reserve is set to unlock soon");
	if (wei_is_zero(f->funds.reserve))
		return err_new(ERR_DENIED, "no sender reserve");
	if (wei_is_zero(f->funds.deposit))
		return err_new(ERR_DENIED, "no sender deposit");
	return NULL;
}

static struct err *face_value_error(const char *fmt_low, struct wei face,
	const struct wei *max)
{
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e;

	u256_fmt(&a, face.v);
	if (max)
		u256_fmt(&b, max->v);
	e = max ? err_new(ERR_INVALID, "ticket faceValue %s > max faceValue %s", a.s, b.s)
		: err_new(ERR_INVALID, "%s faceValue=%s", fmt_low, a.s);
	str_clear(&a);
	str_clear(&b);
	return e;
}

static struct err *check_ev(const struct sender *s, const struct ticket_params *p,
	const struct credit *ev)
{
	struct credit face, max;

	if (!credit_from_wei(&face, p->face_value) || credit_cmp(*ev, face) >= 0)
		return face_value_error("ticket faceValue too low", p->face_value, NULL);
	if (credit_from_wei(&max, s->o.max_ticket_ev) && credit_cmp(*ev, max) > 0)
		return too_much("ticket EV", 0, "max ticket EV", *ev, max);
	return NULL;
}

struct err *sender_check_params(const struct sender *s, const struct ticket_params *p,
	const struct sender_facts *f, uint64_t n)
{
	struct credit ev, total, max;
	struct wei max_face;
	struct err *e;

	if (!p->expiration.v)
		return err_new(ERR_INVALID, "ticketParams expiration block is 0");
	if (p->expiration.v - f->chain->l1.v <= EXPIRY_BUFFER)
		return err_new(ERR_INVALID, SENDER_PARAMS_EXPIRED);
	if (!credit_of_ticket(&ev, p->face_value, p->win_prob))
		return face_value_error("ticket faceValue too high", p->face_value, NULL);
	if (credit_is_zero(ev))
		return NULL;
	e = check_ev(s, p, &ev);
	if (!e)
		e = check_funds(f);
	if (e)
		return e;
	n = n ? n : 1;
	if (!credit_times(&total, ev, n) || !credit_from_wei(&max, s->o.max_total_ev))
		return err_new(ERR_INVALID, "total ticket EV is no amount");
	if (credit_cmp(total, max) > 0)
		return too_much("total ticket EV", n, "max total ticket EV", total, max);
	max_face = wei_div(f->funds.deposit, s->o.deposit_multiplier);
	if (wei_cmp(p->face_value, max_face) > 0)
		return face_value_error(NULL, p->face_value, &max_face);
	return NULL;
}

bool sender_fee(struct credit *fee, struct price price, struct pixels pixels)
{
	return credit_of_pixels(fee, price, pixels, PIXEL_MARGIN_NUM, PIXEL_MARGIN_DEN,
		ROUND_UP);
}

struct err *sender_tickets(const struct ticket_params *p, struct credit existing,
	struct credit fee, uint64_t *n, struct credit *bought)
{
	struct credit ev, need;

	*n = 0;
	*bought = CREDIT_ZERO;
	if (!credit_of_ticket(&ev, p->face_value, p->win_prob))
		return face_value_error("ticket faceValue too high", p->face_value, NULL);
	if (credit_is_zero(ev))
		return NULL;
	if (credit_sub(&need, credit_cmp(fee, ev) > 0 ? fee : ev, existing) &&
		credit_count(n, need, ev, PAYMENT_TICKETS_MAX) &&
		credit_times(bought, ev, *n))
		return NULL;
	return err_new(ERR_INVALID, "a segment would need more than %d tickets: the "
		"ticket EV is too low for its price", PAYMENT_TICKETS_MAX);
}

static struct series *series_of(struct sender *s, struct hash32 rand_hash)
{
	struct series *one;

	HASH_FIND(hh, s->series, &rand_hash, sizeof(rand_hash), one);
	if (one)
		return one;
	/* Each answer brings new params; the oldest are long used up. */
	if (HASH_COUNT(s->series) >= SERIES_MAX)
		drop(s, s->series);
	one = XNEW(struct series);
	one->rand_hash = rand_hash;
	HASH_ADD(hh, s->series, rand_hash, sizeof(rand_hash), one);
	return one;
}

static struct err *sign_tickets(struct sender *s, struct payment *out, uint64_t n)
{
	struct series *series = series_of(s, out->params.rand_hash);
	struct ticket t = {
		.recipient = out->params.recipient,
		.sender = s->o.address,
		.face_value = out->params.face_value,
		.win_prob = out->params.win_prob,
		.rand_hash = out->params.rand_hash,
		.created = out->created,
	};

	out->tickets = xcalloc(n, sizeof(*out->tickets));
	for (; out->n < n; out->n++) {
		struct payment_ticket *one = &out->tickets[out->n];
		struct hash32 h;

		t.nonce = one->nonce = ++series->last;
		h = ticket_hash(&t);
		one->sig_len = sizeof(one->sig.b);
		if (!s->o.sign(s->o.ctx, &one->sig, &h))
			return err_new(ERR_INTERNAL, "a ticket cannot be signed");
	}
	return NULL;
}

struct err *sender_pay(struct sender *s, const struct ticket_params *p,
	const struct chain_facts *f, struct price price, uint64_t n, struct payment *out)
{
	*out = (struct payment){
		.has_sender = true,
		.sender = s->o.address,
		.has_price = true,
	};
	if (!price_to_wire(&out->price_per_unit, &out->pixels_per_unit, price))
		return err_new(ERR_INVALID, "the price is none the network can say");
	if (!n)
		return NULL;
	out->has_params = true;
	out->params = *p;
	out->created = p->created;
	/* A recipient that says no round leaves it to us. */
	if (!p->created.round.v || hash_is_zero(p->created.block_hash))
		out->created = (struct ticket_expiration){
			f->round.initialized, f->round.hash };
	return sign_tickets(s, out, n);
}

#include "src/role/purse.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/headers.h"
#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/crypto/flatten.h"
#include "src/crypto/signer.h"
#include "src/pay/sender.h"
#include "src/role/purse_private.h"

#define BALANCES_MAX 65536
#define EXPIRE_MS 60000
#define ASK_MS 2000
#define FPS_UNKNOWN 60 /* estimateFee: of a source that is passed through */

/* --- its life --- */

static bool sign_hash(void *ctx, struct signature *sig, const struct hash32 *hash)
{
	const struct purse *p = ctx;

	return signer_sign_hash(p->signer, sig, hash);
}

struct purse *purse_new(const struct log *log, const struct purse_options *o)
{
	struct purse *p = XNEW(struct purse);
	struct sender_options so = { .max_ticket_ev = o->max_ticket_ev,
		.max_total_ev = o->max_total_ev,
		.deposit_multiplier = o->deposit_multiplier,
		.sign = sign_hash, .ctx = p };
	char text[EC_ADDR_TEXT_SIZE];

	p->log = log_child(log, "purse");
	p->chain = o->chain;
	p->signer = o->signer;
	p->o = *o;
	p->address = so.address = signer_address(o->signer);
	p->sender = sender_new(&so);
	p->credits = credits_new(BALANCES_MAX);
	ec_address_text(text, p->address.b);
	if (!signer_sign_message(p->signer, &p->request_sig, text, strlen(text)))
		log_broken(p->log, "%s cannot sign", text);
	return p;
}

void purse_free(struct purse *p)
{
	struct peer *one, *next;

	if (!p)
		return;
	HASH_ITER(hh, p->peers, one, next) {
		HASH_DEL(p->peers, one);
		free(one);
	}
	sender_free(p->sender);
	credits_free(p->credits);
	log_free(p->log);
	free(p);
}

static void take_funds(struct purse *p, const struct sender_funds *f)
{
	p->funds = *f;
	p->has_funds = true;
}

static void on_funds(void *ctx, struct eth_addr sender, const struct sender_funds *f)
{
	struct purse *p = ctx;

	ASSERT_ON(p->actor);
	if (addr_eq(sender, p->address))
		take_funds(p, f);
}

static void on_asked(void *ctx, struct err *taken, void *result)
{
	struct purse *p = ctx;

	ASSERT_ON(p->actor);
	p->is_asked = false;
	if (!taken)
		take_funds(p, result);
	else if (!p->has_funds)
		log_info(p->log, "deposit and reserve are not known: %s", err_text(taken));
	err_free(taken);
	free(result);
}

/* Until there is an answer; from then on the chain tells of changes. */
static void ask_funds(struct purse *p, int64_t now_ms)
{
	if (p->has_funds || p->is_asked || p->stopping)
		return;
	p->is_asked = true;
	p->asked_ms = now_ms;
	chain_funds(p->chain, p->address, (struct reply){ p->actor, on_asked, p });
}

static void on_facts(void *ctx, const struct chain_facts *f)
{
	struct purse *p = ctx;

	ASSERT_ON(p->actor);
	p->facts = *f;
	if (f->ready)
		ask_funds(p, clock_mono_ms());
}

void purse_open(struct purse *p, struct actor *bcast)
{
	p->actor = bcast;
	p->facts = chain_now(p->chain);
	p->began_ms = clock_mono_ms();
	chain_listen(p->chain, &(struct chain_listener){ .to = bcast, .ctx = p,
		.facts = on_facts, .funds = on_funds });
	ask_funds(p, p->began_ms);
}

void purse_stop(struct purse *p)
{
	p->stopping = true;
}

void purse_tick(struct purse *p, int64_t now_ms)
{
	if (now_ms - p->asked_ms >= ASK_MS)
		ask_funds(p, now_ms);
	if (now_ms - p->expired_ms >= EXPIRE_MS) {
		p->expired_ms = now_ms;
		credits_expire(p->credits, now_ms);
	}
}

/* --- signatures --- */

void purse_sign_request(const struct purse *p, struct orchestrator_request *q)
{
	q->address = p->address;
	memcpy(q->sig, p->request_sig.b, sizeof(p->request_sig.b));
	q->sig_len = sizeof(p->request_sig.b);
}

void purse_sign_segment(const struct purse *p, struct segment_creds *c)
{
	struct str flat = STR_INIT;
	struct signature sig;

	segment_flatten(c, &flat);
	if (signer_sign_message(p->signer, &sig, flat.s, flat.len)) {
		memcpy(c->sig, sig.b, sizeof(sig.b));
		c->sig_len = sizeof(sig.b);
	}
	str_clear(&flat);
}

bool purse_is_receipt(struct eth_addr orchestrator, const struct hash32 *hashes, size_t n,
	const uint8_t *sig, size_t sig_n)
{
	uint8_t all[KECCAK_SIZE];

	_Static_assert(sizeof(*hashes) == KECCAK_SIZE, "hashes lie side by side");
	keccak_256(all, hashes, n * sizeof(*hashes));
	return ec_signed_by(orchestrator.b, all, sig, sig_n);
}

/* --- terms --- */

/* n 0: how many tickets it will be is not known yet. */
static struct err *check(const struct purse *p, const struct orchestrator_info *info,
	uint64_t n)
{
	struct sender_facts f = { p->funds, &p->facts };

	if (!p->facts.ready || !p->has_funds)
		return err_new(ERR_UNAVAILABLE, "our deposit and reserve are not known "
			"yet: no Ethereum node has answered");
	if (!info->has_params)
		return err_new(ERR_INVALID, "ticketParams is nil");
	return sender_check_params(p->sender, &info->params, &f, n);
}

struct err *purse_check(const struct purse *p, const struct orchestrator_info *info)
{
	return check(p, info, 0);
}

bool purse_wants_new(const struct err *e)
{
	return e && strcmp(err_text(e), SENDER_PARAMS_EXPIRED) == 0;
}

static void fmt_ratio(struct str *out, struct price p)
{
	int64_t per, unit;

	if (!price_to_wire(&per, &unit, p))
		price_fmt(out, p);
	else if (unit == 1)
		str_printf(out, "%lld", (long long)per);
	else
		str_printf(out, "%lld/%lld", (long long)per, (long long)unit);
}

/* A price may move while a session lasts, but not run away. */
static struct err *check_price(struct price now, struct price first)
{
	struct price twice = first;
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e;

	if (!wei_mul(&twice.per, first.per, 2) || price_cmp(now, twice) <= 0)
		return NULL;
	fmt_ratio(&a, now);
	fmt_ratio(&b, first);
	e = err_new(ERR_INVALID, "Orchestrator price has more than doubled, Orchestrator "
		"price: %s, Orchestrator initial price: %s", a.s, b.s);
	str_clear(&a);
	str_clear(&b);
	return e;
}

struct pixels purse_estimate(const struct ladder *l, int32_t duration_ms)
{
	uint64_t seconds = ((uint64_t)duration_ms + 999) / 1000, sum = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct rendition *r = &l->r[i];
		uint64_t num = r->fps ? r->fps : FPS_UNKNOWN;
		uint64_t den = r->fps_den ? r->fps_den : 1;

		sum += (uint64_t)r->width * (uint64_t)r->height * ((num + den - 1) / den) *
			seconds;
	}
	return (struct pixels){ sum };
}

/* --- paying --- */

static struct err *buy(struct purse *p, const struct orchestrator_info *info,
	struct pixels estimate, struct outlay *o, struct str *header)
{
	struct payment payment;
	struct credit fee;
	uint64_t n;
	struct err *e;

	if (!sender_fee(&fee, o->price, estimate))
		return err_new(ERR_INVALID, "the fee of the segment is no amount");
	e = sender_tickets(&info->params, o->existing, fee, &n, &o->bought);
	if (!e)
		e = check(p, info, n);
	if (e)
		return e;
	e = sender_pay(p->sender, &info->params, &p->facts, o->price, n, &payment);
	if (!e)
		payment_header_encode(&payment, header);
	payment_clear(&payment);
	return e;
}

static void give_back(struct purse *p, const struct outlay *o, struct credit amount)
{
	if (credit_is_zero(amount))
		return;
	if (!credits_add(p->credits, o->peer, o->session, amount, clock_mono_ms()))
		log_unusual(p->log, "session %s: a balance is lost: too many of them",
			o->session);
}

struct err *purse_pay(struct purse *p, const struct orchestrator_info *info,
	struct price first, struct pixels estimate, struct outlay *out, struct str *header)
{
	struct err *e;

	*out = (struct outlay){ .peer = info->params.recipient };
	memcpy(out->session, info->token.session_id, sizeof(out->session));
	if (!orchestrator_price(&out->price, info))
		return err_new(ERR_INVALID, "missing orchestrator price");
	e = check_price(out->price, first);
	if (!e)
		e = check(p, info, 0);
	if (e)
		return e;
	out->existing = credits_take(p->credits, out->peer, out->session, clock_mono_ms());
	e = buy(p, info, estimate, out, header);
	if (e) {
		give_back(p, out, out->existing);
		return e;
	}
	out->is_open = true;
	purse_count(p, info, out->bought);
	return NULL;
}

void purse_settle(struct purse *p, struct outlay *o, enum outcome outcome,
	struct pixels pixels)
{
	struct credit fee, change;

	if (!o->is_open)
		return;
	o->is_open = false;
	switch (outcome) {
	case OUTCOME_UNSENT:
		give_back(p, o, o->existing);
		break;
	case OUTCOME_SPENT:
		break;
	case OUTCOME_RECEIVED:
		/* Rounded up: never to think that more is there than is. */
		if (credit_of_pixels(&fee, o->price, pixels, 1, 1, ROUND_UP) &&
			credit_add(&change, o->existing, o->bought) &&
			credit_sub(&change, change, fee))
			give_back(p, o, change);
		break;
	}
	purse_count_left(p, o);
}

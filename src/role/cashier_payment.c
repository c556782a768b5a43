/* A payment comes in: the price it names, its tickets one by one, its winners
 * into the database, the rest into the sender's balance. Order and words:
 * go-livepeer core/orchestrator.go ProcessPayment, pm/recipient.go. Runs on
 * the orch actor. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/pay/ticket_hash.h"
#include "src/role/cashier_private.h"

/* --- winners --- */

static void keep(struct cashier *c, const struct winning_ticket *w, const char *session,
	const char *manifest)
{
	struct ticket_record *r;

	c->unsaved = xrealloc_array(c->unsaved, c->unsaved_n + 1, sizeof(*r));
	r = &c->unsaved[c->unsaved_n++];
	*r = (struct ticket_record){ .won = *w, .hash = ticket_hash(&w->ticket),
		.won_ms = clock_wall_ms(), .state = TICKET_WON };
	snprintf(r->session, sizeof(r->session), "%s", session);
	snprintf(r->manifest, sizeof(r->manifest), "%s", manifest);
}

static struct err *put_all(struct cashier *c, size_t *fresh)
{
	struct err *e = NULL;

	*fresh = 0;
	for (size_t i = 0; i < c->unsaved_n && !e; i++) {
		struct ticket_record *r = &c->unsaved[i];
		bool is_fresh;

		e = tickets_put_won(c->db, r, &is_fresh);
		*fresh += is_fresh;
		if (!is_fresh)
			r->id = 0;
	}
	return e;
}

static void say_won(struct cashier *c, size_t fresh)
{
	struct wei sum = WEI_ZERO;
	struct str s = STR_INIT;
	const struct ticket_record *last = NULL;

	for (size_t i = 0; i < c->unsaved_n; i++) {
		const struct ticket_record *r = &c->unsaved[i];
		struct customer *who = cashier_find(c, r->won.ticket.sender);

		if (!r->id) /* known already */
			continue;
		if (who)
			who->won++;
		sum = wei_add_or_max(sum, r->won.ticket.face_value);
		last = r;
	}
	if (!last)
		return;
	wei_fmt(&s, sum);
	str_add(&s, " from ");
	addr_fmt(&s, last->won.ticket.sender);
	log_info(c->log, "session %s: %zu of its tickets won: %s", last->session, fresh, s.s);
	str_clear(&s);
}

/* One commit, however many they are. */
struct err *cashier_save(struct cashier *c)
{
	size_t fresh = 0;
	struct err *e;

	if (!c->unsaved_n)
		return NULL;
	e = db_begin(c->db);
	if (!e)
		e = put_all(c, &fresh);
	e = db_end(c->db, e);
	if (e) {
		if (strcmp(c->trouble, err_text(e)) != 0)
			log_broken(c->log, "%zu winning tickets wait for the database: %s",
				c->unsaved_n, err_text(e));
		snprintf(c->trouble, sizeof(c->trouble), "%s", err_text(e));
		return e;
	}
	if (*c->trouble)
		log_info(c->log, "the database takes winning tickets again");
	c->trouble[0] = '\0';
	say_won(c, fresh);
	c->unsaved_n = 0;
	free(TAKE(c->unsaved));
	if (fresh && c->o.won)
		c->o.won(c->o.ctx);
	return NULL;
}

size_t cashier_unsaved(const struct cashier *c)
{
	return c->unsaved_n;
}

/* --- the price --- */

static struct err *bad_price(const char *fmt, ...) printf_like(1, 2);
static struct err *bad_price(const char *fmt, ...)
{
	struct str s = STR_INIT;
	struct err *e;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	e = err_new(ERR_DENIED, "invalid expected price sent with payment err=\"%s\"",
		str_cstr(&s));
	str_clear(&s);
	return e;
}

static struct err *wrong_price(struct price want, struct price sent)
{
	int64_t a = 0, b = 0, x = 0, y = 0;

	if (price_to_wire(&a, &b, want) && price_to_wire(&x, &y, sent))
		return bad_price("sent %lld/%lld, the session is at %lld/%lld",
			(long long)x, (long long)y, (long long)a, (long long)b);
	return bad_price("it is not the session's");
}

/* The price the payment names must be the session's. At the session's first
 * payment it is proved by the tickets: it is bound into their random number.
 * Without tickets nothing proves it, so it must be what this sender is asked
 * now - the reference takes any, and works for nothing when told 0. */
static struct err *check_price(struct cashier *c, const struct customer *who,
	const struct payment *p, const char *session, struct price *out)
{
	bool is_pinned = credits_price(c->credits, p->sender, session, out);
	struct price sent = PRICE_FREE;

	if (!is_pinned)
		*out = cashier_price_for(c, who);
	if (!p->has_price)
		return price_is_free(*out) && !p->n ? NULL
						   : bad_price("expected price is nil");
	if (!p->pixels_per_unit)
		return bad_price("pixels per unit is 0");
	if (!price_from_wire(&sent, p->price_per_unit, p->pixels_per_unit))
		return bad_price("expected price is negative");
	if (!is_pinned && p->n)
		*out = sent;
	return price_eq(*out, sent) ? NULL : wrong_price(*out, sent);
}

/* --- tickets --- */

/* Tickets after the first that is no good bring nothing; one of them may still
 * have won, and then it counts. The error is the last one's, as in the
 * reference. *good: how many were credited. */
static struct err *judge(struct cashier *c, const struct customer *who,
	const struct payment *p, const char *session, const char *manifest,
	struct takings *t, size_t *good)
{
	struct judgement j = { &who->funds, &c->facts, t->price };
	enum ticket_verdict v = TICKET_OK;
	struct err *refused = NULL;

	*good = 0;
	for (size_t i = 0; i < p->n && !ticket_verdict_is_fatal(v); i++) {
		struct winning_ticket w;
		struct credit ev;
		bool won;

		v = recipient_receive(c->recipient, p, i, &j, &won, &w);
		if (won)
			keep(c, &w, session, manifest);
		if (v != TICKET_OK) {
			err_free(refused);
			refused = ticket_verdict_error(v, &w.ticket, p->sender);
		} else if (!refused &&
			   credit_of_ticket(&ev, w.ticket.face_value, w.ticket.win_prob) &&
			   credit_add(&t->ev, t->ev, ev)) {
			++*good;
		}
	}
	return refused;
}

static struct err *check_active(const struct cashier *c, const struct payment *p)
{
	char name[EC_ADDR_TEXT_SIZE];

	/* Whoever else may be active, its tickets are refused below. */
	if (c->facts.active || !addr_eq(p->params.recipient, c->o.recipient))
		return NULL;
	ec_address_text(name, p->params.recipient.b);
	return err_new(ERR_DENIED, "orchestrator %s is inactive in round %lld, cannot "
		"process payments", name, (long long)c->facts.round.initialized.v);
}

static struct err *bank(struct cashier *c, struct customer *who, const char *session,
	const struct takings *t, size_t good)
{
	int64_t now_ms = clock_mono_ms();
	struct credit sum;

	if (!good)
		return NULL;
	if (!credits_pin_price(c->credits, who->address, session, t->price, now_ms) ||
		!credits_add(c->credits, who->address, session, t->ev, now_ms))
		return err_new(ERR_LIMIT, "no room for another balance");
	if (credit_add(&sum, who->received, t->ev))
		who->received = sum;
	who->tickets += (int64_t)good;
	if (c->o.received)
		c->o.received(c->o.ctx, t->ev);
	return NULL;
}

static struct err *take_tickets(struct cashier *c, struct customer *who,
	const struct payment *p, const char *session, const char *manifest,
	struct takings *t)
{
	size_t good;
	struct err *e = check_active(c, p), *failed;

	if (e)
		return e;
	e = check_price(c, who, p, session, &t->price);
	if (e)
		return e;
	e = judge(c, who, p, session, manifest, t, &good);
	/* Whatever else there is to say: the winners first. */
	failed = cashier_save(c);
	if (!failed)
		failed = bank(c, who, session, t, good);
	if (!failed)
		return e;
	err_free(e);
	return failed;
}

static struct err *check_balance(const struct cashier *c, struct eth_addr sender,
	const char *session, struct price price)
{
	struct credit balance, need;

	if (price_is_free(price))
		return NULL;
	if (credits_balance(c->credits, sender, session, &balance) &&
		credit_from_wei(&need, recipient_ev(c->recipient)) &&
		credit_cmp(balance, need) >= 0)
		return NULL;
	return err_new(ERR_DENIED, "Insufficient balance");
}

struct err *cashier_take(struct cashier *c, const struct payment *p, const char *session,
	const char *manifest, struct takings *out)
{
	struct customer *who = cashier_find(c, p->sender);
	struct err *e;

	assert(who && who->has_funds);
	*out = (struct takings){ .price = PRICE_FREE };
	/* While earlier winners are not safe, no others are taken on. */
	e = cashier_save(c);
	if (e)
		return e;
	if (p->has_params && !p->has_sender)
		return err_new(ERR_DENIED, "Could not find Sender for payment");
	e = p->has_params ? take_tickets(c, who, p, session, manifest, out)
			  : check_price(c, who, p, session, &out->price);
	if (!e)
		e = check_balance(c, p->sender, session, out->price);
	return e;
}

/* --- the balance --- */

void cashier_hold_price(struct cashier *c, struct eth_addr sender, const char *session,
	struct price price)
{
	if (!credits_pin_price(c->credits, sender, session, price, clock_mono_ms()))
		log_debug(c->log, "session %s: no room to hold its price", session);
}

void cashier_charge(struct cashier *c, struct eth_addr sender, const char *session,
	struct price price, struct pixels pixels)
{
	struct credit fee, none = CREDIT_ZERO;

	/* Rounded in the sender's favour: one that reckons in exact fractions
	 * must not find itself short. */
	if (credit_of_pixels(&fee, price, pixels, 1, 1, ROUND_DOWN) &&
		credit_sub(&fee, none, fee) &&
		credits_add(c->credits, sender, session, fee, clock_mono_ms()))
		return;
	log_unusual(c->log, "session %s: %llu pixels could not be charged", session,
		(unsigned long long)pixels.v); /* raw: a count */
}

bool cashier_balance(const struct cashier *c, struct eth_addr sender, const char *session,
	struct credit *out)
{
	return credits_balance(c->credits, sender, session, out);
}

#include "src/role/cashier.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/crypto/flatten.h"
#include "src/crypto/random.h"
#include "src/crypto/signer.h"
#include "src/pay/reserve.h"
#include "src/role/cashier_private.h"

/* Strangers' keys cost them nothing: how many of them are remembered, and how
 * many the chain is asked about at a time. */
#define CUSTOMERS_MAX 4096
#define ASKED_MAX 64
#define ASK_MS 2000
#define BALANCES_MAX 65536
#define RETRY_MS 1000
#define EXPIRE_MS 60000

/* --- senders --- */

struct customer *cashier_find(const struct cashier *c, struct eth_addr sender)
{
	struct customer *who;

	HASH_FIND(hh, c->customers, &sender, sizeof(sender), who);
	return who;
}

/* Its turn to be forgotten comes last now. */
static void touch(struct cashier *c, struct customer *who)
{
	HASH_DEL(c->customers, who);
	HASH_ADD(hh, c->customers, address, sizeof(who->address), who);
}

static bool is_dear(const struct customer *who)
{
	return who->questions || who->tickets || !wei_is_zero(who->pending);
}

/* Those who never paid go first. */
static bool make_room(struct cashier *c)
{
	struct customer *gone = c->customers;

	if (HASH_COUNT(c->customers) < CUSTOMERS_MAX)
		return true;
	while (gone && is_dear(gone))
		gone = gone->hh.next;
	for (gone = gone ? gone : c->customers; gone; gone = gone->hh.next) {
		if (gone->questions || !wei_is_zero(gone->pending))
			continue;
		HASH_DEL(c->customers, gone);
		free(gone);
		return true;
	}
	return false;
}

static struct customer *have(struct cashier *c, struct eth_addr sender)
{
	struct customer *who = cashier_find(c, sender);

	if (who) {
		touch(c, who);
		return who;
	}
	if (!make_room(c))
		return NULL;
	who = XNEW(struct customer);
	who->address = sender;
	HASH_ADD(hh, c->customers, address, sizeof(who->address), who);
	return who;
}

void cashier_note(struct cashier *c, struct eth_addr sender, const char *error)
{
	struct customer *who = cashier_find(c, sender);

	if (!who)
		return;
	snprintf(who->last_error, sizeof(who->last_error), "%s", error);
	who->last_error_ms = clock_wall_ms();
}

static struct err *unknown_funds(struct eth_addr sender, const char *why)
{
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, sender.b);
	return err_new(ERR_UNAVAILABLE, "could not get sender info for %s: %s", name, why);
}

static void answer(struct question *q, struct err *taken)
{
	q->fn(q->ctx, taken);
	free(q);
}

/* All that wait for this sender; why NULL: its funds are known. */
static void answer_all(struct customer *who, const char *why)
{
	struct eth_addr sender = who->address;
	struct question *q = TAKE(who->questions), *next;

	for (; q; q = next) {
		next = q->next;
		answer(q, why ? unknown_funds(sender, why) : NULL);
	}
}

struct inquiry {
	struct cashier *c;
	struct eth_addr sender;
};

static void on_asked(void *ctx, struct err *taken, void *result)
{
	struct inquiry *i = ctx;
	struct cashier *c = i->c;
	struct customer *who = cashier_find(c, i->sender);
	struct sender_funds *funds = result;

	ASSERT_ON(c->actor);
	c->asked--;
	if (who && !taken) {
		who->funds = *funds;
		who->has_funds = true;
	}
	if (who) {
		who->is_asked = false;
		answer_all(who, taken ? err_text(taken) : NULL);
	}
	err_free(taken);
	free(funds);
	free(i);
}

static void ask_chain(struct cashier *c, struct customer *who)
{
	struct inquiry *i = XNEW(struct inquiry);

	*i = (struct inquiry){ c, who->address };
	who->is_asked = true;
	c->asked++;
	chain_funds(c->chain, who->address, (struct reply){ c->actor, on_asked, i });
}

void cashier_ask(struct cashier *c, struct eth_addr sender,
	void (*fn)(void *ctx, struct err *taken), void *ctx)
{
	struct customer *who = have(c, sender);
	struct question *q;

	if (who && who->has_funds) {
		fn(ctx, NULL);
		return;
	}
	if (c->stopping || !who || (!who->is_asked && c->asked >= ASKED_MAX)) {
		fn(ctx, unknown_funds(sender, c->stopping ? "the node stops"
			: "too many senders are being looked up"));
		return;
	}
	q = XNEW(struct question);
	*q = (struct question){ who->questions, fn, ctx, clock_mono_ms() + ASK_MS };
	who->questions = q;
	if (!who->is_asked)
		ask_chain(c, who);
}

/* A late answer of the chain is still kept, for the next time. */
static void expire_questions(struct customer *who, int64_t now_ms)
{
	struct question **at = &who->questions, *late;

	while ((late = *at)) {
		if (now_ms < late->until_ms) {
			at = &late->next;
			continue;
		}
		*at = late->next;
		answer(late, unknown_funds(who->address, "the chain does not answer"));
	}
}

void cashier_set_pending(struct cashier *c, struct eth_addr sender, struct wei pending)
{
	struct customer *who = wei_is_zero(pending) ? cashier_find(c, sender)
						     : have(c, sender);

	if (who)
		who->pending = pending;
}

/* --- what the chain says --- */

static void on_facts(void *ctx, const struct chain_facts *f)
{
	struct cashier *c = ctx;

	ASSERT_ON(c->actor);
	c->facts = *f;
	recipient_forget(c->recipient, f->l1);
}

static void on_funds(void *ctx, struct eth_addr sender, const struct sender_funds *f)
{
	struct cashier *c = ctx;
	struct customer *who = cashier_find(c, sender);

	ASSERT_ON(c->actor);
	if (who) {
		who->funds = *f;
		who->has_funds = true;
	}
}

/* --- signatures --- */

struct err *cashier_check_request(const struct orchestrator_request *q)
{
	char text[EC_ADDR_TEXT_SIZE];
	uint8_t hash[KECCAK_SIZE];

	ec_address_text(text, q->address.b);
	keccak_256(hash, text, strlen(text));
	if (ec_signed_by(q->address.b, hash, q->sig, q->sig_len))
		return NULL;
	return err_new(ERR_DENIED, "orchestrator req sig check failed");
}

bool cashier_signed_segment(const struct segment_creds *creds, struct eth_addr sender)
{
	struct str flat = STR_INIT;
	uint8_t hash[KECCAK_SIZE];

	segment_flatten(creds, &flat);
	keccak_256(hash, flat.s, flat.len);
	str_clear(&flat);
	return ec_signed_by(sender.b, hash, creds->sig, creds->sig_len);
}

struct eth_addr cashier_recipient(const struct cashier *c)
{
	return c->o.recipient;
}

bool cashier_sign_message(const struct cashier *c, struct signature *out,
	const void *bytes, size_t n)
{
	return signer_sign_message(c->signer, out, bytes, n);
}

bool cashier_sign_hash(const struct cashier *c, struct signature *out,
	const struct hash32 *hash)
{
	return signer_sign_hash(c->signer, out, hash);
}

/* --- prices --- */

static struct special_price *find_price(const struct cashier *c, struct eth_addr sender)
{
	struct special_price *p;

	HASH_FIND(hh, c->prices, &sender, sizeof(sender), p);
	return p;
}

void cashier_unset_price(struct cashier *c, struct eth_addr sender)
{
	struct special_price *p = find_price(c, sender);

	if (p) {
		HASH_DEL(c->prices, p);
		free(p);
	}
}

void cashier_set_price(struct cashier *c, const struct eth_addr *sender,
	struct price price)
{
	struct special_price *p;

	if (!sender) {
		c->o.price = price;
		return;
	}
	cashier_unset_price(c, *sender);
	p = XNEW(struct special_price);
	*p = (struct special_price){ .address = *sender, .price = price };
	HASH_ADD(hh, c->prices, address, sizeof(p->address), p);
}

void cashier_set_auto_adjust(struct cashier *c, bool on)
{
	c->o.auto_adjust = on;
}

void cashier_set_max_face_value(struct cashier *c, struct wei max)
{
	recipient_set_max_face_value(c->recipient, max);
	c->o.max_face_value = max;
}

void cashier_set_ticket_ev(struct cashier *c, struct wei ev)
{
	recipient_set_ev(c->recipient, ev);
	c->o.ticket_ev = ev;
}

struct wei cashier_max_float(const struct cashier *c, const struct customer *who)
{
	return reserve_max_float(&who->funds, c->facts.round.pool_size, who->pending);
}

struct price cashier_price_for(const struct cashier *c, const struct customer *who)
{
	struct special_price *own = find_price(c, who->address);
	struct price base = own ? own->price : c->o.price;
	struct wei gas_price = c->facts.gas_price;

	if (!c->o.auto_adjust || price_is_free(base))
		return base;
	return price_with_overhead(base,
		recipient_face_value(c->recipient, gas_price, cashier_max_float(c, who)),
		recipient_tx_cost(c->recipient, gas_price));
}

/* The price a session is at: its first payment's, which its tickets prove, or
 * the present one. */
static struct price session_price(const struct cashier *c, const struct customer *who,
	const char *session, const struct payment *p)
{
	struct price price;

	if (session && credits_price(c->credits, who->address, session, &price))
		return price;
	if (p && p->has_params && p->n && p->has_price &&
		price_from_wire(&price, p->price_per_unit, p->pixels_per_unit))
		return price;
	return cashier_price_for(c, who);
}

struct err *cashier_quote(struct cashier *c, struct eth_addr sender, const char *session,
	const struct payment *payment, struct orchestrator_info *out)
{
	struct customer *who = cashier_find(c, sender);
	struct price price;
	uint8_t seed[32];

	assert(who && who->has_funds);
	if (!c->facts.ready)
		return err_new(ERR_UNAVAILABLE, "the chain is not known yet: no Ethereum "
			"node has answered");
	if (!session && c->unsaved_n)
		return err_new(ERR_IO, "winning tickets cannot be stored: no new sessions");
	price = session_price(c, who, session, payment);
	random_bytes(seed, sizeof(seed));
	if (!price_to_wire(&out->price_per_unit, &out->pixels_per_unit, price))
		return err_new(ERR_INVALID, "price cannot be converted to int64");
	if (!price_is_free(price) && !recipient_has_round(&c->facts))
		return err_new(ERR_UNAVAILABLE, "no ticket could be redeemed: the chain has "
			"no block hash for round %lld, and none for the one before",
			(long long)c->facts.round.initialized.v);
	if (!recipient_params(c->recipient, &out->params, sender, price,
		    cashier_max_float(c, who), &c->facts, seed))
		return err_new(ERR_DENIED, "insufficient sender reserve");
	out->address = signer_address(c->signer);
	out->has_price = out->has_params = true;
	return NULL;
}

/* --- its life --- */

struct err *cashier_new(const struct log *log, const struct cashier_options *o,
	struct cashier **out)
{
	struct recipient_options r = { .address = o->recipient, .ticket_ev = o->ticket_ev,
		.max_face_value = o->max_face_value, .redeem_gas = o->redeem_gas };
	struct cashier *c = XNEW(struct cashier);
	struct err *e = db_open(o->db_path, DB_FULL, &c->db);

	*out = NULL;
	if (e) {
		free(c);
		return e;
	}
	c->log = log_child(log, "cashier");
	c->chain = o->chain;
	c->signer = o->signer;
	c->o = *o;
	c->o.db_path = NULL;
	random_bytes(r.secret, sizeof(r.secret));
	c->recipient = recipient_new(&r);
	explicit_bzero(r.secret, sizeof(r.secret));
	c->credits = credits_new(BALANCES_MAX);
	*out = c;
	return NULL;
}

void cashier_open(struct cashier *c, struct actor *orch)
{
	c->actor = orch;
	c->facts = chain_now(c->chain);
	chain_listen(c->chain, &(struct chain_listener){ .to = orch, .ctx = c,
		.facts = on_facts, .funds = on_funds });
}

void cashier_tick(struct cashier *c, int64_t now_ms)
{
	struct customer *who, *next;

	HASH_ITER(hh, c->customers, who, next)
		expire_questions(who, now_ms);
	if (now_ms - c->expired_ms >= EXPIRE_MS) {
		c->expired_ms = now_ms;
		credits_expire(c->credits, now_ms);
	}
	if (c->unsaved_n && now_ms >= c->retry_ms) {
		err_free(cashier_save(c)); /* said by it, and tried again */
		c->retry_ms = now_ms + RETRY_MS;
	}
}

/* All that redeems it, for a person to put back: the last resort. */
static void log_whole(struct cashier *c, const struct ticket_record *r)
{
	const struct ticket *t = &r->won.ticket;
	struct str s = STR_INIT;

	str_add(&s, "sender ");
	addr_fmt(&s, t->sender);
	str_add(&s, " recipient ");
	addr_fmt(&s, t->recipient);
	str_add(&s, " faceValue ");
	u256_fmt(&s, t->face_value.v); /* raw: as the contract takes it */
	str_add(&s, " winProb ");
	u256_fmt(&s, t->win_prob.v); /* raw: as the contract takes it */
	str_printf(&s, " senderNonce %u recipientRandHash ", t->nonce);
	hash_fmt(&s, t->rand_hash);
	str_printf(&s, " creationRound %lld ", (long long)t->created.round.v);
	hash_fmt(&s, t->created.block_hash);
	str_add(&s, " recipientRand ");
	u256_fmt_hex(&s, r->won.rand);
	str_add(&s, " sig 0x");
	str_add_hex(&s, r->won.sig.b, sizeof(r->won.sig.b));
	log_broken(c->log, "a winning ticket could not be stored: %s", str_cstr(&s));
	str_clear(&s);
}

void cashier_stop(struct cashier *c)
{
	struct customer *who, *next;

	c->stopping = true;
	HASH_ITER(hh, c->customers, who, next)
		answer_all(who, "the node stops");
	err_free(cashier_save(c));
	for (size_t i = 0; i < c->unsaved_n; i++)
		log_whole(c, &c->unsaved[i]);
}

void cashier_free(struct cashier *c)
{
	struct customer *who, *next;
	struct special_price *p, *after;

	if (!c)
		return;
	HASH_ITER(hh, c->customers, who, next) {
		HASH_DEL(c->customers, who);
		free(who);
	}
	HASH_ITER(hh, c->prices, p, after) {
		HASH_DEL(c->prices, p);
		free(p);
	}
	credits_free(c->credits);
	recipient_free(c->recipient);
	db_close(c->db);
	free(c->unsaved);
	log_free(c->log);
	free(c);
}

#include "src/pay/recipient.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/crypto/ec.h"
#include "src/crypto/mac.h"
#include "src/pay/reserve.h"
#include "src/pay/ticket_hash.h"

#define TX_COST_MULTIPLIER 100 /* starter.go: 1 % of a face value for its redemption */
#define EV_MULTIPLIER 100
#define PARAMS_BLOCKS 40 /* L1 blocks that params hold: paramsExpirationBlock */
#define AVERAGE_GWEI 3	 /* avgGasPrice */
#define NONCES_MAX 600	 /* maxSenderNonces, of one set of params */
/* No Ethereum node is so far behind and still of use: what was seen before was
 * not the chain. */
#define LAG_MAX 1000
#define SENDER_PARTS 4 /* a sender may fill one of them */
#define MEAN_NONCES 64 /* of a book, at most, when all are in use */
#define MESSAGE_MAX (7 * 32 + 2 * 32)

/* The nonces seen with one set of params. */
struct book {
	UT_hash_handle hh;
	struct hash32 rand_hash;
	struct eth_addr sender;
	struct l1_block expiration;
	uint32_t *nonces; /* sorted */
	size_t n;
};

struct customer {
	UT_hash_handle hh;
	struct eth_addr sender;
	size_t books;
};

struct recipient {
	struct recipient_options o;
	struct book *books;
	struct customer *customers;
	size_t remembered;
	struct l1_block latest; /* the highest that nonces were forgotten at */
};

struct recipient *recipient_new(const struct recipient_options *o)
{
	struct recipient *r = XNEW(struct recipient);

	r->o = *o;
	if (!r->o.books_max)
		r->o.books_max = RECIPIENT_BOOKS_MAX;
	return r;
}

static void forget_book(struct recipient *r, struct book *b)
{
	struct customer *c;

	HASH_FIND(hh, r->customers, &b->sender, sizeof(b->sender), c);
	if (!--c->books) {
		HASH_DEL(r->customers, c);
		free(c);
	}
	HASH_DEL(r->books, b);
	r->remembered -= b->n;
	free(b->nonces);
	free(b);
}

void recipient_free(struct recipient *r)
{
	if (!r)
		return;
	while (r->books)
		forget_book(r, r->books);
	explicit_bzero(r->o.secret, sizeof(r->o.secret));
	free(r);
}

struct eth_addr recipient_address(const struct recipient *r)
{
	return r->o.address;
}

void recipient_set_ev(struct recipient *r, struct wei ticket_ev)
{
	r->o.ticket_ev = ticket_ev;
}

void recipient_set_max_face_value(struct recipient *r, struct wei max)
{
	r->o.max_face_value = max;
}

struct wei recipient_ev(const struct recipient *r)
{
	return r->o.ticket_ev;
}

/* What its blocks are counted by. It never goes back: with an Ethereum node
 * that lags behind the last one, nonces already forgotten would be new again. */
static struct l1_block now(const struct recipient *r, const struct chain_facts *f)
{
	return f->l1.v > r->latest.v ? f->l1 : r->latest;
}

/* --- what it asks for --- */

static struct wei cost_at(const struct recipient *r, struct wei gas_price)
{
	struct wei cost;

	return wei_of_gas(&cost, r->o.redeem_gas, gas_price) ? cost
							     : (struct wei){ U256_MAX };
}

struct wei recipient_tx_cost(const struct recipient *r, struct wei gas_price)
{
	return cost_at(r, gas_price);
}

struct wei recipient_face_value(const struct recipient *r, struct wei gas_price,
	struct wei max_float)
{
	struct wei face;

	if (!wei_mul(&face, cost_at(r, gas_price), TX_COST_MULTIPLIER))
		face = max_float;
	if (wei_cmp(face, r->o.ticket_ev) < 0 &&
		!wei_mul(&face, r->o.ticket_ev, EV_MULTIPLIER))
		face = max_float;
	face = wei_min(face, max_float);
	return wei_is_zero(r->o.max_face_value) ? face
						: wei_min(face, r->o.max_face_value);
}

/* A ticket that would not even pay for its redemption, now or at an average
 * gas price, is no ticket. */
static bool is_worth_it(const struct recipient *r, struct wei face, struct wei gas_price)
{
	return wei_cmp(face, r->o.ticket_ev) >= 0 &&
	       (wei_cmp(face, cost_at(r, gas_price)) >= 0 ||
		       wei_cmp(face, cost_at(r, wei_from_gwei(AVERAGE_GWEI))) >= 0);
}

/* EV * ceil(max / face): rounded up, so that one ticket is worth the EV. */
static struct prob win_prob(struct wei face, struct wei ev)
{
	struct u256 per_wei, p;

	if (wei_is_zero(face))
		return (struct prob){ U256_ZERO };
	if (wei_cmp(face, ev) == 0 ||
		!u256_mul_div_up(&per_wei, U256_MAX, u256_from(1), face.v) ||
		!u256_mul(&p, per_wei, ev.v))
		return PROB_MAX;
	return (struct prob){ p };
}

static void add_min(uint8_t **at, struct u256 v)
{
	*at += u256_to_min_be(*at, v);
}

/* The random number that belongs to params: found again from what the sender
 * gives back, so none is stored. */
static struct u256 rand_of(const struct recipient *r, struct eth_addr sender,
	const struct ticket_params *p, struct price price)
{
	uint8_t message[MESSAGE_MAX], *at = message, mac[MAC_SIZE];
	int64_t per = 0, unit = 1;
	struct u256 rand;

	if (!price_to_wire(&per, &unit, price))
		per = unit = 0; /* no price of ours: the hash will not match */
	add_min(&at, p->seed);
	memcpy(at, sender.b, sizeof(sender.b));
	at += sizeof(sender.b);
	add_min(&at, p->face_value.v);
	add_min(&at, p->win_prob.v);
	add_min(&at, u256_from((uint64_t)p->expiration.v));
	add_min(&at, u256_from((uint64_t)per));
	add_min(&at, u256_from((uint64_t)unit));
	if (p->created.round.v || !hash_is_zero(p->created.block_hash)) {
		u256_to_be(at, u256_from((uint64_t)p->created.round.v));
		memcpy(at + U256_SIZE, p->created.block_hash.b, U256_SIZE);
		at += 2 * U256_SIZE;
	}
	mac_sha256(mac, r->o.secret, sizeof(r->o.secret), message, (size_t)(at - message));
	if (!u256_from_be(&rand, mac, sizeof(mac)))
		assert(!"32 bytes fit");
	return rand;
}

bool recipient_has_round(const struct chain_facts *facts)
{
	return !hash_is_zero(facts->round.hash) || !hash_is_zero(facts->round.previous_hash);
}

bool recipient_params(const struct recipient *r, struct ticket_params *out,
	struct eth_addr sender, struct price price, struct wei max_float,
	const struct chain_facts *facts, const uint8_t seed[static 32])
{
	const struct round_facts *round = &facts->round;

	*out = (struct ticket_params){
		.recipient = r->o.address,
		.expiration = { now(r, facts).v + PARAMS_BLOCKS },
		.created = { round->initialized, round->hash },
	};
	/* Arbitrum knows no hash for some L1 blocks; a ticket of such a round is
	 * never paid, one of the round before is. */
	if (hash_is_zero(round->hash)) {
		out->created.round.v--;
		out->created.block_hash = round->previous_hash;
	}
	if (!price_is_free(price)) {
		out->face_value = recipient_face_value(r, facts->gas_price, max_float);
		if (!is_worth_it(r, out->face_value, facts->gas_price))
			return false;
		out->win_prob = win_prob(out->face_value, r->o.ticket_ev);
	}
	if (!u256_from_be(&out->seed, seed, 32))
		assert(!"32 bytes fit");
	out->rand_hash = rand_hash(rand_of(r, sender, out, price));
	return true;
}

/* --- what it takes --- */

bool ticket_verdict_is_fatal(enum ticket_verdict v)
{
	return v >= TICKET_SENDER_UNLOCKING && v <= TICKET_WRONG_RAND;
}

struct err *ticket_verdict_error(enum ticket_verdict v, const struct ticket *t,
	struct eth_addr sender)
{
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, sender.b);
	switch (v) {
	case TICKET_OK:
		return NULL;
	case TICKET_SENDER_UNLOCKING:
		return err_new(ERR_DENIED, "deposit and reserve for sender %s is set to "
			"unlock soon", name);
	case TICKET_WRONG_RECIPIENT:
		return err_new(ERR_DENIED, "invalid ticket recipient");
	case TICKET_NO_SENDER:
		return err_new(ERR_DENIED, "invalid ticket sender");
	case TICKET_WRONG_RAND:
		return err_new(ERR_DENIED, "invalid recipientRand for ticket "
			"recipientRandHash");
	case TICKET_WRONG_SIGNATURE:
		return err_new(ERR_DENIED, "invalid ticket signature");
	case TICKET_NONCE_SEEN:
		return err_new(ERR_DENIED, "invalid ticket senderNonce: already seen "
			"sender=%s nonce=%u", name, t->nonce);
	case TICKET_TOO_MANY_NONCES:
		return err_new(ERR_DENIED, "invalid ticket senderNonce: too many values "
			"sender=%s nonce=%u", name, t->nonce);
	case TICKET_EXPIRED:
		return err_new(ERR_DENIED, "TicketParams expired");
	}
	return NULL;
}

static struct book *find_book(const struct recipient *r, const struct ticket *t)
{
	struct book *b;

	HASH_FIND(hh, r->books, &t->rand_hash, sizeof(t->rand_hash), b);
	return b;
}

/* NULL: there are too many, of this sender or of all. */
static struct book *open_book(struct recipient *r, const struct ticket *t)
{
	struct customer *c;
	struct book *b;

	HASH_FIND(hh, r->customers, &t->sender, sizeof(t->sender), c);
	if (HASH_COUNT(r->books) >= r->o.books_max ||
		(c && c->books >= r->o.books_max / SENDER_PARTS))
		return NULL;
	if (!c) {
		c = XNEW(struct customer);
		c->sender = t->sender;
		HASH_ADD(hh, r->customers, sender, sizeof(c->sender), c);
	}
	c->books++;
	b = XNEW(struct book);
	b->rand_hash = t->rand_hash;
	b->sender = t->sender;
	b->expiration = t->params_expiration;
	HASH_ADD(hh, r->books, rand_hash, sizeof(b->rand_hash), b);
	return b;
}

static void add_nonce(struct book *b, size_t at, uint32_t nonce)
{
	/* Room doubles each time it is used up. */
	if (!(b->n & (b->n - 1)))
		b->nonces = xrealloc_array(b->nonces, b->n ? 2 * b->n : 1,
			sizeof(*b->nonces));
	memmove(b->nonces + at + 1, b->nonces + at, (b->n - at) * sizeof(*b->nonces));
	b->nonces[at] = nonce;
	b->n++;
}

/* Nothing is remembered of a ticket that is no good anyway. */
static enum ticket_verdict note_nonce(struct recipient *r, const struct ticket *t,
	bool expired)
{
	struct book *b = find_book(r, t);
	size_t at = b ? b->n : 0;

	/* Senders count up: the place is nearly always the end. */
	while (at > 0 && b->nonces[at - 1] > t->nonce)
		at--;
	if (at > 0 && b->nonces[at - 1] == t->nonce)
		return TICKET_NONCE_SEEN;
	if (b && b->n == NONCES_MAX)
		return TICKET_TOO_MANY_NONCES;
	if (expired)
		return TICKET_EXPIRED;
	if (r->remembered >= r->o.books_max * MEAN_NONCES)
		return TICKET_TOO_MANY_NONCES;
	if (!b)
		b = open_book(r, t);
	if (!b)
		return TICKET_TOO_MANY_NONCES;
	add_nonce(b, at, t->nonce);
	r->remembered++;
	return TICKET_OK;
}

static bool is_signed_by(const struct ticket *t, const struct payment_ticket *s)
{
	struct hash32 h = ticket_hash(t);
	struct eth_addr signer;
	struct err *e = ec_recover(signer.b, h.b, s->sig.b, s->sig_len);
	bool good = !e && addr_eq(signer, t->sender);

	err_free(e);
	return good;
}

enum ticket_verdict recipient_receive(struct recipient *r, const struct payment *p,
	size_t i, const struct judgement *j, bool *won, struct winning_ticket *out)
{
	const struct ticket_params *params = &p->params;
	struct ticket_params bound = *params;
	struct ticket *t = &out->ticket;

	assert(i < p->n && p->has_params);
	*won = false;
	*t = (struct ticket){
		.recipient = params->recipient,
		.sender = p->sender,
		.face_value = params->face_value,
		.win_prob = params->win_prob,
		.nonce = p->tickets[i].nonce,
		.rand_hash = params->rand_hash,
		.created = p->created,
		.params_expiration = params->expiration,
	};
	bound.created = p->created;
	out->sig = p->tickets[i].sig;
	if (reserve_is_unlocking(j->funds, j->facts->round.initialized))
		return TICKET_SENDER_UNLOCKING;
	if (!addr_eq(t->recipient, r->o.address))
		return TICKET_WRONG_RECIPIENT;
	if (addr_is_zero(t->sender))
		return TICKET_NO_SENDER;
	out->rand = rand_of(r, p->sender, &bound, j->price);
	if (!hash_eq(rand_hash(out->rand), t->rand_hash))
		return TICKET_WRONG_RAND;
	if (!is_signed_by(t, &p->tickets[i]))
		return TICKET_WRONG_SIGNATURE;
	*won = ticket_wins(out->sig, out->rand, t->win_prob);
	return note_nonce(r, t, t->params_expiration.v <= now(r, j->facts).v);
}

/* The blocks seen were not the chain's. Of which params hold and which nonces
 * were used nothing is certain: none of the old ones is good any more. */
static void start_anew(struct recipient *r)
{
	uint8_t secret[MAC_SIZE];

	mac_sha256(secret, r->o.secret, sizeof(r->o.secret), "", 0);
	memcpy(r->o.secret, secret, sizeof(r->o.secret));
	explicit_bzero(secret, sizeof(secret));
	while (r->books)
		forget_book(r, r->books);
}

void recipient_forget(struct recipient *r, struct l1_block latest)
{
	struct book *b, *next;

	if (r->latest.v - latest.v > LAG_MAX)
		start_anew(r);
	else if (latest.v <= r->latest.v)
		return;
	r->latest = latest;
	HASH_ITER(hh, r->books, b, next) {
		if (b->expiration.v <= latest.v)
			forget_book(r, b);
	}
}

size_t recipient_remembered(const struct recipient *r)
{
	return r->remembered;
}

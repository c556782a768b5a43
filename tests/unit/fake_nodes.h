#ifndef TESTS_UNIT_FAKE_NODES_H
#define TESTS_UNIT_FAKE_NODES_H
/* A chain in memory in place of src/eth/rpc: a program that includes this
 * defines every function of rpc.h, so that the real ones are never linked in.
 * Blocks, a pool of transactions of one account (all versions of a nonce stay
 * in it: any may be mined), reorganisations, and nodes that fail, lag, lose
 * answers and forget. It has no pointers and lies in shared memory: a forked
 * child may die in the middle of anything, and what it had sent was sent. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/crypto/keccak.h"
#include "src/eth/rpc.h"
#include "src/eth/tx.h"

#define FAKE_BLOCKS 4096
#define FAKE_TXS 1024
#define FAKE_LOGS 256

struct fake_tx {
	struct hash32 hash;
	uint64_t nonce, gas;
	uint64_t price, tip; /* price: the cap */
	uint32_t tag;	     /* first four bytes of its data; 0: empty */
	bool is_1559, foreign;
	bool pooled;	     /* some node holds it */
	int64_t block;	     /* canonical, that has it; -1: none */
	bool ok;
};

struct fake_log {
	int64_t block;
	bool used;
	struct eth_addr address;
	struct hash32 topics[4];
	unsigned topics_n;
	uint8_t data[96];
	size_t data_n;
	uint64_t index;
};

struct fake_chain {
	/* canonical blocks 0..head */
	struct hash32 hash[FAKE_BLOCKS];
	int64_t head;
	uint64_t salt;
	int64_t l1_offset; /* L1 block = number + this; 0: an L1 */
	struct fake_tx txs[FAKE_TXS];
	size_t txs_n;
	struct fake_log logs[FAKE_LOGS];
	size_t logs_n;
	uint64_t chain_id;
	bool is_1559;
	uint64_t base_fee, tip, legacy;
	uint64_t min_price; /* a pool takes nothing below */
	char revert[128];   /* what simulations answer; "": they pass */
	uint32_t reverts[16]; /* tags that fail when they are mined */

	/* the nodes' manners */
	unsigned fail_percent, lose_percent, lag_max;
	bool down;
	enum send_outcome outcome; /* of the next sends, when not ACCEPTED */
	unsigned outcomes;
	uint64_t random;
	unsigned calls, sends;
	unsigned heads;	    /* questions for the latest header */
	int64_t ahead;	    /* how many blocks too far up it is said to be */
	unsigned stage;	    /* how far a test is */
	/* A point at which the process dies: 0 none. */
	unsigned die_at, points;
};

static struct fake_chain *fake;

static uint64_t fake_random(uint64_t n)
{
	uint64_t x = fake->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	fake->random = x;
	return n ? x % n : 0;
}

/* Somewhere a process may be killed. */
static void fake_point(void)
{
	if (++fake->points == fake->die_at)
		_exit(9);
}

static void fake_add_block(void)
{
	int64_t n = ++fake->head;

	assert_true(n < FAKE_BLOCKS);
	memset(&fake->hash[n], 0, sizeof(fake->hash[n]));
	memcpy(fake->hash[n].b, &n, sizeof(n));
	fake->salt++;
	memcpy(fake->hash[n].b + 8, &fake->salt, sizeof(fake->salt));
	fake->hash[n].b[31] = 1;
}

__attribute__((unused)) static void fake_open(uint64_t seed)
{
	fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(fake != MAP_FAILED);
	fake->head = -1;
	fake->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	fake->chain_id = 1337;
	fake->is_1559 = true;
	fake->base_fee = 1000000000;
	fake->tip = 100000000;
	fake->legacy = 1100000000;
	for (int i = 0; i < 100; i++)
		fake_add_block();
}

__attribute__((unused)) static void fake_close(void)
{
	munmap(fake, sizeof(*fake));
	fake = NULL;
}

/* --- the chain --- */

static uint64_t fake_nonce(int64_t block)
{
	uint64_t n = 0;

	for (size_t i = 0; i < fake->txs_n; i++) {
		if (fake->txs[i].block >= 0 && fake->txs[i].block <= block)
			n++;
	}
	return n;
}

static bool fake_reverts(uint32_t tag)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake->reverts); i++) {
		if (tag && fake->reverts[i] == tag)
			return true;
	}
	return false;
}

/* A block with at most `max` transactions; of several versions of one nonce
 * chance picks, among those that pay the base fee. */
__attribute__((unused)) static void fake_mine(unsigned max)
{
	uint64_t next;

	fake_add_block();
	next = fake_nonce(fake->head);
	for (unsigned k = 0; k < max; k++) {
		struct fake_tx *pick = NULL;
		uint64_t seen = 0;

		for (size_t i = 0; i < fake->txs_n; i++) {
			struct fake_tx *t = &fake->txs[i];

			if (t->block >= 0 || !t->pooled || t->nonce != next ||
				t->price < fake->base_fee)
				continue;
			if (fake_random(++seen) == 0)
				pick = t;
		}
		if (!pick)
			return;
		pick->block = fake->head;
		pick->ok = !fake_reverts(pick->tag);
		next++;
	}
}

/* The last n blocks are gone; their transactions are in pools again, or with
 * a chance of drop_percent forgotten. */
__attribute__((unused)) static void fake_unwind(int64_t n, unsigned drop_percent)
{
	fake->head -= n;
	for (size_t i = 0; i < fake->txs_n; i++) {
		if (fake->txs[i].block <= fake->head)
			continue;
		fake->txs[i].block = -1;
		fake->txs[i].pooled = fake_random(100) >= drop_percent;
	}
	for (size_t i = 0; i < fake->logs_n; i++) {
		if (fake->logs[i].block > fake->head)
			fake->logs[i].used = false;
	}
}

/* A transaction of the same account that somebody else has sent. */
__attribute__((unused)) static void fake_foreign(uint64_t nonce, uint64_t price)
{
	struct fake_tx *t = &fake->txs[fake->txs_n++];

	assert_true(fake->txs_n < FAKE_TXS);
	*t = (struct fake_tx){ .nonce = nonce, .price = price, .tip = price,
		.gas = 21000, .foreign = true, .pooled = true, .block = -1 };
	memcpy(t->hash.b, &fake->txs_n, sizeof(fake->txs_n));
	t->hash.b[31] = 0xf0;
}

__attribute__((unused)) static void fake_forget_pool(void)
{
	for (size_t i = 0; i < fake->txs_n; i++)
		fake->txs[i].pooled = false;
}

/* How many canonical transactions carry this tag. */
__attribute__((unused)) static unsigned fake_mined(uint32_t tag)
{
	unsigned n = 0;

	for (size_t i = 0; i < fake->txs_n; i++)
		n += fake->txs[i].tag == tag && !fake->txs[i].foreign &&
			fake->txs[i].block >= 0;
	return n;
}

__attribute__((unused)) static struct fake_log *fake_log(struct eth_addr address,
	struct hash32 topic, struct hash32 arg)
{
	struct fake_log *l = &fake->logs[fake->logs_n];

	assert_true(fake->logs_n < FAKE_LOGS);
	*l = (struct fake_log){ .block = fake->head, .used = true, .address = address,
		.topics = { topic, arg }, .topics_n = 2, .data_n = 96,
		.index = fake->logs_n++ };
	return l;
}

/* --- the nodes --- */

struct rpc {
	uint64_t chain_id;
};

/* The head as whoever answers this time sees it. */
static int64_t fake_view(void)
{
	int64_t lag = fake->lag_max ? (int64_t)fake_random(fake->lag_max + 1) : 0;

	return fake->head > lag ? fake->head - lag : 0;
}

static struct err *fake_ask(void)
{
	fake_point();
	fake->calls++;
	if (fake->down || fake_random(100) < fake->fail_percent)
		return err_new(ERR_UNAVAILABLE, "no node answers");
	return NULL;
}

struct err *rpc_new(struct rpc **out, const struct rpc_options *o)
{
	*out = XNEW(struct rpc);
	(*out)->chain_id = o->chain_id;
	return NULL;
}

void rpc_free(struct rpc *r)
{
	free(r);
}

void rpc_stop(struct rpc *r)
{
	(void)r;
}

struct err *rpc_chain_id(struct rpc *r, uint64_t *out)
{
	*out = fake->chain_id;
	r->chain_id = fake->chain_id;
	return fake_ask();
}

static void fake_header(int64_t n, struct block_header *out)
{
	*out = (struct block_header){
		.number = { n },
		.hash = fake->hash[n],
		.parent = n ? fake->hash[n - 1] : (struct hash32){ { 0 } },
		.time_ms = 1700000000000 + n * 1000,
		.l1 = { n + fake->l1_offset },
		.has_base_fee = fake->is_1559,
		.base_fee = wei_from(fake->is_1559 ? fake->base_fee : 0),
	};
}

struct err *rpc_header(struct rpc *r, struct block_ref at, struct block_header *out,
	bool *found)
{
	int64_t view = fake_view();
	int64_t n = at.kind == BLOCK_NUMBER ? at.number.v : view;
	struct err *e = fake_ask();

	(void)r;
	fake->heads += at.kind == BLOCK_LATEST;
	*found = !e && n >= 0 && n <= view;
	if (*found)
		fake_header(n, out);
	if (*found && at.kind == BLOCK_LATEST)
		out->number.v += fake->ahead;
	return e;
}

struct err *rpc_headers(struct rpc *r, struct l2_block first, size_t n,
	struct block_header *out, size_t *got)
{
	int64_t view = fake_view();
	struct err *e = fake_ask();

	(void)r;
	for (*got = 0; !e && *got < n && first.v + (int64_t)*got <= view; ++*got)
		fake_header(first.v + (int64_t)*got, &out[*got]);
	return e;
}

struct err *rpc_balance(struct rpc *r, struct eth_addr a, struct block_ref at,
	struct wei *out)
{
	(void)r;
	(void)a;
	(void)at;
	*out = wei_from(1000000000000000000);
	return fake_ask();
}

static uint64_t fake_pending(int64_t view)
{
	uint64_t n = fake_nonce(view);
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < fake->txs_n && !more; i++)
			more = fake->txs[i].nonce == n && (fake->txs[i].pooled ||
				fake->txs[i].block > view);
		n += more;
	}
	return n;
}

struct err *rpc_nonce(struct rpc *r, struct eth_addr a, struct block_ref at,
	uint64_t *out)
{
	int64_t view = fake_view();

	(void)r;
	(void)a;
	*out = at.kind == BLOCK_PENDING ? fake_pending(view) :
		fake_nonce(at.kind == BLOCK_NUMBER ? at.number.v : view);
	return fake_ask();
}

struct err *rpc_has_code(struct rpc *r, struct eth_addr a, bool *out)
{
	(void)r;
	(void)a;
	*out = true;
	return fake_ask();
}

struct err *rpc_gas_price(struct rpc *r, struct wei *out)
{
	(void)r;
	*out = wei_from(fake->legacy);
	return fake_ask();
}

struct err *rpc_tip(struct rpc *r, struct wei *out, bool *known)
{
	(void)r;
	*known = true;
	*out = wei_from(fake->tip);
	return fake_ask();
}

void eth_results_clear(struct eth_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(results[i].data);
		free(results[i].why);
		results[i] = (struct eth_result){ 0 };
	}
}

/* A program may answer calls itself. */
static struct err *(*fake_call)(const struct eth_call *c, struct eth_result *out);

struct err *rpc_call(struct rpc *r, const struct eth_call *c, struct block_ref at,
	struct eth_result *out)
{
	struct err *e = fake_ask();
	uint32_t tag = 0;

	(void)r;
	*out = (struct eth_result){ 0 };
	if (e)
		return e;
	if (fake_call)
		return fake_call(c, out);
	if (c->data_n >= sizeof(tag))
		memcpy(&tag, c->data, sizeof(tag));
	out->failed = fake->revert[0] || (at.kind == BLOCK_NUMBER && fake_reverts(tag));
	if (out->failed)
		out->why = xstrdup(fake->revert[0] ? fake->revert :
			"ticket did not win");
	return NULL;
}

struct err *rpc_calls(struct rpc *r, const struct eth_call *calls, size_t n,
	struct block_ref at, struct eth_result *out)
{
	struct err *e = NULL;

	for (size_t i = 0; i < n && !e; i++)
		e = rpc_call(r, &calls[i], at, &out[i]);
	return e;
}

struct err *rpc_estimate_gas(struct rpc *r, const struct eth_call *c, struct gas *gas,
	struct eth_result *out)
{
	struct err *e = fake_ask();

	(void)r;
	*out = (struct eth_result){ 0 };
	*gas = (struct gas){ c->data_n ? 50000 : 21000 };
	if (!e && c->data_n && fake->revert[0]) {
		out->failed = true;
		out->why = xstrdup(fake->revert);
	}
	return e;
}

struct err *rpc_logs(struct rpc *r, const struct log_filter *f, struct eth_log **out,
	size_t *n)
{
	struct err *e = fake_ask();

	(void)r;
	*out = NULL;
	*n = 0;
	if (!e && (f->to.v > fake->head || (f->has_to_hash &&
			!hash_eq(fake->hash[f->to.v], f->to_hash))))
		e = err_new(ERR_NOT_FOUND, "no node has that block");
	if (e)
		return e;
	*out = xcalloc(fake->logs_n + 1, sizeof(**out));
	for (size_t i = 0; i < fake->logs_n; i++) {
		const struct fake_log *l = &fake->logs[i];
		struct eth_log *to = &(*out)[*n];

		if (!l->used || l->block < f->from.v || l->block > f->to.v)
			continue;
		*to = (struct eth_log){ .address = l->address,
			.topics_n = l->topics_n, .data_n = l->data_n,
			.data = xmemdup(l->data, sizeof(l->data)),
			.block = { l->block }, .block_hash = fake->hash[l->block],
			.index = l->index };
		memcpy(to->topics, l->topics, sizeof(to->topics));
		++*n;
	}
	return NULL;
}

const char *send_outcome_name(enum send_outcome o)
{
	(void)o;
	return "refused";
}

static enum send_outcome fake_pool(const struct tx *t, struct hash32 hash)
{
	struct fake_tx *slot;

	if (t->chain_id != fake->chain_id)
		return SEND_WRONG_CHAIN;
	for (size_t i = 0; i < fake->txs_n; i++) {
		struct fake_tx *old = &fake->txs[i];

		if (hash_eq(old->hash, hash)) {
			if (old->block >= 0)
				return SEND_NONCE_LOW;
			if (old->pooled)
				return SEND_KNOWN;
		}
	}
	if (t->nonce < fake_nonce(fake->head))
		return SEND_NONCE_LOW;
	for (size_t i = 0; i < fake->txs_n; i++) {
		const struct fake_tx *old = &fake->txs[i];
		uint64_t price, tip;

		assert_true(u256_to_u64(&price, t->gas_price.v));
		assert_true(u256_to_u64(&tip, t->is_1559 ? t->tip.v : t->gas_price.v));
		if (!old->pooled || old->nonce != t->nonce || hash_eq(old->hash, hash))
			continue;
		if (price < old->price + old->price / 10 || tip < old->tip + old->tip / 10)
			return SEND_REPLACEMENT_LOW;
	}
	assert_true(fake->txs_n < FAKE_TXS);
	slot = NULL;
	for (size_t i = 0; i < fake->txs_n && !slot; i++) {
		if (hash_eq(fake->txs[i].hash, hash))
			slot = &fake->txs[i];
	}
	if (!slot)
		slot = &fake->txs[fake->txs_n++];
	*slot = (struct fake_tx){ .hash = hash, .nonce = t->nonce, .gas = t->gas.v,
		.is_1559 = t->is_1559, .pooled = true, .block = -1 };
	assert_true(u256_to_u64(&slot->price, t->gas_price.v));
	assert_true(u256_to_u64(&slot->tip, t->is_1559 ? t->tip.v : t->gas_price.v));
	if (t->data_n >= sizeof(slot->tag))
		memcpy(&slot->tag, t->data, sizeof(slot->tag));
	return SEND_ACCEPTED;
}

struct err *rpc_send_raw(struct rpc *r, const uint8_t *raw, size_t n,
	struct send_result *out)
{
	struct err *e = fake_ask();
	struct hash32 hash;
	uint8_t rs[64];
	struct tx t;
	int recid;

	(void)r;
	*out = (struct send_result){ .outcome = SEND_REFUSED };
	if (e)
		return e;
	fake->sends++;
	keccak_256(hash.b, raw, n);
	e = tx_decode(&t, rs, &recid, raw, n);
	assert_null(e);
	if (fake->outcomes) {
		fake->outcomes--;
		out->outcome = fake->outcome;
		snprintf(out->text, sizeof(out->text), "as scripted");
		return NULL;
	}
	if (fake->min_price) {
		uint64_t price;

		assert_true(u256_to_u64(&price, t.gas_price.v));
		if (price < fake->min_price) {
			out->outcome = SEND_UNDERPRICED;
			return NULL;
		}
	}
	out->outcome = fake_pool(&t, hash);
	fake_point();
	if (fake_random(100) < fake->lose_percent)
		return err_new(ERR_UNAVAILABLE, "the answer was lost");
	return NULL;
}

static bool fake_receipt(struct hash32 tx, int64_t view, struct tx_receipt *out)
{
	for (size_t i = 0; i < fake->txs_n; i++) {
		const struct fake_tx *t = &fake->txs[i];

		if (!hash_eq(t->hash, tx) || t->block < 0 || t->block > view)
			continue;
		*out = (struct tx_receipt){ .tx = tx, .block_hash = fake->hash[t->block],
			.block = { t->block }, .ok = t->ok, .gas_used = { 40000 },
			.gas_price = wei_from(t->price) };
		return true;
	}
	return false;
}

struct err *rpc_receipt(struct rpc *r, struct hash32 tx, struct tx_receipt *out,
	bool *found)
{
	struct err *e = fake_ask();

	(void)r;
	*out = (struct tx_receipt){ 0 };
	*found = !e && fake_receipt(tx, fake_view(), out);
	return e;
}

struct err *rpc_fates(struct rpc *r, struct eth_addr account, struct l2_block at,
	const struct hash32 *txs, size_t n, uint64_t *then, uint64_t *now,
	struct tx_receipt *out, bool *found)
{
	int64_t view = fake_view();
	struct err *e = fake_ask();

	(void)r;
	(void)account;
	if (!e && at.v > view)
		e = err_new(ERR_NOT_FOUND, "no node has that block");
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct tx_receipt){ 0 };
		found[i] = !e && fake_receipt(txs[i], view, &out[i]);
	}
	*then = fake_nonce(at.v);
	*now = fake_nonce(view);
	return e;
}

struct err *rpc_tx(struct rpc *r, struct hash32 tx, struct tx_seen *out, bool *found)
{
	struct err *e = fake_ask();

	(void)r;
	*found = false;
	for (size_t i = 0; i < fake->txs_n && !e; i++) {
		const struct fake_tx *t = &fake->txs[i];

		if (!hash_eq(t->hash, tx) || (t->block < 0 && !t->pooled))
			continue;
		*found = true;
		*out = (struct tx_seen){ .hash = tx, .nonce = t->nonce,
			.mined = t->block >= 0, .block = { t->block } };
	}
	return e;
}

const char *rpc_state_name(enum rpc_state s)
{
	(void)s;
	return "ok";
}

void rpc_probe(struct rpc *r)
{
	(void)r;
}

size_t rpc_health(const struct rpc *r, struct rpc_health *out, size_t max)
{
	(void)r;
	if (!max)
		return 0;
	out[0] = (struct rpc_health){ .url = "http://fake", .state = RPC_OK,
		.current = true, .head = { fake->head } };
	return 1;
}
#endif

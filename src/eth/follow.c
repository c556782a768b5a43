#include "src/eth/follow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Missed more blocks than this and nobody looks at each: the state is read
 * anew anyway, and a provider bills every block. */
#define GAP_MAX 200000

#define BELOW_LOOKS 3

struct follow {
	struct follow_sink sink;
	struct branch *branch;
	bool started;	/* has seen a head in this run */
	unsigned below; /* heads in a row that are below all we remember */
};

struct follow *follow_new(const struct follow_sink *sink)
{
	struct follow *f = XNEW(struct follow);

	f->sink = *sink;
	f->branch = branch_new(BRANCH_DEPTH);
	return f;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	branch_free(f->branch);
	free(f);
}

void follow_restore(struct follow *f, const struct block_header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (branch_push(f->branch, &headers[i], NULL, 0))
			continue;
		branch_reset(f->branch);
		branch_push(f->branch, &headers[i], NULL, 0);
	}
}

const struct branch *follow_branch(const struct follow *f)
{
	return f->branch;
}

/* --- events --- */

static int by_place(const void *va, const void *vb)
{
	const struct eth_log *a = va, *b = vb;

	if (a->block.v != b->block.v)
		return a->block.v < b->block.v ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return memcmp(a->tx.b, b->tx.b, sizeof(a->tx.b));
}

/* In order, each once: some providers repeat events at the seams of ranges. */
static void order_logs(struct eth_log *logs, size_t *n)
{
	size_t kept = 0;

	if (*n)
		qsort(logs, *n, sizeof(*logs), by_place);
	for (size_t i = 0; i < *n; i++) {
		if (kept && by_place(&logs[kept - 1], &logs[i]) == 0)
			free(logs[i].data);
		else
			logs[kept++] = logs[i];
	}
	*n = kept;
}

static struct err *get_logs(struct rpc *rpc, const struct contracts *c,
	struct l2_block from, const struct block_header *to,
	struct eth_log **logs, size_t *n)
{
	/* The proxies' addresses do not change while we run. */
	struct eth_addr at[CONTRACT_N];
	struct log_filter f = {
		.addresses = at,
		.from = from,
		.to = to->number,
		.has_to_hash = true,
		.to_hash = to->hash,
	};
	static const enum contract ours[] = { CONTRACT_BONDING, CONTRACT_BROKER,
		CONTRACT_ROUNDS, CONTRACT_REGISTRY };
	struct err *e;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (contracts_has(c, ours[i]))
			at[f.addresses_n++] = c->addr[ours[i]];
	}
	*logs = NULL;
	*n = 0;
	e = rpc_logs(rpc, &f, logs, n);
	if (!e)
		order_logs(*logs, n);
	return e;
}

/* Whoever answered about events means the same blocks as whoever answered
 * about headers, or one of them is not to be believed. */
static struct err *check_logs(const struct eth_log *logs, size_t n,
	const struct block_header *headers, size_t headers_n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t at = logs[i].block.v - headers[0].number.v;

		if (at < 0 || at >= (int64_t)headers_n || logs[i].removed ||
			!hash_eq(logs[i].block_hash, headers[at].hash))
			return err_new(ERR_UNAVAILABLE, "events of other blocks than "
				"asked for, near block %lld",
				(long long)logs[i].block.v);
	}
	return NULL;
}

/* --- blocks --- */

static struct err *check_links(const struct block_header *h, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (!hash_eq(h[i].parent, h[i - 1].hash))
			return err_new(ERR_UNAVAILABLE, "block %lld is not the child of "
				"the one before", (long long)h[i].number.v);
	}
	return NULL;
}

static void note_change(struct followed *out, struct l2_block b)
{
	if ((!out->removed && !out->added && !out->lost) || b.v < out->from.v)
		out->from = b;
}

/* n headers that hang together and on our top, with their events. */
static void take_blocks(struct follow *f, const struct block_header *h, size_t n,
	struct eth_log *logs, size_t logs_n, struct followed *out)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = at;
		struct eth_log *own = NULL;
		bool linked;

		while (end < logs_n && logs[end].block.v == h[i].number.v)
			end++;
		if (end > at)
			own = xmemdup(logs + at, (end - at) * sizeof(*logs));
		linked = branch_push(f->branch, &h[i], own, end - at);
		assert(linked);
		note_change(out, h[i].number);
		out->added++;
		f->sink.added(f->sink.ctx, &h[i], own, end - at);
		at = end;
	}
	assert(at == logs_n);
	free(logs); /* what they point to has moved */
}

static void forget_all(struct follow *f, struct followed *out)
{
	const struct block_header *bottom = branch_bottom(f->branch);

	if (bottom)
		note_change(out, bottom->number);
	out->lost = true;
	branch_reset(f->branch);
	f->sink.lost(f->sink.ctx);
}

/* From our top on up to head, as far as a request goes. */
static struct err *climb(struct follow *f, struct rpc *rpc, const struct contracts *c,
	struct l2_block head, struct followed *out, bool *forked)
{
	const struct block_header *top = branch_top(f->branch);
	struct block_header h[BRANCH_DEPTH];
	struct eth_log *logs = NULL;
	size_t want = (size_t)(head.v - top->number.v), n, logs_n = 0;
	struct err *e;

	*forked = false;
	if (want > BRANCH_DEPTH)
		want = BRANCH_DEPTH;
	e = rpc_headers(rpc, (struct l2_block){ top->number.v + 1 }, want, h, &n);
	if (e || !n)
		return e;
	*forked = !hash_eq(h[0].parent, top->hash);
	if (*forked)
		return NULL;
	e = check_links(h, n);
	if (!e)
		e = get_logs(rpc, c, h[0].number, &h[n - 1], &logs, &logs_n);
	if (!e)
		e = check_logs(logs, logs_n, h, n);
	if (e)
		eth_logs_free(logs, logs_n);
	else
		take_blocks(f, h, n, logs, logs_n, out);
	return e;
}

/* Takes off what is not on the head's chain any more. */
static struct err *fall_back(struct follow *f, struct rpc *rpc, struct l2_block head,
	struct followed *out)
{
	const struct block_header *bottom = branch_bottom(f->branch);
	struct block_header h[BRANCH_DEPTH];
	struct branch_block gone;
	struct l2_block common;
	size_t want = branch_length(f->branch), n;
	struct err *e;

	if (head.v < bottom->number.v) {
		/* A node that lags, or another chain of the same name. */
		if (++f->below >= BELOW_LOOKS)
			forget_all(f, out);
		return NULL;
	}
	if ((int64_t)want > head.v - bottom->number.v + 1)
		want = (size_t)(head.v - bottom->number.v + 1);
	e = rpc_headers(rpc, bottom->number, want, h, &n);
	if (!e && n < want)
		e = err_new(ERR_UNAVAILABLE, "the chain lacks blocks below its head");
	if (!e)
		e = check_links(h, n);
	if (e)
		return e;
	if (!branch_common(f->branch, h, n, &common)) {
		forget_all(f, out);
		return NULL;
	}
	while (branch_top(f->branch)->number.v > common.v) {
		branch_pop(f->branch, &gone);
		note_change(out, gone.header.number);
		out->removed++;
		f->sink.removed(f->sink.ctx, &gone.header, gone.logs, gone.logs_n);
		eth_logs_free(gone.logs, gone.logs_n);
	}
	return NULL;
}

/* --- far behind, as after a while of being off --- */

/* Only the newest blocks are gone through one by one; of those before only
 * the events count. */
static struct err *leap(struct follow *f, struct rpc *rpc, const struct contracts *c,
	const struct block_header *head, struct followed *out)
{
	const struct block_header *top = branch_top(f->branch);
	struct l2_block from = { top->number.v + 1 };
	struct block_header h, still;
	struct eth_log *logs;
	size_t n;
	bool found;
	struct err *e = rpc_header(rpc, AT_NUMBER(top->number), &still, &found);

	if (e)
		return e;
	if (!found || !hash_eq(still.hash, top->hash) ||
		head->number.v - from.v > GAP_MAX) {
		forget_all(f, out);
		return NULL;
	}
	e = rpc_header(rpc, AT_NUMBER(((struct l2_block){
		head->number.v - BRANCH_DEPTH })), &h, &found);
	if (!e && !found)
		e = err_new(ERR_UNAVAILABLE, "the chain lacks blocks below its head");
	if (!e)
		e = get_logs(rpc, c, from, &h, &logs, &n);
	if (e)
		return e;
	note_change(out, from);
	branch_reset(f->branch);
	branch_push(f->branch, &h, NULL, 0);
	out->added += (size_t)(h.number.v - from.v + 1);
	f->sink.added(f->sink.ctx, NULL, logs, n);
	eth_logs_free(logs, n);
	return NULL;
}

static struct err *begin(struct follow *f, const struct block_header *head,
	struct followed *out)
{
	note_change(out, head->number);
	out->added++;
	branch_push(f->branch, head, NULL, 0);
	f->sink.added(f->sink.ctx, head, NULL, 0);
	return NULL;
}

static struct err *approach(struct follow *f, struct rpc *rpc,
	const struct contracts *c, const struct block_header *head,
	struct followed *out)
{
	const struct block_header *top = branch_top(f->branch), *same;
	bool forked = false;
	struct err *e = NULL;

	if (!top)
		return begin(f, head, out);
	if (head->number.v >= branch_bottom(f->branch)->number.v)
		f->below = 0;
	same = branch_at(f->branch, head->number);
	/* Known: it is our top, or the endpoint lags. */
	if (same && hash_eq(same->hash, head->hash))
		return NULL;
	if (head->number.v - top->number.v > BRANCH_DEPTH) {
		e = leap(f, rpc, c, head, out);
		if (!e && !branch_top(f->branch))
			e = begin(f, head, out);
		top = branch_top(f->branch);
	}
	forked = head->number.v <= top->number.v;
	if (!e && !forked && head->number.v > top->number.v)
		e = climb(f, rpc, c, head->number, out, &forked);
	if (e || !forked)
		return e;
	e = fall_back(f, rpc, head->number, out);
	if (!e && !branch_top(f->branch))
		return begin(f, head, out);
	if (!e && head->number.v > branch_top(f->branch)->number.v)
		e = climb(f, rpc, c, head->number, out, &forked);
	return e;
}

/* Where links to what we have will tell. */
static bool is_near(const struct follow *f, const struct block_header *head)
{
	const struct block_header *top = branch_top(f->branch);

	return top && head->number.v >= branch_bottom(f->branch)->number.v &&
	       head->number.v - top->number.v <= BRANCH_DEPTH;
}

/* Anybody can say a number: the block below has to be there, as its parent. */
static struct err *check_parent(struct rpc *rpc, const struct block_header *head)
{
	struct block_header parent;
	bool found;
	struct err *e;

	if (head->number.v <= 0)
		return NULL;
	e = rpc_header(rpc, AT_NUMBER(((struct l2_block){ head->number.v - 1 })), &parent,
		&found);
	if (!e && (!found || !hash_eq(parent.hash, head->parent)))
		e = err_new(ERR_UNAVAILABLE, "the chain lacks the block below its head, %lld",
			(long long)head->number.v);
	return e;
}

struct err *follow_step(struct follow *f, struct rpc *rpc, const struct contracts *c,
	struct followed *out)
{
	struct block_header head;
	bool found = false;
	struct err *e;

	*out = (struct followed){ 0 };
	e = rpc_header(rpc, AT_LATEST, &head, &found);
	if (e || !found)
		return e ? e : err_new(ERR_UNAVAILABLE, "the chain has no head");
	if (!is_near(f, &head))
		e = check_parent(rpc, &head);
	if (e)
		return e;
	if (!f->started) {
		f->started = true;
		out->lost = true;
		out->from = head.number;
		f->sink.lost(f->sink.ctx);
	}
	return approach(f, rpc, c, &head, out);
}

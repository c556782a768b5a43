/* The chain, the RPCs that tell of it, and our transactions on it. */
#include "src/alarm/rules.h"

#define CLOCK_SLACK_MS 15000 /* a block's way here, and until it is asked for */
#define RPC_WINDOW_MS 60000
#define RPC_LEAST 20 /* requests in a minute, for a rate to mean anything */

/* --- RPCs --- */

static void count_rpc(struct rpc_count *c, const struct rpc_row *r, int64_t now_ms)
{
	if (c->since_ms && now_ms - c->since_ms < RPC_WINDOW_MS &&
		r->requests >= c->requests)
		return;
	c->last_requests = c->since_ms ? r->requests - c->requests : 0;
	c->last_errors = c->since_ms ? r->errors - c->errors : 0;
	c->requests = r->requests;
	c->errors = r->errors;
	c->since_ms = now_ms;
}

static void check_rpcs(const struct alarm_facts *f, struct alarm_memory *m,
	struct alarm_book *b)
{
	for (size_t i = 0; i < f->chain_view->rpcs.n && i < RPCS_MAX; i++) {
		const struct rpc_row *r = &f->chain_view->rpcs.v[i];
		struct rpc_count *c = &m->rpc[i];
		int64_t most = f->limits.rpc_errors;

		count_rpc(c, r, f->now_ms);
		if (!most)
			continue;
		if (alarm_is_on(b, ALARM_RPC_ERRORS, view_text(r->url)))
			most = most * 2 / 5;
		if (c->last_requests >= RPC_LEAST &&
			c->last_errors * 100 > c->last_requests * most)
			alarm_see(b, ALARM_RPC_ERRORS, view_text(r->url),
				"%s failed %lld of %lld times in a minute: %s", view_text(r->url),
				(long long)c->last_errors, (long long)c->last_requests,
				view_text(r->last_error));
	}
}

/* --- transactions --- */

static bool is_under_way(const struct tx_row *t)
{
	return field_is(t->state, "prepared") || field_is(t->state, "sent");
}

static void check_txs(const struct alarm_facts *f, struct alarm_book *b)
{
	const struct tx_row *oldest = NULL, *first = NULL;
	int64_t late_ms;

	for (size_t i = 0; i < f->txs->rows.n; i++) {
		const struct tx_row *t = &f->txs->rows.v[i];

		if (!is_under_way(t))
			continue;
		if (!oldest || t->created_ms < oldest->created_ms)
			oldest = t;
		if (field_is(t->state, "sent") && (!first || t->nonce < first->nonce))
			first = t;
	}
	late_ms = oldest ? f->wall_ms - oldest->created_ms : 0;
	if (f->limits.tx_ms && late_ms > f->limits.tx_ms)
		alarm_see(b, ALARM_TX_STUCK, NULL, "transaction %lld (%s) is pending for %lld min",
			(long long)oldest->id, view_text(oldest->kind),
			(long long)late_ms / 60000);
	if (first && first->nonce > f->chain_view->nonce_latest && f->chain_view->ready)
		alarm_see(b, ALARM_NONCE_GAP, NULL, "transaction %lld waits with nonce %lld, and "
			"the chain waits for %lld", (long long)first->id, (long long)first->nonce,
			(long long)f->chain_view->nonce_latest);
}

/* --- blocks --- */

/* The least age of the last blocks when they came; -1: too few came. */
static int64_t least_age(const struct alarm_facts *f, struct head_ages *h)
{
	int64_t least = INT64_MAX;

	if (f->chain.head_ms != h->head_ms) {
		h->head_ms = f->chain.head_ms;
		h->age_ms[h->n++ % HEADS] = f->wall_ms - (f->now_ms - f->chain.seen_ms) -
			h->head_ms;
	}
	for (size_t i = 0; i < HEADS; i++)
		least = h->age_ms[i] < least ? h->age_ms[i] : least;
	return h->n < HEADS ? -1 : least;
}

static void check_clock(const struct alarm_facts *f, struct alarm_memory *m,
	struct alarm_book *b)
{
	int64_t coming_ms = f->chain.head_ms - f->wall_ms, age_ms = least_age(f, &m->heads);

	if (!f->limits.clock_ms)
		return;
	if (coming_ms > f->limits.clock_ms)
		alarm_see(b, ALARM_CLOCK, NULL, "this machine's clock is behind: the newest block "
			"is of a time that comes in %lld s", (long long)coming_ms / 1000);
	else if (age_ms > f->limits.clock_ms + CLOCK_SLACK_MS)
		alarm_see(b, ALARM_CLOCK, NULL, "this machine's clock is ahead, or -ethUrl is "
			"behind: the last %d blocks were at least %lld s old when they came",
			HEADS, (long long)age_ms / 1000);
}

static void check_blocks(const struct alarm_facts *f, struct alarm_memory *m,
	struct alarm_book *b)
{
	int64_t late_ms = f->now_ms - f->chain.seen_ms;
	bool late = f->limits.head_ms && late_ms > f->limits.head_ms;

	if (late)
		alarm_see(b, ALARM_HEAD_LATE, NULL, "no new block for %lld s: look at -ethUrl; "
			"streams go on", (long long)late_ms / 1000);
	else
		check_clock(f, m, b);
	if (f->chain.paused)
		alarm_see(b, ALARM_PAUSED, NULL, "the protocol is paused: nothing can be sent");
}

void rules_chain(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b)
{
	if (!f->onchain)
		return;
	check_rpcs(f, m, b);
	if (f->chain.ready) {
		check_blocks(f, m, b);
		check_txs(f, b);
	} else {
		alarm_see(b, ALARM_NO_CHAIN, NULL, "no -ethUrl has told of the chain yet: "
			"new broadcasters are refused, streams and tickets wait");
	}
}

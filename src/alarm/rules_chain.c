/* The chain, the RPCs that tell of it, and our transactions on it. */
#include "src/alarm/rules.h"

#define HEAD_LATE_MS 60000
#define CLOCK_BEHIND_MS 2000
#define TX_LATE_MS 600000
#define RPC_WINDOW_MS 60000
#define RPC_LEAST 20 /* requests in a minute, for a rate to mean anything */
#define RPC_PERCENT 5
#define RPC_PERCENT_ON 2

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
		bool on = alarm_is_on(b, ALARM_RPC_ERRORS, view_text(r->url));

		count_rpc(c, r, f->now_ms);
		if (c->last_requests >= RPC_LEAST && c->last_errors * 100 >
				c->last_requests * (on ? RPC_PERCENT_ON : RPC_PERCENT))
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
	if (late_ms > TX_LATE_MS)
		alarm_see(b, ALARM_TX_STUCK, NULL, "transaction %lld (%s) is pending for %lld min",
			(long long)oldest->id, view_text(oldest->kind),
			(long long)late_ms / 60000);
	if (first && first->nonce > f->chain_view->nonce_latest && f->chain_view->ready)
		alarm_see(b, ALARM_NONCE_GAP, NULL, "transaction %lld waits with nonce %lld, and "
			"the chain waits for %lld", (long long)first->id, (long long)first->nonce,
			(long long)f->chain_view->nonce_latest);
}

/* --- blocks --- */

static void check_blocks(const struct alarm_facts *f, struct alarm_book *b)
{
	int64_t late_ms = f->now_ms - f->chain.seen_ms;
	int64_t ahead_ms = f->chain.head_ms - f->wall_ms;

	if (late_ms > HEAD_LATE_MS)
		alarm_see(b, ALARM_HEAD_LATE, NULL, "no new block for %lld s: look at -ethUrl; "
			"streams go on", (long long)late_ms / 1000);
	if (ahead_ms > CLOCK_BEHIND_MS && late_ms < HEAD_LATE_MS)
		alarm_see(b, ALARM_CLOCK, NULL, "the newest block is of a time that comes in %lld "
			"s by this machine's clock", (long long)ahead_ms / 1000);
	if (f->chain.paused)
		alarm_see(b, ALARM_PAUSED, NULL, "the protocol is paused: nothing can be sent");
}

void rules_chain(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b)
{
	if (!f->onchain)
		return;
	check_rpcs(f, m, b);
	if (f->chain.ready) {
		check_blocks(f, b);
		check_txs(f, b);
	} else {
		alarm_see(b, ALARM_NO_CHAIN, NULL, "no -ethUrl has told of the chain yet: "
			"new broadcasters are refused, streams and tickets wait");
	}
}

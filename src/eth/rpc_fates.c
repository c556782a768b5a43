/* What has become of several transactions at once. */
#include <stdio.h>
#include <stdlib.h>

#include "src/eth/rpc_private.h"

struct fates {
	const struct hash32 *txs;
	size_t n; /* of those; two questions about nonces come before */
	uint64_t *then, *now;
	struct tx_receipt *out;
	bool *found;
};

static struct err *take_fate(void *ctx, size_t i, const struct json_t *v)
{
	struct fates *f = ctx;
	struct err *e;

	if (i < 2)
		return eth_u64(i ? f->now : f->then, v);
	i -= 2;
	tx_receipt_clear(&f->out[i]);
	e = eth_receipt(&f->out[i], &f->found[i], v);
	if (e || !f->found[i] || hash_eq(f->out[i].tx, f->txs[i]))
		return e;
	return err_new(ERR_PROTOCOL, "receipt: not the one asked for");
}

/* Nonces only grow, so that these two cannot contradict each other. */
static struct err *believe_fates(struct rpc *r, size_t endpoint, void *ctx)
{
	const struct fates *f = ctx;

	(void)r;
	(void)endpoint;
	return *f->now >= *f->then ? NULL :
		err_new(ERR_PROTOCOL, "it says that a nonce became less");
}

struct err *rpc_fates(struct rpc *r, struct eth_addr account, struct l2_block at,
	const struct hash32 *txs, size_t n, uint64_t *then, uint64_t *now,
	struct tx_receipt *out, bool *found)
{
	struct fates f = { .txs = txs, .n = n, .then = then, .now = now, .out = out,
		.found = found };
	struct jsonrpc_call *calls = xcalloc(n + 2, sizeof(*calls));
	struct question q = { .calls = calls, .n = n + 2, .max_body = r->max_body,
		.take = take_fate, .accept = believe_fates, .ctx = &f };
	struct err *e;

	for (size_t i = 0; i < n; i++) {
		out[i] = (struct tx_receipt){ 0 };
		found[i] = false;
	}
	for (size_t i = 0; i < n + 2; i++) {
		struct str s = STR_INIT;

		calls[i].method = i < 2 ? "eth_getTransactionCount" :
			"eth_getTransactionReceipt";
		if (i < 2) {
			calls[i].params = params_account(account,
				i ? AT_LATEST : AT_NUMBER(at));
			continue;
		}
		str_addc(&s, '[');
		param_hash(&s, txs[i - 2]);
		str_addc(&s, ']');
		calls[i].params = str_take(&s);
	}
	e = rpc_ask(r, &q);
	for (size_t i = 0; i < n; i++) {
		if (!e && found[i])
			rpc_saw_block(r, out[i].block);
		else
			tx_receipt_clear(&out[i]);
	}
	jsonrpc_calls_free(calls, n + 2);
	return e;
}

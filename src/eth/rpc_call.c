#include <stdlib.h>

#include "src/eth/revert.h"
#include "src/eth/rpc_private.h"

#define RESULT_MAX (256u << 10)

void eth_results_clear(struct eth_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(results[i].data);
		free(results[i].why);
		results[i] = (struct eth_result){ 0 };
	}
}

static char *call_params(const struct eth_call *c, const struct block_ref *at)
{
	struct str s = STR_INIT;

	str_add(&s, "[{\"to\":");
	param_addr(&s, c->to);
	if (c->has_from) {
		str_add(&s, ",\"from\":");
		param_addr(&s, c->from);
	}
	if (c->data_n) {
		/* Older nodes know only "data", and newer ones both. */
		str_add(&s, ",\"data\":");
		param_data(&s, c->data, c->data_n);
	}
	if (!wei_is_zero(c->value)) {
		str_add(&s, ",\"value\":");
		param_uint(&s, c->value.v); /* raw: a JSON quantity */
	}
	if (c->gas) {
		str_add(&s, ",\"gas\":");
		param_u64(&s, c->gas);
	}
	str_addc(&s, '}');
	if (at) {
		str_addc(&s, ',');
		param_ref(&s, *at);
	}
	str_addc(&s, ']');
	return str_take(&s);
}

/* --- results --- */

static struct err *take_result(void *ctx, size_t i, const struct json_t *v)
{
	struct eth_result *out = (struct eth_result *)ctx + i;

	eth_results_clear(out, 1);
	return eth_data(&out->data, &out->data_n, v, RESULT_MAX);
}

/* The contract's words; else the node's. */
static char *reason(const struct jsonrpc_error *e)
{
	struct str s = STR_INIT;

	if (!revert_fmt(&s, e->data, e->data_n))
		str_add(&s, *e->message ? e->message : "no reason was given");
	return str_take(&s);
}

static bool take_failure(void *ctx, size_t i, enum node_error kind,
	const struct jsonrpc_error *e)
{
	struct eth_result *out = (struct eth_result *)ctx + i;

	if (kind != NODE_FAILED)
		return false;
	eth_results_clear(out, 1);
	out->failed = true;
	out->data = e->data_n ? xmemdup(e->data, e->data_n) : NULL;
	out->data_n = e->data_n;
	out->why = reason(e);
	return true;
}

static struct err *ask_calls(struct rpc *r, const struct eth_call *calls,
	size_t n, struct block_ref at, struct eth_result *out)
{
	struct jsonrpc_call *questions = xcalloc(n, sizeof(*questions));
	struct question q = { .calls = questions, .n = n,
		.max_body = n == 1 ? RPC_SMALL : r->max_body,
		.take = take_result, .take_error = take_failure, .ctx = out };
	struct err *e;

	for (size_t i = 0; i < n; i++) {
		questions[i].method = "eth_call";
		questions[i].params = call_params(&calls[i], &at);
	}
	e = rpc_ask(r, &q);
	if (e)
		eth_results_clear(out, n);
	jsonrpc_calls_free(questions, n);
	return e;
}

struct err *rpc_calls(struct rpc *r, const struct eth_call *calls, size_t n,
	struct block_ref at, struct eth_result *out)
{
	struct block_ref pinned = at;
	struct err *e;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct eth_result){ 0 };
	if (n <= 1)
		return n ? ask_calls(r, calls, n, at, out) : NULL;
	e = rpc_pin(r, &pinned, false);
	e = e ? e : ask_calls(r, calls, n, pinned, out);
	if (!e || at.kind != BLOCK_LATEST || err_kind(e) != ERR_NOT_FOUND)
		return e;
	/* Behind one name there may be several nodes, not all as far. */
	err_free(e);
	pinned = at;
	e = rpc_pin(r, &pinned, true);
	return e ? e : ask_calls(r, calls, n, pinned, out);
}

struct err *rpc_call(struct rpc *r, const struct eth_call *c,
	struct block_ref at, struct eth_result *out)
{
	return rpc_calls(r, c, 1, at, out);
}

/* --- gas --- */

struct estimate {
	struct gas *gas;
	struct eth_result *out;
};

static struct err *take_gas(void *ctx, size_t i, const struct json_t *v)
{
	struct estimate *t = ctx;

	(void)i;
	eth_results_clear(t->out, 1);
	return eth_u64(&t->gas->v, v);
}

static bool take_no_gas(void *ctx, size_t i, enum node_error kind,
	const struct jsonrpc_error *e)
{
	struct estimate *t = ctx;

	return take_failure(t->out, i, kind, e);
}

struct err *rpc_estimate_gas(struct rpc *r, const struct eth_call *c,
	struct gas *gas, struct eth_result *out)
{
	struct estimate t = { gas, out };
	struct jsonrpc_call call = { "eth_estimateGas", call_params(c, NULL) };
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take_gas, .take_error = take_no_gas, .ctx = &t };
	struct err *e;

	*gas = (struct gas){ 0 };
	*out = (struct eth_result){ 0 };
	e = rpc_ask(r, &q);
	free(call.params);
	return e;
}

#include <stdlib.h>

#include "src/eth/rpc_private.h"

/* --- parameters --- */

void param_u64(struct str *out, uint64_t v)
{
	param_uint(out, u256_from(v));
}

void param_uint(struct str *out, struct u256 v)
{
	str_addc(out, '"');
	u256_fmt_hex(out, v);
	str_addc(out, '"');
}

void param_data(struct str *out, const void *p, size_t n)
{
	str_add(out, "\"0x");
	str_add_hex(out, p, n);
	str_addc(out, '"');
}

void param_addr(struct str *out, struct eth_addr a)
{
	param_data(out, a.b, sizeof(a.b));
}

void param_hash(struct str *out, struct hash32 h)
{
	param_data(out, h.b, sizeof(h.b));
}

void param_ref(struct str *out, struct block_ref at)
{
	switch (at.kind) {
	case BLOCK_LATEST:
		str_add(out, "\"latest\"");
		break;
	case BLOCK_PENDING:
		str_add(out, "\"pending\"");
		break;
	case BLOCK_FINALIZED:
		str_add(out, "\"finalized\"");
		break;
	case BLOCK_NUMBER:
		param_u64(out, (uint64_t)at.number.v);
		break;
	case BLOCK_HASH:
		param_hash(out, at.hash);
		break;
	}
}

char *params_account(struct eth_addr a, struct block_ref at)
{
	struct str s = STR_INIT;

	str_addc(&s, '[');
	param_addr(&s, a);
	str_addc(&s, ',');
	param_ref(&s, at);
	str_addc(&s, ']');
	return str_take(&s);
}

/* --- headers --- */

static char *header_params(struct block_ref at)
{
	struct str s = STR_INIT;

	str_addc(&s, '[');
	param_ref(&s, at);
	str_add(&s, ",false]");
	return str_take(&s);
}

struct headers {
	struct block_ref first;
	struct block_header *out;
	bool *found;
};

/* A block of another number or hash than was asked for is a lie. */
static struct err *take_header(void *ctx, size_t i, const struct json_t *v)
{
	struct headers *h = ctx;
	struct err *e = eth_header(&h->out[i], &h->found[i], v);

	if (e || !h->found[i])
		return e;
	if ((h->first.kind == BLOCK_NUMBER &&
		    h->out[i].number.v != h->first.number.v + (int64_t)i) ||
		(h->first.kind == BLOCK_HASH &&
			!hash_eq(h->out[i].hash, h->first.hash)))
		return err_new(ERR_PROTOCOL, "block: not the one asked for");
	return NULL;
}

struct err *rpc_header(struct rpc *r, struct block_ref at,
	struct block_header *out, bool *found)
{
	struct headers h = { at, out, found };

	if (at.kind == BLOCK_LATEST) {
		*found = true;
		return rpc_latest(r, out);
	}
	return rpc_ask_one(r, at.kind == BLOCK_HASH ? "eth_getBlockByHash" :
		"eth_getBlockByNumber", header_params(at), take_header, &h);
}

struct err *rpc_headers(struct rpc *r, struct l2_block first, size_t n,
	struct block_header *out, size_t *got)
{
	struct jsonrpc_call *calls = xcalloc(n, sizeof(*calls));
	bool *found = xcalloc(n, sizeof(*found));
	struct headers h = { AT_NUMBER(first), out, found };
	struct question q = { .calls = calls, .n = n,
		.max_body = r->max_body, .take = take_header, .ctx = &h };
	struct err *e;

	for (size_t i = 0; i < n; i++) {
		struct l2_block b = { first.v + (int64_t)i };

		calls[i].method = "eth_getBlockByNumber";
		calls[i].params = header_params(AT_NUMBER(b));
	}
	e = rpc_ask(r, &q);
	for (*got = 0; !e && *got < n && found[*got];)
		++*got;
	free(found);
	jsonrpc_calls_free(calls, n);
	return e;
}

/* --- accounts --- */

static struct err *take_wei(void *ctx, size_t i, const struct json_t *v)
{
	struct wei *out = ctx;

	(void)i;
	return eth_quantity(&out->v, v);
}

static struct err *take_u64(void *ctx, size_t i, const struct json_t *v)
{
	(void)i;
	return eth_u64(ctx, v);
}

struct err *rpc_balance(struct rpc *r, struct eth_addr a, struct block_ref at,
	struct wei *out)
{
	return rpc_ask_one(r, "eth_getBalance", params_account(a, at),
		take_wei, out);
}

struct err *rpc_nonce(struct rpc *r, struct eth_addr a, struct block_ref at,
	uint64_t *out)
{
	return rpc_ask_one(r, "eth_getTransactionCount", params_account(a, at),
		take_u64, out);
}

static struct err *take_code(void *ctx, size_t i, const struct json_t *v)
{
	bool *out = ctx;
	uint8_t *code;
	size_t n;
	struct err *e = eth_data(&code, &n, v, RPC_SMALL);

	(void)i;
	*out = n > 0;
	free(code);
	return e;
}

struct err *rpc_has_code(struct rpc *r, struct eth_addr a, bool *out)
{
	return rpc_ask_one(r, "eth_getCode", params_account(a, AT_LATEST),
		take_code, out);
}

/* --- gas --- */

struct err *rpc_gas_price(struct rpc *r, struct wei *out)
{
	return rpc_ask_one(r, "eth_gasPrice", xstrdup("[]"), take_wei, out);
}

struct tip {
	struct wei *out;
	bool *known;
};

static struct err *take_tip(void *ctx, size_t i, const struct json_t *v)
{
	struct tip *t = ctx;

	*t->known = true;
	return take_wei(t->out, i, v);
}

static bool take_no_tip(void *ctx, size_t i, enum node_error kind,
	const struct jsonrpc_error *e)
{
	struct tip *t = ctx;

	(void)i;
	(void)e;
	*t->known = false;
	*t->out = WEI_ZERO;
	return kind == NODE_NO_METHOD;
}

struct err *rpc_tip(struct rpc *r, struct wei *out, bool *known)
{
	struct tip t = { out, known };
	struct jsonrpc_call call = { "eth_maxPriorityFeePerGas",
		xstrdup("[]") };
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take_tip, .take_error = take_no_tip, .ctx = &t };
	struct err *e = rpc_ask(r, &q);

	free(call.params);
	return e;
}

#include <stdio.h>
#include <stdlib.h>

#include "src/crypto/keccak.h"
#include "src/eth/rpc_private.h"

/* --- sending --- */

struct sending {
	struct hash32 hash;
	struct send_result *out;
};

/* A node that names another hash has taken something else, or is none. */
static struct err *take_hash(void *ctx, size_t i, const struct json_t *v)
{
	struct sending *s = ctx;
	struct hash32 said;
	struct err *e = eth_hash(&said, v);

	(void)i;
	if (!e && !hash_eq(said, s->hash))
		e = err_new(ERR_PROTOCOL, "transaction: another hash than its "
			"own");
	*s->out = (struct send_result){ .outcome = SEND_ACCEPTED };
	return e;
}

static bool take_refusal(void *ctx, size_t i, enum node_error kind,
	const struct jsonrpc_error *e)
{
	struct sending *s = ctx;

	(void)i;
	s->out->outcome = send_outcome_of(e);
	snprintf(s->out->text, sizeof(s->out->text), "%s", e->message);
	/* A refusal in words we know is one, whatever else they look like. */
	if (s->out->outcome != SEND_REFUSED)
		return true;
	return kind == NODE_FAILED || kind == NODE_REFUSED;
}

struct err *rpc_send_raw(struct rpc *r, const uint8_t *raw, size_t n,
	struct send_result *out)
{
	struct sending s = { .out = out };
	struct str params = STR_INIT;
	struct jsonrpc_call call = { "eth_sendRawTransaction", NULL };
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take_hash, .take_error = take_refusal, .ctx = &s };
	struct err *e;

	*out = (struct send_result){ .outcome = SEND_REFUSED };
	keccak_256(s.hash.b, raw, n);
	str_addc(&params, '[');
	param_data(&params, raw, n);
	str_addc(&params, ']');
	call.params = str_take(&params);
	e = rpc_ask(r, &q);
	free(call.params);
	return e;
}

/* --- what became of it --- */

static char *hash_params(struct hash32 h)
{
	struct str s = STR_INIT;

	str_addc(&s, '[');
	param_hash(&s, h);
	str_addc(&s, ']');
	return str_take(&s);
}

struct looking {
	struct hash32 tx;
	bool *found;
	struct tx_receipt *receipt;
	struct tx_seen *seen;
};

static struct err *take_receipt(void *ctx, size_t i, const struct json_t *v)
{
	struct looking *l = ctx;
	struct err *e;

	(void)i;
	tx_receipt_clear(l->receipt);
	e = eth_receipt(l->receipt, l->found, v);
	if (e || !*l->found || hash_eq(l->receipt->tx, l->tx))
		return e;
	tx_receipt_clear(l->receipt);
	return err_new(ERR_PROTOCOL, "receipt: not the one asked for");
}

struct err *rpc_receipt(struct rpc *r, struct hash32 tx,
	struct tx_receipt *out, bool *found)
{
	struct looking l = { .tx = tx, .found = found, .receipt = out };
	struct err *e;

	*out = (struct tx_receipt){ 0 };
	e = rpc_ask_one(r, "eth_getTransactionReceipt", hash_params(tx),
		take_receipt, &l);
	if (!e && *found)
		rpc_saw_block(r, out->block);
	return e;
}

static struct err *take_tx(void *ctx, size_t i, const struct json_t *v)
{
	struct looking *l = ctx;
	struct err *e = eth_tx(l->seen, l->found, v);

	(void)i;
	if (e || !*l->found || hash_eq(l->seen->hash, l->tx))
		return e;
	return err_new(ERR_PROTOCOL, "transaction: not the one asked for");
}

struct err *rpc_tx(struct rpc *r, struct hash32 tx, struct tx_seen *out,
	bool *found)
{
	struct looking l = { .tx = tx, .found = found, .seen = out };

	return rpc_ask_one(r, "eth_getTransactionByHash", hash_params(tx),
		take_tx, &l);
}

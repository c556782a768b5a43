#ifndef SRC_ETH_RPC_PRIVATE_H
#define SRC_ETH_RPC_PRIVATE_H
/* Between the files of struct rpc: rpc.c finds an endpoint that answers a
 * question, rpc_exchange.c asks it, and rpc_state.c, rpc_call.c, rpc_logs.c
 * and rpc_send.c know what the questions are. */
#include "proto/jsonrpc.h"
#include "src/eth/endpoint.h"
#include "src/eth/node_error.h"
#include "src/net/fetch_now.h"

#define RPC_ENDPOINTS_MAX 16
#define RPC_SMALL (1u << 20)  /* the answer to all but logs and code */

struct rpc {
	struct fetch_now *fetch;
	struct endpoint ep[RPC_ENDPOINTS_MAX];
	size_t n;
	uint64_t chain_id; /* 0: not known yet */
	uint64_t next_id;
	unsigned timeout_ms;
	size_t max_body;
	struct l2_block saw; /* the highest block that an answer was about */
	uint64_t span;	     /* blocks of logs at a time, learned; 0: all */
	const struct log *log;
};

/* One question of any number of calls. The functions may be called anew for
 * the same i, when another endpoint is asked: they replace what they had. */
struct question {
	const struct jsonrpc_call *calls;
	size_t n;
	size_t max_body;
	/* An err: the answer is unusable, another endpoint is asked. */
	struct err *(*take)(void *ctx, size_t i, const struct json_t *v);
	/* true: this error is an answer. NULL: none is. */
	bool (*take_error)(void *ctx, size_t i, enum node_error kind,
		const struct jsonrpc_error *e);
	/* When all are taken: an err means that this endpoint is not believed.
	 * NULL: it is. */
	struct err *(*accept)(struct rpc *r, size_t endpoint, void *ctx);
	void *ctx;
};
struct err *rpc_ask(struct rpc *r, const struct question *q) must_check;
/* Of this endpoint alone, in as many requests as it wants; it is told how it
 * did. accept() is the caller's. */
struct err *rpc_exchange(struct rpc *r, struct endpoint *ep,
	const struct question *q) must_check;
/* One call with one answer; takes params. */
struct err *rpc_ask_one(struct rpc *r, const char *method, char *params,
	struct err *(*take)(void *ctx, size_t i, const struct json_t *v),
	void *ctx) must_check;
/* AT_LATEST becomes the number of a block that is the latest, give or take a
 * second, so that several calls see the same; `again`: they did not have the
 * last one. Other blocks stay. */
struct err *rpc_pin(struct rpc *r, struct block_ref *at, bool again) must_check;
struct err *rpc_latest(struct rpc *r, struct block_header *out) must_check;
/* The same of one endpoint, noted and judged; its chain is checked first. */
struct err *rpc_probe_one(struct rpc *r, size_t i) must_check;
/* The chain has this block, as an answer showed. */
void rpc_saw_block(struct rpc *r, struct l2_block b);

/* --- parameters, appended as JSON --- */
void param_ref(struct str *out, struct block_ref at); /* "latest", "0x1f" */
void param_u64(struct str *out, uint64_t v);
void param_uint(struct str *out, struct u256 v);
void param_addr(struct str *out, struct eth_addr a);
void param_hash(struct str *out, struct hash32 h);
void param_data(struct str *out, const void *p, size_t n);
/* The whole list of a call about an account, on the heap. */
char *params_account(struct eth_addr a, struct block_ref at);
#endif

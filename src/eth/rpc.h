#ifndef SRC_ETH_RPC_H
#define SRC_ETH_RPC_H
/* Ethereum nodes asked over HTTP: typed calls over several endpoints, of which
 * any may be slow, behind, rate-limited, dead or lying. A question goes to the
 * best endpoint and, where it fails, to the next; what comes back has been
 * checked. One owner (the chain actor): calls block, a request at most
 * timeout_ms; rpc_stop() ends them from any thread.
 *
 * An err means that no endpoint gave an answer: ERR_UNAVAILABLE (unreachable,
 * or its answers are unusable), ERR_BUSY (all are resting after errors or rate
 * limits; the text says how long), ERR_NOT_FOUND (none has that block, or its
 * state, any more or yet), ERR_LIMIT, ERR_CANCELLED after rpc_stop(),
 * ERR_INVALID (the nodes refuse the question itself). What the chain answers,
 * a revert too, is a result.
 *
 * Sources: ethereum/execution-apis; go-livepeer eth/client.go and
 * eth/backend.go for what is asked; the nodes' own words in node_error.c. */
#include "proto/eth_json.h"
#include "src/base/log.h"

struct rpc;

struct rpc_options {
	const char *const *urls; /* -ethUrl: best first; http and https */
	size_t urls_n;	    /* 1..16 */
	uint64_t chain_id;  /* endpoints of other chains are refused; 0: the
			     * first answer decides, see rpc_chain_id() */
	unsigned timeout_ms; /* for one request; 0: 20000 */
	size_t max_body;     /* of one answer; 0: 32 MiB */
	const struct log *log; /* borrowed */
};

/* ERR_INVALID: a URL that is none. Sends nothing yet. */
struct err *rpc_new(struct rpc **out, const struct rpc_options *o) must_check;
void rpc_free(struct rpc *r); /* NULL ok */
void rpc_stop(struct rpc *r); /* any thread; for good */

/* --- the state of the chain --- */
struct block_ref {
	enum block_kind {
		BLOCK_LATEST,
		BLOCK_PENDING,
		BLOCK_FINALIZED,
		BLOCK_NUMBER,
		BLOCK_HASH, /* headers only */
	} kind;
	struct l2_block number;
	struct hash32 hash;
};
#define AT_LATEST ((struct block_ref){ .kind = BLOCK_LATEST })
#define AT_PENDING ((struct block_ref){ .kind = BLOCK_PENDING })
#define AT_NUMBER(n) ((struct block_ref){ .kind = BLOCK_NUMBER, .number = (n) })
#define AT_HASH(h) ((struct block_ref){ .kind = BLOCK_HASH, .hash = (h) })

/* Pins the chain: asks until one endpoint tells (again: what was told). */
struct err *rpc_chain_id(struct rpc *r, uint64_t *out) must_check;
/* *found is false where there is no such block. */
struct err *rpc_header(struct rpc *r, struct block_ref at,
	struct block_header *out, bool *found) must_check;
/* n consecutive headers from `first` on, in one batch; *got of them exist. */
struct err *rpc_headers(struct rpc *r, struct l2_block first, size_t n,
	struct block_header *out, size_t *got) must_check;
struct err *rpc_balance(struct rpc *r, struct eth_addr a, struct block_ref at,
	struct wei *out) must_check;
/* LATEST: the next nonce by mined transactions; PENDING: by all known. */
struct err *rpc_nonce(struct rpc *r, struct eth_addr a, struct block_ref at,
	uint64_t *out) must_check;
struct err *rpc_has_code(struct rpc *r, struct eth_addr a, bool *out) must_check;
struct err *rpc_gas_price(struct rpc *r, struct wei *out) must_check;
/* eth_maxPriorityFeePerGas; *known is false where nodes lack the method. */
struct err *rpc_tip(struct rpc *r, struct wei *out, bool *known) must_check;

/* --- running code --- */
struct eth_call {
	struct eth_addr to;
	const uint8_t *data; /* borrowed */
	size_t data_n;
	bool has_from;
	struct eth_addr from;
	struct wei value;
	uint64_t gas; /* 0: the node's own limit */
};
struct eth_result {
	bool failed;   /* reverted, or could not run */
	uint8_t *data; /* owned: what it returned; failed: the revert's data */
	size_t data_n;
	char *why;     /* owned: failed: the reason in words (src/eth/revert.h) */
};
/* Clears n results; those never filled are fine when zeroed. */
void eth_results_clear(struct eth_result *results, size_t n);

struct err *rpc_call(struct rpc *r, const struct eth_call *c,
	struct block_ref at, struct eth_result *out) must_check;
/* All in as few requests as the endpoint allows, all on the same block. */
struct err *rpc_calls(struct rpc *r, const struct eth_call *calls, size_t n,
	struct block_ref at, struct eth_result *out) must_check;
/* out->failed: it would not run, and why; else *gas. */
struct err *rpc_estimate_gas(struct rpc *r, const struct eth_call *c,
	struct gas *gas, struct eth_result *out) must_check;

/* --- events --- */
#define RPC_LOGS_MAX 200000 /* of one question */
struct log_filter {
	const struct eth_addr *addresses; /* any of these; none: all */
	size_t addresses_n;
	struct log_topic { /* any of these; none: all */
		const struct hash32 *any;
		size_t n;
	} topics[4];
	struct l2_block from, to; /* inclusive */
	/* The hash of `to`, when known: an endpoint that has another block
	 * there, or none yet, isn't believed. */
	bool has_to_hash;
	struct hash32 to_hash;
};
/* In the order of the chain; ranges that a provider finds too large are asked
 * in parts. The endpoint has shown that it has the block `to`: no events
 * means there are none. *out: eth_logs_free(). */
struct err *rpc_logs(struct rpc *r, const struct log_filter *f,
	struct eth_log **out, size_t *n) must_check;

/* --- transactions --- */
enum send_outcome {
	SEND_ACCEPTED,
	SEND_KNOWN,	       /* this very transaction is there already */
	SEND_NONCE_LOW,	       /* its nonce is used: by it or by another */
	SEND_NONCE_HIGH,       /* there is a gap before it */
	SEND_UNDERPRICED,      /* below what nodes take at all, or base fee */
	SEND_REPLACEMENT_LOW,  /* too little more than the one it replaces */
	SEND_NO_FUNDS,
	SEND_GAS_LIMIT,	       /* too little gas, or more than a block has */
	SEND_POOL_FULL,	       /* try again */
	SEND_WRONG_CHAIN,      /* signed for another chain id */
	SEND_REFUSED,	       /* for another reason, in the text */
};
const char *send_outcome_name(enum send_outcome o); /* "nonce too low" */

struct send_result {
	enum send_outcome outcome;
	char text[256]; /* the node's words, made safe; "" when accepted */
};
/* eth_sendRawTransaction. On an err it may have been sent all the same: only
 * the chain tells. SEND_KNOWN and SEND_NONCE_LOW may follow from our own
 * attempt at another endpoint: look the hash up. */
struct err *rpc_send_raw(struct rpc *r, const uint8_t *raw, size_t n,
	struct send_result *out) must_check;
/* *found is false while it is not mined. */
struct err *rpc_receipt(struct rpc *r, struct hash32 tx,
	struct tx_receipt *out, bool *found) must_check;
/* What has become of n transactions of one account, all told by one endpoint,
 * which has shown that it has block `at`: so what isn't found[] was not mined
 * up to there. *then, *now: the account's nonce after that block and after its
 * latest. Clear those found. */
struct err *rpc_fates(struct rpc *r, struct eth_addr account, struct l2_block at,
	const struct hash32 *txs, size_t n, uint64_t *then, uint64_t *now,
	struct tx_receipt *out, bool *found) must_check;
/* *found is false where nobody knows it. */
struct err *rpc_tx(struct rpc *r, struct hash32 tx, struct tx_seen *out,
	bool *found) must_check;

/* --- health --- */
enum rpc_state {
	RPC_UNTRIED,
	RPC_OK,
	RPC_BEHIND,	 /* its head is older than the others' */
	RPC_FAILING,	 /* resting after errors */
	RPC_LIMITED,	 /* resting as it asked (429) */
	RPC_WRONG_CHAIN, /* its answers don't count */
	RPC_ASIDE,	 /* its answers contradict the others' */
};
const char *rpc_state_name(enum rpc_state s);

#define RPC_URL_SHOWN 96
struct rpc_health {
	char url[RPC_URL_SHOWN]; /* scheme, host and port: no keys */
	enum rpc_state state;
	bool current;		 /* gets the next question */
	struct l2_block head;	 /* 0: not seen yet */
	int64_t head_age_ms;	 /* since we saw it advance; -1 never */
	int64_t latency_ms;	 /* moving average; -1 none yet */
	uint64_t requests, errors;
	int64_t resting_ms;	 /* until it is asked again; 0 */
	char last_error[160];	 /* "" none */
};
/* Asks endpoints that had no question lately for their head, so that health is
 * known before it is needed: at most one request. For a timer of the owner. */
void rpc_probe(struct rpc *r);
/* How many were written to out. */
size_t rpc_health(const struct rpc *r, struct rpc_health *out, size_t max);
#endif

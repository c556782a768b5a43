#ifndef PROTO_ETH_JSON_H
#define PROTO_ETH_JSON_H
/* The objects of Ethereum's JSON-RPC, checked and turned into model types: a
 * field that is missing, null, of the wrong type or out of range is an err
 * that names it, never a zero. Where null is an answer ("no such block") the
 * functions say so in *found. Pure; any thread.
 * Sources: ethereum/execution-apis; Arbitrum's l1BlockNumber as go-livepeer
 * reads it (eth/blockwatch/client.go). */
#include "src/base/err.h"
#include "src/model/amount.h"
#include "src/model/id.h"

struct json_t; /* jansson's; borrowed from a struct jsonrpc_answers */

struct block_header {
	struct l2_block number;
	struct hash32 hash, parent;
	int64_t time_ms;     /* Unix; blocks have whole seconds */
	struct l1_block l1;  /* l1BlockNumber, or the number where there is none */
	bool has_base_fee;   /* EIP-1559 */
	struct wei base_fee;
};

#define ETH_LOG_DATA_MAX (64u << 10)
struct eth_log {
	struct eth_addr address;
	struct hash32 topics[4];
	unsigned topics_n;
	uint8_t *data; /* owned */
	size_t data_n;
	struct l2_block block;
	struct hash32 block_hash, tx;
	uint64_t index; /* in its block */
	bool removed;	/* by a reorganisation */
};

struct tx_receipt {
	struct hash32 tx, block_hash;
	struct l2_block block;
	bool ok;	       /* status 1 */
	struct gas gas_used;
	struct wei gas_price;  /* effectiveGasPrice; zero where it's not told */
	struct eth_log *logs;  /* owned */
	size_t logs_n;
};

/* A transaction as a node knows it. */
struct tx_seen {
	struct hash32 hash;
	struct eth_addr from, to; /* to is zero for a creation */
	uint64_t nonce;
	bool mined;
	struct l2_block block;	  /* when mined */
	struct hash32 block_hash;
};

/* --- values --- */
/* "0x1f": at most 256 bits. Leading zeros are taken (some nodes send them);
 * no digits, signs, blanks, decimal texts and JSON numbers are refused. */
struct err *eth_quantity(struct u256 *out, const struct json_t *v) must_check;
struct err *eth_u64(uint64_t *out, const struct json_t *v) must_check;
/* "0x00ff": an even number of digits, at most max bytes; *out is free()d by
 * the caller and never NULL on success. */
struct err *eth_data(uint8_t **out, size_t *n, const struct json_t *v, size_t max)
	must_check;
struct err *eth_hash(struct hash32 *out, const struct json_t *v) must_check;

/* --- objects; *found is false for null --- */
struct err *eth_header(struct block_header *out, bool *found,
	const struct json_t *v) must_check;
struct err *eth_receipt(struct tx_receipt *out, bool *found,
	const struct json_t *v) must_check;
void tx_receipt_clear(struct tx_receipt *r);
struct err *eth_tx(struct tx_seen *out, bool *found, const struct json_t *v)
	must_check;
/* An array of at most max logs; *out is of *n, free with eth_logs_free(). */
struct err *eth_logs(struct eth_log **out, size_t *n, const struct json_t *v,
	size_t max) must_check;
void eth_logs_free(struct eth_log *logs, size_t n);
#endif

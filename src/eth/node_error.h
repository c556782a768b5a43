#ifndef SRC_ETH_NODE_ERROR_H
#define SRC_ETH_NODE_ERROR_H
/* What a node's error means for whoever asked. The codes of JSON-RPC are too
 * few and used at will, so the words decide. Pure; any thread.
 * Sources: go-ethereum core/txpool/errors.go, core/vm/errors.go, rpc/errors.go;
 * erigon txnprovider/txpool; Nethermind AcceptTxResult; OpenEthereum, Besu,
 * Nitro and anvil; the documentation of Alchemy, Infura and QuickNode. */
#include "proto/jsonrpc.h"
#include "src/eth/rpc.h"

enum node_error {
	NODE_FAILED,	/* the code ran and reverted, or could not run */
	NODE_LIMITED,	/* too many questions: later */
	NODE_TOO_LARGE, /* the answer would be: ask for less */
	NODE_NO_BATCH,	/* too many questions in one, or any at all */
	NODE_BEHIND,	/* does not have that block, or its state */
	NODE_NO_METHOD,
	NODE_BROKEN,	/* its own trouble: ask another */
	NODE_REFUSED,	/* anything else */
};
enum node_error node_error_of(const struct jsonrpc_error *e);
/* Of eth_sendRawTransaction. */
enum send_outcome send_outcome_of(const struct jsonrpc_error *e);
#endif

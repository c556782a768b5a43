#include "src/eth/node_error.h"

#include <string.h>

/* In any letter case; the first that is found decides. */
struct words {
	const char *text;
	int means;
};

static const struct words errors[] = {
	{ "execution reverted", NODE_FAILED },
	{ "vm execution error", NODE_FAILED },
	{ "vm exception", NODE_FAILED },
	{ "evmerror", NODE_FAILED },
	{ "out of gas", NODE_FAILED },
	{ "outofgas", NODE_FAILED },
	{ "invalid opcode", NODE_FAILED },
	{ "invalid jump", NODE_FAILED },
	{ "stack underflow", NODE_FAILED },
	{ "gas required exceeds allowance", NODE_FAILED },
	{ "always failing transaction", NODE_FAILED },
	{ "insufficient funds", NODE_FAILED },
	{ "insufficient balance", NODE_FAILED },
	{ "intrinsic gas", NODE_FAILED },
	/* Infura's code for these is that of its rate limits. */
	{ "beyond current head", NODE_BEHIND },
	{ "query returned more than", NODE_TOO_LARGE },
	{ "logs matched by query exceeds", NODE_TOO_LARGE },
	{ "max results", NODE_TOO_LARGE },
	{ "block range", NODE_TOO_LARGE },
	{ "blocks range", NODE_TOO_LARGE },
	{ "range is too", NODE_TOO_LARGE },
	{ "range too", NODE_TOO_LARGE },
	{ "is limited to a", NODE_TOO_LARGE },
	{ "too many blocks", NODE_TOO_LARGE },
	{ "response size", NODE_TOO_LARGE },
	{ "response too large", NODE_TOO_LARGE },
	{ "response is too", NODE_TOO_LARGE },
	{ "query timeout exceeded", NODE_TOO_LARGE },
	{ "batch", NODE_NO_BATCH },
	{ "rate limit", NODE_LIMITED },
	{ "rate exceeded", NODE_LIMITED },
	{ "too many requests", NODE_LIMITED },
	{ "request limit", NODE_LIMITED },
	{ "request count exceeded", NODE_LIMITED },
	{ "requests per second", NODE_LIMITED },
	{ "compute units", NODE_LIMITED },
	{ "capacity", NODE_LIMITED },
	{ "quota", NODE_LIMITED },
	{ "header not found", NODE_BEHIND },
	{ "unknown block", NODE_BEHIND },
	{ "block not found", NODE_BEHIND },
	{ "header for hash not found", NODE_BEHIND },
	{ "missing trie node", NODE_BEHIND },
	{ "unsupported block number", NODE_BEHIND }, /* Nitro */
	{ "unfinalized data", NODE_BEHIND },
	{ "block is out of range", NODE_BEHIND },
	{ "blockoutofrange", NODE_BEHIND },
	{ "state is not available", NODE_BEHIND },
	{ "state not available", NODE_BEHIND },
	{ "no state available", NODE_BEHIND },
	{ "historical state", NODE_BEHIND },
	{ "pruned", NODE_BEHIND },
	{ "method not found", NODE_NO_METHOD },
	{ "does not exist/is not available", NODE_NO_METHOD },
	{ "unsupported method", NODE_NO_METHOD },
	{ "method not supported", NODE_NO_METHOD },
	{ "timeout", NODE_BROKEN },
	{ "timed out", NODE_BROKEN },
	{ "deadline exceeded", NODE_BROKEN },
	{ "unavailable", NODE_BROKEN },
	{ "upstream", NODE_BROKEN },
	{ "use of closed connection", NODE_BROKEN },
	{ "internal error", NODE_BROKEN },
	{ "internal server error", NODE_BROKEN },
};

static const struct words sends[] = {
	{ "already known", SEND_KNOWN },
	{ "alreadyknown", SEND_KNOWN },
	{ "already imported", SEND_KNOWN },
	{ "known transaction", SEND_KNOWN },
	{ "existing tx with same hash", SEND_KNOWN },
	{ "replacement", SEND_REPLACEMENT_LOW },
	{ "could not replace", SEND_REPLACEMENT_LOW },
	{ "another transaction with same nonce", SEND_REPLACEMENT_LOW },
	{ "existing tx with same nonce", SEND_REPLACEMENT_LOW },
	{ "nonce too low", SEND_NONCE_LOW },
	{ "nonce is too low", SEND_NONCE_LOW },
	{ "oldnonce", SEND_NONCE_LOW },
	{ "noncealreadyused", SEND_NONCE_LOW },
	{ "nonce too high", SEND_NONCE_HIGH },
	{ "nonce is too distant", SEND_NONCE_HIGH },
	{ "noncegap", SEND_NONCE_HIGH },
	{ "noncetoofar", SEND_NONCE_HIGH },
	{ "insufficient funds", SEND_NO_FUNDS },
	{ "insufficientfunds", SEND_NO_FUNDS },
	{ "upfront cost exceeds", SEND_NO_FUNDS },
	{ "chain id", SEND_WRONG_CHAIN },
	{ "chainid", SEND_WRONG_CHAIN },
	{ "invalid sender", SEND_WRONG_CHAIN },
	{ "underpriced", SEND_UNDERPRICED },
	{ "less than block base fee", SEND_UNDERPRICED },
	{ "fee too low", SEND_UNDERPRICED },
	{ "feetoolow", SEND_UNDERPRICED },
	{ "gas price supplied is too low", SEND_UNDERPRICED },
	{ "gas price below", SEND_UNDERPRICED },
	{ "intrinsic gas", SEND_GAS_LIMIT },
	{ "exceeds block gas limit", SEND_GAS_LIMIT },
	{ "gaslimitexceeded", SEND_GAS_LIMIT },
	{ "gas limit", SEND_GAS_LIMIT },
	{ "gas too", SEND_GAS_LIMIT },
	{ "pool is full", SEND_POOL_FULL },
	{ "too many transactions", SEND_POOL_FULL },
	{ "pool overflow", SEND_POOL_FULL },
};

static int find(const struct words *words, size_t n, const char *text,
	int otherwise)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasestr(text, words[i].text))
			return words[i].means;
	}
	return otherwise;
}

/* By the code alone, where the words say nothing. */
static enum node_error by_code(int64_t code)
{
	switch (code) {
	case 3: /* geth's for a revert */
	case -32015: /* Nethermind's and OpenEthereum's */
		return NODE_FAILED;
	case 429:
	case -32005: /* EIP-1474: limit exceeded */
	case -32029:
	case -32097:
		return NODE_LIMITED;
	case -32001: /* EIP-1474: resource not found */
		return NODE_BEHIND;
	case -32601:
	case -32004: /* EIP-1474: method not supported */
		return NODE_NO_METHOD;
	case -32603:
	case -32002: /* EIP-1474: resource unavailable */
		return NODE_BROKEN;
	}
	return NODE_REFUSED;
}

enum node_error node_error_of(const struct jsonrpc_error *e)
{
	int means = find(errors, ARRAY_SIZE(errors), e->message, -1);

	/* A contract's own words might be any of those. */
	if (e->code == 3 || e->data_n)
		return NODE_FAILED;
	if (e->code == 429)
		return NODE_LIMITED;
	return means < 0 ? by_code(e->code) : (enum node_error)means;
}

enum send_outcome send_outcome_of(const struct jsonrpc_error *e)
{
	return (enum send_outcome)find(sends, ARRAY_SIZE(sends), e->message,
		SEND_REFUSED);
}

const char *send_outcome_name(enum send_outcome o)
{
	switch (o) {
	case SEND_ACCEPTED:
		return "accepted";
	case SEND_KNOWN:
		return "already known";
	case SEND_NONCE_LOW:
		return "nonce too low";
	case SEND_NONCE_HIGH:
		return "nonce too high";
	case SEND_UNDERPRICED:
		return "gas price too low";
	case SEND_REPLACEMENT_LOW:
		return "replacement gas price too low";
	case SEND_NO_FUNDS:
		return "insufficient funds";
	case SEND_GAS_LIMIT:
		return "gas limit out of range";
	case SEND_POOL_FULL:
		return "the node's pool is full";
	case SEND_WRONG_CHAIN:
		return "signed for another chain";
	case SEND_REFUSED:
		return "refused";
	}
	return "unknown";
}

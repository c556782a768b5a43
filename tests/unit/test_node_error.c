/* The words are those of the nodes and providers, as they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/eth/node_error.h"

static const struct {
	int64_t code;
	const char *message;
	enum node_error kind;
} errors[] = {
	{ 3, "execution reverted: ticket is used", NODE_FAILED },
	{ 3, "", NODE_FAILED },
	{ -32000, "execution reverted", NODE_FAILED },
	{ -32015, "VM execution error.", NODE_FAILED },
	{ -32015, "", NODE_FAILED },
	{ -32000, "VM Exception while processing transaction: revert x",
		NODE_FAILED },
	{ -32000, "out of gas", NODE_FAILED },
	{ -32000, "gas required exceeds allowance (550000000)", NODE_FAILED },
	{ -32000, "insufficient funds for gas * price + value: address "
		"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 have 0 want 1",
		NODE_FAILED },
	{ -32003, "Insufficient funds for gas * price + value", NODE_FAILED },
	{ 429, "Your app has exceeded its compute units per second capacity.",
		NODE_LIMITED },
	{ 429, "batch", NODE_LIMITED },
	{ -32005, "daily request count exceeded, request rate limited",
		NODE_LIMITED },
	{ -32005, "project ID request rate exceeded", NODE_LIMITED },
	{ -32005, "", NODE_LIMITED },
	{ -32007, "50/second request limit reached", NODE_LIMITED },
	{ -32000, "Too Many Requests", NODE_LIMITED },
	{ -32005, "query returned more than 10000 results", NODE_TOO_LARGE },
	{ -32602, "query returned more than 10000 results. Try with this "
		"block range [0x1, 0x2].", NODE_TOO_LARGE },
	{ -32000, "logs matched by query exceeds limit of 10000",
		NODE_TOO_LARGE },
	{ -32602, "Log response size exceeded. You can make eth_getLogs "
		"requests with up to a 2K block range", NODE_TOO_LARGE },
	{ -32614, "eth_getLogs is limited to a 10,000 range", NODE_TOO_LARGE },
	{ -32000, "exceed maximum block range: 5000", NODE_TOO_LARGE },
	{ -32602, "eth_getLogs and eth_newFilter are limited to a 10,000 "
		"blocks range", NODE_TOO_LARGE },
	{ -32000, "block range is too wide", NODE_TOO_LARGE },
	{ -32003, "response too large", NODE_TOO_LARGE },
	{ -32602, "query exceeds max results 20000, retry with the range",
		NODE_TOO_LARGE },
	{ -32005, "query timeout exceeded", NODE_TOO_LARGE },
	{ -32600, "batch too large", NODE_NO_BATCH },
	{ -32600, "Batch size is too large", NODE_NO_BATCH },
	{ -32000, "batch requests are not supported", NODE_NO_BATCH },
	{ -32000, "header not found", NODE_BEHIND },
	{ -32000, "unknown block", NODE_BEHIND },
	{ -32000, "missing trie node 0123 (path )", NODE_BEHIND },
	{ -32000, "unsupported block number 123", NODE_BEHIND },
	{ -32602, "block range extends beyond current head block",
		NODE_BEHIND },
	{ -32000, "BlockOutOfRangeError: block height is 5 but requested was 6",
		NODE_BEHIND },
	{ -32001, "", NODE_BEHIND },
	{ -32601, "the method eth_maxPriorityFeePerGas does not exist/is not "
		"available", NODE_NO_METHOD },
	{ -32601, "Method not found", NODE_NO_METHOD },
	{ -32600, "Unsupported method: eth_x", NODE_NO_METHOD },
	{ -32603, "Internal error", NODE_BROKEN },
	{ -32603, "", NODE_BROKEN },
	{ -32000, "request timed out", NODE_BROKEN },
	{ -32000, "context deadline exceeded", NODE_BROKEN },
	{ -32000, "tls: use of closed connection", NODE_BROKEN },
	{ -32602, "invalid argument 0: hex string without 0x prefix",
		NODE_REFUSED },
	{ 0, "", NODE_REFUSED },
};

static struct jsonrpc_error error_of(int64_t code, const char *message)
{
	struct jsonrpc_error e = { .code = code };

	e.message = xstrdup(message);
	return e;
}

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct jsonrpc_error e = error_of(errors[i].code,
			errors[i].message);

		if (node_error_of(&e) != errors[i].kind)
			fail_msg("%lld %s", (long long)e.code, e.message);
		free(e.message);
	}
}

/* A contract may say what it likes. */
static void test_reverts_come_first(void **state)
{
	uint8_t data[4] = { 8, 0xc3, 0x79, 0xa0 };
	struct jsonrpc_error e = error_of(-32000, "batch rate limit, timeout");

	(void)state;
	e.data = data;
	e.data_n = 4;
	assert_int_equal(node_error_of(&e), NODE_FAILED);
	free(e.message);
}

static const struct {
	const char *message;
	enum send_outcome outcome;
} sends[] = {
	/* geth */
	{ "already known", SEND_KNOWN },
	{ "nonce too low: next nonce 5, tx nonce 3", SEND_NONCE_LOW },
	{ "nonce too high: address 0x, tx: 9 state: 3", SEND_NONCE_HIGH },
	{ "replacement transaction underpriced", SEND_REPLACEMENT_LOW },
	{ "transaction underpriced: gas tip cap 1, minimum needed 2",
		SEND_UNDERPRICED },
	{ "insufficient funds for gas * price + value: balance 0, tx cost 2",
		SEND_NO_FUNDS },
	{ "intrinsic gas too low: gas 20000, minimum needed 21000",
		SEND_GAS_LIMIT },
	{ "exceeds block gas limit", SEND_GAS_LIMIT },
	{ "txpool is full", SEND_POOL_FULL },
	{ "invalid sender", SEND_WRONG_CHAIN },
	{ "invalid chain id for signer: have 1 want 2", SEND_WRONG_CHAIN },
	{ "max fee per gas less than block base fee: address 0x, "
		"maxFeePerGas: 1, baseFee: 2", SEND_UNDERPRICED },
	{ "tx fee (2.10 ether) exceeds the configured cap (1.00 ether)",
		SEND_REFUSED },
	/* erigon */
	{ "existing tx with same hash", SEND_KNOWN },
	{ "could not replace existing tx", SEND_REPLACEMENT_LOW },
	{ "fee too low", SEND_UNDERPRICED },
	{ "pending sub-pool is full", SEND_POOL_FULL },
	/* Nethermind */
	{ "AlreadyKnown", SEND_KNOWN },
	{ "OldNonce, Current nonce: 5, nonce of rejected tx: 3",
		SEND_NONCE_LOW },
	{ "OwnNonceAlreadyUsed", SEND_NONCE_LOW },
	{ "NonceGap, Future nonce", SEND_NONCE_HIGH },
	{ "FeeTooLow, MaxFeePerGas too low", SEND_UNDERPRICED },
	{ "FeeTooLowToCompete", SEND_UNDERPRICED },
	{ "ReplacementNotAllowed", SEND_REPLACEMENT_LOW },
	{ "InsufficientFunds, Account balance: 0", SEND_NO_FUNDS },
	{ "GasLimitExceeded", SEND_GAS_LIMIT },
	/* anvil */
	{ "transaction already imported", SEND_KNOWN },
	{ "Insufficient funds for gas * price + value", SEND_NO_FUNDS },
	/* OpenEthereum, Besu */
	{ "Transaction with the same hash was already imported.", SEND_KNOWN },
	{ "Transaction nonce is too low. Try incrementing the nonce.",
		SEND_NONCE_LOW },
	{ "There is another transaction with same nonce in the queue. Try "
		"increasing the gas price or incrementing the nonce.",
		SEND_REPLACEMENT_LOW },
	{ "Known transaction", SEND_KNOWN },
	{ "Upfront cost exceeds account balance", SEND_NO_FUNDS },
	{ "Gas price below configured minimum gas price", SEND_UNDERPRICED },
	{ "", SEND_REFUSED },
};

static void test_sends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sends); i++) {
		struct jsonrpc_error e = error_of(-32000, sends[i].message);

		if (send_outcome_of(&e) != sends[i].outcome)
			fail_msg("%s: %s", e.message,
				send_outcome_name(send_outcome_of(&e)));
		free(e.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_reverts_come_first),
		cmocka_unit_test(test_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Answers of RPC endpoints: any bytes as an answer to one call and to three,
 * and what comes out of it read as each of the objects. */
#include <stdlib.h>

#include "proto/eth_json.h"
#include "proto/jsonrpc.h"

static void read_values(const struct json_t *v)
{
	struct hash32 hash;
	struct u256 wide;
	uint64_t number;
	uint8_t *bytes;
	size_t n;

	err_free(eth_quantity(&wide, v));
	err_free(eth_u64(&number, v));
	err_free(eth_hash(&hash, v));
	err_free(eth_data(&bytes, &n, v, 1024));
	free(bytes);
}

static void read_objects(const struct json_t *v)
{
	struct block_header header;
	struct tx_receipt receipt;
	struct tx_seen tx;
	struct eth_log *logs;
	bool found;
	size_t n;

	err_free(eth_header(&header, &found, v));
	err_free(eth_receipt(&receipt, &found, v));
	tx_receipt_clear(&receipt);
	err_free(eth_tx(&tx, &found, v));
	err_free(eth_logs(&logs, &n, v, 100));
	eth_logs_free(logs, n);
}

static void read_as(const uint8_t *data, size_t size, size_t calls)
{
	struct jsonrpc_answers *a;
	struct err *e = jsonrpc_read(&a, (const char *)data, size, 1, calls);

	for (size_t i = 0; !e && !jsonrpc_refusal(a) && i < calls; i++) {
		if (jsonrpc_error(a, i))
			continue;
		read_values(jsonrpc_result(a, i));
		read_objects(jsonrpc_result(a, i));
	}
	err_free(e);
	jsonrpc_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = STR_INIT;

	read_as(data, size, 1);
	read_as(data, size, 3);
	jsonrpc_message(&s, (const char *)data, size);
	str_clear(&s);
	return 0;
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/eth_json.h"
#include "proto/jsonrpc.h"

#define H(d) "0x" d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d
#define A(d) "0x" d d d d d d d d d d d d d d d d d d d d

/* The value as the result of call 1. */
static struct jsonrpc_answers *parse(const char *value)
{
	struct str s = STR_INIT;
	struct jsonrpc_answers *a;

	str_printf(&s, "{\"id\":1,\"result\":%s}", value);
	assert_null(jsonrpc_read(&a, s.s, s.len, 1, 1));
	str_clear(&s);
	return a;
}

static void assert_err(struct err *e, const char *why)
{
	assert_non_null(e);
	assert_int_equal(err_kind(e), ERR_PROTOCOL);
	if (!strstr(err_text(e), why))
		fail_msg("%s, not %s", err_text(e), why);
	err_free(e);
}

static void assert_quantity(const char *value, const char *decimal)
{
	struct jsonrpc_answers *a = parse(value);
	struct str s = STR_INIT;
	struct u256 v;
	struct err *e = eth_quantity(&v, jsonrpc_result(a, 0));

	if (!decimal) {
		assert_err(e, "quantity");
		assert_true(u256_is_zero(v));
	} else {
		assert_null(e);
		u256_fmt(&s, v);
		assert_string_equal(str_cstr(&s), decimal);
	}
	str_clear(&s);
	jsonrpc_free(a);
}

static void test_quantities(void **state)
{
	(void)state;
	assert_quantity("\"0x0\"", "0");
	assert_quantity("\"0x1f\"", "31");
	assert_quantity("\"0x1F\"", "31");
	assert_quantity("\"0x0001\"", "1");
	/* Where a double would have stopped counting. */
	assert_quantity("\"0x20000000000001\"", "9007199254740993");
	assert_quantity("\"0xffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ffffffffffffff\"", "1157920892373161954235709850086879078532699"
		"84665640564039457584007913129639935");
	assert_quantity("\"0x1000000000000000000000000000000000000000000000000000"
		"0000000000000\"", NULL);
	assert_quantity("\"0x\"", NULL);
	assert_quantity("\"\"", NULL);
	assert_quantity("\"31\"", NULL);
	assert_quantity("\"0X1f\"", NULL);
	assert_quantity("\"0x-1\"", NULL);
	assert_quantity("\"0x 1\"", NULL);
	assert_quantity("\" 0x1\"", NULL);
	assert_quantity("\"0x0x1\"", NULL);
	assert_quantity("\"0xg\"", NULL);
	assert_quantity("31", NULL);
	assert_quantity("3.1", NULL);
	assert_quantity("null", NULL);
	assert_quantity("true", NULL);
	assert_quantity("[\"0x1\"]", NULL);
}

static void test_numbers(void **state)
{
	struct jsonrpc_answers *a = parse("\"0x10000000000000000\"");
	uint64_t v = 5;

	(void)state;
	assert_err(eth_u64(&v, jsonrpc_result(a, 0)), "64 bits");
	assert_int_equal(v, 0);
	jsonrpc_free(a);
	assert_err(eth_u64(&v, NULL), "missing");
}

static void assert_bytes(const char *value, const char *want, size_t want_n,
	const char *why)
{
	struct jsonrpc_answers *a = parse(value);
	uint8_t *p;
	size_t n;
	struct err *e = eth_data(&p, &n, jsonrpc_result(a, 0), 4);

	if (why) {
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), why));
		assert_null(p);
		err_free(e);
	} else {
		assert_null(e);
		assert_int_equal(n, want_n);
		assert_memory_equal(p, want, n);
	}
	free(p);
	jsonrpc_free(a);
}

static void test_data(void **state)
{
	(void)state;
	assert_bytes("\"0x\"", "", 0, NULL);
	assert_bytes("\"0x00fF10\"", "\x00\xff\x10", 3, NULL);
	assert_bytes("\"0x00fF1\"", NULL, 0, "no data");
	assert_bytes("\"00ff\"", NULL, 0, "no data");
	assert_bytes("\"0xzz\"", NULL, 0, "no data");
	assert_bytes("\"0x0102030405\"", NULL, 0, "at most 4");
	assert_bytes("null", NULL, 0, "is null");
	assert_bytes("7", NULL, 0, "is a number");
}

#define HEADER "{\"number\":\"0x10\",\"hash\":\"" H("0a") "\",\"parentHash\":\"" \
	H("0b") "\",\"timestamp\":\"0x5f5e1000\""

static void test_headers(void **state)
{
	struct jsonrpc_answers *a;
	struct block_header h;
	bool found;

	(void)state;
	a = parse(HEADER ",\"baseFeePerGas\":\"0x7\",\"miner\":5}");
	assert_null(eth_header(&h, &found, jsonrpc_result(a, 0)));
	assert_true(found);
	assert_int_equal(h.number.v, 16);
	assert_int_equal(h.l1.v, 16);
	assert_int_equal(h.hash.b[5], 0x0a);
	assert_int_equal(h.parent.b[31], 0x0b);
	assert_true(h.time_ms == 1600000000000);
	assert_true(h.has_base_fee);
	assert_true(u256_eq(h.base_fee.v, u256_from(7)));
	jsonrpc_free(a);
	a = parse(HEADER ",\"l1BlockNumber\":\"0x99\",\"baseFeePerGas\":null}");
	assert_null(eth_header(&h, &found, jsonrpc_result(a, 0)));
	assert_int_equal(h.l1.v, 0x99);
	assert_false(h.has_base_fee);
	jsonrpc_free(a);
	a = parse(HEADER ",\"l1BlockNumber\":\"\"}");
	assert_null(eth_header(&h, &found, jsonrpc_result(a, 0)));
	assert_int_equal(h.l1.v, 16);
	jsonrpc_free(a);
	a = parse("null");
	assert_null(eth_header(&h, &found, jsonrpc_result(a, 0)));
	assert_false(found);
	jsonrpc_free(a);
}

static void test_bad_headers(void **state)
{
	static const struct {
		const char *value, *why;
	} bad[] = {
		{ "5", "block: is a number" },
		{ "{}", "block: number: is missing" },
		{ "{\"number\":16}", "number: is a number" },
		{ "{\"number\":null}", "number: is null" },
		{ "{\"number\":\"0x8000000000000000\"}", "63 bits" },
		{ "{\"number\":\"0x1\",\"hash\":\"0x12\"}", "hash: is no hash" },
		{ "{\"number\":\"0x1\",\"hash\":\"" H("0a") "\"}",
			"parentHash: is missing" },
		{ HEADER ",\"l1BlockNumber\":12}", "l1BlockNumber" },
		{ HEADER ",\"baseFeePerGas\":\"x\"}", "baseFeePerGas" },
		{ "{\"number\":\"0x1\",\"hash\":\"" H("0a") "\",\"parentHash\":\""
			H("0b") "\",\"timestamp\":\"0x7fffffffffffffff\"}",
			"beyond all time" },
	};
	struct block_header h;
	bool found;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct jsonrpc_answers *a = parse(bad[i].value);

		assert_err(eth_header(&h, &found, jsonrpc_result(a, 0)),
			bad[i].why);
		jsonrpc_free(a);
	}
}

#define LOG "{\"address\":\"" A("01") "\",\"topics\":[\"" H("02") "\",\"" \
	H("03") "\"],\"data\":\"0xabcd\",\"blockNumber\":\"0x5\"," \
	"\"blockHash\":\"" H("04") "\",\"transactionHash\":\"" H("05") \
	"\",\"transactionIndex\":\"0x0\",\"logIndex\":\"0x6\""

static void test_logs(void **state)
{
	struct jsonrpc_answers *a;
	struct eth_log *logs;
	struct err *e;
	size_t n;

	(void)state;
	a = parse("[" LOG ",\"removed\":false}," LOG ",\"removed\":true},"
		LOG "}]");
	assert_null(eth_logs(&logs, &n, jsonrpc_result(a, 0), 3));
	assert_int_equal(n, 3);
	assert_int_equal(logs[0].address.b[0], 1);
	assert_int_equal(logs[0].topics_n, 2);
	assert_int_equal(logs[0].topics[1].b[9], 3);
	assert_int_equal(logs[0].data_n, 2);
	assert_memory_equal(logs[0].data, "\xab\xcd", 2);
	assert_int_equal(logs[0].block.v, 5);
	assert_int_equal(logs[0].block_hash.b[0], 4);
	assert_int_equal(logs[0].tx.b[0], 5);
	assert_int_equal(logs[0].index, 6);
	assert_false(logs[0].removed);
	assert_true(logs[1].removed);
	eth_logs_free(logs, n);
	e = eth_logs(&logs, &n, jsonrpc_result(a, 0), 2);
	assert_int_equal(err_kind(e), ERR_LIMIT);
	err_free(e);
	jsonrpc_free(a);
	a = parse("[]");
	assert_null(eth_logs(&logs, &n, jsonrpc_result(a, 0), 2));
	assert_int_equal(n, 0);
	eth_logs_free(logs, n);
	jsonrpc_free(a);
}

static void test_bad_logs(void **state)
{
	static const struct {
		const char *value, *why;
	} bad[] = {
		{ "null", "logs: is null" },
		{ "{}", "logs: is an object" },
		{ "[5]", "log: is a number" },
		{ "[{}]", "log: address: is missing" },
		{ "[" LOG "},{\"address\":\"0x1\"}]", "address: is no address" },
		{ "[" LOG ",\"removed\":1}]", "removed" },
		{ "[{\"address\":\"" A("01") "\",\"topics\":\"x\"}]", "topics" },
		{ "[{\"address\":\"" A("01") "\",\"topics\":[1]}]", "topics" },
		{ "[{\"address\":\"" A("01") "\",\"topics\":[1,2,3,4,5]}]",
			"topics" },
		{ "[{\"address\":\"" A("01") "\",\"topics\":[],\"data\":\"0x1\"}]",
			"data" },
	};
	struct eth_log *logs;
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct jsonrpc_answers *a = parse(bad[i].value);

		assert_err(eth_logs(&logs, &n, jsonrpc_result(a, 0), 9),
			bad[i].why);
		assert_null(logs);
		jsonrpc_free(a);
	}
}

#define RECEIPT "\"transactionHash\":\"" H("05") "\",\"blockHash\":\"" H("04") \
	"\",\"blockNumber\":\"0x5\",\"gasUsed\":\"0x5208\""

static void test_receipts(void **state)
{
	struct jsonrpc_answers *a;
	struct tx_receipt r;
	bool found;

	(void)state;
	a = parse("{" RECEIPT ",\"status\":\"0x1\",\"logs\":[" LOG "}],"
		"\"effectiveGasPrice\":\"0x3b9aca00\"}");
	assert_null(eth_receipt(&r, &found, jsonrpc_result(a, 0)));
	assert_true(found);
	assert_true(r.ok);
	assert_int_equal(r.block.v, 5);
	assert_int_equal(r.gas_used.v, 21000);
	assert_true(wei_cmp(r.gas_price, wei_from_gwei(1)) == 0);
	assert_int_equal(r.logs_n, 1);
	tx_receipt_clear(&r);
	jsonrpc_free(a);
	a = parse("{" RECEIPT ",\"status\":\"0x0\",\"logs\":[]}");
	assert_null(eth_receipt(&r, &found, jsonrpc_result(a, 0)));
	assert_false(r.ok);
	assert_true(wei_is_zero(r.gas_price));
	tx_receipt_clear(&r);
	jsonrpc_free(a);
	a = parse("null");
	assert_null(eth_receipt(&r, &found, jsonrpc_result(a, 0)));
	assert_false(found);
	jsonrpc_free(a);
	a = parse("{\"blockHash\":null}");
	assert_null(eth_receipt(&r, &found, jsonrpc_result(a, 0)));
	assert_false(found);
	jsonrpc_free(a);
	/* A receipt without its status says nothing. */
	a = parse("{" RECEIPT ",\"logs\":[]}");
	assert_err(eth_receipt(&r, &found, jsonrpc_result(a, 0)),
		"receipt: status: is missing");
	jsonrpc_free(a);
	a = parse("{" RECEIPT ",\"status\":\"0x2\",\"logs\":[]}");
	assert_err(eth_receipt(&r, &found, jsonrpc_result(a, 0)),
		"neither 0 nor 1");
	jsonrpc_free(a);
}

static void test_transactions(void **state)
{
	struct jsonrpc_answers *a;
	struct tx_seen t;
	bool found;

	(void)state;
	a = parse("{\"hash\":\"" H("01") "\",\"from\":\"" A("02") "\",\"to\":\""
		A("03") "\",\"nonce\":\"0x7\",\"blockHash\":null,"
		"\"blockNumber\":null}");
	assert_null(eth_tx(&t, &found, jsonrpc_result(a, 0)));
	assert_true(found);
	assert_false(t.mined);
	assert_int_equal(t.nonce, 7);
	assert_int_equal(t.to.b[0], 3);
	jsonrpc_free(a);
	a = parse("{\"hash\":\"" H("01") "\",\"from\":\"" A("02") "\",\"to\":null,"
		"\"nonce\":\"0x7\",\"blockHash\":\"" H("09")
		"\",\"blockNumber\":\"0x8\"}");
	assert_null(eth_tx(&t, &found, jsonrpc_result(a, 0)));
	assert_true(t.mined);
	assert_true(addr_is_zero(t.to));
	assert_int_equal(t.block.v, 8);
	jsonrpc_free(a);
	a = parse("{\"hash\":\"" H("01") "\",\"from\":\"" A("02")
		"\",\"nonce\":\"0x7\",\"blockHash\":\"" H("09") "\"}");
	assert_err(eth_tx(&t, &found, jsonrpc_result(a, 0)),
		"transaction: blockNumber: is missing");
	jsonrpc_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_bad_logs),
		cmocka_unit_test(test_receipts),
		cmocka_unit_test(test_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

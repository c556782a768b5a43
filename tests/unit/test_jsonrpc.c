#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/eth_json.h"
#include "proto/jsonrpc.h"

static struct jsonrpc_answers *read_ok(const char *text, size_t n)
{
	struct jsonrpc_answers *a;
	struct err *e = jsonrpc_read(&a, text, strlen(text), 7, n);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
	return a;
}

static void assert_bad(const char *text, size_t n, enum err_kind kind,
	const char *why)
{
	struct jsonrpc_answers *a;
	struct err *e = jsonrpc_read(&a, text, strlen(text), 7, n);

	assert_null(a);
	if (!e)
		fail_msg("taken: %s", text);
	assert_int_equal(err_kind(e), kind);
	if (!strstr(err_text(e), why))
		fail_msg("%s: %s, not %s", text, err_text(e), why);
	err_free(e);
}

static void test_write(void **state)
{
	struct jsonrpc_call *calls = xcalloc(2, sizeof(*calls));
	struct str s = STR_INIT;

	(void)state;
	calls[0] = (struct jsonrpc_call){ "eth_chainId", xstrdup("[]") };
	calls[1] = (struct jsonrpc_call){ "eth_x", xstrdup("[\"0x1\"]") };
	jsonrpc_write(&s, calls, 1, 7);
	assert_string_equal(s.s, "{\"jsonrpc\":\"2.0\",\"id\":7,"
		"\"method\":\"eth_chainId\",\"params\":[]}");
	str_clear(&s);
	jsonrpc_write(&s, calls, 2, 7);
	assert_string_equal(s.s, "[{\"jsonrpc\":\"2.0\",\"id\":7,"
		"\"method\":\"eth_chainId\",\"params\":[]},"
		"{\"jsonrpc\":\"2.0\",\"id\":8,"
		"\"method\":\"eth_x\",\"params\":[\"0x1\"]}]");
	str_clear(&s);
	jsonrpc_calls_free(calls, 2);
}

static void test_single(void **state)
{
	struct jsonrpc_answers *a;
	uint64_t v;

	(void)state;
	a = read_ok("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"0x539\"}", 1);
	assert_null(jsonrpc_error(a, 0));
	assert_null(jsonrpc_refusal(a));
	assert_null(eth_u64(&v, jsonrpc_result(a, 0)));
	assert_int_equal(v, 1337);
	jsonrpc_free(a);
	/* Null is an answer, and an error beside it none. */
	a = read_ok("{\"id\":7,\"result\":null,\"error\":null}", 1);
	assert_non_null(jsonrpc_result(a, 0));
	jsonrpc_free(a);
	a = read_ok("{\"id\":null,\"error\":{\"code\":-32700,"
		"\"message\":\"parse error\"}}", 1);
	assert_null(jsonrpc_result(a, 0));
	assert_int_equal(jsonrpc_error(a, 0)->code, -32700);
	assert_string_equal(jsonrpc_error(a, 0)->message, "parse error");
	jsonrpc_free(a);
	jsonrpc_free(NULL);
}

static void test_batch(void **state)
{
	struct jsonrpc_answers *a;
	uint64_t v;

	(void)state;
	a = read_ok("[{\"id\":9,\"result\":\"0x3\"},{\"id\":7,\"result\":\"0x1\"},"
		"{\"id\":8,\"error\":{\"code\":3,\"message\":\"no\"}}]", 3);
	assert_null(eth_u64(&v, jsonrpc_result(a, 0)));
	assert_int_equal(v, 1);
	assert_string_equal(jsonrpc_error(a, 1)->message, "no");
	assert_null(eth_u64(&v, jsonrpc_result(a, 2)));
	assert_int_equal(v, 3);
	jsonrpc_free(a);
}

static void test_refused_batch(void **state)
{
	struct jsonrpc_answers *a;

	(void)state;
	a = read_ok("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
		"\"message\":\"batch is too large\"}}", 3);
	assert_string_equal(jsonrpc_refusal(a)->message, "batch is too large");
	jsonrpc_free(a);
	a = read_ok("[{\"id\":7,\"error\":{\"code\":-32600,"
		"\"message\":\"batch too large\"}}]", 3);
	assert_string_equal(jsonrpc_refusal(a)->message, "batch too large");
	jsonrpc_free(a);
}

static void test_protocol_breaches(void **state)
{
	(void)state;
	assert_bad("", 1, ERR_PROTOCOL, "no JSON");
	assert_bad("<html>502 Bad Gateway</html>", 1, ERR_PROTOCOL, "no JSON");
	assert_bad("{\"id\":7,\"result\":\"0x1\"", 1, ERR_PROTOCOL, "no JSON");
	assert_bad("5", 1, ERR_PROTOCOL, "no object");
	assert_bad("[]", 1, ERR_PROTOCOL, "no object");
	assert_bad("{\"id\":7}", 1, ERR_PROTOCOL, "neither");
	assert_bad("{\"result\":\"0x1\"}", 1, ERR_PROTOCOL, "without a number");
	assert_bad("{\"id\":\"7\",\"result\":\"0x1\"}", 1, ERR_PROTOCOL,
		"without a number");
	assert_bad("{\"id\":6,\"result\":\"0x1\"}", 1, ERR_PROTOCOL,
		"another question");
	assert_bad("{\"id\":8,\"result\":\"0x1\"}", 1, ERR_PROTOCOL,
		"another question");
	assert_bad("{\"id\":-1,\"result\":\"0x1\"}", 1, ERR_PROTOCOL,
		"another question");
	assert_bad("{\"jsonrpc\":\"1.0\",\"id\":7,\"result\":\"0x1\"}", 1,
		ERR_PROTOCOL, "another protocol");
	assert_bad("{\"id\":7,\"result\":\"0x1\",\"error\":{\"code\":1}}", 1,
		ERR_PROTOCOL, "both");
	assert_bad("{\"id\":7,\"error\":\"no\"}", 1, ERR_PROTOCOL, "no object");
	assert_bad("[{\"id\":7,\"result\":1}]", 2, ERR_PROTOCOL,
		"1 answers to 2");
	assert_bad("{\"id\":7,\"result\":1}", 2, ERR_PROTOCOL, "no batch");
	assert_bad("[{\"id\":7,\"result\":1},{\"id\":7,\"result\":1}]", 2,
		ERR_PROTOCOL, "two answers");
	assert_bad("[{\"id\":7,\"result\":1},5]", 2, ERR_PROTOCOL, "no object");
}

static void test_bounds(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	str_add(&s, "{\"id\":7,\"result\":");
	for (int i = 0; i < 50; i++)
		str_addc(&s, '[');
	for (int i = 0; i < 50; i++)
		str_addc(&s, ']');
	str_addc(&s, '}');
	assert_bad(s.s, 1, ERR_LIMIT, "deeper");
	str_clear(&s);
	str_add(&s, "{\"id\":7,\"result\":[0");
	for (int i = 0; i < 100000; i++)
		str_add(&s, ",0");
	str_add(&s, "]}");
	assert_bad(s.s, 1, ERR_LIMIT, "too many values");
	str_clear(&s);
}

/* Error(string) with "no", as far as it matters here. */
#define REVERT "08c379a00011"

static void assert_data(const char *error, size_t n)
{
	struct str s = STR_INIT;
	struct jsonrpc_answers *a;

	str_printf(&s, "{\"id\":7,\"error\":%s}", error);
	a = read_ok(s.s, 1);
	if (jsonrpc_error(a, 0)->data_n != n)
		fail_msg("%s: %zu bytes", error, jsonrpc_error(a, 0)->data_n);
	if (n)
		assert_memory_equal(jsonrpc_error(a, 0)->data,
			"\x08\xc3\x79\xa0\x00\x11", n);
	jsonrpc_free(a);
	str_clear(&s);
}

static void test_where_reverts_are(void **state)
{
	(void)state;
	/* geth, erigon, anvil */
	assert_data("{\"code\":3,\"message\":\"execution reverted: no\","
		"\"data\":\"0x" REVERT "\"}", 6);
	/* Nethermind, Parity */
	assert_data("{\"code\":-32015,\"message\":\"VM execution error.\","
		"\"data\":\"Reverted 0x" REVERT "\"}", 6);
	/* proxies */
	assert_data("{\"code\":-32000,\"message\":\"x\",\"data\":"
		"{\"message\":\"x\",\"data\":\"0x" REVERT "\"}}", 6);
	assert_data("{\"code\":-32603,\"message\":\"x\",\"data\":"
		"{\"originalError\":{\"code\":3,\"data\":\"0x" REVERT "\"}}}", 6);
	/* Ganache */
	assert_data("{\"code\":-32000,\"message\":\"VM Exception\",\"data\":"
		"{\"0x00ff\":{\"error\":\"revert\",\"return\":\"0x" REVERT
		"\"},\"name\":\"RuntimeError\"}}", 6);
	/* within the message */
	assert_data("{\"code\":3,\"message\":\"execution reverted: 0x" REVERT
		"\"}", 6);
	/* none */
	assert_data("{\"code\":3,\"message\":\"execution reverted\"}", 0);
	assert_data("{\"code\":3,\"message\":\"execution reverted\","
		"\"data\":\"0x\"}", 0);
	assert_data("{\"code\":-32000,\"message\":\"insufficient funds of "
		"0x15d34aaf54267db7d7c367839aaf71a00a2c6a65\"}", 0);
	assert_data("{\"code\":3,\"message\":\"revert\",\"data\":{\"a\":{\"b\":"
		"{\"c\":{\"d\":{\"data\":\"0x" REVERT "\"}}}}}}", 0);
	assert_data("{\"code\":3,\"message\":5,\"data\":[1]}", 0);
}

static void test_messages_are_safe(void **state)
{
	struct str s = STR_INIT;
	struct jsonrpc_answers *a;
	struct jsonrpc_error const *error;

	(void)state;
	str_add(&s, "{\"id\":7,\"error\":{\"code\":1,\"message\":\"\\u001b[2J");
	for (int i = 0; i < 5000; i++)
		str_addc(&s, 'x');
	str_add(&s, "\"}}");
	a = read_ok(s.s, 1);
	error = jsonrpc_error(a, 0);
	assert_null(strchr(error->message, '\x1b'));
	assert_true(strlen(error->message) < 600);
	jsonrpc_free(a);
	str_clear(&s);
}

static void assert_message(const char *text, const char *want)
{
	struct str s = STR_INIT;

	jsonrpc_message(&s, text, strlen(text));
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

static void test_message_of_http_errors(void **state)
{
	(void)state;
	assert_message("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":429,"
		"\"message\":\"slow down\"}}", "slow down");
	assert_message("[{\"error\":{\"message\":\"slow down\"}}]", "slow down");
	assert_message("{\"error\":\"bad key\"}", "bad key");
	assert_message("{\"error\":{}}", "");
	assert_message("<html>", "");
	assert_message("5", "");
	assert_message("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_refused_batch),
		cmocka_unit_test(test_protocol_breaches),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_where_reverts_are),
		cmocka_unit_test(test_messages_are_safe),
		cmocka_unit_test(test_message_of_http_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

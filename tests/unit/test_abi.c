/* Vectors: the examples of the ABI specification; chain.md's layout of
 * redeemWinningTicket is in test_calldata.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/abi.h"

#define Z8 "00000000"
#define Z24 Z8 Z8 Z8
#define Z56 Z24 Z24 Z8

static void assert_hex(const struct str *s, const char *hex)
{
	struct str got = STR_INIT;

	str_add_hex(&got, str_cstr(s), s->len);
	assert_string_equal(str_cstr(&got), hex);
	str_clear(&got);
}

static struct abi_in in_hex(uint8_t buf[static 1024], const char *hex)
{
	struct abi_in in;
	size_t n = strlen(hex) / 2;

	assert_true(n <= 1024);
	assert_true(hex_decode(buf, n, hex));
	abi_in_init(&in, buf, n);
	return in;
}

/* baz(uint32,bool) with 69 and true. */
static void test_static_call(void **state)
{
	struct abi_value args[] = { abi_u64(69), abi_u64(1) };
	struct str s = STR_INIT;

	(void)state;
	abi_call(&s, 0xcdcd77c0, args, 2);
	assert_hex(&s, "cdcd77c0" Z56 "00000045" Z56 "00000001");
	str_clear(&s);
}

/* sam(bytes,bool,uint256[]) with "dave", true and [1,2,3]. */
static void test_dynamic_call(void **state)
{
	uint8_t words[3][ABI_WORD] = { { 0 } };
	struct abi_value args[3];
	struct str s = STR_INIT;

	(void)state;
	words[0][31] = 1;
	words[1][31] = 2;
	words[2][31] = 3;
	args[0] = abi_bytes("dave", 4);
	args[1] = abi_u64(1);
	args[2] = abi_words((const uint8_t (*)[ABI_WORD])words, 3);
	abi_call(&s, 0xa5643bf2, args, 3);
	assert_hex(&s, "a5643bf2" Z56 "00000060" Z56 "00000001" Z56 "000000a0"
		Z56 "00000004" "64617665" Z56 Z56 "00000003" Z56 "00000001"
		Z56 "00000002" Z56 "00000003");
	str_clear(&s);
}

/* Bytes fill whole words with nothing after them. */
static void test_no_padding(void **state)
{
	static const uint8_t bytes[64] = { 0 };
	struct abi_value args[] = { abi_bytes(bytes, 64), abi_bytes("", 0) };
	struct str s = STR_INIT;

	(void)state;
	abi_encode(&s, args, 2);
	assert_int_equal(s.len, 2 * 32 + 32 + 64 + 32);
	str_clear(&s);
}

static void test_tuples(void **state)
{
	struct abi_value fixed[] = { abi_u64(1), abi_u64(2) };
	struct abi_value loose[] = { abi_u64(3), abi_bytes("x", 1) };
	struct abi_value args[] = { abi_tuple(fixed, 2), abi_tuple(loose, 2),
		abi_u64(4) };
	struct str s = STR_INIT;

	(void)state;
	/* The static one stands in the head, the other behind it. */
	abi_encode(&s, args, 3);
	assert_hex(&s, Z56 "00000001" Z56 "00000002" Z56 "00000080"
		Z56 "00000004" Z56 "00000003" Z56 "00000040" Z56 "00000001"
		"78000000" Z56);
	str_clear(&s);
}

static void test_read_words(void **state)
{
	uint8_t buf[1024];
	struct abi_in in = in_hex(buf, Z56 "00000045" Z56 "00000001"
		Z24 "00112233445566778899aabbccddeeff00112233"
		"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		Z56 "00000007" Z56 "00000009");
	struct eth_addr a;

	(void)state;
	assert_int_equal(abi_get_u64(&in), 69);
	assert_true(abi_get_bool(&in));
	a = abi_get_addr(&in);
	assert_memory_equal(a.b, "\x00\x11\x22\x33", 4);
	assert_int_equal(abi_get_bytes32(&in).b[31], 0x20);
	assert_true(abi_get_round(&in).v == INT64_MAX);
	assert_int_equal(abi_get_round(&in).v, 7);
	assert_int_equal(abi_get_l1_block(&in).v, 9);
	assert_null(abi_err(&in, "f()"));
	assert_true(u256_is_zero(abi_get_uint(&in)));
	assert_string_equal(in.fault, "too little");
}

static void expect_fault(struct abi_in *in, const char *what)
{
	struct err *e = abi_err(in, "f()");

	assert_non_null(e);
	assert_int_equal(err_kind(e), ERR_PROTOCOL);
	assert_non_null(strstr(err_text(e), what));
	err_free(e);
}

static void test_words_out_of_range(void **state)
{
	uint8_t buf[1024];
	struct abi_in in;

	(void)state;
	in = in_hex(buf, Z56 "00000002");
	assert_false(abi_get_bool(&in));
	expect_fault(&in, "neither true nor false");
	in = in_hex(buf, "01" Z56 "000000");
	assert_true(addr_is_zero(abi_get_addr(&in)));
	expect_fault(&in, "no address");
	in = in_hex(buf, "01" Z56 "000000");
	assert_int_equal(abi_get_u64(&in), 0);
	expect_fault(&in, "64 bits");
	in = in_hex(buf, Z24 Z24 "80000000" "00000000");
	assert_int_equal(abi_get_round(&in).v, 0);
	expect_fault(&in, "beyond all rounds");
	in = in_hex(buf, Z24 Z24 "80000000" "00000000");
	assert_int_equal(abi_get_l1_block(&in).v, 0);
	expect_fault(&in, "beyond all blocks");
	abi_in_init(&in, NULL, 0);
	assert_int_equal(abi_get_u64(&in), 0);
	expect_fault(&in, "nothing");
	/* Sticks. */
	in = in_hex(buf, Z56 "00000002" Z56 "00000001");
	assert_false(abi_get_bool(&in));
	assert_false(abi_get_bool(&in));
	expect_fault(&in, "neither true nor false");
}

static void test_read_tails(void **state)
{
	struct eth_addr addrs[2];
	struct str s = STR_INIT;
	uint8_t words[2][ABI_WORD] = { { 0 } };
	struct abi_value args[3];
	struct abi_in in;
	const uint8_t *p;
	size_t n;

	(void)state;
	words[0][31] = 1;
	words[1][12] = 2;
	args[0] = abi_bytes("https://a:1", 11);
	args[1] = abi_words((const uint8_t (*)[ABI_WORD])words, 2);
	args[2] = abi_u64(5);
	abi_encode(&s, args, 3);
	abi_in_init(&in, s.s, s.len);
	assert_true(abi_get_bytes(&in, &p, &n, 11));
	assert_int_equal(n, 11);
	assert_memory_equal(p, "https://a:1", 11);
	assert_int_equal(abi_get_addrs(&in, addrs, 2), 2);
	assert_int_equal(addrs[0].b[19], 1);
	assert_int_equal(addrs[1].b[0], 2);
	assert_int_equal(abi_get_u64(&in), 5);
	assert_null(abi_err(&in, "f()"));
	abi_in_init(&in, s.s, s.len);
	assert_false(abi_get_bytes(&in, &p, &n, 10));
	expect_fault(&in, "more than it may");
	for (size_t cut = 0; cut < s.len; cut++) {
		abi_in_init(&in, s.s, cut);
		abi_get_bytes(&in, &p, &n, 100);
		abi_get_addrs(&in, addrs, 2);
		abi_get_u64(&in);
		/* The text's padding may be missing; all else may not. */
		assert_non_null(in.fault);
	}
	str_clear(&s);
}

static void test_hostile_tails(void **state)
{
	static const char *const bad[] = {
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		Z24 Z24 "ffffffff" "ffffffff",
		Z56 "00000021",
		Z56 "00000020",
		Z56 "00000000",
		Z56 "00000020" "ff" Z56 "000000",
		Z56 "00000020" Z24 Z24 "ffffffff" "ffffffff",
		Z56 "00000020" Z56 "00000001",
	};
	uint8_t buf[1024];
	struct eth_addr addrs[4];
	const uint8_t *p;
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct abi_in in = in_hex(buf, bad[i]);

		if (i != 4) { /* an offset to itself: an empty text */
			assert_false(abi_get_bytes(&in, &p, &n, SIZE_MAX));
			assert_int_equal(n, 0);
			assert_non_null(in.fault);
		}
		in = in_hex(buf, bad[i]);
		assert_int_equal(abi_get_addrs(&in, addrs, 4), 0);
	}
}

static void test_logs(void **state)
{
	uint8_t data[64] = { [31] = 3, [63] = 4 };
	struct eth_log log = { .topics_n = 3, .data = data, .data_n = 64 };
	struct abi_in in;

	(void)state;
	memset(log.topics[0].b, 0xee, 32);
	log.topics[1].b[31] = 1;
	log.topics[2].b[31] = 2;
	abi_in_log(&in, &log);
	for (unsigned i = 1; i <= 4; i++)
		assert_int_equal(abi_get_u64(&in), i);
	assert_null(abi_err(&in, "event"));
	abi_get_u64(&in);
	assert_non_null(in.fault);
	log.topics_n = 0;
	abi_in_log(&in, &log);
	assert_int_equal(abi_get_u64(&in), 0);
	expect_fault(&in, "anonymous");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static_call),
		cmocka_unit_test(test_dynamic_call),
		cmocka_unit_test(test_no_padding),
		cmocka_unit_test(test_tuples),
		cmocka_unit_test(test_read_words),
		cmocka_unit_test(test_words_out_of_range),
		cmocka_unit_test(test_read_tails),
		cmocka_unit_test(test_hostile_tails),
		cmocka_unit_test(test_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Vectors: the examples of the yellow paper's appendix B and of
 * ethereum.org/en/developers/docs/data-structures-and-encoding/rlp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/rlp.h"

static void assert_hex(const struct str *s, const char *hex)
{
	struct str got = STR_INIT;

	str_add_hex(&got, str_cstr(s), s->len);
	assert_string_equal(str_cstr(&got), hex);
	str_clear(&got);
}

static struct rlp_in in_hex(uint8_t buf[static 512], const char *hex)
{
	struct rlp_in in;
	size_t n = strlen(hex) / 2;

	assert_true(n <= 512);
	assert_true(hex_decode(buf, n, hex));
	rlp_in_init(&in, buf, n);
	return in;
}

static void test_strings(void **state)
{
	static const char lorem[] =
		"Lorem ipsum dolor sit amet, consectetur adipisicing elit";
	struct str s = STR_INIT;

	(void)state;
	rlp_add_bytes(&s, "dog", 3);
	assert_hex(&s, "83646f67");
	str_clear(&s);
	rlp_add_bytes(&s, NULL, 0);
	assert_hex(&s, "80");
	str_clear(&s);
	rlp_add_bytes(&s, "\x00", 1);
	assert_hex(&s, "00");
	str_clear(&s);
	rlp_add_bytes(&s, "\x80", 1);
	assert_hex(&s, "8180");
	str_clear(&s);
	rlp_add_bytes(&s, lorem, 56);
	assert_hex(&s, "b8384c6f72656d20697073756d20646f6c6f722073697420616d65"
		"742c20636f6e7365637465747572206164697069736963696e6720656c6974");
	str_clear(&s);
}

static void test_integers(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	rlp_add_u64(&s, 0);
	rlp_add_u64(&s, 15);
	rlp_add_u64(&s, 127);
	rlp_add_u64(&s, 128);
	rlp_add_u64(&s, 1024);
	rlp_add_uint(&s, U256_MAX);
	assert_hex(&s, "800f7f8180820400a0"
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
	str_clear(&s);
}

static void test_lists(void **state)
{
	struct str s = STR_INIT, none = STR_INIT, one = STR_INIT,
		   two = STR_INIT, all = STR_INIT;

	(void)state;
	/* [ [], [[]], [ [], [[]] ] ] */
	rlp_add_list(&none, &s);
	rlp_add_list(&one, &none);
	str_addn(&s, none.s, none.len);
	str_addn(&s, one.s, one.len);
	rlp_add_list(&two, &s);
	str_addn(&s, two.s, two.len);
	rlp_add_list(&all, &s);
	assert_hex(&all, "c7c0c1c0c3c0c1c0");
	str_clear(&s);
	str_clear(&all);
	for (int i = 0; i < 20; i++)
		rlp_add_bytes(&s, "dog", 3);
	rlp_add_list(&all, &s);
	assert_int_equal(all.len, 82);
	assert_memory_equal(all.s, "\xf8\x50\x83""dog\x83""dog", 10);
	str_clear(&s);
	str_clear(&none);
	str_clear(&one);
	str_clear(&two);
	str_clear(&all);
}

static void test_read_back(void **state)
{
	struct str items = STR_INIT, list = STR_INIT;
	struct rlp_in in, inner;
	uint8_t long_text[300], fixed[3];
	const uint8_t *p;
	size_t n;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	rlp_add_bytes(&items, "dog", 3);
	rlp_add_u64(&items, UINT64_MAX);
	rlp_add_uint(&items, U256_MAX);
	rlp_add_bytes(&items, long_text, sizeof(long_text));
	rlp_add_list(&list, &items);
	rlp_in_init(&in, list.s, list.len);
	assert_true(rlp_more(&in));
	inner = rlp_get_list(&in);
	rlp_get_fixed(&inner, fixed, 3);
	assert_memory_equal(fixed, "dog", 3);
	assert_true(rlp_get_u64(&inner) == UINT64_MAX);
	assert_true(u256_eq(rlp_get_uint(&inner), U256_MAX));
	rlp_get_bytes(&inner, &p, &n);
	assert_int_equal(n, sizeof(long_text));
	assert_memory_equal(p, long_text, n);
	assert_null(rlp_end(&inner));
	assert_null(rlp_end(&in));
	assert_false(rlp_more(&in));
	/* Cut anywhere, it is never right. */
	for (size_t cut = 0; cut < list.len; cut++) {
		struct err *e;

		rlp_in_init(&in, list.s, cut);
		rlp_skip(&in, 4);
		e = rlp_end(&in);
		assert_non_null(e);
		err_free(e);
	}
	str_clear(&items);
	str_clear(&list);
}

static void assert_refused(const char *hex, const char *why)
{
	uint8_t buf[512];
	struct rlp_in in = in_hex(buf, hex);
	struct err *e;

	rlp_skip(&in, 3);
	e = rlp_end(&in);
	assert_non_null(e);
	assert_non_null(strstr(err_text(e), why));
	err_free(e);
}

static void test_one_encoding_only(void **state)
{
	(void)state;
	assert_refused("", "cut short");
	assert_refused("8105", "single byte");
	assert_refused("83646f", "cut short");
	assert_refused("83646f6700", "behind the end");
	assert_refused("b803646f67", "long length for a short");
	assert_refused("b90001ff", "leading zero");
	assert_refused("b8", "cut short");
	assert_refused("f803c0c0c0", "long length for a short");
	assert_refused("bf0100000000000000", "longer than can be");
	assert_refused("bbffffffff", "cut short");
	assert_refused("fbffffffff", "cut short");
	assert_refused("c28105", "single byte");
	assert_refused("c4c3c2c1c0", "too deep");
}

static void test_wrong_kinds(void **state)
{
	static const struct {
		const char *hex, *why;
	} ints[] = {
		{ "00", "leading zero" },
		{ "820001", "leading zero" },
		{ "c0", "a list where none" },
		{ "89010000000000000000", "64 bits" },
		{ "a1010000000000000000000000000000000000000000000000000000000000"
		  "000000", "256 bits" },
	};
	uint8_t buf[512], two[2];
	struct rlp_in in;
	struct err *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ints); i++) {
		in = in_hex(buf, ints[i].hex);
		assert_int_equal(rlp_get_u64(&in), 0);
		e = rlp_end(&in);
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), ints[i].why));
		err_free(e);
	}
	in = in_hex(buf, "83646f67");
	rlp_get_fixed(&in, two, 2);
	e = rlp_end(&in);
	assert_non_null(strstr(err_text(e), "wrong length"));
	err_free(e);
	in = in_hex(buf, "83646f67");
	in = rlp_get_list(&in);
	assert_false(rlp_more(&in));
	e = rlp_end(&in);
	assert_non_null(strstr(err_text(e), "no list"));
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_one_encoding_only),
		cmocka_unit_test(test_wrong_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

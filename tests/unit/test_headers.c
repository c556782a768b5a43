#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/headers.h"

static void refuse(const char *text, size_t at)
{
	struct str s = STR_INIT, want = STR_INIT;
	struct err *e;

	str_add(&s, "kept");
	e = base64_decode(&s, text, strlen(text));
	assert_non_null(e);
	str_printf(&want, "illegal base64 data at input byte %zu", at);
	assert_string_equal(err_text(e), want.s);
	assert_string_equal(s.s, "kept");
	err_free(e);
	str_clear(&s);
	str_clear(&want);
}

static void test_base64_vectors(void **state) /* RFC 4648, section 10 */
{
	static const char *const v[][2] = {{"", ""}, {"f", "Zg=="},
		{"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		base64_encode(v[i][0], strlen(v[i][0]), &s);
		assert_string_equal(str_cstr(&s), v[i][1]);
		str_truncate(&s, 0);
		assert_null(base64_decode(&s, v[i][1], strlen(v[i][1])));
		assert_string_equal(str_cstr(&s), v[i][0]);
		str_clear(&s);
	}
	assert_null(base64_decode(&s, "\nZm\r\n9vY\ng=\r=\n", 14));
	assert_string_equal(s.s, "foob");
	str_clear(&s);
}

static void test_base64_refusals(void **state)
{
	(void)state;
	refuse("Zg", 2);
	refuse("Zg=", 3);
	refuse("Zm9vYg=x", 7);
	refuse("Zg==Zg==", 4);
	refuse("Zm-v", 2);
	refuse("Zm_v", 2);
	refuse("Zm v", 2);
	refuse("=", 0);
	refuse("Z===", 1);
}

static void expect_segment_error(const char *text, const char *want)
{
	struct segment_creds c;
	struct err *e = segment_header_decode(&c, text);

	assert_non_null(e);
	assert_string_equal(err_text(e), want);
	assert_int_equal(err_kind(e), ERR_DENIED);
	err_free(e);
}

static void test_segment_header(void **state)
{
	struct segment_creds c = {.manifest = "abc", .seq = 3}, d;
	struct str s = STR_INIT;

	(void)state;
	segment_header_encode(&c, &s);
	assert_null(segment_header_decode(&d, s.s));
	assert_string_equal(d.manifest, "abc");
	assert_int_equal(d.seq, 3);
	str_clear(&s);
	assert_null(segment_header_decode(&d, NULL));
	assert_false(d.token.present);
	expect_segment_error("!", "ErrorSegEncoding");
	expect_segment_error("/w==",
		"proto: cannot parse invalid wire-format data");
	/* 300001 ms */
	expect_segment_error("MOGnEg==", "invalid duration");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_vectors),
		cmocka_unit_test(test_base64_refusals),
		cmocka_unit_test(test_segment_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

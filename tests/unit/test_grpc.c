#include "proto/grpc.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static void test_frame(void **state)
{
	struct blob *b = grpc_frame("abc", 3), *empty = grpc_frame(NULL, 0);
	const uint8_t *msg;
	size_t n;

	(void)state;
	assert_int_equal(blob_size(b), 8);
	assert_memory_equal(blob_data(b), "\0\0\0\0\3abc", 8);
	assert_int_equal(grpc_parse(blob_data(b), 8, 3, &msg, &n),
		GRPC_MESSAGE);
	assert_int_equal(n, 3);
	assert_memory_equal(msg, "abc", 3);
	assert_int_equal(grpc_parse(blob_data(empty), 5, 3, &msg, &n),
		GRPC_MESSAGE);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(grpc_parse(blob_data(b), i, 3, &msg, &n),
			GRPC_MORE);
	blob_put(b);
	blob_put(empty);
}

static void test_refused(void **state)
{
	const uint8_t *msg;
	size_t n;

	(void)state;
	/* Before the message is here: nobody has to wait for it. */
	assert_int_equal(grpc_parse((const uint8_t *)"\0\0\0\0\4", 5, 3, &msg,
				 &n), GRPC_TOO_LARGE);
	assert_int_equal(n, 4);
	assert_int_equal(grpc_parse((const uint8_t *)"\0\xff\xff\xff\xff", 5,
				 GRPC_MAX_MESSAGE, &msg, &n), GRPC_TOO_LARGE);
	assert_int_equal(n, UINT32_MAX);
	assert_int_equal(grpc_parse((const uint8_t *)"\1\0\0\0\1x", 6, 3, &msg,
				 &n), GRPC_COMPRESSED);
	assert_int_equal(grpc_parse((const uint8_t *)"\2\0\0\0\1x", 6, 3, &msg,
				 &n), GRPC_MALFORMED);
}

static void check_text(const char *plain, const char *encoded)
{
	struct str s = STR_INIT;

	grpc_text_encode(&s, plain);
	assert_string_equal(str_cstr(&s), encoded);
	str_truncate(&s, 0);
	grpc_text_decode(&s, encoded, strlen(encoded));
	assert_string_equal(str_cstr(&s), plain);
	str_clear(&s);
}

static void test_text(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	check_text("", "");
	check_text("OrchestratorBusy", "OrchestratorBusy");
	check_text("no way%", "no way%25");
	check_text("\xc3\xa9\r\n~\x7f", "%C3%A9%0D%0A~%7F");
	/* What was not encoded rightly stays as it is. */
	grpc_text_decode(&s, "%zz%4%2", 7);
	assert_string_equal(s.s, "%zz%4%2");
	str_truncate(&s, 0);
	grpc_text_decode(&s, "%c3%A9%0x", 9);
	assert_string_equal(s.s, "\xc3\xa9%0x");
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

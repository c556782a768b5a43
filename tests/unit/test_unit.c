#include "ui/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void is(struct str *s, const char *text)
{
	assert_string_equal(str_cstr(s), text);
	str_clear(s);
}

#define CASE(call, text) \
	do { \
		struct str s = STR_INIT; \
		call; \
		is(&s, text); \
	} while (0)

static void test_all(void **state)
{
	(void)state;
	CASE(unit_rate(&s, 4000000), "4.0 Mb/s");
	CASE(unit_rate(&s, 999), "999 b/s");
	CASE(unit_rate(&s, 999999), "1.0 Mb/s");
	CASE(unit_rate(&s, 0), "-");
	CASE(unit_bytes(&s, 1500000), "1.5 MB");
	CASE(unit_bytes(&s, -1), "-");
	CASE(unit_bytes(&s, INT64_MAX), "9223 PB");
	CASE(unit_count(&s, 99999), "99999");
	CASE(unit_count(&s, 123456), "123k");
	CASE(unit_ms(&s, 999), "999 ms");
	CASE(unit_ms(&s, 2100), "2.1 s");
	CASE(unit_ms(&s, 100000), "1m");
	CASE(unit_ms(&s, -1), "-");
	CASE(unit_span(&s, 99999), "99s");
	CASE(unit_span(&s, 720000), "12m");
	CASE(unit_span(&s, 11100000), "3h05");
	CASE(unit_span(&s, 187200000), "2d04h");
	CASE(unit_ratio(&s, 0.45), "0.45x");
	CASE(unit_ratio(&s, 123.4), "123x");
	CASE(unit_ratio(&s, -1), "-");
	CASE(unit_fps(&s, 29.97), "29.97");
	CASE(unit_fps(&s, 30), "30");
	CASE(unit_percent(&s, 0.5), "50%");
	CASE(unit_eth(&s, 0.01234), "0.0123 ETH");
	CASE(unit_eth(&s, 0), "0 ETH");
	CASE(unit_eth(&s, 2.08e-5), "20800 gwei");
	CASE(unit_eth(&s, 7e-9), "7 gwei");
	CASE(unit_small(&s, 0.1), "0.1");
	CASE(unit_small(&s, 0.0123), "12.3m");
	CASE(unit_small(&s, 0.0001), "100u");
	CASE(unit_small(&s, 1.4e-8), "14n");
	CASE(unit_small(&s, 0), "0");
	CASE(unit_clock(&s, 1790000000000), "14:13:20");
}

/* What stands in a column of seven stays in it. */
static void test_width(void **state)
{
	(void)state;
	for (int64_t n = 1; n < INT64_MAX / 7; n = n * 7 / 3 + 1) {
		struct str s = STR_INIT;

		unit_count(&s, n);
		assert_true(s.len <= 6);
		str_clear(&s);
		unit_ms(&s, n < 9000000000000 ? n : 0);
		assert_true(s.len <= 9);
		str_clear(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

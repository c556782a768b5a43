/* What a sample says, series by series, and how it is written. */
#include "ui/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void reads(enum series s, const struct sample *q, const char *value, const char *total)
{
	struct str text = STR_INIT;

	series_text(s, series_value(s, q), &text);
	assert_string_equal(text.s, value);
	str_truncate(&text, 0);
	series_total(s, q, &text);
	assert_string_equal(text.s, total);
	str_clear(&text);
}

static void test_values(void **state)
{
	/* Half an hour was watched of whatever span it is. */
	const struct sample q = {.observed_ms = 1800000, .segments = 900, .failed = 2,
		.pixels = 3600000000, .busy_ms = 720000, .media_ms = 1800000,
		.session_ms = 4500000, .cpu_ms = 2700000,
		.earned = wei_from_gwei(50000000), .redeemed = wei_from_gwei(140000000),
		.gas = wei_from_gwei(1200000), .spent = wei_from_gwei(7)};

	(void)state;
	reads(SERIES_SEGMENTS, &q, "30", "900, 2 failed");
	reads(SERIES_RATIO, &q, "0.40x", "mean 0.40x");
	reads(SERIES_PIXELS, &q, "2.0M", "3.6G");
	reads(SERIES_SESSIONS, &q, "2.5", "mean 2.5");
	reads(SERIES_CPU, &q, "1.5", "mean 1.5");
	reads(SERIES_EARNED, &q, "0.1", "0.05 ETH");
	reads(SERIES_REDEEMED, &q, "0.28", "0.14 ETH");
	reads(SERIES_GAS, &q, "2.4m", "0.0012 ETH");
	reads(SERIES_SPENT, &q, "14n", "7 gwei");
}

/* Nobody watched: that is not zero. Watched, and nothing done: that is. */
static void test_unknown(void **state)
{
	static const struct sample gap, idle = {.observed_ms = 10000};

	(void)state;
	for (enum series s = 0; s < SERIES_COUNT; s++) {
		assert_true(series_value(s, &gap) < 0);
		if (s != SERIES_RATIO)
			assert_true(series_value(s, &idle) == 0);
	}
	assert_true(series_value(SERIES_RATIO, &idle) < 0);
}

/* What no machine does may still be said. */
static void test_absurd(void **state)
{
	const struct sample q = {.observed_ms = 1, .pixels = INT64_MAX / 2};

	(void)state;
	reads(SERIES_PIXELS, &q, "9000P", "4612P");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_absurd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

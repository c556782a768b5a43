/* Counters into samples, at times that the test chooses. */
#include "src/node/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define START 1790000000000

static void test_slots(void **state)
{
	struct meter m = {0};
	struct readings r = {.sessions = 2};
	struct sample s = {0}, sum = {0};
	int samples = 0;

	(void)state;
	for (int64_t ms = 0; ms <= 60000; ms += 1000) {
		r.segments += 3;
		r.earned = wei_add_or_max(r.earned, wei_from(5));
		if (!meter_read(&m, START + 500 + ms, &r, &s))
			continue;
		assert_int_equal(s.slot, START / TREND_FINE_MS + samples);
		assert_int_equal(s.observed_ms, samples ? 10000 : 9500);
		assert_int_equal(s.session_ms, samples ? 20000 : 19000);
		sample_add(&sum, &s);
		samples++;
	}
	assert_int_equal(samples, 6);
	sample_add(&sum, &m.open);
	assert_int_equal(sum.segments, r.segments);
	assert_int_equal(wei_cmp(sum.earned, r.earned), 0);
	assert_int_equal(sum.observed_ms, 60000);
}

/* Nobody looked for a minute: what was counted is not lost, and what was not
 * watched is not said to have been. */
static void test_stall(void **state)
{
	struct meter m = {0};
	struct readings r = {0};
	struct sample s;

	(void)state;
	assert_false(meter_read(&m, START + 1000, &r, &s));
	r.segments = 7;
	assert_true(meter_read(&m, START + 63000, &r, &s));
	assert_int_equal(s.observed_ms, 0);
	assert_int_equal(s.segments, 0);
	assert_int_equal(m.open.segments, 7);
	assert_int_equal(m.open.observed_ms, 3000);
}

static void test_falling_counter(void **state)
{
	struct meter m = {0};
	struct readings r = {0};
	struct sample s, sum = {0};
	static const uint64_t paid[] = {0, 10, 4, 10, 12};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paid); i++) {
		r.redeemed = wei_from(paid[i]);
		r.pixels = (int64_t)paid[i];
		if (meter_read(&m, START + (int64_t)i * 10000, &r, &s))
			sample_add(&sum, &s);
	}
	sample_add(&sum, &m.open);
	assert_int_equal(wei_cmp(sum.redeemed, wei_from(12)), 0);
	assert_int_equal(sum.pixels, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_falling_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

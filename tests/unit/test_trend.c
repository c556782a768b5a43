/* The rings of the last hour and day, with samples out of a generator: what is
 * added is there, sums survive every fold, and gaps stay gaps. */
#include "src/model/trend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FIRST 178900000 /* a slot of ten seconds in our time */

static uint64_t seed;

static int64_t any(int64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)(seed >> 33) % below;
}

static struct sample sample_of(int64_t slot)
{
	return (struct sample){slot, 10000, any(50), any(3), any(1 << 30), any(20000),
		any(20000), any(80000), any(40000), wei_from((uint64_t)any(1 << 30)),
		wei_from((uint64_t)any(9)), wei_from((uint64_t)any(99)),
		wei_from((uint64_t)any(7))};
}

static void same(const struct sample *a, const struct sample *b)
{
	assert_int_equal(a->observed_ms, b->observed_ms);
	assert_int_equal(a->segments, b->segments);
	assert_int_equal(a->failed, b->failed);
	assert_int_equal(a->pixels, b->pixels);
	assert_int_equal(a->busy_ms, b->busy_ms);
	assert_int_equal(a->media_ms, b->media_ms);
	assert_int_equal(a->session_ms, b->session_ms);
	assert_int_equal(a->cpu_ms, b->cpu_ms);
	assert_int_equal(wei_cmp(a->earned, b->earned), 0);
	assert_int_equal(wei_cmp(a->redeemed, b->redeemed), 0);
	assert_int_equal(wei_cmp(a->gas, b->gas), 0);
	assert_int_equal(wei_cmp(a->spent, b->spent), 0);
}

static struct sample sum_of_fold(const struct trend *t, enum span s, size_t n)
{
	struct sample *v = calloc(n, sizeof(*v)), sum = {0};

	trend_fold(t, s, n, v);
	for (size_t i = 0; i < n; i++) {
		assert_true(!i || v[i].slot > v[i - 1].slot);
		sample_add(&sum, &v[i]);
	}
	free(v);
	return sum;
}

static void test_empty(void **state)
{
	static const struct trend t;
	struct sample sum, none = {0};

	(void)state;
	assert_int_equal(trend_end(&t), 0);
	sum = sum_of_fold(&t, SPAN_DAY, 7);
	same(&sum, &none);
	sum = trend_sum(&t, SPAN_HOUR, 3600000, 0);
	same(&sum, &none);
}

static void test_bounds(void **state)
{
	struct trend *t = calloc(1, sizeof(*t));

	(void)state;
	for (int64_t i = 0; i < 20000; i++) {
		struct sample s = sample_of(FIRST + i);

		assert_true(trend_add(t, &s));
	}
	assert_int_equal(t->ring[SPAN_HOUR].n, TREND_FINE);
	assert_int_equal(t->ring[SPAN_DAY].n, TREND_COARSE);
	assert_int_equal(trend_end(t), FIRST + 20000);
	assert_int_equal(trend_at(t, SPAN_HOUR, 0)->slot, FIRST + 20000 - TREND_FINE);
	assert_int_equal(trend_at(t, SPAN_DAY, TREND_COARSE - 1)->slot,
		(FIRST + 19999) / TREND_FOLD);
	free(t);
}

/* A clock that stands still or goes back adds nothing and harms nothing. */
static void test_old_is_dropped(void **state)
{
	struct trend *t = calloc(1, sizeof(*t));
	struct sample a = sample_of(FIRST), b = sample_of(FIRST), c = sample_of(FIRST - 99), sum;

	(void)state;
	assert_true(trend_add(t, &a));
	assert_false(trend_add(t, &b));
	assert_false(trend_add(t, &c));
	sum = trend_sum(t, SPAN_HOUR, 3600000, 0);
	same(&sum, &a);
	sum = trend_sum(t, SPAN_DAY, 86400000, 0);
	same(&sum, &a);
	free(t);
}

/* However wide the screen: the columns come to the same, and an hour's samples
 * come to the same in the day. */
static void test_sums(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct trend *t = calloc(1, sizeof(*t));
		struct sample sum = {0}, got;
		int64_t slot = FIRST + any(1000), first = slot;

		while (slot < first + 300) {
			struct sample s = sample_of(slot);

			assert_true(trend_add(t, &s));
			sample_add(&sum, &s);
			slot += any(8) ? 1 : 1 + any(60); /* a gap now and then */
		}
		for (enum span s = 0; s < SPANS; s++)
			for (size_t n = 1; n <= trend_slots(s); n += (size_t)any(40) + 1) {
				got = sum_of_fold(t, s, n);
				same(&got, &sum);
			}
		got = trend_sum(t, SPAN_HOUR, 3600000, 0);
		same(&got, &sum);
		got = trend_sum(t, SPAN_DAY, 86400000, 0);
		same(&got, &sum);
		free(t);
	}
}

static void test_gap(void **state)
{
	struct trend *t = calloc(1, sizeof(*t));
	struct sample a = sample_of(FIRST), b = sample_of(FIRST + 180), v[4], zero = {0};

	(void)state;
	trend_add(t, &a);
	trend_add(t, &b);
	trend_fold(t, SPAN_HOUR, 4, v);
	same(&v[0], &zero);
	assert_int_equal(v[1].observed_ms, 10000); /* half an hour before the newest */
	assert_int_equal(v[2].observed_ms, 0);
	assert_int_equal(v[3].observed_ms, 10000);
	/* After a day of rest nothing is left to see, and it begins anew. */
	b = sample_of(FIRST + 9000);
	trend_add(t, &b);
	b = sum_of_fold(t, SPAN_HOUR, 360);
	assert_int_equal(b.observed_ms, 10000);
	a = sample_of(FIRST + 900000);
	trend_add(t, &a);
	b = sum_of_fold(t, SPAN_DAY, 288);
	same(&b, &a);
	free(t);
}

static void test_before(void **state)
{
	struct trend *t = calloc(1, sizeof(*t));
	struct sample s;

	(void)state;
	for (int64_t i = 0; i < 720; i++) {
		s = (struct sample){.slot = FIRST / TREND_FOLD * TREND_FOLD + i,
			.observed_ms = 10000, .segments = i < 360 ? 1 : 2};
		trend_add(t, &s);
	}
	s = trend_sum(t, SPAN_DAY, 3600000, 0);
	assert_int_equal(s.segments, 720);
	s = trend_sum(t, SPAN_DAY, 7200000, 3600000);
	assert_int_equal(s.segments, 360);
	s = trend_sum(t, SPAN_HOUR, 600000, 300000);
	assert_int_equal(s.segments, 60);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_old_is_dropped),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "src/role/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_counts_and_percentiles(void **state)
{
	struct session_row row = {0};
	struct totals sum = {0};
	struct tally t;

	(void)state;
	tally_init(&t, &sum, 1000);
	assert_int_equal(sum.sessions, 1);
	assert_true(t.ratio < 0); /* unknown is not 0 */
	for (int i = 1; i <= 40; i++) {
		tally_in(&t, 1000 * i, 2000, 250000);
		tally_out(&t, 1000 * i, i, 2000, 10 * i, 99, "o1");
	}
	tally_in(&t, 50000, 2000, 250000);
	tally_retry(&t, 50001, "first");
	tally_failed(&t, 50002, 41, 2000, 77, "second");
	tally_row(&t, &row);
	assert_int_equal(row.segments_in, 41);
	assert_int_equal(row.segments_out, 40);
	assert_int_equal(row.segments_failed, 1);
	assert_int_equal(row.segments_retried, 1);
	assert_int_equal(row.in_flight, 0);
	assert_int_equal(row.source_bitrate, 1000000);
	assert_string_equal(row.last_error, "second");
	assert_int_equal(row.recent.n, TALLY_RECENT);
	assert_int_equal(row.recent.v[TALLY_RECENT - 1].seq, 41);
	assert_string_equal(row.recent.v[TALLY_RECENT - 1].outcome, "failed");
	assert_int_equal(row.latency_p99_ms, 400); /* failures don't count */
	assert_int_equal(row.latency_ms, 250);
	view_clear(session_row_desc(), &row);
	assert_int_equal(sum.ok, 40);
	assert_int_equal(sum.failed, 1);
	assert_int_equal(sum.in_flight, 0);
	tally_clear(&t);
	assert_int_equal(sum.sessions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_and_percentiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

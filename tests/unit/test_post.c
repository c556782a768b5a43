/* What a webhook's answer means; tests/interop/test_alarms.py has the server. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/alarm/post.h"

static void answers(void **state)
{
	(void)state;
	assert_int_equal(alarm_post_decide(200, 1), 0);
	assert_int_equal(alarm_post_decide(204, 7), 0);
	/* Nobody, overload and trouble there: again, with growing pauses. */
	assert_int_equal(alarm_post_decide(0, 1), 1000);
	assert_int_equal(alarm_post_decide(500, 2), 2000);
	assert_int_equal(alarm_post_decide(503, 3), 4000);
	assert_int_equal(alarm_post_decide(429, 4), 8000);
	assert_int_equal(alarm_post_decide(408, 7), 60000);
	assert_int_equal(alarm_post_decide(0, 8), -1);
	/* It would say the same again. */
	assert_int_equal(alarm_post_decide(404, 1), -1);
	assert_int_equal(alarm_post_decide(302, 1), -1);
}

static void all_tries_take_minutes(void **state)
{
	int64_t sum_ms = 0, pause_ms;

	(void)state;
	for (unsigned tries = 1; (pause_ms = alarm_post_decide(0, tries)) > 0; tries++)
		sum_ms += pause_ms;
	assert_true(sum_ms > 60000 && sum_ms < 600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(all_tries_take_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which orchestrator gets the next segment: go-livepeer
 * server/broadcast.go, selection.go, suspensions.go. */
#include "src/role/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define DUR 2000

static void add(struct selection *s, const char *uri, int64_t latency_ms)
{
	struct orchestrator_info info = {0};

	snprintf(info.transcoder, sizeof(info.transcoder), "%s", uri);
	selection_add(s, &info, latency_ms);
}

/* Picks, sends at now, and has it back after wall_ms. */
static const char *once(struct selection *s, int64_t now_ms, int64_t wall_ms)
{
	static char uri[URI_SIZE];
	struct orch_session *o = selection_pick(s, now_ms);

	if (!o)
		return NULL;
	memcpy(uri, o->uri, sizeof(uri));
	selection_sent(o, now_ms, DUR);
	selection_succeeded(s, o, wall_ms, DUR);
	orch_session_put(o);
	return uri;
}

static void test_untried_by_latency(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	add(&s, "slow", 30);
	add(&s, "fast", 10);
	add(&s, "fast", 1); /* there already */
	assert_string_equal(once(&s, 0, 100), "fast");
	selection_clear(&s);
}

static void test_good_session_is_kept(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	add(&s, "a", 1);
	add(&s, "b", 2);
	for (int i = 0; i < 5; i++)
		assert_string_equal(once(&s, i * DUR, 500), "a");
	assert_int_equal(s.swaps, 0);
	selection_clear(&s);
}

static void test_slow_session_is_swapped(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	add(&s, "a", 1);
	add(&s, "b", 2);
	assert_string_equal(once(&s, 0, 3000), "a"); /* score 1.5 */
	assert_string_equal(once(&s, 4000, 500), "b"); /* untried before slow */
	assert_int_equal(s.swaps, 1);
	assert_string_equal(once(&s, 8000, 2600), "b");
	/* Both known and slow now: the less slow one. */
	assert_string_equal(once(&s, 12000, 500), "b");
	selection_clear(&s);
}

static void test_in_flight_patience(void **state)
{
	struct selection s;
	struct orch_session *a, *b, *c;

	(void)state;
	selection_init(&s, 1, 1);
	add(&s, "a", 1);
	a = selection_pick(&s, 0);
	selection_sent(a, 0, DUR);
	b = selection_pick(&s, DUR - 1); /* out for less than one duration */
	assert_ptr_equal(a, b);
	c = selection_pick(&s, 2 * DUR - 1); /* nobody else: less than two */
	assert_ptr_equal(a, c);
	assert_null(selection_pick(&s, 2 * DUR));
	orch_session_put(a);
	orch_session_put(b);
	orch_session_put(c);
	selection_clear(&s);
}

static void test_short_segments_have_a_floor(void **state)
{
	struct selection s;
	struct orch_session *a, *b;

	(void)state;
	selection_init(&s, 1, 1);
	add(&s, "a", 1);
	a = selection_pick(&s, 0);
	selection_sent(a, 0, 500);
	b = selection_pick(&s, 1499);
	assert_ptr_equal(a, b);
	assert_null(selection_pick(&s, 1500));
	orch_session_put(a);
	orch_session_put(b);
	selection_clear(&s);
}

static void test_failure_suspends_and_removes(void **state)
{
	struct selection s;
	struct orch_session *a;

	(void)state;
	selection_init(&s, 4, 2);
	add(&s, "a", 1);
	selection_refresh_begin(&s); /* counter 1 */
	selection_refresh_end(&s);
	a = selection_pick(&s, 0);
	selection_sent(a, 0, DUR);
	selection_failed(&s, a);
	orch_session_put(a);
	assert_null(selection_pick(&s, 1));
	assert_int_equal(selection_suspended(&s, "a"), 2); /* ceil(4 / 2) */
	selection_refresh_begin(&s);
	assert_int_equal(selection_suspended(&s, "a"), 2);
	selection_refresh_begin(&s);
	assert_int_equal(selection_suspended(&s, "a"), 0);
	selection_clear(&s);
}

/* server/suspensions_test.go: 5, again 10, at counter 11 none. */
static void test_suspension_vector(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 5, 1);
	for (int i = 1; i <= 2; i++) {
		struct orch_session *a;

		add(&s, "orch", 1);
		a = selection_pick(&s, 0);
		selection_failed(&s, a);
		orch_session_put(a);
		assert_int_equal(selection_suspended(&s, "orch"), 5 * i);
	}
	s.refreshes = 11;
	assert_int_equal(selection_suspended(&s, "orch"), 0);
	assert_int_equal(s.suspended_n, 0);
	selection_clear(&s);
}

static void test_refresh_threshold(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	assert_true(selection_wants_refresh(&s));
	add(&s, "a", 1);
	assert_true(selection_wants_refresh(&s));
	add(&s, "b", 1);
	assert_false(selection_wants_refresh(&s)); /* ceil(3 / 2) are there */
	selection_clear(&s);
	selection_init(&s, 0, 0);
	assert_false(selection_wants_refresh(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untried_by_latency),
		cmocka_unit_test(test_good_session_is_kept),
		cmocka_unit_test(test_slow_session_is_swapped),
		cmocka_unit_test(test_in_flight_patience),
		cmocka_unit_test(test_short_segments_have_a_floor),
		cmocka_unit_test(test_failure_suspends_and_removes),
		cmocka_unit_test(test_suspension_vector),
		cmocka_unit_test(test_refresh_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

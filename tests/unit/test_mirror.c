#include "ui/mirror.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void put(struct mirror *m, enum section s, uint64_t version,
	const char *json)
{
	struct ctl_view v = {s, version, json, strlen(json)};

	mirror_put_view(m, &v);
}

static void test_latest_wins(void **state)
{
	struct mirror m;
	bool more;

	(void)state;
	mirror_init(&m);
	put(&m, SECTION_NODE, 1, "{\"sessions\":1,\"now_ms\":5000}");
	put(&m, SECTION_NODE, 2, "{\"sessions\":2,\"now_ms\":5000}");
	put(&m, SECTION_SESSIONS, 9, "{\"rows\":[{\"id\":\"o\"}]}");
	put(&m, SECTION_STREAMS, 0, "{}");
	assert_int_equal(m.node.sessions, 0); /* nothing decoded yet */
	assert_null(mirror_settle(&m, &more));
	assert_true(more);
	assert_int_equal(m.node.sessions, 2);
	assert_true(m.published[SECTION_NODE]);
	assert_null(mirror_settle(&m, &more));
	assert_null(mirror_settle(&m, &more));
	assert_false(more);
	assert_false(m.published[SECTION_STREAMS]);
	assert_int_equal(m.live_n, 1);
	assert_string_equal(m.live[0]->id, "o");
	assert_int_equal(mirror_age(&m, 3000), 2000);
	assert_int_equal(mirror_age(&m, 9000), 0);
	assert_int_equal(mirror_age(&m, 0), -1);
	mirror_clear(&m);
}

/* Rows come in slices, and show all at once. */
static void test_slices(void **state)
{
	struct str j = STR_INIT;
	struct mirror m;
	bool more = true;
	int steps = 0;

	(void)state;
	mirror_init(&m);
	str_add(&j, "{\"rows\":[{}");
	for (int i = 1; i < 1000; i++)
		str_add(&j, ",{\"renditions\":[{},{}]}");
	str_add(&j, "],\"max_sessions\":7}");
	put(&m, SECTION_SESSIONS, 1, j.s);
	for (; more; steps++) {
		assert_int_equal(m.live_n, 0);
		assert_null(mirror_settle(&m, &more));
		/* A newer one waits its turn. */
		if (!steps)
			put(&m, SECTION_SESSIONS, 2, "{\"rows\":[{},{}]}");
		if (m.version[SECTION_SESSIONS])
			break;
	}
	assert_true(steps > 10);
	assert_true(more);
	assert_int_equal(m.live_n, 1000);
	assert_int_equal(m.sessions.max_sessions, 7);
	assert_null(mirror_settle(&m, &more));
	assert_int_equal(m.live_n, 2);
	assert_false(more);
	/* Going away in the middle leaks nothing. */
	put(&m, SECTION_SESSIONS, 3, j.s);
	assert_null(mirror_settle(&m, &more));
	assert_true(more);
	mirror_clear(&m);
	str_clear(&j);
}

/* Numbers that no clock says; the sanitizer watches what is made of them. */
static void test_numbers_are_bounded(void **state)
{
	struct mirror m;
	bool more;

	(void)state;
	mirror_init(&m);
	put(&m, SECTION_NODE, 1, "{\"now_ms\":9223372036854775807,"
		"\"started_ms\":-9223372036854775808,\"cpu\":1e300,"
		"\"alarms\":[{\"since_ms\":-9223372036854775808}]}");
	do
		assert_null(mirror_settle(&m, &more));
	while (more);
	assert_true(m.node.now_ms == INT64_C(1) << 53);
	assert_true(m.node.cpu == (double)(INT64_C(1) << 53));
	assert_true(mirror_age(&m, m.node.started_ms) > 0);
	assert_true(mirror_age(&m, m.node.alarms.v[0].since_ms) > 0);
	mirror_clear(&m);
}

static void test_bad_view_keeps_the_old(void **state)
{
	struct mirror m;
	struct err *e;
	bool more;

	(void)state;
	mirror_init(&m);
	put(&m, SECTION_NODE, 1, "{\"sessions\":1}");
	assert_null(mirror_settle(&m, &more));
	put(&m, SECTION_NODE, 2, "{\"sessions\":tru");
	e = mirror_settle(&m, &more);
	assert_non_null(e);
	err_free(e);
	assert_int_equal(m.node.sessions, 1);
	assert_int_equal(m.version[SECTION_NODE], 1);
	mirror_clear(&m);
}

static void test_answers(void **state)
{
	struct ctl_answer a = {.outcome = CTL_REFUSED};
	struct str s = STR_INIT;
	struct mirror m;
	uint64_t first, second;

	(void)state;
	mirror_init(&m);
	first = mirror_ask(&m, "drain");
	second = mirror_ask(&m, "stop");
	a.id = second;
	view_set(&a.text, "busy");
	mirror_answer(&m, &a, &s);
	assert_string_equal(s.s, "stop: refused, busy");
	assert_int_equal(m.pending_n, 1);
	str_truncate(&s, 0);
	mirror_answer(&m, &a, &s); /* nobody asked */
	assert_int_equal(s.len, 0);
	a.id = first;
	a.outcome = CTL_DONE;
	view_set(&a.text, NULL);
	mirror_answer(&m, &a, &s);
	assert_string_equal(s.s, "drain: done");
	mirror_ask(&m, "resume");
	mirror_forget_pending(&m);
	assert_int_equal(m.pending_n, 0);
	ctl_answer_clear(&a);
	str_clear(&s);
	mirror_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_latest_wins),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_numbers_are_bounded),
		cmocka_unit_test(test_bad_view_keeps_the_old),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

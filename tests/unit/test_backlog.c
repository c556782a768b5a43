#include "ui/backlog.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void add(struct backlog *b, uint64_t seq, const char *text)
{
	struct journal_record r = {seq, (int64_t)seq, LOG_INFO, "Orch", text};

	backlog_add(b, &r);
}

static void test_order_and_gaps(void **state)
{
	struct backlog b = {0};

	(void)state;
	add(&b, 5, "five");
	add(&b, 6, "six");
	add(&b, 6, "again");
	add(&b, 2, "late");
	add(&b, 10, "ten");
	assert_int_equal(b.n, 3);
	assert_int_equal(backlog_get(&b, 0)->missing, 0);
	assert_string_equal(backlog_get(&b, 1)->text, "six");
	assert_int_equal(backlog_get(&b, 2)->missing, 3);
	assert_int_equal(backlog_find(&b, 0), 0);
	assert_int_equal(backlog_find(&b, 6), 1);
	assert_int_equal(backlog_find(&b, 7), 2);
	assert_int_equal(backlog_find(&b, 11), 3);
	backlog_clear(&b);
	assert_int_equal(b.n, 0);
}

static void test_ring(void **state)
{
	struct backlog b = {0};
	char text[32];

	(void)state;
	for (uint64_t i = 1; i <= BACKLOG_MAX + 10; i++) {
		snprintf(text, sizeof(text), "record %d", (int)i);
		add(&b, i, text);
	}
	assert_int_equal(b.n, BACKLOG_MAX);
	assert_int_equal(backlog_get(&b, 0)->seq, 11);
	assert_int_equal(backlog_get(&b, b.n - 1)->seq, BACKLOG_MAX + 10);
	assert_int_equal(backlog_find(&b, 111), 100);
	backlog_clear(&b);
}

static void test_filter(void **state)
{
	struct backlog_filter f = {LOG_INFO, NULL};
	struct backlog b = {0};
	const struct backlog_record *r;

	(void)state;
	add(&b, 1, "Segment 12 DONE");
	r = backlog_get(&b, 0);
	assert_true(backlog_matches(r, &f));
	f.text = text_fold("DONE");
	assert_true(backlog_matches(r, &f));
	free(f.text);
	f.text = text_fold("nope|Orch seg");
	assert_true(backlog_matches(r, &f));
	free(f.text);
	f.text = text_fold("nope|");
	assert_false(backlog_matches(r, &f));
	free(f.text);
	f.text = text_fold("|");
	assert_true(backlog_matches(r, &f));
	f.least = LOG_UNUSUAL;
	assert_false(backlog_matches(r, &f));
	free(f.text);
	backlog_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_gaps),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

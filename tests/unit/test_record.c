#include "src/migrate/record.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/file.h"
#include "src/migrate/record_report.h"
#include "src/migrate/tree.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[64], path[96];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-record-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/1.json", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static void put(struct record *r, const char *event, const char *step, const char *text)
{
	struct migration_line line = {.event = xstrdup(event), .step = xstrdup(step),
		.text = xstrdup(text)};

	ok(record_add(r, &line));
	free(line.event);
	free(line.step);
	free(line.text);
}

static void test_lines_are_kept(void **state)
{
	struct record *r, *other;
	struct stat st;

	(void)state;
	refuses(record_look(path, &r), "No such file");
	ok(record_open(path, &r));
	assert_int_equal(record_n(r), 0);
	put(r, "begun", "keys", "one");
	put(r, "done", "keys", "line\nbreak \" \x01");
	put(r, "begun", "config", "");
	refuses(record_open(path, &other), "another `weir migrate` is at it");
	ok(record_look(path, &other));
	assert_int_equal(record_n(other), 3);
	record_close(other);
	record_close(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ok(record_open(path, &r));
	assert_int_equal(record_n(r), 3);
	assert_string_equal(record_at(r, 1)->text, "line\nbreak \" \x01");
	assert_true(record_at(r, 0)->at_ms > 0);
	assert_string_equal(record_of_step(r, "keys")->event, "done");
	assert_string_equal(record_of_step(r, "config")->event, "begun");
	assert_null(record_of_step(r, "fund"));
	assert_string_equal(record_last(r, "begun", NULL)->step, "config");
	assert_null(record_last(r, "failed", NULL));
	record_close(r);
}

/* A file cut anywhere has all whole lines, and goes on after them. */
static void test_torn_anywhere(void **state)
{
	struct str whole = STR_INIT;
	struct record *r;
	size_t ends[3], n = 0;

	(void)state;
	ok(record_open(path, &r));
	for (int i = 0; i < 3; i++)
		put(r, i ? "done" : "begun", "keys", "text");
	record_close(r);
	ok(file_read(path, 1 << 20, &whole));
	for (size_t i = 0; i < whole.len; i++)
		if (whole.s[i] == '\n')
			ends[n++] = i + 1;
	assert_int_equal(n, 3);
	for (size_t cut = 0; cut <= whole.len; cut++) {
		size_t want = (cut >= ends[0]) + (cut >= ends[1]) + (cut >= ends[2]);

		ok(file_write(path, whole.s, cut, 0600));
		ok(record_open(path, &r));
		assert_int_equal(record_n(r), want);
		put(r, "failed", "keys", "after");
		record_close(r);
		ok(record_look(path, &r));
		assert_int_equal(record_n(r), want + 1);
		assert_string_equal(record_of_step(r, "keys")->event, "failed");
		record_close(r);
	}
	str_clear(&whole);
}

static void test_what_is_no_record(void **state)
{
	static const char *const junk[] = {"\n", "{}\n", "[]\n", "nonsense\n",
		"{\"event\":7}\n", "{\"event\":\"done\"}\n\xff\n"};
	struct record *r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		ok(file_write(path, junk[i], strlen(junk[i]), 0600));
		refuses(record_open(path, &r), "is no record of a migration");
		refuses(record_look(path, &r), "is no record of a migration");
	}
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	refuses(record_open(path, &r), path);
}

static void test_undone(void **state)
{
	struct record *r;

	(void)state;
	ok(record_open(path, &r));
	put(r, "confirmed", "", "");
	put(r, "ended", "", "");
	assert_false(record_is_undone(r));
	put(r, "undone", "", "");
	assert_true(record_is_undone(r));
	assert_int_equal(record_n(r), 0);
	assert_null(record_last(r, "ended", NULL));
	put(r, "begin", "", "");
	assert_false(record_is_undone(r));
	assert_int_equal(record_n(r), 1);
	record_close(r);
}

/* --- as a report --- */

static const char *state_of(struct migration_row *row, const char *step)
{
	return report_find_step(row, step)->state;
}

static void test_report(void **state)
{
	struct migration_row row = {0};
	struct record *r;

	(void)state;
	ok(record_open(path, &r));
	put(r, "begin", "", "");
	put(r, "planned", "keys", "");
	put(r, "begin", "", ""); /* that one was never confirmed */
	put(r, "planned", "backup", "");
	put(r, "planned", "fund", "deposit 1 ETH");
	put(r, "planned", "verify", "");
	put(r, "planned", "no such step", "");
	put(r, "confirmed", "", "");
	put(r, "begun", "backup", "");
	put(r, "done", "backup", "a copy");
	put(r, "begun", "fund", "");
	record_report(r, &row);
	assert_int_equal(row.steps.n, 3);
	assert_string_equal(row.state, "under way");
	assert_string_equal(state_of(&row, "backup"), "done");
	assert_string_equal(report_find_step(&row, "backup")->detail, "a copy");
	assert_string_equal(state_of(&row, "fund"), "running");
	assert_string_equal(report_find_step(&row, "fund")->detail, "deposit 1 ETH");
	assert_true(report_find_step(&row, "fund")->chain);
	assert_false(report_find_step(&row, "fund")->reversible);
	assert_string_equal(state_of(&row, "verify"), "todo");
	assert_null(report_find_step(&row, "keys"));
	view_clear(migration_row_desc(), &row);
	put(r, "failed", "fund", "no ETH");
	record_report(r, &row);
	assert_string_equal(row.state, "failed");
	view_clear(migration_row_desc(), &row);
	put(r, "ended", "", "");
	record_report(r, &row);
	assert_string_equal(row.state, "done");
	view_clear(migration_row_desc(), &row);
	record_close(r);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_lines_are_kept), T(test_torn_anywhere), T(test_what_is_no_record),
		T(test_undone), T(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

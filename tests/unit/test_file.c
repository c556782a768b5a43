/* Files that are somebody else's: read whole or refused, and left as they were. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/time.h>

#include "src/base/file.h"
#include "tests/unit/alpha_tree.h"

static char dir[64], path[96];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-file-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static const char *named(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(named(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_file_is_read_whole_or_not_at_all(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	put("a", "12345");
	str_add(&s, ">");
	ok(file_read(named("a"), 5, &s));
	assert_string_equal(s.s, ">12345");
	refuses(file_read(named("a"), 4, &s), "more than 4 bytes");
	str_clear(&s);
}

static void what_is_no_file_is_not_opened(void **state)
{
	struct str s = STR_INIT;
	struct err *e;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(named("pipe"), 0600), 0);
	refuses(file_read(named("pipe"), 10, &s), "not a regular file");
	refuses(file_read("/dev/zero", 10, &s), "not a regular file");
	refuses(file_read(dir, 10, &s), "not a regular file");
	e = file_open(named("missing"), &fd, NULL);
	assert_int_equal(err_kind(e), ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
	err_free(e);
	str_clear(&s);
}

static void the_time_of_reading_stays(void **state)
{
	struct timeval past[2] = { { 1000000000, 0 }, { 1100000000, 0 } };
	struct file_names names;
	struct str s = STR_INIT;
	struct stat st;

	(void)state;
	put("a", "12345");
	assert_int_equal(utimes(named("a"), past), 0);
	assert_int_equal(utimes(dir, past), 0);
	ok(file_read(named("a"), 5, &s));
	ok(file_list(dir, 10, &names));
	file_names_clear(&names);
	assert_int_equal(stat(named("a"), &st), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000000000);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000000000);
	str_clear(&s);
}

static void names_come_in_order_and_no_more_than_asked(void **state)
{
	struct file_names names;
	struct err *e;

	(void)state;
	put("b", "");
	put("a", "");
	put(".c", "");
	ok(file_list(dir, 3, &names));
	assert_int_equal(names.n, 3);
	assert_false(names.more);
	assert_string_equal(names.v[0], ".c");
	assert_string_equal(names.v[2], "b");
	file_names_clear(&names);
	ok(file_list(dir, 2, &names));
	assert_int_equal(names.n, 2);
	assert_true(names.more);
	file_names_clear(&names);
	e = file_list(named("none"), 2, &names);
	assert_int_equal(err_kind(e), ERR_NOT_FOUND);
	assert_int_equal(names.n, 0);
	err_free(e);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_whole_or_not_at_all),
		TEST(what_is_no_file_is_not_opened),
		TEST(the_time_of_reading_stays),
		TEST(names_come_in_order_and_no_more_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

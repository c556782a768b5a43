/* Copies of databases: whole, private, with their journals, and gone in the end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/migrate/private_copy.h"
#include "tests/unit/alpha_tree.h"

static char *bytes(const char *path)
{
	struct str s = STR_INIT;

	ok(file_read(path, 1 << 20, &s));
	return str_take(&s);
}

static void the_copy_is_whole_and_private(void **state)
{
	struct private_copy *c;
	char dir[256], journal[300], *a, *b;
	struct stat st;

	(void)state;
	ok(private_copy_make(tree_path("0.3-journal/lp.sqlite3"), tree_tmp(), &c));
	snprintf(journal, sizeof(journal), "%s-journal", private_copy_path(c));
	a = bytes(tree_path("0.3-journal/lp.sqlite3-journal"));
	b = bytes(journal);
	assert_string_equal(a, b);
	free(a);
	free(b);
	snprintf(dir, sizeof(dir), "%s", private_copy_path(c));
	*strrchr(dir, '/') = '\0';
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(private_copy_path(c), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	private_copy_drop(c);
	tree_tmp_is_empty();
}

static void what_is_too_large_or_no_file_is_refused(void **state)
{
	struct private_copy *c;
	struct err *e;

	(void)state;
	assert_int_equal(truncate(tree_path("text/lp.sqlite3"), PRIVATE_COPY_MAX + 1), 0);
	refuses(private_copy_make(tree_path("text/lp.sqlite3"), tree_tmp(), &c), "more than");
	refuses(private_copy_make(tree_path("text"), tree_tmp(), &c), "not a regular file");
	refuses(private_copy_make(tree_path("0.4/lp.sqlite3"), "/proc/self/nowhere", &c),
		"/proc/self/nowhere");
	e = private_copy_make(tree_path("0.1/lp.sqlite3"), tree_tmp(), &c);
	assert_int_equal(err_kind(e), ERR_NOT_FOUND);
	err_free(e);
	tree_tmp_is_empty();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_copy_is_whole_and_private),
		TEST(what_is_too_large_or_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

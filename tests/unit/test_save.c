/* Files of the console: new, private, and never over another's. */
#include "ui/save.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/unit/scratch.h"

static char dir[64];

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-save.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static void holds(const char *path, const char *want)
{
	FILE *f = fopen(path, "r");
	char text[64] = "";
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), strlen(want));
	fclose(f);
	assert_string_equal(text, want);
	assert_return_code(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void refused(struct err *e, const char *why)
{
	assert_non_null(e);
	if (!strstr(err_text(e), why))
		fail_msg("%s", err_text(e));
	err_free(e);
}

static void test_save(void **state)
{
	char path[96], target[96];

	(void)state;
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(target, sizeof(target), "%s/b", dir);
	assert_null(save_file(path, "one", 3, false));
	holds(path, "one");
	refused(save_file(path, "two", 3, false), "there already: give another name");
	holds(path, "one");
	chmod(path, 0644);
	assert_null(save_file(path, "x", 1, true));
	holds(path, "x");
	assert_null(save_file(target, "new", 3, true));
	holds(target, "new");
	/* A link leads nowhere. */
	unlink(path);
	assert_return_code(symlink(target, path), 0);
	refused(save_file(path, "two", 3, false), "there already");
	refused(save_file(path, "two", 3, true), "a: ");
	holds(target, "new");
	refused(save_file("/nonexistent/x", "", 0, false), "No such file");
}

static void test_home(void **state)
{
	char path[96];

	(void)state;
	setenv("HOME", dir, 1);
	snprintf(path, sizeof(path), "%s/of mine", dir);
	assert_null(save_file("~/of mine", "home", 4, false));
	holds(path, "home");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_save, begin, end),
		cmocka_unit_test_setup_teardown(test_home, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

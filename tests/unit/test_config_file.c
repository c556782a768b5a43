/* A config file is the old one or the new one, and keeps what is not its text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/node/config_file.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[] = "/tmp/weir-config-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static const char *in_dir(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void says(const char *name, const char *want)
{
	struct str text = STR_INIT;

	ok(config_file_read(in_dir(name), &text));
	assert_string_equal(str_cstr(&text), want);
	str_clear(&text);
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in_dir(name), &st), 0);
	return st.st_mode & 07777;
}

static void replaced(void **state)
{
	(void)state;
	ok(config_file_create(in_dir("c"), "one\n", 4));
	assert_int_equal(mode_of("c"), 0600);
	assert_int_equal(chmod(in_dir("c"), 0640), 0);
	ok(config_file_replace(in_dir("c"), "two\n", 4));
	says("c", "two\n");
	says("c.bak", "one\n");
	assert_int_equal(mode_of("c"), 0640);
	ok(config_file_replace(in_dir("c"), "three\n", 6));
	says("c.bak", "two\n");
	assert_int_not_equal(access(in_dir("c.part"), F_OK), 0);
	/* What another left behind is not trusted. */
	assert_int_equal(symlink("/etc/passwd", in_dir("c.part")), 0);
	ok(config_file_replace(in_dir("c"), "four\n", 5));
	says("c", "four\n");
}

static void created(void **state)
{
	(void)state;
	ok(config_file_create(in_dir("a/b/new"), "x 1\n", 4));
	says("a/b/new", "x 1\n");
	refuses(config_file_create(in_dir("a/b/new"), "y\n", 2), "File exists");
	says("a/b/new", "x 1\n");
	refuses(config_file_replace(in_dir("none"), "y\n", 2), "No such file");
	refuses(config_file_create("/proc/none/c", "y\n", 2), "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced),
		cmocka_unit_test(created),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}

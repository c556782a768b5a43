/* Lines that were typed before, and their file. */
#include "ui/line_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <cmocka.h>

#include "src/base/str.h"
#include "tests/unit/scratch.h"

static char dir[64], path[128];

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-history.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/state/weir/history", dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static void test_list(void **state)
{
	struct line_history h = {.n = 0};
	char line[32];

	(void)state;
	assert_null(line_history_back(&h, 1));
	assert_int_equal(line_history_seek(&h, 0, ""), 0);
	line_history_add(&h, "one");
	line_history_add(&h, "one");
	line_history_add(&h, "");
	line_history_add(&h, "two");
	assert_int_equal(h.n, 2);
	assert_string_equal(line_history_back(&h, 1), "two");
	assert_string_equal(line_history_back(&h, 2), "one");
	assert_null(line_history_back(&h, 3));
	assert_null(line_history_back(&h, 0));
	assert_int_equal(line_history_seek(&h, 0, "o"), 1);
	assert_int_equal(line_history_seek(&h, 1, "o"), 2);
	assert_int_equal(line_history_seek(&h, 2, "o"), 0);
	for (int i = 0; i < 2 * LINE_HISTORY_MAX; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		line_history_add(&h, line);
	}
	assert_int_equal(h.n, LINE_HISTORY_MAX);
	assert_string_equal(line_history_back(&h, LINE_HISTORY_MAX), "line 200");
	line_history_clear(&h);
}

static void secrets_are_not_kept(void **state)
{
	static const char *const kept[] = {"set_max_sessions 5", "bond 5 LPT", "filter key",
		"set_orchestrator service_uri=https://o.example:8935", "set gpu 1"};
	static const char *const dropped[] = {"set orchSecret x", "set -ethPassword=hunter2",
		"set ethUrl https://rpc.example/v3/0123", "set alarmWebhook https://x/y",
		"set SECRET 1", "set x passWord", " bond 5 LPT", "a\x1b[2J", "b\tc", "\xff",
		"set_orchestrator service_uri=https://me:pw@o.example:8935", "fetch apikey=1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (!line_history_may_keep(kept[i]))
			fail_msg("\"%s\" is not kept", kept[i]);
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++)
		if (line_history_may_keep(dropped[i]))
			fail_msg("\"%s\" is kept", dropped[i]);
}

static void kept_is(const char *want)
{
	struct line_history h = {.n = 0};
	struct str s = STR_INIT;

	assert_null(line_history_load(&h, path));
	for (size_t i = 0; i < h.n; i++)
		str_printf(&s, "%s;", h.lines[i]);
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
	line_history_clear(&h);
}

static void test_file(void **state)
{
	struct stat st;

	(void)state;
	kept_is("");
	assert_null(line_history_append(path, "one"));
	assert_null(line_history_append(path, "set orchSecret 1"));
	assert_null(line_history_append(path, "two \"and\" a half"));
	kept_is("one;two \"and\" a half;");
	assert_return_code(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(path, '/') = '\0';
	assert_return_code(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

/* What is in the file is not believed. */
static void test_broken_file(void **state)
{
	struct line_history h = {.n = 0};
	struct stat st;
	struct err *e;
	FILE *f;
	int fd;

	(void)state;
	assert_null(line_history_append(path, "good"));
	f = fopen(path, "a");
	fputs("\x1b]0;owned\x07\nset orchSecret 1\n\xff\xfe\n", f);
	fputs("no end", f);
	fclose(f);
	kept_is("good;no end;");
	/* It does not grow for ever. */
	f = fopen(path, "a");
	for (int i = 0; i < 60000; i++)
		fprintf(f, "\nline %d", i);
	fclose(f);
	e = line_history_load(&h, path);
	assert_null(e);
	assert_int_equal(h.n, LINE_HISTORY_MAX);
	assert_return_code(stat(path, &st), 0);
	assert_true(st.st_size < 8192);
	line_history_clear(&h);
	/* Another console has it just now: one goes on without. */
	fd = open(path, O_RDONLY);
	assert_return_code(flock(fd, LOCK_EX), 0);
	assert_null(line_history_append(path, "never waits"));
	kept_is("");
	close(fd);
	/* No link is followed, and no folder taken for a file. */
	unlink(path);
	assert_return_code(symlink("/dev/null", path), 0);
	e = line_history_append(path, "x");
	assert_non_null(e);
	err_free(e);
	unlink(path);
	assert_return_code(mkfifo(path, 0600), 0);
	e = line_history_load(&h, path);
	assert_non_null(e);
	err_free(e);
}

static void test_path(void **state)
{
	char *p;

	(void)state;
	setenv("XDG_STATE_HOME", "/s", 1);
	p = line_history_path();
	assert_string_equal(p, "/s/weir/history");
	free(p);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/h", 1);
	p = line_history_path();
	assert_string_equal(p, "/h/.local/state/weir/history");
	free(p);
	unsetenv("HOME");
	assert_null(line_history_path());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(secrets_are_not_kept),
		cmocka_unit_test_setup_teardown(test_file, begin, end),
		cmocka_unit_test_setup_teardown(test_broken_file, begin, end),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

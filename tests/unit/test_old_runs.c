/* Processes and units of a machine that the test makes: what is shown of them, and
 * what never is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/wizard/old_runs.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char root[64], home[96];

static void make(const char *path, const char *bytes, size_t n)
{
	char whole[192];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *p = whole + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(whole, 0755);
		*p = '/';
	}
	f = fopen(whole, "w");
	assert_non_null(f);
	fwrite(bytes, 1, n, f);
	fclose(f);
}

#define MAKE(path, text) make(path, text, sizeof(text) - 1)

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/weir-runs-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(home, sizeof(home), "%s/home", root);
	MAKE("/proc/17/cmdline", "/opt/lp/livepeer\0-transcoder\0-ethPassword\0hunter2\0"
		"-serviceAddr\0" "1.2.3.4:8935\0");
	MAKE("/proc/18/cmdline", "/opt/lp/livepeer_cli\0-transcoder\0");
	MAKE("/proc/19/cmdline", "vi\0/opt/livepeer\0");
	MAKE("/proc/20/cmdline", "");
	MAKE("/proc/self/cmdline", "livepeer\0");
	MAKE("/etc/systemd/system/lp.service", "[Service]\nExecStart=/usr/bin/livepeer "
		"-rinkeby -datadir \"/srv/old node\"\n");
	MAKE("/etc/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
	MAKE("/home/.config/systemd/user/mine.service", "[Service]\nExecStart=livepeer\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return scratch_drop(root);
}

static void found(void **state)
{
	struct old_runs r;

	(void)state;
	old_runs_find(root, home, &r);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.v[0].pid, 17);
	assert_true(str_has_suffix(r.v[0].path, "/proc/17/cmdline"));
	assert_string_equal(r.v[0].line, "/opt/lp/livepeer -transcoder -ethPassword=LEFT-OUT "
		"-serviceAddr=1.2.3.4:8935");
	assert_int_equal(r.v[1].pid, 0);
	assert_string_equal(r.v[1].line,
		"/usr/bin/livepeer -rinkeby '-datadir=/srv/old node'");
	assert_true(str_has_suffix(r.v[2].path, "mine.service"));
	assert_int_equal(r.v[2].kind, OLD_RUN_UNIT);
	old_runs_clear(&r);
	old_runs_find("/nonexistent", "", &r);
	assert_int_equal(r.n, 0);
}

/* The newest first, each once, without the shell's own marks. */
static void what_was_typed(void **state)
{
	struct old_runs r;

	(void)state;
	MAKE("/home/.bash_history", "livepeer -rinkeby\nls livepeer\n./livepeer -transcoder "
		"-ethPassword hunter2\nlivepeer -rinkeby\nlivepeer 'open");
	MAKE("/home/.zsh_history", ": 1700000000:0;/opt/livepeer -devenv\n: 17:0;\n:\n\n");
	MAKE("/home/.local/share/fish/fish_history", "- cmd: livepeer -offchain\n  when: 17\n");
	old_runs_find("/nonexistent", home, &r);
	for (size_t i = 0; i < r.n; i++)
		assert_true(r.v[i].kind == OLD_RUN_TYPED || r.v[i].kind == OLD_RUN_UNIT);
	assert_int_equal(r.n, 5);
	assert_string_equal(r.v[1].line, "livepeer -rinkeby");
	assert_string_equal(r.v[2].line, "./livepeer -transcoder -ethPassword=LEFT-OUT");
	assert_string_equal(r.v[3].line, "/opt/livepeer -devenv");
	assert_true(str_has_suffix(r.v[3].path, ".zsh_history"));
	assert_string_equal(r.v[4].line, "livepeer -offchain");
	old_runs_clear(&r);
}

/* What is shown can be typed, and means the same. */
static void again(void **state)
{
	struct old_flags *f;
	struct old_runs r;

	(void)state;
	old_runs_find(root, home, &r);
	ok(old_flags_from_shell(r.v[1].line, strlen(r.v[1].line), OLD_LINE_ALPHA, &f));
	assert_string_equal(old_flags_value(f, "datadir"), "/srv/old node");
	assert_string_equal(f->network, "rinkeby");
	old_flags_free(f);
	old_runs_clear(&r);
}

static void a_unit(void **state)
{
	char *path;

	(void)state;
	path = old_runs_unit(root, home, "lp");
	assert_non_null(path);
	assert_true(str_has_suffix(path, "/etc/systemd/system/lp.service"));
	free(path);
	path = old_runs_unit(root, home, "mine.service");
	assert_non_null(path);
	free(path);
	assert_null(old_runs_unit(root, home, "none"));
	assert_null(old_runs_unit(root, home, "../../etc/systemd/system/lp"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {T(found), T(what_was_typed), T(again), T(a_unit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

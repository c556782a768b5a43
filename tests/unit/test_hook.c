/* What a hook gets, what is made of what it says, and what becomes of one that
 * hangs, forks, floods or is not there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/alarm/hook.h"
#include "src/alarm/news.h"
#include "src/base/clock.h"
#include "src/base/journal.h"

#define DEADLINE_MS 20000

static struct actor *on;
static struct journal *journal;
static struct log *log_root;
static struct alarm_hook *hook;
static char dir[64];
static int64_t limit_ms;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-hook-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	journal = journal_new(1000);
	log_root = log_new("test", journal);
	log_set_quiet(1);
	on = actor_new("hooks", 64);
	limit_ms = 0;
	return 0;
}

static void do_free(void *ctx)
{
	(void)ctx;
	alarm_hook_free(TAKE(hook));
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	actor_call(on, do_free, NULL);
	actor_free(on);
	log_free(log_root);
	journal_free(journal);
	snprintf(command, sizeof(command), "%s/out", dir);
	unlink(command);
	snprintf(command, sizeof(command), "%s/a hook", dir);
	unlink(command);
	return rmdir(dir);
}

static void do_new(void *ctx)
{
	hook = alarm_hook_new(on, log_root, ctx, limit_ms);
}

/* A script with these lines; its name has a blank. */
static void script(const char *lines)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/a hook", dir);
	f = fopen(path, "w");
	fprintf(f, "#!/bin/sh\ncd %s\n%s\n", dir, lines);
	fclose(f);
	chmod(path, 0755);
	actor_call(on, do_new, path);
}

static void do_run(void *ctx)
{
	struct alarm a = {.id = ALARM_SLOW, .key = "slow:gpu0", .text = "gpu0 \"slow\" \033[2J",
		.on = true, .count = 3, .raised_ms = 1790000000123, .first_ms = 5};
	struct alarm_notice n = {.event = NULL};

	alarm_notice(&n, &a, *(enum alarm_news *)ctx, "host:/data", "offchain", 1790000000999);
	alarm_hook_run(hook, &n);
	view_clear(alarm_notice_desc(), &n);
}

static void run(enum alarm_news news)
{
	actor_call(on, do_run, &news);
}

static size_t running;

static void do_count(void *ctx)
{
	(void)ctx;
	running = alarm_hook_running(hook);
}

static void wait_running(size_t want)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	do {
		if (clock_mono_ms() > end_ms)
			fail_msg("%zu hooks run, not %zu", running, want);
		usleep(2000);
		actor_call(on, do_count, NULL);
	} while (running != want);
}

static struct str found;

static void add_text(void *ctx, const struct journal_record *r)
{
	(void)ctx;
	str_printf(&found, "%s\n", r->text);
}

static void log_has(const char *part)
{
	str_truncate(&found, 0);
	journal_read(journal, 0, 1000, add_text, NULL);
	if (!strstr(str_cstr(&found), part))
		fail_msg("no \"%s\" in the log:\n%s", part, str_cstr(&found));
	str_clear(&found);
}

static char *output(void)
{
	char path[128], *text = xcalloc(1, 1 << 16);
	FILE *f;

	snprintf(path, sizeof(path), "%s/out", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	(void)!fread(text, 1, (1 << 16) - 1, f);
	fclose(f);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void it_is_told_all_and_no_secret(void **state)
{
	char *text;

	(void)state;
	setenv("LP_ETHPASSWORD", "hunter2", 1);
	script("cat >out; env >>out; echo said; echo more >&2; ls /proc/self/fd | wc -l >>out");
	run(ALARM_RAISED);
	wait_running(0);
	unsetenv("LP_ETHPASSWORD");
	text = output();
	has(text, "{\"event\":\"raised\",\"id\":\"slow:gpu0\",\"level\":\"unusual\"");
	has(text, "\"text\":\"gpu0 \\\"slow\\\" ");
	has(text, "\"count\":3}\n");
	has(text, "WEIR_ALARM_EVENT=raised\n");
	has(text, "WEIR_ALARM_ID=slow:gpu0\n");
	has(text, "WEIR_ALARM_LEVEL=unusual\n");
	has(text, "WEIR_ALARM_NODE=host:/data\n");
	has(text, "WEIR_ALARM_SINCE=1790000000\n");
	has(text, "WEIR_ALARM_COUNT=3\n");
	has(text, "PATH=");
	has(text, "\n4\n"); /* 0, 1, 2, and ls's own */
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "\033"));
	free(text);
	log_has("-alarmHook for slow:gpu0 says: said");
	log_has("-alarmHook for slow:gpu0 says: more");
}

static void words_are_cut_without_a_shell(void **state)
{
	(void)state;
	actor_call(on, do_new, (void *)(uintptr_t)"/bin/echo  one $HOME ;false");
	run(ALARM_OVER);
	wait_running(0);
	log_has("says: one $HOME ;false");
}

static void what_fails_is_said(void **state)
{
	(void)state;
	script("exit 7");
	run(ALARM_RAISED);
	wait_running(0);
	log_has("exit status 7");
	actor_call(on, do_free, NULL);
	actor_call(on, do_new, (void *)(uintptr_t)"/no/such/program");
	run(ALARM_RAISED);
	wait_running(0);
	log_has("/no/such/program: No such file");
}

static void one_that_hangs_is_killed_with_its_children(void **state)
{
	char *text;
	pid_t child;

	(void)state;
	limit_ms = 200;
	/* It does not obey SIGTERM either, nor does its child. */
	script("trap '' TERM; sleep 1000 & echo $! >out; wait; sleep 1000");
	run(ALARM_RAISED);
	wait_running(1);
	wait_running(0);
	log_has("ended by signal 9, since it took too long");
	text = output();
	child = (pid_t)strtol(text, NULL, 10);
	free(text);
	assert_true(child > 1);
	/* Killed with the rest of the session; init may take a moment to reap it. */
	for (int64_t end_ms = clock_mono_ms() + DEADLINE_MS; kill(child, 0) == 0;) {
		char path[64], state_char = '?';
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
		f = fopen(path, "r");
		if (!f)
			break;
		(void)!fscanf(f, "%*d %*s %c", &state_char);
		fclose(f);
		if (state_char == 'Z')
			break;
		if (clock_mono_ms() > end_ms)
			fail_msg("its child lives on: %c", state_char);
		usleep(2000);
	}
}

static void few_run_at_once_and_few_wait(void **state)
{
	(void)state;
	script("read line; while [ ! -e out ]; do sleep 0.01; done");
	for (int i = 0; i < 40; i++)
		run(ALARM_RAISED);
	actor_call(on, do_count, NULL);
	assert_int_equal(running, 4);
	log_has("slower than the alarms: not run for slow:gpu0");
	{
		char path[128];
		int fd;

		snprintf(path, sizeof(path), "%s/out", dir);
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		close(fd);
	}
	wait_running(0);
}

static void a_flood_is_cut_off(void **state)
{
	size_t kept = 0;

	(void)state;
	limit_ms = 5000;
	script("head -c 200000 /dev/zero | tr '\\0' 'x'; echo; echo end");
	run(ALARM_RAISED);
	wait_running(0);
	log_has("said more than is kept");
	journal_read(journal, 0, 1000, add_text, NULL);
	for (const char *p = str_cstr(&found); *p; p++)
		kept += *p == 'x';
	str_clear(&found);
	assert_true(kept > 100 && kept <= 4096);
}

static void the_end_waits_for_nobody(void **state)
{
	int64_t began_ms = clock_mono_ms();

	(void)state;
	script("trap '' TERM; sleep 1000");
	for (int i = 0; i < 10; i++)
		run(ALARM_RAISED);
	wait_running(4);
	actor_call(on, do_free, NULL);
	assert_true(clock_mono_ms() - began_ms < DEADLINE_MS);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_is_told_all_and_no_secret),
		T(words_are_cut_without_a_shell),
		T(what_fails_is_said),
		T(one_that_hangs_is_killed_with_its_children),
		T(few_run_at_once_and_few_wait),
		T(a_flood_is_cut_off),
		T(the_end_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Children that crash, and what they leave behind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/crash.h"

static void first_hook(void)
{
	(void)!write(STDERR_FILENO, "[terminal restored]", 19);
}

static void child(void (*bug)(void))
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	crash_install("weir 0 test");
	crash_hook(first_hook);
	bug();
	_exit(0);
}

/* What the child wrote, and the signal that ended it. */
static int crashed(void (*bug)(void), char *text, size_t size)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		child(bug);
	}
	close(fds[1]);
	while (n < size - 1 && (got = read(fds[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void fail_assert(void)
{
	abort();
}

static void abort_reports(void **state)
{
	char text[16384];

	(void)state;
	assert_int_equal(crashed(fail_assert, text, sizeof(text)), SIGABRT);
	has(text, "[terminal restored]\n--- crash report");
	has(text, "weir 0 test, thread test_crash\nSIGABRT");
	has(text, "--- end of crash report ---\n");
}

static void fail_segv(void)
{
	raise(SIGSEGV);
}

static void segv_reports(void **state)
{
	char text[16384];

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* the sanitizer reports it */
#endif
	assert_int_equal(crashed(fail_segv, text, sizeof(text)), SIGSEGV);
	has(text, "SIGSEGV, a bad address 0x");
	has(text, "test_crash(");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abort_reports),
		cmocka_unit_test(segv_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Memory that is short: once, for several threads, and for good. Allocations
 * fail by order of failmalloc.so, with which the test starts itself again, and
 * for want of address space. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/crash.h"
#include "src/base/err.h"
#include "tests/campaign/failmalloc.h"

#define MIB ((size_t)1 << 20)

static struct failmalloc *orders;

/* Each `step`-th allocation from now on. */
static void arm(uint64_t step)
{
	atomic_store(&orders->failed, 0);
	atomic_store(&orders->step, step);
	atomic_store(&orders->first, atomic_load(&orders->count) + 1);
}

static uint64_t disarm(void)
{
	atomic_store(&orders->first, 0);
	return atomic_load(&orders->failed);
}

static void each_survives_one_failure(void **state)
{
	unsigned before = mem_shortages();
	char *p, *q;

	(void)state;
	arm(1);
	p = xmalloc(3);
	memcpy(p, "ab", 3);
	p = xrealloc(p, 100);
	assert_string_equal(p, "ab");
	q = xcalloc(3, 4);
	assert_memory_equal(q, "\0\0\0\0\0\0\0\0\0\0\0", 12);
	free(q);
	q = xstrndup(p, 1);
	assert_string_equal(q, "a");
	free(q);
	assert_int_equal(disarm(), 4);
	assert_int_equal(mem_shortages() - before, 4);
	free(p);
}

/* What libraries and libc ask for is ours too. */
static void others_survive_one_failure(void **state)
{
	void *aligned = NULL;
	char *text, *copy;
	FILE *f;

	(void)state;
	arm(1);
	errno = ENOENT;
	copy = strdup("abc");
	assert_int_equal(errno, ENOENT); /* as after a malloc() that worked */
	f = fopen("/proc/self/statm", "r");
	assert_true(asprintf(&text, "%s%d", copy, 7) == 4);
	assert_int_equal(posix_memalign(&aligned, 4096, 10), 0);
	assert_true(disarm() >= 4);
	assert_non_null(f);
	assert_string_equal(text, "abc7");
	assert_int_equal((uintptr_t)aligned % 4096, 0);
	fclose(f);
	free(text);
	free(copy);
	free(aligned);
}

static void what_never_fits_is_null(void **state)
{
	volatile size_t huge = SIZE_MAX / 4; /* gcc would warn */

	(void)state;
	errno = 0;
	assert_null(malloc(huge));
	assert_int_equal(errno, ENOMEM);
	assert_null(calloc(huge, 8));
	assert_null(realloc(NULL, huge));
	assert_null(realloc(malloc(10), 0));
}

static void errors_survive(void **state)
{
	struct err *e;

	(void)state;
	arm(1);
	e = err_sys(ENOENT, "key %d", 7);
	e = err_wrap(e, "segment %s", "x");
	assert_int_equal(disarm(), 2);
	assert_string_equal(err_text(e), "segment x: key 7: No such file or directory");
	assert_int_equal(err_kind(e), ERR_IO);
	err_free(e);
}

static void *churn(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		char *p = xmalloc(100), *q = xcalloc(1, 5000);

		p = xrealloc(p, 10000);
		free(p);
		free(q);
	}
	return NULL;
}

static void threads_share_the_reserve(void **state)
{
	pthread_t threads[4];

	(void)state;
	arm(3);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, churn, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_true(disarm() > 1000);
}

/* --- without address space --- */

static void hook(void)
{
	(void)!write(STDERR_FILENO, "[restored]", 10);
}

/* Nothing new fits but what is free already: by the kernel's own count. */
static void take_all_address_space(void)
{
	struct rlimit now = {0, 0};
	char line[64] = "";
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fgets(line, sizeof(line), f))
		now.rlim_cur = now.rlim_max = strtoull(line, NULL, 10) *
			(rlim_t)sysconf(_SC_PAGESIZE);
	if (!now.rlim_cur || setrlimit(RLIMIT_AS, &now) != 0)
		_exit(99);
}

/* What fn says on stderr in a child like that; its exit status. */
static int starve(void (*fn)(void), char *text, size_t size)
{
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		crash_hook(hook);
		mem_refill();
		take_all_address_space();
		fn();
		_exit(0);
	}
	close(fds[1]);
	while (n < size - 1 && (got = read(fds[0], text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void use_reserve(void)
{
	unsigned before = mem_shortages();
	char *p = xmalloc(4 * MIB), *q;

	memset(p, 1, 4 * MIB);
	if (mem_shortages() - before != 1)
		_exit(2);
	/* The rest is there still; and the whole, once that is free again. */
	q = xmalloc(2 * MIB);
	free(p);
	free(q);
	mem_refill();
	p = xmalloc(7 * MIB);
	if (mem_shortages() - before != 2)
		_exit(3);
	free(p);
}

static void use_too_much(void)
{
	for (int i = 0; i < 100; i++)
		memset(xmalloc(MIB), 1, MIB);
}

static void the_reserve_is_really_there(void **state)
{
	char text[256];

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* their shadows are terabytes of address space */
#endif
	assert_int_equal(starve(use_reserve, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void the_end_is_spoken(void **state)
{
	char text[256];

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	assert_int_equal(starve(use_too_much, text, sizeof(text)), 1);
	assert_string_equal(text, "[restored]weir: out of memory: 1048576 bytes are not to "
		"be had, and the reserve is spent\n");
}

/* In build/<mode>/tests/unit; what is preloaded is in build. */
static void start_again(char **argv)
{
	const char *asan = getenv("ASAN_OPTIONS");
	char path[4096], options[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);

	path[n < 0 ? 0 : n] = '\0';
	for (int up = 0; up < 4 && strrchr(path, '/'); up++)
		*strrchr(path, '/') = '\0';
	snprintf(path + strlen(path), 20, "/failmalloc.so");
	snprintf(options, sizeof(options), "%s:verify_asan_link_order=0"
		":allocator_may_return_null=1", asan ? asan : "");
	setenv("ASAN_OPTIONS", options, 1);
	setenv("LD_PRELOAD", path, 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	struct failmalloc **found = dlsym(RTLD_DEFAULT, "failmalloc");
	const struct CMUnitTest tests[] = {
		/* Before there are threads, whose arenas have address space. */
		cmocka_unit_test(the_reserve_is_really_there),
		cmocka_unit_test(the_end_is_spoken),
		cmocka_unit_test(each_survives_one_failure),
		cmocka_unit_test(others_survive_one_failure),
		cmocka_unit_test(what_never_fits_is_null),
		cmocka_unit_test(errors_survive),
		cmocka_unit_test(threads_share_the_reserve),
	};

	(void)argc;
#ifdef __SANITIZE_THREAD__
	return 0; /* its malloc() is not behind ours */
#endif
	if (!found && !getenv("LD_PRELOAD"))
		start_again(argv);
	assert(found);
	orders = *found;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/base/lane.h"
#include "src/media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LAX true /* see sandbox.h */
#else
#define LAX false
#endif

#define OK 0
#define BAD 1

/* Runs fn in a sandboxed child: its return value, or -signal. */
static int run(int (*fn)(void))
{
	const struct sandbox_limits l = {.memory = (size_t)1 << 30};
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct err *e = sandbox_enter(&l);

		if (e)
			fprintf(stderr, "%s\n", err_text(e));
		_exit(e ? 99 : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? OK : BAD;
}

static int open_own_descriptor(void)
{
	int fd = memfd_create("x", 0);
	char path[32], c = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	f = fopen(path, "wb");
	if (!f || fputc('y', f) != 'y' || fclose(f))
		return BAD;
	return pread(fd, &c, 1, 0) == 1 && c == 'y' ? OK : BAD;
}

static int open_beside_descriptors(void)
{
	static const char *const paths[] = {"/proc/self/fd/",
		"/proc/self/fd/0/../../../../etc/passwd", "/proc/self/fd/999999",
		"/proc/self/fd/63", "/proc/self/maps", ""};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (open(paths[i], O_RDONLY) >= 0)
			return BAD;
	}
	return OK;
}

static int open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? BAD : BAD;
}

static int run_program(void)
{
	execl("/bin/true", "true", NULL);
	return BAD;
}

static int make_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? OK : BAD;
}

static int eat_memory(void)
{
	return mmap(NULL, (size_t)4 << 30, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ?
		OK : BAD;
}

static void on_item(void *ctx, void *item)
{
	*(int *)ctx += *(int *)item;
}

static int use_threads(void)
{
	int sum = 0, two = 2;
	struct lane *l = lane_new("t", 1, on_item, &sum);

	lane_push(l, &two);
	lane_push(l, &two);
	lane_free(l);
	return sum == 4 ? OK : BAD;
}

static int fork_again(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return BAD;
}

static void test_files(void **state)
{
	(void)state;
	assert_int_equal(run(open_file), OK);
	assert_int_equal(run(open_own_descriptor), OK);
	assert_int_equal(run(open_beside_descriptors), OK);
}

static void test_network_and_programs_kill(void **state)
{
	(void)state;
	assert_int_equal(run(open_socket), -SIGSYS);
	assert_int_equal(run(run_program), -SIGSYS);
}

static void test_memory_and_threads(void **state)
{
	(void)state;
	assert_int_equal(run(use_threads), OK);
	if (LAX)
		return;
	assert_int_equal(run(make_code), OK);
	assert_int_equal(run(eat_memory), OK);
	assert_int_equal(run(fork_again), -SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_network_and_programs_kill),
		cmocka_unit_test(test_memory_and_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

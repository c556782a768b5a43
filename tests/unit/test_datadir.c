/* One node per directory, and what other processes see of that. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/node/datadir.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-dir-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/weir.lock", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", dir);
	rmdir(path);
	rmdir(dir);
	return 0;
}

static void take(const char *path, struct datadir **out)
{
	struct err *e = datadir_take(path, out);

	if (e)
		fail_msg("%s", err_text(e));
}

static void one_at_a_time(void **state)
{
	struct datadir *d, *second;
	char path[128], want[256];
	struct stat st;
	struct err *e;

	(void)state;
	umask(0);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(datadir_owner(path), 0);
	take(path, &d);
	assert_string_equal(datadir_path(d), path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(datadir_owner(path), getpid());
	e = datadir_take(path, &second);
	snprintf(want, sizeof(want), "a node with pid %d runs on %s already; `weir attach` "
		"shows it, `weir stop` ends it", (int)getpid(), path);
	assert_non_null(e);
	assert_string_equal(err_text(e), want);
	assert_null(second);
	err_free(e);
	datadir_release(d);
	assert_int_equal(datadir_owner(path), 0);
	take(path, &d);
	datadir_release(d);
	datadir_release(NULL);
}

/* A killed node's file stays, its lock does not. */
static void killed_node_frees_it(void **state)
{
	struct datadir *d;
	char path[128];
	int status;
	pid_t pid;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b", dir);
	pid = fork();
	if (pid == 0) {
		take(path, &d);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(datadir_owner(path), 0);
	take(path, &d);
	assert_int_equal(datadir_owner(path), getpid());
	datadir_release(d);
}

static void names_and_limits(void **state)
{
	char *name = datadir_file("/a", DATADIR_SOCKET), lengthy[200];
	struct datadir *d;
	struct err *e;

	(void)state;
	assert_string_equal(name, "/a/weir.sock");
	assert_null(datadir_check_socket(name));
	free(name);
	memset(lengthy, 'x', sizeof(lengthy));
	lengthy[199] = '\0';
	e = datadir_check_socket(lengthy);
	assert_non_null(strstr(err_text(e), "too long for a socket (199 bytes, at most 107)"));
	err_free(e);
	e = datadir_take("/proc/no/such", &d);
	assert_int_equal(err_kind(e), ERR_IO);
	err_free(e);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(one_at_a_time),
		TEST(killed_node_frees_it),
		TEST(names_and_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

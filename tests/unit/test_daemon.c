/* The life of a node's process, each in a child of its own: start, stop by
 * signal, stop by command, the second node, the killed node, the launched one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/ctl_codec.h"
#include "src/base/clock.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"

#define PATIENCE_MS 15000

static char dir[64];

/* A port that was free a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void set(struct config *c, enum option_id id, const char *text)
{
	struct err *e = config_set(c, id, ORIGIN_FLAG, text);

	if (e)
		fail_msg("%s", err_text(e));
}

static struct config *an_orchestrator(void)
{
	struct config *c = config_new();
	char address[32];

	set(c, OPT_ORCHESTRATOR, "true");
	set(c, OPT_ORCH_SECRET, "secret");
	snprintf(address, sizeof(address), "127.0.0.1:%u", free_port());
	set(c, OPT_SERVICE_ADDR, address);
	set(c, OPT_CLI_ADDR, "127.0.0.1:0");
	set(c, OPT_DATADIR, dir);
	return c;
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-run-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = {DATADIR_LOCK, DATADIR_LOG, DATADIR_DB,
		DATADIR_DB "-wal", DATADIR_DB "-shm", DATADIR_SOCKET, "cert.pem", "key.pem",
		"out"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = datadir_file(dir, names[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

/* A foreground node; its stderr goes to <dir>/out. */
static pid_t start(struct config *c)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char *path = datadir_file(dir, "out");
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), code;

		dup2(fd, STDERR_FILENO);
		close(fd);
		free(path);
		code = daemon_run(c);
		config_free(c);
		exit(code);
	}
	config_free(c);
	return pid;
}

static int exit_code(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Connected to the node's console socket, greeted. */
static int attach(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char *path = datadir_file(dir, DATADIR_SOCKET);
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct str out = STR_INIT;
	char first;
	int fd;

	memcpy(to.sun_path, path, strlen(path));
	free(path);
	for (;;) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			break;
		close(fd);
		if (clock_mono_ms() > end)
			fail_msg("no node listens in %s", dir);
		poll(NULL, 0, 10);
	}
	ctl_write_hello(&out, getpid());
	assert_int_equal(send(fd, out.s, out.len, MSG_NOSIGNAL), out.len);
	str_clear(&out);
	/* What the node has not read when it ends would make a reset of it. */
	assert_int_equal(recv(fd, &first, 1, MSG_PEEK), 1);
	return fd;
}

/* Reads to the end of the stream: the node ends it. */
static void read_out(int fd, struct str *all)
{
	struct timeval patience = {PATIENCE_MS / 1000, 0};
	char buf[4096];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		str_addn(all, buf, (size_t)n);
	/* Reset, when it left with something of ours unread. */
	assert_true(n == 0 || errno == ECONNRESET);
	close(fd);
}

static bool contains(const struct str *s, const char *part)
{
	return memmem(str_cstr(s), s->len, part, strlen(part)) != NULL;
}

static void ends_by_signal(void **state)
{
	pid_t pid = start(an_orchestrator());
	struct str all = STR_INIT;
	int fd = attach();

	(void)state;
	assert_int_equal(datadir_owner(dir), pid);
	kill(pid, SIGHUP); /* a terminal that goes away is no reason */
	kill(pid, SIGTERM);
	read_out(fd, &all);
	assert_true(contains(&all, "the node has stopped"));
	assert_int_equal(exit_code(pid), EXIT_OK);
	assert_int_equal(datadir_owner(dir), 0);
	str_clear(&all);
}

static void ends_by_command(void **state)
{
	pid_t pid = start(an_orchestrator());
	struct str out = STR_INIT, all = STR_INIT;
	struct command c;
	struct err *e = command_parse_line("stop", &c);
	int fd = attach();

	(void)state;
	assert_null(e);
	ctl_write_command(&out, 1, &c);
	command_clear(&c);
	assert_int_equal(send(fd, out.s, out.len, MSG_NOSIGNAL), out.len);
	read_out(fd, &all);
	assert_true(contains(&all, "draining, then the node ends"));
	assert_int_equal(exit_code(pid), EXIT_OK);
	str_clear(&out);
	str_clear(&all);
}

static void second_is_refused(void **state)
{
	pid_t first = start(an_orchestrator()), second;
	int fd = attach();

	(void)state;
	second = start(an_orchestrator());
	assert_int_equal(exit_code(second), EXIT_FAILED);
	assert_int_equal(datadir_owner(dir), first);
	kill(first, SIGINT);
	assert_int_equal(exit_code(first), EXIT_OK);
	close(fd);
}

/* A setting given while it ran holds after it was killed. */
static void killed_and_back(void **state)
{
	pid_t pid = start(an_orchestrator());
	struct str out = STR_INIT, all = STR_INIT;
	struct command c;
	char buf[512], *path;
	struct err *e = command_parse_line("set_max_sessions 77", &c);
	int fd = attach();

	(void)state;
	assert_null(e);
	ctl_write_command(&out, 1, &c);
	command_clear(&c);
	assert_int_equal(send(fd, out.s, out.len, MSG_NOSIGNAL), out.len);
	while (!contains(&all, "at most 77 sessions at once")) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		assert_true(n > 0);
		str_addn(&all, buf, (size_t)n);
	}
	close(fd);
	kill(pid, SIGKILL);
	assert_int_equal(exit_code(pid), 1000 + SIGKILL);
	pid = start(an_orchestrator());
	close(attach());
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), EXIT_OK);
	path = datadir_file(dir, "out");
	fd = open(path, O_RDONLY);
	free(path);
	str_clear(&all);
	for (ssize_t n; (n = read(fd, buf, sizeof(buf))) > 0;)
		str_addn(&all, buf, (size_t)n);
	close(fd);
	assert_true(contains(&all, "option maxSessions 77 (live)"));
	assert_false(contains(&all, "secret\n"));
	assert_true(contains(&all, "option orchSecret *** (flag)"));
	str_clear(&all);
	str_clear(&out);
}

/* daemon_launch() forks: from a child, which has no threads. */
static void launched(void **state)
{
	pid_t launcher, node;
	struct str all = STR_INIT;
	int fd;

	(void)state;
	launcher = fork();
	if (launcher == 0) {
		struct config *c = an_orchestrator();
		struct err *e = daemon_launch(c);
		struct err *again = e ? NULL : daemon_launch(c);
		bool told = again && strstr(err_text(again), "runs on");

		err_free(again);
		config_free(c);
		exit(e ? 10 : told ? 0 : 11);
	}
	assert_int_equal(exit_code(launcher), 0);
	/* It listens when the launcher returned, and outlives it. */
	node = datadir_owner(dir);
	assert_true(node > 0 && node != launcher);
	fd = attach();
	kill(node, SIGTERM);
	read_out(fd, &all);
	assert_true(contains(&all, "the node has stopped"));
	str_clear(&all);
	for (int64_t end = clock_mono_ms() + PATIENCE_MS; datadir_owner(dir);) {
		assert_true(clock_mono_ms() < end);
		poll(NULL, 0, 10);
	}
}

static void launch_tells_why_not(void **state)
{
	pid_t launcher = fork();

	(void)state;
	if (launcher == 0) {
		struct config *c = an_orchestrator();
		struct err *e;
		bool told;

		set(c, OPT_SERVICE_ADDR, "198.51.100.1:bad");
		e = daemon_launch(c);
		told = e && strstr(err_text(e), "-serviceAddr");
		err_free(e);
		config_free(c);
		exit(told ? 0 : 1);
	}
	assert_int_equal(exit_code(launcher), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(ends_by_signal),
		TEST(ends_by_command),
		TEST(second_is_refused),
		TEST(killed_and_back),
		TEST(launched),
		TEST(launch_tells_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Starting this program once more as one of the pool's processes. Called on the
 * pool's actor, and once before there is one. */
#include "src/media/pool_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_FD 3 /* in the process */

/* Sanitizers and the GPU's driver read the environment; nothing else does. */
static bool is_passed_on(const char *variable)
{
	static const char *const prefixes[] = {"ASAN_", "LSAN_", "UBSAN_",
		"TSAN_", "CUDA_", "NVIDIA_", "LD_LIBRARY_PATH="};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (str_has_prefix(variable, prefixes[i]))
			return true;
	}
	return false;
}

static char **make_environment(void)
{
	size_t n = 0, kept = 0;
	char **out;

	while (environ[n])
		n++;
	out = xcalloc(n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		if (is_passed_on(environ[i]))
			out[kept++] = environ[i];
	}
	return out;
}

/* stdin and stdout lead nowhere, stderr to the node's, FD 3 is the socket. None
 * of it may be missing: what would be open instead is the node's. */
static int redirect(posix_spawn_file_actions_t *a, int socket)
{
	int rc = posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDONLY, 0);

	if (!rc)
		rc = posix_spawn_file_actions_addopen(a, 1, "/dev/null", O_WRONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(a, socket, CHILD_FD);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(a, CHILD_FD + 1);
	return rc;
}

static int spawn(const char *exe, const char *subcommand, int socket, pid_t *pid)
{
	char fd[] = "3", name[] = "weir", *word = xstrdup(subcommand);
	char *argv[] = {name, word, fd, NULL};
	char **environment = make_environment();
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	rc = redirect(&actions, socket);
	if (!rc)
		rc = posix_spawn(pid, exe, &actions, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(environment);
	free(word);
	return rc;
}

struct err *pool_spawn(const char *exe, const char *subcommand, pid_t *pid, int *socket)
{
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return err_sys(errno, "socketpair");
	/* adddup2() of a descriptor onto itself would leave it CLOEXEC. */
	if (pair[1] == CHILD_FD) {
		int other = fcntl(pair[1], F_DUPFD_CLOEXEC, CHILD_FD + 1);

		close(pair[1]);
		pair[1] = other;
	}
	rc = spawn(exe, subcommand, pair[1], pid);
	close(pair[1]);
	if (rc) {
		close(pair[0]);
		return err_sys(rc, "starting %s", exe);
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*socket = pair[0];
	return NULL;
}

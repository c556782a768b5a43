#include "src/base/spawn.h"

#include <signal.h>
#include <spawn.h>

int spawn_program(char *const *words, char *const *environment, int in, int out, int err,
	pid_t *pid)
{
	posix_spawn_file_actions_t a;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&a);
	rc = posix_spawn_file_actions_adddup2(&a, in, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&a, out, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&a, err, 2);
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(&a, 3);
	if (!rc)
		rc = posix_spawnp(pid, words[0], &a, &attr, words, environment);
	posix_spawn_file_actions_destroy(&a);
	posix_spawnattr_destroy(&attr);
	return rc;
}

#ifndef SRC_BASE_SPAWN_H
#define SRC_BASE_SPAWN_H
/* Starting programs: each in a session of its own, with the signals of a program
 * that was started by a shell, and none of our descriptors but those it is given.
 * Any thread. */
#include <sys/types.h>

/* words: the program, looked for in PATH, and its arguments; NULL ends. in, out
 * and err become its 0, 1 and 2; they are borrowed. 0, or an errno. */
int spawn_program(char *const *words, char *const *environment, int in, int out, int err,
	pid_t *pid);
#endif

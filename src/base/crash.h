#ifndef SRC_BASE_CRASH_H
#define SRC_BASE_CRASH_H
/* A bug that kills the process leaves a report on stderr that can be pasted
 * into an issue: what happened, where, which weir. Before that, hooks put the
 * world back in order (the console: its terminal). Set up by main before the
 * threads; the handlers run on the thread that failed. */

/* `about`: one line for the report ("weir 0.1.0 node"); must outlive all. */
void crash_install(const char *about);
/* fn runs first in a crash; it may only do what a signal handler may. At most
 * four. */
void crash_hook(void (*fn)(void));
/* The end of a process that cannot go on and has no bug (memory is out): the
 * hooks, this line on stderr, exit code 1. Allocates nothing. Any thread. */
_Noreturn void crash_end(const char *line);
#endif

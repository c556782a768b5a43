#ifndef SRC_NODE_RESTART_H
#define SRC_NODE_RESTART_H
/* A node that starts anew: the same process executes weir again, as it was
 * started, so that its pid, its place under systemd and its log stay; the program
 * is the one that lies there then, which may be a newer one. What was typed is
 * not kept, so a node whose password a person typed does not restart itself.
 * main's thread, but for restart_check(). */
#include "src/base/err.h"

/* How this process was started; before anything changes argv. Instead of what
 * was remembered before; argc 0: it cannot be started so again. The value of
 * -ethPassword is not kept where it is the password itself. */
void restart_remember(int argc, char *const *argv);
/* Why this process cannot start anew by itself; NULL: it can. Any thread. */
struct err *restart_check(void) must_check;
/* When all is given back. Returns only when it failed. */
struct err *restart_exec(void) must_check;
#endif

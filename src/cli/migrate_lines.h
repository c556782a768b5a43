#ifndef SRC_CLI_MIGRATE_LINES_H
#define SRC_CLI_MIGRATE_LINES_H
/* `weir migrate --report lines`: the wizard for a program that drives it, as the
 * node does for its consoles. What happens is a line of JSON each (migration_event
 * of view.def) on standard output; a question is one, too, and answered by the
 * next line on standard input, passwords without a detour through any buffer. It
 * dies with the process that started it, wherever it is: its record knows. main's
 * thread. */
#include "src/wizard/wizard.h"

/* The exit status. */
int migrate_in_lines(struct migrate_options *o);
#endif

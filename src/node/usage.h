#ifndef SRC_NODE_USAGE_H
#define SRC_NODE_USAGE_H
/* What `weir help` says, made from the tables of options and commands: for
 * people and for man(1). Appends to `out`. Pure. */
#include "proto/command.h"

/* Subcommands of the program itself (src/main.c has the table). */
struct usage_row {
	const char *name, *help;
	const char *words; /* what may follow, "a|b"; NULL: anything */
};

void usage_help(struct str *out, const struct usage_row *rows, size_t rows_n, bool all);
/* One command: its arguments and what each may be. */
void usage_command(struct str *out, const struct command_def *c);
/* `weir` with nothing to do: three ways to begin. */
void usage_start(struct str *out);
/* console: adds what the console has to say of itself. */
void usage_man(struct str *out, const struct usage_row *rows, size_t rows_n,
	void (*console)(struct str *out));
#endif

#ifndef SRC_NODE_USAGE_H
#define SRC_NODE_USAGE_H
/* What `weir help` says, made from the tables of options and commands: for
 * people, for man(1), for the shell. Appends to `out`. Pure. */
#include "src/base/str.h"

/* Subcommands of the program itself (src/main.c has the table). */
struct usage_row {
	const char *name, *help;
};

void usage_help(struct str *out, const struct usage_row *rows, size_t rows_n, bool all);
/* `weir` with nothing to do: three ways to begin. */
void usage_start(struct str *out);
void usage_man(struct str *out, const struct usage_row *rows, size_t rows_n);
void usage_completion(struct str *out, const struct usage_row *rows, size_t rows_n);
#endif

#ifndef SRC_NODE_COMPLETION_H
#define SRC_NODE_COMPLETION_H
/* What bash, zsh and fish complete after `weir`, made from the tables of
 * subcommands, commands and options, as scripts for them. Pure. */
#include "src/node/usage.h"

/* shell: "bash", "zsh" or "fish"; false for another. */
bool completion_script(const char *shell, struct str *out, const struct usage_row *rows,
	size_t rows_n);
#define COMPLETION_SHELLS "bash|zsh|fish"
#endif

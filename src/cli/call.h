#ifndef SRC_CLI_CALL_H
#define SRC_CLI_CALL_H
/* What was typed after `weir`, and what each word does that is no command of a
 * node: a few lines that call what does the work. main's thread; what is there
 * of a call is main's. Each cli_x() returns the program's exit code. */
#include "src/base/str.h"
#include "src/node/config.h"

struct call { /* what was typed after the subcommand's name */
	const char *name;
	char **words; /* up to the first dash */
	size_t words_n;
	struct config *config; /* the flags, environment and file */
	bool json, csv, yes, all, man, drift, wait, dry_run; /* switches of subcommands */
	char *password_file, *answers, *output; /* NULL: not given */
};

/* Takes the program's own switches, which are no flags of a node, out of the
 * flags; what is left, that many, is the config's. */
int call_take_switches(struct call *c, int argc, char **argv);
/* What is no secret by now to whoever looked in time need not stay where `ps`
 * shows it. The names of files may. */
void call_hide_secrets(int argc, char **argv);
/* free() it. */
char *call_socket(const struct call *c);
/* These clear the text. */
void call_print(struct str *s);
void call_print_safe(struct str *s, bool json); /* what others may have named */

/* --- start.c --- */
int cli_run(struct call *c);
int cli_attach(struct call *c);
int cli_nodes(struct call *c);
int cli_status(struct call *c);
/* Without a subcommand: a node, if none runs on this data directory, and its
 * console; without a terminal `weir run`. */
int cli_bare(struct call *c);
/* --- order.c: one of proto/commands.def --- */
int cli_command(struct call *c);
/* --- tools.c --- */
int cli_account(struct call *c);
int cli_setup(struct call *c);
int cli_import(struct call *c);
int cli_info(struct call *c);
/* --- migrate.c: its flags are its own; argv: what follows its name --- */
int cli_migrate(int argc, char **argv);
#endif

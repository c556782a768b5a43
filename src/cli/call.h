#ifndef SRC_CLI_CALL_H
#define SRC_CLI_CALL_H
/* What was typed after `weir`, and what each word does that is no command of a
 * node: a few lines that call what does the work. main's thread; what is there
 * of a call is main's. Each cli_x() returns the program's exit code. */
#include "src/base/str.h"
#include "src/node/config.h"

/* The program's own switches, which are no flags of a node: "--json". */
enum call_switch {
	SWITCH_JSON = 1 << 0,
	SWITCH_CSV = 1 << 1,
	SWITCH_YES = 1 << 2,
	SWITCH_ALL = 1 << 3,
	SWITCH_MAN = 1 << 4,
	SWITCH_DRIFT = 1 << 5,
	SWITCH_WAIT = 1 << 6,
	SWITCH_DRY_RUN = 1 << 7,
	SWITCH_PASSWORD_FILE = 1 << 8,
	SWITCH_ANSWERS = 1 << 9,
	SWITCH_OUTPUT = 1 << 10,
};

struct call { /* what was typed after the subcommand's name */
	const char *name;
	char **words; /* up to the first dash */
	size_t words_n;
	struct config *config; /* the flags, environment and file */
	unsigned switches;     /* of enum call_switch */
	char *password_file, *answers, *output; /* NULL: not given */
};

static inline bool call_has(const struct call *c, enum call_switch s)
{
	return c->switches & s;
}

/* Takes the switches out of the flags; what is left, that many, is the config's. */
int call_take_switches(struct call *c, int argc, char **argv);
/* Refuses a switch that is not of `taken`: one without effect might be what
 * somebody relies on. */
struct err *call_check_switches(const struct call *c, unsigned taken) must_check;
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
unsigned cli_command_switches(const struct call *c); /* that this command takes */
/* --- tools.c --- */
int cli_account(struct call *c);
int cli_setup(struct call *c);
int cli_import(struct call *c);
int cli_info(struct call *c);
/* --- migrate.c: its flags are its own; argv: what follows its name --- */
int cli_migrate(int argc, char **argv);
#endif

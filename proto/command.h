#ifndef PROTO_COMMAND_H
#define PROTO_COMMAND_H
/* commands.def as data, and the checking of arguments, done by the same code
 * in the console, in `weir <command>` and in the node. Pure; any thread. */
#include "src/base/err.h"
#include "src/base/str.h"

#define COMMAND_ARGS_MAX 4
#define COMMAND_TEXT_MAX 256

enum command_id {
#define COMMAND(name, ...) CMD_##name,
#include "proto/commands.def"
#undef COMMAND
	CMD_COUNT,
};

enum command_tier { TIER_SAFE, TIER_RUNTIME, TIER_DANGER };
enum command_arg_type { ARG_TYPE_TEXT, ARG_TYPE_INT, ARG_TYPE_WORD };

struct command_arg {
	const char *name;
	enum command_arg_type type;
	int64_t min, max;  /* INT */
	const char *words; /* WORD: "a|b|c" */
	const char *help;
};

struct command_def {
	enum command_id id;
	const char *name; /* with underscores */
	enum command_tier tier;
	const char *help;
	struct command_arg args[COMMAND_ARGS_MAX]; /* name NULL ends */
	size_t args_n;
};

/* A command to be run: the definition and its arguments, all checked. */
struct command {
	const struct command_def *def;
	char *text[COMMAND_ARGS_MAX];	   /* every argument as text */
	int64_t number[COMMAND_ARGS_MAX]; /* INT as a number too */
};

const struct command_def *command_def(enum command_id id);
/* NULL when there is none; '-' reads as '_'. */
const struct command_def *command_find(const char *name);
/* Words after the name, checked against the definition. On error *out is
 * clear and the text tells the operator what was expected. */
struct err *command_parse(const struct command_def *def, char *const *words,
	size_t words_n, struct command *out) must_check;
/* The same for a line "name word word"; blanks separate, no quoting. */
struct err *command_parse_line(const char *line, struct command *out)
	must_check;
void command_clear(struct command *c);
/* "drain_transcoder ID" */
void command_usage(const struct command_def *def, struct str *out);
#endif

#ifndef PROTO_COMMAND_H
#define PROTO_COMMAND_H
/* commands.def as data, and the checking of arguments, done by the same code
 * in the console, in `weir <command>` and in the node. Pure; any thread. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/model/amount.h"
#include "src/model/id.h"

#define COMMAND_ARGS_MAX 6
#define COMMAND_TEXT_MAX 4096
#define COMMAND_TOKEN_SIZE 33

enum command_id {
#define COMMAND(name, ...) CMD_##name,
#include "proto/commands.def"
#undef COMMAND
	CMD_COUNT,
};

enum command_tier {
	TIER_QUERY,
	TIER_SAFE,
	TIER_LIGHT,
	TIER_RUNTIME,
	TIER_DANGER,
	TIER_MONEY,
};
/* A console that only looks refuses it. */
bool command_tier_acts(enum command_tier t);

enum command_arg_type {
	ARG_TYPE_TEXT,
	ARG_TYPE_INT,
	ARG_TYPE_WORD,
	ARG_TYPE_WEI,
	ARG_TYPE_LPT,
	ARG_TYPE_ADDR,
	ARG_TYPE_PERCENT,
	ARG_TYPE_PRICE,
};

struct command_arg {
	const char *name;
	enum command_arg_type type;
	bool optional; /* those stand behind the ones that must be there */
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

/* What an argument's text means, by its type; nothing for TEXT and WORD. */
union command_value {
	int64_t number;
	struct wei wei;
	struct lpt lpt;
	struct eth_addr addr; /* mixed case is not checked: the node does that */
	struct ppm ppm;
	struct price price;
};

/* A command to be run: the definition and its arguments, all checked. */
struct command {
	const struct command_def *def;
	char *text[COMMAND_ARGS_MAX]; /* NULL: optional and not given */
	union command_value value[COMMAND_ARGS_MAX];
	char token[COMMAND_TOKEN_SIZE]; /* the answer to a question; "" none */
};

const struct command_def *command_def(enum command_id id);
/* NULL when there is none; '-' reads as '_'. */
const struct command_def *command_find(const char *name);
/* Words after the name, checked against the definition: arguments in their
 * order, or "name=value" in any; an amount and its unit may be two words. On
 * error *out is clear and the text tells the operator what was expected. */
struct err *command_parse(const struct command_def *def, char *const *words,
	size_t words_n, struct command *out) must_check;
/* The same for a line "name word "a longer word""; blanks separate, and \" is
 * a quote. */
struct err *command_parse_line(const char *line, struct command *out)
	must_check;
/* What is wrong with an argument's text; NULL when it is right, with its meaning
 * in *out. */
struct err *command_arg_parse(const struct command_arg *a, const char *text,
	union command_value *out) must_check;
/* Appends text as one word of such a line, quoted where it needs to be. */
void command_quote(struct str *out, const char *text);
/* Piece by piece: *out zeroed but for def, one put for each argument, then
 * whether all that must be there is. Errors leave the clearing to the caller. */
struct err *command_put(struct command *c, size_t arg, const char *text)
	must_check;
struct err *command_complete(const struct command *c) must_check;
void command_clear(struct command *c);

/* By the argument's name in commands.def; NULL when it was not given. */
const char *command_text(const struct command *c, const char *arg);
const union command_value *command_value(const struct command *c,
	const char *arg);

/* "drain_transcoder ID", "bond AMOUNT [DELEGATE]" */
void command_usage(const struct command_def *def, struct str *out);
#endif

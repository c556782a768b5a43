#ifndef SRC_NODE_COMMAND_H
#define SRC_NODE_COMMAND_H
/* What the commands of proto/commands.def do: a cmd_<name>() for each row (the
 * program does not link without it). They run on the ctl actor. */
#include "proto/command.h"
#include "src/base/actor.h"

struct board;
struct config;
struct db;
struct log;
struct migrator;
struct money;
struct node;
struct settings;

struct command_target {
	struct node *node;
	struct db *db; /* settings that outlive the node; used on ctl only */
	const struct log *log;
	struct board *board;
	const struct config *config;
	struct settings *settings; /* used on ctl only */
	struct migrator *migrator;
	struct money *money; /* what waits to be confirmed; used on ctl only */
};

/* The reply: an error that says why it was refused, or a struct ctl_answer
 * (proto/ctl_codec.h) that says what was done, or asks. */
typedef void command_fn(struct command_target *t, const struct command *c,
	struct reply reply);
command_fn command_run;

#define COMMAND(name, ...) command_fn cmd_##name;
#include "proto/commands.def"
#undef COMMAND
#endif

#ifndef SRC_NODE_COMMAND_H
#define SRC_NODE_COMMAND_H
/* What the commands of proto/commands.def do: a cmd_<name>() for each row (the
 * program does not link without it). They run on the ctl actor. */
#include "proto/command.h"
#include "src/base/actor.h"

struct node;
struct db;
struct log;

struct command_target {
	struct node *node;
	struct db *db; /* settings that outlive the node; used on ctl only */
	const struct log *log;
};

/* The reply: an error that says why it was refused, or a struct ctl_answer
 * (proto/ctl_codec.h) that says what was done, or asks. */
void command_run(struct command_target *t, const struct command *c, struct reply reply);
#endif

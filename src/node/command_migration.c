/* A migration from the alpha, driven by consoles: orders to the wizard and answers
 * to what it asks. */
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "src/base/log.h"
#include "src/node/command.h"
#include "src/node/migrator.h"

/* The wizard's directory is not the console's. */
static struct err *check_path(const char *name, const char *path)
{
	return !path || *path == '/' ? NULL : err_new(ERR_INVALID, "%s: the whole path, from / "
		"on: the node is not where you are", name);
}

struct told {
	struct reply reply;
	const char *text;
};

static void on_told(void *ctx, struct err *taken, void *result)
{
	struct told *t = ctx;

	(void)result;
	reply_send(t->reply, taken, taken ? NULL
		: ctl_answer_new(CTL_ACCEPTED, xstrdup(t->text)));
	free(t);
}

/* text: literal. */
static struct reply tell(struct reply reply, const char *text)
{
	struct told *t = XNEW(struct told);

	*t = (struct told){reply, text};
	return (struct reply){reply.to, on_told, t};
}

void cmd_migration_start(struct command_target *t, const struct command *c,
	struct reply reply)
{
	struct migrator_order o = {.way = MIGRATOR_START, .from = command_text(c, "from"),
		.to = command_text(c, "to"), .answers = command_text(c, "answers")};
	struct err *e = check_path("from", o.from);

	if (!e)
		e = check_path("to", o.to);
	if (!e)
		e = check_path("answers", o.answers);
	if (e)
		reply_send(reply, e, NULL);
	else
		migrator_order(t->migrator, &o, tell(reply, "the wizard looks at what there is; "
			"room M shows it, and asks before anything is done"));
}

void cmd_migration_resume(struct command_target *t, const struct command *c,
	struct reply reply)
{
	migrator_order(t->migrator, &(struct migrator_order){.way = MIGRATOR_RESUME,
		.id = command_text(c, "id")}, tell(reply, "the migration goes on"));
}

void cmd_migration_rollback(struct command_target *t, const struct command *c,
	struct reply reply)
{
	migrator_order(t->migrator, &(struct migrator_order){.way = MIGRATOR_ROLLBACK,
		.id = command_text(c, "id")}, tell(reply, "the wizard asks before it deletes "
		"anything"));
}

void cmd_migration_answer(struct command_target *t, const struct command *c,
	struct reply reply)
{
	migrator_answer(t->migrator, command_value(c, "question")->number,
		command_text(c, "text"), tell(reply, "answered"));
}

void cmd_migration_halt(struct command_target *t, const struct command *c,
	struct reply reply)
{
	(void)c;
	migrator_halt(t->migrator, tell(reply, "the wizard is ended; what it has done stays done, "
		"and it can be gone on with"));
}

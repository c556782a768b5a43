#include "src/node/command.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/ctl_codec.h"
#include "src/base/log.h"
#include "src/base/str.h"
#include "src/crypto/ec.h"
#include "src/node/node.h"
#include "src/node/restart.h"
#include "src/node/settings.h"

/* A role's reply carries no result; ours tells the operator what was done. */
struct told {
	struct reply reply;
	char *text;
};

static void on_told(void *ctx, struct err *taken, void *result)
{
	struct told *t = ctx;

	(void)result;
	if (taken)
		free(TAKE(t->text));
	reply_send(t->reply, taken, taken ? NULL : ctl_answer_new(CTL_DONE, t->text));
	free(t);
}

/* The reply to give to a role so that `fmt` is what the operator reads when it
 * succeeds. */
static struct reply tell(struct reply reply, const char *fmt, ...)
	printf_like(2, 3);
static struct reply tell(struct reply reply, const char *fmt, ...)
{
	struct told *t = XNEW(struct told);
	struct str text = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&text, fmt, ap);
	va_end(ap);
	t->reply = reply;
	t->text = str_take(&text);
	return (struct reply){NULL, on_told, t};
}

void cmd_drain_transcoder(struct command_target *t, const struct command *c,
	struct reply reply)
{
	node_drain_transcoder(t->node, c->text[0], true,
		tell(reply, "%s gets no new sessions", c->text[0]));
}

void cmd_resume_transcoder(struct command_target *t, const struct command *c,
	struct reply reply)
{
	node_drain_transcoder(t->node, c->text[0], false,
		tell(reply, "%s gets sessions again", c->text[0]));
}

void cmd_end_session(struct command_target *t, const struct command *c,
	struct reply reply)
{
	node_end_session(t->node, c->text[0], tell(reply, "%s has ended", c->text[0]));
}

/* Kept for the node's next start once the roles have taken it. */
struct max_sessions {
	struct command_target *target;
	struct reply reply;
	int64_t n;
};

static void on_max_sessions(void *ctx, struct err *taken, void *result)
{
	struct max_sessions *m = ctx;
	struct str value = STR_INIT, text = STR_INIT;

	(void)result;
	str_printf(&value, "%lld", (long long)m->n);
	str_printf(&text, "at most %lld sessions at once", (long long)m->n);
	/* 0 is a halt, not a setting: a node that starts takes work. */
	if (!taken && m->n > 0)
		settings_keep(m->target->settings, OPT_MAX_SESSIONS, value.s, &text);
	str_clear(&value);
	reply_send(m->reply, taken,
		taken ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
	str_clear(&text);
	free(m);
}

void cmd_set_max_sessions(struct command_target *t, const struct command *c,
	struct reply reply)
{
	struct max_sessions *m = XNEW(struct max_sessions);

	*m = (struct max_sessions){t, reply, c->value[0].number};
	/* Back on this actor, which the database connection belongs to. */
	node_set_max_sessions(t->node, m->n,
		(struct reply){reply.to, on_max_sessions, m});
}

void cmd_set_log_level(struct command_target *t, const struct command *c,
	struct reply reply)
{
	enum log_level level = LOG_TRACE;

	while (level < LOG_BROKEN && strcmp(log_level_name(level), c->text[0]) != 0)
		level++;
	log_set_level(level);
	/* Those above info have no number. */
	settings_note(t->settings, OPT_VERBOSITY, level == LOG_TRACE ? "6"
		: level == LOG_DEBUG ? "4" : "3");
	log_info(t->log, "log level is %s", log_level_name(level));
	reply = tell(reply, "the log takes %s and above, until the node's next start",
		c->text[0]);
	reply_send(reply, NULL, NULL);
}

void cmd_drain(struct command_target *t, const struct command *c, struct reply reply)
{
	static const char *const promises[] = {
		[DRAIN_STAY] = "no new sessions; those that run go on",
		[DRAIN_STOP] = "no new sessions; when those that run have ended, the node ends",
		[DRAIN_RESTART] = "no new sessions; when those that run have ended, the node "
			"starts anew",
	};
	enum drain_then then = drain_then_of(command_text(c, "then"));
	struct err *e = then == DRAIN_RESTART ? restart_check() : NULL;

	if (e)
		reply_send(reply, e, NULL);
	else
		node_set_draining(t->node, true, then, tell(reply, "%s", promises[then]));
}

void cmd_resume(struct command_target *t, const struct command *c, struct reply reply)
{
	(void)c;
	node_set_draining(t->node, false, DRAIN_STAY, tell(reply, "takes sessions again"));
}

void cmd_stop(struct command_target *t, const struct command *c, struct reply reply)
{
	(void)c;
	log_info(t->log, "stop was asked for");
	reply_send(tell(reply, "draining, then the node ends"), NULL, NULL);
	/* One way to end a node, whoever asks: main waits for this signal. */
	kill(getpid(), SIGTERM);
}

/* An address that was mistyped has the wrong capitals, most of the time. */
static struct err *check_addresses(const struct command *c)
{
	for (size_t i = 0; i < c->def->args_n; i++) {
		struct eth_addr ignored;
		struct err *e = NULL;

		if (c->def->args[i].type == ARG_TYPE_ADDR && c->text[i])
			e = addr_parse_checked(&ignored, c->text[i]);
		if (e)
			return err_wrap(e, "%s: %s", c->def->name, c->def->args[i].name);
	}
	return NULL;
}

void command_run(struct command_target *t, const struct command *c, struct reply reply)
{
	static command_fn *const run[CMD_COUNT] = {
#define COMMAND(name, ...) [CMD_##name] = cmd_##name,
#include "proto/commands.def"
#undef COMMAND
	};

	struct err *e = check_addresses(c);

	if (e)
		reply_send(reply, e, NULL);
	else
		run[c->def->id](t, c, reply);
}

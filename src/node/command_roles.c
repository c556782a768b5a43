/* `start_role` and `stop_role`: the role now, and its flag for the next start. */
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "src/node/daemon.h"
#include "src/node/node.h"
#include "src/node/settings.h"

static const struct role {
	const char *name;
	unsigned bit;
	enum option_id id;
} roles[] = {
	{"orchestrator", OPTION_O, OPT_ORCHESTRATOR},
	{"transcoder", OPTION_T, OPT_TRANSCODER},
	{"broadcaster", OPTION_B, OPT_BROADCASTER},
};

struct change {
	struct command_target *target;
	struct reply reply;
	unsigned before; /* roles that ran */
};

/* What runs now is what the next start should have, whoever came along. */
static void on_changed(void *ctx, struct err *taken, void *result)
{
	struct change *c = ctx;
	/* A node that is stopping may be gone by now. */
	unsigned now = taken ? c->before : node_roles(c->target->node);
	struct str text = STR_INIT;

	if (!taken)
		str_add(&text, result);
	for (size_t i = 0; i < ARRAY_SIZE(roles) && !taken; i++)
		if ((now ^ c->before) & roles[i].bit)
			settings_keep(c->target->settings, roles[i].id,
				now & roles[i].bit ? "true" : "false", &text);
	if (!taken && !(now & OPTION_B) && c->before & OPTION_B &&
		config_bool(settings_next(c->target->settings), OPT_GATEWAY))
		str_add(&text, "; the next start takes -gateway again");
	reply_send(c->reply, taken,
		taken ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
	free(result);
	free(c);
}

static struct reply when_changed(struct command_target *t, struct reply reply)
{
	struct change *c = XNEW(struct change);

	*c = (struct change){t, reply, node_roles(t->node)};
	/* Back on this actor, which the settings belong to. */
	return (struct reply){reply.to, on_changed, c};
}

static const struct role *find(const struct command *c)
{
	size_t i = 0;

	while (strcmp(roles[i].name, command_text(c, "role")) != 0)
		i++;
	return &roles[i];
}

/* The flags as if the roles that run, and this one, had been given. */
static struct config *config_with(struct command_target *t, unsigned bits)
{
	struct config *c = config_copy(settings_next(t->settings));

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		err_free(config_set(c, roles[i].id, ORIGIN_FLAG,
			bits & roles[i].bit ? "true" : "false"));
	err_free(config_set(c, OPT_GATEWAY, ORIGIN_FLAG, "false"));
	return c;
}

void cmd_start_role(struct command_target *t, const struct command *c, struct reply reply)
{
	unsigned bit = find(c)->bit;

	node_start_role(t->node, bit, config_with(t, node_roles(t->node) | bit),
		when_changed(t, reply));
}

void cmd_stop_role(struct command_target *t, const struct command *c, struct reply reply)
{
	const union command_value *seconds = command_value(c, "seconds");

	node_stop_role(t->node, find(c)->bit,
		(seconds ? seconds->number : DRAIN_SECONDS) * 1000, when_changed(t, reply));
}

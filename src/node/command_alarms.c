/* `alarms` and `ack`: what the watchman has to say, and that it was heard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/listing.h"
#include "src/node/node.h"
#include "src/node/node_facts.h"

static const char *const columns[] = {"level", "state", "id", "since", "count", "text",
	"remedy", NULL};

static bool is(const char *field, const char *word)
{
	return strcmp(view_text(field), word) == 0;
}

/* As monitoring reads exit codes. Who has acknowledged has not mended: what is
 * bad stays bad as long as it holds. */
static int worst(const struct view_node *n)
{
	int code = 0;

	for (size_t i = 0; i < n->alarms.n; i++) {
		const struct alarm_row *a = &n->alarms.v[i];
		int one = is(a->level, "broken") && is(a->state, "on") ? 2 : 1;

		code = one > code ? one : code;
	}
	return code;
}

static void add_row(struct listing *l, const struct alarm_row *a)
{
	time_t since = (time_t)(a->since_ms / 1000);
	char when[32];
	struct tm tm;

	gmtime_r(&since, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	listing_add(l, view_text(a->level));
	listing_addf(l, "%s%s", view_text(a->state), a->seen ? ", seen" : "");
	listing_add(l, view_text(a->id));
	listing_add(l, when);
	listing_addf(l, "%lld", (long long)a->count);
	listing_add(l, view_text(a->text));
	listing_add(l, view_text(a->remedy));
}

void cmd_alarms(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *show = command_text(c, "show");
	struct node_facts f = {.onchain = false};
	struct listing *l = listing_new(columns);
	enum listing_format format = listing_format(command_text(c, "format"));
	struct ctl_answer *answer;
	struct str text = STR_INIT;
	struct err *e = NULL;

	listing_last_below(l);
	node_facts_read(&f, t->board, t->config, 1u << SECTION_NODE);
	if (!f.version[SECTION_NODE])
		e = err_new(ERR_UNAVAILABLE, "the node has just started, and does not know yet");
	for (size_t i = 0; i < f.node.alarms.n; i++)
		add_row(l, &f.node.alarms.v[i]);
	for (size_t i = 0; show && is(show, "all") && i < f.node.past_alarms.n; i++)
		add_row(l, &f.node.past_alarms.v[i]);
	if (!listing_rows(l) && format == LISTING_TEXT)
		str_add(&text, "no alarms\n");
	else
		listing_write(l, format, &text);
	answer = ctl_answer_new(CTL_DONE, str_take(&text));
	answer->code = worst(&f.node);
	listing_free(l);
	node_facts_clear(&f);
	if (e)
		ctl_answer_free(TAKE(answer));
	reply_send(reply, e, answer);
}

/* The node says how many; the operator reads it as an answer. */
static void on_acked(void *ctx, struct err *taken, void *result)
{
	struct reply *reply = ctx;

	reply_send(*reply, taken, taken ? NULL : ctl_answer_new(CTL_DONE, result));
	free(reply);
}

void cmd_ack(struct command_target *t, const struct command *c, struct reply reply)
{
	struct reply *mine = xmemdup(&reply, sizeof(reply));

	node_ack_alarms(t->node, command_text(c, "id"), (struct reply){NULL, on_acked, mine});
}

/* `stake` and `funds`: the console's sections as text, or as they are. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "proto/view_codec.h"
#include "src/base/blob.h"
#include "src/base/board.h"
#include "src/model/ladder_cost.h"
#include "src/node/command.h"

static void line(struct str *out, const char *label, const char *fmt, ...) printf_like(3, 4);
static void line(struct str *out, const char *label, const char *fmt, ...)
{
	va_list ap;

	str_printf(out, "%-14s", label);
	va_start(ap, fmt);
	str_vprintf(out, fmt, ap);
	va_end(ap);
	str_addc(out, '\n');
}

static void text_line(struct str *out, const char *label, const char *text)
{
	if (*view_text(text))
		line(out, label, "%s", text);
}

/* --- stake --- */

static void add_orchestrator(struct str *out, const struct view_staking *v)
{
	if (v->rank)
		line(out, "state", "%s, rank %lld of %lld, %s", view_text(v->state),
			(long long)v->rank, (long long)v->pool_max, view_text(v->distance));
	else
		line(out, "state", "%s, not in the pool: %s", view_text(v->state),
			view_text(v->distance));
	text_line(out, "delegated", v->delegated);
	line(out, "shares", "reward cut %s, fee share %s (fee cut %s)", view_text(v->reward_cut),
		view_text(v->fee_share), view_text(v->fee_cut));
	text_line(out, "service URI", v->service_uri);
	text_line(out, "reward", v->reward_state);
	text_line(out, "next reward", v->next_reward);
}

static void write_stake(struct str *out, const struct view_staking *v)
{
	if (!*view_text(v->state)) {
		str_add(out, "the chain has not been read yet\n");
		return;
	}
	line(out, "account", "%s, %s", view_text(v->eth_balance), view_text(v->lpt_balance));
	if (*view_text(v->delegate))
		line(out, "bonded", "%s, with earnings %s, to %s", view_text(v->bonded),
			view_text(v->pending_stake), v->delegate);
	text_line(out, "fees", v->pending_fees);
	if (strcmp(v->state, "not registered") != 0)
		add_orchestrator(out, v);
	for (size_t i = 0; i < v->locks.n; i++)
		line(out, "lock", "%lld: %s, %s round %lld", (long long)v->locks.v[i].id,
			view_text(v->locks.v[i].amount),
			v->locks.v[i].open ? "open since" : "opens in",
			(long long)v->locks.v[i].withdraw_round);
	for (size_t i = 0; i < v->activation.n; i++) {
		const struct step_row *s = &v->activation.v[i];

		if (strcmp(view_text(s->state), "skipped") != 0)
			line(out, "step", "%-12s %-8s %s%s%s", view_text(s->name),
				view_text(s->state), view_text(s->detail),
				*view_text(s->cost) ? ", for " : "", view_text(s->cost));
	}
}

/* --- funds --- */

static void write_funds(struct str *out, const struct view_funds *v)
{
	struct str runway = STR_INIT;

	if (!*view_text(v->state)) {
		str_add(out, "not known yet\n");
		return;
	}
	line(out, "state", "%s", v->state);
	text_line(out, "deposit", v->deposit);
	text_line(out, "reserve", v->reserve);
	if (v->rounds_left)
		line(out, "withdrawable", "from round %lld on, in %lld rounds",
			(long long)v->withdraw_round, (long long)v->rounds_left);
	text_line(out, "an hour", v->spent_per_hour);
	if (v->runway_hours >= 0) {
		hours_fmt(&runway, v->runway_hours);
		line(out, "runway", "%s at that", runway.s);
		str_clear(&runway);
	}
	text_line(out, "spent", v->spent_total);
	for (size_t i = 0; i < v->peers.n; i++)
		line(out, "paid", "%s, %s, %s", view_text(v->peers.v[i].uri),
			view_text(v->peers.v[i].sent), view_text(v->peers.v[i].price));
}

/* --- either --- */

typedef void write_fn(struct str *out, const void *view);

static void write_any_stake(struct str *out, const void *view)
{
	write_stake(out, view);
}

static void write_any_funds(struct str *out, const void *view)
{
	write_funds(out, view);
}

static void show(struct command_target *t, const struct command *c, enum section s,
	write_fn *write, struct reply reply)
{
	const struct view_desc *d = section_desc(s);
	const char *format = command_text(c, "format");
	void *view = xcalloc(1, d->size);
	struct str text = STR_INIT;
	uint64_t version;
	struct blob *json = board_get(t->board, s, &version);
	struct err *e = NULL;

	if (!json)
		e = err_new(ERR_UNAVAILABLE, "%s: this node has nothing to show of it",
			c->def->name);
	else if (format && !strcmp(format, "json"))
		str_addn(&text, blob_data(json), blob_size(json));
	else
		e = view_decode(d, (const char *)blob_data(json), blob_size(json), view);
	if (!e && !text.len)
		write(&text, view);
	view_clear(d, view);
	free(view);
	blob_put(json);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}

void cmd_stake(struct command_target *t, const struct command *c, struct reply reply)
{
	show(t, c, SECTION_STAKING, write_any_stake, reply);
}

void cmd_funds(struct command_target *t, const struct command *c, struct reply reply)
{
	show(t, c, SECTION_FUNDS, write_any_funds, reply);
}

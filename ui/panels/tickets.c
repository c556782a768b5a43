/* Winning tickets: what became of each, what is at risk, and what winning comes
 * to beside what it should come to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/plot.h"
#include "ui/room.h"

#define TOP_H 9

CELL_INT(cell_id, ticket_row, id, STYLE_VALUE)
CELL_TEXT(cell_sender, ticket_row, sender, STYLE_NORMAL)
CELL_TEXT(cell_session, ticket_row, session, STYLE_NORMAL)
CELL_TEXT(cell_face, ticket_row, face_value, STYLE_VALUE)
CELL_TEXT(cell_prob, ticket_row, win_prob, STYLE_DIM)
CELL_TEXT(cell_paid, ticket_row, paid, STYLE_OK)
CELL_TEXT(cell_gas, ticket_row, gas_cost, STYLE_NORMAL)
CELL_TEXT(cell_hash, ticket_row, tx_hash, STYLE_DIM)
CELL_TEXT(cell_reason, ticket_row, reason, STYLE_NORMAL)
CELL_INT(cell_round, ticket_row, round, STYLE_NORMAL)
CELL_AGE(cell_won, ticket_row, won_ms, STYLE_NORMAL)

static enum style cell_state(const struct mirror *m, const void *row, struct str *out)
{
	const struct ticket_row *t = row;
	const char *s = view_text(t->state);
	bool waits = strcmp(s, "won") == 0;

	(void)m;
	str_add(out, s);
	if (waits && t->rounds_left)
		str_printf(out, " (%" PRId64 " r)", t->rounds_left);
	if (strcmp(s, "redeemed") == 0)
		return STYLE_OK;
	if (strcmp(s, "failed") == 0 || strcmp(s, "lapsed") == 0)
		return STYLE_FAIL;
	return waits && t->rounds_left <= 1 ? STYLE_FAIL : STYLE_WARN;
}

BY_NUMBER(by_id, ticket_row, id)
BY_NUMBER(by_won, ticket_row, won_ms)
BY_TEXT(by_sender, ticket_row, sender)
BY_TEXT(by_state, ticket_row, state)
BY_NUMBER(by_round, ticket_row, round)

static const struct column columns[] = {
	{ "Ticket", 6, 0, 0, ALIGN_RIGHT, cell_id, by_id, true },
	{ "Won", 6, 0, 2, ALIGN_RIGHT, cell_won, by_won, true },
	{ "State", 11, 0, 0, ALIGN_LEFT, cell_state, by_state, false },
	{ "Face value", 16, 0, 0, ALIGN_LEFT, cell_face, NULL, false },
	{ "Sender", 12, 3, 1, ALIGN_LEFT, cell_sender, by_sender, false },
	{ "Round", 6, 0, 4, ALIGN_RIGHT, cell_round, by_round, true },
	{ "Session", 9, 0, 6, ALIGN_LEFT, cell_session, NULL, false },
	{ "Chance", 12, 0, 8, ALIGN_LEFT, cell_prob, NULL, false },
	{ "Paid", 12, 0, 5, ALIGN_LEFT, cell_paid, NULL, false },
	{ "Gas", 12, 0, 7, ALIGN_LEFT, cell_gas, NULL, false },
	{ "Transaction", 12, 2, 9, ALIGN_LEFT, cell_hash, NULL, false },
	{ "Why", 16, 4, 3, ALIGN_LEFT, cell_reason, NULL, false },
};

ROW_ID_NUMBER(row_id, ticket_row, id)

static void row_search(const void *row, struct str *out)
{
	const struct ticket_row *t = row;

	str_printf(out, "%s %s %s %s %s %s %s", row_id(row), view_text(t->sender),
		view_text(t->session), view_text(t->manifest), view_text(t->state),
		view_text(t->reason), view_text(t->tx_hash));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"no ticket has won yet" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->tickets.rows.v, m->tickets.rows.n, sizeof(struct ticket_row));
}

static void tickets_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context tickets_context(const void *state)
{
	(void)state;
	return CONTEXT_TICKETS;
}

static void draw_sums(const struct view_tickets *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Tickets", 12);

	facts_line(&f, STYLE_VALUE, "Won", "%" PRId64 ", worth %s", v->won,
		view_text(v->value_won));
	facts_line(&f, STYLE_OK, "Redeemed", "%" PRId64 ", paid %s", v->redeemed,
		view_text(v->value_redeemed));
	facts_line(&f, v->waiting + v->submitted ? STYLE_WARN : STYLE_DIM, "Under way",
		"%" PRId64 " wait, %" PRId64 " sent: %s at risk", v->waiting, v->submitted,
		view_text(v->value_at_risk));
	facts_line(&f, v->failed + v->lapsed ? STYLE_FAIL : STYLE_DIM, "Lost",
		"%" PRId64 " failed, %" PRId64 " lapsed: %s", v->failed, v->lapsed,
		view_text(v->value_lost));
	facts_line(&f, STYLE_NORMAL, "Expected", "%s by the tickets' value",
		view_text(v->expected));
	facts_line(&f, STYLE_NORMAL, "Gas", "%s", view_text(v->gas_spent));
}

/* Earned by the day. */
static void draw_days(const struct view_tickets *v, struct canvas *c, struct rect r)
{
	size_t n = v->days.n, shown;
	double *eth = xcalloc(n + 1, sizeof(*eth)), top;
	struct str title = STR_INIT;
	struct rect in;

	for (size_t i = 0; i < n; i++)
		eth[i] = v->days.v[i].redeemed_eth;
	shown = n < (size_t)r.w - 2 ? n : (size_t)r.w - 2;
	top = plot_top(eth + n - shown, shown, 0.001);
	str_printf(&title, "Redeemed by the day, top %.3g ETH", top);
	in = canvas_box(c, r, title.s);
	plot_history(c, in, STYLE_GRAPH, eth + n - shown, shown, top);
	str_clear(&title);
	free(eth);
}

static void tickets_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct room *s = state;
	int top = room_top(r, TOP_H);

	if (room_is_offchain(m, c, r))
		return;
	load(s, m);
	draw_sums(&m->tickets, c, (struct rect){ r.x, r.y, r.w * 3 / 5, top });
	draw_days(&m->tickets, c, (struct rect){ r.x + r.w * 3 / 5, r.y, r.w - r.w * 3 / 5,
		top });
	table_draw(&s->table, m, c, (struct rect){ r.x, r.y + top, r.w, r.h - top });
}

static struct intent show(const struct ticket_row *t)
{
	struct str s = STR_INIT;
	struct intent i;

	facts_write(&s, "State", "%s", view_text(t->state));
	facts_write(&s, "Why", "%s", view_text(t->reason));
	facts_write(&s, "Face value", "%s", view_text(t->face_value));
	facts_write(&s, "Chance", "%s", view_text(t->win_prob));
	facts_write(&s, "Sender", "%s", view_text(t->sender));
	facts_write(&s, "Stream", "%s", view_text(t->manifest));
	facts_write(&s, "Session", "%s", view_text(t->session));
	facts_write_time(&s, "Won", t->won_ms);
	facts_write(&s, "Round", t->rounds_left ? "%" PRId64 ", %" PRId64 " left"
		: "%" PRId64, t->round, t->rounds_left);
	facts_write_time(&s, "Redeemed", t->redeemed_ms);
	facts_write(&s, "Paid", "%s", view_text(t->paid));
	facts_write(&s, "Gas", "%s", view_text(t->gas_cost));
	if (t->tx)
		facts_write(&s, "Transaction", "%" PRId64 " %s", t->tx, view_text(t->tx_hash));
	if (t->attempts)
		facts_write(&s, "Attempts", "%" PRId64, t->attempts);
	i = intentf(INTENT_PAPER, "Ticket %" PRId64 "\n%s", t->id, str_cstr(&s));
	str_clear(&s);
	return i;
}

static struct intent tickets_act(void *state, const struct mirror *m, enum action a)
{
	struct room *s = state;
	const struct ticket_row *row;

	load(s, m);
	if (table_act(&s->table, a))
		return intent(INTENT_REDRAW);
	row = table_row(&s->table);
	switch ((int)a) {
	case ACTION_OPEN:
		return row ? show(row) : intent(INTENT_NONE);
	case ACTION_TICKET_TOTALS:
		return intentf(INTENT_COMMAND, "ticket_totals sender");
	case ACTION_TICKET_LOG:
		return row ? intentf(INTENT_LOG, "ticket %" PRId64, row->id)
			   : intent(INTENT_NONE);
	}
	return intent(INTENT_NONE);
}

static void tickets_badge(const struct mirror *m, struct str *out)
{
	if (m->tickets.waiting + m->tickets.submitted)
		str_printf(out, "%" PRId64, m->tickets.waiting + m->tickets.submitted);
}

const struct panel_ops panel_tickets = {
	"Tickets", sizeof(struct room), tickets_init, room_clear, tickets_context, tickets_draw,
	tickets_act, room_set_filter, room_filter, room_pick, tickets_badge,
	.table = room_table,
};

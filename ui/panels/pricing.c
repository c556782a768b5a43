/* Price and renditions: what an orchestrator asks, what its tickets look like,
 * what a ladder costs by the hour, and the broadcasters that pay. */
#include <inttypes.h>
#include <string.h>

#include "src/model/ladder_cost.h"
#include "ui/cells.h"
#include "ui/command_form.h"
#include "ui/facts.h"
#include "ui/ladder_form.h"
#include "ui/room.h"

#define TOP_H 11

CELL_TEXT(cell_address, funds_row, address, STYLE_VALUE)
CELL_TEXT(cell_price, funds_row, price, STYLE_NORMAL)
CELL_TEXT(cell_face, funds_row, face_value, STYLE_NORMAL)
CELL_TEXT(cell_float, funds_row, max_float, STYLE_NORMAL)
CELL_TEXT(cell_deposit, funds_row, deposit, STYLE_NORMAL)
CELL_TEXT(cell_reserve, funds_row, reserve, STYLE_NORMAL)
CELL_TEXT(cell_pending, funds_row, pending, STYLE_DIM)
CELL_TEXT(cell_credit, funds_row, credit, STYLE_NORMAL)
CELL_TEXT(cell_received, funds_row, received, STYLE_OK)
CELL_INT(cell_sessions, funds_row, sessions, STYLE_NORMAL)

CELL_ERROR(cell_error, funds_row)

static enum style cell_trouble(const struct mirror *m, const void *row, struct str *out)
{
	const struct funds_row *f = row;

	if (f->withdraw_round)
		str_printf(out, "unlocks in round %" PRId64 " ", f->withdraw_round);
	return cell_error(m, row, out);
}

BY_TEXT(by_address, funds_row, address)
BY_NUMBER(by_sessions, funds_row, sessions)

static const struct column columns[] = {
	{ "Broadcaster", 14, 2, 0, ALIGN_LEFT, cell_address, by_address, false },
	{ "Sess", 4, 0, 3, ALIGN_RIGHT, cell_sessions, by_sessions, true },
	{ "Price", 14, 0, 2, ALIGN_LEFT, cell_price, NULL, false },
	{ "Face value", 12, 0, 5, ALIGN_LEFT, cell_face, NULL, false },
	{ "Max float", 12, 0, 1, ALIGN_LEFT, cell_float, NULL, false },
	{ "Received", 12, 0, 6, ALIGN_LEFT, cell_received, NULL, false },
	{ "Credit", 12, 0, 7, ALIGN_LEFT, cell_credit, NULL, false },
	{ "Deposit", 12, 0, 8, ALIGN_LEFT, cell_deposit, NULL, false },
	{ "Reserve", 12, 0, 9, ALIGN_LEFT, cell_reserve, NULL, false },
	{ "Pending", 10, 0, 10, ALIGN_LEFT, cell_pending, NULL, false },
	{ "Trouble", 12, 3, 4, ALIGN_LEFT, cell_trouble, NULL, false },
};

ROW_ID_TEXT(row_id, funds_row, address)

static void row_search(const void *row, struct str *out)
{
	const struct funds_row *f = row;

	str_printf(out, "%s %s %s", view_text(f->address), view_text(f->price),
		view_text(f->last_error));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"no broadcaster has asked for a price yet" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->pricing.senders.v, m->pricing.senders.n, sizeof(struct funds_row));
}

static void pricing_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context pricing_context(const void *state)
{
	(void)state;
	return CONTEXT_PRICING;
}

static void draw_price(const struct view_pricing *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Price", 14);

	facts_line(&f, STYLE_VALUE, "Asked", "%s", view_text(v->price));
	facts_line(&f, STYLE_VALUE, "Advertised", "%s%s", view_text(v->advertised),
		v->auto_adjust ? " (adjusted to gas)" : "");
	facts_line(&f, STYLE_NORMAL, "Highest paid", "%s", view_text(v->max_price));
	facts_line(&f, STYLE_VALUE, "Ticket EV", "%s", view_text(v->ticket_ev));
	facts_line(&f, STYLE_NORMAL, "Face value", "%s%s%s", view_text(v->face_value),
		*view_text(v->max_face_value) ? ", at most " : "",
		view_text(v->max_face_value));
	facts_line(&f, STYLE_NORMAL, "Wins", "%s", view_text(v->win_prob));
	if (*view_text(v->tx_cost))
		facts_line(&f, STYLE_NORMAL, "Redeeming", "%s (%s)", v->tx_cost,
			view_text(v->redeem_gas));
	for (size_t i = 0; i < v->per_broadcaster.n; i++)
		facts_line(&f, STYLE_NORMAL, i ? "" : "Own prices", "%s: %s",
			view_text(v->per_broadcaster.v[i].address),
			view_text(v->per_broadcaster.v[i].price));
}

static void draw_ladder(const struct view_pricing *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "A stream of this ladder", 17);
	struct str win = STR_INIT;

	facts_line(&f, STYLE_NORMAL, "Ladder", "%s", view_text(v->ladder));
	if (v->pixels_per_s > 0)
		facts_line(&f, STYLE_VALUE, "Pixels", "%.1f M/s", v->pixels_per_s / 1e6);
	facts_line(&f, STYLE_VALUE, "Per hour", "%s", view_text(v->per_hour));
	if (v->hours_per_win > 0)
		hours_fmt(&win, v->hours_per_win);
	facts_line(&f, STYLE_NORMAL, "A win each", "%s", str_cstr(&win));
	str_clear(&win);
	if (v->redeem_share_pct > 0)
		facts_line(&f, v->redeem_share_pct > 10 ? STYLE_WARN : STYLE_NORMAL,
			"Redeeming", "%.3g %% of what is won", v->redeem_share_pct);
	for (size_t i = 0; i < v->renditions.n; i++) {
		const struct ladder_cost_row *l = &v->renditions.v[i];

		facts_line(&f, STYLE_DIM, view_text(l->name), "%s/h",
			view_text(l->cost_per_hour));
	}
}

static void pricing_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct room *s = state;
	int top = room_top(r, TOP_H);

	if (room_is_offchain(m, c, r))
		return;
	load(s, m);
	draw_price(&m->pricing, c, (struct rect){ r.x, r.y, r.w / 2, top });
	draw_ladder(&m->pricing, c, (struct rect){ r.x + r.w / 2, r.y, r.w - r.w / 2, top });
	table_draw(&s->table, m, c, (struct rect){ r.x, r.y + top, r.w, r.h - top });
}

static struct intent pricing_act(void *state, const struct mirror *m, enum action a)
{
	const void *row;

	if (room_act(state, m, a, &row))
		return intent(INTENT_REDRAW);
	switch ((int)a) {
	case ACTION_PRICE_SET:
		return FORM_INTENT(CMD_set_price, SEED("price", m->pricing.price, NULL));
	case ACTION_PRICE_ONE:
		return row ? FORM_INTENT(CMD_set_price, SEED_FIXED("broadcaster", row_id(row)))
			   : intentf(INTENT_MESSAGE, "no broadcaster to price");
	case ACTION_PRICE_EV:
		return FORM_INTENT(CMD_set_ticket_ev, SEED("ev", m->pricing.ticket_ev, NULL));
	case ACTION_PRICE_FACE:
		return FORM_INTENT(CMD_set_max_face_value,
			SEED("max", m->pricing.max_face_value, NULL));
	case ACTION_PRICE_LADDER:
		return intent_form(ladder_form(&m->pricing));
	case ACTION_PRICE_CALC:
		return intentf(INTENT_PROMPT, "calc ");
	case ACTION_OPEN:
		return row ? intentf(INTENT_LOG, "%s", row_id(row)) : intent(INTENT_NONE);
	}
	return intent(INTENT_NONE);
}

static void pricing_badge(const struct mirror *m, struct str *out)
{
	if (m->pricing.senders.n)
		str_printf(out, "%zu", m->pricing.senders.n);
}

const struct panel_ops panel_pricing = {
	"Price", sizeof(struct room), pricing_init, room_clear, pricing_context, pricing_draw,
	pricing_act, room_set_filter, room_filter, room_pick, pricing_badge,
	.table = room_table,
};

/* A broadcaster's money: deposit and reserve, where in their life they are, how
 * long they last, and the orchestrators that are paid from them. */
#include <inttypes.h>
#include <string.h>

#include "src/model/ladder_cost.h"
#include "src/model/view_money.h"
#include "ui/cells.h"
#include "ui/command_form.h"
#include "ui/facts.h"
#include "ui/room.h"

#define TOP_H 10
#define FUND_GAS ((struct gas){ 300000 }) /* more than fundDepositAndReserve takes */

CELL_TEXT(cell_uri, funds_row, uri, STYLE_VALUE)
CELL_TEXT(cell_address, funds_row, address, STYLE_NORMAL)
CELL_TEXT(cell_price, funds_row, price, STYLE_NORMAL)
CELL_TEXT(cell_face, funds_row, face_value, STYLE_NORMAL)
CELL_TEXT(cell_sent, funds_row, sent, STYLE_VALUE)
CELL_TEXT(cell_credit, funds_row, credit, STYLE_NORMAL)
CELL_INT(cell_sessions, funds_row, sessions, STYLE_NORMAL)
CELL_ERROR(cell_error, funds_row)

BY_TEXT(by_uri, funds_row, uri)
BY_NUMBER(by_sessions, funds_row, sessions)

static const struct column columns[] = {
	{ "Orchestrator", 20, 2, 0, ALIGN_LEFT, cell_uri, by_uri, false },
	{ "Sess", 4, 0, 2, ALIGN_RIGHT, cell_sessions, by_sessions, true },
	{ "Price", 14, 0, 1, ALIGN_LEFT, cell_price, NULL, false },
	{ "Face value", 12, 0, 4, ALIGN_LEFT, cell_face, NULL, false },
	{ "Sent (EV)", 12, 0, 3, ALIGN_LEFT, cell_sent, NULL, false },
	{ "Credit", 12, 0, 5, ALIGN_LEFT, cell_credit, NULL, false },
	{ "Address", 14, 2, 7, ALIGN_LEFT, cell_address, NULL, false },
	{ "Trouble", 14, 3, 6, ALIGN_LEFT, cell_error, NULL, false },
};

ROW_ID_TEXT(row_id, funds_row, uri)

static void row_search(const void *row, struct str *out)
{
	const struct funds_row *f = row;

	str_printf(out, "%s %s %s", view_text(f->uri), view_text(f->address),
		view_text(f->last_error));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"no orchestrator was paid yet" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->funds.peers.v, m->funds.peers.n, sizeof(struct funds_row));
}

static void funds_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context funds_context(const void *state)
{
	(void)state;
	return CONTEXT_FUNDS;
}

static void draw_state(const struct view_funds *v, struct facts *f)
{
	const char *s = view_text(v->state);

	if (strcmp(s, "unlocking") == 0)
		facts_line(f, STYLE_WARN, "State", "unlocking: can be withdrawn in round %" PRId64
			", in %" PRId64 " rounds", v->withdraw_round, v->rounds_left);
	else if (strcmp(s, "unlocked") == 0)
		facts_line(f, STYLE_WARN, "State", "unlocked: withdraw it, or fund it again");
	else if (strcmp(s, "empty") == 0)
		facts_line(f, STYLE_FAIL, "State", "empty: no orchestrator will work for it");
	else
		facts_line(f, STYLE_OK, "State", "%s", s);
}

static void draw_funds(const struct view_funds *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Funds", 14);

	draw_state(v, &f);
	facts_line(&f, STYLE_VALUE, "Deposit", "%s", view_text(v->deposit));
	facts_line(&f, STYLE_VALUE, "Reserve", "%s", view_text(v->reserve));
	facts_line(&f, STYLE_NORMAL, "Unlocking", "takes %" PRId64 " rounds",
		v->unlock_period);
}

static void draw_spending(const struct view_funds *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Spending", 14);
	struct str runway = STR_INIT;

	if (v->runway_hours >= 0)
		hours_fmt(&runway, v->runway_hours);
	facts_line(&f, STYLE_VALUE, "Per hour", "%s", view_text(v->spent_per_hour));
	facts_line(&f, STYLE_NORMAL, "In all", "%s", view_text(v->spent_total));
	if (v->runway_hours >= 0)
		facts_line(&f, v->runway_hours < 24 ? STYLE_FAIL : STYLE_OK, "Lasts",
			"%s at this rate", str_cstr(&runway));
	str_clear(&runway);
	facts_line(&f, STYLE_NORMAL, "Ticket EV", "at most %s", view_text(v->max_ticket_ev));
	facts_line(&f, STYLE_NORMAL, "Total EV", "at most %s", view_text(v->max_total_ev));
	facts_line(&f, STYLE_NORMAL, "Face value", "at most deposit / %" PRId64,
		v->deposit_multiplier);
}

static void funds_draw(void *state, const struct mirror *m, struct canvas *c, struct rect r)
{
	struct room *s = state;
	int top = room_top(r, TOP_H);

	if (room_is_offchain(m, c, r))
		return;
	load(s, m);
	draw_funds(&m->funds, c, (struct rect){ r.x, r.y, r.w / 2, top });
	draw_spending(&m->funds, c, (struct rect){ r.x + r.w / 2, r.y, r.w - r.w / 2, top });
	table_draw(&s->table, m, c, (struct rect){ r.x, r.y + top, r.w, r.h - top });
}

/* What there is, but for the gas of paying it in. */
static struct intent fund(const struct mirror *m)
{
	struct wei balance, price, gas;
	struct str most = STR_INIT;
	struct intent i;
	bool known = view_read_wei(&balance, m->chain.eth_balance);

	if (known && view_read_wei(&price, m->chain.gas_price) &&
		wei_of_gas(&gas, FUND_GAS, price))
		balance = wei_sub_or_zero(balance, gas);
	if (known)
		wei_fmt(&most, balance);
	i = FORM_INTENT(CMD_fund, SEED("deposit", NULL, str_cstr(&most)),
		SEED("reserve", NULL, str_cstr(&most)));
	str_clear(&most);
	return i;
}

static struct intent funds_act(void *state, const struct mirror *m, enum action a)
{
	const void *row;

	if (room_act(state, m, a, &row))
		return intent(INTENT_REDRAW);
	switch ((int)a) {
	case ACTION_FUNDS_FUND:
		return fund(m);
	case ACTION_FUNDS_UNLOCK:
		return intentf(INTENT_COMMAND, "unlock");
	case ACTION_FUNDS_CANCEL:
		return intentf(INTENT_COMMAND, "cancel_unlock");
	case ACTION_FUNDS_WITHDRAW:
		return intentf(INTENT_COMMAND, "withdraw");
	case ACTION_FUNDS_MAX:
		return FORM_INTENT(CMD_set_max_price, SEED("price", m->pricing.max_price, NULL));
	case ACTION_OPEN:
		return row ? intentf(INTENT_LOG, "%s", row_id(row)) : intent(INTENT_NONE);
	}
	return intent(INTENT_NONE);
}

static void funds_badge(const struct mirror *m, struct str *out)
{
	if (m->published[SECTION_FUNDS] && m->funds.withdraw_round)
		str_add(out, "!");
}

const struct panel_ops panel_funds = {
	"Funds", sizeof(struct room), funds_init, room_clear, funds_context, funds_draw,
	funds_act, room_set_filter, room_filter, room_pick, funds_badge,
	.table = room_table,
};

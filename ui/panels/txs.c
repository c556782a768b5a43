/* Transactions: the jobs, from the row in the database to the last
 * confirmation, and the RPC endpoints they go through. */
#include <inttypes.h>
#include <string.h>

#include "ui/cells.h"
#include "ui/command_form.h"
#include "ui/facts.h"
#include "ui/room.h"

CELL_INT(cell_id, tx_row, id, STYLE_VALUE)
CELL_TEXT(cell_kind, tx_row, kind, STYLE_VALUE)
CELL_TEXT(cell_note, tx_row, note, STYLE_NORMAL)
CELL_TEXT(cell_price, tx_row, gas_price, STYLE_NORMAL)
CELL_TEXT(cell_cost, tx_row, cost, STYLE_NORMAL)
CELL_TEXT(cell_value, tx_row, value, STYLE_NORMAL)
CELL_TEXT(cell_hash, tx_row, hash, STYLE_DIM)
CELL_TEXT(cell_error, tx_row, error, STYLE_FAIL)
CELL_INT(cell_nonce, tx_row, nonce, STYLE_NORMAL)
CELL_INT(cell_attempts, tx_row, attempts, STYLE_DIM)
CELL_AGE(cell_age, tx_row, created_ms, STYLE_NORMAL)

static enum style cell_state(const struct mirror *m, const void *row, struct str *out)
{
	const struct tx_row *t = row;
	const char *s = view_text(t->state);

	(void)m;
	str_add(out, s);
	if (strcmp(s, "mined") == 0)
		str_printf(out, " +%" PRId64, t->confirmations);
	if (strcmp(s, "confirmed") == 0)
		return STYLE_OK;
	return strcmp(s, "failed") == 0 || strcmp(s, "replaced") == 0 ? STYLE_FAIL
								      : STYLE_WARN;
}

BY_NUMBER(by_id, tx_row, id)
BY_TEXT(by_kind, tx_row, kind)
BY_TEXT(by_state, tx_row, state)
BY_NUMBER(by_nonce, tx_row, nonce)

static const struct column columns[] = {
	{ "Job", 5, 0, 0, ALIGN_RIGHT, cell_id, by_id, true },
	{ "Age", 6, 0, 2, ALIGN_RIGHT, cell_age, NULL, false },
	{ "State", 10, 0, 0, ALIGN_LEFT, cell_state, by_state, false },
	{ "What", 10, 1, 1, ALIGN_LEFT, cell_kind, by_kind, false },
	{ "In words", 20, 4, 3, ALIGN_LEFT, cell_note, NULL, false },
	{ "Nonce", 6, 0, 5, ALIGN_RIGHT, cell_nonce, by_nonce, true },
	{ "Tries", 5, 0, 9, ALIGN_RIGHT, cell_attempts, NULL, false },
	{ "Gas price", 12, 0, 6, ALIGN_LEFT, cell_price, NULL, false },
	{ "Cost", 12, 0, 7, ALIGN_LEFT, cell_cost, NULL, false },
	{ "Value", 10, 0, 8, ALIGN_LEFT, cell_value, NULL, false },
	{ "Hash", 12, 2, 10, ALIGN_LEFT, cell_hash, NULL, false },
	{ "Error", 12, 4, 4, ALIGN_LEFT, cell_error, NULL, false },
};

ROW_ID_NUMBER(row_id, tx_row, id)

static void row_search(const void *row, struct str *out)
{
	const struct tx_row *t = row;

	str_printf(out, "%s %s %s %s %s %s", row_id(row), view_text(t->kind),
		view_text(t->note), view_text(t->state), view_text(t->hash),
		view_text(t->error));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"nothing was sent yet" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->txs.rows.v, m->txs.rows.n, sizeof(struct tx_row));
}

static void txs_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context txs_context(const void *state)
{
	(void)state;
	return CONTEXT_TXS;
}

static void draw_chain(const struct mirror *m, struct canvas *c, struct rect r)
{
	const struct view_chain *v = &m->chain;
	struct facts f = facts_begin(c, r, "Chain", 10);
	int64_t age_ms = v->head_age_ms;
	struct str s = STR_INIT;

	unit_span(&s, age_ms);
	facts_line(&f, age_ms > 60000 || !v->ready ? STYLE_FAIL : STYLE_OK, "Head",
		"block %" PRId64 ", %s old%s", v->head, str_cstr(&s),
		v->ready ? "" : ": NOT KNOWN YET");
	str_clear(&s);
	facts_line(&f, STYLE_VALUE, "Network", "%s, chain id %" PRId64 ", %s",
		view_text(v->network), v->chain_id, view_text(v->generation));
	facts_line(&f, STYLE_VALUE, "Account", "%s", view_text(v->account));
	facts_line(&f, STYLE_VALUE, "Balance", "%s", view_text(v->eth_balance));
	facts_line(&f, STYLE_NORMAL, "Gas", "%s%s%s", view_text(v->gas_price),
		*view_text(v->max_gas_price) ? ", at most " : "", view_text(v->max_gas_price));
	facts_line(&f, v->nonce_pending > v->nonce_latest ? STYLE_WARN : STYLE_NORMAL, "Nonce",
		"%" PRId64 " mined, %" PRId64 " waiting", v->nonce_latest,
		v->nonce_pending > v->nonce_latest ? v->nonce_pending - v->nonce_latest : 0);
}

static void draw_rpcs(const struct mirror *m, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "RPC");

	for (size_t i = 0; i < m->chain.rpcs.n && (int)i < in.h; i++) {
		const struct rpc_row *p = &m->chain.rpcs.v[i];
		bool ok = strcmp(view_text(p->state), "ok") == 0;
		struct str s = STR_INIT;

		unit_ms(&s, p->latency_ms);
		canvas_textf(c, in.x + 1, in.y + (int)i, in.w - 2,
			ok ? STYLE_OK : STYLE_FAIL, "%s %-9s %s %s  %" PRId64 "/%" PRId64 "  %s",
			p->current ? ">" : " ", view_text(p->state), view_text(p->url),
			str_cstr(&s), p->errors, p->requests, view_text(p->last_error));
		str_clear(&s);
	}
}

static void txs_draw(void *state, const struct mirror *m, struct canvas *c, struct rect r)
{
	struct room *s = state;
	int top = r.h > 12 ? 8 : 0;

	if (room_is_offchain(m, c, r))
		return;
	load(s, m);
	if (top) {
		draw_chain(m, c, (struct rect){ r.x, r.y, r.w / 2, top });
		draw_rpcs(m, c, (struct rect){ r.x + r.w / 2, r.y, r.w - r.w / 2, top });
	}
	table_draw(&s->table, m, c, (struct rect){ r.x, r.y + top, r.w, r.h - top });
}

static bool can_replace(const void *row)
{
	return ((const struct tx_row *)row)->can_replace;
}

static struct intent show(const struct tx_row *t)
{
	struct str s = STR_INIT;
	struct intent i;

	facts_write(&s, "What", "%s", view_text(t->kind));
	facts_write(&s, "In words", "%s", view_text(t->note));
	facts_write(&s, "State", "%s", view_text(t->state));
	facts_write(&s, "Error", "%s", view_text(t->error));
	facts_write(&s, "Nonce", "%" PRId64, t->nonce);
	facts_write(&s, "Hash", "%s", view_text(t->hash));
	facts_write(&s, "Gas price", "%s", view_text(t->gas_price));
	facts_write(&s, "Cost", "%s", view_text(t->cost));
	facts_write(&s, "Value", "%s", view_text(t->value));
	facts_write_time(&s, "Made", t->created_ms);
	facts_write(&s, "Sent", "%" PRId64 " times", t->attempts);
	if (t->block)
		facts_write(&s, "Block", "%" PRId64 ", %" PRId64 " confirmations", t->block,
			t->confirmations);
	facts_write_time(&s, "Final", t->final_ms);
	i = intentf(INTENT_PAPER, "Transaction %" PRId64 "\n%s", t->id, str_cstr(&s));
	str_clear(&s);
	return i;
}

static struct intent txs_act(void *state, const struct mirror *m, enum action a)
{
	struct room *s = state;
	const struct tx_row *row;

	load(s, m);
	if (table_act(&s->table, a))
		return intent(INTENT_REDRAW);
	row = table_row(&s->table);
	switch ((int)a) {
	case ACTION_TX_SPEED_UP:
	case ACTION_TX_CANCEL:
		return table_command(&s->table,
			a == ACTION_TX_CANCEL ? "cancel_tx" : "speed_up", can_replace,
			"this transaction can no longer be replaced");
	case ACTION_TX_GAS:
		return FORM_INTENT(CMD_set_gas, SEED("min", m->chain.min_gas_price, NULL),
			SEED("max", m->chain.max_gas_price, NULL));
	case ACTION_OPEN:
		return row ? show(row) : intent(INTENT_NONE);
	case ACTION_TX_LOG:
		return row ? intentf(INTENT_LOG, "job %" PRId64, row->id) : intent(INTENT_NONE);
	}
	return intent(INTENT_NONE);
}

static void txs_badge(const struct mirror *m, struct str *out)
{
	size_t live = 0;

	for (size_t i = 0; i < m->txs.rows.n; i++)
		live += !m->txs.rows.v[i].final_ms;
	if (live)
		str_printf(out, "%zu", live);
}

const struct panel_ops panel_txs = {
	"Txs", sizeof(struct room), txs_init, room_clear, txs_context, txs_draw, txs_act,
	room_set_filter, room_filter, room_pick, txs_badge,
	.table = room_table,
};

/* Stake: what is bonded and earned, the place in the pool, the round's clock,
 * and the locks that wait for their round. */
#include <inttypes.h>
#include <string.h>

#include "ui/cells.h"
#include "ui/command_form.h"
#include "ui/facts.h"
#include "ui/panels/glance.h"
#include "ui/room.h"

#define TOP_H 13

CELL_INT(cell_id, lock_row, id, STYLE_VALUE)
CELL_TEXT(cell_amount, lock_row, amount, STYLE_VALUE)

static enum style cell_when(const struct mirror *m, const void *row, struct str *out)
{
	const struct lock_row *l = row;

	if (l->open) {
		str_add(out, "now");
		return STYLE_OK;
	}
	str_printf(out, "round %" PRId64 ", in %" PRId64, l->withdraw_round,
		l->withdraw_round - m->chain.round);
	return STYLE_WARN;
}

BY_NUMBER(by_id, lock_row, id)
BY_TEXT(by_amount, lock_row, amount)
BY_NUMBER(by_round, lock_row, withdraw_round)

static const struct column columns[] = {
	{ "Lock", 6, 0, 0, ALIGN_RIGHT, cell_id, by_id, false },
	{ "Amount", 20, 2, 0, ALIGN_LEFT, cell_amount, by_amount, true },
	{ "Can be withdrawn", 20, 1, 1, ALIGN_LEFT, cell_when, by_round, false },
};

ROW_ID_NUMBER(row_id, lock_row, id)

static void row_search(const void *row, struct str *out)
{
	str_printf(out, "%s %s", row_id(row),
		view_text(((const struct lock_row *)row)->amount));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"no unbonding lock: what is bonded stays bonded" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->staking.locks.v, m->staking.locks.n, sizeof(struct lock_row));
}

static void staking_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context staking_context(const void *state)
{
	(void)state;
	return CONTEXT_STAKING;
}

static enum style state_style(const char *state)
{
	return strcmp(state, "active") == 0 ? STYLE_OK
	     : strcmp(state, "registered") == 0 ? STYLE_WARN : STYLE_DIM;
}

static void draw_stake(const struct view_staking *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Stake", 14);

	facts_line(&f, state_style(view_text(v->state)), "State", "%s", view_text(v->state));
	facts_line(&f, STYLE_VALUE, "Bonded", "%s", view_text(v->bonded));
	facts_line(&f, STYLE_VALUE, "With earnings", "%s", view_text(v->pending_stake));
	facts_line(&f, STYLE_VALUE, "Fees", "%s", view_text(v->pending_fees));
	facts_line(&f, STYLE_NORMAL, "Delegate", "%s", view_text(v->delegate));
	facts_line(&f, STYLE_NORMAL, "Delegated", "%s", view_text(v->delegated));
	if (v->rank)
		facts_line(&f, STYLE_VALUE, "Rank", "%" PRId64 " of %" PRId64 " (%" PRId64
			" places)", v->rank, v->pool_size, v->pool_max);
	else
		facts_line(&f, STYLE_WARN, "Rank", "not in the pool (%" PRId64 " of %" PRId64
			" places taken)", v->pool_size, v->pool_max);
	facts_line(&f, STYLE_NORMAL, "Last in pool", "%s", view_text(v->cutoff));
	facts_line(&f, STYLE_NORMAL, "Distance", "%s", view_text(v->distance));
	facts_line(&f, STYLE_NORMAL, "Balance", "%s, %s", view_text(v->lpt_balance),
		view_text(v->eth_balance));
	facts_line(&f, STYLE_NORMAL, "Service URI", "%s", view_text(v->service_uri));
}

static void draw_round(const struct mirror *m, struct canvas *c, struct rect r)
{
	const struct view_chain *v = &m->chain;
	const struct view_staking *s = &m->staking;
	struct facts f = facts_begin(c, r, "Round", 14);
	bool behind = v->round != v->round_initialized;

	round_clock_draw(v, c, f.in.x + 1, f.in.y, f.in.w - 2);
	f.in.y++;
	f.in.h--;
	facts_line(&f, STYLE_VALUE, "Round", "%" PRId64 ", %" PRId64 " blocks left", v->round,
		v->blocks_left);
	if (behind)
		facts_say(&f, STYLE_WARN, "not initialized: nothing can be bonded or redeemed");
	if (v->round_locked)
		facts_say(&f, STYLE_WARN, "locked: cuts cannot be changed until it ends");
	if (v->paused)
		facts_say(&f, STYLE_FAIL, "THE PROTOCOL IS PAUSED");
	facts_line(&f, s->reward_called ? STYLE_OK : STYLE_WARN, "Reward", "%s",
		*view_text(s->reward_state) ? s->reward_state
		: s->reward_called ? "called" : "not called");
	facts_line(&f, STYLE_NORMAL, "Next reward", "%s", view_text(s->next_reward));
	facts_line(&f, STYLE_VALUE, "Reward cut", "%s kept of rewards",
		view_text(s->reward_cut));
	facts_line(&f, STYLE_VALUE, "Fee share", "%s to delegators (fee cut %s)",
		view_text(s->fee_share), view_text(s->fee_cut));
	facts_line(&f, STYLE_NORMAL, "Inflation", "%s", view_text(s->inflation));
	facts_line(&f, STYLE_NORMAL, "Network", "%s bonded, %s", view_text(s->total_bonded),
		view_text(s->participation));
}

static const char *step_mark(const char *state)
{
	return strcmp(state, "done") == 0 ? "OK" : strcmp(state, "failed") == 0 ? "FAIL"
	     : strcmp(state, "running") == 0 ? ".." : strcmp(state, "skipped") == 0 ? "--" : "";
}

static void draw_activation(const struct view_staking *v, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "Activation");

	for (size_t i = 0; i < v->activation.n && (int)i < in.h; i++) {
		const struct step_row *s = &v->activation.v[i];
		const char *mark = step_mark(view_text(s->state));

		canvas_text(c, in.x + 1, in.y + (int)i, 4,
			*mark == 'F' ? STYLE_FAIL : *mark == 'O' ? STYLE_OK : STYLE_WARN, mark);
		canvas_text(c, in.x + 6, in.y + (int)i, 22, STYLE_VALUE, view_text(s->name));
		canvas_textf(c, in.x + 29, in.y + (int)i, in.w - 30, STYLE_NORMAL, "%s %s",
			view_text(s->detail), view_text(s->cost));
	}
}

/* The neighbourhood of our own place. */
static void draw_pool(const struct view_staking *v, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "Pool");
	size_t first = 0;

	for (size_t i = 0; i < v->pool.n; i++)
		if (v->pool.v[i].ours && (int)i > in.h / 2)
			first = i - (size_t)in.h / 2;
	for (int i = 0; i < in.h && first + (size_t)i < v->pool.n; i++) {
		const struct pool_row *p = &v->pool.v[first + (size_t)i];
		enum style style = p->ours ? STYLE_OK : STYLE_NORMAL;

		canvas_textf(c, in.x + 1, in.y + i, 5, style, "%s%" PRId64, p->ours ? ">" : " ",
			p->rank);
		canvas_text(c, in.x + 7, in.y + i, 14, style, view_text(p->address));
		canvas_text(c, in.x + 22, in.y + i, in.w - 23, style, view_text(p->stake));
	}
}

static void staking_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct room *s = state;
	int top = room_top(r, TOP_H);
	struct rect below = { r.x, r.y + top, r.w, r.h - top };

	if (room_is_offchain(m, c, r))
		return;
	load(s, m);
	draw_stake(&m->staking, c, (struct rect){ r.x, r.y, r.w / 2, top });
	draw_round(m, c, (struct rect){ r.x + r.w / 2, r.y, r.w - r.w / 2, top });
	if (m->staking.activation.n && below.h > 10) {
		int h = (int)m->staking.activation.n + 2;

		draw_activation(&m->staking, c, (struct rect){ r.x, below.y, r.w, h });
		below.y += h;
		below.h -= h;
	}
	if (r.w >= 100 && m->staking.pool.n) {
		draw_pool(&m->staking, c, (struct rect){ r.x + r.w - 48, below.y, 48, below.h });
		below.w -= 48;
	}
	table_draw(&s->table, m, c, below);
}

static struct intent staking_act(void *state, const struct mirror *m, enum action a)
{
	const void *row;

	if (room_act(state, m, a, &row))
		return intent(INTENT_REDRAW);
	switch ((int)a) {
	case ACTION_STAKE_BOND:
		return FORM_INTENT(CMD_bond, SEED("amount", NULL, m->staking.lpt_balance));
	case ACTION_STAKE_UNBOND:
		return FORM_INTENT(CMD_unbond, SEED("amount", NULL, m->staking.bonded));
	case ACTION_STAKE_REBOND:
		return row ? intentf(INTENT_COMMAND, "rebond %s", row_id(row))
			   : intentf(INTENT_MESSAGE, "no lock to bond again");
	case ACTION_OPEN:
	case ACTION_STAKE_WITHDRAW:
		return row ? intentf(INTENT_COMMAND, "withdraw_stake %s", row_id(row))
			   : intentf(INTENT_MESSAGE, "no lock to withdraw");
	case ACTION_STAKE_FEES:
		return intentf(INTENT_COMMAND, "withdraw_fees");
	case ACTION_STAKE_ACTIVATE:
		return FORM_INTENT(CMD_activate, SEED("amount", NULL, m->staking.lpt_balance));
	case ACTION_STAKE_CUTS:
		return FORM_INTENT(CMD_set_orchestrator,
			SEED("reward_cut", m->staking.reward_cut, NULL),
			SEED("fee_share", m->staking.fee_share, NULL),
			SEED("service_uri", m->staking.service_uri, NULL));
	case ACTION_STAKE_REWARD:
		return intentf(INTENT_COMMAND, "reward");
	case ACTION_STAKE_ROUND:
		return intentf(INTENT_COMMAND, "initialize_round");
	}
	return intent(INTENT_NONE);
}

static void staking_badge(const struct mirror *m, struct str *out)
{
	if (m->published[SECTION_STAKING] && strcmp(view_text(m->staking.state), "active") == 0 &&
		!m->staking.reward_called)
		str_add(out, "!");
}

const struct panel_ops panel_staking = {
	"Staking", sizeof(struct room), staking_init, room_clear, staking_context,
	staking_draw, staking_act, room_set_filter, room_filter, room_pick, staking_badge,
	.table = room_table,
};

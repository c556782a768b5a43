/* How this node came from the Livepeer alpha: the steps that were taken, and
 * what the archive keeps of jobs, claims, receipts and broadcasts. */
#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/room.h"

#define TOP_H 5
#define BELOW_H 8

struct migration_room {
	struct room steps; /* first, since the room begins with it */
	struct room history;
	bool shows_history;
};

/* --- the steps --- */

static enum style cell_state(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct migration_step_row *)row)->state);

	(void)m;
	str_add(out, s);
	return !strcmp(s, "done") || !strcmp(s, "skipped") ? STYLE_OK
		: !strcmp(s, "failed") ? STYLE_FAIL
		: !strcmp(s, "running") ? STYLE_WARN : STYLE_DIM;
}

static enum style cell_undo(const struct mirror *m, const void *row, struct str *out)
{
	const struct migration_step_row *r = row;

	(void)m;
	str_add(out, r->reversible ? "yes" : "NO");
	return r->reversible ? STYLE_NORMAL : STYLE_WARN;
}

/* Of a text in lines, the first. */
static enum style cell_detail(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct migration_step_row *)row)->detail);

	(void)m;
	str_addn(out, s, strcspn(s, "\n"));
	return STYLE_NORMAL;
}

CELL_INT(cell_number, migration_step_row, number, STYLE_DIM)
CELL_TEXT(cell_name, migration_step_row, name, STYLE_VALUE)
CELL_TEXT(cell_cost, migration_step_row, cost, STYLE_NORMAL)

BY_NUMBER(by_number, migration_step_row, number)

static const struct column step_columns[] = {
	{ "#", 3, 0, 0, ALIGN_RIGHT, cell_number, by_number, false },
	{ "Step", 12, 0, 0, ALIGN_LEFT, cell_name, NULL, false },
	{ "State", 8, 0, 0, ALIGN_LEFT, cell_state, NULL, false },
	{ "Undo", 4, 0, 1, ALIGN_LEFT, cell_undo, NULL, false },
	{ "Gas about", 16, 1, 2, ALIGN_LEFT, cell_cost, NULL, false },
	{ "Detail", 24, 4, 0, ALIGN_LEFT, cell_detail, NULL, false },
};

ROW_ID_TEXT(step_id, migration_step_row, name)

static void step_search(const void *row, struct str *out)
{
	const struct migration_step_row *r = row;

	str_printf(out, "%s %s %s %s", view_text(r->name), view_text(r->state),
		view_text(r->title), view_text(r->detail));
}

static const struct table_spec step_spec = { step_columns, ARRAY_SIZE(step_columns), step_id,
	step_search, "this data directory was not made by `weir migrate`" };

/* --- the archive --- */

CELL_TEXT(cell_kind, history_row, kind, STYLE_LABEL)
CELL_TEXT(cell_job, history_row, job, STYLE_VALUE)
CELL_TEXT(cell_at, history_row, at, STYLE_NORMAL)
CELL_TEXT(cell_fate, history_row, state, STYLE_NORMAL)
CELL_TEXT(cell_what, history_row, what, STYLE_NORMAL)
CELL_TEXT(cell_who, history_row, who, STYLE_DIM)
CELL_TEXT(cell_doubts, history_row, doubts, STYLE_WARN)
BY_TEXT(by_kind, history_row, kind)
BY_TEXT(by_job, history_row, job)
BY_TEXT(by_at, history_row, at)

static const struct column history_columns[] = {
	{ "Kind", 9, 0, 0, ALIGN_LEFT, cell_kind, by_kind, false },
	{ "Job", 8, 1, 0, ALIGN_LEFT, cell_job, by_job, false },
	{ "When", 19, 0, 1, ALIGN_LEFT, cell_at, by_at, false },
	{ "State", 13, 0, 0, ALIGN_LEFT, cell_fate, NULL, false },
	{ "What", 20, 4, 0, ALIGN_LEFT, cell_what, NULL, false },
	{ "Other side", 12, 2, 2, ALIGN_LEFT, cell_who, NULL, false },
	{ "Doubts", 8, 1, 3, ALIGN_LEFT, cell_doubts, NULL, false },
};

ROW_ID_NUMBER(history_id, history_row, id)

static void history_search(const void *row, struct str *out)
{
	const struct history_row *r = row;

	str_printf(out, "%s %s %s %s %s %s", view_text(r->kind), view_text(r->job),
		view_text(r->at), view_text(r->state), view_text(r->what), view_text(r->who));
}

static const struct table_spec history_spec = { history_columns, ARRAY_SIZE(history_columns),
	history_id, history_search, "the archive is empty: the old node had no jobs" };

/* --- the room --- */

static struct room *shown(struct migration_room *s)
{
	return s->shows_history ? &s->history : &s->steps;
}

static void load_steps(struct room *r, const struct mirror *m)
{
	room_load(r, m->migration.steps.v, m->migration.steps.n,
		sizeof(struct migration_step_row));
}

static void load_history(struct room *r, const struct mirror *m)
{
	room_load(r, m->migration.history.v, m->migration.history.n,
		sizeof(struct history_row));
}

static void migration_init(void *state)
{
	struct migration_room *s = state;

	room_init(&s->steps, &step_spec, 0, load_steps);
	room_init(&s->history, &history_spec, 0, load_history);
}

static void migration_clear(void *state)
{
	struct migration_room *s = state;

	room_clear(&s->steps);
	room_clear(&s->history);
}

static enum context migration_context(const void *state)
{
	(void)state;
	return CONTEXT_MIGRATION;
}

static void draw_top(const struct view_migration *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "From the alpha", 10);

	facts_line(&f, STYLE_VALUE, "State", "%s%s%s", view_text(v->state),
		*view_text(v->generation) ? ", from " : "", view_text(v->generation));
	facts_line(&f, STYLE_NORMAL, "Old", "%s; backup %s", view_text(v->from),
		*view_text(v->backup) ? v->backup : "none");
	facts_line(&f, STYLE_NORMAL, "Archive", "%lld jobs, %lld claims, %lld receipts, %lld "
		"broadcasts", (long long)v->jobs, (long long)v->claims, (long long)v->receipts,
		(long long)v->broadcasts);
}

static void draw_step(const struct migration_step_row *s, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, view_text(s->title), 8);

	facts_line(&f, STYLE_NORMAL, "Why", "%s", view_text(s->why));
	facts_line(&f, STYLE_NORMAL, "Undo by", "%s", view_text(s->counter));
	facts_line(&f, STYLE_NORMAL, "Cost", "%s%s%s", view_text(s->cost),
		*view_text(s->value) ? ", and " : "", view_text(s->value));
	facts_line(&f, STYLE_VALUE, "Sent", "%s", view_text(s->tx));
	facts_line(&f, STYLE_NORMAL, "Detail", "%s", view_text(s->detail));
}

static void migration_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct migration_room *s = state;
	int top = room_top(r, TOP_H), below = r.h > TOP_H + BELOW_H + 6 ? BELOW_H : 0;
	struct table *table = room_table(shown(s), m);
	const struct migration_step_row *row = s->shows_history ? NULL : table_row(table);

	below = row ? below : 0;
	draw_top(&m->migration, c, (struct rect){ r.x, r.y, r.w, top });
	table_draw(table, m, c,
		(struct rect){ r.x, r.y + top, r.w, r.h - top - below });
	if (below)
		draw_step(row, c, (struct rect){ r.x, r.y + r.h - below, r.w, below });
}

static struct intent migration_act(void *state, const struct mirror *m, enum action a)
{
	struct migration_room *s = state;

	if (a == ACTION_MIGRATION_HISTORY) {
		s->shows_history = !s->shows_history;
		return intent(INTENT_REDRAW);
	}
	return intent(table_act(room_table(shown(s), m), a) ? INTENT_REDRAW : INTENT_NONE);
}

static struct table *migration_table(void *state, const struct mirror *m)
{
	return room_table(shown(state), m);
}

static void migration_set_filter(void *state, const char *text)
{
	room_set_filter(shown(state), text);
}

static const char *migration_filter(const void *state)
{
	const struct migration_room *s = state;

	return room_filter(s->shows_history ? &s->history : &s->steps);
}

static const char *migration_pick(const void *state)
{
	const struct migration_room *s = state;

	return room_pick(s->shows_history ? &s->history : &s->steps);
}

static void migration_badge(const struct mirror *m, struct str *out)
{
	const char *s = view_text(m->migration.state);

	if (!strcmp(s, "failed") || !strcmp(s, "under way"))
		str_addc(out, '!');
}

const struct panel_ops panel_migration = {
	"Migration", sizeof(struct migration_room), migration_init, migration_clear,
	migration_context, migration_draw, migration_act, migration_set_filter,
	migration_filter, migration_pick, migration_badge,
	.table = migration_table,
};

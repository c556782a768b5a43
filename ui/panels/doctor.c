/* Why does no work come, or no money? The doctor's checks in their order, each
 * with what to do about it. */
#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/room.h"

#define BELOW_H 5

CELL_TEXT(cell_name, check_row, name, STYLE_VALUE)
CELL_TEXT(cell_detail, check_row, detail, STYLE_NORMAL)
CELL_TEXT(cell_remedy, check_row, remedy, STYLE_WARN)

static enum style cell_result(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct check_row *)row)->result);

	(void)m;
	if (strcmp(s, "pass") == 0) {
		str_add(out, "OK");
		return STYLE_OK;
	}
	str_add(out, strcmp(s, "fail") == 0 ? "FAIL" : strcmp(s, "warn") == 0 ? "WARN" : "n/a");
	return *s == 'f' ? STYLE_FAIL : *s == 'w' ? STYLE_WARN : STYLE_DIM;
}

static const struct column columns[] = {
	{ "", 5, 0, 0, ALIGN_LEFT, cell_result, NULL, false },
	{ "Check", 20, 1, 0, ALIGN_LEFT, cell_name, NULL, false },
	{ "Found", 24, 4, 1, ALIGN_LEFT, cell_detail, NULL, false },
	{ "Remedy", 20, 4, 2, ALIGN_LEFT, cell_remedy, NULL, false },
};

ROW_ID_TEXT(row_id, check_row, id)

static void row_search(const void *row, struct str *out)
{
	const struct check_row *k = row;

	str_printf(out, "%s %s %s %s", view_text(k->name), view_text(k->result),
		view_text(k->detail), view_text(k->remedy));
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"not examined yet: r does it" };

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->doctor.rows.v, m->doctor.rows.n, sizeof(struct check_row));
}

static void doctor_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context doctor_context(const void *state)
{
	(void)state;
	return CONTEXT_DOCTOR;
}

static void draw_selected(const struct check_row *k, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, view_text(k->name), 8);

	facts_line(&f, STYLE_NORMAL, "Found", "%s", view_text(k->detail));
	facts_line(&f, STYLE_WARN, "Remedy", "%s", view_text(k->remedy));
}

static void doctor_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct room *s = state;
	const struct check_row *row;
	int below;

	load(s, m);
	row = table_row(&s->table);
	below = row && r.h > 12 ? BELOW_H : 0;
	table_draw(&s->table, m, c, (struct rect){ r.x, r.y, r.w, r.h - below });
	if (below)
		draw_selected(row, c, (struct rect){ r.x, r.y + r.h - below, r.w, below });
}

static struct intent doctor_act(void *state, const struct mirror *m, enum action a)
{
	struct room *s = state;

	load(s, m);
	if (table_act(&s->table, a))
		return intent(INTENT_REDRAW);
	if (a == ACTION_DOCTOR_RUN || a == ACTION_OPEN)
		return intentf(INTENT_COMMAND, "doctor");
	return intent(INTENT_NONE);
}

static void doctor_badge(const struct mirror *m, struct str *out)
{
	size_t bad = 0;

	for (size_t i = 0; i < m->doctor.rows.n; i++)
		bad += strcmp(view_text(m->doctor.rows.v[i].result), "fail") == 0;
	if (bad)
		str_printf(out, "%zu!", bad);
}

const struct panel_ops panel_doctor = {
	"Doctor", sizeof(struct room), doctor_init, room_clear, doctor_context, doctor_draw,
	doctor_act, room_set_filter, room_filter, room_pick, doctor_badge,
	.table = room_table,
};

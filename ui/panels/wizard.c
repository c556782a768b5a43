#include "ui/panels/wizard.h"

#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/panels/migration.h"

bool wizard_is_there(const struct view_wizard *v)
{
	return *view_text(v->state);
}

bool wizard_asks(const struct view_wizard *v)
{
	return !strcmp(view_text(v->state), "asks");
}

bool wizard_is_at_work(const struct view_wizard *v)
{
	return wizard_asks(v) || !strcmp(view_text(v->state), "running");
}

const struct migration_row *wizard_report(const struct view_wizard *v)
{
	return v->report.n ? v->report.v : NULL;
}

const struct record_row *wizard_interrupted(const struct view_wizard *v)
{
	for (size_t i = 0; i < v->records.n; i++) {
		const char *s = view_text(v->records.v[i].state);

		if (!strcmp(s, "under way") || !strcmp(s, "failed"))
			return &v->records.v[i];
	}
	return NULL;
}

/* --- the plan --- */

static const struct migration_step_row *step_of(const void *row)
{
	return ((const struct wizard_step *)row)->row;
}

static enum style cell_tick(const struct mirror *m, const void *row, struct str *out)
{
	const struct wizard_step *s = row;

	(void)m;
	str_add(out, s->left_out ? "[ ]" : s->asked && s->row->optional ? "[x]" : " x ");
	return s->left_out ? STYLE_WARN : STYLE_NORMAL;
}

static enum style cell_number(const struct mirror *m, const void *row, struct str *out)
{
	(void)m;
	str_printf(out, "%lld", (long long)step_of(row)->number);
	return STYLE_DIM;
}

static enum style cell_name(const struct mirror *m, const void *row, struct str *out)
{
	(void)m;
	str_add(out, view_text(step_of(row)->name));
	return STYLE_VALUE;
}

static enum style cell_state(const struct mirror *m, const void *row, struct str *out)
{
	return migration_cell_state(m, step_of(row), out);
}

static enum style cell_undo(const struct mirror *m, const void *row, struct str *out)
{
	return migration_cell_undo(m, step_of(row), out);
}

static enum style cell_cost(const struct mirror *m, const void *row, struct str *out)
{
	const struct migration_step_row *s = step_of(row);

	(void)m;
	str_add(out, view_text(s->cost));
	if (*view_text(s->value))
		str_printf(out, " + %s", s->value);
	return STYLE_NORMAL;
}

static enum style cell_why(const struct mirror *m, const void *row, struct str *out)
{
	(void)m;
	str_add(out, view_text(step_of(row)->why));
	return STYLE_NORMAL;
}

static const char *plan_id(const void *row)
{
	return view_text(step_of(row)->name);
}

static void plan_search(const void *row, struct str *out)
{
	const struct migration_step_row *r = step_of(row);

	str_printf(out, "%s %s %s %s", view_text(r->name), view_text(r->state),
		view_text(r->title), view_text(r->why));
}

static int by_number(const void *a, const void *b)
{
	return COMPARE(step_of(a)->number, step_of(b)->number);
}

static const struct column plan_columns[] = {
	{ "#", 2, 0, 0, ALIGN_RIGHT, cell_number, by_number, false },
	{ "Do", 3, 0, 0, ALIGN_LEFT, cell_tick, NULL, false },
	{ "Step", 11, 0, 0, ALIGN_LEFT, cell_name, NULL, false },
	{ "State", 8, 0, 0, ALIGN_LEFT, cell_state, NULL, false },
	{ "Undo", 4, 0, 0, ALIGN_LEFT, cell_undo, NULL, false },
	{ "Costs", 16, 1, 0, ALIGN_LEFT, cell_cost, NULL, false },
	{ "Why", 20, 4, 1, ALIGN_LEFT, cell_why, NULL, false },
};

const struct table_spec wizard_plan_spec = { plan_columns, ARRAY_SIZE(plan_columns), plan_id,
	plan_search, "there is no plan yet: the wizard looks at what there is" };

/* --- what it found --- */

static enum style cell_level(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct migration_remark_row *)row)->level);

	(void)m;
	str_add(out, s);
	return !strcmp(s, "ok") ? STYLE_OK : !strcmp(s, "warn") ? STYLE_WARN
		: !strcmp(s, "stop") ? STYLE_FAIL : STYLE_DIM;
}

CELL_TEXT(cell_subject, migration_remark_row, name, STYLE_LABEL)
CELL_TEXT(cell_remark, migration_remark_row, text, STYLE_NORMAL)
ROW_ID_TEXT(remark_id, migration_remark_row, text)

static void remark_search(const void *row, struct str *out)
{
	const struct migration_remark_row *r = row;

	str_printf(out, "%s %s %s", view_text(r->level), view_text(r->name), view_text(r->text));
}

static const struct column check_columns[] = {
	{ "", 4, 0, 0, ALIGN_LEFT, cell_level, NULL, false },
	{ "About", 13, 0, 0, ALIGN_LEFT, cell_subject, NULL, false },
	{ "Found", 24, 4, 0, ALIGN_LEFT, cell_remark, NULL, false },
};

const struct table_spec wizard_checks_spec = { check_columns, ARRAY_SIZE(check_columns),
	remark_id, remark_search, "nothing was looked at yet" };

/* --- what it said --- */

CELL_TEXT(cell_said, said_row, text, STYLE_NORMAL)
BY_NUMBER(by_said, said_row, number)
ROW_ID_NUMBER(said_id, said_row, number)

static void said_search(const void *row, struct str *out)
{
	str_add(out, view_text(((const struct said_row *)row)->text));
}

static const struct column said_columns[] = {
	{ "Said", 40, 1, 0, ALIGN_LEFT, cell_said, by_said, false },
};

const struct table_spec wizard_said_spec = { said_columns, ARRAY_SIZE(said_columns), said_id,
	said_search, "nothing was said yet" };

/* --- records --- */

static enum style cell_fate(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct record_row *)row)->state);

	(void)m;
	str_add(out, s);
	return !strcmp(s, "done") ? STYLE_OK : !strcmp(s, "failed") ? STYLE_FAIL
		: !strcmp(s, "under way") ? STYLE_WARN : STYLE_DIM;
}

CELL_AGE(cell_age, record_row, at_ms, STYLE_NORMAL)
CELL_TEXT(cell_from, record_row, from, STYLE_NORMAL)
CELL_TEXT(cell_to, record_row, to, STYLE_VALUE)
BY_NUMBER(by_age, record_row, at_ms)
ROW_ID_TEXT(record_id, record_row, id)

static void record_search(const void *row, struct str *out)
{
	const struct record_row *r = row;

	str_printf(out, "%s %s %s", view_text(r->state), view_text(r->from), view_text(r->to));
}

static const struct column record_columns[] = {
	{ "Ago", 5, 0, 0, ALIGN_RIGHT, cell_age, by_age, true },
	{ "State", 10, 0, 0, ALIGN_LEFT, cell_fate, NULL, false },
	{ "To", 20, 2, 0, ALIGN_LEFT, cell_to, NULL, false },
	{ "From", 16, 2, 1, ALIGN_LEFT, cell_from, NULL, false },
};

const struct table_spec wizard_records_spec = { record_columns, ARRAY_SIZE(record_columns),
	record_id, record_search, "there is no record of a migration on this machine" };

/* --- what stands around them --- */

static void say_state(struct facts *f, const struct view_wizard *v)
{
	const struct migration_row *r = wizard_report(v);

	if (wizard_asks(v))
		facts_line(f, STYLE_WARN, "State", "it asks: a answers");
	else if (wizard_is_at_work(v))
		facts_line(f, STYLE_VALUE, "State", "at work%s%s", *view_text(v->order) ? ": " : "",
			view_text(v->order));
	else if (r && *view_text(r->error))
		facts_line(f, STYLE_FAIL, "State", "%s: %s", view_text(r->state), r->error);
	else
		facts_line(f, STYLE_OK, "State", "%s%s%s", r ? view_text(r->state) : "ended",
			r && *view_text(r->next) ? "; " : "", r ? view_text(r->next) : "");
}

void wizard_draw_top(const struct view_wizard *v, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, "Migration", 10);
	const struct migration_row *report = wizard_report(v);

	say_state(&f, v);
	facts_line(&f, STYLE_NORMAL, "From", "%s to %s%s%s", view_text(v->from),
		view_text(v->to), report && *view_text(report->account) ? ", account " : "",
		report ? view_text(report->account) : "");
	facts_line(&f, STYLE_NORMAL, "Now", "%s", view_text(v->now));
}

static void draw_question(const struct view_wizard *v, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "It asks");
	const char *about = view_text(v->about);
	int used;

	used = canvas_wrap(c, (struct rect){ in.x, in.y, in.w, in.h - 1 }, STYLE_VALUE,
		view_text(v->ask));
	for (int y = used; *about && y < in.h - 1; y++) {
		size_t n = strcspn(about, "\n");

		canvas_textf(c, in.x, in.y + y, in.w, STYLE_NORMAL, "%.*s", (int)n, about);
		about += n + (about[n] == '\n');
	}
	canvas_text(c, in.x, in.y + in.h - 1, in.w, STYLE_LABEL, !strcmp(view_text(v->kind), "plan")
		? "t ticks and unticks, a answers, e ends it; nothing was done yet"
		: "a answers, e ends the wizard; it waits, also while you are gone");
}

void wizard_draw_below(const struct view_wizard *v, const struct wizard_step *s,
	struct canvas *c, struct rect r)
{
	if (wizard_asks(v))
		draw_question(v, c, r);
	else if (s)
		migration_draw_step(s->row, c, r);
}

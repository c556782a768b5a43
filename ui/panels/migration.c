/* The migration from the Livepeer alpha: started, answered and watched here
 * (ui/panels/wizard); and of the data directory that this node runs on, how it came
 * from there, and what the archive keeps of jobs, claims, receipts and broadcasts. */
#include "ui/panels/migration.h"

#include <stdlib.h>
#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/migration_form.h"
#include "ui/panels/wizard.h"
#include "ui/room.h"
#include "ui/tags.h"

#define TOP_H 5
#define BELOW_H 8

/* What there is to see, in the order of v. */
enum sight { SIGHT_PLAN, SIGHT_CHECKS, SIGHT_SAID, SIGHT_STEPS, SIGHT_HISTORY, SIGHT_RECORDS,
	SIGHTS };

struct migration_room {
	struct room rooms[SIGHTS];
	struct wizard_step *plan; /* rows of SIGHT_PLAN */
	struct tags left_out;	  /* names of steps */
	bool chosen;		  /* by v; else what is of interest is shown */
	enum sight sight;	  /* of the last draw, or the chosen one */
};

/* --- the steps --- */

enum style migration_cell_state(const struct mirror *m, const void *row, struct str *out)
{
	const char *s = view_text(((const struct migration_step_row *)row)->state);

	(void)m;
	str_add(out, s);
	return !strcmp(s, "done") || !strcmp(s, "skipped") ? STYLE_OK
		: !strcmp(s, "failed") ? STYLE_FAIL
		: !strcmp(s, "running") ? STYLE_WARN : STYLE_DIM;
}

enum style migration_cell_undo(const struct mirror *m, const void *row, struct str *out)
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
	{ "State", 8, 0, 0, ALIGN_LEFT, migration_cell_state, NULL, false },
	{ "Undo", 4, 0, 1, ALIGN_LEFT, migration_cell_undo, NULL, false },
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

/* --- what is shown --- */

static bool is_there(const struct mirror *m, enum sight sight)
{
	switch (sight) {
	case SIGHT_PLAN:
	case SIGHT_CHECKS:
	case SIGHT_SAID:
		return wizard_is_there(&m->wizard);
	case SIGHT_STEPS:
	case SIGHT_HISTORY:
		return *view_text(m->migration.id);
	case SIGHT_RECORDS:
		return m->wizard.records.n;
	case SIGHTS:
		break;
	}
	return false;
}

static enum sight of_interest(const struct mirror *m)
{
	const struct migration_row *r = wizard_report(&m->wizard);

	if (wizard_is_there(&m->wizard))
		return r && r->steps.n ? SIGHT_PLAN : SIGHT_CHECKS;
	if (is_there(m, SIGHT_STEPS))
		return SIGHT_STEPS;
	return is_there(m, SIGHT_RECORDS) ? SIGHT_RECORDS : SIGHT_STEPS;
}

static enum sight shown(const struct migration_room *s, const struct mirror *m)
{
	return s->chosen && is_there(m, s->sight) ? s->sight : of_interest(m);
}

static void next_sight(struct migration_room *s, const struct mirror *m)
{
	enum sight at = shown(s, m);

	for (int i = 0; i < SIGHTS; i++) {
		at = (at + 1) % SIGHTS;
		if (is_there(m, at))
			break;
	}
	s->sight = at;
	s->chosen = true;
}

/* --- loading --- */

static void load_plan(struct room *r, const struct mirror *m)
{
	/* The rooms are the first of it. */
	struct migration_room *s = (struct migration_room *)(void *)(r - SIGHT_PLAN);
	const struct migration_row *report = wizard_report(&m->wizard);
	size_t n = report ? report->steps.n : 0;
	bool asked = wizard_asks(&m->wizard) && !strcmp(view_text(m->wizard.kind), "plan");

	s->plan = xrealloc_array(s->plan, n + 1, sizeof(*s->plan));
	for (size_t i = 0; i < n; i++) {
		const struct migration_step_row *row = &report->steps.v[i];

		s->plan[i] = (struct wizard_step){row, asked
			? tags_find(&s->left_out, view_text(row->name)) < s->left_out.n
			: !strcmp(view_text(row->state), "skipped"), asked};
	}
	room_load(r, s->plan, n, sizeof(*s->plan));
}

static void load_checks(struct room *r, const struct mirror *m)
{
	const struct migration_row *report = wizard_report(&m->wizard);

	room_load(r, report ? report->remarks.v : NULL, report ? report->remarks.n : 0,
		sizeof(struct migration_remark_row));
}

static void load_said(struct room *r, const struct mirror *m)
{
	room_load(r, m->wizard.said.v, m->wizard.said.n, sizeof(struct said_row));
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

static void load_records(struct room *r, const struct mirror *m)
{
	room_load(r, m->wizard.records.v, m->wizard.records.n, sizeof(struct record_row));
}

/* --- the room --- */

static void migration_init(void *state)
{
	static const struct {
		const struct table_spec *spec;
		void (*load)(struct room *r, const struct mirror *m);
	} kinds[SIGHTS] = {
		[SIGHT_PLAN] = { &wizard_plan_spec, load_plan },
		[SIGHT_CHECKS] = { &wizard_checks_spec, load_checks },
		[SIGHT_SAID] = { &wizard_said_spec, load_said },
		[SIGHT_STEPS] = { &step_spec, load_steps },
		[SIGHT_HISTORY] = { &history_spec, load_history },
		[SIGHT_RECORDS] = { &wizard_records_spec, load_records },
	};
	struct migration_room *s = state;

	for (enum sight i = 0; i < SIGHTS; i++)
		room_init(&s->rooms[i], kinds[i].spec, 0, kinds[i].load);
}

static void migration_clear(void *state)
{
	struct migration_room *s = state;

	for (enum sight i = 0; i < SIGHTS; i++)
		room_clear(&s->rooms[i]);
	tags_clear(&s->left_out);
	free(s->plan);
}

static enum context migration_context(const void *state)
{
	(void)state;
	return CONTEXT_MIGRATION;
}

/* What it was all for, as the chain has it now. */
static void add_outcome(struct str *out, const struct mirror *m)
{
	const struct view_staking *s = &m->staking;
	long long now = m->chain.round, from = s->activation_round;
	/* In double: the numbers are as large as the node says. */
	double blocks = (double)(from - now - 1) * (double)m->chain.round_length +
		(double)m->chain.blocks_left;

	if (!m->published[SECTION_STAKING] || !m->chain.ready)
		return;
	if (!strcmp(view_text(s->state), "active"))
		str_printf(out, "; active since round %lld, reward %s", from,
			s->reward_called ? "called" : "not called yet");
	else if (from > now)
		str_printf(out, "; active in round %lld, in %.0f blocks", from, blocks);
	else
		str_printf(out, "; %s: room Doctor says why", view_text(s->state));
}

static void draw_top(const struct mirror *m, struct canvas *c, struct rect r)
{
	const struct view_migration *v = &m->migration;
	struct facts f = facts_begin(c, r, "From the alpha", 10);
	struct str outcome = STR_INIT;

	add_outcome(&outcome, m);
	facts_line(&f, STYLE_VALUE, "State", "%s%s%s%s", view_text(v->state),
		*view_text(v->generation) ? ", from " : "", view_text(v->generation),
		str_cstr(&outcome));
	str_clear(&outcome);
	facts_line(&f, STYLE_NORMAL, "Old", "%s; backup %s", view_text(v->from),
		*view_text(v->backup) ? v->backup : "none");
	facts_line(&f, STYLE_NORMAL, "Archive", "%lld jobs, %lld claims, %lld receipts, %lld "
		"broadcasts", (long long)v->jobs, (long long)v->claims, (long long)v->receipts,
		(long long)v->broadcasts);
}

void migration_draw_step(const struct migration_step_row *s, struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, view_text(s->title), 8);

	facts_line(&f, STYLE_NORMAL, "Why", "%s", view_text(s->why));
	facts_line(&f, STYLE_NORMAL, "Undo by", "%s", view_text(s->counter));
	facts_line(&f, STYLE_NORMAL, "Cost", "%s%s%s", view_text(s->cost),
		*view_text(s->value) ? ", and " : "", view_text(s->value));
	facts_line(&f, STYLE_VALUE, "Sent", "%s", view_text(s->tx));
	facts_line(&f, STYLE_NORMAL, "Detail", "%s", view_text(s->detail));
}

static bool is_driven(enum sight sight)
{
	return sight == SIGHT_PLAN || sight == SIGHT_CHECKS || sight == SIGHT_SAID;
}

static void say_places(struct facts *f, const char *places)
{
	struct str s = STR_INIT;

	for (; *places; places++)
		str_add(&s, *places == '|' ? ", " : (char[]){*places, '\0'});
	facts_line(f, STYLE_NORMAL, "Found", "%s", str_cstr(&s));
	str_clear(&s);
}

static void draw_above(const struct mirror *m, enum sight sight, struct canvas *c,
	struct rect r)
{
	const struct record_row *left = wizard_interrupted(&m->wizard);
	struct facts f;

	if (is_driven(sight)) {
		wizard_draw_top(&m->wizard, c, r);
	} else if (*view_text(m->migration.id) && sight != SIGHT_RECORDS) {
		draw_top(m, c, r);
	} else {
		f = facts_begin(c, r, "From the alpha", 10);
		if (left)
			facts_line(&f, STYLE_WARN, "Waiting", "%s: r goes on, b takes it back",
				view_text(left->to));
		facts_line(&f, STYLE_NORMAL, "Start", "S: a node of the alpha becomes one of "
			"Streamflow; it asks first");
		say_places(&f, view_text(m->wizard.places));
	}
}

static void migration_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct migration_room *s = state;
	enum sight sight = shown(s, m);
	int top = room_top(r, TOP_H), below = r.h > TOP_H + BELOW_H + 6 ? BELOW_H : 0;
	struct table *table = room_table(&s->rooms[sight], m);
	const void *row = table_row(table);
	bool has_step = row && (sight == SIGHT_STEPS || sight == SIGHT_PLAN);
	struct rect low = { r.x, r.y + r.h - below, r.w, below };

	if (!has_step && !(is_driven(sight) && wizard_asks(&m->wizard)))
		below = 0;
	s->sight = sight;
	draw_above(m, sight, c, (struct rect){ r.x, r.y, r.w, top });
	table_draw(table, m, c,
		(struct rect){ r.x, r.y + top, r.w, r.h - top - below });
	if (below && is_driven(sight))
		wizard_draw_below(&m->wizard, sight == SIGHT_PLAN ? row : NULL, c, low);
	else if (below)
		migration_draw_step(row, c, low);
}

/* --- acting --- */

static struct intent tick(struct migration_room *s, const struct mirror *m)
{
	const struct wizard_step *step = table_row(room_table(&s->rooms[SIGHT_PLAN], m));

	if (!step || !step->asked)
		return intentf(INTENT_MESSAGE, "steps are ticked while the wizard asks about its "
			"plan");
	if (!step->row->optional)
		return intentf(INTENT_MESSAGE, "%s cannot be left out: the others need it",
			view_text(step->row->name));
	tags_toggle(&s->left_out, view_text(step->row->name));
	return intent(INTENT_REDRAW);
}

static struct intent answer(struct migration_room *s, const struct mirror *m)
{
	struct str out = STR_INIT;
	struct form *f;

	for (size_t i = 0; i < s->left_out.n; i++)
		str_printf(&out, " -%s", s->left_out.ids[i]);
	f = migration_answer_form(&m->wizard, str_cstr(&out));
	str_clear(&out);
	return f ? intent_form(f) : intentf(INTENT_MESSAGE, wizard_is_at_work(&m->wizard)
		? "the wizard is at work and asks nothing now" : "nothing is asked; S starts a "
		"migration");
}

static struct intent start(const struct mirror *m)
{
	if (wizard_is_at_work(&m->wizard))
		return intentf(INTENT_MESSAGE, "a migration to %s is at work; e ends it",
			view_text(m->wizard.to));
	return intent_form(migration_start_form(&m->wizard));
}

/* Of the record under the cursor, or the newest that it can be done with. */
static struct intent order(struct migration_room *s, const struct mirror *m, const char *name)
{
	const struct record_row *r = shown(s, m) == SIGHT_RECORDS
		? table_row(room_table(&s->rooms[SIGHT_RECORDS], m)) : NULL;

	return intentf(INTENT_COMMAND, "%s%s%s", name, r ? " id=" : "", r ? view_text(r->id) : "");
}

static struct intent migration_act(void *state, const struct mirror *m, enum action a)
{
	struct migration_room *s = state;
	bool plan = wizard_asks(&m->wizard) && !strcmp(view_text(m->wizard.kind), "plan");

	switch ((int)a) {
	case ACTION_TAG:
		if (plan && shown(s, m) == SIGHT_PLAN)
			return tick(s, m);
		break;
	case ACTION_OPEN:
		return answer(s, m);
	case ACTION_MIGRATION_VIEW:
		next_sight(s, m);
		return intent(INTENT_REDRAW);
	case ACTION_MIGRATION_ANSWER:
		return answer(s, m);
	case ACTION_MIGRATION_TICK:
		return tick(s, m);
	case ACTION_MIGRATION_START:
		tags_clear(&s->left_out);
		return start(m);
	case ACTION_MIGRATION_RESUME:
		return order(s, m, "migration_resume");
	case ACTION_MIGRATION_ROLLBACK:
		return order(s, m, "migration_rollback");
	case ACTION_MIGRATION_HALT:
		return intentf(INTENT_COMMAND, "migration_halt");
	}
	return intent(table_act(room_table(&s->rooms[shown(s, m)], m), a)
		? INTENT_REDRAW : INTENT_NONE);
}

static struct table *migration_table(void *state, const struct mirror *m)
{
	struct migration_room *s = state;

	return room_table(&s->rooms[shown(s, m)], m);
}

static void migration_set_filter(void *state, const char *text)
{
	struct migration_room *s = state;

	room_set_filter(&s->rooms[s->sight], text);
}

static const char *migration_filter(const void *state)
{
	const struct migration_room *s = state;

	return room_filter(&s->rooms[s->sight]);
}

static const char *migration_pick(const void *state)
{
	const struct migration_room *s = state;

	return room_pick(&s->rooms[s->sight]);
}

static void migration_badge(const struct mirror *m, struct str *out)
{
	const char *s = view_text(m->migration.state);

	if (wizard_asks(&m->wizard))
		str_addc(out, '?');
	else if (!strcmp(s, "failed") || !strcmp(s, "under way") ||
		wizard_interrupted(&m->wizard))
		str_addc(out, '!');
}

const struct panel_ops panel_migration = {
	"Migration", sizeof(struct migration_room), migration_init, migration_clear,
	migration_context, migration_draw, migration_act, migration_set_filter,
	migration_filter, migration_pick, migration_badge,
	.table = migration_table,
};

#include "ui/panels/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "ui/cells.h"
#include "ui/facts.h"

#define BELOW_H 8

static bool is_bad(const struct alarm_row *a)
{
	return strcmp(view_text(a->level), "broken") == 0;
}

bool alarm_is_over(const struct alarm_row *a)
{
	return strcmp(view_text(a->state), "over") == 0;
}

size_t alarms_unseen(const struct view_node *n)
{
	size_t unseen = 0;

	for (size_t i = 0; i < n->alarms.n; i++)
		unseen += !n->alarms.v[i].seen;
	return unseen;
}

bool alarms_hold(const struct view_node *n)
{
	for (size_t i = 0; i < n->alarms.n; i++)
		if (!alarm_is_over(&n->alarms.v[i]))
			return true;
	return false;
}

const char *alarm_word(const struct alarm_row *a)
{
	return a->seen ? "seen" : is_bad(a) ? "FAIL" : "WARN";
}

enum style alarm_style(const struct alarm_row *a)
{
	return a->seen ? STYLE_DIM : is_bad(a) ? STYLE_FAIL : STYLE_WARN;
}

/* --- columns --- */

#define ROW const struct alarm_row *a = row

static enum style cell_level(const struct mirror *m, const void *row, struct str *out)
{
	ROW;

	(void)m;
	str_add(out, is_bad(a) ? "FAIL" : "WARN");
	return alarm_style(a);
}

static enum style cell_state(const struct mirror *m, const void *row, struct str *out)
{
	ROW;

	(void)m;
	str_printf(out, "%s%s", alarm_is_over(a) ? "over" : "on", a->seen ? ", seen" : "");
	return a->seen ? STYLE_DIM : alarm_is_over(a) ? STYLE_NORMAL : STYLE_VALUE;
}

CELL_AGE(cell_since, alarm_row, since_ms, STYLE_NORMAL)
CELL_INT(cell_count, alarm_row, count, STYLE_NORMAL)

static enum style cell_text(const struct mirror *m, const void *row, struct str *out)
{
	ROW;

	(void)m;
	str_add(out, view_text(a->text));
	return alarm_style(a);
}

/* What needs somebody first, then what holds, the past last. */
static int rank(const struct alarm_row *a)
{
	return a->seen * 2 + alarm_is_over(a);
}

static int by_state(const void *x, const void *y)
{
	const struct alarm_row *a = x, *b = y;

	if (rank(a) != rank(b))
		return COMPARE(rank(a), rank(b));
	return COMPARE(b->since_ms, a->since_ms);
}

static int by_since(const void *x, const void *y)
{
	return COMPARE(((const struct alarm_row *)y)->since_ms,
		((const struct alarm_row *)x)->since_ms);
}

BY_NUMBER(by_count, alarm_row, count)
BY_TEXT(by_level, alarm_row, level)

static const struct column columns[] = {
	{"", 5, 0, 0, ALIGN_LEFT, cell_level, by_level, false},
	{"State", 10, 0, 1, ALIGN_LEFT, cell_state, by_state, false},
	{"Since", 6, 0, 2, ALIGN_RIGHT, cell_since, by_since, false},
	{"Times", 5, 0, 3, ALIGN_RIGHT, cell_count, by_count, true},
	{"Alarm", 24, 4, 0, ALIGN_LEFT, cell_text, NULL, false},
};
#define SORT_STATE 1

ROW_ID_TEXT(row_id, alarm_row, id)

static void row_search(const void *row, struct str *out)
{
	ROW;

	str_printf(out, "%s %s %s %s %s", view_text(a->id), view_text(a->level),
		view_text(a->state), view_text(a->title), view_text(a->text));
}

static const struct table_spec spec = {columns, ARRAY_SIZE(columns), row_id, row_search,
	"no alarms, and none before: all is well"};

static void load(struct room *s, const struct mirror *m)
{
	size_t a = m->node.alarms.n, b = m->node.past_alarms.n;

	s->rows = xrealloc_array(s->rows, a + b + 1, sizeof(*s->rows));
	for (size_t i = 0; i < a; i++)
		s->rows[i] = &m->node.alarms.v[i];
	for (size_t i = 0; i < b; i++)
		s->rows[a + i] = &m->node.past_alarms.v[i];
	table_load(&s->table, s->rows, a + b);
}

void alarm_list_init(struct room *s)
{
	room_init(s, &spec, SORT_STATE, load);
}

/* --- the selected one --- */

static void add_ago(struct str *s, const struct mirror *m, const char *what, int64_t then_ms)
{
	if (!then_ms)
		return;
	str_printf(s, "%s%s ", s->len ? ", " : "", what);
	unit_span(s, mirror_age(m, then_ms));
	str_add(s, " ago");
}

static void draw_selected(const struct mirror *m, const struct alarm_row *a,
	struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, *view_text(a->title) ? a->title
		: view_text(a->id), 9);
	struct str s = STR_INIT;

	facts_line(&f, alarm_style(a), "Found", "%s", view_text(a->text));
	facts_line(&f, STYLE_WARN, "Remedy", "%s", view_text(a->remedy));
	facts_line(&f, STYLE_NORMAL, "Id", "%s", view_text(a->id));
	add_ago(&s, m, "raised", a->since_ms);
	add_ago(&s, m, "over", alarm_is_over(a) ? a->over_ms : 0);
	add_ago(&s, m, "seen", a->seen ? a->seen_ms : 0);
	facts_line(&f, STYLE_NORMAL, "History", "%s", str_cstr(&s));
	str_truncate(&s, 0);
	add_ago(&s, m, "first", a->first_ms);
	facts_line(&f, STYLE_NORMAL, "Times", "%lld, %s", (long long)a->count, str_cstr(&s));
	str_clear(&s);
}

void alarm_list_draw(struct room *s, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	const struct alarm_row *row;
	int below;

	load(s, m);
	row = table_row(&s->table);
	below = row && r.h > BELOW_H + 5 ? BELOW_H : 0;
	table_draw(&s->table, m, c, (struct rect){r.x, r.y, r.w, r.h - below});
	if (below)
		draw_selected(m, row, c, (struct rect){r.x, r.y + r.h - below, r.w, below});
}

static bool is_unseen(const void *row)
{
	return !((const struct alarm_row *)row)->seen;
}

struct intent alarm_list_act(struct room *s, const struct mirror *m, enum action a)
{
	const struct alarm_row *row;

	load(s, m);
	if (table_act(&s->table, a))
		return intent(INTENT_REDRAW);
	row = table_row(&s->table);
	if (a == ACTION_ALARM_ACK_ALL)
		return intentf(INTENT_COMMAND, "ack");
	if (!row)
		return intent(INTENT_NONE);
	if (a == ACTION_ALARM_ACK)
		return table_command(&s->table, "ack", is_unseen, "this was seen already");
	if (a == ACTION_ALARM_LOG)
		return intentf(INTENT_LOG, "alarm");
	return intent(INTENT_NONE);
}

/* Every live session of this node: the broadcaster's streams and the
 * orchestrator's sessions in one table; Enter shows all of one. */
#include "ui/cells.h"
#include "ui/panel.h"
#include "ui/panels/session_detail.h"
#include "ui/room.h"
#include "ui/unit.h"

#include <inttypes.h>
#include <string.h>

struct sessions_state {
	struct table table;
	char *open; /* id of the session whose details are shown, or NULL */
	int scroll;
};

#define ROW const struct session_row *r = row
#define CELL(name) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out)
#define ORDER(name, expression) \
	static int name(const void *pa, const void *pb) \
	{ \
		const struct session_row *a = pa, *b = pb; \
		return expression; \
	}

CELL(cell_name)
{
	ROW;

	(void)m;
	str_add(out, view_text(*view_text(r->manifest) ? r->manifest : r->id));
	return STYLE_VALUE;
}

CELL(cell_role)
{
	ROW;

	(void)m;
	str_add(out, view_text(r->role));
	return STYLE_LABEL;
}

CELL(cell_state)
{
	ROW;

	(void)m;
	str_add(out, view_text(r->state));
	return !strcmp(view_text(r->state), "live") ? STYLE_OK : STYLE_WARN;
}

CELL(cell_source)
{
	ROW;

	(void)m;
	if (r->width > 0)
		str_printf(out, "%" PRId64 "x%" PRId64, r->width, r->height);
	else
		str_add(out, "-");
	return STYLE_NORMAL;
}

CELL(cell_fps)
{
	ROW;

	(void)m;
	unit_fps(out, r->fps);
	return STYLE_NORMAL;
}

CELL(cell_rate)
{
	ROW;

	(void)m;
	unit_rate(out, r->source_bitrate);
	return STYLE_NORMAL;
}

CELL(cell_renditions)
{
	ROW;

	(void)m;
	str_printf(out, "%zu", r->renditions.n);
	return STYLE_NORMAL;
}

CELL(cell_in)
{
	ROW;

	(void)m;
	unit_count(out, r->segments_in);
	return STYLE_NORMAL;
}

CELL(cell_out)
{
	ROW;

	(void)m;
	unit_count(out, r->segments_out);
	return STYLE_NORMAL;
}

CELL(cell_failed)
{
	ROW;

	(void)m;
	unit_count(out, r->segments_failed);
	return r->segments_failed ? STYLE_FAIL : STYLE_DIM;
}

CELL(cell_ratio)
{
	ROW;

	(void)m;
	unit_ratio(out, r->realtime_ratio);
	return session_ratio_style(r->realtime_ratio);
}

CELL(cell_latency)
{
	ROW;

	(void)m;
	unit_ms(out, r->latency_ms > 0 ? r->latency_ms : -1);
	return STYLE_NORMAL;
}

CELL(cell_age)
{
	ROW;

	unit_span(out, mirror_age(m, r->started_ms));
	return STYLE_DIM;
}

CELL(cell_via)
{
	ROW;

	(void)m;
	str_add(out, session_via(r));
	return STYLE_NORMAL;
}

static int by_name(const void *pa, const void *pb)
{
	const struct session_row *a = pa, *b = pb;

	return compare_text(*view_text(a->manifest) ? a->manifest : a->id,
		*view_text(b->manifest) ? b->manifest : b->id);
}

ORDER(by_role, compare_text(a->role, b->role))
ORDER(by_state, compare_text(a->state, b->state))
/* In double: the numbers are as large as the node says. */
ORDER(by_source, COMPARE((double)a->width * (double)a->height,
	(double)b->width * (double)b->height))
ORDER(by_rate, COMPARE(a->source_bitrate, b->source_bitrate))
ORDER(by_in, COMPARE(a->segments_in, b->segments_in))
ORDER(by_failed, COMPARE(a->segments_failed, b->segments_failed))
ORDER(by_ratio, COMPARE(a->realtime_ratio, b->realtime_ratio))
ORDER(by_latency, COMPARE(a->latency_ms, b->latency_ms))
ORDER(by_age, COMPARE(a->started_ms, b->started_ms))
ORDER(by_via, compare_text(session_via(a), session_via(b)))

static const struct column columns[] = {
	{"Session", 12, 3, 0, ALIGN_LEFT, cell_name, by_name, false},
	{"R", 1, 0, 4, ALIGN_LEFT, cell_role, by_role, false},
	{"State", 7, 0, 2, ALIGN_LEFT, cell_state, by_state, false},
	{"Source", 9, 0, 5, ALIGN_RIGHT, cell_source, by_source, true},
	{"Fps", 5, 0, 8, ALIGN_RIGHT, cell_fps, NULL, false},
	{"Bitrate", 9, 0, 6, ALIGN_RIGHT, cell_rate, by_rate, true},
	{"Rend", 4, 0, 9, ALIGN_RIGHT, cell_renditions, NULL, false},
	{"In", 6, 0, 5, ALIGN_RIGHT, cell_in, by_in, true},
	{"Out", 6, 0, 3, ALIGN_RIGHT, cell_out, NULL, false},
	{"Fail", 5, 0, 1, ALIGN_RIGHT, cell_failed, by_failed, true},
	{"Ratio", 6, 0, 1, ALIGN_RIGHT, cell_ratio, by_ratio, true},
	{"Latency", 7, 0, 4, ALIGN_RIGHT, cell_latency, by_latency, true},
	{"Up", 5, 0, 8, ALIGN_RIGHT, cell_age, by_age, false},
	{"Via", 10, 4, 7, ALIGN_LEFT, cell_via, by_via, false},
};

ROW_ID_TEXT(row_id, session_row, id)

static void row_search(const void *row, struct str *out)
{
	ROW;

	str_printf(out, "%s %s %s %s %s %s %s %s", view_text(r->id),
		view_text(r->manifest), view_text(r->role),
		view_text(r->state), view_text(r->remote),
		view_text(r->orchestrator), view_text(r->transcoder),
		view_text(r->last_error));
}

static const struct table_spec spec = {columns, ARRAY_SIZE(columns), row_id,
	row_search, "no session now"};

static void sessions_init(void *state)
{
	struct sessions_state *s = state;

	table_init(&s->table, &spec, 0);
}

static void sessions_clear(void *state)
{
	struct sessions_state *s = state;

	table_clear(&s->table);
	view_set(&s->open, NULL);
}

static enum context sessions_context(const void *state)
{
	const struct sessions_state *s = state;

	return s->open ? CONTEXT_DETAIL : CONTEXT_SESSIONS;
}

static void load(struct sessions_state *s, const struct mirror *m)
{
	table_load(&s->table, (const void *const *)m->live, m->live_n);
}

static const struct session_row *find(const struct mirror *m, const char *id)
{
	for (size_t i = 0; i < m->live_n; i++) {
		if (!strcmp(view_text(m->live[i]->id), id))
			return m->live[i];
	}
	return NULL;
}

static void sessions_draw(void *state, const struct mirror *m,
	struct canvas *c, struct rect r)
{
	struct sessions_state *s = state;
	const struct session_row *row = s->open ? find(m, s->open) : NULL;

	if (s->open && !row) {
		canvas_textf(c, r.x + 1, r.y + 1, r.w - 2, STYLE_DIM,
			"session %s has ended; Esc goes back", s->open);
		return;
	}
	if (row) {
		session_detail_draw(m, row, c, r, &s->scroll);
		return;
	}
	load(s, m);
	table_draw(&s->table, m, c, r);
}

static struct intent act_detail(struct sessions_state *s, enum action a)
{
	switch ((int)a) {
	case ACTION_BACK:
		view_set(&s->open, NULL);
		return intent(INTENT_REDRAW);
	case ACTION_UP:
		s->scroll -= s->scroll > 0;
		return intent(INTENT_REDRAW);
	case ACTION_DOWN:
		s->scroll++;
		return intent(INTENT_REDRAW);
	case ACTION_FIRST:
		s->scroll = 0;
		return intent(INTENT_REDRAW);
	case ACTION_DETAIL_LOG:
		return intentf(INTENT_LOG, "%s", s->open);
	case ACTION_DETAIL_END:
		return intentf(INTENT_COMMAND, "end_session %s", s->open);
	}
	return intent(INTENT_NONE);
}

static struct intent sessions_act(void *state, const struct mirror *m,
	enum action a)
{
	struct sessions_state *s = state;
	const struct session_row *row;

	if (s->open)
		return act_detail(s, a);
	load(s, m);
	if (table_act(&s->table, a))
		return intent(INTENT_REDRAW);
	row = table_row(&s->table);
	if (!row)
		return intent(INTENT_NONE);
	switch ((int)a) {
	case ACTION_OPEN:
		view_set(&s->open, row_id(row));
		s->scroll = 0;
		return intent(INTENT_REDRAW);
	case ACTION_SESSION_LOG:
		return intentf(INTENT_LOG, "%s", row_id(row));
	case ACTION_SESSION_END:
		return table_command(&s->table, "end_session", NULL, "");
	}
	return intent(INTENT_NONE);
}

static void sessions_set_filter(void *state, const char *text)
{
	struct sessions_state *s = state;

	view_set(&s->open, NULL);
	table_filter(&s->table, text);
}

static const char *sessions_filter(const void *state)
{
	const struct sessions_state *s = state;

	return view_text(s->table.filter);
}

static const char *sessions_pick(const void *state)
{
	const struct sessions_state *s = state;

	return s->open ? s->open : s->table.selected;
}

static void sessions_badge(const struct mirror *m, struct str *out)
{
	if (m->live_n)
		str_printf(out, "%zu", m->live_n);
}

static struct table *sessions_table(void *state, const struct mirror *m)
{
	struct sessions_state *s = state;

	if (s->open)
		return NULL;
	load(s, m);
	return &s->table;
}

const struct panel_ops panel_sessions = {
	"Sessions", sizeof(struct sessions_state), sessions_init,
	sessions_clear, sessions_context, sessions_draw, sessions_act,
	sessions_set_filter, sessions_filter, sessions_pick, sessions_badge,
	.table = sessions_table,
};

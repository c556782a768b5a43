/* The node at a glance: its roles and where they listen, what it has done,
 * how busy it was lately, what is wrong, and, where there is room, the
 * orchestrators its broadcaster knows. */
#include "ui/command_form.h"
#include "ui/panels/alarms.h"
#include "ui/panels/drain.h"
#include "ui/panels/glance.h"
#include "ui/plot.h"
#include "ui/series.h"
#include "ui/unit.h"

#include <inttypes.h>
#include <string.h>

#define LABEL_W 10
#define TWO_LISTS_W 120	  /* alarms, and the orchestrators beside them */
#define THREE_BOXES_W 150
#define PLOT_LEAST_H 6
#define PLOT_GOOD_H 14	  /* two of these are better than a higher one */
#define LISTS_LEAST_H 7

struct overview_state {
	int scroll; /* alarms left out at the top */
	enum span span;
	unsigned series; /* the plot on the left; the next is beside it */
	bool listing; /* the list of alarms is open instead */
	bool plotting; /* plots are all there is */
	struct room alarms;
};

static enum style role_style(const char *state)
{
	if (!strcmp(state, "running"))
		return STYLE_OK;
	if (!strcmp(state, "failed"))
		return STYLE_FAIL;
	return !strcmp(state, "stopped") ? STYLE_DIM : STYLE_WARN;
}

static void listens(const struct role_row *role, struct str *out)
{
	for (size_t i = 0; i < role->listens.n; i++)
		str_printf(out, "%s%s %s", i ? "   " : "",
			view_text(role->listens.v[i].what),
			view_text(role->listens.v[i].address));
}

/* Returns what is left of the box. */
static struct rect draw_roles(const struct mirror *m, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "Roles");
	int y = in.y, end = in.y + in.h;

	for (size_t i = 0; i < m->node.roles.n && y < end; i++) {
		const struct role_row *role = &m->node.roles.v[i];
		const char *state = view_text(role->state);
		struct str s = STR_INIT;

		canvas_text(c, in.x + 1, y, 13, STYLE_VALUE,
			view_text(role->name));
		canvas_text(c, in.x + 15, y, 9, role_style(state), state);
		canvas_text(c, in.x + 25, y++, in.w - 26, STYLE_DIM,
			view_text(role->detail));
		listens(role, &s);
		if (s.len && y < end)
			canvas_text(c, in.x + 3, y++, in.w - 4, STYLE_NORMAL,
				s.s);
		str_clear(&s);
	}
	return (struct rect){in.x, y, in.w, end - y};
}

/* Takes the text: "label     value". */
static void pair(struct canvas *c, struct rect *in, enum style style,
	const char *label, struct str *text)
{
	if (in->h > 0) {
		canvas_text(c, in->x + 1, in->y, LABEL_W, STYLE_LABEL, label);
		canvas_text(c, in->x + 1 + LABEL_W, in->y,
			in->w - 2 - LABEL_W, style, str_cstr(text));
		in->y++;
		in->h--;
	}
	str_clear(text);
}

static void segments_text(const struct view_node *n, struct str *s)
{
	int64_t all = n->segments_ok + n->segments_failed;

	unit_count(s, n->segments_ok);
	str_add(s, " done, ");
	unit_count(s, n->segments_failed);
	str_add(s, " failed");
	if (n->segments_failed)
		str_printf(s, " (%.2g%%)",
			100.0 * (double)n->segments_failed / (double)all);
}

static void draw_node(const struct mirror *m, struct canvas *c, struct rect in)
{
	const struct view_node *n = &m->node;
	bool full = n->max_sessions && n->sessions >= n->max_sessions;
	struct str s = STR_INIT;
	int x;

	str_printf(&s, "%" PRId64 " of %" PRId64, n->sessions,
		n->max_sessions);
	x = in.x + 2 + LABEL_W + (int)s.len;
	if (n->max_sessions && in.h > 0)
		plot_bar(c, x, in.y, in.x + in.w - 1 - x,
			full ? STYLE_WARN : STYLE_OK,
			(double)n->sessions / (double)n->max_sessions);
	pair(c, &in, full ? STYLE_WARN : STYLE_VALUE, "Sessions", &s);
	segments_text(n, &s);
	pair(c, &in, n->segments_failed ? STYLE_WARN : STYLE_VALUE, "Segments",
		&s);
	unit_count(&s, n->pixels);
	str_add(&s, " transcoded");
	pair(c, &in, STYLE_VALUE, "Pixels", &s);
	unit_percent(&s, n->cpu);
	str_add(&s, " cpu, ");
	unit_bytes(&s, n->rss);
	str_add(&s, ", up ");
	unit_span(&s, mirror_age(m, n->started_ms));
	pair(c, &in, STYLE_NORMAL, "Process", &s);
	str_printf(&s, "%" PRId64 ", log level %s", n->pid,
		view_text(n->log_level));
	pair(c, &in, STYLE_NORMAL, "Pid", &s);
	str_add(&s, view_text(n->datadir));
	pair(c, &in, STYLE_NORMAL, "Data", &s);
	str_add(&s, view_text(n->config));
	if (s.len)
		pair(c, &in, STYLE_NORMAL, "Config", &s);
	str_add(&s, view_text(n->node_id));
	if (s.len)
		pair(c, &in, STYLE_NORMAL, "Id", &s);
	str_clear(&s);
}

static void draw_alarms(const struct mirror *m, struct canvas *c,
	struct rect r, int *scroll)
{
	int n = (int)m->node.alarms.n;
	struct str s = STR_INIT;
	struct rect in;

	str_add(&s, "Alarms");
	if (n)
		str_printf(&s, " %d", n);
	if (n && !alarms_unseen(&m->node))
		str_add(&s, ", seen");
	in = canvas_box(c, r, s.s);
	if (*scroll > n - in.h)
		*scroll = n > in.h ? n - in.h : 0;
	if (!n)
		canvas_text(c, in.x + 1, in.y, in.w - 2, STYLE_OK,
			"none: all is well");
	for (int i = 0; i < in.h && *scroll + i < n; i++) {
		const struct alarm_row *a = &m->node.alarms.v[*scroll + i];
		bool over = !strcmp(view_text(a->state), "over");

		str_truncate(&s, 0);
		unit_span(&s, mirror_age(m, a->since_ms));
		canvas_text(c, in.x + 1, in.y + i, 4, alarm_style(a), alarm_word(a));
		canvas_field(c, in.x + 6, in.y + i, 5, STYLE_DIM, ALIGN_RIGHT,
			s.s);
		canvas_textf(c, in.x + 12, in.y + i, in.w - 13, alarm_style(a), "%s%s",
			over ? "over: " : "", view_text(a->text));
	}
	str_clear(&s);
}

static void draw_orchestrators(const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct rect in = canvas_box(c, r, "Orchestrators the broadcaster knows");
	size_t n = m->orchestrators.rows.n;

	for (size_t i = 0; i < n && (int)i < in.h; i++) {
		const struct orchestrator_row *o = &m->orchestrators.rows.v[i];
		int y = in.y + (int)i, w = in.w - 34;
		struct str s = STR_INIT;

		canvas_text(c, in.x + 1, y, w, STYLE_VALUE, view_text(o->uri));
		unit_ms(&s, o->latency_ms > 0 ? o->latency_ms : -1);
		canvas_field(c, in.x + w + 2, y, 7, STYLE_NORMAL, ALIGN_RIGHT,
			s.s);
		canvas_textf(c, in.x + w + 11, y, 12, STYLE_NORMAL,
			"%" PRId64 " sessions", o->sessions);
		if (o->suspended)
			canvas_text(c, in.x + w + 24, y, 9, STYLE_WARN,
				"suspended");
		str_clear(&s);
	}
}

static void overview_init(void *state)
{
	struct overview_state *s = state;

	alarm_list_init(&s->alarms);
}

static void overview_clear(void *state)
{
	struct overview_state *s = state;

	room_clear(&s->alarms);
}

static enum context overview_context(const void *state)
{
	const struct overview_state *s = state;

	return s->listing ? CONTEXT_ALARMS : CONTEXT_OVERVIEW;
}

/* Those of money follow on the others where there is a chain. */
static enum series nth_series(const struct mirror *m, unsigned i)
{
	return (enum series)(i % (m->published[SECTION_CHAIN] ? SERIES_COUNT
		: SERIES_OFFCHAIN));
}

/* Two side by side, or two rows where they are high enough; with the whole room,
 * all that there are. */
static void draw_plots(const struct overview_state *s, const struct mirror *m,
	struct canvas *c, struct rect r)
{
	int n = m->published[SECTION_CHAIN] ? SERIES_COUNT : SERIES_OFFCHAIN;
	int columns = r.w < THREE_BOXES_W || (!s->plotting && r.h < 2 * PLOT_GOOD_H) ? 2 : 3;
	int rows = (n + columns - 1) / columns, k = 0;
	int most = s->plotting ? r.h / PLOT_LEAST_H : r.h < 2 * PLOT_GOOD_H ? 1 : 2;

	if (rows > most)
		rows = most;
	for (int row = 0; row < rows; row++) {
		int left = n - k < columns ? n - k : columns;
		int y = r.y + r.h * row / rows, h = r.y + r.h * (row + 1) / rows - y;

		for (int i = 0; i < left; i++, k++) {
			int x = r.x + r.w * i / left, w = r.x + r.w * (i + 1) / left - x;

			series_draw(nth_series(m, s->series + (unsigned)k), &m->trend,
				s->span, c, (struct rect){x, y, w, h});
		}
	}
}

/* Three boxes where they fit, else two, with what matters most of the third. */
static void draw_top(const struct mirror *m, struct canvas *c, struct rect r)
{
	int glance = r.w < THREE_BOXES_W ? r.w / 2 : r.w * 2 / 5;
	int rest = r.w - glance, roles = r.w < THREE_BOXES_W ? rest : rest / 2;
	struct rect left;

	glance_draw(m, c, (struct rect){r.x, r.y, glance, r.h});
	left = draw_roles(m, c, (struct rect){r.x + glance, r.y, roles, r.h});
	if (roles == rest)
		draw_node(m, c, left);
	else
		draw_node(m, c, canvas_box(c, (struct rect){r.x + glance + roles, r.y,
			rest - roles, r.h}, "Node"));
}

/* What the lists below do not need, where there is much of it; h: of both. */
static int graph_height(const struct mirror *m, bool wide, int h)
{
	size_t rows = m->node.alarms.n;
	int third = h < 8 ? 0 : h < 16 ? 6 : h * 2 / 5, need;

	if (wide && m->orchestrators.rows.n > rows)
		rows = m->orchestrators.rows.n;
	need = rows > (size_t)h ? h : (int)rows + 3;
	if (need < LISTS_LEAST_H)
		need = LISTS_LEAST_H;
	return h < 24 || drain_is_on(&m->node) || h - need < third ? third : h - need;
}

static void overview_draw(void *state, const struct mirror *m,
	struct canvas *c, struct rect r)
{
	struct overview_state *s = state;
	bool wide = r.w >= TWO_LISTS_W && m->orchestrators.rows.n > 0;
	int top = r.h >= 50 ? 14 : r.h >= 30 ? 12 : 8;
	int graph = graph_height(m, wide, r.h - top);
	int left = wide ? r.w * 11 / 20 : r.w;
	int below = r.h - top - graph;
	struct rect low, right;

	if (!m->published[SECTION_NODE]) {
		canvas_text(c, r.x + 1, r.y + 1, r.w - 2, STYLE_DIM,
			"waiting for the node");
		return;
	}
	if (s->listing) {
		alarm_list_draw(&s->alarms, m, c, r);
		return;
	}
	if (s->plotting) {
		draw_plots(s, m, c, r);
		return;
	}
	draw_top(m, c, (struct rect){r.x, r.y, r.w, top});
	draw_plots(s, m, c, (struct rect){r.x, r.y + top, r.w, graph});
	if (drain_is_on(&m->node))
		left = r.w < TWO_LISTS_W ? r.w / 2 : r.w * 11 / 20;
	low = (struct rect){r.x, r.y + top + graph, left, below};
	right = (struct rect){r.x + left, low.y, r.w - left, below};
	if (drain_is_on(&m->node))
		drain_draw(m, c, right);
	else if (wide)
		draw_orchestrators(m, c, right);
	draw_alarms(m, c, low, &s->scroll);
}

static struct intent overview_act(void *state, const struct mirror *m,
	enum action a)
{
	struct overview_state *s = state;

	if (s->listing && a == ACTION_BACK) {
		s->listing = false;
		return intent(INTENT_REDRAW);
	}
	if (s->listing)
		return alarm_list_act(&s->alarms, m, a);
	if (s->plotting && a == ACTION_BACK)
		a = ACTION_OVERVIEW_PLOTS;
	switch ((int)a) {
	case ACTION_OVERVIEW_PLOTS:
		s->plotting = !s->plotting;
		return intent(INTENT_REDRAW);
	case ACTION_OVERVIEW_ALARMS:
		s->listing = true;
		return intent(INTENT_REDRAW);
	case ACTION_OVERVIEW_ACK:
		return intentf(INTENT_COMMAND, "ack");
	case ACTION_UP:
		s->scroll -= s->scroll > 0;
		return intent(INTENT_REDRAW);
	case ACTION_DOWN:
		s->scroll++;
		return intent(INTENT_REDRAW);
	case ACTION_OVERVIEW_SPAN:
		s->span = s->span == SPAN_HOUR ? SPAN_DAY : SPAN_HOUR;
		return intent(INTENT_REDRAW);
	case ACTION_OVERVIEW_SERIES:
		s->series = (s->series + 2) % (m->published[SECTION_CHAIN]
			? SERIES_COUNT : SERIES_OFFCHAIN);
		return intent(INTENT_REDRAW);
	case ACTION_OVERVIEW_DRAIN:
		return intentf(INTENT_COMMAND, "drain");
	case ACTION_OVERVIEW_DRAIN_THEN:
		return FORM_INTENT(CMD_drain, SEED("then", drain_is_on(&m->node)
			? m->node.drain_then : "stop", NULL));
	case ACTION_OVERVIEW_RESUME:
		return intentf(INTENT_COMMAND, "resume");
	case ACTION_OVERVIEW_MAX:
		return intentf(INTENT_PROMPT, "set_max_sessions %" PRId64,
			m->node.max_sessions);
	}
	return intent(INTENT_NONE);
}

static void overview_set_filter(void *state, const char *text)
{
	struct overview_state *s = state;

	if (s->listing)
		room_set_filter(&s->alarms, text);
}

static const char *overview_filter(const void *state)
{
	const struct overview_state *s = state;

	return s->listing ? room_filter(&s->alarms) : "";
}

static const char *overview_pick(const void *state)
{
	const struct overview_state *s = state;

	return s->listing ? room_pick(&s->alarms) : NULL;
}

static struct table *overview_table(void *state, const struct mirror *m)
{
	struct overview_state *s = state;

	return s->listing ? room_table(&s->alarms, m) : NULL;
}

static void overview_badge(const struct mirror *m, struct str *out)
{
	size_t unseen = alarms_unseen(&m->node);

	if (unseen)
		str_printf(out, "%zu!", unseen);
}

const struct panel_ops panel_overview = {
	"Overview", sizeof(struct overview_state), overview_init, overview_clear,
	overview_context, overview_draw, overview_act, overview_set_filter,
	overview_filter, overview_pick, overview_badge, .table = overview_table,
};

/* Who does the work: this machine's devices and the remote transcoders that
 * registered, with what they can take, how fast they are, what went wrong. */
#include "ui/cells.h"
#include "ui/panels/device_bars.h"
#include "ui/plot.h"
#include "ui/room.h"

#include <inttypes.h>
#include <string.h>

#define ROW const struct transcoder_row *r = row
#define CELL(name) \
	static enum style name(const struct mirror *m, const void *row, \
		struct str *out)
#define ORDER(name, expression) \
	static int name(const void *pa, const void *pb) \
	{ \
		const struct transcoder_row *a = pa, *b = pb; \
		return expression; \
	}

CELL(cell_id)
{
	ROW;

	(void)m;
	str_add(out, view_text(r->id));
	return STYLE_VALUE;
}

CELL(cell_kind)
{
	ROW;

	(void)m;
	str_add(out, view_text(r->kind));
	return STYLE_LABEL;
}

CELL(cell_state)
{
	ROW;
	const char *s = view_text(r->state);

	(void)m;
	str_add(out, s);
	if (!strcmp(s, "idle") || !strcmp(s, "busy"))
		return r->draining ? STYLE_WARN : STYLE_OK;
	return !strcmp(s, "gone") || !strcmp(s, "restarting") ? STYLE_FAIL
							      : STYLE_WARN;
}

CELL(cell_load)
{
	ROW;

	(void)m;
	str_printf(out, "%" PRId64 "/%" PRId64, r->load, r->capacity);
	return r->capacity && r->load >= r->capacity ? STYLE_WARN
						     : STYLE_NORMAL;
}

CELL(cell_busy)
{
	ROW;

	(void)m;
	unit_percent(out, r->utilisation);
	return r->utilisation >= 0.95 ? STYLE_WARN : STYLE_NORMAL;
}

CELL(cell_cpu)
{
	ROW;

	(void)m;
	unit_percent(out, r->cpu);
	return STYLE_NORMAL;
}

CELL(cell_speed)
{
	ROW;

	(void)m;
	unit_ratio(out, r->speed > 0 ? r->speed : -1);
	return r->speed <= 0 ? STYLE_DIM : r->speed < 1 ? STYLE_FAIL
		: r->speed < 1.25 ? STYLE_WARN : STYLE_OK;
}

CELL(cell_segments)
{
	ROW;

	(void)m;
	unit_count(out, r->segments);
	return STYLE_NORMAL;
}

CELL(cell_failed)
{
	ROW;

	(void)m;
	unit_count(out, r->failed);
	return r->failed ? STYLE_FAIL : STYLE_DIM;
}

CELL(cell_restarts)
{
	ROW;

	(void)m;
	unit_count(out, r->restarts);
	return r->restarts ? STYLE_WARN : STYLE_DIM;
}

CELL(cell_pixels)
{
	ROW;

	(void)m;
	unit_count(out, r->pixels);
	return STYLE_NORMAL;
}

CELL(cell_memory)
{
	ROW;

	(void)m;
	unit_bytes(out, r->rss > 0 ? r->rss : -1);
	return STYLE_DIM;
}

CELL(cell_since)
{
	ROW;

	unit_span(out, mirror_age(m, r->since_ms));
	return STYLE_DIM;
}

CELL(cell_where)
{
	ROW;

	(void)m;
	str_add(out, view_text(*view_text(r->address) ? r->address
						      : r->device));
	return STYLE_NORMAL;
}

CELL_ERROR(cell_error, transcoder_row)

ORDER(by_id, compare_text(a->id, b->id))
ORDER(by_kind, compare_text(a->kind, b->kind))
ORDER(by_state, compare_text(a->state, b->state))
ORDER(by_load, COMPARE(a->load, b->load))
ORDER(by_busy, COMPARE(a->utilisation, b->utilisation))
ORDER(by_cpu, COMPARE(a->cpu, b->cpu))
ORDER(by_speed, COMPARE(a->speed, b->speed))
ORDER(by_segments, COMPARE(a->segments, b->segments))
ORDER(by_failed, COMPARE(a->failed, b->failed))
ORDER(by_since, COMPARE(a->since_ms, b->since_ms))

static const struct column columns[] = {
	{"Transcoder", 11, 2, 0, ALIGN_LEFT, cell_id, by_id, false},
	{"Kind", 6, 0, 4, ALIGN_LEFT, cell_kind, by_kind, false},
	{"State", 10, 0, 1, ALIGN_LEFT, cell_state, by_state, false},
	{"Load", 6, 0, 1, ALIGN_RIGHT, cell_load, by_load, true},
	{"Busy", 5, 0, 6, ALIGN_RIGHT, cell_busy, by_busy, true},
	{"CPU", 5, 0, 8, ALIGN_RIGHT, cell_cpu, by_cpu, true},
	{"Speed", 6, 0, 2, ALIGN_RIGHT, cell_speed, by_speed, false},
	{"Segs", 6, 0, 5, ALIGN_RIGHT, cell_segments, by_segments, true},
	{"Fail", 5, 0, 3, ALIGN_RIGHT, cell_failed, by_failed, true},
	{"Rst", 4, 0, 7, ALIGN_RIGHT, cell_restarts, NULL, true},
	{"Pixels", 6, 0, 9, ALIGN_RIGHT, cell_pixels, NULL, true},
	{"Memory", 7, 0, 10, ALIGN_RIGHT, cell_memory, NULL, true},
	{"Since", 6, 0, 8, ALIGN_RIGHT, cell_since, by_since, false},
	{"Where", 12, 3, 6, ALIGN_LEFT, cell_where, NULL, false},
	{"Last error", 12, 4, 11, ALIGN_LEFT, cell_error, NULL, false},
};

ROW_ID_TEXT(row_id, transcoder_row, id)

static void row_search(const void *row, struct str *out)
{
	ROW;

	str_printf(out, "%s %s %s %s %s %s", view_text(r->id),
		view_text(r->kind), view_text(r->state), view_text(r->address),
		view_text(r->device), view_text(r->last_error));
}

static const struct table_spec spec = {columns, ARRAY_SIZE(columns), row_id,
	row_search, "no transcoder: nothing local, and none has registered"};

static void load(struct room *s, const struct mirror *m)
{
	room_load(s, m->transcoders.rows.v, m->transcoders.rows.n,
		sizeof(struct transcoder_row));
}

static void transcoders_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context transcoders_context(const void *state)
{
	(void)state;
	return CONTEXT_TRANSCODERS;
}

static void detail_line(struct canvas *c, struct rect *r, const char *label,
	enum style style, const char *text)
{
	if (!*text || r->h < 1)
		return;
	canvas_text(c, r->x, r->y, 12, STYLE_LABEL, label);
	canvas_text(c, r->x + 12, r->y, r->w - 12, style, text);
	r->y++;
	r->h--;
}

/* The selected one's long texts, which no column could hold. */
static void draw_detail(const struct mirror *m, const struct transcoder_row *t,
	struct canvas *c, struct rect r)
{
	struct str s = STR_INIT;
	struct rect in = canvas_box(c, r, view_text(t->id));
	double share = t->capacity ? (double)t->load / (double)t->capacity : 0;

	in.x++;
	in.w -= 2;
	canvas_text(c, in.x, in.y, 12, STYLE_LABEL, "Load");
	plot_bar(c, in.x + 12, in.y, 20,
		share >= 1 ? STYLE_WARN : STYLE_OK, share);
	canvas_textf(c, in.x + 33, in.y, in.w - 33, STYLE_NORMAL,
		"%" PRId64 " of %" PRId64 " sessions%s", t->load, t->capacity,
		t->draining ? ", draining" : "");
	in.y++;
	in.h--;
	str_printf(&s, "%s %s", view_text(t->device), view_text(t->version));
	detail_line(c, &in, "Device", STYLE_NORMAL,
		s.len > 1 ? s.s : "");
	detail_line(c, &in, "Working on", STYLE_NORMAL, view_text(t->current));
	str_truncate(&s, 0);
	cell_error(m, t, &s);
	detail_line(c, &in, "Last error", STYLE_FAIL, str_cstr(&s));
	str_clear(&s);
}

static void transcoders_draw(void *state, const struct mirror *m,
	struct canvas *c, struct rect r)
{
	struct room *s = state;
	const void *row;
	int above, below;

	load(s, m);
	above = device_bars_height(m);
	if (above > r.h / 3 && r.h - above < (int)s->table.n + 2)
		above = r.h / 3;
	if (above) {
		device_bars_draw(m, c, (struct rect){r.x, r.y, r.w, above});
		r.y += above;
		r.h -= above;
	}
	/* The box only takes room that the rows do not need. */
	below = r.h >= (int)s->table.n + 7 ? 6 : 0;
	row = table_row(&s->table);
	table_draw(&s->table, m, c,
		(struct rect){r.x, r.y, r.w, r.h - (row ? below : 0)});
	if (row && below)
		draw_detail(m, row, c, (struct rect){r.x, r.y + r.h - below,
			r.w, below});
}

static struct intent transcoders_act(void *state, const struct mirror *m,
	enum action a)
{
	struct room *s = state;
	const void *row;

	if (room_act(s, m, a, &row))
		return intent(INTENT_REDRAW);
	if (!row)
		return intent(INTENT_NONE);
	switch ((int)a) {
	case ACTION_TRANSCODER_DRAIN:
		return table_command(&s->table, "drain_transcoder", NULL, "");
	case ACTION_TRANSCODER_RESUME:
		return table_command(&s->table, "resume_transcoder", NULL, "");
	case ACTION_OPEN:
	case ACTION_TRANSCODER_LOG:
		return intentf(INTENT_LOG, "%s", row_id(row));
	}
	return intent(INTENT_NONE);
}

static void transcoders_badge(const struct mirror *m, struct str *out)
{
	if (m->transcoders.rows.n)
		str_printf(out, "%zu", m->transcoders.rows.n);
}

const struct panel_ops panel_transcoders = {
	"Transcoders", sizeof(struct room), transcoders_init,
	room_clear, transcoders_context, transcoders_draw, transcoders_act,
	room_set_filter, room_filter, room_pick, transcoders_badge,
	.table = room_table,
};

/* The node's log: a window on the backlog, filtered by level and text. It
 * keeps its place by sequence number, so what scrolls in below moves nothing;
 * following shows the newest. Enter wraps the long line in a box. */
#include "ui/panel.h"
#include "ui/unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct log_state {
	struct backlog_filter filter;
	bool follow;
	uint64_t at; /* selected record, when not following */
	size_t page;
	bool open; /* the selected record in full */
	char *picked; /* the selected record's text, for those who copy it */
	uint64_t barren; /* up to this record nothing matches the filter */
	uint64_t first;	 /* the record in the first line drawn; 0: none is */
	struct rect lines; /* where they were drawn */
};

static void log_init(void *state)
{
	struct log_state *s = state;

	s->follow = true;
	s->filter.least = LOG_INFO;
}

static void log_clear(void *state)
{
	struct log_state *s = state;

	free(s->filter.text);
	s->filter.text = NULL;
	view_set(&s->picked, NULL);
}

static enum context log_context(const void *state)
{
	(void)state;
	return CONTEXT_LOG;
}

/* Index of the first match going `step` from `from`; false when none. */
static bool seek(const struct log_state *s, const struct backlog *b,
	size_t from, int step, size_t *out)
{
	for (size_t i = from; i < b->n; i += (size_t)(int64_t)step) {
		if (backlog_matches(backlog_get(b, i), &s->filter)) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* The selected record's index: the wanted one, else the nearest match. */
static bool selected(const struct log_state *s, const struct backlog *b,
	size_t *out)
{
	size_t at = b->n - 1;

	if (!b->n || b->last_seq == s->barren)
		return false;
	if (s->follow)
		return seek(s, b, at, -1, out);
	at = backlog_find(b, s->at);
	return seek(s, b, at, 1, out) || seek(s, b, at - 1, -1, out);
}

static enum style level_style(enum log_level l)
{
	switch (l) {
	case LOG_TRACE:
	case LOG_DEBUG:
		return STYLE_DIM;
	case LOG_INFO:
		return STYLE_NORMAL;
	case LOG_UNUSUAL:
		return STYLE_WARN;
	case LOG_BROKEN:
		return STYLE_FAIL;
	}
	return STYLE_NORMAL;
}

static void draw_record(const struct backlog_record *q, struct canvas *c,
	struct rect r, bool here)
{
	enum style style = level_style(q->level);
	struct str t = STR_INIT;
	int name_w = r.w >= 120 ? 20 : 12, x = r.x;

	unit_clock(&t, q->at_ms);
	canvas_text(c, x, r.y, 8, STYLE_DIM, t.s);
	x += 9;
	canvas_text(c, x, r.y, 7, style, log_level_name(q->level));
	x += 8;
	canvas_text(c, x, r.y, name_w, STYLE_LABEL, q->name);
	x += name_w + 1;
	if (q->missing)
		x += canvas_textf(c, x, r.y, r.x + r.w - x, STYLE_WARN,
			"(%" PRIu32 " lost before) ", q->missing);
	canvas_text(c, x, r.y, r.x + r.w - x, style, q->text);
	str_clear(&t);
	if (here)
		canvas_restyle(c, r, STYLE_SELECTED);
}

/* The text of one record over as many lines as it needs, at the bottom. */
static void draw_open(const struct backlog_record *q, struct canvas *c,
	struct rect r)
{
	int inner = r.w - 4, need, lines;
	const char *p = q->text;
	struct rect in;

	if (inner < 10 || r.h < 5)
		return;
	need = canvas_width(c, q->text);
	lines = need / inner + 1;
	lines = lines > r.h - 3 ? r.h - 3 : lines;
	r.y += r.h - lines - 2;
	r.h = lines + 2;
	canvas_fill(c, r, STYLE_NORMAL, ' ');
	in = canvas_box(c, r, q->name);
	for (int y = 0; y < lines && *p; y++) {
		struct str part = STR_INIT;
		int w = 0;

		while (*p && w < inner) {
			const char *from = p;
			struct str one = STR_INIT;

			utf8_next(&p);
			str_addn(&one, from, (size_t)(p - from));
			w += canvas_width(c, one.s);
			str_add(&part, one.s);
			str_clear(&one);
		}
		canvas_text(c, in.x + 1, in.y + y, inner + 1,
			level_style(q->level), str_cstr(&part));
		str_clear(&part);
	}
}

static void draw_status(const struct log_state *s, const struct backlog *b,
	struct canvas *c, struct rect r)
{
	canvas_fill(c, r, STYLE_HEADER, ' ');
	canvas_textf(c, r.x, r.y, r.w, STYLE_HEADER,
		"%zu records   level: %s and above   %s", b->n,
		log_level_name(s->filter.least),
		s->follow ? "following" : "held (f follows)");
}

static void log_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct log_state *s = state;
	const struct backlog *b = &m->log;
	size_t here, last, i;
	int y, room = r.h - 1;

	s->first = 0;
	draw_status(s, b, c, (struct rect){r.x, r.y, r.w, 1});
	s->page = room > 0 ? (size_t)room : 0;
	if (!selected(s, b, &here)) {
		/* Else each frame would cost a look at everything. */
		s->barren = b->last_seq;
		canvas_text(c, r.x + 1, r.y + 2, r.w - 2, STYLE_DIM,
			b->n ? "nothing matches; - lowers the level, \\ clears "
			       "the filter" : "no records yet");
		return;
	}
	view_set(&s->picked, backlog_get(b, here)->text);
	/* The last line shown: held, there are some below the selection. */
	last = here;
	for (y = 0; !s->follow && y < room / 2 &&
		seek(s, b, last + 1, 1, &i); y++)
		last = i;
	/* Then back up until the room is full, and down again drawing. */
	for (y = 0, i = last; y < room - 1 && seek(s, b, i - 1, -1, &i); y++)
		;
	s->first = backlog_get(b, i)->seq;
	for (y = 1; y <= room; y++) {
		struct rect line = {r.x, r.y + y, r.w, 1};

		draw_record(backlog_get(b, i), c, line,
			!s->follow && i == here);
		if (!seek(s, b, i + 1, 1, &i) || i > last)
			break;
	}
	s->lines = (struct rect){r.x, r.y + 1, r.w, y < room ? y : room};
	if (s->open)
		draw_open(backlog_get(b, here), c, r);
}

/* Moves the selection by n matches, up for n < 0. */
static void move(struct log_state *s, const struct backlog *b, long n)
{
	int step = n < 0 ? -1 : 1;
	size_t at, next;

	if (!selected(s, b, &at))
		return;
	for (; n; n -= step) {
		if ((step < 0 && !at) ||
			!seek(s, b, at + (size_t)(int64_t)step, step, &next))
			break;
		at = next;
	}
	/* Walking off the end is how one goes back to following. */
	s->follow = step > 0 && n > 0;
	s->at = backlog_get(b, at)->seq;
}

static struct intent set_level(struct log_state *s, int by)
{
	int level = (int)s->filter.least + by;

	if (level >= LOG_TRACE && level <= LOG_BROKEN)
		s->filter.least = (enum log_level)level;
	s->barren = 0;
	return intentf(INTENT_MESSAGE, "showing %s and above",
		log_level_name(s->filter.least));
}

static struct intent log_act(void *state, const struct mirror *m,
	enum action a)
{
	struct log_state *s = state;
	const struct backlog *b = &m->log;
	long page = s->page > 1 ? (long)s->page - 1 : 1;

	switch ((int)a) {
	case ACTION_UP:
		move(s, b, -1);
		break;
	case ACTION_DOWN:
		move(s, b, 1);
		break;
	case ACTION_PAGE_UP:
		move(s, b, -page);
		break;
	case ACTION_PAGE_DOWN:
		move(s, b, page);
		break;
	case ACTION_FIRST:
		s->follow = false;
		s->at = 0;
		break;
	case ACTION_LAST:
		s->follow = true;
		break;
	case ACTION_LOG_FOLLOW:
		if (s->follow)
			move(s, b, 0);
		else
			s->follow = true;
		break;
	case ACTION_LOG_LESS:
		return set_level(s, 1);
	case ACTION_LOG_MORE:
		return set_level(s, -1);
	case ACTION_OPEN:
		s->open = !s->open;
		break;
	case ACTION_BACK:
		if (!s->open)
			return intent(INTENT_NONE);
		s->open = false;
		break;
	case ACTION_FILTER_CLEAR:
		free(TAKE(s->filter.text));
		s->barren = 0;
		break;
	default:
		return intent(INTENT_NONE);
	}
	return intent(INTENT_REDRAW);
}

static void log_set_filter(void *state, const char *text)
{
	struct log_state *s = state;

	char *folded = text_fold(text), *was = TAKE(s->filter.text);

	/* What has not even the beginning has not the whole. */
	if (!was || !str_has_prefix(folded, was) || strchr(folded, '|'))
		s->barren = 0;
	free(was);
	s->filter.text = folded;
}

static const char *log_filter(const void *state)
{
	const struct log_state *s = state;

	return s->filter.text ? s->filter.text : "";
}

static const char *log_pick(const void *state)
{
	const struct log_state *s = state;

	return s->picked;
}

/* Among the records shown, round the ends. */
static bool log_find(void *state, const struct mirror *m, const char *fold, int step)
{
	struct log_state *s = state;
	const struct backlog *b = &m->log;
	size_t at;

	if (!selected(s, b, &at))
		return false;
	for (size_t left = b->n; left; left--) {
		const struct backlog_record *q;

		at = (at + (step > 0 ? 1 : b->n - 1)) % b->n;
		q = backlog_get(b, at);
		if (!backlog_matches(q, &s->filter) || !text_matches(q->fold, q->fold_len, fold))
			continue;
		s->follow = false;
		s->at = q->seq;
		return true;
	}
	return false;
}

/* All that the filter lets through, the oldest first. */
static void log_csv(void *state, const struct mirror *m, struct str *out)
{
	const struct log_state *s = state;
	const struct backlog *b = &m->log;
	struct str when = STR_INIT;
	size_t i;

	str_add(out, "seq,at_ms,at,level,name,text\r\n");
	for (bool more = seek(s, b, 0, 1, &i); more; more = seek(s, b, i + 1, 1, &i)) {
		const struct backlog_record *q = backlog_get(b, i);

		str_truncate(&when, 0);
		unit_clock(&when, q->at_ms);
		str_printf(out, "%" PRIu64 ",%" PRId64 ",%s,%s,", q->seq, q->at_ms, when.s,
			log_level_name(q->level));
		str_add_csv(out, q->name);
		str_addc(out, ',');
		str_add_csv(out, q->text);
		str_add(out, "\r\n");
	}
	str_clear(&when);
}

static bool log_click(void *state, const struct mirror *m, int x, int y)
{
	struct log_state *s = state;
	const struct backlog *b = &m->log;
	size_t i;

	if (!s->first || x < s->lines.x || x >= s->lines.x + s->lines.w || y < s->lines.y ||
		y >= s->lines.y + s->lines.h || !seek(s, b, backlog_find(b, s->first), 1, &i))
		return false;
	for (int line = s->lines.y; line < y; line++)
		if (!seek(s, b, i + 1, 1, &i))
			return false;
	s->follow = false;
	s->at = backlog_get(b, i)->seq;
	return true;
}

static void log_badge(const struct mirror *m, struct str *out)
{
	(void)m;
	(void)out;
}

const struct panel_ops panel_log = {
	"Log", sizeof(struct log_state), log_init, log_clear, log_context,
	log_draw, log_act, log_set_filter, log_filter, log_pick, log_badge,
	.find = log_find, .csv = log_csv, .click = log_click,
};

#include "ui/panels/session_detail.h"

#include "ui/unit.h"

#include <inttypes.h>
#include <string.h>

#define LABEL_W 13

const char *session_via(const struct session_row *s)
{
	const char *uri = view_text(s->orchestrator);
	const char *host = strstr(uri, "://");

	if (*uri)
		return host ? host + 3 : uri;
	return view_text(s->transcoder);
}

enum style session_ratio_style(double ratio)
{
	return ratio < 0 ? STYLE_DIM : ratio >= 1 ? STYLE_FAIL
		: ratio >= 0.8 ? STYLE_WARN : STYLE_OK;
}

/* One "label  value" line; the text is used up. Empty ones take no room. */
static void line(struct canvas *c, struct rect *r, enum style style,
	const char *label, struct str *text)
{
	if (r->h > 0 && text->len) {
		canvas_text(c, r->x, r->y, LABEL_W, STYLE_LABEL, label);
		canvas_text(c, r->x + LABEL_W, r->y, r->w - LABEL_W, style,
			text->s);
		r->y++;
		r->h--;
	}
	str_clear(text);
}

static void source_line(const struct session_row *s, struct canvas *c,
	struct rect *r)
{
	struct str t = STR_INIT;

	if (s->width > 0)
		str_printf(&t, "%" PRId64 "x%" PRId64 "  ", s->width,
			s->height);
	unit_fps(&t, s->fps);
	str_add(&t, " fps  ");
	unit_rate(&t, s->source_bitrate);
	if (*view_text(s->video) || *view_text(s->audio))
		str_printf(&t, "  %s/%s", view_text(s->video),
			*view_text(s->audio) ? s->audio : "no audio");
	if (*view_text(s->ingest))
		str_printf(&t, "  by %s", s->ingest);
	if (*view_text(s->remote))
		str_printf(&t, "  from %s", s->remote);
	line(c, r, STYLE_NORMAL, "Source", &t);
}

static void work_lines(const struct mirror *m, const struct session_row *s,
	struct canvas *c, struct rect *r)
{
	struct str t = STR_INIT;

	str_printf(&t, "%" PRId64 " in  %" PRId64 " out  %" PRId64
		" failed  %" PRId64 " retried  %" PRId64 " under way",
		s->segments_in, s->segments_out, s->segments_failed,
		s->segments_retried, s->in_flight);
	if (!strcmp(view_text(s->role), "B"))
		str_printf(&t, "  %" PRId64 " swaps", s->swaps);
	line(c, r, s->segments_failed ? STYLE_WARN : STYLE_NORMAL, "Segments",
		&t);
	unit_ratio(&t, s->realtime_ratio);
	str_add(&t, s->realtime_ratio >= 1 ? " of real time: too slow"
					   : " of real time");
	line(c, r, session_ratio_style(s->realtime_ratio), "Ratio", &t);
	unit_ms(&t, s->latency_ms > 0 ? s->latency_ms : -1);
	str_add(&t, ", 99 of 100 within ");
	unit_ms(&t, s->latency_p99_ms > 0 ? s->latency_p99_ms : -1);
	line(c, r, STYLE_NORMAL, "Latency", &t);
	str_add(&t, view_text(s->orchestrator));
	line(c, r, STYLE_NORMAL, "Orchestrator", &t);
	str_add(&t, view_text(s->transcoder));
	line(c, r, STYLE_NORMAL, "Transcoder", &t);
	str_add(&t, view_text(s->playback));
	line(c, r, STYLE_NORMAL, "Playback", &t);
	if (*view_text(s->last_error)) {
		str_add(&t, s->last_error);
		str_add(&t, " (");
		unit_span(&t, mirror_age(m, s->last_error_ms));
		str_add(&t, " ago)");
	}
	line(c, r, STYLE_FAIL, "Last error", &t);
}

/* Six fixed columns, then the rest of the line. */
static void columns(struct canvas *c, struct rect r, enum style style,
	const int widths[6], struct str cells[7])
{
	int x = r.x;

	for (int i = 0; i < 6; i++) {
		canvas_field(c, x, r.y, widths[i], style,
			i ? ALIGN_RIGHT : ALIGN_LEFT, str_cstr(&cells[i]));
		x += widths[i] + 1;
	}
	canvas_field(c, x, r.y, r.x + r.w - x, style, ALIGN_LEFT,
		str_cstr(&cells[6]));
	for (int i = 0; i < 7; i++)
		str_clear(&cells[i]);
}

static void heads(struct canvas *c, struct rect r, const int widths[6],
	const char *const titles[7])
{
	struct str cells[7] = {0};

	for (int i = 0; i < 7; i++)
		str_add(&cells[i], titles[i]);
	columns(c, r, STYLE_HEADER, widths, cells);
}

static void renditions(const struct session_row *s, struct canvas *c,
	struct rect r)
{
	static const char *const titles[7] = {"Rendition", "Size", "Fps",
		"Wanted", "Measured", "Segs", " Bytes"};
	static const int widths[6] = {18, 9, 5, 9, 9, 6};

	heads(c, r, widths, titles);
	for (size_t i = 0; i < s->renditions.n && (int)i + 1 < r.h; i++) {
		const struct rendition_row *q = &s->renditions.v[i];
		struct rect at = {r.x, r.y + 1 + (int)i, r.w, 1};
		struct str t[7] = {0};

		str_add(&t[0], view_text(q->name));
		str_printf(&t[1], "%" PRId64 "x%" PRId64, q->width, q->height);
		unit_fps(&t[2], q->fps);
		unit_rate(&t[3], q->bitrate);
		unit_rate(&t[4], q->measured_bitrate);
		unit_count(&t[5], q->segments);
		str_addc(&t[6], ' ');
		unit_bytes(&t[6], q->bytes);
		columns(c, at, STYLE_NORMAL, widths, t);
	}
}

static void attempts(const struct session_row *s, struct canvas *c,
	struct rect r, int *scroll)
{
	static const char *const titles[7] = {"Segment", "At", "Length",
		"Took", "Bytes", "Outcome", " Detail"};
	static const int widths[6] = {8, 8, 7, 7, 8, 7};
	int n = (int)s->recent.n, room = r.h - 1;

	if (*scroll > n - room)
		*scroll = n > room ? n - room : 0;
	heads(c, r, widths, titles);
	for (int i = 0; i < room && *scroll + i < n; i++) {
		const struct attempt *a = &s->recent.v[n - 1 - *scroll - i];
		bool ok = !strcmp(view_text(a->outcome), "ok");
		struct rect at = {r.x, r.y + 1 + i, r.w, 1};
		struct str t[7] = {0};

		str_printf(&t[0], "%" PRId64, a->seq);
		unit_clock(&t[1], a->at_ms);
		unit_ms(&t[2], a->duration_ms);
		unit_ms(&t[3], a->latency_ms);
		unit_bytes(&t[4], a->bytes);
		str_add(&t[5], view_text(a->outcome));
		str_printf(&t[6], " %s", view_text(a->detail));
		columns(c, at, ok ? STYLE_NORMAL : STYLE_FAIL, widths, t);
	}
}

void session_detail_draw(const struct mirror *m, const struct session_row *s,
	struct canvas *c, struct rect r, int *scroll)
{
	struct str t = STR_INIT;
	int rows;

	r.x++;
	r.w -= 2;
	str_add(&t, view_text(s->manifest));
	if (strcmp(view_text(s->manifest), view_text(s->id)))
		str_printf(&t, "  (%s)", view_text(s->id));
	line(c, &r, STYLE_VALUE, "Session", &t);
	str_printf(&t, "%s, %s, for ", !strcmp(view_text(s->role), "B")
		? "broadcaster" : "orchestrator", view_text(s->state));
	unit_span(&t, mirror_age(m, s->started_ms));
	str_add(&t, ", last segment ");
	unit_ms(&t, mirror_age(m, s->last_ms));
	str_add(&t, " ago");
	line(c, &r, STYLE_NORMAL, "State", &t);
	source_line(s, c, &r);
	work_lines(m, s, c, &r);
	rows = (int)s->renditions.n + 1;
	if (rows > r.h / 2)
		rows = r.h / 2;
	renditions(s, c, (struct rect){r.x, r.y, r.w, rows});
	attempts(s, c, (struct rect){r.x, r.y + rows, r.w, r.h - rows},
		scroll);
}

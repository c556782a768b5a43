/* `weir status`: what the console shows, without one. */
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "ui/console.h"
#include "ui/dial.h"
#include "ui/panels/alarms.h"
#include "ui/panels/device_bars.h"
#include "ui/say.h"
#include "ui/unit.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MS 10000
#define TABLE_W 120

/* Every section once: into the mirror, and as members of one JSON object. */
static struct err *snapshot(const char *socket, struct mirror *m,
	struct str *json)
{
	int64_t deadline = clock_mono_ms() + STATUS_MS;
	uint32_t missing = CTL_ALL_SECTIONS;
	struct talk c;
	struct err *e = talk_open(&c, socket);

	if (!e)
		e = talk_subscribe(&c, missing);
	while (!e && missing) {
		struct ctl_view v;
		struct ctl_frame f;
		bool more;

		e = talk_next(&c, &f, deadline);
		if (e || f.type != CTL_VIEW)
			continue;
		e = ctl_view_decode(&f, &v);
		if (e || !(missing & 1u << v.section))
			continue;
		missing &= ~(1u << v.section);
		str_printf(json, "%s\n\"%s\":", json->len > 1 ? "," : "",
			section_name(v.section));
		str_addn(json, v.json, v.n);
		mirror_put_view(m, &v);
		do
			e = mirror_settle(m, &more);
		while (!e && more);
	}
	talk_close(&c);
	return e;
}

static void print_safe(const char *label, const char *text)
{
	struct str s = STR_INIT;

	str_printf(&s, "%-12s %s", label, text);
	say_lines(stdout, s.s);
	str_clear(&s);
}

static void print_node(const struct mirror *m)
{
	const struct view_node *n = &m->node;
	struct str s = STR_INIT;

	str_printf(&s, "weir %s, %s, %s, pid %" PRId64 ", up ",
		view_text(n->version), view_text(n->network),
		view_text(n->state), n->pid);
	unit_span(&s, mirror_age(m, n->started_ms));
	print_safe("node", s.s);
	for (size_t i = 0; i < n->roles.n; i++) {
		const struct role_row *r = &n->roles.v[i];

		str_truncate(&s, 0);
		str_printf(&s, "%s %s", view_text(r->state),
			view_text(r->detail));
		for (size_t k = 0; k < r->listens.n; k++)
			str_printf(&s, "  %s %s",
				view_text(r->listens.v[k].what),
				view_text(r->listens.v[k].address));
		print_safe(view_text(r->name), s.s);
	}
	printf("%-12s %" PRId64 " of %" PRId64 "\n", "sessions", n->sessions,
		n->max_sessions);
	printf("%-12s %" PRId64 " done, %" PRId64 " failed\n", "segments",
		n->segments_ok, n->segments_failed);
	for (size_t i = 0; i < n->alarms.n; i++) {
		str_truncate(&s, 0);
		str_printf(&s, "%s%s: %s", alarm_is_over(&n->alarms.v[i]) ? "over, " : "",
			view_text(n->alarms.v[i].level), view_text(n->alarms.v[i].text));
		print_safe("alarm", s.s);
	}
	str_clear(&s);
}

/* A room's table as the console draws it, tall enough for all rows. */
static void print_room(const struct mirror *m, const struct panel_ops *p,
	size_t rows)
{
	void *state = xcalloc(1, p->size);
	struct str out = STR_INIT;
	struct canvas c;

	canvas_init(&c, TABLE_W, (int)(rows < 990 ? rows + 5 : 995),
		GLYPHS_ASCII);
	p->init(state);
	p->draw(state, m, &c, (struct rect){0, 0, c.w, c.h});
	canvas_dump(&c, &out);
	while (out.len > 1 && out.s[out.len - 2] == '\n')
		str_truncate(&out, out.len - 1);
	printf("\n%s", str_cstr(&out));
	str_clear(&out);
	canvas_clear(&c);
	if (p->clear)
		p->clear(state);
	free(state);
}

int status_main(const char *socket, bool json)
{
	struct str text = STR_INIT;
	struct mirror m;
	struct err *e;
	int status;

	mirror_init(&m);
	str_addc(&text, '{');
	e = snapshot(socket, &m, &text);
	if (!e && json) {
		str_add(&text, "\n}\n");
		say_json(stdout, text.s, text.len);
	} else if (!e) {
		print_node(&m);
		print_room(&m, &panel_sessions, m.live_n);
		print_room(&m, &panel_transcoders, m.transcoders.rows.n +
			(size_t)device_bars_height(&m));
	}
	status = alarms_hold(&m.node) ? 1 : 0;
	str_clear(&text);
	mirror_clear(&m);
	return e ? say_error(e, 2) : status;
}

#include "ui/panels/drain.h"

#include <inttypes.h>
#include <string.h>

#include "ui/unit.h"

bool drain_is_on(const struct view_node *n)
{
	return *view_text(n->drain_then);
}

void drain_text(const struct view_node *n, struct str *out)
{
	if (n->drain_left)
		str_printf(out, "draining, %" PRId64 " left", n->drain_left);
	else
		str_add(out, "drained");
}

/* What the operator chose, or may still choose. */
static void promise(const struct view_node *n, struct str *out)
{
	if (!strcmp(n->drain_then, "restart"))
		str_add(out, "then it starts anew");
	else if (!strcmp(n->drain_then, "stop"))
		str_add(out, "then it stops");
	else
		str_add(out, "then it stays; D: stop or restart");
}

/* How long they will stay, only their broadcasters know: shown is how long they
 * have been there, and when they last did something. */
static void draw_session(const struct mirror *m, const struct session_row *s,
	struct canvas *c, struct rect r)
{
	const char *name = *view_text(s->manifest) ? s->manifest : view_text(s->id);
	struct str age = STR_INIT, idle = STR_INIT;
	int w = r.w - 23;

	unit_span(&age, mirror_age(m, s->started_ms));
	unit_span(&idle, mirror_age(m, s->last_ms));
	canvas_text(c, r.x + 1, r.y, 1, STYLE_DIM, view_text(s->role));
	canvas_text(c, r.x + 3, r.y, w, STYLE_VALUE, name);
	canvas_field(c, r.x + w + 4, r.y, 5, STYLE_NORMAL, ALIGN_RIGHT, str_cstr(&age));
	canvas_textf(c, r.x + w + 10, r.y, 13, STYLE_DIM, "idle %s", str_cstr(&idle));
	str_clear(&age);
	str_clear(&idle);
}

void drain_draw(const struct mirror *m, struct canvas *c, struct rect r)
{
	const struct view_node *n = &m->node;
	struct str s = STR_INIT;
	struct rect in;

	drain_text(n, &s);
	s.s[0] &= ~0x20;
	in = canvas_box(c, r, s.s);
	str_truncate(&s, 0);
	if (n->drain_since_ms) {
		str_add(&s, "for ");
		unit_span(&s, mirror_age(m, n->drain_since_ms));
		str_add(&s, ", ");
	}
	promise(n, &s);
	canvas_text(c, in.x + 1, in.y, in.w - 2, STYLE_WARN, s.s);
	for (size_t i = 0; i < m->live_n && (int)i + 1 < in.h; i++)
		draw_session(m, m->live[i], c, (struct rect){in.x, in.y + 1 + (int)i, in.w, 1});
	if (!m->live_n && in.h > 1)
		canvas_text(c, in.x + 1, in.y + 1, in.w - 2, STYLE_OK, "no session is left");
	str_clear(&s);
}

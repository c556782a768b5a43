#include "ui/bars.h"

#include "ui/panels/alarms.h"
#include "ui/panels/drain.h"

#include <inttypes.h>
#include <string.h>

/* Role states as words short enough for a badge. */
static const struct {
	const char *state, *badge;
	enum style style;
} badges[] = {
	{"running", "on", STYLE_BAR_OK},
	{"starting", "starting", STYLE_BAR_WARN},
	{"draining", "draining", STYLE_BAR_WARN},
	{"stopped", "off", STYLE_BAR_DIM},
	{"failed", "FAILED", STYLE_BAR_FAIL},
};

static int draw_roles(const struct mirror *m, struct canvas *c, int x, int y)
{
	for (size_t i = 0; i < m->node.roles.n; i++) {
		const struct role_row *r = &m->node.roles.v[i];
		const char *name = view_text(r->name);
		const char *badge = view_text(r->state);
		enum style style = STYLE_BAR_WARN;

		for (size_t k = 0; k < ARRAY_SIZE(badges); k++) {
			if (!strcmp(badges[k].state, view_text(r->state))) {
				badge = badges[k].badge;
				style = badges[k].style;
			}
		}
		x += canvas_textf(c, x, y, c->w - x, style, "%c %s",
			*name ? *name & ~0x20 : '?', badge) + 2;
	}
	return x;
}

/* The right end of the bar, from the most urgent on; returns where it began. */
static int draw_right(const struct mirror *m, struct canvas *c, int y)
{
	struct str s = STR_INIT;
	enum style style = STYLE_BAR;
	int x, w;

	if (m->link != LINK_UP || !m->published[SECTION_NODE]) {
		str_printf(&s, " %s ", m->link != LINK_DOWN
			? "connecting" : m->link_text ? m->link_text
			: "no node");
		style = STYLE_BAR_FAIL;
	} else if (alarms_unseen(&m->node)) {
		str_printf(&s, " alarms %zu ", alarms_unseen(&m->node));
		style = STYLE_BAR_FAIL;
	} else if (m->node.alarms.n) {
		str_printf(&s, " alarms %zu, seen ", m->node.alarms.n);
		style = STYLE_BAR_WARN;
	} else {
		str_add(&s, " no alarms ");
	}
	w = canvas_width(c, s.s);
	w = w > c->w / 2 ? c->w / 2 : w;
	x = c->w - w;
	canvas_text(c, x, y, w, style, s.s);
	str_clear(&s);
	if (m->readonly) {
		x -= 11;
		canvas_text(c, x, y, 10, STYLE_BAR_DIM, "read-only");
	}
	if (m->frozen) {
		x -= 9;
		canvas_text(c, x, y, 8, STYLE_BAR_WARN, " FROZEN ");
	}
	return x;
}

static int draw_state(const struct view_node *n, struct canvas *c, int x, int y)
{
	struct str s = STR_INIT;
	int w;

	if (drain_is_on(n))
		drain_text(n, &s);
	else
		str_add(&s, n->state);
	w = canvas_text(c, x, y, c->w - x, STYLE_BAR_WARN, s.s);
	str_clear(&s);
	return w;
}

void bars_title(const struct mirror *m, struct canvas *c, int y)
{
	const struct view_node *n = &m->node;
	int x = 1, end;

	canvas_fill(c, (struct rect){0, y, c->w, 1}, STYLE_BAR, ' ');
	x += canvas_textf(c, x, y, c->w - x, STYLE_BAR, "weir %s",
		view_text(n->version)) + 2;
	x = draw_roles(m, c, x, y);
	if (*view_text(n->network))
		x += canvas_text(c, x, y, c->w - x, STYLE_BAR_DIM,
			n->network) + 2;
	if (m->published[SECTION_NODE])
		x += canvas_textf(c, x, y, c->w - x,
			n->max_sessions && n->sessions >= n->max_sessions
				? STYLE_BAR_WARN : STYLE_BAR,
			"sessions %" PRId64 "/%" PRId64, n->sessions,
			n->max_sessions) + 2;
	if (*view_text(n->state) && strcmp(n->state, "running"))
		x += draw_state(n, c, x, y) + 2;
	end = draw_right(m, c, y);
	if (*view_text(m->label))
		canvas_text(c, x, y, end - 1 - x, STYLE_BAR_DIM, m->label);
	else if (x > end)
		canvas_put(c, end - 1, y, STYLE_BAR, ' ');
}

/* Rooms of the chain are left out for a node that knows none, and that of the
 * migration where there was none and nothing to migrate is in sight; one goes there
 * all the same. */
static bool is_listed(const struct mirror *m, size_t room, size_t here)
{
	bool of_chain = room >= ROOM_CHAIN_FIRST && room <= ROOM_CHAIN_LAST;

	if (room == ROOM_MIGRATION && room != here)
		return *view_text(m->migration.id) || *view_text(m->wizard.state) ||
			m->wizard.records.n || *view_text(m->wizard.places);
	return room == here || !of_chain || m->published[SECTION_CHAIN];
}

/* " 1 Overview 2! "; at most `cut` letters of the name and no badge when cut. */
static void room_label(const struct mirror *m, size_t room, bool here, int cut,
	struct str *out)
{
	struct str badge = STR_INIT;
	int key = action_def(ACTION_ROOM_1 + (enum action)room)->keys[0];

	panel_ops(room)->badge(m, &badge);
	if (cut)
		str_printf(out, " %c %.*s ", key, here ? 20 : cut,
			panel_ops(room)->name);
	else
		str_printf(out, " %c %s%s%s ", key, panel_ops(room)->name,
			badge.len ? " " : "", str_cstr(&badge));
	/* Without colours the brackets say where one is. */
	if (here) {
		out->s[0] = '[';
		out->s[out->len - 1] = ']';
	}
	str_clear(&badge);
}

static int rooms_width(const struct mirror *m, size_t here, int cut)
{
	int w = 0;

	for (size_t i = 0; i < PANELS; i++) {
		struct str s = STR_INIT;

		if (is_listed(m, i, here)) {
			room_label(m, i, i == here, cut, &s);
			w += (int)s.len;
		}
		str_clear(&s);
	}
	return w;
}

/* How many letters of each name there is room for; 0: all of it. */
static int choose_cut(const struct mirror *m, size_t here, int w)
{
	static const int cuts[] = {0, 12, 5, 4, 3, 2};
	size_t cut = 0;

	while (cut + 1 < ARRAY_SIZE(cuts) && rooms_width(m, here, cuts[cut]) > w)
		cut++;
	return cuts[cut];
}

void bars_rooms(const struct mirror *m, struct canvas *c, int y, size_t here,
	const char *filter)
{
	int x = 0, cut = choose_cut(m, here, c->w);

	canvas_fill(c, (struct rect){0, y, c->w, 1}, STYLE_TAB, ' ');
	for (size_t i = 0; i < PANELS; i++) {
		struct str s = STR_INIT;

		if (is_listed(m, i, here)) {
			room_label(m, i, i == here, cut, &s);
			x += canvas_text(c, x, y, c->w - x,
				i == here ? STYLE_TAB_HERE : STYLE_TAB, s.s);
		}
		str_clear(&s);
	}
	if (*filter)
		canvas_textf(c, x + 2, y, c->w - x - 2, STYLE_WARN,
			"filter: %s  (\\ clears)", filter);
}

size_t bars_room_at(const struct mirror *m, size_t here, int w, int x)
{
	int cut = choose_cut(m, here, w), end = 0;

	for (size_t i = 0; i < PANELS; i++) {
		struct str s = STR_INIT;

		if (is_listed(m, i, here)) {
			room_label(m, i, i == here, cut, &s);
			end += (int)s.len;
		}
		str_clear(&s);
		if (x < end)
			return i;
	}
	return here;
}

static void action_keys(const struct action_def *d, struct str *out)
{
	for (size_t k = 0; k < ACTION_KEYS_MAX && d->keys[k]; k++) {
		if (k)
			str_addc(out, ' ');
		key_text(d->keys[k], out);
	}
}

/* The columns of a key's name and what it does, and the gap. */
static int key_width(const struct action_def *d, struct str *name)
{
	str_truncate(name, 0);
	key_text(d->keys[0], name);
	return (int)(name->len + strlen(d->brief)) + 2;
}

/* What does not fit is left out, but never the way to all of it: help. */
void bars_keys(enum context where, struct canvas *c, int y)
{
	struct str name = STR_INIT;
	int x = 0, help = 0;

	for (enum action a = 0; a < ACTION_COUNT && !help; a++) {
		const struct action_def *d = action_def(a);

		if (context_has(where, d->context) && !strcmp(d->brief, "Help"))
			help = key_width(d, &name);
	}

	canvas_fill(c, (struct rect){0, y, c->w, 1}, STYLE_KEY_TEXT, ' ');
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		const struct action_def *d = action_def(a);
		int need;

		if (!*d->brief || !context_has(where, d->context))
			continue;
		need = key_width(d, &name);
		if (!strcmp(d->brief, "Help"))
			help = 0;
		if (x + need + help > c->w)
			continue;
		canvas_text(c, x, y, c->w - x, STYLE_KEY, name.s);
		canvas_text(c, x + (int)name.len, y, need, STYLE_KEY_TEXT, d->brief);
		x += need;
	}
	str_clear(&name);
}

void bars_help(enum context where, struct canvas *c, struct rect r,
	int *scroll)
{
	struct rect in;
	enum context section = CONTEXT_COUNT;
	int line = 0, shown = 0;

	canvas_fill(c, r, STYLE_NORMAL, ' ');
	in = canvas_box(c, r, "Keys (Up, Down: more; any other key closes)");
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		const struct action_def *d = action_def(a);
		struct str keys = STR_INIT;

		if (!context_has(where, d->context))
			continue;
		if (d->context != section) {
			section = d->context;
			if (line++ >= *scroll && shown < in.h)
				canvas_text(c, in.x + 1, in.y + shown++, in.w,
					STYLE_TITLE, context_title(section));
		}
		action_keys(d, &keys);
		if (line++ >= *scroll && shown < in.h) {
			canvas_text(c, in.x + 3, in.y + shown, 12, STYLE_VALUE,
				str_cstr(&keys));
			canvas_text(c, in.x + 16, in.y + shown++, in.w - 17,
				STYLE_NORMAL, d->help);
		}
		str_clear(&keys);
	}
	if (*scroll > line - in.h)
		*scroll = line > in.h ? line - in.h : 0;
}

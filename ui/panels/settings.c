/* Every flag of the node: what it is worth, who says so, and where that is not
 * what the config file says. Enter opens one; S writes the file. */
#include <string.h>

#include "src/model/options.h"
#include "ui/cells.h"
#include "ui/facts.h"
#include "ui/room.h"
#include "ui/setting_form.h"

#define TOP_H 3
#define BELOW_H 6

struct settings_room {
	struct room room; /* first: room.h's functions take it */
	bool drift_only;
};

static enum style cell_value(const struct mirror *m, const void *row, struct str *out)
{
	const struct setting_row *r = row;

	(void)m;
	str_add(out, view_text(r->value));
	return r->drift || r->waits ? STYLE_WARN
		: strcmp(view_text(r->origin), "default") ? STYLE_VALUE : STYLE_NORMAL;
}

static enum style cell_origin(const struct mirror *m, const void *row, struct str *out)
{
	const struct setting_row *r = row;
	bool env = !strcmp(view_text(r->origin), "environment");

	(void)m;
	str_add(out, env ? "env" : view_text(r->origin));
	return STYLE_NORMAL;
}

/* In words: a colour alone says nothing to a screen without one. */
static enum style cell_notes(const struct mirror *m, const void *row, struct str *out)
{
	const struct setting_row *r = row;

	(void)m;
	if (r->pinned)
		str_add(out, "pinned");
	if (r->waits)
		str_printf(out, "%swaits: %s", out->len ? ", " : "", view_text(r->next));
	if (r->drift)
		str_printf(out, "%snot in file", out->len ? ", " : "");
	if (!out->len && *view_text(r->fixed))
		str_add(out, "not here");
	return r->waits || r->drift ? STYLE_WARN : STYLE_DIM;
}

static enum style cell_file(const struct mirror *m, const void *row, struct str *out)
{
	const struct setting_row *r = row;

	(void)m;
	str_add(out, r->in_file ? view_text(r->file) : "");
	return STYLE_NORMAL;
}

CELL_TEXT(cell_name, setting_row, name, STYLE_LABEL)
CELL_TEXT(cell_subject, setting_row, subject, STYLE_DIM)
CELL_TEXT(cell_default, setting_row, def, STYLE_DIM)

/* As options.def has them: subject by subject. */
static int by_subject(const void *a, const void *b)
{
	const struct option *x = option_find(view_text(((const struct setting_row *)a)->name));
	const struct option *y = option_find(view_text(((const struct setting_row *)b)->name));
	int known = COMPARE(!x, !y);

	return known || !x ? known : COMPARE(x->id, y->id);
}

BY_TEXT(by_name, setting_row, name)
BY_TEXT(by_origin, setting_row, origin)

static const struct column columns[] = {
	{ "Subject", 12, 3, 2, ALIGN_LEFT, cell_subject, by_subject, false },
	{ "Flag", 20, 1, 0, ALIGN_LEFT, cell_name, by_name, false },
	{ "Value", 14, 4, 0, ALIGN_LEFT, cell_value, NULL, false },
	{ "From", 7, 0, 1, ALIGN_LEFT, cell_origin, by_origin, false },
	{ "Notes", 19, 3, 0, ALIGN_LEFT, cell_notes, NULL, false },
	{ "File", 14, 3, 3, ALIGN_LEFT, cell_file, NULL, false },
	{ "Default", 14, 2, 4, ALIGN_LEFT, cell_default, NULL, false },
};

ROW_ID_TEXT(row_id, setting_row, name)

static void row_search(const void *row, struct str *out)
{
	const struct setting_row *r = row;
	const struct option *o = option_find(view_text(r->name));

	str_printf(out, "%s %s %s %s ", view_text(r->name), view_text(r->subject),
		view_text(r->value), view_text(r->origin));
	cell_notes(NULL, row, out);
	if (o)
		str_printf(out, " %s", o->prose);
}

static const struct table_spec spec = { columns, ARRAY_SIZE(columns), row_id, row_search,
	"nothing here differs from the config file: d shows all" };

static void load(struct room *r, const struct mirror *m)
{
	const struct settings_room *s = (const struct settings_room *)r;
	const struct view_settings *v = &m->settings;
	size_t n = 0;

	r->rows = xrealloc_array(r->rows, v->rows.n + 1, sizeof(*r->rows));
	for (size_t i = 0; i < v->rows.n; i++)
		if (!s->drift_only || v->rows.v[i].drift || v->rows.v[i].waits)
			r->rows[n++] = &v->rows.v[i];
	table_load(&r->table, r->rows, n);
}

static void settings_init(void *state)
{
	room_init(state, &spec, 0, load);
}

static enum context settings_context(const void *state)
{
	(void)state;
	return CONTEXT_SETTINGS;
}

static void draw_file(const struct settings_room *s, const struct view_settings *v,
	struct canvas *c, struct rect r)
{
	struct facts f = facts_begin(c, r, s->drift_only ? "What differs" : "Config file", 8);
	size_t drift = 0, waits = 0;

	for (size_t i = 0; i < v->rows.n; i++) {
		drift += v->rows.v[i].drift;
		waits += v->rows.v[i].waits;
	}
	facts_say(&f, v->file_moved ? STYLE_WARN : STYLE_VALUE, "%s; %zu not in it, %zu "
		"for the next start%s", *view_text(v->file) ? v->file : "none was read", drift,
		waits, v->file_moved ? "; CHANGED by another hand" : "");
}

static bool is_role(const struct setting_row *r)
{
	return !strcmp(view_text(r->subject), "Roles") && !*view_text(r->fixed);
}

static void draw_selected(const struct setting_row *row, struct canvas *c, struct rect r)
{
	const struct option *o = option_find(view_text(row->name));
	struct str title = STR_INIT, bounds = STR_INIT;
	struct rect in;

	str_printf(&title, "-%s", view_text(row->name));
	if (o && option_choices(o))
		str_add(&bounds, option_choices(o));
	else if (o)
		option_bounds(o, &bounds);
	if (o && *o->unit)
		str_printf(&title, " (%s)", o->unit);
	in = canvas_box(c, r, title.s);
	canvas_textf(c, in.x, in.y, in.w, STYLE_LABEL, "default %s%s%s%s",
		*view_text(row->def) ? row->def : "empty", bounds.len ? "; " : "",
		str_cstr(&bounds), is_role(row) ? "; r starts or stops it now"
			: row->live ? "; changes at once" : "; needs a restart");
	if (o)
		canvas_wrap(c, (struct rect){ in.x, in.y + 1, in.w, in.h - 1 }, STYLE_NORMAL,
			o->prose);
	str_clear(&title);
	str_clear(&bounds);
}

static void settings_draw(void *state, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	struct settings_room *s = state;
	const struct setting_row *row;
	int below = r.h > TOP_H + BELOW_H + 5 ? BELOW_H : 0;

	load(&s->room, m);
	row = table_row(&s->room.table);
	below = row ? below : 0;
	draw_file(s, &m->settings, c, (struct rect){ r.x, r.y, r.w, TOP_H });
	table_draw(&s->room.table, m, c,
		(struct rect){ r.x, r.y + TOP_H, r.w, r.h - TOP_H - below });
	if (below)
		draw_selected(row, c, (struct rect){ r.x, r.y + r.h - below, r.w, below });
}

static struct intent open_row(const struct setting_row *r)
{
	struct form *f = NULL;

	if (*view_text(r->fixed))
		return intentf(INTENT_MESSAGE, "-%s cannot be set here: %s", view_text(r->name),
			r->fixed);
	if (r->pinned)
		return intentf(INTENT_MESSAGE, "-%s is pinned by the node's %s: start it without",
			view_text(r->name), !strcmp(view_text(r->origin), "environment")
				? "environment" : "command line");
	f = setting_form(r);
	return f ? intent_form(f) : intentf(INTENT_MESSAGE, "this console does not know -%s",
		view_text(r->name));
}

/* What the flag is worth is whether the role runs. */
static struct intent turn_role(const struct setting_row *r)
{
	if (!r || !is_role(r))
		return intentf(INTENT_MESSAGE, "choose a role: orchestrator, transcoder or "
			"broadcaster");
	return intentf(INTENT_COMMAND, "%s %s",
		strcmp(view_text(r->value), "true") ? "start_role" : "stop_role",
		view_text(r->name));
}

static struct intent settings_act(void *state, const struct mirror *m, enum action a)
{
	struct settings_room *s = state;
	const struct setting_row *row;

	load(&s->room, m);
	if (table_act(&s->room.table, a))
		return intent(INTENT_REDRAW);
	row = table_row(&s->room.table);
	switch ((int)a) {
	case ACTION_OPEN:
		return row ? open_row(row) : intent(INTENT_NONE);
	case ACTION_SETTING_ROLE:
		return turn_role(row);
	case ACTION_SETTING_UNSET:
		return row ? intentf(INTENT_COMMAND, "unset %s", view_text(row->name))
			   : intent(INTENT_NONE);
	case ACTION_SETTING_DRIFT:
		s->drift_only = !s->drift_only;
		return intent(INTENT_REDRAW);
	case ACTION_SETTING_SAVE:
		return intent_form(save_form(&m->settings));
	}
	return intent(INTENT_NONE);
}

/* How many were set and are in no file: a restart keeps them, another machine
 * would not have them. */
static void settings_badge(const struct mirror *m, struct str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->settings.rows.n; i++)
		n += m->settings.rows.v[i].drift && !m->settings.rows.v[i].pinned;
	if (n)
		str_printf(out, "%zu", n);
}

const struct panel_ops panel_settings = {
	"Settings", sizeof(struct settings_room), settings_init, room_clear, settings_context,
	settings_draw, settings_act, room_set_filter, room_filter, room_pick, settings_badge,
	.table = room_table,
};

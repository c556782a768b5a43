#include "ui/picker.h"

#include <inttypes.h>
#include <string.h>

#include "ui/keys.h"

#define WIDTH 96

void picker_open(struct picker *p, const struct nodes *nodes, const char *here)
{
	*p = (struct picker){.nodes = nodes, .here = here};
	for (size_t i = 0; i < nodes->n; i++)
		if (!strcmp(nodes->v[i].path, here))
			p->at = i;
}

enum picker_event picker_key(struct picker *p, int key)
{
	size_t n = p->nodes->n;

	switch ((int)keys_find(CONTEXT_PICKER, key)) {
	case ACTION_PICK_UP:
		p->at -= p->at > 0;
		break;
	case ACTION_PICK_DOWN:
		p->at += p->at + 1 < n;
		break;
	case ACTION_PICK_GO:
		if (n)
			return PICKER_CHOSEN;
		break;
	case ACTION_PICK_BACK:
		return PICKER_GONE;
	case ACTION_PICK_HELP:
		return PICKER_ASKS;
	default:
		if (key >= '1' && key <= '9' && (size_t)(key - '1') < n) {
			p->at = (size_t)(key - '1');
			return PICKER_CHOSEN;
		}
	}
	return PICKER_WAIT;
}

static void add_row(struct str *s, const struct node_row *r)
{
	switch (r->state) {
	case NODE_ASKED:
		str_add(s, "no answer yet");
		break;
	case NODE_ALIVE:
		str_printf(s, "%s, %s, %s", view_text(r->version),
			view_text(r->network), *view_text(r->roles)
			? r->roles : "no role");
		if (r->alarms)
			str_printf(s, ", ALARMS %" PRId64, r->alarms);
		break;
	case NODE_STALE:
	case NODE_MISSING:
	case NODE_FOREIGN:
	case NODE_ODD:
	case NODE_SILENT:
		str_printf(s, "%s: %s", node_state_name(r->state),
			view_text(r->why));
		break;
	}
}

static void draw_row(const struct picker *p, size_t i, struct canvas *c,
	struct rect r, int y)
{
	const struct node_row *row = &p->nodes->v[i];
	enum style style = i == p->at ? STYLE_SELECTED
		: row->state == NODE_ALIVE ? row->alarms ? STYLE_WARN : STYLE_NORMAL
		: STYLE_DIM;
	struct str s = STR_INIT;

	add_row(&s, row);
	canvas_fill(c, (struct rect){r.x, y, r.w, 1}, style, ' ');
	canvas_textf(c, r.x, y, 4, style, "%zu %c", i + 1,
		!strcmp(row->path, p->here) ? '*' : ' ');
	canvas_text(c, r.x + 5, y, 16, style, row->name);
	canvas_text(c, r.x + 22, y, r.w - 22, style, str_cstr(&s));
	str_clear(&s);
}

void picker_draw(const struct picker *p, struct canvas *c)
{
	int rows = p->nodes->n ? (int)p->nodes->n : 1, most = c->h - 8;
	int shown = rows < most ? rows : most;
	int first = (int)p->at >= shown ? (int)p->at - shown + 1 : 0;
	struct rect r = {0, (c->h - shown - 5) / 2, WIDTH + 2 < c->w ? WIDTH
		: c->w - 2, shown + 5};

	r.x = (c->w - r.w) / 2;
	canvas_fill(c, r, STYLE_NORMAL, ' ');
	r = canvas_box(c, r, "Nodes");
	if (!p->nodes->n)
		canvas_text(c, r.x + 1, r.y, r.w - 2, STYLE_DIM, "none was found");
	for (int i = 0; i < shown && (size_t)(first + i) < p->nodes->n; i++)
		draw_row(p, (size_t)(first + i), c, r, r.y + i);
	if (p->nodes->n)
		canvas_text(c, r.x + 1, r.y + r.h - 2, r.w - 2, STYLE_DIM,
			p->nodes->v[p->at].path);
	canvas_text(c, r.x + 1, r.y + r.h - 1, r.w - 2, STYLE_LABEL,
		"Enter: go there    Esc: stay here    * is here");
}

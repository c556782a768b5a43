#include "ui/desk.h"

#include "src/base/secret.h"
#include "ui/bars.h"
#include "ui/desk_private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct desk *desk_new(struct mirror *m)
{
	struct desk *d = XNEW(struct desk);

	d->mirror = m;
	for (size_t i = 0; i < PANELS; i++) {
		d->state[i] = xcalloc(1, panel_ops(i)->size);
		panel_ops(i)->init(d->state[i]);
	}
	return d;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < PANELS; i++) {
		if (panel_ops(i)->clear)
			panel_ops(i)->clear(d->state[i]);
		free(d->state[i]);
	}
	prompt_clear(&d->prompt);
	confirm_clear(&d->confirm);
	form_free(d->form);
	pager_close(&d->pager);
	free(d->sought);
	free(d->message);
	free(d);
}

void wish_clear(struct wish *w)
{
	if (w->next)
		wish_clear(w->next);
	free(w->next);
	if (w->kind == WISH_SECRET && w->text)
		secret_wipe(w->text, strlen(w->text));
	free(w->text);
	free(w->data);
	free(w->note);
	free(w->line);
	command_clear(&w->command);
	*w = (struct wish){0};
}

void desk_say(struct desk *d, enum style style, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	free(d->message);
	d->message = str_take(&s);
	d->message_style = style;
}

void desk_go(struct desk *d, size_t room)
{
	d->here = room % PANELS;
	d->help = false;
}

void desk_remember(struct desk *d, const struct line_history *h)
{
	for (size_t i = 0; i < h->n; i++)
		line_history_add(&d->prompt.history[PROMPT_COMMAND], h->lines[i]);
}

struct wish wish(enum wish_kind kind)
{
	return (struct wish){.kind = kind};
}

struct wish wish_text(enum wish_kind kind, const char *text)
{
	return (struct wish){.kind = kind, .text = xstrdup(text)};
}

void desk_offer(struct desk *d, const struct nodes *nodes, const char *here)
{
	d->picker = (struct picker){0};
	if (nodes)
		picker_open(&d->picker, nodes, here);
}

/* Only one that is alive is gone to: with another there is nothing to see. */
static struct wish picker_step(struct desk *d, int key)
{
	const struct node_row *r;

	switch (picker_key(&d->picker, key)) {
	case PICKER_WAIT:
		break;
	case PICKER_ASKS:
		desk_open_help(d);
		break;
	case PICKER_GONE:
		return wish(WISH_STAY);
	case PICKER_CHOSEN:
		r = &d->picker.nodes->v[d->picker.at];
		if (r->state == NODE_ALIVE)
			return wish_text(WISH_SWITCH, r->path);
		desk_say(d, STYLE_FAIL, "%s: %s, %s", r->name,
			node_state_name(r->state), view_text(r->why));
	}
	return wish(WISH_NONE);
}

static struct wish prompt_step(struct desk *d, int key)
{
	enum prompt_kind kind = d->prompt.kind;
	enum prompt_event event = prompt_key(&d->prompt, d->mirror, key);
	const char *text = prompt_text(&d->prompt);
	struct wish w = wish(WISH_NONE);

	if (event == PROMPT_DONE && kind == PROMPT_COMMAND) {
		char *line = xstrdup(text);

		w = desk_run(d, line);
		w.line = line;
	}
	if (event == PROMPT_ASKS)
		desk_open_help(d);
	else if (event == PROMPT_DONE && kind == PROMPT_FIND)
		desk_seek(d, text);
	else if (kind == PROMPT_FILTER && event == PROMPT_CHANGED)
		desk_set_filter(d, text);
	else if (kind == PROMPT_FILTER && event == PROMPT_GONE)
		desk_set_filter(d, "");
	return w;
}

static void open_filter(struct desk *d)
{
	const struct panel_ops *p = panel_ops(d->here);

	if (p->set_filter)
		prompt_open(&d->prompt, PROMPT_FILTER,
			p->filter(d->state[d->here]));
}

/* What works in every room. */
static struct wish everywhere(struct desk *d, enum action a)
{
	switch ((int)a) {
	case ACTION_HELP:
		desk_open_help(d);
		break;
	case ACTION_ROOM_1:
	case ACTION_ROOM_2:
	case ACTION_ROOM_3:
	case ACTION_ROOM_4:
	case ACTION_ROOM_5:
	case ACTION_ROOM_6:
	case ACTION_ROOM_7:
	case ACTION_ROOM_8:
	case ACTION_ROOM_9:
	case ACTION_ROOM_10:
	case ACTION_ROOM_11:
	case ACTION_ROOM_12:
		desk_go(d, (size_t)(a - ACTION_ROOM_1));
		break;
	case ACTION_ROOM_NEXT:
		desk_go(d, d->here + 1);
		break;
	case ACTION_ROOM_PREV:
		desk_go(d, d->here + PANELS - 1);
		break;
	case ACTION_COMMAND:
		prompt_open(&d->prompt, PROMPT_COMMAND, "");
		break;
	case ACTION_FILTER:
		open_filter(d);
		break;
	case ACTION_FREEZE:
		d->mirror->frozen = !d->mirror->frozen;
		break;
	case ACTION_FIND:
		prompt_open(&d->prompt, PROMPT_FIND, "");
		break;
	case ACTION_FIND_NEXT:
	case ACTION_FIND_PREV:
		desk_find(d, a == ACTION_FIND_NEXT ? 1 : -1, false);
		break;
	case ACTION_COPY:
	case ACTION_COPY_ROWS:
		return desk_copy(d, a == ACTION_COPY_ROWS);
	case ACTION_CSV:
		return desk_save_csv(d, "", false);
	case ACTION_DUMP:
		return wish_text(WISH_SAVE, "");
	case ACTION_MOUSE:
		return wish_text(WISH_MOUSE, "");
	case ACTION_REDRAW:
		return wish(WISH_REPAINT);
	case ACTION_SUSPEND:
		return wish(WISH_SUSPEND);
	case ACTION_NODES:
		return wish(WISH_NODES);
	case ACTION_DETACH:
		return wish(WISH_DETACH);
	case ACTION_QUIT:
		confirm_quit(&d->confirm);
		break;
	}
	return wish(WISH_NONE);
}

static void help_step(struct desk *d, int key)
{
	if (key == K_UP || key == 'k')
		d->help_scroll -= d->help_scroll > 0;
	else if (key == K_DOWN || key == 'j')
		d->help_scroll++;
	else
		d->help = false;
}

/* Whose keys are heard. */
static enum context context(const struct desk *d)
{
	if (d->confirm.kind != CONFIRM_NONE)
		return confirm_context(&d->confirm);
	if (d->prompt.active)
		return CONTEXT_PROMPT;
	if (d->picker.nodes)
		return CONTEXT_PICKER;
	if (d->form)
		return CONTEXT_FORM;
	return panel_ops(d->here)->context(d->state[d->here]);
}

#define WHEEL_ROWS 3

static struct wish press(struct desk *d, enum action a)
{
	struct intent i = panel_ops(d->here)->act(d->state[d->here], d->mirror, a);

	return i.kind != INTENT_NONE ? desk_do(d, i) : everywhere(d, a);
}

static struct wish click(struct desk *d, int x, int y)
{
	const struct panel_ops *room = panel_ops(d->here);
	struct table *t = y == 1 ? NULL : desk_table(d);

	if (y == 1)
		desk_go(d, bars_room_at(d->mirror, d->here, d->w, x));
	else if (t)
		table_click(t, x, y);
	else if (room->click)
		room->click(d->state[d->here], d->mirror, x, y);
	return wish(WISH_NONE);
}

/* While something is open the wheel moves in it, and clicks do nothing: no
 * question is answered by a slip of the hand. */
static struct wish mouse_step(struct desk *d, enum mouse what, int x, int y)
{
	bool asks = d->help || d->pager.text ||
		d->confirm.kind != CONFIRM_NONE || d->prompt.active ||
		d->picker.nodes || d->form;
	int key = what == MOUSE_WHEEL_UP ? K_UP : K_DOWN;

	if (what == MOUSE_CLICK || (d->prompt.active && !d->help))
		return asks ? wish(WISH_NONE) : click(d, x, y);
	if (asks)
		return desk_key(d, key);
	for (int i = 0; i < WHEEL_ROWS; i++) {
		struct wish w = press(d, key == K_UP ? ACTION_UP : ACTION_DOWN);

		wish_clear(&w); /* moving wants nothing */
	}
	return wish(WISH_NONE);
}

struct wish desk_key(struct desk *d, int key)
{
	enum action a = keys_find(context(d), key);
	enum mouse mouse;
	int x, y;

	/* Nobody should confirm what they cannot see. */
	if (d->small && a != ACTION_DETACH && a != ACTION_SUSPEND)
		return wish(WISH_NONE);
	if (key == K_CTRL('Z'))
		return wish(WISH_SUSPEND);
	mouse = key_mouse(key, &x, &y);
	if (mouse)
		return mouse_step(d, mouse, x, y);
	if (d->help && a != ACTION_DETACH) {
		help_step(d, key);
		return wish(WISH_NONE);
	}
	if (d->pager.text) {
		pager_key(&d->pager, key);
		return wish(WISH_NONE);
	}
	if (d->confirm.kind != CONFIRM_NONE)
		return desk_confirm_key(d, key);
	if (d->prompt.active)
		return prompt_step(d, key);
	if (d->picker.nodes)
		return picker_step(d, key);
	if (d->form)
		return desk_form_key(d, key);
	if (a == ACTION_NONE)
		return wish(WISH_NONE);
	view_set(&d->message, NULL);
	return press(d, a);
}

static void draw_message(struct desk *d, struct canvas *c, int y)
{
	const struct mirror *m = d->mirror;
	struct rect r = {0, y, c->w, 1};
	struct str tags = STR_INIT;

	if (d->prompt.active) {
		d->cursor_x = prompt_draw(&d->prompt, c, r);
		d->cursor_y = y;
	} else if (d->message) {
		canvas_text(c, 1, y, c->w - 2, d->message_style, d->message);
	} else if (m->pending_n) {
		canvas_textf(c, 1, y, c->w - 2, STYLE_WARN,
			"%s: sent, no answer yet", m->pending[0].line);
	} else if (!d->form) {
		desk_tell_tags(d, &tags);
		canvas_text(c, 1, y, c->w - 2, STYLE_LABEL, str_cstr(&tags));
	}
	str_clear(&tags);
}

/* What it needs comes first, where there is hardly room to say it. */
static void draw_small(struct canvas *c)
{
	canvas_textf(c, 0, 0, c->w, STYLE_WARN, c->w < 17 ? "%dx%d!" : "weir needs %dx%d",
		DESK_MIN_W, DESK_MIN_H);
	if (c->h > 1)
		canvas_textf(c, 0, 1, c->w, STYLE_NORMAL, "too small: %dx%d", c->w, c->h);
	if (c->h > 2)
		canvas_text(c, 0, 2, c->w, STYLE_DIM, "q: detach");
}

void desk_draw(struct desk *d, struct canvas *c)
{
	const struct panel_ops *p = panel_ops(d->here);
	struct rect room = {0, 2, c->w, c->h - 4};

	canvas_blank(c);
	desk_take_questions(d);
	desk_take_paper(d);
	d->cursor_x = d->cursor_y = -1;
	d->w = c->w;
	d->small = c->w < DESK_MIN_W || c->h < DESK_MIN_H;
	if (d->small) {
		draw_small(c);
		return;
	}
	bars_title(d->mirror, c, 0);
	bars_rooms(d->mirror, c, 1, d->here,
		p->filter ? p->filter(d->state[d->here]) : "");
	if (d->form)
		form_draw(d->form, d->mirror, c, room, &d->cursor_x, &d->cursor_y);
	else
		p->draw(d->state[d->here], d->mirror, c, room);
	draw_message(d, c, c->h - 2);
	if (d->prompt.active && d->prompt.hint)
		canvas_field(c, 0, c->h - 1, c->w, STYLE_DIM, ALIGN_LEFT,
			d->prompt.hint);
	else
		bars_keys(context(d), c, c->h - 1);
	if (d->picker.nodes)
		picker_draw(&d->picker, c);
	confirm_draw(&d->confirm, c);
	pager_draw(&d->pager, c, room);
	if (d->help)
		bars_help(context(d), c, room, &d->help_scroll);
}

bool desk_cursor(const struct desk *d, int *x, int *y)
{
	*x = d->cursor_x;
	*y = d->cursor_y;
	return d->cursor_x >= 0;
}

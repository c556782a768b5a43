#include "ui/desk.h"

#include "ui/bars.h"
#include "ui/confirm.h"
#include "ui/form.h"
#include "ui/panel.h"
#include "ui/picker.h"
#include "ui/prompt.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOM 3

struct desk {
	struct mirror *mirror;
	void *state[PANELS];
	size_t here;
	struct prompt prompt;
	struct confirm confirm;
	struct form *form; /* NULL: none is open */
	struct picker picker;
	bool help;
	int help_scroll;
	char *message;
	enum style message_style;
	bool small; /* the last canvas was too small to work on */
	int cursor_x, cursor_y;
};

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
	free(d->message);
	free(d);
}

void wish_clear(struct wish *w)
{
	free(w->text);
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

static struct wish wish(enum wish_kind kind)
{
	return (struct wish){.kind = kind};
}

static struct wish wish_text(enum wish_kind kind, const char *text)
{
	return (struct wish){.kind = kind, .text = xstrdup(text)};
}

static void set_filter(struct desk *d, const char *text)
{
	if (panel_ops(d->here)->set_filter)
		panel_ops(d->here)->set_filter(d->state[d->here], text);
}

/* A command goes at once, is asked about, or is refused: by its tier. */
static struct wish try_command(struct desk *d, const char *line)
{
	struct wish w = wish(WISH_COMMAND);
	struct err *e = command_parse_line(line, &w.command);

	if (e) {
		desk_say(d, STYLE_FAIL, "%s", err_text(e));
		err_free(e);
		return wish(WISH_NONE);
	}
	if (d->mirror->readonly && command_tier_acts(w.command.def->tier)) {
		desk_say(d, STYLE_FAIL, "%s: this console is read-only",
			w.command.def->name);
	} else if (w.command.def->tier == TIER_RUNTIME ||
		w.command.def->tier == TIER_DANGER) {
		confirm_command(&d->confirm, &w.command, line);
	} else { /* of money the node asks itself, with what it would cost */
		w.text = xstrdup(line);
		return w;
	}
	command_clear(&w.command);
	return wish(WISH_NONE);
}

static void open_help(struct desk *d)
{
	d->help = true;
	d->help_scroll = 0;
}

/* The ':' line: the console's own words first, then commands of the node. */
static struct wish run_line(struct desk *d, const char *line)
{
	size_t n = strcspn(line, " ");
	const char *rest = line + n + strspn(line + n, " ");

	if (!*line)
		return wish(WISH_NONE);
	if (!strcmp(line, "q") || !strcmp(line, "quit"))
		return wish(WISH_DETACH);
	if (!strcmp(line, "help")) {
		open_help(d);
		return wish(WISH_NONE);
	}
	if (!strcmp(line, "nodes"))
		return wish(WISH_NODES);
	if (n == 6 && !strncmp(line, "filter", n)) {
		set_filter(d, rest);
		return wish(WISH_NONE);
	}
	if (n == 11 && !strncmp(line, "save-screen", n))
		return wish_text(WISH_DUMP, rest);
	return try_command(d, line);
}

static struct wish confirm_step(struct desk *d, int key)
{
	struct wish w = wish(WISH_NONE);

	switch (confirm_key(&d->confirm, key)) {
	case CONFIRM_WAIT:
		return w;
	case CONFIRM_NO:
		desk_say(d, STYLE_DIM, "left as it was");
		break;
	case CONFIRM_YES:
		w.kind = WISH_COMMAND;
		w.command = d->confirm.command;
		w.text = TAKE(d->confirm.line);
		d->confirm.command = (struct command){0};
		form_free(TAKE(d->form));
		break;
	case CONFIRM_DETACH:
		w.kind = WISH_DETACH;
		break;
	case CONFIRM_STOP:
		confirm_clear(&d->confirm);
		return try_command(d, "stop");
	}
	confirm_clear(&d->confirm);
	return w;
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

	switch (prompt_key(&d->prompt, d->mirror, key)) {
	case PROMPT_NOTHING:
		break;
	case PROMPT_CHANGED:
		if (kind == PROMPT_FILTER)
			set_filter(d, prompt_text(&d->prompt));
		break;
	case PROMPT_DONE:
		if (kind == PROMPT_COMMAND)
			return run_line(d, prompt_text(&d->prompt));
		break;
	case PROMPT_GONE:
		if (kind == PROMPT_FILTER)
			set_filter(d, "");
		break;
	}
	return wish(WISH_NONE);
}

static struct wish do_intent(struct desk *d, struct intent i)
{
	struct wish w = wish(WISH_NONE);

	switch (i.kind) {
	case INTENT_NONE:
	case INTENT_REDRAW:
		break;
	case INTENT_COMMAND:
		w = try_command(d, i.text);
		break;
	case INTENT_PROMPT:
		prompt_open(&d->prompt, PROMPT_COMMAND, i.text);
		break;
	case INTENT_LOG:
		desk_go(d, LOG_ROOM);
		set_filter(d, i.text);
		break;
	case INTENT_MESSAGE:
		desk_say(d, STYLE_NORMAL, "%s", i.text);
		break;
	case INTENT_FORM:
		form_free(d->form);
		d->form = TAKE(i.form);
		break;
	}
	free(i.text);
	return w;
}

/* A form stays open until what it led to is confirmed: who answers no, or is
 * refused, finds it as it was. */
static struct wish form_ready(struct desk *d)
{
	struct intent i = form_done(d->form);
	enum intent_kind kind = i.kind;
	struct wish w;

	if (kind == INTENT_FORM || kind == INTENT_PROMPT || kind == INTENT_LOG ||
		kind == INTENT_MESSAGE)
		form_free(TAKE(d->form));
	w = do_intent(d, i);
	if (w.kind == WISH_COMMAND && w.command.def->tier != TIER_MONEY)
		form_free(TAKE(d->form));
	return w;
}

static struct wish form_step(struct desk *d, int key)
{
	switch (form_key(d->form, key)) {
	case FORM_WAIT:
		break;
	case FORM_ASKS:
		open_help(d);
		break;
	case FORM_LEFT:
		form_free(TAKE(d->form));
		desk_say(d, STYLE_DIM, "left as it was");
		break;
	case FORM_READY:
		return form_ready(d);
	}
	return wish(WISH_NONE);
}

static struct wish copy(struct desk *d)
{
	const struct panel_ops *p = panel_ops(d->here);
	const char *id = p->pick ? p->pick(d->state[d->here]) : NULL;

	if (!id) {
		desk_say(d, STYLE_DIM, "nothing to copy here");
		return wish(WISH_NONE);
	}
	return wish_text(WISH_COPY, id);
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
		open_help(d);
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
	case ACTION_COPY:
		return copy(d);
	case ACTION_DUMP:
		return wish_text(WISH_DUMP, "");
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
	if (d->prompt.active)
		return CONTEXT_PROMPT;
	if (d->form)
		return CONTEXT_FORM;
	return panel_ops(d->here)->context(d->state[d->here]);
}

/* A question of the node's is asked as soon as nothing else is. */
static void take_question(struct desk *d)
{
	if (d->mirror->question.open && d->confirm.kind == CONFIRM_NONE)
		confirm_question(&d->confirm, &d->mirror->question);
}

struct wish desk_key(struct desk *d, int key)
{
	enum action a = keys_find(context(d), key);
	struct intent i;

	/* Nobody should confirm what they cannot see. */
	if (d->small && a != ACTION_DETACH && a != ACTION_SUSPEND)
		return wish(WISH_NONE);
	if (d->help && a != ACTION_DETACH && a != ACTION_SUSPEND) {
		help_step(d, key);
		return wish(WISH_NONE);
	}
	if (d->confirm.kind != CONFIRM_NONE)
		return confirm_step(d, key);
	if (d->prompt.active && (a == ACTION_PROMPT_HELP ||
			(key == '?' && !*prompt_text(&d->prompt)))) {
		open_help(d);
		return wish(WISH_NONE);
	}
	if (d->prompt.active)
		return prompt_step(d, key);
	if (d->picker.nodes)
		return picker_step(d, key);
	if (d->form)
		return form_step(d, key);
	if (a == ACTION_NONE)
		return wish(WISH_NONE);
	view_set(&d->message, NULL);
	i = panel_ops(d->here)->act(d->state[d->here], d->mirror, a);
	if (i.kind != INTENT_NONE)
		return do_intent(d, i);
	return everywhere(d, a);
}

static void draw_message(struct desk *d, struct canvas *c, int y)
{
	const struct mirror *m = d->mirror;
	struct rect r = {0, y, c->w, 1};

	if (d->prompt.active) {
		d->cursor_x = prompt_draw(&d->prompt, c, r);
		d->cursor_y = y;
	} else if (d->message) {
		canvas_text(c, 1, y, c->w - 2, d->message_style, d->message);
	} else if (m->pending_n) {
		canvas_textf(c, 1, y, c->w - 2, STYLE_WARN,
			"%s: sent, no answer yet", m->pending[0].line);
	}
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
	take_question(d);
	d->cursor_x = d->cursor_y = -1;
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
	if (d->help)
		bars_help(context(d), c, room, &d->help_scroll);
	confirm_draw(&d->confirm, c);
}

bool desk_cursor(const struct desk *d, int *x, int *y)
{
	*x = d->cursor_x;
	*y = d->cursor_y;
	return d->cursor_x >= 0;
}

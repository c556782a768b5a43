#include "ui/desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"

void desk_open_help(struct desk *d)
{
	d->help = true;
	d->help_scroll = 0;
}

void desk_set_filter(struct desk *d, const char *text)
{
	if (panel_ops(d->here)->set_filter)
		panel_ops(d->here)->set_filter(d->state[d->here], text);
}

void desk_take_paper(struct desk *d)
{
	struct mirror *m = d->mirror;

	if (m->paper && strcasecmp(m->paper_title, panel_ops(d->here)->name) != 0)
		pager_open(&d->pager, m->paper_title, TAKE(m->paper));
	view_set(&m->paper, NULL);
	view_set(&m->paper_title, NULL);
}

static void open_paper(struct desk *d, const char *text)
{
	size_t n = strcspn(text, "\n");
	char *title = xstrndup(text, n);

	pager_open(&d->pager, title, xstrdup(text + n + (text[n] == '\n')));
	free(title);
}

/* --- commands --- */

static void clear_orders(struct order *orders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order_clear(&orders[i]);
	free(orders);
}

/* One after the other, in their order. */
static struct wish send_orders(struct order *taken, size_t n)
{
	struct wish first = wish(WISH_NONE), *last = &first;

	for (size_t i = 0; i < n; i++) {
		if (i)
			last = last->next = xcalloc(1, sizeof(*last));
		last->kind = WISH_COMMAND;
		last->command = taken[i].command;
		last->text = taken[i].line;
	}
	free(taken);
	return first;
}

/* Lines into orders; an error and none when one of them is wrong or not allowed. */
static struct order *read_orders(struct desk *d, const char *lines, size_t *n)
{
	struct order *orders = NULL;
	struct err *e = NULL;

	for (*n = 0; *lines && !e; ) {
		size_t len = strcspn(lines, "\n");
		struct order o = {.line = xstrndup(lines, len)};

		orders = xrealloc_array(orders, *n + 1, sizeof(*orders));
		e = command_parse_line(o.line, &o.command);
		if (!e && d->mirror->readonly && command_tier_acts(o.command.def->tier))
			e = err_new(ERR_DENIED, "%s: this console is read-only; attach "
				"one without -readonly to act", o.command.def->name);
		orders[(*n)++] = o;
		lines += len + (lines[len] == '\n');
	}
	if (!e)
		return orders;
	desk_say(d, STYLE_FAIL, "%s", err_text(e));
	err_free(e);
	clear_orders(orders, *n);
	*n = 0;
	return NULL;
}

/* Commands go at once, are asked about, or are refused: by their tier. */
static struct wish try_commands(struct desk *d, const char *lines)
{
	size_t n;
	struct order *orders = read_orders(d, lines, &n);
	bool ask = false, money = false;

	for (size_t i = 0; i < n; i++) {
		enum command_tier tier = orders[i].command.def->tier;

		ask = ask || tier == TIER_RUNTIME || tier == TIER_DANGER;
		money = money || tier == TIER_MONEY;
	}
	if (ask) {
		confirm_orders(&d->confirm, orders, n);
		return wish(WISH_NONE);
	}
	/* About money the node asks itself, with what it would cost. */
	d->asked = money ? n : 0;
	return send_orders(orders, n);
}

void desk_take_questions(struct desk *d)
{
	struct mirror *m = d->mirror;
	/* Those asked for together come together, but for refused ones. */
	bool whole = d->asked < 2 || m->questions_n >= d->asked || !m->pending_n;
	size_t n = d->asked < 2 ? 1 : m->questions_n;

	if (!m->questions_n || d->confirm.kind != CONFIRM_NONE || !whole)
		return;
	confirm_questions(&d->confirm, m->questions, n);
	mirror_drop_questions(m, n);
	d->asked = 0;
}

struct wish desk_confirm_key(struct desk *d, int key)
{
	struct wish w = wish(WISH_NONE);

	switch (confirm_key(&d->confirm, key)) {
	case CONFIRM_WAIT:
		return w;
	case CONFIRM_ASKS:
		desk_open_help(d);
		return w;
	case CONFIRM_NO:
		desk_say(d, STYLE_DIM, "left as it was");
		break;
	case CONFIRM_YES:
		w = send_orders(TAKE(d->confirm.orders), d->confirm.n);
		d->confirm.n = 0;
		form_free(TAKE(d->form));
		break;
	case CONFIRM_DETACH:
		w.kind = WISH_DETACH;
		break;
	case CONFIRM_STOP:
		confirm_clear(&d->confirm);
		return try_commands(d, "stop");
	}
	confirm_clear(&d->confirm);
	return w;
}

/* --- the ':' line --- */

struct wish desk_run(struct desk *d, const char *line)
{
	struct wish w = wish(WISH_NONE);
	const char *rest;
	bool bang;

	if (!*line)
		return w;
	switch (word_of(line, &rest, &bang)) {
	case WORD_QUIT:
		return wish(WISH_DETACH);
	case WORD_HELP:
		desk_open_help(d);
		break;
	case WORD_NODES:
		return wish(WISH_NODES);
	case WORD_MOUSE:
		if (!*rest || !strcmp(rest, "on") || !strcmp(rest, "off"))
			return wish_text(WISH_MOUSE, rest);
		desk_say(d, STYLE_FAIL, "mouse: on or off; F2 changes it");
		break;
	case WORD_FILTER:
		desk_set_filter(d, rest);
		break;
	case WORD_FIND:
		desk_seek(d, rest);
		break;
	case WORD_SAVE_SCREEN:
		w = wish_text(WISH_SAVE, rest);
		w.replace = bang;
		break;
	case WORD_SAVE_CSV:
		return desk_save_csv(d, rest, bang);
	case WORD_COUNT:
		return try_commands(d, line);
	}
	return w;
}

/* --- what rooms and forms want --- */

struct wish desk_do(struct desk *d, struct intent i)
{
	struct wish w = wish(WISH_NONE);

	switch (i.kind) {
	case INTENT_NONE:
	case INTENT_REDRAW:
		break;
	case INTENT_COMMAND:
		w = try_commands(d, i.text);
		break;
	case INTENT_PROMPT:
		prompt_open(&d->prompt, PROMPT_COMMAND, i.text);
		break;
	case INTENT_LOG:
		desk_go(d, LOG_ROOM);
		desk_set_filter(d, i.text);
		break;
	case INTENT_MESSAGE:
		desk_say(d, STYLE_NORMAL, "%s", i.text);
		break;
	case INTENT_PAPER:
		open_paper(d, i.text);
		break;
	case INTENT_FORM:
		form_free(d->form);
		d->form = TAKE(i.form);
		break;
	case INTENT_SECRET:
		if (d->mirror->readonly) {
			secret_wipe(i.text, strlen(i.text));
			desk_say(d, STYLE_FAIL, "this console is read-only");
			break;
		}
		w.kind = WISH_SECRET;
		w.text = TAKE(i.text);
		w.number = i.number;
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

	if (kind == INTENT_FORM || kind == INTENT_SECRET || kind == INTENT_PROMPT ||
		kind == INTENT_LOG || kind == INTENT_MESSAGE)
		form_free(TAKE(d->form));
	w = desk_do(d, i);
	if (w.kind == WISH_COMMAND && w.command.def->tier != TIER_MONEY)
		form_free(TAKE(d->form));
	return w;
}

struct wish desk_form_key(struct desk *d, int key)
{
	switch (form_key(d->form, key)) {
	case FORM_WAIT:
		break;
	case FORM_ASKS:
		desk_open_help(d);
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

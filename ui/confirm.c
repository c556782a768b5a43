#include "ui/confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void order_clear(struct order *o)
{
	command_clear(&o->command);
	free(o->line);
	*o = (struct order){.line = NULL};
}

void confirm_clear(struct confirm *f)
{
	for (size_t i = 0; i < f->n; i++)
		order_clear(&f->orders[i]);
	free(f->orders);
	free(f->word);
	free(f->lines);
	str_clear(&f->typed);
	*f = (struct confirm){.kind = CONFIRM_NONE};
}

void confirm_orders(struct confirm *f, struct order *taken, size_t n)
{
	struct str lines = STR_INIT;

	confirm_clear(f);
	f->kind = CONFIRM_COMMANDS;
	f->orders = taken;
	f->n = n;
	for (size_t i = 0; i < n; i++) {
		const struct command_def *d = taken[i].command.def;

		str_printf(&lines, "%s\n", taken[i].line);
		if (d->tier == TIER_DANGER && !f->word)
			f->word = xstrdup(d->name);
	}
	if (n > 1)
		f->lines = str_take(&lines);
	str_clear(&lines);
}

/* The words of all of them, each once: who answers has looked at each. */
static void add_word(struct str *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = str_cstr(words); (at = strstr(at, word)); at += n) {
		if ((at == words->s || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return;
	}
	str_printf(words, "%s%s", words->len ? " " : "", word);
}

void confirm_questions(struct confirm *f, struct question *taken, size_t n)
{
	struct str lines = STR_INIT, words = STR_INIT;

	confirm_clear(f);
	f->kind = CONFIRM_COMMANDS;
	f->money = true;
	f->orders = xcalloc(n, sizeof(*f->orders));
	f->n = n;
	for (size_t i = 0; i < n; i++) {
		const char *summary = view_text(taken[i].summary);

		f->orders[i] = (struct order){taken[i].command, TAKE(taken[i].line)};
		taken[i].command = (struct command){.def = NULL};
		str_printf(&lines, "%s%s", lines.len && lines.s[lines.len - 1] != '\n'
			? "\n" : "", summary);
		add_word(&words, view_text(taken[i].word));
		question_clear(&taken[i]);
	}
	f->lines = str_take(&lines);
	f->word = str_take(&words);
}

void confirm_quit(struct confirm *f)
{
	confirm_clear(f);
	f->kind = CONFIRM_QUIT;
}

enum context confirm_context(const struct confirm *f)
{
	return f->kind == CONFIRM_QUIT ? CONTEXT_LEAVING : f->word ? CONTEXT_TYPED
								   : CONTEXT_CONFIRM;
}

static bool is_typed(const struct confirm *f)
{
	return !f->word || !strcmp(str_cstr(&f->typed), f->word);
}

enum confirm_event confirm_key(struct confirm *f, int key)
{
	switch ((int)keys_find(confirm_context(f), key)) {
	case ACTION_LEAVING_DETACH:
		return CONFIRM_DETACH;
	case ACTION_LEAVING_STOP:
		return CONFIRM_STOP;
	case ACTION_LEAVING_CANCEL:
	case ACTION_CONFIRM_LEAVE:
	case ACTION_TYPED_LEAVE:
		return CONFIRM_NO;
	case ACTION_CONFIRM_DO:
	case ACTION_TYPED_DO:
		return is_typed(f) ? CONFIRM_YES : CONFIRM_WAIT;
	case ACTION_CONFIRM_HELP:
	case ACTION_TYPED_HELP:
	case ACTION_LEAVING_HELP:
		return CONFIRM_ASKS;
	case ACTION_CONFIRM_UP:
	case ACTION_TYPED_UP:
		f->scroll -= f->scroll > 0;
		return CONFIRM_WAIT;
	case ACTION_CONFIRM_DOWN:
	case ACTION_TYPED_DOWN:
		f->scroll++; /* as far as there are lines: confirm_draw() */
		return CONFIRM_WAIT;
	case ACTION_TYPED_ERASE:
		if (f->typed.len)
			str_truncate(&f->typed, f->typed.len - 1);
		return CONFIRM_WAIT;
	}
	if (f->word && key >= ' ' && key < 0x7f && f->typed.len < strlen(f->word) + 40)
		str_addc(&f->typed, (char)key);
	return CONFIRM_WAIT;
}

#define FRAME_W 62
#define QUESTION_W 96

static struct rect frame(struct canvas *c, const char *title, int w, int h)
{
	struct rect r = {0, (c->h - h) / 2, w + 2 < c->w ? w : c->w - 2, h};

	r.x = (c->w - r.w) / 2;
	canvas_fill(c, r, STYLE_NORMAL, ' ');
	r = canvas_box(c, r, title);
	r.x++;
	r.w -= 2;
	return r;
}

static void draw_quit(struct canvas *c)
{
	struct rect r = frame(c, "Leave", FRAME_W, 7);

	canvas_text(c, r.x, r.y + 1, r.w, STYLE_VALUE,
		"d  detach: leave the console, the node stays at work");
	canvas_text(c, r.x, r.y + 2, r.w, STYLE_FAIL,
		"s  stop: drain the node, then end it");
	canvas_text(c, r.x, r.y + 3, r.w, STYLE_NORMAL,
		"c  cancel");
}

static int count_lines(const char *text)
{
	int n = 0;

	while (*text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
		n++;
	}
	return n;
}

/* The text from line `skip` on; says when there is more. */
static void draw_lines(const char *text, int skip, struct canvas *c, struct rect r)
{
	for (int y = -skip; *text && y < r.h; y++) {
		size_t n = strcspn(text, "\n");

		if (y >= 0)
			canvas_textf(c, r.x, r.y + y, r.w, y || skip ? STYLE_NORMAL
				: STYLE_VALUE, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
	if (*text)
		canvas_text(c, r.x + r.w - 12, r.y + r.h - 1, 12, STYLE_DIM, " more: Down");
}

static void draw_ask(const struct confirm *f, struct canvas *c, struct rect r, int y)
{
	if (f->word)
		canvas_textf(c, r.x, y, r.w, STYLE_FAIL, "type %s and press Enter, or Esc: %s_",
			f->word, str_cstr(&f->typed));
	else
		canvas_text(c, r.x, y, r.w, STYLE_LABEL, "Enter: do it    Esc: leave it");
}

static const char *title_of(const struct confirm *f, char title[static 64])
{
	if (f->n == 1)
		return f->money ? "This acts on the chain"
			: f->word ? "This cannot be taken back" : "Do this?";
	snprintf(title, 64, "%s %zu%s", f->money || f->word ? "These" : "Do these", f->n,
		f->money ? " act on the chain" : f->word ? " cannot be taken back" : "?");
	return title;
}

/* What it would do, a line each; the last row asks. */
static void draw_list(struct confirm *f, struct canvas *c)
{
	int n = count_lines(f->lines), h = n + 5 < c->h ? n + 5 : c->h, most;
	char title[64];
	struct rect r = frame(c, title_of(f, title), QUESTION_W, h);

	most = n > r.h - 3 ? n - (r.h - 3) : 0;
	f->scroll = f->scroll > most ? most : f->scroll;
	draw_lines(f->lines, f->scroll, c, (struct rect){r.x, r.y + 1, r.w, r.h - 3});
	draw_ask(f, c, r, r.y + r.h - 1);
}

void confirm_draw(struct confirm *f, struct canvas *c)
{
	const struct command_def *d;
	char title[64];
	struct rect r;

	if (f->kind == CONFIRM_NONE)
		return;
	if (f->kind == CONFIRM_QUIT) {
		draw_quit(c);
		return;
	}
	if (f->lines) {
		draw_list(f, c);
		return;
	}
	d = f->orders[0].command.def;
	r = frame(c, title_of(f, title), FRAME_W, 8);
	canvas_text(c, r.x, r.y + 1, r.w, STYLE_VALUE, f->orders[0].line);
	canvas_text(c, r.x, r.y + 2, r.w, STYLE_NORMAL, d->help);
	draw_ask(f, c, r, r.y + 4);
}

#include "ui/confirm.h"

#include <stdlib.h>
#include <string.h>

void confirm_clear(struct confirm *f)
{
	command_clear(&f->command);
	free(f->line);
	free(f->word);
	free(f->summary);
	str_clear(&f->typed);
	*f = (struct confirm){0};
}

void confirm_command(struct confirm *f, struct command *taken,
	const char *line)
{
	confirm_clear(f);
	f->kind = CONFIRM_COMMAND;
	f->command = *taken;
	*taken = (struct command){0};
	f->line = xstrdup(line);
	if (f->command.def->tier == TIER_DANGER)
		f->word = xstrdup(f->command.def->name);
}

void confirm_question(struct confirm *f, struct question *taken)
{
	confirm_clear(f);
	f->kind = CONFIRM_COMMAND;
	f->command = taken->command;
	taken->command = (struct command){0};
	f->line = TAKE(taken->line);
	f->summary = TAKE(taken->summary);
	f->word = TAKE(taken->word);
	question_clear(taken);
}

void confirm_quit(struct confirm *f)
{
	confirm_clear(f);
	f->kind = CONFIRM_QUIT;
}

static enum confirm_event quit_key(int key)
{
	switch (key) {
	case 'd':
	case 'q':
	case K_ENTER:
	case K_CTRL('C'):
		return CONFIRM_DETACH;
	case 's':
		return CONFIRM_STOP;
	case 'c':
	case K_ESCAPE:
		return CONFIRM_NO;
	default:
		return CONFIRM_WAIT;
	}
}

enum confirm_event confirm_key(struct confirm *f, int key)
{
	if (f->kind == CONFIRM_QUIT)
		return quit_key(key);
	if (key == K_ESCAPE || key == K_CTRL('C'))
		return CONFIRM_NO;
	if (key == K_ENTER)
		return !f->word || !strcmp(str_cstr(&f->typed), f->word)
			? CONFIRM_YES : CONFIRM_WAIT;
	if (!f->word)
		return key == 'n' ? CONFIRM_NO : key == 'y' ? CONFIRM_YES
			: CONFIRM_WAIT;
	if (key == K_BACKSPACE && f->typed.len)
		str_truncate(&f->typed, f->typed.len - 1);
	if (key >= ' ' && key < 0x7f && f->typed.len < 40)
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

/* What it would do, a line each; the last row asks. */
static void draw_question(const struct confirm *f, struct canvas *c)
{
	int lines = 1, y;
	struct rect r;

	for (const char *p = f->summary; *p; p++)
		lines += *p == '\n';
	r = frame(c, "This acts on the chain", QUESTION_W,
		lines + 6 < c->h ? lines + 6 : c->h);
	y = r.y + 1;
	for (const char *p = f->summary; *p && y < r.y + r.h - 2; y++) {
		size_t n = strcspn(p, "\n");

		canvas_textf(c, r.x, y, r.w, y == r.y + 1 ? STYLE_VALUE
							   : STYLE_NORMAL,
			"%.*s", (int)n, p);
		p += n + (p[n] == '\n');
	}
	canvas_textf(c, r.x, r.y + r.h - 1, r.w, STYLE_FAIL,
		"type %s and press Enter, or Esc: %s_", f->word,
		str_cstr(&f->typed));
}

void confirm_draw(const struct confirm *f, struct canvas *c)
{
	const struct command_def *d = f->command.def;
	struct rect r;

	if (f->kind == CONFIRM_NONE)
		return;
	if (f->kind == CONFIRM_QUIT) {
		draw_quit(c);
		return;
	}
	if (f->summary) {
		draw_question(f, c);
		return;
	}
	r = frame(c, d->tier == TIER_DANGER ? "This cannot be taken back"
					    : "Do this?", FRAME_W, 8);
	canvas_text(c, r.x, r.y + 1, r.w, STYLE_VALUE, f->line);
	canvas_text(c, r.x, r.y + 2, r.w, STYLE_NORMAL, d->help);
	if (d->tier != TIER_DANGER) {
		canvas_text(c, r.x, r.y + 4, r.w, STYLE_LABEL,
			"Enter: do it    Esc: leave it");
		return;
	}
	canvas_textf(c, r.x, r.y + 4, r.w, STYLE_FAIL,
		"type %s and press Enter, or Esc: %s_", d->name,
		str_cstr(&f->typed));
}

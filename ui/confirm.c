#include "ui/confirm.h"

#include <stdlib.h>
#include <string.h>

void confirm_clear(struct confirm *f)
{
	command_clear(&f->command);
	free(f->line);
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
	bool danger;

	if (f->kind == CONFIRM_QUIT)
		return quit_key(key);
	danger = f->command.def->tier == TIER_DANGER;
	if (key == K_ESCAPE || key == K_CTRL('C'))
		return CONFIRM_NO;
	if (key == K_ENTER)
		return !danger || !strcmp(str_cstr(&f->typed),
				f->command.def->name)
			? CONFIRM_YES : CONFIRM_WAIT;
	if (!danger)
		return key == 'n' ? CONFIRM_NO : key == 'y' ? CONFIRM_YES
			: CONFIRM_WAIT;
	if (key == K_BACKSPACE && f->typed.len)
		str_truncate(&f->typed, f->typed.len - 1);
	if (key >= ' ' && key < 0x7f && f->typed.len < 40)
		str_addc(&f->typed, (char)key);
	return CONFIRM_WAIT;
}

static struct rect frame(struct canvas *c, const char *title, int h)
{
	int w = c->w < 64 ? c->w - 2 : 62;
	struct rect r = {(c->w - w) / 2, (c->h - h) / 2, w, h};

	canvas_fill(c, r, STYLE_NORMAL, ' ');
	r = canvas_box(c, r, title);
	r.x++;
	r.w -= 2;
	return r;
}

static void draw_quit(struct canvas *c)
{
	struct rect r = frame(c, "Leave", 7);

	canvas_text(c, r.x, r.y + 1, r.w, STYLE_VALUE,
		"d  detach: leave the console, the node stays at work");
	canvas_text(c, r.x, r.y + 2, r.w, STYLE_FAIL,
		"s  stop: drain the node, then end it");
	canvas_text(c, r.x, r.y + 3, r.w, STYLE_NORMAL,
		"c  cancel");
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
	r = frame(c, d->tier == TIER_DANGER ? "This cannot be taken back"
					    : "Do this?", 8);
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

#include "ui/prompt.h"

#include "ui/complete.h"

#include <stdlib.h>
#include <string.h>

void prompt_clear(struct prompt *p)
{
	line_clear(&p->line);
	for (int k = 0; k < PROMPT_KINDS; k++)
		line_history_clear(&p->history[k]);
	free(p->hint);
	free(p->sought);
	*p = (struct prompt){0};
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
	p->active = true;
	p->kind = kind;
	p->recall = 0;
	view_set(&p->hint, NULL);
	view_set(&p->sought, NULL);
	line_set(&p->line, text);
}

const char *prompt_text(const struct prompt *p)
{
	return line_text(&p->line);
}

static bool recall(struct prompt *p, int by)
{
	size_t to = p->recall + (size_t)(int64_t)by;

	if (to > p->history[p->kind].n) /* also below zero */
		return false;
	p->recall = to;
	line_set(&p->line, to ? line_history_back(&p->history[p->kind], to) : "");
	return true;
}

static void complete(struct prompt *p, const struct mirror *m)
{
	struct completion x;

	completion_find(&x, m, prompt_text(p));
	view_set(&p->hint, x.count > 1 ? str_cstr(&x.list) : x.usage.len ? x.usage.s : NULL);
	if (x.count) {
		p->line.cursor = p->line.text.len;
		line_insert(&p->line, str_cstr(&x.rest), x.rest.len);
		line_insert(&p->line, " ", x.ends);
	}
	completion_clear(&x);
}

/* Further back each time, with what was there when it began. */
static bool seek(struct prompt *p)
{
	size_t back;

	if (!p->sought)
		p->sought = xstrdup(prompt_text(p));
	back = line_history_seek(&p->history[p->kind], p->recall, p->sought);
	view_setf(&p->hint, back ? "lines with \"%s\": ^R the one before"
		: "no line before has \"%s\"", p->sought);
	if (!back)
		return false;
	p->recall = back;
	line_set(&p->line, line_history_back(&p->history[p->kind], back));
	return true;
}

static enum prompt_event finish(struct prompt *p, enum prompt_event event)
{
	struct str *t = &p->line.text;

	p->active = false;
	if (event == PROMPT_DONE) {
		while (t->len && p->kind == PROMPT_COMMAND && t->s[t->len - 1] == ' ')
			str_truncate(t, t->len - 1);
		line_history_add(&p->history[p->kind], prompt_text(p));
	}
	return event;
}

enum prompt_event prompt_key(struct prompt *p, const struct mirror *m, int key)
{
	enum action a = keys_find(CONTEXT_PROMPT, key);
	bool changed = false;

	if (a != ACTION_PROMPT_COMPLETE && a != ACTION_PROMPT_HELP)
		view_set(&p->hint, NULL);
	if (a != ACTION_PROMPT_SEEK)
		view_set(&p->sought, NULL);
	/* It would only be typed by mistake there. */
	if (key == '?' && !p->line.text.len)
		return PROMPT_ASKS;
	switch ((int)a) {
	case ACTION_PROMPT_HELP:
		return PROMPT_ASKS;
	case ACTION_PROMPT_DO:
		return finish(p, PROMPT_DONE);
	case ACTION_PROMPT_LEAVE:
		return finish(p, PROMPT_GONE);
	case ACTION_PROMPT_COMPLETE:
		if (p->kind == PROMPT_COMMAND)
			complete(p, m);
		return PROMPT_CHANGED;
	case ACTION_PROMPT_OLDER:
		changed = recall(p, 1);
		break;
	case ACTION_PROMPT_NEWER:
		changed = recall(p, -1);
		break;
	case ACTION_PROMPT_SEEK:
		changed = seek(p);
		break;
	case ACTION_EDIT_ERASE:
		if (!p->line.text.len)
			return finish(p, PROMPT_GONE);
		line_key(&p->line, key, &changed);
		break;
	default:
		line_key(&p->line, key, &changed);
	}
	return changed ? PROMPT_CHANGED : PROMPT_NOTHING;
}

int prompt_draw(const struct prompt *p, struct canvas *c, struct rect r)
{
	static const char *const leads[PROMPT_KINDS] = {":", "/", "find: "};
	int w;

	canvas_fill(c, r, STYLE_INPUT, ' ');
	w = canvas_text(c, r.x, r.y, r.w, STYLE_INPUT, leads[p->kind]);
	return line_draw(&p->line, c, (struct rect){r.x + w, r.y, r.w - w, r.h},
		STYLE_INPUT);
}

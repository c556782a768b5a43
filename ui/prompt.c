#include "ui/prompt.h"

#include "proto/command.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>

void prompt_clear(struct prompt *p)
{
	line_clear(&p->line);
	for (int k = 0; k < PROMPT_KINDS; k++) {
		for (size_t i = 0; i < p->history_n[k]; i++)
			free(p->history[k][i]);
	}
	free(p->hint);
	*p = (struct prompt){0};
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
	p->active = true;
	p->kind = kind;
	p->recall = 0;
	view_set(&p->hint, NULL);
	line_set(&p->line, text);
}

const char *prompt_text(const struct prompt *p)
{
	return line_text(&p->line);
}

static void remember(struct prompt *p)
{
	char **h = p->history[p->kind];
	size_t *n = &p->history_n[p->kind];

	const char *text = prompt_text(p);

	if (!*text || (*n && !strcmp(h[*n - 1], text)))
		return;
	if (*n == PROMPT_HISTORY) {
		free(h[0]);
		memmove(h, h + 1, (PROMPT_HISTORY - 1) * sizeof(*h));
		(*n)--;
	}
	h[(*n)++] = xstrdup(text);
}

static bool recall(struct prompt *p, int by)
{
	size_t n = p->history_n[p->kind], to = p->recall + (size_t)(int64_t)by;

	if (to > n) /* also below zero */
		return false;
	p->recall = to;
	line_set(&p->line, to ? p->history[p->kind][n - to] : "");
	return true;
}

struct completion {
	const char *start; /* of the word being completed */
	size_t n;
	struct str common; /* what all candidates share */
	struct str list;
	size_t count;
};

static void offer(struct completion *x, const char *word, size_t len)
{
	size_t same = 0;

	if (len < x->n || strncmp(word, x->start, x->n))
		return;
	if (!x->count++) {
		str_addn(&x->common, word, len);
	} else {
		while (same < x->common.len && same < len &&
			x->common.s[same] == word[same])
			same++;
		str_truncate(&x->common, same);
	}
	if (x->list.len < 300) {
		str_add(&x->list, x->list.len ? "  " : "");
		str_addn(&x->list, word, len);
	}
}

static void offer_argument(struct completion *x, const struct mirror *m,
	const struct command_def *def, size_t arg)
{
	const struct command_arg *a = &def->args[arg];

	for (const char *w = a->words; w && *w;) {
		size_t len = strcspn(w, "|");

		offer(x, w, len);
		w += len + (w[len] == '|');
	}
	if (a->type != ARG_TYPE_TEXT)
		return;
	for (size_t i = 0; def->id != CMD_end_session &&
		i < m->transcoders.rows.n; i++) {
		const char *id = view_text(m->transcoders.rows.v[i].id);

		offer(x, id, strlen(id));
	}
	for (size_t i = 0; def->id == CMD_end_session && i < m->live_n; i++) {
		const char *id = view_text(m->live[i]->id);

		offer(x, id, strlen(id));
	}
}

static void complete(struct prompt *p, const struct mirror *m)
{
	const char *line = prompt_text(p), *space = strchr(line, ' ');
	const char *last = strrchr(line, ' ');
	struct completion x = {last ? last + 1 : line, 0, STR_INIT, STR_INIT,
		0};
	const struct command_def *def = NULL;
	size_t arg = 0;

	x.n = strlen(x.start);
	if (!space) {
		for (enum command_id i = 0; i < CMD_COUNT; i++) {
			const char *name = command_def(i)->name;

			offer(&x, name, strlen(name));
		}
		for (enum word w = 0; w < WORD_COUNT; w++)
			offer(&x, word_def(w)->name, strlen(word_def(w)->name));
	} else {
		char *name = xstrndup(line, (size_t)(space - line));

		def = command_find(name);
		free(name);
		for (const char *s = space; s < last; s++)
			arg += *s == ' ';
		if (def && arg < def->args_n)
			offer_argument(&x, m, def, arg);
	}
	view_set(&p->hint, x.count > 1 ? str_cstr(&x.list) : NULL);
	if (x.count) {
		p->line.cursor = p->line.text.len;
		line_insert(&p->line, x.common.s + x.n, x.common.len - x.n);
		if (x.count == 1)
			line_insert(&p->line, " ", 1);
	} else if (def) {
		struct str usage = STR_INIT;

		command_usage(def, &usage);
		view_setf(&p->hint, "%s: %s", usage.s, def->help);
		str_clear(&usage);
	}
	str_clear(&x.common);
	str_clear(&x.list);
}

static enum prompt_event finish(struct prompt *p, enum prompt_event event)
{
	struct str *t = &p->line.text;

	p->active = false;
	if (event == PROMPT_DONE) {
		while (t->len && p->kind == PROMPT_COMMAND && t->s[t->len - 1] == ' ')
			str_truncate(t, t->len - 1);
		remember(p);
	}
	return event;
}

enum prompt_event prompt_key(struct prompt *p, const struct mirror *m, int key)
{
	enum action a = keys_find(CONTEXT_PROMPT, key);
	bool changed = false;

	if (a != ACTION_PROMPT_COMPLETE)
		view_set(&p->hint, NULL);
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

#include "ui/prompt.h"

#include "proto/command.h"

#include <stdlib.h>
#include <string.h>

/* Commands of the console itself, beside those of commands.def. */
static const char *const local_commands[] = {"quit", "help", "filter",
	"save-screen"};

void prompt_clear(struct prompt *p)
{
	str_clear(&p->text);
	for (int k = 0; k < PROMPT_KINDS; k++) {
		for (size_t i = 0; i < p->history_n[k]; i++)
			free(p->history[k][i]);
	}
	free(p->hint);
	*p = (struct prompt){0};
}

static void set_text(struct prompt *p, const char *text)
{
	str_truncate(&p->text, 0);
	str_add(&p->text, text);
	p->cursor = p->text.len;
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
	p->active = true;
	p->kind = kind;
	p->recall = 0;
	view_set(&p->hint, NULL);
	set_text(p, text);
}

const char *prompt_text(const struct prompt *p)
{
	return str_cstr(&p->text);
}

static void remember(struct prompt *p)
{
	char **h = p->history[p->kind];
	size_t *n = &p->history_n[p->kind];

	if (!p->text.len || (*n && !strcmp(h[*n - 1], p->text.s)))
		return;
	if (*n == PROMPT_HISTORY) {
		free(h[0]);
		memmove(h, h + 1, (PROMPT_HISTORY - 1) * sizeof(*h));
		(*n)--;
	}
	h[(*n)++] = xstrdup(p->text.s);
}

static bool recall(struct prompt *p, int by)
{
	size_t n = p->history_n[p->kind], to = p->recall + (size_t)(int64_t)by;

	if (to > n) /* also below zero */
		return false;
	p->recall = to;
	set_text(p, to ? p->history[p->kind][n - to] : "");
	return true;
}

/* Length of the character that ends at `at` or begins there. */
static size_t before(const struct prompt *p, size_t at)
{
	size_t n = at ? 1 : 0;

	while (n < at && ((uint8_t)p->text.s[at - n] & 0xc0) == 0x80)
		n++;
	return n;
}

static size_t after(const struct prompt *p, size_t at)
{
	size_t n = at < p->text.len ? 1 : 0;

	while (at + n < p->text.len &&
		((uint8_t)p->text.s[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool erase(struct prompt *p, size_t at, size_t n)
{
	if (!n)
		return false;
	memmove(p->text.s + at, p->text.s + at + n, p->text.len - at - n);
	str_truncate(&p->text, p->text.len - n);
	p->cursor = at;
	return true;
}

static bool insert(struct prompt *p, const char *bytes, size_t n)
{
	size_t tail = p->text.len - p->cursor;

	if (p->text.len + n > PROMPT_MAX)
		return false;
	str_addn(&p->text, bytes, n);
	memmove(p->text.s + p->cursor + n, p->text.s + p->cursor, tail);
	memcpy(p->text.s + p->cursor, bytes, n);
	p->cursor += n;
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
	const char *line = str_cstr(&p->text), *space = strchr(line, ' ');
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
		for (size_t i = 0; i < ARRAY_SIZE(local_commands); i++)
			offer(&x, local_commands[i], strlen(local_commands[i]));
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
		p->cursor = p->text.len;
		insert(p, x.common.s + x.n, x.common.len - x.n);
		if (x.count == 1)
			insert(p, " ", 1);
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
	p->active = false;
	if (event == PROMPT_DONE) {
		while (p->text.len && p->kind == PROMPT_COMMAND &&
			p->text.s[p->text.len - 1] == ' ')
			str_truncate(&p->text, p->text.len - 1);
		remember(p);
	}
	return event;
}

static enum prompt_event type(struct prompt *p, int key)
{
	struct str one = STR_INIT;
	bool ok = false;

	if (key >= 0x20 && key < 0x110000) {
		utf8_add(&one, (uint32_t)key);
		ok = insert(p, one.s, one.len);
	}
	str_clear(&one);
	return ok ? PROMPT_CHANGED : PROMPT_NOTHING;
}

enum prompt_event prompt_key(struct prompt *p, const struct mirror *m, int key)
{
	bool changed = false;

	if (key != K_TAB)
		view_set(&p->hint, NULL);
	switch (key) {
	case K_ENTER:
		return finish(p, PROMPT_DONE);
	case K_ESCAPE:
	case K_CTRL('C'):
		return finish(p, PROMPT_GONE);
	case K_TAB:
		if (p->kind == PROMPT_COMMAND)
			complete(p, m);
		return PROMPT_CHANGED;
	case K_BACKSPACE:
		if (!p->text.len)
			return finish(p, PROMPT_GONE);
		changed = erase(p, p->cursor - before(p, p->cursor),
			before(p, p->cursor));
		break;
	case K_DELETE:
		changed = erase(p, p->cursor, after(p, p->cursor));
		break;
	case K_CTRL('U'):
		changed = erase(p, 0, p->cursor);
		break;
	case K_LEFT:
		p->cursor -= before(p, p->cursor);
		break;
	case K_RIGHT:
		p->cursor += after(p, p->cursor);
		break;
	case K_HOME:
	case K_CTRL('A'):
		p->cursor = 0;
		break;
	case K_END:
	case K_CTRL('E'):
		p->cursor = p->text.len;
		break;
	case K_UP:
		changed = recall(p, 1);
		break;
	case K_DOWN:
		changed = recall(p, -1);
		break;
	default:
		return type(p, key);
	}
	return changed ? PROMPT_CHANGED : PROMPT_NOTHING;
}

int prompt_draw(const struct prompt *p, struct canvas *c, struct rect r)
{
	const char *text = prompt_text(p);
	char *head = xstrndup(text, p->cursor);
	int at = canvas_width(c, head), skip = 0;

	canvas_fill(c, r, STYLE_INPUT, ' ');
	canvas_put(c, r.x, r.y, STYLE_INPUT,
		p->kind == PROMPT_COMMAND ? ':' : '/');
	/* Whole characters leave at the left until the cursor fits. */
	while (at - skip > r.w - 3 && *text) {
		const char *from = text;
		char *one;

		utf8_next(&text);
		one = xstrndup(from, (size_t)(text - from));
		skip += canvas_width(c, one);
		free(one);
	}
	canvas_text(c, r.x + 1, r.y, r.w - 1, STYLE_INPUT, text);
	free(head);
	return r.x + 1 + at - skip;
}

#include "ui/form.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"
#include "ui/form_private.h"

struct form *form_new(const struct form_ops *ops, const char *title, void *ctx)
{
	struct form *f = XNEW(struct form);

	f->ops = ops;
	f->title = xstrdup(title);
	f->ctx = ctx;
	return f;
}

static void forget_changes(struct form_changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].text);
	c->n = 0;
}

void form_free(struct form *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct form_entry *e = &f->fields[i];
		for (size_t k = 0; k < FORM_TEXTS; k++)
			free(e->own[k]);
		if (e->field.kind == FIELD_SECRET && e->line.text.s)
			secret_wipe(e->line.text.s, e->line.text.cap);
		line_clear(&e->line);
		free(e->error);
	}
	forget_changes(&f->undo);
	forget_changes(&f->redo);
	if (f->ops->free_ctx)
		f->ops->free_ctx(f->ctx);
	free(f->fields);
	free(f->error);
	free(f->title);
	free(f);
}

void form_add(struct form *f, const struct field *field)
{
	struct form_entry *e;
	struct field *d;

	f->fields = xrealloc_array(f->fields, f->n + 1, sizeof(*f->fields));
	e = &f->fields[f->n++];
	*e = (struct form_entry){.field = *field};
	d = &e->field;
	const char **const texts[FORM_TEXTS] = {&d->name, &d->group, &d->label, &d->unit,
		&d->bounds, &d->help, &d->words, &d->value};

	for (size_t i = 0; i < FORM_TEXTS; i++)
		*texts[i] = e->own[i] = xstrdup(*texts[i] ? *texts[i] : "");
	/* Growing would leave copies behind. */
	if (d->kind == FIELD_SECRET)
		str_reserve(&e->line.text, LINE_BYTES);
	line_set(&e->line, d->value);
}

static struct form_entry *find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!strcmp(f->fields[i].field.name, name))
			return &f->fields[i];
	}
	return NULL;
}

const char *form_text(const struct form *f, size_t i)
{
	return i < f->n ? line_text(&f->fields[i].line) : "";
}

const char *form_value(const struct form *f, const char *name)
{
	const struct form_entry *e = find(f, name);

	return e ? line_text(&e->line) : "";
}

bool form_is_changed(const struct form_entry *e)
{
	return strcmp(line_text(&e->line), e->field.value);
}

bool form_changed(const struct form *f, const char *name)
{
	const struct form_entry *e = find(f, name);

	return e && form_is_changed(e);
}

bool form_fixed(const struct form *f, size_t i)
{
	return i < f->n && f->fields[i].field.fixed;
}

void *form_ctx(const struct form *f)
{
	return f->ctx;
}

struct intent form_done(const struct form *f)
{
	return f->ops->done(f);
}

void form_blame(struct form *f, const char *name, const char *text)
{
	struct form_entry *e = find(f, name);

	view_set(e ? &e->error : &f->error, text);
	if (e)
		f->here = (size_t)(e - f->fields);
}

/* --- right or wrong --- */

static bool is_offered(const char *words, const char *text)
{
	size_t n = strlen(text);

	for (const char *w = words; *w; w += *w == '|') {
		size_t len = strcspn(w, "|");

		if (len == n && !strncmp(w, text, n))
			return true;
		w += len;
	}
	return false;
}

static bool is_right(struct form_entry *e)
{
	const char *text = line_text(&e->line);
	struct err *why = NULL;

	if (!*text && e->field.needed)
		why = err_new(ERR_INVALID, "is needed");
	else if (*text && e->field.kind == FIELD_CHOICE && !is_offered(e->field.words, text))
		why = err_new(ERR_INVALID, "is one of %s", e->field.words);
	else if (*text && e->field.check)
		why = e->field.check(e->field.ctx, text);
	view_set(&e->error, why ? err_text(why) : NULL);
	err_free(why);
	return !e->error;
}

static void look_at_all(struct form *f)
{
	size_t at = f->n;
	struct err *e;

	view_set(&f->error, NULL);
	for (size_t i = f->n; i--;) {
		f->fields[i].visited = true;
		if (!is_right(&f->fields[i]))
			at = i;
	}
	if (at == f->n && f->ops->check) {
		size_t blamed = f->here;

		e = f->ops->check(f, &blamed);
		if (e) {
			view_set(&f->error, err_text(e));
			at = blamed;
		}
		err_free(e);
	}
	if (at < f->n)
		f->here = at;
}

static enum form_event finish(struct form *f)
{
	look_at_all(f);
	f->typing = false;
	for (size_t i = 0; i < f->n; i++) {
		if (f->fields[i].error)
			return FORM_WAIT;
	}
	return f->error ? FORM_WAIT : FORM_READY;
}

/* --- changes, and taking them back --- */

static void remember(struct form_changes *c, size_t at, const char *was, uint64_t number)
{
	if (c->n == FORM_UNDO_MAX) {
		free(c->v[0].text);
		memmove(c->v, c->v + 1, (FORM_UNDO_MAX - 1) * sizeof(*c->v));
		c->n--;
	}
	c->v[c->n++] = (struct form_change){at, xstrdup(was), number};
}

/* What was taken back is not done again after something else was done. */
static void note_change(struct form *f, size_t at, const char *was, uint64_t number)
{
	forget_changes(&f->redo);
	remember(&f->undo, at, was, number);
}

/* What follows any change of a text. */
static void changed(struct form *f, size_t at)
{
	struct form_entry *e = &f->fields[at];

	view_set(&f->error, NULL);
	if (e->visited)
		is_right(e);
	else
		view_set(&e->error, NULL);
}

static void put(struct form *f, size_t at, const char *text, uint64_t number)
{
	const struct field *d = &f->fields[at].field;

	if (d->fixed || d->kind == FIELD_SECRET || !strcmp(form_text(f, at), text))
		return;
	note_change(f, at, form_text(f, at), number);
	line_set(&f->fields[at].line, text);
	changed(f, at);
}

static void put_here(struct form *f, const char *text)
{
	put(f, f->here, text, ++f->number);
	f->typing = false;
}

/* The last change of `from` goes back, and can come again by way of `to`. */
static void go_back(struct form *f, struct form_changes *from, struct form_changes *to)
{
	uint64_t number = from->n ? from->v[from->n - 1].number : 0;

	while (from->n && from->v[from->n - 1].number == number) {
		struct form_change *c = &from->v[--from->n];

		remember(to, c->at, form_text(f, c->at), number);
		line_set(&f->fields[c->at].line, c->text);
		free(c->text);
		f->here = c->at;
		changed(f, c->at);
	}
	f->typing = false;
}

static void reset_all(struct form *f)
{
	uint64_t number = ++f->number;

	for (size_t i = 0; i < f->n; i++)
		put(f, i, f->fields[i].field.value, number);
	f->typing = false;
}

/* --- keys --- */

/* The word before or after the one that stands here, round and round; the first
 * or last when it is none of them. */
static void offer(struct form *f, int by)
{
	const char *words = f->fields[f->here].field.words, *text = form_text(f, f->here);
	size_t n = strlen(text);
	const char *first = NULL, *last = NULL, *before = NULL, *after = NULL;
	bool met = false;
	char *word;

	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		if (len == n && !strncmp(w, text, n)) {
			met = true;
			before = last;
		} else if (met && !after) {
			after = w;
		}
		first = first ? first : w;
		last = w;
		w += len + (w[len] == '|');
	}
	if (!first)
		return;
	word = by > 0 ? xstrndup(after ? after : first, strcspn(after ? after : first, "|"))
		      : xstrndup(before ? before : last, strcspn(before ? before : last, "|"));
	put_here(f, word);
	free(word);
}

/* The word that begins with the key, the next such one when it stands there. */
static void choose_by_letter(struct form *f, int key)
{
	const char *words = f->fields[f->here].field.words, *text = form_text(f, f->here);
	const char *first = NULL, *after = NULL;
	bool met = false;
	char *word;

	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		if (*w == key) {
			first = first ? first : w;
			after = met && !after ? w : after;
		}
		met |= len == strlen(text) && !strncmp(w, text, len);
		w += len + (w[len] == '|');
	}
	if (!first)
		return;
	first = after ? after : first;
	word = xstrndup(first, strcspn(first, "|"));
	put_here(f, word);
	free(word);
}

static void share(struct form *f, unsigned percent)
{
	const struct field *d = &f->fields[f->here].field;
	struct str s = STR_INIT;

	d->share(d->ctx, percent, &s);
	if (s.len)
		put_here(f, s.s);
	str_clear(&s);
}

/* "30" before the sign: 30 %. Else the next of 25, 50 and 100 %. */
static void share_or_next(struct form *f)
{
	static const unsigned steps[] = {25, 50, 100};
	const struct field *d = &f->fields[f->here].field;
	const char *text = form_text(f, f->here);
	uint64_t given;
	size_t next = 0;

	if (parse_u64(text, &given) && given <= 100) {
		share(f, (unsigned)given);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct str s = STR_INIT;

		d->share(d->ctx, steps[i], &s);
		if (!strcmp(str_cstr(&s), text))
			next = (i + 1) % ARRAY_SIZE(steps);
		str_clear(&s);
	}
	share(f, steps[next]);
}

static void move(struct form *f, size_t by)
{
	if (!f->n)
		return;
	f->fields[f->here].visited = true;
	is_right(&f->fields[f->here]);
	f->here = (f->here + by) % f->n;
	f->typing = false;
}

static void type(struct form *f, int key)
{
	struct form_entry *e = &f->fields[f->here];
	char *was = xstrdup(line_text(&e->line));
	bool differs;

	if (line_key(&e->line, key, &differs) && differs) {
		/* A run of typing goes back in one piece. */
		if (!f->typing)
			note_change(f, f->here, was, ++f->number);
		f->typing = true;
		changed(f, f->here);
	}
	free(was);
}

static void type_secret(struct form *f, int key)
{
	bool differs;

	if (line_key(&f->fields[f->here].line, key, &differs) && differs)
		changed(f, f->here);
}

static void press(struct form *f, enum action a, int key)
{
	const struct field *d = &f->fields[f->here].field;

	if (d->fixed)
		return;
	if (d->share && a == ACTION_FORM_MAX)
		share(f, 100);
	else if (d->share && a == ACTION_FORM_SHARE)
		share_or_next(f);
	else if (d->kind == FIELD_SECRET)
		type_secret(f, key);
	else if (d->kind != FIELD_CHOICE)
		type(f, key);
	else if (key == K_RIGHT || key == ' ')
		offer(f, 1);
	else if (key == K_LEFT)
		offer(f, -1);
	else if (key > ' ' && key < 0x7f)
		choose_by_letter(f, key);
}

/* Where '?' would only be typed by mistake. */
static bool asks_help(const struct form *f, int key)
{
	const struct form_entry *e = &f->fields[f->here];

	return key == '?' && e->field.kind != FIELD_SECRET &&
		(e->field.kind == FIELD_CHOICE || e->field.fixed || !e->line.cursor);
}

enum form_event form_key(struct form *f, int key)
{
	enum action a = keys_find(CONTEXT_FORM, key);

	if (a == ACTION_FORM_BACK)
		return FORM_LEFT;
	if (a == ACTION_FORM_HELP || !f->n || asks_help(f, key))
		return FORM_ASKS;
	switch ((int)a) {
	case ACTION_FORM_DO:
		return finish(f);
	case ACTION_FORM_NEXT:
		move(f, 1);
		break;
	case ACTION_FORM_PREV:
		move(f, f->n - 1);
		break;
	case ACTION_FORM_MORE:
	case ACTION_FORM_LESS:
		offer(f, a == ACTION_FORM_MORE ? 1 : -1);
		break;
	case ACTION_FORM_UNDO:
		go_back(f, &f->undo, &f->redo);
		break;
	case ACTION_FORM_REDO:
		go_back(f, &f->redo, &f->undo);
		break;
	case ACTION_FORM_RESET:
		put_here(f, f->fields[f->here].field.value);
		break;
	case ACTION_FORM_RESET_ALL:
		reset_all(f);
		break;
	default:
		press(f, a, key);
	}
	return FORM_WAIT;
}

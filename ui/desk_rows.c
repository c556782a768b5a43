#include "ui/desk_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/csv.h"

/* Base64 of it has to pass terminals that take no more than 75,000 bytes. */
#define COPY_MAX 56000

struct table *desk_table(const struct desk *d)
{
	const struct panel_ops *p = panel_ops(d->here);

	return p->table ? p->table(d->state[d->here], d->mirror) : NULL;
}

/* --- seeking --- */

void desk_find(struct desk *d, int step, bool from)
{
	const struct panel_ops *p = panel_ops(d->here);
	struct table *t = desk_table(d);
	size_t at = 0, of = 0;

	if (!d->sought || !*d->sought) {
		prompt_open(&d->prompt, PROMPT_FIND, "");
		return;
	}
	if (t && table_find(t, d->sought, step, from, &at, &of))
		desk_say(d, STYLE_NORMAL, "%zu of %zu with \"%s\" (n, N go on)", at, of,
			d->sought);
	else if (p->find && p->find(d->state[d->here], d->mirror, d->sought, step))
		desk_say(d, STYLE_NORMAL, "found \"%s\" (n, N go on)", d->sought);
	else if (t || p->find)
		desk_say(d, STYLE_WARN, "no row shown has \"%s\"%s; * seeks another text",
			d->sought, *view_text(p->filter(d->state[d->here]))
				? ", and the filter hides some (\\ clears it)" : "");
	else
		desk_say(d, STYLE_DIM, "there are no rows here to seek in");
}

void desk_seek(struct desk *d, const char *text)
{
	free(d->sought);
	d->sought = text_fold(text);
	if (*text)
		desk_find(d, 1, true);
}

/* --- the clipboard --- */

struct wish desk_copy(struct desk *d, bool rows)
{
	const struct panel_ops *p = panel_ops(d->here);
	const char *id = p->pick ? p->pick(d->state[d->here]) : NULL;
	struct table *t = desk_table(d);
	struct str text = STR_INIT;
	size_t all = 0, n = 0;
	struct wish w;

	if (t) {
		table_chosen(t, &all);
		n = rows ? csv_copy(t, d->mirror, COPY_MAX, &text)
			 : csv_copy_ids(t, COPY_MAX, &text);
	} else if (id) {
		str_add_safe(&text, id, strlen(id), COPY_MAX / 4);
	}
	if (!text.len) {
		str_clear(&text);
		desk_say(d, STYLE_DIM, "nothing to copy here");
		return wish(WISH_NONE);
	}
	w = wish_text(WISH_COPY, text.s);
	str_truncate(&text, 0);
	if (n < all)
		str_printf(&text, "%zu of %zu rows, as many as a clipboard takes", n, all);
	else if (all > 1)
		str_printf(&text, "%zu rows", n);
	else
		str_add(&text, rows ? "the row" : w.text);
	w.note = str_take(&text);
	return w;
}

/* --- files --- */

/* A name that says what it is and when, by the node's clock. */
static void suggest_name(const struct desk *d, struct str *out)
{
	time_t now = (time_t)(d->mirror->node.now_ms / 1000);
	char when[32];
	struct tm tm = {0};

	gmtime_r(&now, &tm);
	if (!strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm))
		when[0] = '\0';
	str_add(out, "weir-");
	for (const char *p = panel_ops(d->here)->name; *p; p++)
		str_addc(out, *p == ' ' ? '-' : *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
	str_printf(out, "-%s.csv", when);
}

struct wish desk_save_csv(struct desk *d, const char *path, bool replace)
{
	const struct panel_ops *room = panel_ops(d->here);
	struct table *t = desk_table(d);
	struct str s = STR_INIT;
	struct wish w;

	if (!t && !room->csv) {
		desk_say(d, STYLE_WARN, "there is no table here to write; w writes the screen");
		return wish(WISH_NONE);
	}
	if (!*path) {
		str_printf(&s, "%s ", word_def(WORD_SAVE_CSV)->name);
		suggest_name(d, &s);
		prompt_open(&d->prompt, PROMPT_COMMAND, s.s);
		str_clear(&s);
		return wish(WISH_NONE);
	}
	if (t)
		csv_table(t, d->mirror, &s);
	else
		room->csv(d->state[d->here], d->mirror, &s);
	w = wish_text(WISH_SAVE, path);
	w.data = str_take(&s);
	w.replace = replace;
	return w;
}

void desk_tell_tags(const struct desk *d, struct str *out)
{
	struct table *t = desk_table(d);
	size_t shown = 0;

	if (!t || !t->tagged_n)
		return;
	for (size_t i = 0; i < t->n; i++)
		shown += tags_find(&t->tags, t->spec->id(t->rows[i])) < t->tags.n;
	str_printf(out, "%zu tagged (*)", t->tagged_n);
	if (shown < t->tagged_n)
		str_printf(out, ", %zu of them hidden by the filter", t->tagged_n - shown);
	str_add(out, ": what acts on a row acts on them; U untags all");
}

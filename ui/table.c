#include "ui/table.h"

#include <stdlib.h>
#include <string.h>

#define GAP 1
#define MARK_W 2 /* of tags, at the left of the rows; there while there are any */

void table_init(struct table *t, const struct table_spec *spec, size_t sort)
{
	*t = (struct table){.spec = spec, .sort = sort};
}

void table_clear(struct table *t)
{
	free(t->rows);
	free(t->tagged);
	tags_clear(&t->tags);
	free(t->filter);
	free(t->selected);
	*t = (struct table){.spec = t->spec};
}

int compare_text(const char *a, const char *b)
{
	return strcmp(view_text(a), view_text(b));
}

static int compare_rows(const void *pa, const void *pb, void *ctx)
{
	const struct table *t = ctx;
	const struct column *col = &t->spec->columns[t->sort];
	const char *a = *(const char *const *)pa, *b = *(const char *const *)pb;
	int order;

	if (!col->cmp) /* in the order of the view's array, which is the table's own */
		return COMPARE(a, b);
	order = col->cmp(a, b);
	if (order)
		return col->descending != t->invert ? -order : order;
	return compare_text(t->spec->id(a), t->spec->id(b));
}

static bool has_text(const struct table *t, const void *row, const char *fold,
	struct str *scratch)
{
	str_truncate(scratch, 0);
	t->spec->search(row, scratch);
	for (size_t i = 0; i < scratch->len; i++) {
		char *c = &scratch->s[i];

		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
	}
	return text_matches(str_cstr(scratch), scratch->len, fold);
}

static void select_row(struct table *t, size_t at)
{
	if (!t->n) {
		t->at = t->top = 0;
		return;
	}
	t->at = at < t->n ? at : t->n - 1;
	view_set(&t->selected, t->spec->id(t->rows[t->at]));
}

/* The tagged among all rows; tags whose row has gone go, too. */
static void load_tagged(struct table *t, const void *const *rows, size_t n)
{
	bool *seen;

	t->tagged_n = 0;
	if (!t->tags.n)
		return;
	seen = xcalloc(t->tags.n, sizeof(*seen));
	t->tagged = xrealloc_array(t->tagged, t->tags.n, sizeof(*t->tagged));
	for (size_t i = 0; i < n; i++) {
		size_t at = tags_find(&t->tags, t->spec->id(rows[i]));

		if (at < t->tags.n && !seen[at]) {
			seen[at] = true;
			t->tagged[t->tagged_n++] = rows[i];
		}
	}
	tags_keep(&t->tags, seen);
	free(seen);
	if (t->tagged_n > 1)
		qsort_r(t->tagged, t->tagged_n, sizeof(*t->tagged), compare_rows, t);
}

void table_load(struct table *t, const void *const *rows, size_t n)
{
	struct str scratch = STR_INIT;

	t->rows = xrealloc_array(t->rows, n + 1, sizeof(*t->rows));
	t->n = 0;
	t->total = n;
	for (size_t i = 0; i < n; i++) {
		if (!t->filter || !*t->filter || has_text(t, rows[i], t->filter, &scratch))
			t->rows[t->n++] = rows[i];
	}
	str_clear(&scratch);
	load_tagged(t, rows, n);
	if (t->n > 1)
		qsort_r(t->rows, t->n, sizeof(*t->rows), compare_rows, t);
	for (size_t i = 0; t->selected && i < t->n; i++) {
		if (!compare_text(t->spec->id(t->rows[i]), t->selected)) {
			t->at = i;
			return;
		}
	}
	/* Gone: whoever is in its place now. */
	select_row(t, t->at);
}

void table_filter(struct table *t, const char *text)
{
	free(t->filter);
	t->filter = text_fold(text);
}

const void *table_row(const struct table *t)
{
	return t->n ? t->rows[t->at] : NULL;
}

const void *const *table_chosen(const struct table *t, size_t *n)
{
	*n = t->tagged_n ? t->tagged_n : t->n > 0;
	return t->tagged_n ? t->tagged : t->rows + (t->n ? t->at : 0);
}

bool table_find(struct table *t, const char *fold, int step, bool from, size_t *at,
	size_t *of)
{
	bool *has = xcalloc(t->n + 1, sizeof(*has));
	struct str scratch = STR_INIT;
	size_t here = t->at;

	*at = *of = 0;
	for (size_t i = 0; i < t->n; i++)
		*of += has[i] = has_text(t, t->rows[i], fold, &scratch);
	/* Ends where it began when that is the only one. */
	while (*of && !(from && has[here])) {
		here = (here + (step > 0 ? 1 : t->n - 1)) % t->n;
		from = true;
	}
	for (size_t i = 0; *of && i <= here; i++)
		*at += has[i];
	if (*of)
		select_row(t, here);
	str_clear(&scratch);
	free(has);
	return *of;
}

/* Which columns fit: those of high rank leave first, from the right. */
static size_t choose(const struct table *t, int w, bool keep[static 32],
	int *left)
{
	const struct table_spec *s = t->spec;
	size_t count = 0;
	int need = 0;

	for (size_t i = 0; i < s->columns_n && i < 32; i++) {
		keep[i] = !i || i > t->skip;
		need += keep[i] ? s->columns[i].width + GAP : 0;
	}
	while (need - GAP > w) {
		size_t worst = 0;

		for (size_t i = 1; i < s->columns_n; i++) {
			if (keep[i] && (!worst || s->columns[i].rank >=
						    s->columns[worst].rank))
				worst = i;
		}
		if (!worst)
			break;
		keep[worst] = false;
		need -= s->columns[worst].width + GAP;
	}
	for (size_t i = 0; i < s->columns_n; i++)
		count += keep[i];
	*left = w - (need - GAP) > 0 ? w - (need - GAP) : 0;
	return count;
}

static void layout(const struct table *t, int w, int widths[static 32])
{
	const struct table_spec *s = t->spec;
	bool keep[32] = {0};
	int left, grow = 0, given = 0;
	size_t last = 0;

	choose(t, w, keep, &left);
	for (size_t i = 0; i < s->columns_n; i++)
		grow += keep[i] ? s->columns[i].grow : 0;
	for (size_t i = 0; i < s->columns_n; i++) {
		int extra = keep[i] && grow ? left * s->columns[i].grow / grow
					    : 0;

		widths[i] = keep[i] ? s->columns[i].width + extra : 0;
		given += extra;
		if (keep[i] && s->columns[i].grow)
			last = i;
	}
	if (grow)
		widths[last] += left - given;
}

static void draw_header(const struct table *t, struct canvas *c, struct rect r,
	const int widths[static 32])
{
	int x = r.x;

	canvas_fill(c, (struct rect){r.x, r.y, r.w, 1}, STYLE_HEADER, ' ');
	for (size_t i = 0; i < t->spec->columns_n; i++) {
		const struct column *col = &t->spec->columns[i];
		bool here = t->sort == i && col->cmp;
		struct str s = STR_INIT;

		if (!widths[i])
			continue;
		str_add(&s, col->title);
		if (here && (int)s.len < widths[i])
			str_addc(&s, col->descending != t->invert ? 'v' : '^');
		canvas_field(c, x, r.y, widths[i],
			here ? STYLE_HEADER_SORT : STYLE_HEADER, col->align,
			str_cstr(&s));
		str_clear(&s);
		x += widths[i] + GAP;
	}
}

static void draw_row(const struct table *t, const struct mirror *m,
	struct canvas *c, struct rect r, size_t i, const int widths[static 32])
{
	struct str s = STR_INIT;
	int x = r.x;

	for (size_t k = 0; k < t->spec->columns_n; k++) {
		const struct column *col = &t->spec->columns[k];
		enum style style;

		if (!widths[k])
			continue;
		str_truncate(&s, 0);
		style = col->fmt(m, t->rows[i], &s);
		canvas_field(c, x, r.y, widths[k], style, col->align,
			str_cstr(&s));
		x += widths[k] + GAP;
	}
	str_clear(&s);
	if (tags_find(&t->tags, t->spec->id(t->rows[i])) < t->tags.n)
		canvas_put(c, r.x - MARK_W, r.y, STYLE_VALUE, '*');
	if (i == t->at)
		canvas_restyle(c, r, STYLE_SELECTED);
}

static void scroll_to_selection(struct table *t, size_t page)
{
	t->page = page;
	if (t->at < t->top)
		t->top = t->at;
	if (page && t->at >= t->top + page)
		t->top = t->at - page + 1;
	if (t->top + page > t->n)
		t->top = t->n > page ? t->n - page : 0;
}

/* Without the columns of the marks. */
static struct rect columns_in(const struct table *t, struct rect r)
{
	int mark = t->tags.n && r.w > MARK_W ? MARK_W : 0;

	return (struct rect){r.x + mark, r.y, r.w - mark, r.h};
}

void table_draw(struct table *t, const struct mirror *m, struct canvas *c,
	struct rect r)
{
	int widths[32] = {0};

	t->at_rect = r;
	canvas_fill(c, (struct rect){r.x, r.y, r.w > 0 ? r.w : 0, 1}, STYLE_HEADER, ' ');
	r = columns_in(t, r);
	if (r.h < 1 || r.w < 1)
		return;
	layout(t, r.w, widths);
	draw_header(t, c, r, widths);
	scroll_to_selection(t, (size_t)(r.h - 1));
	for (size_t i = 0; i < t->page && t->top + i < t->n; i++) {
		struct rect line = {r.x, r.y + 1 + (int)i, r.w, 1};

		draw_row(t, m, c, line, t->top + i, widths);
	}
	if (!t->n && r.h > 2)
		canvas_text(c, r.x + 1, r.y + 2, r.w - 1, STYLE_DIM,
			t->total ? "nothing matches the filter; \\ clears it"
				 : t->spec->empty);
}

static void click_header(struct table *t, struct rect r, int x)
{
	int widths[32] = {0}, at = r.x;

	layout(t, r.w, widths);
	for (size_t i = 0; i < t->spec->columns_n; i++) {
		at += widths[i] ? widths[i] + GAP : 0;
		if (!widths[i] || x >= at)
			continue;
		if (t->spec->columns[i].cmp) {
			t->invert = t->sort == i && !t->invert;
			t->sort = i;
		}
		return;
	}
}

bool table_click(struct table *t, int x, int y)
{
	struct rect r = columns_in(t, t->at_rect);
	size_t row = t->top + (size_t)(y - r.y - 1);

	if (x < r.x || x >= r.x + r.w || y < r.y || y >= r.y + r.h)
		return false;
	if (y == r.y)
		click_header(t, r, x);
	else if (row < t->n)
		select_row(t, row);
	return true;
}

static void sort_step(struct table *t, size_t by)
{
	size_t n = t->spec->columns_n;

	/* Some tables have an order of their own: no column sorts them. */
	for (size_t i = 0; i < n; i++) {
		t->sort = (t->sort + by) % n;
		if (t->spec->columns[t->sort].cmp)
			break;
	}
	t->invert = false;
}

bool table_act(struct table *t, enum action a)
{
	size_t page = t->page > 1 ? t->page - 1 : 1;

	switch ((int)a) {
	case ACTION_UP:
		select_row(t, t->at ? t->at - 1 : 0);
		return true;
	case ACTION_DOWN:
		select_row(t, t->at + 1);
		return true;
	case ACTION_PAGE_UP:
		select_row(t, t->at > page ? t->at - page : 0);
		return true;
	case ACTION_PAGE_DOWN:
		select_row(t, t->at + page);
		return true;
	case ACTION_FIRST:
		select_row(t, 0);
		return true;
	case ACTION_LAST:
		select_row(t, t->n);
		return true;
	case ACTION_LEFT:
		t->skip -= t->skip > 0;
		return true;
	case ACTION_RIGHT:
		t->skip += t->skip + 2 < t->spec->columns_n;
		return true;
	case ACTION_SORT_NEXT:
		sort_step(t, 1);
		return true;
	case ACTION_SORT_PREV:
		sort_step(t, t->spec->columns_n - 1);
		return true;
	case ACTION_SORT_INVERT:
		t->invert = !t->invert;
		return true;
	case ACTION_FILTER_CLEAR:
		table_filter(t, "");
		return true;
	case ACTION_TAG:
		if (t->n) {
			tags_toggle(&t->tags, t->spec->id(t->rows[t->at]));
			select_row(t, t->at + 1);
		}
		return true;
	case ACTION_UNTAG:
		tags_clear(&t->tags);
		t->tagged_n = 0;
		return true;
	}
	return false;
}

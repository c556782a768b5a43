#include "proto/view_codec.h"

#include "proto/json_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A view is thousands of numbers, and printf would be most of its cost. */
static void add_int(struct str *out, int64_t v)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	str_addn(out, p, (size_t)(buf + sizeof(buf) - p));
}

static void add_double(struct str *out, double d)
{
	if (!isfinite(d))
		d = -1;
	if (fabs(d) < 1e9 && d == trunc(d))
		add_int(out, (int64_t)d);
	else
		str_printf(out, "%.9g", d);
}

static void encode_list(const struct view_desc *d, const struct view_list *l,
	struct str *out)
{
	str_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			str_addc(out, ',');
		view_encode(d, (const char *)l->v + i * d->size, out);
	}
	str_addc(out, ']');
}

void view_encode(const struct view_desc *d, const void *view, struct str *out)
{
	str_addc(out, '{');
	for (size_t i = 0; i < d->fields_n; i++) {
		const struct view_field *f = &d->fields[i];
		const void *at = (const char *)view + f->offset;

		if (i)
			str_addc(out, ',');
		str_addc(out, '"');
		str_add(out, f->name);
		str_add(out, "\":");
		switch (f->type) {
		case VIEW_TEXT:
			json_add_text(out,
				view_text(*(char *const *)at));
			break;
		case VIEW_INT:
			add_int(out, *(const int64_t *)at);
			break;
		case VIEW_DOUBLE:
			add_double(out, *(const double *)at);
			break;
		case VIEW_BOOL:
			str_add(out, *(const bool *)at ? "true" : "false");
			break;
		case VIEW_LIST:
			encode_list(f->item(), at, out);
			break;
		}
	}
	str_addc(out, '}');
}

struct decoder {
	struct json_scan json;
	struct str scratch;
	size_t items;
};

static bool decode_object(struct decoder *x, const struct view_desc *d,
	void *view);

/* One more item at the end of the list. */
static bool decode_item(struct decoder *x, const struct view_desc *d,
	struct view_list *l, size_t *cap)
{
	char *at;

	if (++x->items > VIEW_MAX_ITEMS)
		return scan_fault(&x->json, "too many items");
	if (l->n == *cap) {
		*cap = *cap ? 2 * *cap : 4;
		l->v = xrealloc_array(l->v, *cap, d->size);
	}
	at = (char *)l->v + l->n++ * d->size;
	memset(at, 0, d->size);
	return decode_object(x, d, at);
}

static bool decode_list(struct decoder *x, const struct view_desc *d,
	struct view_list *l)
{
	size_t cap = 0;
	bool first = true;

	if (l->n)
		return scan_fault(&x->json, "list given twice");
	if (!scan_open(&x->json, '['))
		return false;
	while (scan_next(&x->json, '[', &first)) {
		if (!decode_item(x, d, l, &cap))
			return false;
	}
	return !x->json.fault;
}

static bool decode_field(struct decoder *x, const struct view_field *f,
	void *at)
{
	if (scan_null(&x->json))
		return true;
	switch (f->type) {
	case VIEW_TEXT:
		if (!scan_text(&x->json, &x->scratch))
			return false;
		free(*(char **)at);
		*(char **)at = xmemdup(x->scratch.s, x->scratch.len + 1);
		return true;
	case VIEW_INT:
		return scan_int(&x->json, at);
	case VIEW_DOUBLE:
		return scan_double(&x->json, at);
	case VIEW_BOOL:
		return scan_bool(&x->json, at);
	case VIEW_LIST:
		return decode_list(x, f->item(), at);
	}
	return false;
}

/* Our own encoder keeps the order of the fields, so the next one is looked at
 * first. */
static const struct view_field *find(const struct view_desc *d, size_t *next,
	const char *name)
{
	for (size_t i = 0; i < d->fields_n; i++) {
		size_t k = (*next + i) % d->fields_n;

		if (!strcmp(d->fields[k].name, name)) {
			*next = k + 1;
			return &d->fields[k];
		}
	}
	return NULL;
}

static bool decode_object(struct decoder *x, const struct view_desc *d,
	void *view)
{
	size_t next = 0;
	bool first = true, ok = true;

	if (!scan_open(&x->json, '{'))
		return false;
	while (ok && scan_next(&x->json, '{', &first)) {
		const struct view_field *f;

		if (!scan_key(&x->json, &x->scratch))
			return false;
		f = find(d, &next, x->scratch.s);
		ok = f ? decode_field(x, f, (char *)view + f->offset)
		       : scan_skip(&x->json);
	}
	return ok && !x->json.fault;
}

/* --- in slices: the section's own object, a row at a time --- */

struct view_reader {
	const struct view_desc *d;
	struct decoder x;
	struct str text;
	void *view;
	size_t next_field;
	const struct view_field *list; /* whose rows are being read */
	size_t cap;		       /* of that list */
	bool first, first_row, done;
};

static void reader_init(struct view_reader *r, const struct view_desc *d,
	const char *json, size_t n)
{
	r->d = d;
	r->view = xcalloc(1, d->size);
	r->first = true;
	json_scan_init(&r->x.json, json, n, VIEW_MAX_DEPTH);
	if (n > VIEW_MAX_BYTES)
		scan_fault(&r->x.json, "too large");
	r->done = !scan_open(&r->x.json, '{');
}

static void reader_clear(struct view_reader *r)
{
	view_clear(r->d, r->view);
	free(r->view);
	str_clear(&r->x.scratch);
	str_clear(&r->text);
}

/* The next member of the section; a list is only opened. */
static bool step_member(struct view_reader *r)
{
	struct json_scan *j = &r->x.json;
	const struct view_field *f;

	if (!scan_next(j, '{', &r->first)) {
		r->done = true;
		return !j->fault && scan_end(j);
	}
	if (!scan_key(j, &r->x.scratch))
		return false;
	f = find(r->d, &r->next_field, r->x.scratch.s);
	if (!f)
		return scan_skip(j);
	if (f->type != VIEW_LIST || scan_peek(j) == 'n')
		return decode_field(&r->x, f, (char *)r->view + f->offset);
	if (((struct view_list *)((char *)r->view + f->offset))->n)
		return scan_fault(j, "list given twice");
	r->list = f;
	r->cap = 0;
	r->first_row = true;
	return scan_open(j, '[');
}

static bool step_row(struct view_reader *r)
{
	struct view_list *l =
		(struct view_list *)((char *)r->view + r->list->offset);

	if (!scan_next(&r->x.json, '[', &r->first_row)) {
		r->list = NULL;
		return !r->x.json.fault;
	}
	return decode_item(&r->x, r->list->item(), l, &r->cap);
}

bool view_reader_step(struct view_reader *r, size_t items)
{
	for (size_t rows = 0; !r->done && rows < items;) {
		bool row = r->list;

		if (!(row ? step_row(r) : step_member(r)))
			r->done = true;
		rows += row;
	}
	return !r->done;
}

struct err *view_reader_finish(struct view_reader *r, void *view)
{
	struct err *e = err_wrap(scan_err(&r->x.json), "%s", r->d->name);

	if (!e) {
		memcpy(view, r->view, r->d->size);
		memset(r->view, 0, r->d->size);
	}
	return e;
}

struct view_reader *view_reader_new(const struct view_desc *d,
	struct str *json_taken)
{
	struct view_reader *r = XNEW(struct view_reader);

	r->text = *json_taken;
	*json_taken = STR_INIT;
	reader_init(r, d, str_cstr(&r->text), r->text.len);
	return r;
}

void view_reader_free(struct view_reader *r)
{
	if (!r)
		return;
	reader_clear(r);
	free(r);
}

struct err *view_decode(const struct view_desc *d, const char *json, size_t n,
	void *view)
{
	struct view_reader r = {0};
	struct err *e;

	reader_init(&r, d, json, n);
	view_reader_step(&r, SIZE_MAX);
	e = view_reader_finish(&r, view);
	reader_clear(&r);
	return e;
}

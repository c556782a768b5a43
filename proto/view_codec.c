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
		if (++x->items > VIEW_MAX_ITEMS)
			return scan_fault(&x->json, "too many items");
		if (l->n == cap) {
			cap = cap ? 2 * cap : 4;
			l->v = xrealloc_array(l->v, cap, d->size);
		}
		memset((char *)l->v + l->n * d->size, 0, d->size);
		l->n++;
		if (!decode_object(x, d, (char *)l->v + (l->n - 1) * d->size))
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

struct err *view_decode(const struct view_desc *d, const char *json, size_t n,
	void *view)
{
	struct decoder x = {0};
	struct err *e;

	if (n > VIEW_MAX_BYTES)
		return err_new(ERR_LIMIT, "%s: %zu bytes, at most %u", d->name,
			n, VIEW_MAX_BYTES);
	json_scan_init(&x.json, json, n, VIEW_MAX_DEPTH);
	if (decode_object(&x, d, view))
		scan_end(&x.json);
	e = err_wrap(scan_err(&x.json), "%s", d->name);
	if (e)
		view_clear(d, view);
	str_clear(&x.scratch);
	return e;
}

#include "ui/csv.h"

#include <string.h>

static void add_row(const struct table *t, const struct mirror *m, const void *row,
	struct str *out)
{
	struct str cell = STR_INIT;

	str_add_csv(out, t->spec->id(row));
	for (size_t i = 0; i < t->spec->columns_n; i++) {
		str_truncate(&cell, 0);
		t->spec->columns[i].fmt(m, row, &cell);
		str_addc(out, ',');
		str_add_csv(out, str_cstr(&cell));
	}
	str_add(out, "\r\n");
	str_clear(&cell);
}

void csv_table(const struct table *t, const struct mirror *m, struct str *out)
{
	size_t n = t->tagged_n ? t->tagged_n : t->n;

	str_add(out, "id");
	for (size_t i = 0; i < t->spec->columns_n; i++) {
		str_addc(out, ',');
		str_add_csv(out, t->spec->columns[i].title);
	}
	str_add(out, "\r\n");
	for (size_t i = 0; i < n; i++)
		add_row(t, m, t->tagged_n ? t->tagged[i] : t->rows[i], out);
}

/* A cell between tabs; none of its own. */
static void add_plain(struct str *out, const char *text)
{
	str_add_safe(out, text, strlen(text), strlen(text));
}

size_t csv_copy(const struct table *t, const struct mirror *m, size_t max, struct str *out)
{
	size_t n, fits = 0;
	const void *const *rows = table_chosen(t, &n);
	struct str line = STR_INIT, cell = STR_INIT;

	for (; fits < n; fits++) {
		str_truncate(&line, 0);
		for (size_t i = 0; i < t->spec->columns_n; i++) {
			str_truncate(&cell, 0);
			t->spec->columns[i].fmt(m, rows[fits], &cell);
			str_add(&line, i ? "\t" : fits ? "\n" : "");
			add_plain(&line, str_cstr(&cell));
		}
		if (out->len + line.len > max)
			break;
		str_add(out, line.s);
	}
	str_clear(&line);
	str_clear(&cell);
	return fits;
}

size_t csv_copy_ids(const struct table *t, size_t max, struct str *out)
{
	size_t n, fits = 0;
	const void *const *rows = table_chosen(t, &n);

	for (; fits < n; fits++) {
		const char *id = t->spec->id(rows[fits]);

		if (out->len + 4 * strlen(id) + 1 > max) /* at most, made safe */
			break;
		str_add(out, fits ? "\n" : "");
		add_plain(out, id);
	}
	return fits;
}

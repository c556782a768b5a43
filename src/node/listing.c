#include "src/node/listing.h"

#include <stdlib.h>
#include <string.h>

#include "proto/json_scan.h"
#include "src/base/clock.h"

#define TEXT_CELL_MAX 60 /* of a table but its last column; CSV and JSON have all of it */
#define CUT '~'

struct listing {
	const char *const *columns;
	size_t columns_n;
	char **cells;
	size_t cells_n;
	bool is_last_below;
};

enum listing_format listing_format(const char *word)
{
	return !word ? LISTING_TEXT : !strcmp(word, "csv") ? LISTING_CSV
		: !strcmp(word, "json") ? LISTING_JSON : LISTING_TEXT;
}

struct listing *listing_new(const char *const *columns)
{
	struct listing *l = XNEW(struct listing);

	l->columns = columns;
	while (columns[l->columns_n])
		l->columns_n++;
	return l;
}

void listing_free(struct listing *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->cells_n; i++)
		free(l->cells[i]);
	free(l->cells);
	free(l);
}

void listing_last_below(struct listing *l)
{
	l->is_last_below = true;
}

void listing_add(struct listing *l, const char *text)
{
	l->cells = xrealloc_array(l->cells, l->cells_n + 1, sizeof(char *));
	l->cells[l->cells_n++] = xstrdup(text);
}

void listing_addf(struct listing *l, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	listing_add(l, str_cstr(&s));
	str_clear(&s);
}

void listing_add_number(struct listing *l, int64_t n)
{
	listing_addf(l, "%lld", (long long)n);
}

void listing_add_time(struct listing *l, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];

	listing_add(l, wall_ms ? clock_fmt(text, wall_ms) : "");
}

void listing_add_wei(struct listing *l, struct wei a)
{
	struct str s = STR_INIT;

	wei_fmt_eth(&s, a);
	listing_add(l, s.s);
	str_clear(&s);
}

size_t listing_rows(const struct listing *l)
{
	return l->cells_n / l->columns_n;
}

static const char *cell(const struct listing *l, size_t row, size_t column)
{
	return l->cells[row * l->columns_n + column];
}

/* --- text --- */

/* Those that stand side by side; the last of them has the rest of the line. */
static size_t beside(const struct listing *l)
{
	return l->columns_n - l->is_last_below;
}

static size_t shown(const struct listing *l, size_t column, const char *text)
{
	size_t n = strlen(text);

	return n > TEXT_CELL_MAX && column + 1 < beside(l) ? TEXT_CELL_MAX : n;
}

static void write_line(const struct listing *l, const size_t *width, const char *const *cells,
	struct str *out)
{
	for (size_t c = 0; c < beside(l); c++) {
		size_t n = shown(l, c, cells[c]);

		str_addn(out, cells[c], n);
		if (cells[c][n])
			out->s[out->len - 1] = CUT;
		while (c + 1 < beside(l) && n++ < width[c] + 2)
			str_addc(out, ' ');
	}
	while (out->len && out->s[out->len - 1] == ' ')
		str_truncate(out, out->len - 1);
	str_addc(out, '\n');
}

static void write_row(const struct listing *l, const size_t *width, size_t row, struct str *out)
{
	const char *last = cell(l, row, l->columns_n - 1);

	write_line(l, width, (const char *const *)&l->cells[row * l->columns_n], out);
	if (l->is_last_below && *last)
		str_printf(out, "%*s-> %s\n", (int)width[0] + 2, "", last);
}

static void write_text(const struct listing *l, struct str *out)
{
	size_t *width = xcalloc(l->columns_n, sizeof(*width));

	for (size_t c = 0; c < l->columns_n; c++) {
		width[c] = strlen(l->columns[c]);
		for (size_t r = 0; r < listing_rows(l); r++)
			if (shown(l, c, cell(l, r, c)) > width[c])
				width[c] = shown(l, c, cell(l, r, c));
	}
	write_line(l, width, l->columns, out);
	for (size_t r = 0; r < listing_rows(l); r++)
		write_row(l, width, r, out);
	free(width);
}

/* --- CSV --- */

static void write_csv(const struct listing *l, struct str *out)
{
	for (size_t c = 0; c < l->columns_n; c++)
		str_printf(out, "%s%s", c ? "," : "", l->columns[c]);
	str_addc(out, '\n');
	for (size_t r = 0; r < listing_rows(l); r++) {
		for (size_t c = 0; c < l->columns_n; c++) {
			str_add(out, c ? "," : "");
			str_add_csv(out, cell(l, r, c));
		}
		str_addc(out, '\n');
	}
}

/* --- JSON --- */

static void write_json(const struct listing *l, struct str *out)
{
	str_addc(out, '[');
	for (size_t r = 0; r < listing_rows(l); r++) {
		str_add(out, r ? ",\n{" : "\n{");
		for (size_t c = 0; c < l->columns_n; c++) {
			str_printf(out, "%s\"%s\":", c ? "," : "", l->columns[c]);
			json_add_text(out, cell(l, r, c));
		}
		str_addc(out, '}');
	}
	str_add(out, listing_rows(l) ? "\n]\n" : "]\n");
}

void listing_write(const struct listing *l, enum listing_format f, struct str *out)
{
	switch (f) {
	case LISTING_TEXT:
		write_text(l, out);
		break;
	case LISTING_CSV:
		write_csv(l, out);
		break;
	case LISTING_JSON:
		write_json(l, out);
		break;
	}
}

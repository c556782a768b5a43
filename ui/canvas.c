#include "ui/canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ui/fit.h"

#define ELLIPSIS 0x2026

void canvas_init(struct canvas *c, int w, int h, enum glyphs glyphs)
{
	*c = (struct canvas){.glyphs = glyphs};
	canvas_resize(c, w, h);
}

void canvas_clear(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

void canvas_resize(struct canvas *c, int w, int h)
{
	c->w = w < 1 ? 1 : w > 1000 ? 1000 : w;
	c->h = h < 1 ? 1 : h > 1000 ? 1000 : h;
	c->cells = xrealloc_array(c->cells, (size_t)c->w * (size_t)c->h,
		sizeof(*c->cells));
	canvas_blank(c);
}

void canvas_blank(struct canvas *c)
{
	for (int i = 0; i < c->w * c->h; i++)
		c->cells[i] = (struct cell){' ', STYLE_NORMAL};
}

/* Overwriting half of a wide character must not leave the other half. */
static void set(struct canvas *c, int x, int y, enum style style, uint32_t ch)
{
	struct cell *at = &c->cells[y * c->w + x];

	if (!at->ch && ch && x > 0)
		at[-1].ch = ' ';
	if (x + 1 < c->w && !at[1].ch && ch)
		at[1].ch = ' ';
	*at = (struct cell){ch, (uint8_t)style};
}

void canvas_put(struct canvas *c, int x, int y, enum style style, uint32_t ch)
{
	if (x >= 0 && x < c->w && y >= 0 && y < c->h)
		set(c, x, y, style, ch);
}

void canvas_fill(struct canvas *c, struct rect r, enum style style,
	uint32_t ch)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		for (int x = r.x; x < r.x + r.w; x++)
			canvas_put(c, x, y, style, ch);
	}
}

uint32_t utf8_next(const char **p)
{
	uint32_t ch = 0;
	size_t len = utf8_decode(*p, strnlen(*p, 4), &ch);

	*p += len ? len : 1;
	return len && !text_is_unsafe(ch) ? ch : '?';
}

void utf8_add(struct str *out, uint32_t ch)
{
	if (ch < 0x80) {
		str_addc(out, (char)ch);
	} else if (ch < 0x800) {
		str_addc(out, (char)(0xc0 | ch >> 6));
		str_addc(out, (char)(0x80 | (ch & 0x3f)));
	} else if (ch < 0x10000) {
		str_addc(out, (char)(0xe0 | ch >> 12));
		str_addc(out, (char)(0x80 | (ch >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (ch & 0x3f)));
	} else {
		str_addc(out, (char)(0xf0 | ch >> 18));
		str_addc(out, (char)(0x80 | (ch >> 12 & 0x3f)));
		str_addc(out, (char)(0x80 | (ch >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (ch & 0x3f)));
	}
}

/* What will be drawn for ch and its columns: 0 for combining marks. */
static uint32_t drawn(const struct canvas *c, uint32_t ch, int *w)
{
	*w = 1;
	if (ch < 0x7f)
		return ch;
	if (c->glyphs != GLYPHS_UNICODE)
		return '?';
	*w = wcwidth((wchar_t)ch);
	if (*w >= 0)
		return ch;
	*w = 1;
	return '?';
}

int canvas_width(const struct canvas *c, const char *text)
{
	int total = 0, w;

	while (*text) {
		drawn(c, utf8_next(&text), &w);
		total += w;
	}
	return total;
}

static void put_wide(struct canvas *c, int x, int y, enum style style,
	uint32_t ch, int w)
{
	if (w == 2 && x + 1 >= c->w) {
		canvas_put(c, x, y, style, ' ');
		return;
	}
	canvas_put(c, x, y, style, ch);
	if (w == 2)
		canvas_put(c, x + 1, y, style, 0);
}

static uint32_t ellipsis(const struct canvas *c)
{
	return c->glyphs == GLYPHS_UNICODE ? ELLIPSIS : '~';
}

static int draw_text(struct canvas *c, int x, int y, int room, enum style style,
	const char *text, bool cut)
{
	int at = 0, cw;

	while (*text) {
		uint32_t ch = drawn(c, utf8_next(&text), &cw);

		if (!cw)
			continue;
		if (at + cw > room - (cut ? 1 : 0))
			break;
		put_wide(c, x + at, y, style, ch, cw);
		at += cw;
	}
	if (cut)
		canvas_put(c, x + at++, y, style, ellipsis(c));
	return at;
}

int canvas_text(struct canvas *c, int x, int y, int w, enum style style,
	const char *text)
{
	int room = x + w > c->w ? c->w - x : w, need, n;
	struct str s = STR_INIT, mark = STR_INIT;

	if (room <= 0)
		return 0;
	need = canvas_width(c, text);
	if (need <= room)
		return draw_text(c, x, y, room, style, text, false);
	utf8_add(&mark, ellipsis(c));
	if (fit_amounts(&s, text, (size_t)(need - room), mark.s))
		n = draw_text(c, x, y, room, style, s.s, false);
	else
		n = draw_text(c, x, y, room, style, text, true);
	str_clear(&mark);
	str_clear(&s);
	return n;
}

int canvas_textf(struct canvas *c, int x, int y, int w, enum style style,
	const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;
	int n;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	n = canvas_text(c, x, y, w, style, str_cstr(&s));
	str_clear(&s);
	return n;
}

/* Bytes of text that fill at most w columns, up to a blank where there is one. */
static size_t fitting(const struct canvas *c, const char *text, int w)
{
	const char *p = text;
	size_t at_blank = 0;
	int used = 0, cw;

	while (*p) {
		const char *from = p;

		if (*p == ' ')
			at_blank = (size_t)(p - text);
		drawn(c, utf8_next(&p), &cw);
		used += cw;
		if (used > w)
			return at_blank ? at_blank : from > text ? (size_t)(from - text)
								 : (size_t)(p - text);
	}
	return (size_t)(p - text);
}

int canvas_wrap(struct canvas *c, struct rect r, enum style style, const char *text)
{
	int n = 0;

	for (; *text && n < r.h; n++) {
		size_t len = fitting(c, text, r.w);

		/* The last line says that there would be more. */
		canvas_textf(c, r.x, r.y + n, r.w, style, "%.*s",
			n + 1 < r.h ? (int)len : (int)strlen(text), text);
		text += len;
		text += strspn(text, " ");
	}
	return n;
}

void canvas_field(struct canvas *c, int x, int y, int w, enum style style,
	enum align align, const char *text)
{
	int need = canvas_width(c, text);

	canvas_fill(c, (struct rect){x, y, w, 1}, style, ' ');
	if (align == ALIGN_RIGHT && need < w)
		x += w - need, w = need;
	canvas_text(c, x, y, w, style, text);
}

void canvas_restyle(struct canvas *c, struct rect r, enum style style)
{
	for (int y = r.y < 0 ? 0 : r.y; y < r.y + r.h && y < c->h; y++) {
		for (int x = r.x < 0 ? 0 : r.x; x < r.x + r.w && x < c->w; x++)
			c->cells[y * c->w + x].style = (uint8_t)style;
	}
}

static uint32_t line_glyph(const struct canvas *c, uint32_t unicode,
	char ascii)
{
	return c->glyphs == GLYPHS_ASCII ? (uint32_t)ascii : unicode;
}

void canvas_hline(struct canvas *c, int x, int y, int w, enum style style)
{
	canvas_fill(c, (struct rect){x, y, w, 1}, style,
		line_glyph(c, 0x2500, '-'));
}

struct rect canvas_box(struct canvas *c, struct rect r, const char *title)
{
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1, n;

	if (r.w < 2 || r.h < 2)
		return (struct rect){r.x, r.y, 0, 0};
	canvas_hline(c, r.x + 1, r.y, r.w - 2, STYLE_BORDER);
	canvas_hline(c, r.x + 1, bottom, r.w - 2, STYLE_BORDER);
	for (int y = r.y + 1; y < bottom; y++) {
		canvas_put(c, r.x, y, STYLE_BORDER, line_glyph(c, 0x2502, '|'));
		canvas_put(c, right, y, STYLE_BORDER,
			line_glyph(c, 0x2502, '|'));
	}
	canvas_put(c, r.x, r.y, STYLE_BORDER, line_glyph(c, 0x250c, '+'));
	canvas_put(c, right, r.y, STYLE_BORDER, line_glyph(c, 0x2510, '+'));
	canvas_put(c, r.x, bottom, STYLE_BORDER, line_glyph(c, 0x2514, '+'));
	canvas_put(c, right, bottom, STYLE_BORDER, line_glyph(c, 0x2518, '+'));
	if (*title && r.w > 6) {
		canvas_put(c, r.x + 2, r.y, STYLE_TITLE, ' ');
		n = canvas_text(c, r.x + 3, r.y, r.w - 6, STYLE_TITLE, title);
		canvas_put(c, r.x + 3 + n, r.y, STYLE_TITLE, ' ');
	}
	return (struct rect){r.x + 1, r.y + 1, r.w - 2, r.h - 2};
}

void canvas_dump(const struct canvas *c, struct str *out)
{
	for (int y = 0; y < c->h; y++) {
		const struct cell *row = &c->cells[y * c->w];
		int end = c->w;

		while (end && (row[end - 1].ch == ' '))
			end--;
		for (int x = 0; x < end; x++) {
			if (row[x].ch)
				utf8_add(out, row[x].ch);
		}
		str_addc(out, '\n');
	}
}

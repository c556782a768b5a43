#include "ui/line.h"

#include <stdlib.h>
#include <string.h>

void line_clear(struct line *l)
{
	str_clear(&l->text);
	l->cursor = 0;
}

void line_set(struct line *l, const char *text)
{
	size_t n = strlen(text);

	/* A character is not cut in two. */
	for (n = n > LINE_BYTES ? LINE_BYTES : n;
		n && ((uint8_t)text[n] & 0xc0) == 0x80; n--)
		;
	str_truncate(&l->text, 0);
	str_addn(&l->text, text, n);
	l->cursor = l->text.len;
}

const char *line_text(const struct line *l)
{
	return str_cstr(&l->text);
}

/* Length of the character that ends at `at` or begins there. */
static size_t before(const struct line *l, size_t at)
{
	size_t n = at ? 1 : 0;

	while (n < at && ((uint8_t)l->text.s[at - n] & 0xc0) == 0x80)
		n++;
	return n;
}

static size_t after(const struct line *l, size_t at)
{
	size_t n = at < l->text.len ? 1 : 0;

	while (at + n < l->text.len && ((uint8_t)l->text.s[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Of the word before the cursor and the blanks behind it. */
static size_t word_before(const struct line *l)
{
	size_t at = l->cursor;

	while (at && l->text.s[at - 1] == ' ')
		at--;
	while (at && l->text.s[at - 1] != ' ')
		at--;
	return l->cursor - at;
}

static bool erase(struct line *l, size_t at, size_t n)
{
	if (!n)
		return false;
	memmove(l->text.s + at, l->text.s + at + n, l->text.len - at - n);
	str_truncate(&l->text, l->text.len - n);
	l->cursor = at;
	return true;
}

bool line_insert(struct line *l, const char *bytes, size_t n)
{
	size_t tail = l->text.len - l->cursor;

	if (l->text.len + n > LINE_BYTES)
		return false;
	str_addn(&l->text, bytes, n);
	memmove(l->text.s + l->cursor + n, l->text.s + l->cursor, tail);
	memcpy(l->text.s + l->cursor, bytes, n);
	l->cursor += n;
	return true;
}

static bool type(struct line *l, int key, bool *changed)
{
	struct str one = STR_INIT;

	if (key < 0x20 || key == K_BACKSPACE || key >= 0x110000)
		return false;
	utf8_add(&one, (uint32_t)key);
	*changed = line_insert(l, one.s, one.len);
	str_clear(&one);
	return true;
}

bool line_key(struct line *l, int key, bool *changed)
{
	*changed = false;
	switch ((int)keys_find(CONTEXT_EDITING, key)) {
	case ACTION_EDIT_LEFT:
		l->cursor -= before(l, l->cursor);
		return true;
	case ACTION_EDIT_RIGHT:
		l->cursor += after(l, l->cursor);
		return true;
	case ACTION_EDIT_HOME:
		l->cursor = 0;
		return true;
	case ACTION_EDIT_END:
		l->cursor = l->text.len;
		return true;
	case ACTION_EDIT_ERASE:
		*changed = erase(l, l->cursor - before(l, l->cursor), before(l, l->cursor));
		return true;
	case ACTION_EDIT_DELETE:
		*changed = erase(l, l->cursor, after(l, l->cursor));
		return true;
	case ACTION_EDIT_WORD:
		*changed = erase(l, l->cursor - word_before(l), word_before(l));
		return true;
	case ACTION_EDIT_START:
		*changed = erase(l, 0, l->cursor);
		return true;
	case ACTION_EDIT_REST:
		*changed = erase(l, l->cursor, l->text.len - l->cursor);
		return true;
	}
	return type(l, key, changed);
}

int line_draw(const struct line *l, struct canvas *c, struct rect r, enum style style)
{
	const char *text = line_text(l);
	char *head = xstrndup(text, l->cursor);
	int at = canvas_width(c, head), skip = 0;

	canvas_fill(c, r, style, ' ');
	/* Whole characters leave at the left until the cursor fits. */
	while (at - skip > r.w - 2 && *text) {
		const char *from = text;
		char *one;

		utf8_next(&text);
		one = xstrndup(from, (size_t)(text - from));
		skip += canvas_width(c, one);
		free(one);
	}
	canvas_text(c, r.x, r.y, r.w, style, text);
	free(head);
	return r.x + at - skip;
}

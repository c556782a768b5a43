#ifndef TESTS_UNIT_LOOKS_H
#define TESTS_UNIT_LOOKS_H
/* The styles on a canvas as a picture, a letter a cell, to be laid beside its
 * text: one picture serves colours and mono, since theme.c makes both from it
 * (tests/tui/golden/theme.txt, with the meaning of the letters). A blank has its
 * letter only where a style shows on blanks. */
#include "ui/canvas.h"

static const struct {
	char mark;
	const char *name;
} style_marks[STYLE_COUNT] = {
	[STYLE_NORMAL] = {' ', "normal"}, [STYLE_DIM] = {'d', "dim"},
	[STYLE_LABEL] = {'l', "label"}, [STYLE_VALUE] = {'v', "value"},
	[STYLE_BAR] = {'B', "bar"}, [STYLE_BAR_DIM] = {'b', "bar-dim"},
	[STYLE_BAR_OK] = {'O', "bar-ok"}, [STYLE_BAR_WARN] = {'W', "bar-warn"},
	[STYLE_BAR_FAIL] = {'F', "bar-fail"}, [STYLE_TAB] = {'t', "tab"},
	[STYLE_TAB_HERE] = {'T', "tab-here"}, [STYLE_BORDER] = {'.', "border"},
	[STYLE_TITLE] = {'n', "title"}, [STYLE_HEADER] = {'h', "header"},
	[STYLE_HEADER_SORT] = {'H', "header-sort"}, [STYLE_SELECTED] = {'S', "selected"},
	[STYLE_OK] = {'o', "ok"}, [STYLE_WARN] = {'w', "warn"}, [STYLE_FAIL] = {'f', "fail"},
	[STYLE_GRAPH] = {'g', "graph"}, [STYLE_GRAPH_ALT] = {'G', "graph-alt"},
	[STYLE_TRACK] = {'-', "track"}, [STYLE_KEY] = {'K', "key"},
	[STYLE_KEY_TEXT] = {'k', "key-text"}, [STYLE_INPUT] = {'i', "input"},
	[STYLE_MATCH] = {'m', "match"},
};

static inline bool looks_on_blanks(enum style style)
{
	for (enum scheme s = SCHEME_MONO; s <= SCHEME_256; s++) {
		struct look k = theme_look(s, style);

		if (k.bg >= 0 || k.attrs & (LOOK_REVERSE | LOOK_UNDERLINE))
			return true;
	}
	return false;
}

__attribute__((unused)) static void looks_dump(const struct canvas *c, struct str *out)
{
	for (int y = 0; y < c->h; y++) {
		size_t end = out->len;

		for (int x = 0; x < c->w; x++) {
			const struct cell *cell = &c->cells[y * c->w + x];
			enum style style = cell->style;

			if (cell->ch == ' ' && !looks_on_blanks(style))
				style = STYLE_NORMAL;
			str_addn(out, &style_marks[style].mark, 1);
			if (style != STYLE_NORMAL)
				end = out->len;
		}
		str_truncate(out, end);
		str_add(out, "\n");
	}
}
#endif

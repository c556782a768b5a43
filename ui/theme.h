#ifndef UI_THEME_H
#define UI_THEME_H
/* Style by meaning: panels say what a thing is, this table says how it looks
 * in each scheme. Colour never stands alone: what is wrong also says so in
 * words, so the mono scheme loses nothing. Pure data. */
#include <stdint.h>

enum style {
	STYLE_NORMAL,
	STYLE_DIM,	/* what may be overlooked */
	STYLE_LABEL,	/* names of values */
	STYLE_VALUE,	/* values that matter */
	STYLE_BAR,	/* title bar */
	STYLE_BAR_DIM,	/* the same, less loud */
	STYLE_BAR_OK,	/* a badge in the bar: at work */
	STYLE_BAR_WARN,
	STYLE_BAR_FAIL,
	STYLE_TAB,	/* rooms one could go to */
	STYLE_TAB_HERE,
	STYLE_BORDER,
	STYLE_TITLE,	/* of a box */
	STYLE_HEADER,	/* of a table */
	STYLE_HEADER_SORT,
	STYLE_SELECTED,
	STYLE_OK,
	STYLE_WARN,
	STYLE_FAIL,
	STYLE_GRAPH,
	STYLE_GRAPH_ALT,
	STYLE_TRACK,	/* the empty part of a bar */
	STYLE_KEY,	/* key names in the bottom line */
	STYLE_KEY_TEXT,
	STYLE_INPUT,
	STYLE_MATCH,	/* what the filter found */
	STYLE_COUNT,
};

enum scheme { SCHEME_MONO, SCHEME_16, SCHEME_256 };

#define LOOK_BOLD 1
#define LOOK_DIM 2
#define LOOK_REVERSE 4
#define LOOK_UNDERLINE 8

struct look {
	int16_t fg, bg; /* terminal colours; -1 is the terminal's own */
	uint8_t attrs;	/* LOOK_* */
};

struct look theme_look(enum scheme scheme, enum style style);
#endif

#ifndef UI_CANVAS_H
#define UI_CANVAS_H
/* A grid of cells that panels draw on and term.c shows: panels need no
 * terminal, and a test compares what they drew as text. Everything clips.
 * Nothing dangerous can be on a canvas: control characters and those that
 * reorder text are drawn as '?'. One owner.
 *
 * Width is wcwidth()'s, so LC_CTYPE must be set for more than ASCII. */
#include "src/base/str.h"
#include "ui/theme.h"

enum glyphs {
	GLYPHS_ASCII,
	GLYPHS_LINES,	/* ASCII, and boxes from the terminal's own set */
	GLYPHS_UNICODE, /* boxes, blocks and braille */
};

struct cell {
	uint32_t ch;   /* 0: the right half of the wide one before */
	uint8_t style; /* enum style */
};

struct rect {
	int x, y, w, h;
};

struct canvas {
	int w, h;
	enum glyphs glyphs;
	struct cell *cells;
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };

void canvas_init(struct canvas *c, int w, int h, enum glyphs glyphs);
void canvas_clear(struct canvas *c); /* frees */
void canvas_resize(struct canvas *c, int w, int h); /* and blanks */
void canvas_blank(struct canvas *c);

void canvas_put(struct canvas *c, int x, int y, enum style style, uint32_t ch);
void canvas_fill(struct canvas *c, struct rect r, enum style style,
	uint32_t ch);
/* Draws text in at most w columns, with an ellipsis where it is cut: in the
 * digits of an amount if that is enough, else at its end. Returns the columns
 * drawn. */
int canvas_text(struct canvas *c, int x, int y, int w, enum style style,
	const char *text);
int canvas_textf(struct canvas *c, int x, int y, int w, enum style style,
	const char *fmt, ...) printf_like(6, 7);
/* Over as many lines as it needs and r has, broken at blanks; returns the lines. */
int canvas_wrap(struct canvas *c, struct rect r, enum style style, const char *text);
/* Exactly w columns: padded with blanks in that style. */
void canvas_field(struct canvas *c, int x, int y, int w, enum style style,
	enum align align, const char *text);
/* Columns that text needs. */
int canvas_width(const struct canvas *c, const char *text);
/* Gives the cells another style and leaves their characters. */
void canvas_restyle(struct canvas *c, struct rect r, enum style style);
void canvas_hline(struct canvas *c, int x, int y, int w, enum style style);
/* A frame with a title in its upper edge; returns what is inside. */
struct rect canvas_box(struct canvas *c, struct rect r, const char *title);

/* The screen as lines of text without trailing blanks. */
void canvas_dump(const struct canvas *c, struct str *out);
void utf8_add(struct str *out, uint32_t ch);
/* The next character and advances *p; '?' for what should not be drawn. */
uint32_t utf8_next(const char **p);
#endif

#ifndef UI_LINE_H
#define UI_LINE_H
/* A line of text under the cursor: what the ':' line and the fields of forms
 * are edited with. Whole characters only, and never more than LINE_BYTES. Zero
 * is an empty line. Pure; one owner. */
#include "ui/canvas.h"
#include "ui/keys.h"

#define LINE_BYTES 4096

struct line {
	struct str text;
	size_t cursor; /* byte offset, between two characters */
};

void line_clear(struct line *l); /* frees; usable again */
/* The cursor goes to the end. Bytes over LINE_BYTES are left out. */
void line_set(struct line *l, const char *text);
const char *line_text(const struct line *l);
/* At the cursor; false when it would be too long. */
bool line_insert(struct line *l, const char *bytes, size_t n);
/* Obeys the keys of CONTEXT_EDITING and takes characters; *changed says whether
 * the text is another now. False: the key is none of its own. */
bool line_key(struct line *l, int key, bool *changed);
/* Draws the end of the line where it does not fit; returns the cursor's column. */
int line_draw(const struct line *l, struct canvas *c, struct rect r, enum style style);
#endif

#ifndef UI_FACTS_H
#define UI_FACTS_H
/* Labels and values in a box, line by line: what a room says before its table.
 * Lines without a value are left out; what does not fit is not drawn. */
#include "src/base/mem.h"
#include "ui/canvas.h"

struct facts {
	struct canvas *c;
	struct rect in; /* what is left of the box */
	int label_w;
};

struct facts facts_begin(struct canvas *c, struct rect r, const char *title, int label_w);
void facts_line(struct facts *f, enum style style, const char *label, const char *fmt, ...)
	printf_like(4, 5);
/* The same as a line of a text, "Label         value": nothing without a value. */
void facts_write(struct str *out, const char *label, const char *fmt, ...) printf_like(3, 4);
/* A moment, as facts_write() has it; 0: nothing. */
void facts_write_time(struct str *out, const char *label, int64_t wall_ms);
/* A line of its own over the whole width. */
void facts_say(struct facts *f, enum style style, const char *fmt, ...) printf_like(3, 4);
#endif

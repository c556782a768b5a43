#ifndef UI_TERM_H
#define UI_TERM_H
/* The terminal, and the only user of ncurses. Writes what differs between the
 * canvas and what is on the screen; puts the terminal back on close and on a
 * crash. One per process (ncurses is like that). */
#include "src/base/err.h"
#include "ui/canvas.h"
#include "ui/keys.h"

enum color { COLOR_AUTO, COLOR_NEVER, COLOR_FORCE_16, COLOR_FORCE_256 };

struct term;

/* An error tells the operator what to do instead. ascii: no line drawing. */
struct err *term_open(struct term **out, enum color color, bool ascii)
	must_check;
void term_close(struct term *t);
int term_fd(const struct term *t);
void term_size(const struct term *t, int *w, int *h);
enum glyphs term_glyphs(const struct term *t);

/* The next key of those that have arrived; K_NONE when there is none. */
int term_key(struct term *t);
/* After poll() said the terminal was readable: whether it is gone. */
bool term_is_lost(const struct term *t);
/* After SIGWINCH: asks for the size and forgets the screen. */
void term_resized(struct term *t);
/* Everything will be drawn anew. */
void term_forget(struct term *t);
/* x < 0 hides the cursor. */
void term_flush(struct term *t, const struct canvas *c, int x, int y);
/* Stops the process as Ctrl-Z does in a shell; returns when it goes on. */
void term_suspend(struct term *t);
/* OSC 52; false where the terminal is not known to take it. */
bool term_copy(struct term *t, const char *text);
#endif

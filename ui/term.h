#ifndef UI_TERM_H
#define UI_TERM_H
/* The terminal, and the only user of ncurses. Writes what differs between the
 * canvas and what is on the screen; puts the terminal back on close and on a
 * crash. One per process (ncurses is like that). ncurses makes the bytes and
 * tty.h sends them, so that a slow line or one that takes nothing stops no key;
 * front.h says what is still to be sent. */
#include "src/base/err.h"
#include "ui/canvas.h"
#include "ui/keys.h"

enum color { COLOR_AUTO, COLOR_NEVER, COLOR_FORCE_16, COLOR_FORCE_256 };

struct term;

/* An error tells the operator what to do instead. ascii: no line drawing. */
struct err *term_open(struct term **out, enum color color, bool ascii)
	must_check;
/* Says farewell, a line, on the screen that was there before; NULL: nothing. */
void term_close(struct term *t, const char *farewell);
/* For poll(). */
int term_fd(const struct term *t);
short term_events(const struct term *t);
int term_timeout(const struct term *t); /* ms; -1 never */
void term_size(const struct term *t, int *w, int *h);
enum glyphs term_glyphs(const struct term *t);

/* After poll(): writes and reads. False when the terminal is gone. */
bool term_step(struct term *t);
/* The next key of those that have arrived; K_NONE when there is none. */
int term_key(struct term *t);
/* After SIGWINCH: asks for the size and forgets the screen. */
void term_resized(struct term *t);
/* Everything will be drawn anew. */
void term_forget(struct term *t);
/* Whether a flush would send something now, for a key's sake. */
bool term_has_room(const struct term *t);
/* Whether the line is free for what nobody waits for. */
bool term_is_idle(const struct term *t);
/* Sends what differs, as much of it as the line carries now, what changed
 * last first; false when there is more. x < 0 hides the cursor. */
bool term_flush(struct term *t, const struct canvas *c, int x, int y);
/* Stops the process as Ctrl-Z does in a shell; returns when it goes on. */
void term_suspend(struct term *t);
void term_bell(struct term *t);
/* Clicks and the wheel come as keys (key_mouse()) while it is on; the terminal
 * then selects no text by itself. False: it has none. Off to begin with. */
bool term_mouse(struct term *t, bool on);
bool term_mouse_is_on(const struct term *t);
/* OSC 52; false where the terminal is not known to take it. */
bool term_copy(struct term *t, const char *text);
#endif

#ifndef UI_CLIPBOARD_H
#define UI_CLIPBOARD_H
/* OSC 52: how text gets into the clipboard of the terminal that a person looks
 * at, through ssh and through tmux or screen in between. Pure. */
#include "src/base/str.h"

enum multiplexer { MULTIPLEXER_NONE, MULTIPLEXER_TMUX, MULTIPLEXER_SCREEN };

/* By the environment's TERM, TMUX and STY; each may be NULL. */
enum multiplexer multiplexer_of(const char *term, const char *tmux, const char *sty);
/* Appends the bytes to send. Of the text only base64 is among them.
 * tmux takes the plain sequence with set-clipboard on, and passes a wrapped one
 * with allow-passthrough on: it gets both, of which the other does nothing.
 * screen passes wrapped strings of at most 768 bytes and would print what is
 * longer: it gets pieces, and never the plain one. */
void clipboard_sequence(struct str *out, const char *text, enum multiplexer through);
#endif

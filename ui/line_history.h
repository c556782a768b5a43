#ifndef UI_LINE_HISTORY_H
#define UI_LINE_HISTORY_H
/* Lines that were typed before, the oldest first, at most LINE_HISTORY_MAX; and the
 * file that keeps those of the ':' line from console to console. The list is pure;
 * the file's functions block on the disk. One owner. */
#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define LINE_HISTORY_MAX 200

/* Zero is empty. */
struct line_history {
	char *lines[LINE_HISTORY_MAX];
	size_t n;
};

void line_history_clear(struct line_history *h);
/* Not twice in a row; the oldest leaves when there is no room. */
void line_history_add(struct line_history *h, const char *line);
/* The line so many back, 1 the last; NULL: there are not so many. */
const char *line_history_back(const struct line_history *h, size_t back);
/* How far back the next older line than `back` that has the text is; 0: none is. */
size_t line_history_seek(const struct line_history *h, size_t back, const char *text);

/* Whether a line may be written to a disk: none that sets a secret, or carries a
 * password in an URL, or begins with a blank, which asks for just that. */
bool line_history_may_keep(const char *line);
/* $XDG_STATE_HOME/weir/history, or under ~/.local/state; heap, NULL: no home. */
char *line_history_path(void);
/* Adds the lines of a file's text that may be in one; the text is cut up. */
void line_history_take(struct line_history *h, char *text);
/* Reads what the file has; what makes no line is left out, and a file that has
 * grown is cut to its last LINE_HISTORY_MAX lines. None is none. */
struct err *line_history_load(struct line_history *h, const char *path) must_check;
/* Adds a line to the file, which is made of mode 0600 with its folder of 0700.
 * Several consoles may do so at a time. */
struct err *line_history_append(const char *path, const char *line) must_check;
#endif

#ifndef UI_DESK_H
#define UI_DESK_H
/* The operator's desk: the rooms, the prompt, the dialogs and the bars, as one
 * machine without I/O. Keys go in, wishes come out, and the rest is drawing;
 * console.c connects it to a terminal and a socket, tests to neither. One
 * owner. */
#include "proto/command.h"
#include "ui/canvas.h"
#include "ui/line_history.h"
#include "ui/mirror.h"

enum wish_kind {
	WISH_NONE,
	WISH_DETACH,
	WISH_SUSPEND,
	WISH_REPAINT, /* the terminal's content is not to be trusted */
	WISH_COMMAND, /* send command; text is its line */
	WISH_SECRET,  /* send text as the answer to the question `number` */
	WISH_COPY,    /* text to the clipboard; note says what it is */
	WISH_SAVE,    /* data, or without any the screen, to the file `text`,
		       * "" for one of the screen's own */
	WISH_MOUSE,   /* text: "on", "off", or "" for the other of both */
	WISH_NODES,   /* find the nodes there are, and desk_offer() them */
	WISH_SWITCH,  /* to the node whose socket is `text` */
	WISH_STAY,    /* what was offered is done with */
};

struct wish {
	enum wish_kind kind;
	char *text, *data, *note;
	int64_t number;
	bool replace; /* a file that is there */
	char *line;   /* the ':' line that it came from, to be remembered; also of NONE */
	struct command command;
	struct wish *next; /* to be granted after it; heap */
};

struct desk;
struct nodes;

#define DESK_MIN_W 60
#define DESK_MIN_H 16

/* m must outlive the desk. */
struct desk *desk_new(struct mirror *m);
void desk_free(struct desk *d);
struct wish desk_key(struct desk *d, int key);
/* Lines of the ':' prompt from before. */
void desk_remember(struct desk *d, const struct line_history *h);
void wish_clear(struct wish *w);
/* The message line, until the next key that changes something. */
void desk_say(struct desk *d, enum style style, const char *fmt, ...)
	printf_like(3, 4);
void desk_draw(struct desk *d, struct canvas *c);
/* Where the cursor belongs after the draw; false to hide it. */
bool desk_cursor(const struct desk *d, int *x, int *y);
/* A list of nodes to choose from, until WISH_SWITCH or WISH_STAY. `here` is the
 * path of the one that is shown; both are borrowed. NULL takes it back. */
void desk_offer(struct desk *d, const struct nodes *nodes, const char *here);
/* Shows a room (0 to PANELS - 1). */
void desk_go(struct desk *d, size_t room);
#endif

#ifndef UI_FRONT_H
#define UI_FRONT_H
/* What the terminal shows, as far as we know: which cells of a canvas are still
 * to be sent, about how many bytes that takes, and in which order the rows go
 * when the line does not carry all of them. Pure; one owner. */
#include "ui/canvas.h"

struct front {
	int w, h;
	struct cell *shown;
	struct cell *seen; /* the canvas as it was last noted */
	uint64_t *stamp;   /* of a row: when it last changed there */
	uint64_t stamps;
};

/* To that size, with nothing known. */
void front_resize(struct front *f, int w, int h);
void front_clear(struct front *f);
/* Nobody knows what is shown. */
void front_forget(struct front *f);

/* In the following, c has the size of the front. */

/* Marks the rows that changed since the last call: they go first. */
void front_note(struct front *f, const struct canvas *c);
/* The next row to send; -1 when all is shown. */
int front_next(const struct front *f, const struct canvas *c);
/* Whether the cell is to be sent; from then on it is shown. */
bool front_take(struct front *f, const struct canvas *c, int x, int y);
/* Whether all that differs takes about `room` bytes or fewer, as it is or
 * after moving a part of the screen up or down. */
bool front_fits(const struct front *f, const struct canvas *c, size_t room);
#endif

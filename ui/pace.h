#ifndef UI_PACE_H
#define UI_PACE_H
/* How much the terminal may be sent now. A slow line hides behind buffers of
 * megabytes (ssh's, TCP's) that take everything at once, so only the terminal
 * itself knows what has been shown: a question follows each piece (DSR 5, "how
 * are you?"), and the answers say how long the line takes. From them come a
 * window, the bytes that the line carries in about a third of a second, and
 * the pauses between paints nobody asked for. A terminal that never answers
 * is only watched for what it takes. Pure; time is an argument, in ms. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_QUESTION "\033[5n"
#define PACE_PIECES 16
#define PACE_LEAST 384		/* bytes of the smallest window */
#define PACE_MOST (64 << 10)
#define PACE_SILENCE_MS 2000	/* no first answer for so long: there is none */

struct pace {
	struct {
		int64_t at;
		size_t bytes, ahead; /* its own, and all that was under way */
	} piece[PACE_PIECES]; /* under way, the oldest first */
	size_t pieces, under_way, window;
	int64_t rtt;	/* the least seen lately; -1 unknown */
	int64_t opened, busy_since, rest_until;
	enum { PACE_UNKNOWN, PACE_ANSWERS, PACE_SILENT } terminal;
};

/* asks: whether this kind of terminal is known to answer. */
void pace_init(struct pace *p, bool asks, int64_t now);
/* Whether the next piece is to be followed by PACE_QUESTION. */
bool pace_asks(const struct pace *p);
void pace_sent(struct pace *p, size_t bytes, int64_t now);
void pace_answered(struct pace *p, int64_t now);
/* Gives up on answers that are long due. */
void pace_tick(struct pace *p, int64_t now);
/* Bytes that may be sent at once, for a key's sake; SIZE_MAX: any number. */
size_t pace_room(const struct pace *p);
/* Whether the line is free for what nobody waits for. */
bool pace_is_idle(const struct pace *p, int64_t now);
/* When pace_tick() or pace_is_idle() may next say something else; INT64_MAX
 * for never. */
int64_t pace_next(const struct pace *p, int64_t now);
#endif

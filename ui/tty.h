#ifndef UI_TTY_H
#define UI_TTY_H
/* The terminal's device: raw modes, what is to be written and has not been
 * taken yet, and what was typed. It never blocks: the console has a description
 * of its own of the device, so that this is nobody else's trouble. One owner,
 * the console's thread; times are clock_mono_ms(). */
#include <termios.h>

#include "ui/keyseq.h"
#include "ui/pace.h"

struct tty {
	int fd;
	bool lost; /* hung up, or closed at its other end */
	struct termios modes; /* as they were found */
	struct str out; /* not taken yet */
	struct pace pace;
	struct keyseq seq;
	int64_t begun; /* since when a sequence waits for its rest */
	char in[1024];
	size_t in_at, in_n;
	int key; /* the second one of a byte that made two; K_NONE */
};

/* Standard input's; asks: whether it is known to answer PACE_QUESTION, which
 * is then the first thing sent. False: no terminal. */
bool tty_open(struct tty *t, bool asks);
void tty_close(struct tty *t);
void tty_raw(const struct tty *t);
void tty_cooked(const struct tty *t); /* as it was found */

/* Bytes that may be sent now; 0 while any wait to be taken. */
size_t tty_room(const struct tty *t);
/* Takes all of it, however much the room. */
void tty_send(struct tty *t, const char *bytes, size_t n);
/* After poll(): writes what is taken, reads what there is. */
void tty_step(struct tty *t);
/* The next key of those that have arrived; K_NONE when there is none. */
int tty_key(struct tty *t);
/* For poll(): the time until tty_step() is wanted anyway; -1 never. */
int tty_timeout(const struct tty *t);
/* Blocks until all is shown, or for so long; keys typed meanwhile are lost. */
void tty_settle(struct tty *t, int limit_ms);
#endif

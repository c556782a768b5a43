#ifndef UI_DIAL_H
#define UI_DIAL_H
/* Reaching the node's socket, and the short conversation of a command that
 * needs no console: greet, ask, wait for the answer. They block up to their
 * deadline. */
#include "proto/ctl_codec.h"

/* Connects to the Unix socket, if it is this user's or root's; the error says
 * how to start a node. */
struct err *dial(const char *path, int *fd) must_check;

struct talk {
	int fd;
	struct ctl_reader *reader;
	struct ctl_hello node;
};

/* Connects and exchanges greetings. */
struct err *talk_open(struct talk *c, const char *path) must_check;
void talk_close(struct talk *c);
struct err *talk_write(struct talk *c, const struct str *frames) must_check;
/* Asks for these sections (1 << enum section), and for each change of them. */
struct err *talk_subscribe(struct talk *c, uint32_t sections) must_check;
/* The next frame; valid until the next call. BYE comes as an error. */
struct err *talk_next(struct talk *c, struct ctl_frame *out,
	int64_t deadline_mono_ms) must_check;
#endif

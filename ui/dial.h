#ifndef UI_DIAL_H
#define UI_DIAL_H
/* Reaching the node's socket, and the short conversation of a command that
 * needs no console: greet, ask, wait for the answer. The calls here block up
 * to their deadline. */
#include "proto/ctl_codec.h"

/* Connects to the Unix socket, if it is this user's or root's; the error says
 * how to start a node. */
struct err *dial(const char *path, int *fd) must_check;

struct call {
	int fd;
	struct ctl_reader *reader;
	struct ctl_hello node;
};

/* Connects and exchanges greetings. */
struct err *call_open(struct call *c, const char *path) must_check;
void call_close(struct call *c);
struct err *call_write(struct call *c, const struct str *frames) must_check;
/* Asks for these sections (1 << enum section), and for each change of them. */
struct err *call_subscribe(struct call *c, uint32_t sections) must_check;
/* The next frame; valid until the next call. BYE comes as an error. */
struct err *call_next(struct call *c, struct ctl_frame *out,
	int64_t deadline_mono_ms) must_check;
#endif

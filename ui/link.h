#ifndef UI_LINK_H
#define UI_LINK_H
/* The console's end of the socket: connects, greets, subscribes, feeds the
 * mirror, and tries again with growing pauses when the node is gone. Never
 * blocks. One owner; the caller polls. */
#include "ui/mirror.h"

struct link;

/* m must outlive the link. */
struct link *link_new(const char *path, struct mirror *m);
void link_free(struct link *l);
/* Tries to connect now; the error says why not (a retry is then planned). */
struct err *link_connect(struct link *l, int64_t now_ms) must_check;
/* For poll(): -1 when there is no socket. */
int link_fd(const struct link *l);
short link_events(const struct link *l);
/* Milliseconds until link_step() wants to be called; -1 for never. */
int link_timeout(const struct link *l, int64_t now_ms);
/* Reads and writes what there is. True when the mirror changed. What an
 * answer says is appended to `message`. */
bool link_step(struct link *l, short revents, int64_t now_ms,
	struct str *message);
/* Sends a command; false when there is no node to send it to. */
bool link_send(struct link *l, const struct command *c, const char *line);
/* What the node's question of this number asks for; the same. */
bool link_send_secret(struct link *l, uint64_t number, const char *text);
#endif

#ifndef SRC_NODE_DRAIN_H
#define SRC_NODE_DRAIN_H
/* Draining: the node takes nothing new, what runs goes on, and when nothing is
 * left it stays, stops or starts anew, as was chosen. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "src/base/str.h"

enum drain_then { DRAIN_STAY, DRAIN_STOP, DRAIN_RESTART };
const char *drain_then_name(enum drain_then t); /* "stay", "stop", "restart" */
enum drain_then drain_then_of(const char *name); /* NULL or another: DRAIN_STAY */

struct drain_state {
	bool draining;
	enum drain_then then;
	int64_t live; /* streams, sessions, a transcoder's segments */
};
enum drain_step {
	DRAIN_WAIT,  /* there is nothing to be done, or something is left */
	DRAIN_END,   /* the node ends */
	DRAIN_AGAIN, /* and starts anew */
};
enum drain_step drain_decide(const struct drain_state *s);
/* "draining, then restart: 3 left"; "running" */
void drain_describe(struct str *out, const struct drain_state *s);
#endif

#ifndef SRC_WIZARD_TRIAL_H
#define SRC_WIZARD_TRIAL_H
/* Does the new configuration do the work? An orchestrator with it, off-chain and
 * for nothing, and a broadcaster that sends it a second of video over the address
 * that others are to use: connection, TLS, session, transcoding and the way back.
 * Both live in a directory of their own, which goes with them. main's thread;
 * blocks for half a minute at most. */
#include "src/node/config.h"

struct trial {
	bool public_works; /* over the service address */
	bool local_works;  /* else over this machine's own */
	char *why;	   /* owned: what was in the way of the public one; NULL: nothing */
};
/* c: of the new node, an orchestrator with a transcoder in it. dir: absolute, of
 * nobody; what lies there goes. The error: nothing could be tried. */
struct err *trial_run(const struct config *c, const char *dir, struct trial *out)
	must_check;
void trial_clear(struct trial *t);
#endif

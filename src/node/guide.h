#ifndef SRC_NODE_GUIDE_H
#define SRC_NODE_GUIDE_H
/* The first start on a machine that nobody has told what it is: three guided
 * set-ups to choose from, or a look around. And `weir setup`, which is one of
 * them. main's thread. */
#include "src/node/setup.h"

enum guide_choice { GUIDE_SET_UP, GUIDE_LOOK };

/* Asks what the machine is to be and all that follows from it. SET_UP: the config
 * file is written where weir looks for it, and *path, to be freed, is its name.
 * LOOK: nothing is. ERR_CANCELLED: the person went away, and nothing is. */
struct err *guide_first_start(const struct config *given, const struct setup_io *io,
	enum guide_choice *choice, char **path) must_check;

struct guide_order {
	const char *role;   /* "orchestrator" and so on; NULL: not given */
	const char *output; /* where to; NULL: where weir looks for it */
	bool dry_run;	    /* out gets the file, and nothing is written */
};
/* out: what is to be printed. */
struct err *guide_run(const struct guide_order *o, const struct config *given,
	const struct setup_io *io, struct str *out) must_check;
#endif

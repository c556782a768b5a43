#ifndef SRC_NODE_SETTINGS_APPLY_H
#define SRC_NODE_SETTINGS_APPLY_H
/* How a live option reaches the roles that work by it. Runs on ctl. */
#include "src/node/config.h"

struct node;

/* What became of an edit. */
enum applied {
	APPLIED_NOW,   /* the node works by it */
	APPLIED_IDLE,  /* nobody in this node works by it: for when somebody does */
	APPLIED_LATER, /* at the next start */
};

/* Makes the node work by what `next` says of this option. Errors: the value is
 * refused, nothing has changed. */
struct err *settings_apply(struct node *n, const struct config *next, enum option_id id,
	enum applied *out) must_check;
/* Whether there is a way for it to reach them: that makes it a live option. */
bool settings_applies(enum option_id id);
#endif

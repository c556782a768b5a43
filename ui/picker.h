#ifndef UI_PICKER_H
#define UI_PICKER_H
/* The list of nodes over the room, to go to another one. Pure: console.c finds
 * the nodes and connects. One owner. */
#include "ui/canvas.h"
#include "ui/nodes.h"

struct picker {
	const struct nodes *nodes; /* borrowed; NULL: it is closed */
	const char *here;	   /* the path of the node that is shown; borrowed */
	size_t at;
};

enum picker_event { PICKER_WAIT, PICKER_GONE, PICKER_CHOSEN, PICKER_ASKS };

void picker_open(struct picker *p, const struct nodes *nodes, const char *here);
/* After CHOSEN nodes->v[at] is the row. */
enum picker_event picker_key(struct picker *p, int key);
void picker_draw(const struct picker *p, struct canvas *c);
#endif

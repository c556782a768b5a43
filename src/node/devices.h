#ifndef SRC_NODE_DEVICES_H
#define SRC_NODE_DEVICES_H
/* How the hardware does: an actor of its own, since sensors can be slow,
 * publishes SECTION_DEVICES every two seconds while it changes. Of GPUs it says
 * what the pool knows, which has a process of its own to ask the driver. */
#include "src/base/board.h"

struct devices;
struct pool;

/* pool: NULL ok; else it outlives devices_stop(). */
struct devices *devices_start(struct board *board, struct pool *pool);
void devices_stop(struct devices *d); /* frees it; NULL ok */
#endif

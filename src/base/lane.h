#ifndef SRC_BASE_LANE_H
#define SRC_BASE_LANE_H
/* A thread that works through items one at a time, in order, with a bounded
 * queue in front: whoever pushes waits while it is full. For pipelines inside
 * one piece of work, where the pusher has nothing better to do than wait; all
 * else is an actor. */
#include "src/base/mem.h"

struct lane;

/* fn(ctx, item) runs on the lane's thread. `depth` items may wait. */
struct lane *lane_new(const char *name, size_t depth,
	void (*fn)(void *ctx, void *item), void *ctx);
/* One pusher at a time. Items are not NULL. */
void lane_push(struct lane *l, void *item);
/* Waits until everything pushed has been worked through, then ends it. After
 * this what the thread did is visible to the caller. */
void lane_free(struct lane *l);
#endif

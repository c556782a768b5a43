#ifndef UI_DRAIN_WAIT_H
#define UI_DRAIN_WAIT_H
/* `weir drain --wait`: for scripts, which want to know when a node is drained,
 * gone, or back. Blocks for as long as the last session takes; whoever has less
 * patience ends it, and the node drains on. */
#include <stdbool.h>
#include <stdint.h>

struct drain_wait {
	const char *socket;
	int64_t ordered_ms, answered_ms; /* Unix: before and after the drain's order */
	bool ends, restarts; /* what was chosen; neither: the node stays */
	/* Whether the node's process has ended. */
	bool (*is_gone)(void *ctx);
	void *ctx;
};
/* Says on standard error who is left. 0: it is as it was wished; 1: somebody took
 * the drain back; 2: the node is gone, or does not come back. */
int drain_wait_main(const struct drain_wait *w);
#endif

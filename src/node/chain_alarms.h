#ifndef SRC_NODE_CHAIN_ALARMS_H
#define SRC_NODE_CHAIN_ALARMS_H
/* What of the chain and the stake must be said aloud. Pure; the overview asks
 * once a second. */
#include "src/model/chain.h"
#include "src/role/staker.h"

struct alarm_facts {
	struct chain_facts chain;
	int64_t now_ms; /* monotonic */
	int64_t started_ms; /* monotonic: facts take a moment to come */
	bool orchestrates;
	const struct staker_state *staker; /* NULL: not known yet */
};
typedef void raise_fn(void *ctx, const char *level, const char *id, const char *text);
void chain_alarms(const struct alarm_facts *f, raise_fn *raise, void *ctx);
#endif

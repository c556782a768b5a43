#ifndef SRC_NODE_METER_H
#define SRC_NODE_METER_H
/* Turns counters that are read now and then into samples of ten seconds
 * (src/model/trend.h): what a counter rose by between two readings belongs to
 * the slot of the later one, so nothing is lost or counted twice however
 * irregular the readings are. Pure: time is an argument. One owner. */
#include "src/model/trend.h"

/* Since the node started, all of them; what is not known yet is zero. A
 * counter that falls (a payment that a reorganisation took back) counts again
 * only when it is higher than it ever was. */
struct readings {
	int64_t segments, failed, pixels, busy_ms, media_ms, cpu_ms;
	int64_t sessions; /* now */
	struct wei earned, redeemed, gas, spent;
};

struct meter { /* all zero: nothing read yet */
	struct readings high;
	struct sample open;
	int64_t at_ms; /* the last reading */
	bool begun;
};

/* now_ms: the trend's clock, not before the last reading's. True: *closed is a
 * slot that is over. */
bool meter_read(struct meter *m, int64_t now_ms, const struct readings *r,
	struct sample *closed);
#endif

#ifndef SRC_ALARM_LIMITS_H
#define SRC_ALARM_LIMITS_H
/* From when on the rules tell: the -alarm... options, read from the settings that
 * the node publishes, so that what is set while it runs holds a second later.
 * Plain values; pure. */
#include "src/model/amount.h"
#include "src/model/view.h"

struct alarm_limits { /* 0: never */
	int64_t sessions;	/* % of the most */
	int64_t slow;		/* % of the time that a segment plays */
	int64_t gone_ms;	/* a transcoder */
	int64_t temperature;	/* of a GPU, degrees Celsius */
	int64_t memory;		/* % of a GPU's */
	int64_t head_ms;	/* since the newest block */
	int64_t rpc_errors;	/* % of a minute's requests */
	int64_t clock_ms;	/* from the blocks' time */
	int64_t tx_ms;		/* that a transaction is pending */
	int64_t reward;		/* % of the round that are left */
	int64_t rewards, redemptions; /* that the ETH must pay for */
	struct price price;	/* of a pixel; free: what is known of the network */
	int64_t ticket_rounds;	/* left to redeem a ticket */
	int64_t runway_ms;	/* that the deposit lasts */
};

/* What the settings do not have, or what does not read, is as options.def has it. */
struct alarm_limits alarm_limits_read(const struct view_settings *s);
#endif

#ifndef SRC_ETH_ENDPOINT_H
#define SRC_ETH_ENDPOINT_H
/* How one RPC endpoint is doing, and which of several is asked next. Pure:
 * times are arguments (monotonic ms unless they say otherwise), so that hours
 * of back-off are tested in no time. Owned by a struct rpc. */
#include "src/eth/rpc.h"

#define ENDPOINT_ERROR 160
#define BATCH_MAX 100 /* questions in one request, until refused */

struct endpoint {
	char *url;			/* owned; secret */
	char shown[RPC_URL_SHOWN];
	enum rpc_state state;
	enum rpc_state told;		/* the last that went to the log */
	bool chain_known;		/* it told the right chain id */
	int64_t chain_asked_ms;
	struct l2_block head;		/* 0: not seen */
	int64_t head_time_ms;		/* the block's own, Unix */
	int64_t head_seen_ms;		/* when we learned of it; -1 */
	int64_t advanced_ms;		/* when it was last another one; -1 */
	bool jumped;			/* far, with its last head */
	bool went_back;			/* far back */
	int64_t asked_ms;		/* the last question; -1 */
	int64_t latency_us;		/* moving average; -1 */
	unsigned error_ppm;		/* moving average */
	uint64_t requests, errors;
	unsigned failures;		/* in a row */
	unsigned malformed;		/* in a row */
	int64_t rest_until_ms;
	size_t batch_max;		/* learned */
	char last_error[ENDPOINT_ERROR];
};

void endpoint_init(struct endpoint *e, const char *url);
void endpoint_clear(struct endpoint *e);

/* --- a request, and what it came to --- */
void endpoint_asked(struct endpoint *e, int64_t now);
void endpoint_answered(struct endpoint *e, int64_t took_us);
/* Rests: from 200 ms, doubling with each failure in a row, to a minute. */
void endpoint_failed(struct endpoint *e, int64_t now, const char *why);
/* As asked (-1: not told), and at least a second, doubling. At most an hour;
 * with no others to ask meanwhile, a minute. */
void endpoint_limited(struct endpoint *e, int64_t now, int64_t retry_after_ms,
	bool others, const char *why);
/* What it says breaks the protocol. With others there it is put aside the
 * third time in a row. */
void endpoint_malformed(struct endpoint *e, int64_t now, bool others,
	const char *why);
/* Its answers do not count; asked again for its chain in five minutes. */
void endpoint_wrong_chain(struct endpoint *e, int64_t now, uint64_t is,
	uint64_t want);
/* Not asked for ten minutes, and believed again when its head is. */
void endpoint_put_aside(struct endpoint *e, int64_t now, const char *why);
/* It is on the right chain. */
void endpoint_on_chain(struct endpoint *e, int64_t now);

/* --- choosing --- */
/* The best that is not in `tried` (a bit each) and does not rest; -1: none. */
int endpoint_pick(const struct endpoint *e, size_t n, int64_t now,
	uint64_t tried);
/* Until the first of them has rested; 0: one has. */
int64_t endpoint_rest(const struct endpoint *e, size_t n, int64_t now);

/* --- heads --- */
/* It says that its head is h. */
void endpoint_note_head(struct endpoint *e, const struct block_header *h,
	int64_t now);
enum head_verdict {
	HEAD_BELIEVED,
	HEAD_BEHIND,	  /* noted: others are further */
	HEAD_CONTRADICTS, /* put aside: the others say otherwise */
	HEAD_ASK_OTHERS,  /* not to be believed before others were asked */
};
/* Of the head that endpoint i was noted with last. wall_ms: Unix.
 * others_asked: their heads are as new as can be, so that a verdict is due. */
enum head_verdict endpoint_judge(struct endpoint *e, size_t n, size_t i,
	int64_t now, int64_t wall_ms, bool others_asked);
#endif

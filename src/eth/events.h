#ifndef SRC_ETH_EVENTS_H
#define SRC_ETH_EVENTS_H
/* What events of the contracts mean for what we remember: not new values but
 * what has to be read anew, so that an event that comes twice, goes away again
 * or was missed does no harm. Pure; one owner. */
#include "src/eth/contracts.h"

/* Senders named one by one; beyond that: all. */
#define NEWS_SENDERS 64

struct news {
	bool round;  /* rounds, the pool, parameters */
	bool opened; /* a round was initialised */
	bool own;    /* our own orchestrator */
	bool all_senders;
	struct eth_addr senders[NEWS_SENDERS];
	size_t senders_n;
};

/* `own`: the node's orchestrator. Coming and going are the same. */
void news_add(struct news *n, const struct contracts *c, struct eth_addr own,
	const struct eth_log *log);
void news_everything(struct news *n);
bool news_has_sender(const struct news *n, struct eth_addr a);
#endif

#ifndef SRC_ETH_FUNDS_H
#define SRC_ETH_FUNDS_H
/* The money of senders, as far as it was read: bounded, and so is how often
 * strangers can make us read. Whoever has money stays when somebody who has
 * none is to go. No I/O, no clock; one owner. */
#include "src/model/chain.h"

#define FUNDS_MAX 1024
/* Senders never seen that may be read at once, and per second in the long
 * run. */
#define FUNDS_BURST 64
#define FUNDS_PER_S 8

struct funds;
struct funds *funds_new(void);
void funds_free(struct funds *f); /* NULL ok */

/* What is known of a sender and still holds; NULL: it has to be read. Marks it
 * as used. */
const struct sender_funds *funds_get(struct funds *f, struct eth_addr sender);
/* The last that was known of it, however old; NULL: nothing. */
const struct sender_funds *funds_last(const struct funds *f, struct eth_addr sender);
/* May a sender that isn't known be read now? Counts it. */
bool funds_may_read(struct funds *f, int64_t now_ms) must_check;
/* What was read. true: other than it was before, or new. */
bool funds_put(struct funds *f, struct eth_addr sender, const struct sender_funds *now);

/* It does not hold any more; of all: */
void funds_stale(struct funds *f, struct eth_addr sender);
void funds_stale_all(struct funds *f);
/* Up to max senders whose money has to be read anew, those used last first. */
size_t funds_due(const struct funds *f, struct eth_addr *out, size_t max);
size_t funds_count(const struct funds *f);
#endif

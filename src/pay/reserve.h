#ifndef SRC_PAY_RESERVE_H
#define SRC_PAY_RESERVE_H
/* What of a broadcaster's money this orchestrator can count on: its reserve is
 * split evenly over the orchestrators in the pool, per round; its deposit is
 * anybody's, first come. Pure; any thread. Sources: go-livepeer
 * pm/sendermonitor.go; protocol MReserve, chain reference 8.4. */
#include "src/model/chain.h"

/* Our share of the reserve that is left this round; zero without a pool. */
struct wei reserve_share(const struct sender_funds *f, uint64_t pool_size);
/* The highest face value that is covered while `pending` (face values of our
 * redemptions under way) is not settled yet: the share less what is pending,
 * or the whole share where the deposit is three times what is pending. */
struct wei reserve_max_float(const struct sender_funds *f, uint64_t pool_size,
	struct wei pending);
/* What redeeming a ticket of this face value would pay now. */
struct wei reserve_payout(const struct sender_funds *f, uint64_t pool_size,
	struct wei face_value);
/* The sender may take its money out by the end of the next round: nothing of
 * it is to be relied on. */
bool reserve_is_unlocking(const struct sender_funds *f, struct round_no initialized);
#endif

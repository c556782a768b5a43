#ifndef DB_LOCKS_H
#define DB_LOCKS_H
/* Unbonding locks as last seen on chain, or as another node knew them: what the
 * console shows while no RPC answers. The chain's word replaces them. Writers:
 * the staker, the import. */
#include "db/db.h"
#include "src/model/amount.h"
#include "src/model/id.h"

struct lock_record {
	struct eth_addr delegator;
	uint64_t id;
	struct lpt amount;
	struct round_no withdraw_round;
};
/* Adds or replaces one. */
struct err *locks_put(struct db *db, const struct lock_record *l) must_check;
struct err *locks_each(struct db *db, struct eth_addr delegator,
	void (*fn)(void *ctx, const struct lock_record *l), void *ctx) must_check;
#endif

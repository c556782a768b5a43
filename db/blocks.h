#ifndef DB_BLOCKS_H
#define DB_BLOCKS_H
/* Table blocks: the last blocks of the chain that this node has worked
 * through, so that it goes on behind them after a restart and notices when
 * they were reorganised away meanwhile. Writer: the chain actor. */
#include "db/db.h"
#include "src/model/id.h"

struct block_row {
	struct l2_block number;
	struct hash32 hash, parent;
	struct l1_block l1;
	int64_t time_ms; /* its time stamp */
};

/* Replaces all blocks from number `from` on by these, and keeps the newest `keep`,
 * in one transaction. */
struct err *blocks_put(struct db *db, struct l2_block from,
	const struct block_row *rows, size_t n, size_t keep) must_check;
/* The newest at most max, oldest first. */
struct err *blocks_get(struct db *db, struct block_row *out, size_t max, size_t *n)
	must_check;
#endif

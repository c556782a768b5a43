#ifndef DB_LPDB_H
#define DB_LPDB_H
/* Another node's memory, read only: the lpdb.sqlite3 of go-livepeer. Open a
 * copy: SQLite mends a file that a killed process left, and the original is
 * not ours to write. Its columns are declared STRING, which SQLite reads as a
 * number where it can, and its numbers are bytes: every value is checked.
 * Source: go-livepeer common/db.go at 0.9.1 and 0.5.9. */
#include "db/db.h"
#include "src/model/ticket.h"

struct lpdb;

/* Says what the file is when it is another kind of database. */
struct err *lpdb_open(const char *copy, struct lpdb **out) must_check;
void lpdb_close(struct lpdb *l); /* NULL ok */
/* false: not written down; 0: offchain. */
bool lpdb_chain_id(struct lpdb *l, uint64_t *out) must_check;

struct lpdb_ticket {
	struct winning_ticket won;
	int64_t created_ms, redeemed_ms; /* Unix; 0 unknown */
	bool has_tx;
	struct hash32 tx; /* zero with has_tx: given up by go-livepeer */
	const char *problem; /* NULL, or the column that cannot be read */
};
struct err *lpdb_each_ticket(struct lpdb *l,
	struct err *(*fn)(void *ctx, const struct lpdb_ticket *t), void *ctx) must_check;

struct lpdb_lock {
	uint64_t id;
	struct eth_addr delegator;
	struct lpt amount;
	struct round_no withdraw_round;
	int64_t used_block; /* 0: open */
	const char *problem;
};
struct err *lpdb_each_lock(struct lpdb *l,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx) must_check;
#endif

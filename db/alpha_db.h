#ifndef DB_ALPHA_DB_H
#define DB_ALPHA_DB_H
/* The memory of a node of the Livepeer alpha, read only: its lp.sqlite3, of
 * which alpha_tables.def has the tables. Open a copy (see db/lpdb.h, which reads
 * the node's of today). Nothing in it is believed: a table may be a view, a
 * number a text, a text endless. One thread at a time. */
#include "db/db.h"
#include "db/lpdb.h"
#include "src/model/amount.h"

enum alpha_table {
#define TABLE(id, name, key) ALPHA_##id,
#include "db/alpha_tables.def"
	ALPHA_TABLES
};

/* Which tables and columns there are. Every generation says that it is version
 * 1, so that this is all there is to tell them apart by. */
struct alpha_schema {
	bool table[ALPHA_TABLES];
	bool kv;
	bool price;	 /* orchestrators.pricePerPixel: from 0.5.0 */
	bool activation; /* orchestrators.activationRound: from 0.5.2 */
	bool queue;	 /* ticketQueue: from 0.5.9 */
	bool any;	 /* there is some table */
};

struct alpha_db;

/* Says in words when the file is no database, or a damaged one. What kind it
 * is, is not judged: even one without tables opens. */
struct err *alpha_db_open(const char *copy, struct alpha_db **out) must_check;
void alpha_db_close(struct alpha_db *a); /* NULL ok */
const struct alpha_schema *alpha_db_schema(const struct alpha_db *a);
/* The last block of its chain that it saw; false: it did not say. */
bool alpha_db_last_block(struct alpha_db *a, int64_t *out) must_check;
/* Jobs that came later are of far earlier blocks: two networks have used this
 * database, which mainnet and Rinkeby shared unless told otherwise. */
bool alpha_db_is_shared(struct alpha_db *a);
/* 0 for a table that is not there. */
struct err *alpha_db_count(struct alpha_db *a, enum alpha_table t, int64_t *out) must_check;

/* --- rows --- */

enum alpha_type { ALPHA_INT, ALPHA_TEXT, ALPHA_EXACT, ALPHA_BLOB };
struct alpha_column {
	const char *name;
	enum alpha_type type;
};
#define ALPHA_COLUMNS_MAX 12
#define ALPHA_TEXT_MAX 4096 /* bytes kept of a text */

const char *alpha_table_name(enum alpha_table t); /* "jobs" */
const char *alpha_table_key(enum alpha_table t);  /* SQL */
/* NULL past the last. */
const struct alpha_column *alpha_column(enum alpha_table t, size_t i);

struct alpha_value {
	bool null;
	bool lossy; /* SQLite made a number of it, or it was cut, or no number */
	int64_t i;  /* of an INT that is none of those */
	const char *text; /* what there is, as text; never NULL; may hold anything */
};
struct alpha_row {
	const char *key;
	struct alpha_value v[ALPHA_COLUMNS_MAX]; /* in the order of alpha_column() */
};
/* In the order in which they were written. The row is good until fn returns. */
struct err *alpha_db_each(struct alpha_db *a, enum alpha_table t,
	struct err *(*fn)(void *ctx, const struct alpha_row *row), void *ctx) must_check;
/* Unbonding locks, checked; see lpdb_each_lock(). */
struct err *alpha_db_each_lock(struct alpha_db *a,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx) must_check;

/* --- what it worked for and was never paid --- */

/* Work could be claimed, and claims be paid, only before the contracts were
 * exchanged. A segment's fee is the job's price for each of its profiles
 * (livepeer/protocol JobLib.sol calcFees). */
struct alpha_losses {
	int64_t receipts;     /* segments done and never claimed */
	struct wei receipts_value;
	int64_t claims;	      /* claimed, and never 'Complete' */
	int64_t claim_receipts; /* segments in those */
	struct wei claims_value;
	int64_t unpriced; /* of these segments: no job, or no price that can be read */
};
struct err *alpha_db_losses(struct alpha_db *a, struct alpha_losses *out) must_check;
#endif

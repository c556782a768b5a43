#ifndef DB_TXS_H
#define DB_TXS_H
/* Tables txs and attempts: every transaction this node means to send, and the
 * signed bytes of each, on the disk before a node of the chain sees them. Use
 * a DB_FULL connection. Rows are never deleted: bytes that were given away may
 * come back. Writer: the chain actor (src/eth/jobs). */
#include "db/db.h"
#include "src/base/blob.h"
#include "src/model/tx_job.h"

struct tx_record {
	/* for good */
	int64_t id;
	struct eth_addr account; /* that signs */
	char kind[32], note[160], job[32];
	struct eth_addr to;
	struct wei value;
	struct blob *data; /* owned */
	struct wei max_cost; /* zero: none */
	int64_t ticket;	   /* 0: none */
	int64_t created_ms;
	/* what moves */
	enum tx_state state;
	enum tx_undo undo;
	struct gas gas;	   /* limit */
	bool has_nonce;
	uint64_t nonce;
	struct hash32 hash; /* of the attempt that counts, or the latest */
	struct wei gas_price; /* paid, or the latest offered */
	struct gas gas_used;
	struct l2_block block; /* 0: not mined */
	struct hash32 block_hash;
	int64_t final_ms;
	char error[256];
};
void tx_record_clear(struct tx_record *r);
/* attempts is not in the row: 0. */
struct tx_job tx_record_job(const struct tx_record *r);

/* One signed transaction for a job. */
struct tx_attempt {
	int64_t id, tx;
	uint64_t nonce;
	struct hash32 hash;
	struct blob *raw; /* owned */
	bool is_1559;
	struct wei gas_price; /* legacy: the price; 1559: the cap */
	struct wei tip;
	bool undo; /* the empty one */
	int64_t made_ms;
};
void tx_attempt_clear(struct tx_attempt *a);

/* Stores a new job, and its first attempt unless `a` is NULL, in one
 * transaction; sets their ids. *taken: nothing was stored, since a live or
 * confirmed job redeems the ticket already. */
struct err *txs_put(struct db *db, struct tx_record *r, struct tx_attempt *a, bool *taken)
	must_check;
/* Stores an attempt and what moved in its job, in one transaction. */
struct err *txs_put_attempt(struct db *db, const struct tx_record *r, struct tx_attempt *a)
	must_check;
/* From state `from` to what r says now. ERR_BUSY: the row is not in `from`;
 * *taken (NULL ok): it would be a second live job of its ticket or nonce. */
struct err *txs_move(struct db *db, enum tx_state from, const struct tx_record *r,
	bool *taken) must_check;

/* Jobs of an account that are not over, or are but in a block from `since` on,
 * oldest first. fn takes what is in r (tx_record_clear). */
struct err *txs_each_live(struct db *db, struct eth_addr account,
	struct l2_block since, void (*fn)(void *ctx, struct tx_record *r), void *ctx)
	must_check;
/* Those of one job in the order they were made; fn takes what is in a. */
struct err *txs_each_attempt(struct db *db, int64_t tx,
	void (*fn)(void *ctx, struct tx_attempt *a), void *ctx) must_check;
/* The latest job of a ticket; *found false: there is none. */
struct err *txs_of_ticket(struct db *db, int64_t ticket, struct tx_job *out, bool *found)
	must_check;
/* Those made as steps of one deed ("activate-17.."), oldest first. */
struct err *txs_of_job(struct db *db, struct eth_addr account, const char *job,
	void (*fn)(void *ctx, const struct tx_job *j), void *ctx) must_check;
/* All jobs of an account, the newest first, at most max. */
struct err *txs_each(struct db *db, struct eth_addr account, int64_t max,
	void (*fn)(void *ctx, const struct tx_job *j), void *ctx) must_check;
#endif

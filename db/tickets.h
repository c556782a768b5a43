#ifndef DB_TICKETS_H
#define DB_TICKETS_H
/* Winning tickets, from the moment they won to the end: the rows that are
 * money. A row is never deleted, and its state moves by compare-and-set, so
 * that no two hands redeem one. Use a DB_FULL connection: what a function
 * here has done is on the disk when it returns. Writers: the orchestrator
 * (won), the redeemer (everything after), the import of another node's. */
#include "db/db.h"
#include "src/model/ticket.h"

const char *ticket_state_name(enum ticket_state s); /* "won", "submitted", ... */
bool ticket_state_parse(enum ticket_state *out, const char *name) must_check;

struct ticket_record {
	int64_t id;
	struct winning_ticket won;
	struct hash32 hash; /* ticket_hash() of it: the chain's name for it */
	char session[64], manifest[256];
	int64_t won_ms;
	enum ticket_state state;
	char reason[256];	/* why it waits, failed or lapsed; may be "" */
	int64_t tx;		/* job in txs; 0 none */
	struct hash32 tx_hash;	/* that redeemed it; zero none */
	unsigned attempts;
	int64_t redeemed_ms;
	struct wei paid;	/* what the chain transferred */
	struct wei from_reserve; /* of it; the rest is of the sender's deposit */
	struct wei gas_cost;	/* what redeeming it cost us */
	int64_t block;
};

/* Stores a winner; *fresh is false when it was there already (the same hash or
 * signature), which is no error. r->id is set. */
struct err *tickets_put_won(struct db *db, struct ticket_record *r, bool *fresh) must_check;

struct ticket_filter {
	bool by_state;
	enum ticket_state state;
	bool open;		/* won or submitted */
	bool by_sender;
	struct eth_addr sender;
	const char *session;	/* NULL any */
	int64_t since_ms, until_ms; /* 0: any */
	bool oldest_first;
	int64_t limit, offset;	/* limit 0: all */
};
/* Calls fn for each; an error of fn ends it and is returned. */
struct err *tickets_each(struct db *db, const struct ticket_filter *f,
	struct err *(*fn)(void *ctx, const struct ticket_record *r), void *ctx) must_check;
/* *found false: no such row. */
struct err *tickets_get(struct db *db, int64_t id, struct ticket_record *out, bool *found)
	must_check;

/* From state `from` to r->state with reason, tx, tx_hash, attempts,
 * redeemed_ms, paid, from_reserve, gas_cost and block of r. ERR_BUSY when the row is not in
 * `from` any more: somebody else acted, read it again. */
struct err *tickets_move(struct db *db, enum ticket_state from,
	const struct ticket_record *r) must_check;
/* Why it waits, when that changed. */
struct err *tickets_note(struct db *db, int64_t id, const char *reason) must_check;
/* Those that lapsed, but were made after round `over`, wait again; *n of them. */
struct err *tickets_reopen(struct db *db, struct round_no over, int64_t *n) must_check;

struct ticket_totals {
	int64_t n[TICKET_STATES];
	struct wei face[TICKET_STATES]; /* of the face values */
	struct wei paid, gas_cost;
};
struct err *tickets_totals(struct db *db, const struct ticket_filter *f,
	struct ticket_totals *out) must_check;

struct ticket_group { /* of a sender, or a day */
	struct eth_addr sender;
	int64_t day; /* days since 1970-01-01, UTC */
	struct ticket_totals totals;
};
struct err *tickets_by_sender(struct db *db,
	void (*fn)(void *ctx, const struct ticket_group *g), void *ctx) must_check;
/* The last `days` that have any, oldest first. */
struct err *tickets_by_day(struct db *db, int64_t days,
	void (*fn)(void *ctx, const struct ticket_group *g), void *ctx) must_check;
#endif

#ifndef SRC_ROLE_REDEEMER_PRIVATE_H
#define SRC_ROLE_REDEEMER_PRIVATE_H
/* What redeemer.c (decisions), redeemer_ask.c (questions to the chain, run on
 * its actor), redeemer_doubt.c, redeemer_notes.c, redeemer_value.c and
 * redeemer_view.c share. All fields belong to the redeemer. */
#include "db/tickets.h"
#include "src/eth/contracts.h"
#include "src/pay/redemption.h"
#include "src/role/redeemer.h"

/* The chain refused a ticket for good at this head; believed when it says so
 * again at another. */
struct doubt {
	struct doubt *next;
	int64_t ticket;
	struct l2_block at;
};

struct redeemer {
	struct actor *actor;
	struct log *log;
	struct board *board;
	struct chain *chain;
	struct db *db;
	struct redeemer_options o;
	struct redeemer_listener listener;
	struct chain_facts facts;
	struct doubt *doubts;

	bool asking;	/* the chain is being asked about tickets */
	bool again;	/* and must be asked once more */
	bool recheck;	/* rows that a transaction carries: ask for its state */
	bool all;	/* look at every open ticket, whether due or not */
	int64_t asked_to; /* the last ticket of a full pass; 0: all were asked about */
	bool stopping;
	struct credit received; /* expected value, kept in kv */
	bool received_dirty;
	struct timer *tick;
	bool dirty;
	int64_t published_ms;
	char trouble[160]; /* with the database; "" none */
};

/* --- redeemer_ask.c --- */

struct answer_row {
	int64_t id;
	struct hash32 hash;
	struct eth_addr sender;
	bool used, has_funds;
	struct sender_funds funds;
};
/* What the chain says of some tickets, at one block. */
struct answers {
	struct eth_addr recipient;
	struct contracts contracts;
	size_t n;
	struct answer_row row[];
};
struct err *redeemer_ask(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result); /* ctx: struct answers, the result */

/* How a ticket came to be used. */
struct trace {
	int64_t id;
	struct ticket ticket;
	struct u256 rand;
	struct hash32 tx; /* where to look; zero: search the events */
	struct wei gas_cost; /* carried along */
	bool found;
	struct hash32 found_tx;
	struct l2_block block;
	struct wei paid, from_reserve;
};
struct err *redeemer_trace(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result); /* ctx: struct trace, likewise */

/* --- redeemer_doubt.c --- */
/* Has the chain said at another head too that this ticket is to be given up?
 * Remembers that it did now. */
bool redeemer_is_certain(struct redeemer *r, int64_t ticket) must_check;
void redeemer_clear_doubt(struct redeemer *r, int64_t ticket);

/* --- redeemer_notes.c --- */
/* Why tickets wait. */
struct err *redeemer_write_note(struct redeemer *r, int64_t ticket, const char *why,
	bool is_loud) must_check;
/* Many of them, to be written together: hundreds that won at once would keep the
 * database from the cashier if each were a commit. */
struct notes {
	struct new_note *v;
	size_t n;
};
void notes_add(struct notes *notes, int64_t ticket, const struct redemption_step *step);
/* All or none; empties notes. */
struct err *notes_write(struct notes *taken, struct redeemer *r) must_check;

/* --- redeemer_value.c --- */
struct err *redeemer_read_received(struct redeemer *r) must_check;
struct err *redeemer_keep_received(struct redeemer *r) must_check; /* when it changed */

/* --- redeemer_view.c --- */
void redeemer_publish(struct redeemer *r);
#endif

#ifndef SRC_ETH_CHAIN_PRIVATE_H
#define SRC_ETH_CHAIN_PRIVATE_H
/* Between the files of struct chain: chain.c makes and ends it, chain_look.c
 * looks at the chain at every poll, chain_tell.c tells whoever listens,
 * chain_orders.c answers whoever asks, and chain_view.c shows it. All fields
 * belong to the actor once it runs. */
#include <stdatomic.h>

#include "src/eth/chain.h"
#include "src/eth/contracts.h"
#include "src/eth/events.h"
#include "src/eth/follow.h"
#include "src/eth/funds.h"
#include "src/eth/jobs.h"
#include "src/eth/key_lock.h"

#define CHAIN_LISTENERS_MAX 8

struct chain {
	struct actor *actor;
	struct log *log;
	struct board *board; /* the console's sections */
	struct board *slot;  /* one: struct chain_facts, for chain_now() */
	struct db *db;
	struct rpc *rpc;
	const struct signer *signer;
	struct key_lock *lock;
	struct chain_options o; /* without its pointers */
	char *network;
	struct eth_addr account;
	atomic_bool stopping;

	uint64_t chain_id;	/* pinned; 0: not known yet */
	uint64_t expected_id;	/* the network's by its name; 0: any */
	struct contracts contracts;
	bool resolved;
	struct follow *follow;
	struct l2_block unwound; /* jobs were not told yet that it is gone; 0: none */
	struct jobs *jobs;	/* from the first head on; NULL without a key */
	struct funds *funds;
	struct chain_facts facts;
	struct news news;	/* not read anew yet */
	struct gas_market market;
	struct gas_bounds bounds;
	struct wei balance;
	bool gap;		/* the last look did not come to its end */
	int64_t market_ms, round_ms, balance_ms, probe_ms; /* monotonic: last read */

	struct chain_listener listeners[CHAIN_LISTENERS_MAX];
	size_t listeners_n;
	struct timer *poll, *publish;
	bool dirty;		/* section CHAIN */
};

/* --- chain.c --- */
/* Pins the chain's id in the database, or refuses another. */
struct err *chain_pin(struct chain *c) must_check;

/* --- chain_look.c --- */
void chain_on_poll(void *ctx);
/* Whether there is something to work with, or why not. */
struct err *chain_need(const struct chain *c) must_check;
struct jobs_now chain_jobs_now(const struct chain *c);
struct err *chain_read_funds(struct chain *c, struct eth_addr sender) must_check;

/* --- chain_tell.c --- */
void chain_publish_facts(struct chain *c); /* for chain_now() */
void chain_tell_facts(struct chain *c, bool opened); /* a round was initialised */
void chain_tell_funds(struct chain *c, struct eth_addr sender,
	const struct sender_funds *f);
/* What has come to its end, or back from it. */
void chain_tell_jobs(struct chain *c);

/* --- chain_view.c --- */
void chain_on_publish(void *ctx);
#endif

#ifndef SRC_ROLE_STAKER_H
#define SRC_ROLE_STAKER_H
/* Looks after the account's money on the chain: an actor, `staker`, reads what
 * the contracts say of it, shows it (section STAKING), calls for the reward of
 * each round, initialises rounds, and does what the operator asks for - each
 * deed weighed first, so that it can be confirmed with its cost known, and
 * those of several transactions carried on over restarts. Functions may be
 * called from any thread.
 * Source: go-livepeer eth/rewardservice.go, eth/roundinitializer.go,
 * server/handlers.go, and the differences that contrib/HACKING.md tells. */
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/eth/chain.h"
#include "src/role/deed.h"

struct staker;

enum reward_mode {
	REWARD_AUTO, /* when the account is a registered orchestrator */
	REWARD_ALWAYS,
	REWARD_NEVER,
};

struct staker_options {
	struct eth_addr account;   /* signs and pays */
	struct eth_addr recipient; /* the orchestrator; often the same */
	enum reward_mode reward;
	bool initialize_round;
	int64_t initialize_delay_ms; /* at most, at random */
	bool reads_pool; /* a broadcaster wants the list of orchestrators */
};
/* Opens its own connection to the database. The chain must outlive it; made
 * before the chain's start-up is over, since it listens. */
struct err *staker_new(const struct log *log, struct board *board, struct chain *chain,
	const char *db_path, const struct staker_options *o, struct staker **out)
	must_check;
/* Asks and sends nothing more; what the chain still answers finds it alive: free
 * it after the chain. */
void staker_stop(struct staker *s);
void staker_free(struct staker *s); /* NULL ok */
struct actor *staker_actor(struct staker *s);

/* --- what the operator wants done --- */

/* A deed that can be done, and what it takes. */
struct weighed {
	struct deed deed;
	struct tx_forecast first; /* of its first transaction, simulated */
	struct wei cost;	  /* about, of all of them */
	size_t steps;
	char *summary; /* lines */
	char word[DEED_WORD_SIZE];
};
void weighed_free(struct weighed *w); /* NULL ok */
/* Result: struct weighed. An err: why it cannot be done. */
void staker_weigh(struct staker *s, const struct deed *d, struct reply reply);

/* Does it, unless what was weighed is not so any more. Result: struct done. */
struct done {
	struct weighed *changed; /* nothing was done: confirm this instead */
	char *text;		 /* else what is under way */
};
void done_free(struct done *d); /* NULL ok */
void staker_do(struct staker *s, struct weighed *taken, struct reply reply);
/* Gives up the deed of several steps that is under way; its transactions stay
 * what they are. Result: char *, what it was. */
void staker_abandon(struct staker *s, struct reply reply);

/* --- what others want to know --- */

/* Result: struct staker_state. */
struct staker_state {
	bool reward_owed; /* active in this round, and reward is not called */
	char reward[256];
	bool evicted; /* registered, and not in the pool any more */
	bool failed;  /* the deed of several steps came to nothing */
	char deed[256];
	bool known; /* what follows holds */
	struct wei eth;
	int64_t unlock_period;	/* rounds */
};
void staker_state(struct staker *s, struct reply reply);

/* The orchestrators that work in this round, the most stake first: those a
 * broadcaster may ask. Posted to `to` whenever it was read; fn takes it. */
struct orchestrator_pool {
	size_t n;
	struct pool_orchestrator {
		struct eth_addr address;
		struct lpt stake;
		char uri[SERVICE_URI_MAX]; /* never "" */
	} o[];
};
struct pool_listener {
	struct actor *to;
	void (*fn)(void *ctx, struct orchestrator_pool *taken);
	void *ctx;
};
/* One; from here on the list is read. Any thread. */
void staker_on_pool(struct staker *s, const struct pool_listener *l);
#endif

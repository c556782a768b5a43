#ifndef SRC_ROLE_STAKER_PRIVATE_H
#define SRC_ROLE_STAKER_PRIVATE_H
/* What the files of struct staker share: staker.c reads and decides at each
 * block, staker_read.c is what the chain is asked, staker_deed.c does what the
 * operator asks for, staker_view.c shows. All fields belong to the actor. */
#include "db/db.h"
#include "src/role/reward.h"
#include "src/role/carry.h"
#include "src/role/staker.h"

#define STAKER_JOBS_MAX 64 /* transactions of one deed */

/* The deed of several transactions, of which there is one at a time. */
struct sequence {
	bool active;
	char job[CARRY_NAME_SIZE]; /* what its transactions are steps of */
	struct deed deed;
	struct tx_job jobs[STAKER_JOBS_MAX];
	size_t jobs_n;
	bool sending; /* a step is on its way to the database */
	struct attempt_log tried;
	unsigned refused; /* times in a row that the contracts would not have it */
	struct deed_next next;
	bool over, failed; /* shown until the next one begins */
};

/* A transaction that is sent of itself, once a round. */
struct routine {
	struct attempt_log tried;
	bool sending;
	struct round_no round; /* it is being sent for */
	struct l2_block settled; /* facts up to this one don't know of it yet */
};

struct staker {
	struct actor *actor;
	struct log *log;
	struct board *board;
	struct chain *chain;
	struct db *db;
	struct staker_options o;
	bool stopping;

	struct chain_facts head; /* the latest; `facts` may be older */
	struct stake_facts facts;
	bool reading, wanted, wanted_all;
	int64_t read_ms, read_all_ms; /* monotonic: when it last came through */
	struct round_no pool_round;   /* for which the URIs were read */

	struct routine reward, initialize;
	struct reward_step reward_step;
	struct round_no initialize_round; /* the delay was drawn for */
	int64_t initialize_began_ms, initialize_delay_ms;

	struct sequence seq;
	struct pool_listener pool_listener;
	struct orchestrator_pool *pool; /* the last one, for the view */
	struct timer *tick;
	bool dirty;
	int64_t published_ms;
};

/* --- staker.c --- */
struct reply staker_reply(struct staker *s, void (*fn)(void *ctx, struct err *taken,
	void *result), void *ctx);
/* Reads the chain soon; `all` with what seldom changes. */
void staker_want(struct staker *s, bool all);
/* Is one of these transactions not over yet? NULL: any but redemptions. */
bool staker_is_live(struct staker *s, const char *kind);
/* A step as a request to the chain; the err: there is no such function. */
struct err *staker_request(const struct deed *d, enum deed_step step,
	const struct stake_facts *f, const char *job, struct tx_request *out) must_check;

/* --- staker_read.c --- */
struct stake_reading { /* goes to the chain's actor and comes back */
	struct staker *s;
	struct eth_addr account, recipient;
	bool all, uris;
	bool fresh; /* at the latest block, not at the one known */
	struct stake_facts old; /* its lists are copies */
	struct orchestrator_pool *pool; /* what was read of it; NULL: not asked */
	void *then;		/* of whoever waits; NULL */
};
struct stake_reading *stake_reading_new(struct staker *s, bool all);
void stake_reading_free(struct stake_reading *r);
/* For chain_read(); result: struct stake_facts. */
struct err *stake_read(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result) must_check;
/* What came back is what we know now. */
void staker_take(struct staker *s, struct stake_reading *r, struct stake_facts *taken);

/* --- staker_deed.c --- */
struct err *staker_resume(struct staker *s) must_check; /* at the start */
void staker_step(struct staker *s); /* the sequence, if there is one */
/* There is none. */
struct err *staker_begin(struct staker *s, const struct deed *d, const char *job)
	must_check;

/* --- staker_view.c --- */
void staker_publish(struct staker *s);
#endif

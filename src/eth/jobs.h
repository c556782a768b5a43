#ifndef SRC_ETH_JOBS_H
#define SRC_ETH_JOBS_H
/* Every transaction as a job, from its row in the database to its last
 * confirmation; the one place that gives out nonces.
 *
 * What holds at any instant, so that a process killed there loses nothing and
 * does nothing twice: signed bytes are on the disk before a node sees them; a
 * job whose bytes left is over only when its nonce is used on the chain, deep
 * enough; until then it keeps its nonce and its calldata, whatever the price.
 * It gets another nonce only when its own went to a transaction that is not
 * ours and none of its attempts has a receipt.
 *
 * Owned by the chain actor; blocks on the RPC. Time and what the chain asks
 * for gas are arguments. Sources: go-ethereum core/txpool (nonces, replacement
 * by +10 %), EIP-1559; go-livepeer eth/transactionManager.go for timeouts. */
#include "db/db.h"
#include "src/base/log.h"
#include "src/eth/branch.h"
#include "src/eth/gas.h"
#include "src/eth/rpc.h"
#include "src/model/tx_job.h"

struct jobs;
struct signer;

struct jobs_options {
	const struct log *log; /* all borrowed */
	struct db *db;	       /* DB_FULL */
	struct rpc *rpc;
	const struct signer *signer;
	uint64_t chain_id;
	struct gas gas_limit;	 /* 0: estimated */
	int64_t timeout_ms;	 /* not mined for so long: it is replaced */
	unsigned max_replacements; /* by itself; the operator may do more */
	unsigned confirmations;	 /* blocks, its own included, that make it final */
};
#define JOBS_LIVE_MAX 64     /* under way at a time */
#define JOBS_ATTEMPTS_MAX 24 /* signed for one job */
#define JOBS_DATA_MAX (96u << 10)

/* What the chain is like now. */
struct jobs_now {
	int64_t wall_ms;
	const struct branch *branch; /* its top is the head */
	struct gas_market market;
	struct gas_bounds bounds;
};

/* Goes on with what the database has under way, and with what came to its end
 * in a block from `since` on. */
struct err *jobs_new(struct jobs **out, const struct jobs_options *o,
	struct l2_block since) must_check;
void jobs_free(struct jobs *j); /* NULL ok; everything stays in the database */

struct err *jobs_simulate(struct jobs *j, const struct tx_request *r,
	const struct jobs_now *now, struct tx_forecast *out) must_check;
/* Simulates, stores, signs, sends. An err: nothing is stored. ERR_DENIED: the
 * contract refuses it, or its ticket has a job; ERR_BUSY: too many under way. */
struct err *jobs_submit(struct jobs *j, const struct tx_request *r,
	const struct jobs_now *now, struct tx_job *out) must_check;
/* ERR_NOT_FOUND, ERR_DENIED (it is mined, it would cost more than allowed). */
struct err *jobs_speed_up(struct jobs *j, int64_t id, const struct jobs_now *now,
	struct tx_job *out) must_check;
struct err *jobs_cancel(struct jobs *j, int64_t id, const struct jobs_now *now,
	struct tx_job *out) must_check;

/* Looks at all that is under way and does the next thing for each. An err: the
 * RPC or the disk; what was done is done, the rest is for the next step. */
struct err *jobs_step(struct jobs *j, const struct jobs_now *now) must_check;
/* Blocks from this one on are not what they were: what was final in them is
 * not any more. */
struct err *jobs_reorganised(struct jobs *j, struct l2_block from) must_check;

/* Jobs that came to their end or back from it, each once; false: no more. */
bool jobs_next(struct jobs *j, struct tx_job *out) must_check;
/* Has anything changed since this was last asked? */
bool jobs_changed(struct jobs *j);
size_t jobs_live(const struct jobs *j);
/* The account's next nonces, by mined transactions and by all that are known;
 * as last heard. */
void jobs_nonces(const struct jobs *j, uint64_t *latest, uint64_t *pending);
#endif

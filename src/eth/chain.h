#ifndef SRC_ETH_CHAIN_H
#define SRC_ETH_CHAIN_H
/* The chain as the node lives with it: an actor, `chain`, that follows blocks
 * and events through JSON-RPC, keeps the accounts' nonce and carries every
 * transaction from its row in the database to its last confirmation. It blocks
 * on the network (each call has a deadline), so nobody waits for it: functions
 * here may be called from any thread and answer through a reply or to a
 * listener. A dead RPC makes its facts old, never its memory short.
 * Sources: protocol contracts (contracts.def); go-livepeer eth/ at 0.9.1 for
 * what peers expect. */
#include "src/base/actor.h"
#include "src/base/blob.h"
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/model/chain.h"
#include "src/model/tx_job.h"

struct chain;
struct contracts;
struct rpc;
struct signer;

struct chain_options {
	const char *const *urls; /* -ethUrl, at least one */
	size_t urls_n;
	const char *network;	    /* -network; picks the controller when that is zero */
	struct eth_addr controller; /* -ethController, or zero */
	struct eth_addr recipient;  /* the node's orchestrator: -ethOrchAddr or the account */
	unsigned poll_ms;	    /* -blockPollingInterval */
	struct wei min_gas_price;
	struct wei max_gas_price;   /* zero: none */
	struct gas gas_limit;	    /* 0: estimated */
	int64_t tx_timeout_ms;	    /* -transactionTimeout: then it is replaced */
	unsigned max_replacements;
	unsigned confirmations;	    /* blocks on top before a receipt is final; 0: the
				     * network's default */
};

/* How deep a block is, itself included, when it is called final and nobody set
 * a number: on Ethereum, and on a layer above it. */
#define CHAIN_CONFIRMATIONS_L1 8
#define CHAIN_CONFIRMATIONS_L2 20

/* db_path: its own connection is opened (DB_FULL). signer: NULL for a node that
 * only looks; must outlive the chain. Fails for what the operator must mend:
 * another chain than the data directory's, no controller. An RPC that does not
 * answer is no failure: the chain keeps trying, its facts are not `ready`. */
struct err *chain_new(const struct log *log, struct board *board, const char *db_path,
	const struct signer *signer, const struct chain_options *o,
	struct chain **out) must_check;
void chain_stop(struct chain *c); /* cancels the call under way; jobs stay in the database */
void chain_free(struct chain *c); /* NULL ok */
struct actor *chain_actor(struct chain *c);

/* The latest facts; any thread, never waits. */
struct chain_facts chain_now(const struct chain *c);

/* Whoever wants to be told; each function is posted to `to` and may be NULL.
 * Before start-up is over, from the constructing thread. */
struct chain_listener {
	struct actor *to;
	void *ctx;
	void (*facts)(void *ctx, const struct chain_facts *f); /* after each new head */
	/* A sender that was asked about before has other funds now. */
	void (*funds)(void *ctx, struct eth_addr sender, const struct sender_funds *f);
	void (*round)(void *ctx, const struct chain_facts *f); /* a round was initialised */
	/* A transaction has come to its end, or (reorganisation) back from it. */
	void (*job)(void *ctx, const struct tx_job *j);
};
void chain_listen(struct chain *c, const struct chain_listener *l);

/* Result: struct sender_funds (free it). Asked of the chain the first time,
 * from then on kept and watched. ERR_UNAVAILABLE: never seen and no RPC. */
void chain_funds(struct chain *c, struct eth_addr sender, struct reply reply);

/* Runs a reader on the chain actor with an RPC that works; for questions that
 * need no watching. `fn` must bound its calls. Result: what fn left in *result. */
void chain_read(struct chain *c, struct err *(*fn)(void *ctx, struct rpc *rpc,
	const struct contracts *contracts, const struct chain_facts *facts,
	void **result), void *ctx, struct reply reply);

/* --- to act. What is in a request is taken, its struct stays the caller's --- */

/* Result: struct tx_forecast. An err: the revert reason in words. */
void chain_simulate(struct chain *c, struct tx_request *r, struct reply reply);
/* Simulates, writes the row, signs, sends. Result: struct tx_job (free it), in
 * state SENT or PREPARED (no RPC now; it is sent later). An err: nothing was
 * written and nothing will be sent. A request with a ticket that already has a
 * live or confirmed job is refused. */
void chain_submit(struct chain *c, struct tx_request *r, struct reply reply);
/* Results: struct tx_job. */
void chain_speed_up(struct chain *c, int64_t id, struct reply reply);
void chain_cancel(struct chain *c, int64_t id, struct reply reply);
/* The job that redeems this ticket or did; the latest of several. Result:
 * struct tx_job, or NULL: none ever was. */
void chain_ticket_job(struct chain *c, int64_t ticket, struct reply reply);
/* Kept over restarts by the caller. */
void chain_set_gas_prices(struct chain *c, struct wei min, struct wei max);
#endif

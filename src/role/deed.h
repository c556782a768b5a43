#ifndef SRC_ROLE_DEED_H
#define SRC_ROLE_DEED_H
/* What an operator may do with money on the chain. A deed is a value: what is
 * wanted, not how. Facts then say whether it can be done (deed_resolve), by
 * which transactions, its steps, and which of them is next (deed_next): what
 * was done so far is read from the chain and from the transactions made in its
 * name, so that a node that was killed anywhere goes on where it was, and does
 * nothing twice. All of it pure; any thread.
 * Sources: protocol BondingManager.sol, TicketBroker.sol and their words;
 * go-livepeer eth/client.go, server/handlers.go activateOrchestrator. */
#include "src/eth/calldata.h"
#include "src/model/tx_job.h"
#include "src/role/stake_facts.h"

enum deed_kind {
	DEED_BOND,	     /* amount to `to` */
	DEED_MOVE,	     /* all stake to `to`, and amount more */
	DEED_UNBOND,	     /* amount */
	DEED_REBOND,	     /* lock; `to` when nothing is bonded any more */
	DEED_WITHDRAW_STAKE, /* lock */
	DEED_WITHDRAW_FEES,  /* fees to `to` */
	DEED_CLAIM,
	DEED_ACTIVATE, /* amount or lock, cuts, service URI */
	DEED_SET_ORCHESTRATOR, /* cuts, service URI */
	DEED_REWARD,
	DEED_INITIALIZE_ROUND,
	DEED_FUND, /* deposit, reserve */
	DEED_UNLOCK,
	DEED_CANCEL_UNLOCK,
	DEED_WITHDRAW,
	DEED_FAUCET,
	DEED_REFUND, /* of the alpha's deposit; to: the Refunder */
	DEED_KINDS
};

#define DEED_URI_SIZE 257

struct deed {
	enum deed_kind kind;
	struct lpt amount;
	struct wei deposit, reserve;
	struct wei fees;    /* zero: all of them */
	struct eth_addr to; /* zero: whoever it must be */
	bool has_lock, has_cut, has_share;
	uint64_t lock;
	struct ppm reward_cut, fee_share;
	char uri[DEED_URI_SIZE]; /* "": as it is */
};
const char *deed_name(enum deed_kind k); /* as the command: "bond" */

/* As one line for the database, and back. */
void deed_fmt(struct str *out, const struct deed *d);
bool deed_parse(struct deed *out, const char *line) must_check;

/* Fills in what was left out (whom to bond to, which lock, which URI) and
 * refuses what cannot be done now, with numbers and the remedy. */
struct err *deed_resolve(struct deed *d, const struct stake_facts *f) must_check;

/* --- steps: a transaction each --- */

enum deed_step {
	STEP_CLAIM,
	STEP_REBOND,
	STEP_REBOND_FROM_UNBONDED,
	STEP_APPROVE,
	STEP_BOND,
	STEP_TRANSCODER,
	STEP_SERVICE_URI,
	STEP_UNBOND,
	STEP_WITHDRAW_STAKE,
	STEP_WITHDRAW_FEES,
	STEP_REWARD,
	STEP_INITIALIZE_ROUND,
	STEP_FUND,
	STEP_UNLOCK,
	STEP_CANCEL_UNLOCK,
	STEP_WITHDRAW,
	STEP_FAUCET,
	STEP_REFUND,
	STEP_KINDS
};
#define DEED_STEPS_MAX 8
const char *deed_step_name(enum deed_step s); /* the transaction's kind */
/* What it usually needs, for a forecast before it can be simulated. */
struct gas deed_step_gas(enum deed_step s, enum generation g);

/* Those a resolved deed takes from these facts on, in order; at most
 * DEED_STEPS_MAX. Claims count once, however many they are. */
size_t deed_steps(const struct deed *d, const struct stake_facts *f,
	enum deed_step out[static DEED_STEPS_MAX]);

/* All that such a deed may take, in order. */
size_t deed_plan(const struct deed *d, enum deed_step out[static DEED_STEPS_MAX]);

enum deed_act {
	DEED_SUBMIT, /* the step */
	DEED_WAIT,   /* for a transaction, or for the chain */
	DEED_DONE,
	DEED_FAILED,
};
struct deed_next {
	enum deed_act act;
	enum deed_step step;
	int64_t tx; /* waited for, or failed; 0 none */
	char why[256];
};
/* What is to be done about a resolved deed now. jobs: the transactions made in
 * its name, in any order. */
struct deed_next deed_next(const struct deed *d, const struct stake_facts *f,
	const struct tx_job *jobs, size_t n);
/* The latest of jobs for a step; NULL none. */
const struct tx_job *deed_step_job(enum deed_step s, const struct tx_job *jobs, size_t n);

/* --- deed_call.c, deed_text.c --- */

/* The transaction of a step, placed in the pool with hints. An err: these
 * contracts have no such function. */
struct err *deed_call(struct contract_call *out, enum deed_step s, const struct deed *d,
	const struct stake_facts *f) must_check;
/* "bond 12.5 LPT to 0x..": a step as the list of transactions has it. */
void deed_note(struct str *out, enum deed_step s, const struct deed *d,
	const struct stake_facts *f);
/* What it would do, in lines: what, to whom, what comes of it; not what it
 * costs. */
void deed_summary(struct str *out, const struct deed *d, const struct stake_facts *f);
/* What is typed to confirm it: the last four digits of the address it goes to,
 * or of the account. */
#define DEED_WORD_SIZE 5
void deed_word(char out[static DEED_WORD_SIZE], const struct deed *d,
	const struct stake_facts *f);
/* Value that leaves the account with it, in ETH. */
struct wei deed_value(const struct deed *d);
#endif

#ifndef SRC_WIZARD_PLAN_H
#define SRC_WIZARD_PLAN_H
/* What is to be done to bring a node of the alpha to Streamflow: facts in, steps
 * in order out, each with what it costs and what takes it back (steps.def). What
 * is done already is no step. Pure; any thread.
 * Sources: protocol BondingManager.sol, Refunder.sol; the operators' guides of
 * January 2020 to the upgrade. */
#include "src/migrate/steps.h"
#include "src/role/deed.h"

/* What the operator wants to have in the end. */
struct migrate_wish {
	bool orchestrator, broadcaster; /* roles that have money on the chain */
	bool unit; /* of systemd, for the new node */
	bool chain_steps; /* false: what is to be sent is the operator's own affair */
	struct lpt bond;  /* in addition */
	bool has_cut, has_share;
	struct ppm reward_cut, fee_share;
	char uri[DEED_URI_SIZE]; /* "": as it is */
	struct wei deposit, reserve; /* in total, at the TicketBroker */
};

struct migrate_facts {
	struct migrate_wish wish;
	bool has_history, has_locks; /* in the old database */
	bool on_chain; /* what follows was read */
	const struct stake_facts *stake;
	const char *moved_on; /* NULL, or why nothing is to be sent here any more */
	struct eth_addr refunder; /* zero: none is known */
	struct wei alpha_deposit;
	bool refunded;
	uint64_t nonce_latest, nonce_pending;
};

struct planned_step {
	enum migrate_step step;
	struct deed deed;  /* of a step on the chain, not resolved yet */
	struct wei cost;   /* of gas, about */
	struct wei value;  /* that leaves the account besides */
	struct wei income; /* that comes to it */
	char what[192];	   /* "reward cut 10 %, ..": in particular */
};
struct plan {
	struct planned_step v[MIGRATE_STEPS];
	size_t n;
	struct wei cost, value;
};
/* An err: what can't be, and the remedy; *out is what was planned up to there. */
struct err *plan_make(struct plan *out, const struct migrate_facts *f) must_check;
bool plan_has(const struct plan *p, enum migrate_step s);
bool plan_is_on_chain(const struct plan *p); /* something is to be sent */

/* What is missing of the deposit and reserve that are wanted; false: nothing. */
bool plan_fund(struct deed *out, const struct migrate_wish *w, const struct stake_facts *f)
	must_check;
/* A deed that is tried anew leaves out what an attempt in another name has done:
 * txs are the transactions of that one. */
void plan_leave_out(struct deed *d, const struct tx_job *txs, size_t n);

/* --- going on with it --- */
enum work_state { WORK_TODO, WORK_BEGUN, WORK_OVER, WORK_BROKEN };
/* The index of the step that is to be done, or done again, now; p->n: none.
 * states: of the plan's steps, as its record has them. */
size_t plan_next(const struct plan *p, const enum work_state states[static MIGRATE_STEPS]);
#endif

#ifndef SRC_PAY_REDEMPTION_H
#define SRC_PAY_REDEMPTION_H
/* What to do about a winning ticket now: a pure decision over its row, the
 * chain's facts and the sender's money. src/role/redeemer asks it at every new
 * block for every ticket that is not over, and acts. */
#include "src/model/chain.h"
#include "src/model/ticket.h"

struct redemption_facts {
	const struct chain_facts *chain;
	const struct sender_funds *funds; /* NULL: not known now */
	struct wei pending;	/* face values of this sender's redemptions under way */
	struct gas redeem_gas;
	struct wei max_gas_price; /* zero: none */
	bool used;		/* usedTickets() on chain */
	bool has_job;		/* a live or confirmed transaction carries it */
};

enum redemption_act {
	REDEMPTION_WAIT,
	REDEMPTION_SUBMIT,
	REDEMPTION_DONE, /* it is used on chain: find out by whom, and whether it paid */
	REDEMPTION_DROP, /* can never be paid */
	REDEMPTION_LAPSE,
};
struct redemption_step {
	enum redemption_act act;
	bool needs_funds; /* waits only to know the sender's funds */
	bool last_chance; /* its last round is nearly over */
	char why[160];
};
struct redemption_step redemption_decide(enum ticket_state state,
	const struct winning_ticket *t, const struct redemption_facts *f);
/* What a revert of a simulated or sent redemption means for the ticket: WAIT
 * or DROP (text: the contract's words). */
enum redemption_act redemption_after_revert(const char *text);
#endif

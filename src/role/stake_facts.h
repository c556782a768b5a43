#ifndef SRC_ROLE_STAKE_FACTS_H
#define SRC_ROLE_STAKE_FACTS_H
/* All that the chain says of the node's own money: its account, its stake, its
 * orchestrator, its funds as a broadcaster, and the pool it stands in. Read at
 * one block by staker_read.c, decided over by deed.c, shown by staker_view.c.
 * A plain value but for two lists; one owner. */
#include "src/eth/lookup.h"

struct stake_facts {
	bool known; /* false: never read, nothing below holds */
	struct chain_facts chain; /* as of the reading */
	struct contracts contracts;
	struct eth_addr account;   /* signs and pays */
	struct eth_addr recipient; /* the orchestrator; often the same */
	struct wei eth;
	struct lpt lpt, allowance; /* the account's; to the BondingManager */
	struct delegator_facts delegator; /* the account */
	struct delegator_facts owner;	  /* the recipient */
	struct unbonding_lock *locks;	  /* the account's, open ones */
	size_t locks_n;
	struct transcoder_facts transcoder; /* the recipient */
	struct lpt reward_stake; /* what its reward of this round is reckoned by */
	char service_uri[SERVICE_URI_MAX];
	struct pool_member *pool; /* the most stake first */
	size_t pool_n;
	struct protocol_facts protocol;
	struct minter_facts minter;
	struct sender_funds funds; /* the account as a broadcaster */
};
void stake_facts_clear(struct stake_facts *f);
/* All of them at the latest block, for who has an RPC of its own and no chain
 * actor: blocks. The reading of staker_read.c. */
struct err *stake_look(struct rpc *rpc, const struct contracts *contracts,
	struct eth_addr account, struct eth_addr recipient, struct stake_facts *out)
	must_check;

/* What reward() would mint for the recipient now; false: nothing, or unknown. */
bool stake_next_reward(const struct stake_facts *f, struct lpt *out) must_check;
const struct unbonding_lock *stake_lock(const struct stake_facts *f, uint64_t id);
bool stake_lock_is_due(const struct stake_facts *f, const struct unbonding_lock *l);
/* The account is the orchestrator, not only its helper. */
bool stake_is_own(const struct stake_facts *f);

/* A broadcaster's money: what may be done with it next. */
enum funds_state { FUNDS_EMPTY, FUNDS_LOCKED, FUNDS_UNLOCKING, FUNDS_UNLOCKED };
enum funds_state funds_state(const struct sender_funds *s, struct round_no now);
const char *funds_state_name(enum funds_state s);
#endif

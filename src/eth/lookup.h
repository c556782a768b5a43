#ifndef SRC_ETH_LOOKUP_H
#define SRC_ETH_LOOKUP_H
/* What the contracts say, read in as few requests as it takes: one struct per
 * thing, both generations alike. All read at one block (`at`), so that the
 * numbers fit each other. Called by the owner of the rpc; blocks. A contract
 * that answers what its interface does not allow is an err of ERR_PROTOCOL, a
 * revert one of ERR_INVALID with its reason in words.
 * Source: livepeer/protocol bonding, pm, rounds, token. */
#include "src/eth/contracts.h"

struct lookup {
	struct rpc *rpc;
	const struct contracts *contracts;
	struct block_ref at;
};

/* The latest block, to read at. */
struct err *lookup_head(struct rpc *r, struct block_header *out) must_check;

/* --- rounds and protocol --- */
struct err *lookup_round(const struct lookup *l, struct round_facts *out)
	must_check;
struct err *lookup_paused(const struct lookup *l, bool *out) must_check;
struct minter_facts {
	uint64_t inflation, change, target; /* of `divisor` */
	uint64_t divisor; /* 1e6 Streamflow, 1e9 Confluence */
	struct lpt mintable, minted; /* this round */
	struct lpt supply; /* of all the network where it spans chains */
};
struct err *lookup_minter(const struct lookup *l, struct minter_facts *out)
	must_check;
struct protocol_facts { /* parameters that hardly ever change */
	uint64_t unbonding_period, unlock_period; /* rounds */
	uint64_t max_claim_rounds; /* maxEarningsClaimsRounds(); 0: no limit */
	struct lpt total_bonded; /* active stake of this round */
	struct lpt next_total_stake;
	struct u256 treasury_cut; /* of 1e27; Confluence, else 0 */
};
struct err *lookup_protocol(const struct lookup *l, struct protocol_facts *out)
	must_check;

/* --- stake --- */
struct delegator_facts {
	enum delegator_status { DELEGATOR_PENDING, DELEGATOR_BONDED, DELEGATOR_UNBONDED } status;
	struct lpt bonded;
	struct wei fees;
	struct eth_addr delegate;   /* zero: none */
	struct lpt delegated;	    /* to this address, by all */
	struct round_no start, last_claim;
	uint64_t next_lock;	    /* locks are 0 .. next_lock - 1 */
	struct lpt pending_stake;   /* with earnings, as of the current round */
	struct wei pending_fees;
};
struct err *lookup_delegator(const struct lookup *l, struct eth_addr who,
	struct round_no current, struct delegator_facts *out) must_check;

struct unbonding_lock {
	uint64_t id;
	struct lpt amount;
	struct round_no withdraw_round;
};
/* Those still open, of ids first .. next - 1; *out is free()d. */
#define LOOKUP_LOCKS_MAX 10000
struct err *lookup_locks(const struct lookup *l, struct eth_addr who,
	uint64_t first, uint64_t next, struct unbonding_lock **out, size_t *n)
	must_check;

struct transcoder_facts {
	bool registered, active;
	struct round_no last_reward, last_stake_update, activation, deactivation;
	struct round_no last_fee;
	struct ppm reward_cut, fee_share;
	struct lpt total_stake;		/* own and delegated */
	struct lpt cumulative_rewards, active_cumulative_rewards;
	struct wei cumulative_fees;
};
struct err *lookup_transcoder(const struct lookup *l, struct eth_addr who,
	struct transcoder_facts *out) must_check;

struct earnings_pool {
	struct lpt total_stake;
	struct ppm reward_cut, fee_share;
	bool has_factors; /* not in Streamflow as launched */
	struct u256 reward_factor, fee_factor; /* of 1e27; 0 means 1 / 0 */
	/* Streamflow; zero on Confluence */
	struct lpt reward_pool, claimable_stake, transcoder_reward_pool;
	struct wei fee_pool, transcoder_fee_pool;
};
struct err *lookup_earnings_pool(const struct lookup *l, struct eth_addr who,
	struct round_no round, struct earnings_pool *out) must_check;

/* The pool from the most stake to the least. */
#define LOOKUP_POOL_MAX 2000
struct pool_member {
	struct eth_addr addr;
	struct lpt stake;
};
/* *members, *n: what was known of the pool, which saves a request for each
 * member (NULL and 0 at first); replaced, free()d by the caller. */
struct err *lookup_pool(const struct lookup *l, struct pool_member **members,
	size_t *n) must_check;

/* --- tickets --- */
/* `us` may be zero: then claimed_by_us is 0. `round` is filled from the
 * argument. */
struct err *lookup_sender(const struct lookup *l, struct eth_addr sender,
	struct eth_addr us, struct round_no round, struct sender_funds *out)
	must_check;
/* claimableReserve(): what a recipient could still get from it this round. A
 * revert (the pool grew after a claim) reads as 0. */
struct err *lookup_claimable(const struct lookup *l, struct eth_addr sender,
	struct eth_addr recipient, struct wei *out) must_check;
/* For n tickets by hash: out[i] is true when it was redeemed. */
struct err *lookup_used_tickets(const struct lookup *l,
	const struct hash32 *tickets, size_t n, bool *out) must_check;

/* --- ether, token, faucet, service URI --- */
struct err *lookup_ether(const struct lookup *l, struct eth_addr who,
	struct wei *balance) must_check;
struct err *lookup_token(const struct lookup *l, struct eth_addr who,
	struct lpt *balance, struct lpt *bonding_allowance) must_check;
struct faucet_facts {
	struct lpt amount;	/* per request */
	uint64_t wait_hours;
	int64_t next_s;		/* Unix time from which one may ask again */
};
struct err *lookup_faucet(const struct lookup *l, struct eth_addr who,
	struct faucet_facts *out) must_check;
#define SERVICE_URI_MAX 512
/* "" none set. What is longer or no UTF-8 is an err: anyone may register. */
struct err *lookup_service_uri(const struct lookup *l, struct eth_addr who,
	char out[static SERVICE_URI_MAX]) must_check;
/* Which of n members of the pool work in this round: who joined in it does not. */
struct err *lookup_active(const struct lookup *l, const struct pool_member *who, size_t n,
	bool *out) must_check;
/* Of n members of the pool; "" too where it is no text, or longer. */
struct err *lookup_service_uris(const struct lookup *l, const struct pool_member *who,
	size_t n, char (*out)[SERVICE_URI_MAX]) must_check;
#endif

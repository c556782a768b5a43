#ifndef SRC_ETH_CALLDATA_H
#define SRC_ETH_CALLDATA_H
/* What to send to which contract to get something done: one function for each
 * transaction of the protocol. Each fills a zeroed or cleared struct
 * contract_call; what the generation has no function for is an err. Pure; any
 * thread.
 *
 * Hints are the neighbours in the pool's sorted list after the change (prev
 * has more stake): wrong ones cost gas, nothing else, and NULL lets the
 * contract search.
 *
 * batchRedeemWinningTickets has no builder: it swallows the reverts of single
 * tickets and is estimated too low, so that winning tickets get burnt.
 * Source: livepeer/protocol; go-livepeer eth/contracts. */
#include "src/eth/contracts.h"
#include "src/model/ticket.h"

struct contract_call {
	enum contract_fn fn; /* says in logs what this is */
	struct eth_addr to;
	struct wei value;
	struct str data; /* owned */
};
void contract_call_clear(struct contract_call *c);
/* As a question for rpc_call() and rpc_estimate_gas(); borrows from c. */
struct eth_call contract_call_as(const struct contract_call *c,
	struct eth_addr from);

struct pool_hints {
	struct eth_addr prev, next;
};

/* --- LivepeerToken and its faucet --- */
void calldata_approve(struct contract_call *out, const struct contracts *c,
	struct eth_addr spender, struct lpt amount);
void calldata_transfer(struct contract_call *out, const struct contracts *c,
	struct eth_addr to, struct lpt amount);
struct err *calldata_faucet(struct contract_call *out,
	const struct contracts *c) must_check;

/* --- RoundsManager --- */
void calldata_initialize_round(struct contract_call *out,
	const struct contracts *c);

/* --- BondingManager --- */
/* amount: new tokens only; what is bonded already moves along. `from` places
 * the old delegate (moving), `to` the new one; both NULL or both given. */
void calldata_bond(struct contract_call *out, const struct contracts *c,
	struct lpt amount, struct eth_addr delegate,
	const struct pool_hints *from, const struct pool_hints *to);
struct err *calldata_bond_for(struct contract_call *out,
	const struct contracts *c, struct lpt amount, struct eth_addr owner,
	struct eth_addr delegate, const struct pool_hints *from,
	const struct pool_hints *to) must_check; /* Confluence */
void calldata_transcoder(struct contract_call *out, const struct contracts *c,
	struct ppm reward_cut, struct ppm fee_share,
	const struct pool_hints *hints);
void calldata_unbond(struct contract_call *out, const struct contracts *c,
	struct lpt amount, const struct pool_hints *hints);
void calldata_rebond(struct contract_call *out, const struct contracts *c,
	uint64_t lock, const struct pool_hints *hints);
void calldata_rebond_from_unbonded(struct contract_call *out,
	const struct contracts *c, struct eth_addr delegate, uint64_t lock,
	const struct pool_hints *hints);
void calldata_withdraw_stake(struct contract_call *out,
	const struct contracts *c, uint64_t lock);
/* Streamflow pays everything to the caller: recipient and amount are its
 * caller's to have checked, and are not in the call. */
void calldata_withdraw_fees(struct contract_call *out,
	const struct contracts *c, struct eth_addr recipient, struct wei amount);
void calldata_claim_earnings(struct contract_call *out,
	const struct contracts *c, struct round_no end);
struct err *calldata_claim_snapshot(struct contract_call *out,
	const struct contracts *c, struct lpt stake, struct wei fees,
	const struct hash32 *proof, size_t proof_n) must_check; /* Streamflow */
void calldata_reward(struct contract_call *out, const struct contracts *c,
	const struct pool_hints *hints);
struct err *calldata_transfer_bond(struct contract_call *out,
	const struct contracts *c, struct eth_addr to, struct lpt amount,
	const struct pool_hints *from_hints, const struct pool_hints *to_hints)
	must_check; /* Confluence */
struct err *calldata_checkpoint(struct contract_call *out,
	const struct contracts *c, struct eth_addr who) must_check; /* Confluence */

/* --- TicketBroker --- */
/* Either may be zero, not both; the value sent is the sum. */
struct err *calldata_fund(struct contract_call *out, const struct contracts *c,
	struct wei deposit, struct wei reserve) must_check;
struct err *calldata_fund_for(struct contract_call *out,
	const struct contracts *c, struct eth_addr who, struct wei deposit,
	struct wei reserve) must_check; /* Confluence */
void calldata_unlock(struct contract_call *out, const struct contracts *c);
void calldata_cancel_unlock(struct contract_call *out, const struct contracts *c);
void calldata_withdraw(struct contract_call *out, const struct contracts *c);
void calldata_redeem(struct contract_call *out, const struct contracts *c,
	const struct winning_ticket *w);
/* What `who` had deposited with the alpha comes back to it. */
void calldata_refund(struct contract_call *out, struct eth_addr refunder,
	struct eth_addr who);

/* --- ServiceRegistry, votes --- */
void calldata_set_service_uri(struct contract_call *out,
	const struct contracts *c, const char *uri);
struct err *calldata_create_poll(struct contract_call *out,
	const struct contracts *c, const void *proposal, size_t n) must_check;
void calldata_poll_vote(struct contract_call *out, struct eth_addr poll,
	bool yes);
enum ballot { BALLOT_AGAINST, BALLOT_FOR, BALLOT_ABSTAIN };
/* reason may be "". */
struct err *calldata_cast_vote(struct contract_call *out,
	const struct contracts *c, struct u256 proposal, enum ballot ballot,
	const char *reason) must_check; /* Confluence */
#endif

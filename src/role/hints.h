#ifndef SRC_ROLE_HINTS_H
#define SRC_ROLE_HINTS_H
/* Where in the pool's sorted list an orchestrator will stand after its stake
 * has changed: its neighbours, told to the contract, save it a walk along the
 * list and us the gas. Wrong ones cost gas and nothing else. Pure; any thread.
 * Source: go-livepeer eth/client.go simulateTranscoderPoolUpdate, findTranscoderHints;
 * protocol SortedDoublyLL.sol, BondingManager.sol tryToJoinActiveSet. */
#include "src/eth/calldata.h"
#include "src/eth/lookup.h"

/* The pool as we know it, from the most stake to the least; what is done to it
 * here is what the transaction would do. */
struct pool_list {
	struct pool_member *v;
	size_t n;
	uint64_t max; /* room */
};
struct pool_list pool_list_copy(const struct pool_member *v, size_t n, uint64_t max);
void pool_list_clear(struct pool_list *p);

/* `who` has this stake from now on: it moves to its place behind those that
 * have as much, or joins and, where the pool is full, throws out the last, who
 * may be itself. Returns its neighbours; zeros when it is not in the list or
 * alone. */
struct pool_hints pool_list_put(struct pool_list *p, struct eth_addr who,
	struct lpt stake);
void pool_list_remove(struct pool_list *p, struct eth_addr who);
/* Its place, from 1; 0: not in the list. */
size_t pool_list_rank(const struct pool_list *p, struct eth_addr who);
#endif

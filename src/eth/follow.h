#ifndef SRC_ETH_FOLLOW_H
#define SRC_ETH_FOLLOW_H
/* Walks along with the chain: asks for the head, follows parents back to what
 * it knows, and tells in order which blocks went and which came, with the
 * events of the contracts in them. What it cannot explain (a node contradicts
 * itself) it leaves as it is and asks again the next time. Owned by the chain
 * actor; blocks on the RPC. Source of the shape: go-livepeer eth/blockwatch. */
#include "src/eth/branch.h"
#include "src/eth/contracts.h"

struct follow;

struct follow_sink {
	void *ctx;
	/* A block is gone; the newest first. */
	void (*removed)(void *ctx, const struct block_header *h,
		const struct eth_log *logs, size_t n);
	/* A block has come; the oldest first. Far behind, events come without
	 * their blocks' headers: h is NULL. */
	void (*added)(void *ctx, const struct block_header *h,
		const struct eth_log *logs, size_t n);
	/* All that was read before may be different now: the first block, a
	 * reorganisation deeper than what is remembered, or too many blocks
	 * missed to look at each. */
	void (*lost)(void *ctx);
};

/* sink and what it points to must outlive it. */
struct follow *follow_new(const struct follow_sink *sink);
void follow_free(struct follow *f); /* NULL ok */
/* Headers of a former run, oldest first, before the first step. Those that do
 * not hang together are dropped. */
void follow_restore(struct follow *f, const struct block_header *headers, size_t n);
const struct branch *follow_branch(const struct follow *f);

struct followed {
	size_t removed, added;
	bool lost;
	struct l2_block from; /* the lowest that changed; when any of the above */
};
/* One look at the chain. An err: no or contradictory answers; what was told
 * until then holds. */
struct err *follow_step(struct follow *f, struct rpc *rpc, const struct contracts *c,
	struct followed *out) must_check;
#endif

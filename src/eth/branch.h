#ifndef SRC_ETH_BRANCH_H
#define SRC_ETH_BRANCH_H
/* The last blocks of the chain that we follow, each the parent of the next,
 * with the events of ours in them: what a reorganisation takes back, newest
 * first. Bounded in depth. Pure; one owner. */
#include "proto/eth_json.h"

#define BRANCH_DEPTH 64

struct branch;
struct branch_block {
	struct block_header header;
	struct eth_log *logs; /* owned */
	size_t logs_n;
};

struct branch *branch_new(size_t depth);
void branch_free(struct branch *b); /* NULL ok */
void branch_reset(struct branch *b);

size_t branch_length(const struct branch *b);
/* NULL: nothing was pushed yet; valid until the next change. */
const struct block_header *branch_top(const struct branch *b);
const struct block_header *branch_bottom(const struct branch *b);
/* NULL: outside of what is remembered. */
const struct block_header *branch_at(const struct branch *b, struct l2_block number);

/* On top; false and nothing taken: h is not the child of the top. The oldest
 * goes when there are more than `depth`. Takes the logs. */
bool branch_push(struct branch *b, const struct block_header *h,
	struct eth_log *logs, size_t logs_n);
/* Takes the top off; false: empty. Free the logs with eth_logs_free(). */
bool branch_pop(struct branch *b, struct branch_block *out);
/* The highest of our blocks that is among n headers, in order of number;
 * false: none, so that they part before all we remember. */
bool branch_common(const struct branch *b, const struct block_header *headers,
	size_t n, struct l2_block *out) must_check;
#endif

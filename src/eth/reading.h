#ifndef SRC_ETH_READING_H
#define SRC_ETH_READING_H
/* Several reads of contracts in one batch: the reads are added, the chain is
 * asked, and the answers are taken in the order of the reads. The first thing
 * that goes wrong sticks: what is taken after it is zero, and reading_end()
 * tells. Owned by one function call. */
#include "proto/abi.h"
#include "src/eth/contracts.h"

struct reading {
	struct rpc *rpc;
	const struct contracts *contracts;
	struct block_ref at;
	struct one_read {
		enum contract_fn fn;
		bool may_fail;
		struct str data;
	} *reads;
	size_t n, taken;
	struct eth_result *results;
	struct abi_in in;
	struct err *err;
};

void reading_begin(struct reading *r, struct rpc *rpc,
	const struct contracts *c, struct block_ref at);
void reading_add(struct reading *r, enum contract_fn fn,
	const struct abi_value *args, size_t n);
/* The same, but if it reverts that is an answer: reading_failed(). */
void reading_try(struct reading *r, enum contract_fn fn,
	const struct abi_value *args, size_t n);
/* Asks for all that was added; more can be added then, and asked. */
void reading_run(struct reading *r);
/* The next answer. It stays valid until the next one, or the end. */
struct abi_in *reading_next(struct reading *r);
/* Did the next one revert? It is passed over if so. */
bool reading_failed(struct reading *r);
/* Frees all; NULL when all went well. */
struct err *reading_end(struct reading *r) must_check;
#endif

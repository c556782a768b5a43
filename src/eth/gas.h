#ifndef SRC_ETH_GAS_H
#define SRC_ETH_GAS_H
/* What to offer for gas: between the operator's minimum and maximum, by what
 * the chain asks now, and when a transaction is replaced by enough more that
 * nodes take it. Pure; any thread. Sources: EIP-1559; go-ethereum
 * core/txpool/legacypool (replacement wants 10 % more of both prices);
 * go-livepeer eth/transactionManager.go, eth/gaspricemonitor.go. */
#include "src/model/amount.h"

/* What the chain asks. */
struct gas_market {
	bool is_1559; /* the head has a base fee */
	struct wei base_fee, tip;
	struct wei legacy; /* eth_gasPrice, without EIP-1559 */
};
/* What the operator allows, per gas. */
struct gas_bounds {
	struct wei min;
	struct wei max; /* zero: none */
};
struct gas_offer {
	bool is_1559;
	struct wei price; /* legacy: the price; 1559: the cap, all included */
	struct wei tip;	  /* 1559 */
};

/* What a unit costs now, never below the minimum. */
struct wei gas_now(const struct gas_market *m, struct wei min);
/* The maximum, or less where `gas` of it may cost no more than max_cost (zero:
 * whatever). Zero: none. *max_cost of less than a wei per gas is 1 wei. */
struct wei gas_ceiling(const struct gas_bounds *b, struct wei max_cost, struct gas gas);
/* false: what it costs now is above the ceiling; *out is not filled. */
bool gas_offer(struct gas_offer *out, const struct gas_market *m, struct wei min,
	struct wei ceiling) must_check;
/* In place of `old`: both prices at least 11 % higher (rounded up), and at
 * least what it costs now. false: that is above the ceiling. */
bool gas_raise(struct gas_offer *out, const struct gas_offer *old,
	const struct gas_market *m, struct wei min, struct wei ceiling) must_check;
/* gas * price at most, which is what has to be in the account. */
struct wei gas_cost(const struct gas_offer *o, struct gas gas);
#endif

#ifndef SRC_ETH_TX_H
#define SRC_ETH_TX_H
/* Transactions as bytes: legacy ones bound to their chain (EIP-155) and those
 * of type 2 (EIP-1559). Pure but for the signer; any thread.
 * Sources: EIP-155, EIP-1559, EIP-2718, the yellow paper's appendix B. */
#include "src/base/err.h"
#include "src/model/amount.h"
#include "src/model/id.h"

struct signer;

struct tx {
	uint64_t chain_id;
	uint64_t nonce;
	bool is_1559;
	struct wei gas_price; /* legacy: the price; 1559: maxFeePerGas */
	struct wei tip;	      /* 1559: maxPriorityFeePerGas */
	struct gas gas;
	struct eth_addr to;
	struct wei value;
	const uint8_t *data; /* borrowed */
	size_t data_n;
};

struct tx_signed {
	struct hash32 hash;
	struct str raw; /* owned; for rpc_send_raw() */
};
void tx_signed_clear(struct tx_signed *s);

/* What a key signs. */
struct hash32 tx_digest(const struct tx *t);
/* With a signature made elsewhere: r, s of 32 bytes, recid 0 or 1. */
void tx_assemble(struct tx_signed *out, const struct tx *t,
	const uint8_t rs[static 64], int recid);
/* *out is empty on an err. */
struct err *tx_sign(struct tx_signed *out, const struct tx *t,
	const struct signer *s) must_check;

/* Strict: as tx_assemble() writes it, to the byte. t->data points into raw.
 * What else is in the encoding (access lists) is an err. */
struct err *tx_decode(struct tx *out, uint8_t rs[static 64], int *recid,
	const uint8_t *raw, size_t n) must_check;
#endif

#ifndef SRC_MODEL_ID_H
#define SRC_MODEL_ID_H
/* The names things have on the chain. L1 and L2 blocks are types of their own:
 * rounds, locks and tickets count L1 blocks, receipts and logs are found in
 * blocks of the chain itself (on Arbitrum those differ; on L1 they are equal).
 * Pure; any thread. */
#include <stdbool.h>
#include <stdint.h>

#include "src/base/str.h"

struct eth_addr {
	uint8_t b[20];
};
struct hash32 { /* hashes of blocks, transactions, tickets */
	uint8_t b[32];
};
struct signature { /* r, s, v with v 27 or 28 */
	uint8_t b[65];
};
struct l1_block {
	int64_t v;
};
struct l2_block { /* the chain's own number, whatever its layer */
	int64_t v;
};
struct round_no { /* "never" on chain, 2^256-1, is INT64_MAX here */
	int64_t v;
};

#define ROUND_NEVER ((struct round_no){ INT64_MAX })

bool addr_eq(struct eth_addr a, struct eth_addr b);
bool addr_is_zero(struct eth_addr a);
/* 40 hexadecimal digits of any case, with or without "0x". The checksum of
 * mixed case (EIP-55) is src/crypto/ec's to check. */
bool addr_parse(struct eth_addr *out, const char *text) must_check;
void addr_fmt(struct str *out, struct eth_addr a); /* "0x" and lower case */

bool hash_eq(struct hash32 a, struct hash32 b);
bool hash_is_zero(struct hash32 h);
bool hash_parse(struct hash32 *out, const char *text) must_check;
void hash_fmt(struct str *out, struct hash32 h);
#endif

#ifndef SRC_CRYPTO_SIGNER_H
#define SRC_CRYPTO_SIGNER_H
/* The one place a private key is in: what needs a signature asks here and never
 * sees the key. It is made by unlocking a keyfile (src/crypto/keystore), kept
 * in secret memory, and immutable: any thread may use it at any time. There is
 * no function that gives the key back. */
#include "src/model/id.h"

struct signer;

/* Copies the key, and wipes the caller's. NULL: no key of the curve. */
struct signer *signer_new(uint8_t key[static 32]);
void signer_free(struct signer *s); /* wipes; NULL ok */
struct eth_addr signer_address(const struct signer *s);

/* eip191(hash): tickets, results. */
bool signer_sign_hash(const struct signer *s, struct signature *sig,
	const struct hash32 *hash) must_check;
/* eip191(keccak(bytes)): addresses, segments, pings. */
bool signer_sign_message(const struct signer *s, struct signature *sig,
	const void *bytes, size_t n) must_check;
/* The digest as it is: transactions. r, s of 32 bytes, recid 0 or 1. */
bool signer_sign_digest(const struct signer *s, uint8_t rs[static 64], int *recid,
	const struct hash32 *digest) must_check;
#endif

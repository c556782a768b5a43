#ifndef SRC_CRYPTO_SIGNER_H
#define SRC_CRYPTO_SIGNER_H
/* The one place a private key is in: what needs a signature asks here and never
 * sees the key. It is made by unlocking a keyfile (src/crypto/keystore), kept
 * in secret memory, and immutable: any thread may use it at any time. There is
 * no function that gives the key back. A handle with fewer capabilities is for
 * whoever needs no more: a role that signs segments cannot sign transactions.
 * Sources: EIP-191, EIP-155, EIP-2718. */
#include "src/base/mem.h"
#include "src/model/id.h"

enum signer_cap {
	SIGN_MESSAGE = 1, /* EIP-191: tickets, segments, receipts, infos, pings */
	SIGN_TX = 2,	  /* bare digests, as a transaction's is */
};

struct signer;

/* Copies the key, and wipes the caller's. All capabilities. NULL: no key of the
 * curve. */
struct signer *signer_new(uint8_t key[static 32]);
/* Another handle on the same key that has of its capabilities these at most. */
struct signer *signer_limited(const struct signer *s, unsigned caps) must_check;
/* The key is wiped with the last handle. NULL ok. */
void signer_free(struct signer *s);
struct eth_addr signer_address(const struct signer *s);
bool signer_can(const struct signer *s, enum signer_cap cap);

/* Each is false where the handle lacks the capability. */
/* eip191(hash): tickets, results. */
bool signer_sign_hash(const struct signer *s, struct signature *sig,
	const struct hash32 *hash) must_check;
/* eip191(keccak(bytes)): addresses, segments, pings. */
bool signer_sign_message(const struct signer *s, struct signature *sig,
	const void *bytes, size_t n) must_check;
/* The digest as it is: transactions. r, s of 32 bytes, recid 0 or 1. */
bool signer_sign_digest(const struct signer *s, uint8_t rs[static 64], int *recid,
	const struct hash32 *digest) must_check;

/* Through fork(2) into a child that goes on without exec: secret_keep() and
 * secret_adopt() of the key. */
void signer_keep(const struct signer *s);
void signer_adopt(const struct signer *s);
#endif

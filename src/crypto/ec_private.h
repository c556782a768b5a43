#ifndef SRC_CRYPTO_EC_PRIVATE_H
#define SRC_CRYPTO_EC_PRIVATE_H
/* What ec.c, which has a key for one call, and signer.c, which has one for long,
 * share. */
#include <secp256k1.h>

#include "src/crypto/ec.h"

/* For what has a secret in it: blinded against side channels. Aborts without
 * memory; once threads share it, it is never changed. */
secp256k1_context *ec_context_new(void) must_check;
bool ec_address_with(const secp256k1_context *c, uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t key[static EC_KEY_SIZE]) must_check;
bool ec_sign_digest_with(const secp256k1_context *c, uint8_t rs[static 64],
	int *recid, const uint8_t digest[static 32],
	const uint8_t key[static EC_KEY_SIZE]) must_check;
#endif

#ifndef SRC_MODEL_KEYFILE_H
#define SRC_MODEL_KEYFILE_H
/* A private key at rest: the Web3 Secret Storage record, version 3, as geth
 * writes it. Nothing in it is secret without its password. */
#include <stddef.h>

#include "src/model/id.h"

#define KEYFILE_SALT_MAX 64

enum keyfile_kdf { KDF_SCRYPT, KDF_PBKDF2 };

struct keyfile {
	bool has_address;
	struct eth_addr address;
	uint8_t id[16]; /* a UUID */
	uint8_t iv[16]; /* of aes-128-ctr */
	uint8_t ciphertext[32];
	uint8_t mac[32];
	enum keyfile_kdf kdf;
	uint64_t n, r, p; /* scrypt; bounded, see proto/keyfile_codec */
	uint64_t c;	  /* pbkdf2's rounds of HMAC-SHA-256 */
	uint8_t salt[KEYFILE_SALT_MAX];
	size_t salt_n;
};
#endif

#ifndef SRC_MODEL_KEYFILE_H
#define SRC_MODEL_KEYFILE_H
/* A private key at rest: the Web3 Secret Storage record, version 3, as geth
 * writes it. Nothing in it is secret without its password. What a file asks of
 * the machine is bounded here, before anybody does it. Pure; any thread.
 * Sources: go-ethereum accounts/keystore/passphrase.go, RFC 7914. */
#include <stddef.h>

#include "src/base/err.h"
#include "src/model/id.h"

#define KEYFILE_KEY_SIZE 32
#define KEYFILE_SALT_MAX 64

enum keyfile_kdf { KDF_SCRYPT, KDF_PBKDF2 };

struct keyfile {
	bool has_address; /* some wallets leave it out */
	struct eth_addr address;
	uint8_t id[16]; /* a UUID */
	uint8_t iv[16]; /* of aes-128-ctr */
	uint8_t ciphertext[KEYFILE_KEY_SIZE];
	size_t ciphertext_n; /* old programs cut leading zeros off: 1 to 32 */
	uint8_t mac[32];
	enum keyfile_kdf kdf;
	uint64_t n, r, p; /* scrypt: cost, size of blocks, passes */
	uint64_t c;	  /* pbkdf2's rounds of HMAC-SHA-256 */
	uint8_t salt[KEYFILE_SALT_MAX];
	size_t salt_n;
};

/* geth's StandardScryptN takes 256 MiB; twice that is the most that a file may
 * ask for, since a node of 1 GiB has to survive the look at it. In time, four
 * times the standard's steps, and of pbkdf2 what takes about as long. */
#define KEYFILE_MEMORY_MAX (512ull << 20) /* 128 * n * r */
#define KEYFILE_STEPS_MAX (4ull << 21)	  /* n * r * p */
#define KEYFILE_R_MAX 64		  /* geth's is 8; r * p takes memory too */
#define KEYFILE_P_MAX 1024		  /* geth's are 1 and 6 */
#define KEYFILE_ROUNDS_MAX 10000000ull	  /* geth's were 262144 */

/* Whether its key may be derived: the error names the parameters and the bound. */
struct err *keyfile_check(const struct keyfile *k) must_check;
#endif

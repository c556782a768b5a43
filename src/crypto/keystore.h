#ifndef SRC_CRYPTO_KEYSTORE_H
#define SRC_CRYPTO_KEYSTORE_H
/* The cipher of keyfiles: a key under a password, and back. Deriving takes
 * about half a second and 256 MiB with the parameters of a wallet, by design.
 * Any thread; blocks. Sources: Web3 Secret Storage Definition, version 3;
 * go-ethereum accounts/keystore/passphrase.go. */
#include "src/base/err.h"
#include "src/crypto/signer.h"
#include "src/model/keyfile.h"

/* Of a new key: geth's StandardScryptN and LightScryptN. */
enum key_strength { KEY_STANDARD, KEY_LIGHT };

/* A fresh key under this password. */
struct err *key_create(const char *password, enum key_strength strength, struct keyfile *out)
	must_check;
/* A key from elsewhere; key is wiped. ERR_INVALID: no key of the curve. */
struct err *key_import(uint8_t key[static 32], const char *password,
	enum key_strength strength, struct keyfile *out) must_check;
/* ERR_DENIED: the password is wrong, or salt, ciphertext or mac are not what they
 * were: nothing can tell the two apart. ERR_INVALID: it opens, but to no key, or
 * to that of another address than the file says, which a changed iv does too.
 * Else the errors of keyfile_check(). */
struct err *key_unlock(const struct keyfile *k, const char *password, struct signer **out)
	must_check;
#endif

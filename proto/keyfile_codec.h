#ifndef PROTO_KEYFILE_CODEC_H
#define PROTO_KEYFILE_CODEC_H
/* Keyfiles as JSON. A file may come from anywhere: what its key derivation
 * asks for is bounded here, before anybody spends it. Pure; any thread.
 * Sources: ethereum.org, Web3 Secret Storage Definition; go-ethereum
 * accounts/keystore/passphrase.go. */
#include "src/base/err.h"
#include "src/model/keyfile.h"

#define KEYFILE_MAX 16384			/* bytes of text */
#define KEYFILE_KDF_MEMORY_MAX (512ull << 20) /* scrypt: 128 * n * r; geth's is half */
#define KEYFILE_PBKDF2_MAX 10000000		/* rounds; geth's were 262144 */

/* The error says which member is wrong and how. */
struct err *keyfile_decode(struct keyfile *out, const char *text, size_t n) must_check;
void keyfile_encode(const struct keyfile *k, struct str *out);
#endif

#ifndef SRC_CRYPTO_KDF_H
#define SRC_CRYPTO_KDF_H
/* Keys from passwords: scrypt and PBKDF2. scrypt is ours because OpenSSL's
 * refuses n over 2^(16 r), which key files that geth reads do have (r = 1);
 * because its working memory, from which the derived key follows, is neither
 * locked nor left out of dumps; and because on the diagonals of Salsa's matrix
 * it is faster (0.56 s against 0.87 s for geth's standard). Any thread. Sources:
 * RFC 7914, RFC 8018. */
#include <stddef.h>
#include <stdint.h>

#include "src/base/mem.h"

/* n: a power of two, 2 to 2^32; r, p at least 1; all bounded by the caller
 * (keyfile_check()): it takes 128 * r * (n + p) bytes, n * r * p steps, and
 * aborts without memory. Writes out_n bytes. */
void kdf_scrypt(uint8_t *out, size_t out_n, const void *password, size_t password_n,
	const uint8_t *salt, size_t salt_n, uint64_t n, uint32_t r, uint32_t p);
/* With HMAC-SHA256. */
void kdf_pbkdf2(uint8_t *out, size_t out_n, const void *password, size_t password_n,
	const uint8_t *salt, size_t salt_n, unsigned rounds);
#endif

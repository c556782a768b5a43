#ifndef SRC_CRYPTO_SHA256_H
#define SRC_CRYPTO_SHA256_H
/* SHA-256 of what is too long to be in memory, in hexadecimal: as sha256sum(1)
 * prints it. Any thread. */
#include <nettle/sha2.h>
#include <stddef.h>

#define SHA256_TEXT_SIZE 65

struct sha256 {
	struct sha256_ctx ctx;
};
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
void sha256_end(struct sha256 *s, char out[static SHA256_TEXT_SIZE]);
#endif

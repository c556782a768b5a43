#ifndef SRC_CRYPTO_MAC_H
#define SRC_CRYPTO_MAC_H
/* HMAC-SHA256, and comparing secrets without telling by the time it takes how
 * much of them was right. Any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_SIZE 32

void mac_sha256(uint8_t out[static MAC_SIZE], const void *key, size_t key_n,
	const void *bytes, size_t n);
bool mac_equal(const void *a, const void *b, size_t n);
/* For texts of any length: the time depends on the length of `given` only. */
bool secret_equal(const char *given, const char *secret);
#endif

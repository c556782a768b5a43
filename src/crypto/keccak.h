#ifndef SRC_CRYPTO_KECCAK_H
#define SRC_CRYPTO_KECCAK_H
/* Keccak-256 as Ethereum means it: Keccak's own padding byte 0x01, not SHA-3's
 * 0x06. Incremental, so that a body is hashed while it arrives. Any thread. */
#include <nettle/sha3.h>
#include <stddef.h>
#include <stdint.h>

#define KECCAK_SIZE 32
#define KECCAK_RATE 136

struct keccak {
	struct sha3_state state;
	unsigned fill;
	uint8_t block[KECCAK_RATE];
};

void keccak_init(struct keccak *k);
void keccak_update(struct keccak *k, const void *bytes, size_t n);
/* Ends it; init again for another. */
void keccak_final(struct keccak *k, uint8_t out[static KECCAK_SIZE]);
void keccak_256(uint8_t out[static KECCAK_SIZE], const void *bytes, size_t n);
#endif

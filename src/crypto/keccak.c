#include "src/crypto/keccak.h"

#include <string.h>

void keccak_init(struct keccak *k)
{
	memset(k, 0, sizeof(*k));
}

static void absorb(struct sha3_state *s, const uint8_t *block)
{
	for (unsigned i = 0; i < KECCAK_RATE / 8; i++) {
		uint64_t lane = 0;

		for (unsigned j = 8; j--;)
			lane = lane << 8 | block[8 * i + j];
		s->a[i] ^= lane;
	}
	nettle_sha3_permute(s);
}

void keccak_update(struct keccak *k, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n) {
		size_t take = KECCAK_RATE - k->fill;

		if (!k->fill && n >= KECCAK_RATE) {
			absorb(&k->state, p);
			p += KECCAK_RATE;
			n -= KECCAK_RATE;
			continue;
		}
		take = take < n ? take : n;
		memcpy(k->block + k->fill, p, take);
		k->fill += (unsigned)take;
		p += take;
		n -= take;
		if (k->fill == KECCAK_RATE) {
			absorb(&k->state, k->block);
			k->fill = 0;
		}
	}
}

void keccak_final(struct keccak *k, uint8_t out[static KECCAK_SIZE])
{
	memset(k->block + k->fill, 0, KECCAK_RATE - k->fill);
	k->block[k->fill] |= 0x01;
	k->block[KECCAK_RATE - 1] |= 0x80;
	absorb(&k->state, k->block);
	for (unsigned i = 0; i < KECCAK_SIZE; i++)
		out[i] = (uint8_t)(k->state.a[i / 8] >> 8 * (i % 8));
}

void keccak_256(uint8_t out[static KECCAK_SIZE], const void *bytes, size_t n)
{
	struct keccak k;

	keccak_init(&k);
	keccak_update(&k, bytes, n);
	keccak_final(&k, out);
}

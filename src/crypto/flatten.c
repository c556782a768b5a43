#include "src/crypto/flatten.h"

#include <string.h>

#define SEQ_BYTES 32
#define ID_BYTES 4

void segment_flatten(const struct segment_creds *m, struct str *out)
{
	/* big.Int.Bytes() drops the sign. */
	uint64_t seq = m->seq < 0 ? -(uint64_t)m->seq : (uint64_t)m->seq;
	uint8_t be[SEQ_BYTES] = {0}, hash[KECCAK_SIZE];

	for (unsigned i = 0; i < sizeof(seq); i++)
		be[SEQ_BYTES - 1 - i] = (uint8_t)(seq >> 8 * i);
	str_add(out, m->manifest);
	str_addn(out, be, sizeof(be));
	str_addn(out, m->hash, sizeof(m->hash));
	for (size_t i = 0; i < m->ladder.n; i++) {
		const char *name = m->ladder.r[i].name;

		keccak_256(hash, name, strlen(name));
		str_add_hex(out, hash, ID_BYTES);
	}
}

void results_hash(uint8_t out[static KECCAK_SIZE],
	const uint8_t (*hashes)[KECCAK_SIZE], size_t n)
{
	keccak_256(out, hashes, n * KECCAK_SIZE);
}

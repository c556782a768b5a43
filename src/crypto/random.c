#include "src/crypto/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define HEX_BYTES_MAX 64

void random_bytes(void *out, size_t n)
{
	uint8_t *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

void random_hex(char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[HEX_BYTES_MAX];

	assert(n <= sizeof(bytes));
	random_bytes(bytes, n);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

uint64_t random_below(uint64_t bound)
{
	/* Numbers under `least` would make the first residues likelier. */
	uint64_t least = -bound % bound, r;

	assert(bound);
	do {
		random_bytes(&r, sizeof(r));
	} while (r < least);
	return r % bound;
}

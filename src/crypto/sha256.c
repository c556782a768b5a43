#include "src/crypto/sha256.h"

#include <string.h>

#include "src/base/str.h"

void sha256_begin(struct sha256 *s)
{
	sha256_init(&s->ctx);
}

void sha256_add(struct sha256 *s, const void *bytes, size_t n)
{
	sha256_update(&s->ctx, n, bytes);
}

void sha256_end(struct sha256 *s, char out[static SHA256_TEXT_SIZE])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct str hex = STR_INIT;

	sha256_digest(&s->ctx, sizeof(digest), digest);
	str_add_hex(&hex, digest, sizeof(digest));
	memcpy(out, hex.s, SHA256_TEXT_SIZE);
	str_clear(&hex);
}

#include "src/crypto/mac.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

void mac_sha256(uint8_t out[static MAC_SIZE], const void *key, size_t key_n,
	const void *bytes, size_t n)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key_n, key);
	hmac_sha256_update(&ctx, n, bytes);
	hmac_sha256_digest(&ctx, MAC_SIZE, out);
	explicit_bzero(&ctx, sizeof(ctx));
}

bool mac_equal(const void *a, const void *b, size_t n)
{
	return memeql_sec(a, b, n);
}

bool secret_equal(const char *given, const char *secret)
{
	/* Equal digests of a fixed size stand for equal texts of any size. */
	static const uint8_t key[1];
	uint8_t a[MAC_SIZE], b[MAC_SIZE];

	mac_sha256(a, key, sizeof(key), given, strlen(given));
	mac_sha256(b, key, sizeof(key), secret, strlen(secret));
	return mac_equal(a, b, sizeof(a));
}

#include "src/crypto/signer.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"

struct signer {
	struct eth_addr address;
	uint8_t *key; /* secret memory */
};

struct signer *signer_new(uint8_t key[static 32])
{
	struct signer *s = XNEW(struct signer);

	s->key = secret_alloc(EC_KEY_SIZE);
	memcpy(s->key, key, EC_KEY_SIZE);
	secret_wipe(key, EC_KEY_SIZE);
	if (ec_address(s->address.b, s->key))
		return s;
	signer_free(s);
	return NULL;
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	secret_free(s->key, EC_KEY_SIZE);
	free(s);
}

struct eth_addr signer_address(const struct signer *s)
{
	return s->address;
}

bool signer_sign_hash(const struct signer *s, struct signature *sig,
	const struct hash32 *hash)
{
	return ec_sign_hash(sig->b, hash->b, s->key);
}

bool signer_sign_message(const struct signer *s, struct signature *sig,
	const void *bytes, size_t n)
{
	return ec_sign_message(sig->b, bytes, n, s->key);
}

bool signer_sign_digest(const struct signer *s, uint8_t rs[static 64], int *recid,
	const struct hash32 *digest)
{
	return ec_sign_digest(rs, recid, digest->b, s->key);
}

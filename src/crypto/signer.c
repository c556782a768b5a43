#include "src/crypto/signer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/crypto/ec_private.h"
#include "src/crypto/keccak.h"

/* What all handles share: only the count changes. */
struct account {
	atomic_uint handles;
	secp256k1_context *curve;
	struct eth_addr address;
	uint8_t *key; /* secret memory */
};

struct signer {
	struct account *account;
	unsigned caps;
};

static struct signer *handle_new(struct account *a, unsigned caps)
{
	struct signer *s = XNEW(struct signer);

	atomic_fetch_add(&a->handles, 1);
	s->account = a;
	s->caps = caps;
	return s;
}

struct signer *signer_new(uint8_t key[static 32])
{
	struct account *a = XNEW(struct account);
	struct signer *s = handle_new(a, SIGN_MESSAGE | SIGN_TX);

	a->curve = ec_context_new();
	a->key = secret_alloc(EC_KEY_SIZE);
	memcpy(a->key, key, EC_KEY_SIZE);
	secret_wipe(key, EC_KEY_SIZE);
	if (ec_address_with(a->curve, a->address.b, a->key))
		return s;
	signer_free(s);
	return NULL;
}

struct signer *signer_limited(const struct signer *s, unsigned caps)
{
	return handle_new(s->account, s->caps & caps);
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	if (atomic_fetch_sub(&s->account->handles, 1) == 1) {
		secp256k1_context_destroy(s->account->curve);
		secret_free(s->account->key, EC_KEY_SIZE);
		free(s->account);
	}
	free(s);
}

struct eth_addr signer_address(const struct signer *s)
{
	return s->account->address;
}

bool signer_can(const struct signer *s, enum signer_cap cap)
{
	return s->caps & cap;
}

bool signer_sign_hash(const struct signer *s, struct signature *sig,
	const struct hash32 *hash)
{
	const struct account *a = s->account;
	uint8_t digest[32];
	int recid;

	if (!signer_can(s, SIGN_MESSAGE))
		return false;
	ec_eip191(digest, hash->b);
	if (!ec_sign_digest_with(a->curve, sig->b, &recid, digest, a->key))
		return false;
	sig->b[EC_SIG_SIZE - 1] = (uint8_t)(EC_V_BASE + recid);
	return true;
}

bool signer_sign_message(const struct signer *s, struct signature *sig,
	const void *bytes, size_t n)
{
	struct hash32 hash;

	keccak_256(hash.b, bytes, n);
	return signer_sign_hash(s, sig, &hash);
}

bool signer_sign_digest(const struct signer *s, uint8_t rs[static 64], int *recid,
	const struct hash32 *digest)
{
	const struct account *a = s->account;

	return signer_can(s, SIGN_TX) &&
		ec_sign_digest_with(a->curve, rs, recid, digest->b, a->key);
}

void signer_keep(const struct signer *s)
{
	secret_keep(s->account->key, EC_KEY_SIZE);
}

void signer_adopt(const struct signer *s)
{
	secret_adopt(s->account->key, EC_KEY_SIZE);
}

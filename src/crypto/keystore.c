#include "src/crypto/keystore.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/crypto/keccak.h"
#include "src/crypto/mac.h"
#include "src/crypto/random.h"

#define DERIVED_SIZE 32 /* the cipher's key, then the check's */
#define CIPHER_KEY_SIZE 16
/* What EVP_PBE_scrypt is allowed beyond 128 * n * r. */
#define SCRYPT_SLACK (16u << 20)

static struct err *derive(uint8_t out[static DERIVED_SIZE], const struct keyfile *k,
	const char *password)
{
	size_t n = strlen(password);
	int ok;

	if (k->kdf == KDF_SCRYPT)
		ok = EVP_PBE_scrypt(password, n, k->salt, k->salt_n, k->n, k->r, k->p,
			128 * k->r * (k->n + k->p) + SCRYPT_SLACK, out, DERIVED_SIZE);
	else
		ok = PKCS5_PBKDF2_HMAC(password, (int)n, k->salt, (int)k->salt_n, (int)k->c,
			EVP_sha256(), DERIVED_SIZE, out);
	return ok ? NULL : err_new(ERR_INTERNAL, "the key cannot be derived: is there memory "
		"for it (%llu MiB)?", (unsigned long long)(k->n * k->r * 128 >> 20));
}

/* Counter mode: the same both ways. */
static void apply_cipher(uint8_t out[static 32], const uint8_t in[static 32],
	const uint8_t *derived, const uint8_t iv[static 16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;
	int ok = c && EVP_EncryptInit_ex(c, EVP_aes_128_ctr(), NULL, derived, iv) &&
		EVP_EncryptUpdate(c, out, &n, in, 32) && n == 32;

	assert(ok);
	EVP_CIPHER_CTX_free(c);
}

static void make_mac(uint8_t out[static 32], const uint8_t *derived,
	const uint8_t ciphertext[static 32])
{
	struct keccak h;

	keccak_init(&h);
	keccak_update(&h, derived + CIPHER_KEY_SIZE, DERIVED_SIZE - CIPHER_KEY_SIZE);
	keccak_update(&h, ciphertext, 32);
	keccak_final(&h, out);
}

struct err *key_import(uint8_t key[static 32], const char *password,
	enum key_strength strength, struct keyfile *out)
{
	uint8_t *derived = secret_alloc(DERIVED_SIZE);
	struct err *e = NULL;

	*out = (struct keyfile){ .has_address = true, .kdf = KDF_SCRYPT, .salt_n = 32,
		.n = strength == KEY_STANDARD ? 1 << 18 : 1 << 12,
		.p = strength == KEY_STANDARD ? 1 : 6, .r = 8 };
	random_bytes(out->id, sizeof(out->id));
	out->id[6] = (out->id[6] & 0x0f) | 0x40; /* a random UUID, RFC 4122 */
	out->id[8] = (out->id[8] & 0x3f) | 0x80;
	random_bytes(out->iv, sizeof(out->iv));
	random_bytes(out->salt, out->salt_n);
	if (!ec_address(out->address.b, key))
		e = err_new(ERR_INVALID, "this is no private key of the curve");
	if (!e)
		e = derive(derived, out, password);
	if (!e) {
		apply_cipher(out->ciphertext, key, derived, out->iv);
		make_mac(out->mac, derived, out->ciphertext);
	}
	secret_wipe(key, 32);
	secret_free(derived, DERIVED_SIZE);
	return e;
}

struct err *key_create(const char *password, enum key_strength strength, struct keyfile *out)
{
	uint8_t *key = secret_alloc(EC_KEY_SIZE);
	struct eth_addr any;
	struct err *e;

	do /* one in 2^128 is none */
		random_bytes(key, EC_KEY_SIZE);
	while (!ec_address(any.b, key));
	e = key_import(key, password, strength, out);
	secret_free(key, EC_KEY_SIZE);
	return e;
}

struct err *key_unlock(const struct keyfile *k, const char *password, struct signer **out)
{
	uint8_t *derived = secret_alloc(DERIVED_SIZE), mac[32];
	uint8_t *key = secret_alloc(EC_KEY_SIZE);
	struct err *e = derive(derived, k, password);

	*out = NULL;
	if (!e) {
		make_mac(mac, derived, k->ciphertext);
		if (!mac_equal(mac, k->mac, sizeof(mac)))
			e = err_new(ERR_DENIED, "the password is wrong, or the file is damaged");
	}
	if (!e) {
		apply_cipher(key, k->ciphertext, derived, k->iv);
		*out = signer_new(key);
		if (!*out)
			e = err_new(ERR_INVALID, "what is in the file is no private key");
	}
	if (*out && k->has_address && !addr_eq(signer_address(*out), k->address)) {
		signer_free(TAKE(*out));
		e = err_new(ERR_INVALID, "the key in the file belongs to another address than "
			"the file says");
	}
	secret_free(derived, DERIVED_SIZE);
	secret_free(key, EC_KEY_SIZE);
	return e;
}

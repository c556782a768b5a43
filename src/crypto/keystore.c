#include "src/crypto/keystore.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/crypto/kdf.h"
#include "src/crypto/keccak.h"
#include "src/crypto/mac.h"
#include "src/crypto/random.h"

#define HALF 16
#define SALT_SIZE 32

/* All that is secret on the way, in one piece of secret memory. */
struct opening {
	uint8_t derived[2 * HALF]; /* the cipher's key, then the mac's */
	struct CTR_CTX(struct aes128_ctx, AES_BLOCK_SIZE) cipher;
	struct keccak hash;
	uint8_t key[KEYFILE_KEY_SIZE];
};

static struct opening *derive(const struct keyfile *k, const char *password)
{
	struct opening *o = secret_alloc(sizeof(*o));

	switch (k->kdf) {
	case KDF_SCRYPT:
		kdf_scrypt(o->derived, sizeof(o->derived), password, strlen(password),
			k->salt, k->salt_n, k->n, (uint32_t)k->r, (uint32_t)k->p);
		break;
	case KDF_PBKDF2:
		kdf_pbkdf2(o->derived, sizeof(o->derived), password, strlen(password),
			k->salt, k->salt_n, (unsigned)k->c);
		break;
	}
	return o;
}

static void opening_free(struct opening *o)
{
	secret_free(o, sizeof(*o));
}

/* Counter mode: the same both ways. */
static void apply_cipher(struct opening *o, uint8_t *out, const uint8_t *in, size_t n,
	const uint8_t iv[static 16])
{
	aes128_set_encrypt_key(&o->cipher.ctx, o->derived);
	CTR_SET_COUNTER(&o->cipher, iv);
	CTR_CRYPT(&o->cipher, aes128_encrypt, n, out, in);
}

static void make_mac(struct opening *o, uint8_t out[static 32], const struct keyfile *k)
{
	keccak_init(&o->hash);
	keccak_update(&o->hash, o->derived + HALF, HALF);
	keccak_update(&o->hash, k->ciphertext, k->ciphertext_n);
	keccak_final(&o->hash, out);
}

struct err *key_import(uint8_t key[static 32], const char *password,
	enum key_strength strength, struct keyfile *out)
{
	struct opening *o;

	*out = (struct keyfile){
		.has_address = true,
		.ciphertext_n = KEYFILE_KEY_SIZE,
		.kdf = KDF_SCRYPT,
		.n = strength == KEY_STANDARD ? 1 << 18 : 1 << 12,
		.p = strength == KEY_STANDARD ? 1 : 6,
		.r = 8,
		.salt_n = SALT_SIZE,
	};
	random_bytes(out->id, sizeof(out->id));
	out->id[6] = (out->id[6] & 0x0f) | 0x40; /* a random UUID, RFC 4122 */
	out->id[8] = (out->id[8] & 0x3f) | 0x80;
	random_bytes(out->iv, sizeof(out->iv));
	random_bytes(out->salt, out->salt_n);
	if (!ec_address(out->address.b, key)) {
		secret_wipe(key, KEYFILE_KEY_SIZE);
		return err_new(ERR_INVALID, "this is no private key of the curve");
	}
	o = derive(out, password);
	apply_cipher(o, out->ciphertext, key, KEYFILE_KEY_SIZE, out->iv);
	make_mac(o, out->mac, out);
	opening_free(o);
	secret_wipe(key, KEYFILE_KEY_SIZE);
	return NULL;
}

struct err *key_create(const char *password, enum key_strength strength, struct keyfile *out)
{
	uint8_t *key = secret_alloc(KEYFILE_KEY_SIZE);
	struct eth_addr any;
	struct err *e;

	do /* one in 2^128 is none */
		random_bytes(key, KEYFILE_KEY_SIZE);
	while (!ec_address(any.b, key));
	e = key_import(key, password, strength, out);
	secret_free(key, KEYFILE_KEY_SIZE);
	return e;
}

struct err *key_unlock(const struct keyfile *k, const char *password, struct signer **out)
{
	struct err *e = keyfile_check(k);
	size_t cut = KEYFILE_KEY_SIZE - k->ciphertext_n;
	struct opening *o;
	uint8_t mac[32];

	*out = NULL;
	if (e)
		return e;
	o = derive(k, password);
	make_mac(o, mac, k);
	if (mac_equal(mac, k->mac, sizeof(mac))) {
		apply_cipher(o, o->key + cut, k->ciphertext, k->ciphertext_n, k->iv);
		*out = signer_new(o->key);
		if (!*out)
			e = err_new(ERR_INVALID, "what is in the file is no private key");
	} else {
		e = err_new(ERR_DENIED, "the password is wrong, or the file is damaged (its mac "
			"does not match)");
	}
	opening_free(o);
	/* The mac covers neither the address nor the iv. */
	if (*out && k->has_address && !addr_eq(signer_address(*out), k->address)) {
		signer_free(TAKE(*out));
		e = err_new(ERR_INVALID, "the password is right, but the key in the file belongs "
			"to another address than the file says: its address or iv was changed");
	}
	return e;
}

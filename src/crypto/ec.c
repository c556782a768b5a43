#include "src/crypto/ec.h"

#include <ctype.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"
#include "src/crypto/ec_private.h"
#include "src/crypto/keccak.h"
#include "src/crypto/random.h"

#define PUBKEY_SIZE 65

void ec_eip191(uint8_t out[static 32], const uint8_t h32[static 32])
{
	static const char prefix[] = "\x19" "Ethereum Signed Message:\n32";
	struct keccak k;

	keccak_init(&k);
	keccak_update(&k, prefix, sizeof(prefix) - 1);
	keccak_update(&k, h32, 32);
	keccak_final(&k, out);
}

secp256k1_context *ec_context_new(void)
{
	secp256k1_context *c = secp256k1_context_create(
		SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	uint8_t seed[32];

	if (!c)
		abort();
	random_bytes(seed, sizeof(seed));
	if (!secp256k1_context_randomize(c, seed))
		abort();
	return c;
}

static void address_of(uint8_t addr[static EC_ADDR_SIZE],
	const secp256k1_context *c, const secp256k1_pubkey *pub)
{
	uint8_t raw[PUBKEY_SIZE], hash[KECCAK_SIZE];
	size_t n = sizeof(raw);

	secp256k1_ec_pubkey_serialize(c, raw, &n, pub,
		SECP256K1_EC_UNCOMPRESSED);
	keccak_256(hash, raw + 1, n - 1);
	memcpy(addr, hash + KECCAK_SIZE - EC_ADDR_SIZE, EC_ADDR_SIZE);
}

bool ec_address_with(const secp256k1_context *c, uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t key[static EC_KEY_SIZE])
{
	secp256k1_pubkey pub;

	if (!secp256k1_ec_pubkey_create(c, &pub, key))
		return false;
	address_of(addr, c, &pub);
	return true;
}

bool ec_address(uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t key[static EC_KEY_SIZE])
{
	secp256k1_context *c = ec_context_new();
	bool ok = ec_address_with(c, addr, key);

	secp256k1_context_destroy(c);
	return ok;
}

void ec_address_text(char out[static EC_ADDR_TEXT_SIZE],
	const uint8_t addr[static EC_ADDR_SIZE])
{
	struct str hex = STR_INIT;
	uint8_t hash[KECCAK_SIZE];

	str_add_hex(&hex, addr, EC_ADDR_SIZE);
	keccak_256(hash, hex.s, hex.len);
	out[0] = '0';
	out[1] = 'x';
	for (size_t i = 0; i < hex.len; i++) {
		unsigned nibble = hash[i / 2] >> (i % 2 ? 0 : 4) & 15;

		out[2 + i] = nibble >= 8 ?
			(char)toupper((unsigned char)hex.s[i]) : hex.s[i];
	}
	out[2 + hex.len] = '\0';
	str_clear(&hex);
}

bool ec_sign_digest_with(const secp256k1_context *c, uint8_t rs[static 64],
	int *recid, const uint8_t digest[static 32],
	const uint8_t key[static EC_KEY_SIZE])
{
	secp256k1_ecdsa_recoverable_signature s;

	if (!secp256k1_ecdsa_sign_recoverable(c, &s, digest, key, NULL, NULL))
		return false;
	secp256k1_ecdsa_recoverable_signature_serialize_compact(c, rs, recid, &s);
	return true;
}

bool ec_sign_digest(uint8_t rs[static 64], int *recid,
	const uint8_t digest[static 32], const uint8_t key[static EC_KEY_SIZE])
{
	secp256k1_context *c = ec_context_new();
	bool ok = ec_sign_digest_with(c, rs, recid, digest, key);

	secp256k1_context_destroy(c);
	return ok;
}

bool ec_sign_hash(uint8_t sig[static EC_SIG_SIZE],
	const uint8_t h32[static 32], const uint8_t key[static EC_KEY_SIZE])
{
	uint8_t digest[32];
	int recid = 0;

	ec_eip191(digest, h32);
	if (!ec_sign_digest(sig, &recid, digest, key))
		return false;
	sig[EC_SIG_SIZE - 1] = (uint8_t)(EC_V_BASE + recid);
	return true;
}

bool ec_sign_message(uint8_t sig[static EC_SIG_SIZE], const void *bytes,
	size_t n, const uint8_t key[static EC_KEY_SIZE])
{
	uint8_t hash[KECCAK_SIZE];

	keccak_256(hash, bytes, n);
	return ec_sign_hash(sig, hash, key);
}

static struct err *recover(uint8_t addr[static EC_ADDR_SIZE],
	const secp256k1_context *c, const uint8_t digest[static 32],
	const uint8_t *sig)
{
	secp256k1_ecdsa_recoverable_signature s;
	secp256k1_ecdsa_signature plain;
	secp256k1_pubkey pub;
	int v = sig[EC_SIG_SIZE - 1] - EC_V_BASE;

	if (v != 0 && v != 1)
		return err_new(ERR_DENIED,
			"signature v value must be 27 or 28");
	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(c, &s, sig, v))
		return err_new(ERR_DENIED, "invalid signature");
	secp256k1_ecdsa_recoverable_signature_convert(c, &plain, &s);
	if (secp256k1_ecdsa_signature_normalize(c, NULL, &plain))
		return err_new(ERR_DENIED, "signature s value too high");
	if (!secp256k1_ecdsa_recover(c, &pub, &s, digest))
		return err_new(ERR_DENIED, "invalid signature");
	address_of(addr, c, &pub);
	return NULL;
}

struct err *ec_recover(uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t h32[static 32], const uint8_t *sig, size_t sig_n)
{
	uint8_t digest[32];

	if (sig_n != EC_SIG_SIZE)
		return err_new(ERR_DENIED, "invalid signature length");
	ec_eip191(digest, h32);
	/* No secret is in it, so the library's constant one will do. */
	return recover(addr, secp256k1_context_static, digest, sig);
}

/* Of one case there is no checksum; of both, the capitals are one. */
static bool has_both_cases(const char *hex)
{
	bool upper = false, lower = false;

	for (; *hex; hex++) {
		upper |= *hex >= 'A' && *hex <= 'F';
		lower |= *hex >= 'a' && *hex <= 'f';
	}
	return upper && lower;
}

struct err *addr_parse_checked(struct eth_addr *out, const char *text)
{
	const char *hex = text + (text[0] == '0' && (text[1] | 32) == 'x' ? 2 : 0);
	char right[EC_ADDR_TEXT_SIZE];

	if (!addr_parse(out, text)) {
		struct str shown = STR_INIT;
		struct err *e;

		str_add_safe(&shown, text, strlen(text), 64);
		e = err_new(ERR_INVALID, "\"%s\" is no address: 40 hexadecimal digits "
			"are, with or without 0x", str_cstr(&shown));
		str_clear(&shown);
		return e;
	}
	ec_address_text(right, out->b);
	if (!has_both_cases(hex) || strcmp(hex, right + 2) == 0)
		return NULL;
	return err_new(ERR_INVALID, "%s: the capitals are not those of its checksum "
		"(EIP-55), so a digit may be wrong; if none is, write %s", text, right);
}

bool ec_signed_by(const uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t h32[static 32], const uint8_t *sig, size_t sig_n)
{
	uint8_t signer[EC_ADDR_SIZE];
	struct err *e = ec_recover(signer, h32, sig, sig_n);
	bool good = !e && memcmp(signer, addr, sizeof(signer)) == 0;

	err_free(e);
	return good;
}

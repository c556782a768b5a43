#include "proto/keyfile_codec.h"

#include <stdlib.h>
#include <string.h>

#include "proto/json_text.h"

#define SCRYPT_P_MAX 16
#define TEXT_MAX 256

static struct err *take_hex(const json_t *o, const char *key, uint8_t *out, size_t n)
{
	char text[TEXT_MAX] = "";
	struct err *e = json_take_text(o, key, text, sizeof(text));

	if (e)
		return e;
	if (strlen(text) == 2 * n && hex_decode(out, n, text))
		return NULL;
	return err_new(ERR_INVALID, "%s: not %zu bytes in hexadecimal", key, n);
}

/* It must be this word: nothing else is known. */
static struct err *expect(const json_t *o, const char *key, const char *word)
{
	char text[TEXT_MAX] = "";
	struct err *e = json_take_text(o, key, text, sizeof(text));

	if (e || strcmp(text, word) == 0)
		return e;
	return err_new(ERR_INVALID, "%s: \"%s\" is not known, only \"%s\"", key, text, word);
}

static struct err *take_number(const json_t *o, const char *key, int64_t max, uint64_t *out)
{
	int64_t v = 0;
	struct err *e = json_take_int(o, key, 1, max, &v);

	if (!e && v < 1)
		e = err_new(ERR_INVALID, "%s is missing", key);
	*out = (uint64_t)v;
	return e;
}

static struct err *take_salt(struct keyfile *k, const json_t *params)
{
	char text[TEXT_MAX] = "";
	struct err *e = json_take_text(params, "salt", text, sizeof(text));

	k->salt_n = strlen(text) / 2;
	if (e)
		return e;
	if (k->salt_n > sizeof(k->salt) || strlen(text) % 2 ||
		!hex_decode(k->salt, k->salt_n, text))
		return err_new(ERR_INVALID, "salt: not at most %d bytes in hexadecimal",
			KEYFILE_SALT_MAX);
	return NULL;
}

static struct err *take_scrypt(struct keyfile *k, const json_t *params)
{
	struct err *e = take_number(params, "n", INT64_MAX, &k->n);

	if (!e)
		e = take_number(params, "r", INT64_MAX, &k->r);
	if (!e)
		e = take_number(params, "p", INT64_MAX, &k->p);
	if (e)
		return e;
	if (k->n < 2 || (k->n & (k->n - 1)))
		return err_new(ERR_INVALID, "n: %llu is not a power of two over 1",
			(unsigned long long)k->n);
	if (k->r < 4 && k->n >= 1ull << 16 * k->r)
		return err_new(ERR_INVALID, "n: %llu is too large for r %llu (RFC 7914)",
			(unsigned long long)k->n, (unsigned long long)k->r);
	if (k->p > SCRYPT_P_MAX || k->r > KEYFILE_KDF_MEMORY_MAX / 128 ||
		k->n > KEYFILE_KDF_MEMORY_MAX / 128 / k->r)
		return err_new(ERR_LIMIT, "scrypt with n %llu, r %llu, p %llu takes more than "
			"%llu MiB or %d passes: this is no keyfile of a wallet",
			(unsigned long long)k->n, (unsigned long long)k->r,
			(unsigned long long)k->p, KEYFILE_KDF_MEMORY_MAX >> 20, SCRYPT_P_MAX);
	return NULL;
}

static struct err *take_kdf(struct keyfile *k, const json_t *crypto)
{
	const json_t *params = json_member(crypto, "kdfparams");
	char kdf[TEXT_MAX] = "";
	uint64_t length;
	struct err *e = json_take_text(crypto, "kdf", kdf, sizeof(kdf));

	if (!e && !json_is_object(params))
		e = err_new(ERR_INVALID, "kdfparams is missing");
	if (!e)
		e = take_salt(k, params);
	if (!e)
		e = take_number(params, "dklen", INT64_MAX, &length);
	if (e)
		return e;
	if (length != 32)
		return err_new(ERR_INVALID, "dklen: %llu is not known, only 32",
			(unsigned long long)length);
	if (strcmp(kdf, "scrypt") == 0) {
		k->kdf = KDF_SCRYPT;
		return take_scrypt(k, params);
	}
	if (strcmp(kdf, "pbkdf2") != 0)
		return err_new(ERR_INVALID, "kdf: \"%s\" is not known, only scrypt and pbkdf2",
			kdf);
	k->kdf = KDF_PBKDF2;
	e = expect(params, "prf", "hmac-sha256");
	return e ? e : take_number(params, "c", KEYFILE_PBKDF2_MAX, &k->c);
}

/* "3198bc9c-6672-5ab3-d995-4942343ae5b6"; geth demands it, nobody uses it. */
static void take_id(struct keyfile *k, const json_t *o)
{
	const char *text = json_string_value(json_member(o, "id"));
	char hex[33] = "";
	size_t n = 0;

	for (; text && *text && n < 32; text++)
		if (*text != '-')
			hex[n++] = *text;
	if (n != 32 || !hex_decode(k->id, sizeof(k->id), hex))
		memset(k->id, 0, sizeof(k->id));
}

static struct err *take_all(struct keyfile *k, const json_t *o)
{
	const json_t *crypto = json_member(o, "crypto"); /* or "Crypto" */
	const json_t *cipher = json_member(crypto, "cipherparams");
	uint64_t version;
	struct err *e = take_number(o, "version", INT64_MAX, &version);

	if (!e && version != 3)
		e = err_new(ERR_INVALID, "version: %llu is not known, only 3",
			(unsigned long long)version);
	if (!e && (!json_is_object(crypto) || !json_is_object(cipher)))
		e = err_new(ERR_INVALID, "crypto or its cipherparams are missing");
	if (!e && json_member(o, "address")) {
		k->has_address = true;
		e = take_hex(o, "address", k->address.b, sizeof(k->address.b));
	}
	if (!e)
		e = expect(crypto, "cipher", "aes-128-ctr");
	if (!e)
		e = take_hex(cipher, "iv", k->iv, sizeof(k->iv));
	if (!e)
		e = take_hex(crypto, "ciphertext", k->ciphertext, sizeof(k->ciphertext));
	if (!e)
		e = take_hex(crypto, "mac", k->mac, sizeof(k->mac));
	take_id(k, o);
	return e ? e : take_kdf(k, crypto);
}

struct err *keyfile_decode(struct keyfile *out, const char *text, size_t n)
{
	json_t *o;
	struct err *e = json_load(&o, text, n, KEYFILE_MAX);

	*out = (struct keyfile){ .has_address = false };
	if (e)
		return e;
	e = json_is_object(o) ? take_all(out, o)
			      : err_new(ERR_INVALID, "not a JSON object");
	json_decref(o);
	return e;
}

static void put_hex(struct str *out, const char *key, const uint8_t *b, size_t n)
{
	str_printf(out, "\"%s\":\"", key);
	str_add_hex(out, b, n);
	str_addc(out, '"');
}

static void put_id(struct str *out, const uint8_t id[static 16])
{
	static const size_t parts[] = { 4, 2, 2, 2, 6 };

	for (size_t i = 0, at = 0; i < ARRAY_SIZE(parts); at += parts[i++]) {
		if (i)
			str_addc(out, '-');
		str_add_hex(out, id + at, parts[i]);
	}
}

void keyfile_encode(const struct keyfile *k, struct str *out)
{
	str_addc(out, '{');
	put_hex(out, "address", k->address.b, sizeof(k->address.b));
	str_add(out, ",\"crypto\":{\"cipher\":\"aes-128-ctr\",");
	put_hex(out, "ciphertext", k->ciphertext, sizeof(k->ciphertext));
	str_add(out, ",\"cipherparams\":{");
	put_hex(out, "iv", k->iv, sizeof(k->iv));
	str_printf(out, "},\"kdf\":\"%s\",\"kdfparams\":{\"dklen\":32,",
		k->kdf == KDF_SCRYPT ? "scrypt" : "pbkdf2");
	if (k->kdf == KDF_SCRYPT)
		str_printf(out, "\"n\":%llu,\"p\":%llu,\"r\":%llu,", (unsigned long long)k->n,
			(unsigned long long)k->p, (unsigned long long)k->r);
	else
		str_printf(out, "\"c\":%llu,\"prf\":\"hmac-sha256\",", (unsigned long long)k->c);
	put_hex(out, "salt", k->salt, k->salt_n);
	str_add(out, "},");
	put_hex(out, "mac", k->mac, sizeof(k->mac));
	str_add(out, "},\"id\":\"");
	put_id(out, k->id);
	str_add(out, "\",\"version\":3}");
}

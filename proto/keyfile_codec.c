#include "proto/keyfile_codec.h"

#include <string.h>

#include "proto/json_text.h"

#define KEY_SIZE_MIN 32	/* of what is derived: half encrypts, half authenticates */
#define KEY_SIZE_MAX 1024 /* the rest is not used */
#define ID_DIGITS 32

/* Takes 2n hex digits for n bytes of at most `max`, at least `min`. */
static struct err *take_hex(const json_t *o, const char *key, uint8_t *out, size_t min,
	size_t max, size_t *n)
{
	const json_t *v = json_member(o, key);
	const char *text = json_string_value(v);
	size_t digits = v ? json_string_length(v) : 0;

	if (!text)
		return err_new(ERR_INVALID, "%s: missing, or not a string", key);
	if (digits % 2 || digits / 2 < min || digits / 2 > max ||
		!hex_decode(out, digits / 2, text))
		return min == max ?
			err_new(ERR_INVALID, "%s: not %zu hexadecimal digits", key, 2 * max) :
			err_new(ERR_INVALID, "%s: not %zu to %zu hexadecimal digits", key,
				2 * min, 2 * max);
	if (n)
		*n = digits / 2;
	return NULL;
}

static struct err *take_number(const json_t *o, const char *key, uint64_t *out)
{
	int64_t v = 0;
	struct err *e = json_take_int(o, key, 1, INT64_MAX, &v);

	*out = (uint64_t)v;
	return e || v ? e : err_new(ERR_INVALID, "%s: missing", key);
}

/* A member that may have one value only, or one of two. */
static struct err *take_name(const json_t *o, const char *key, const char *one,
	const char *other, bool *is_other)
{
	const char *text = json_string_value(json_member(o, key));

	if (text && strcmp(text, one) == 0)
		return NULL;
	if (!text || !other || strcmp(text, other) != 0)
		return err_new(ERR_INVALID, "%s: not %s%s%s", key, one, other ? " or " : "",
			other ? other : "");
	*is_other = true;
	return NULL;
}

static struct err *take_object(const json_t *o, const char *key, const json_t **out)
{
	*out = json_member(o, key);
	return json_is_object(*out) ? NULL :
		err_new(ERR_INVALID, "%s: missing, or not an object", key);
}

static struct err *take_scrypt(struct keyfile *k, const json_t *o)
{
	struct err *e = take_number(o, "n", &k->n);

	e = e ? e : take_number(o, "r", &k->r);
	return e ? e : take_number(o, "p", &k->p);
}

static struct err *take_pbkdf2(struct keyfile *k, const json_t *o)
{
	struct err *e = take_name(o, "prf", "hmac-sha256", NULL, NULL);

	return e ? e : take_number(o, "c", &k->c);
}

static struct err *take_kdf(struct keyfile *k, const json_t *crypto)
{
	const json_t *o;
	bool is_pbkdf2 = false;
	uint64_t size = 0;
	struct err *e = take_name(crypto, "kdf", "scrypt", "pbkdf2", &is_pbkdf2);

	k->kdf = is_pbkdf2 ? KDF_PBKDF2 : KDF_SCRYPT;
	e = e ? e : take_object(crypto, "kdfparams", &o);
	e = e ? e : take_number(o, "dklen", &size);
	if (!e && (size < KEY_SIZE_MIN || size > KEY_SIZE_MAX))
		e = err_new(ERR_INVALID, "dklen: not within %d and %d", KEY_SIZE_MIN,
			KEY_SIZE_MAX);
	e = e ? e : take_hex(o, "salt", k->salt, 0, sizeof(k->salt), &k->salt_n);
	e = e ? e : is_pbkdf2 ? take_pbkdf2(k, o) : take_scrypt(k, o);
	return e ? e : keyfile_check(k);
}

static struct err *take_crypto(struct keyfile *k, const json_t *root)
{
	const json_t *o, *params;
	struct err *e = take_object(root, "crypto", &o);

	e = e ? e : take_name(o, "cipher", "aes-128-ctr", NULL, NULL);
	e = e ? e : take_hex(o, "ciphertext", k->ciphertext, 1, sizeof(k->ciphertext),
		&k->ciphertext_n);
	e = e ? e : take_object(o, "cipherparams", &params);
	e = e ? e : take_hex(params, "iv", k->iv, sizeof(k->iv), sizeof(k->iv), NULL);
	e = e ? e : take_kdf(k, o);
	return e ? e : take_hex(o, "mac", k->mac, sizeof(k->mac), sizeof(k->mac), NULL);
}

static struct err *take_address(struct keyfile *k, const json_t *root)
{
	const json_t *v = json_member(root, "address");
	const char *text = json_string_value(v);

	if (!v)
		return NULL;
	k->has_address = text && addr_parse(&k->address, text) &&
		!addr_is_zero(k->address);
	return k->has_address ? NULL : err_new(ERR_INVALID, "address: not one");
}

static struct err *take_version(const json_t *root)
{
	const json_t *v = json_member(root, "version");

	/* Version 1 wrote its own as a string. */
	if (json_is_integer(v) && json_integer_value(v) == 3)
		return NULL;
	return err_new(ERR_INVALID, "version: not 3");
}

/* Nobody needs it: a strange one is no reason to lose a key. */
static void take_id(struct keyfile *k, const json_t *root)
{
	const char *text = json_string_value(json_member(root, "id"));
	char hex[ID_DIGITS + 1] = "";
	size_t n = 0;

	for (; text && *text && n < ID_DIGITS; text++)
		if (*text != '-')
			hex[n++] = *text;
	if (!hex_decode(k->id, sizeof(k->id), hex))
		memset(k->id, 0, sizeof(k->id));
}

struct err *keyfile_decode(struct keyfile *out, const char *text, size_t n)
{
	json_t *root;
	struct err *e = json_load(&root, text, n, KEYFILE_MAX);

	*out = (struct keyfile){0};
	if (e && err_kind(e) == ERR_INVALID) {
		err_free(e); /* it quotes the text */
		e = err_new(ERR_INVALID, "not JSON");
	}
	if (!e && !json_is_object(root))
		e = err_new(ERR_INVALID, "not a JSON object");
	e = e ? e : take_address(out, root);
	e = e ? e : take_version(root);
	e = e ? e : take_crypto(out, root);
	take_id(out, root);
	json_decref(root);
	return e;
}

static void put_hex(struct str *out, const char *key, const uint8_t *bytes, size_t n)
{
	str_printf(out, "\"%s\":\"", key);
	str_add_hex(out, bytes, n);
	str_addc(out, '"');
}

static void put_id(struct str *out, const uint8_t id[static 16])
{
	static const size_t parts[] = {4, 2, 2, 2, 6};

	for (size_t i = 0, at = 0; i < ARRAY_SIZE(parts); at += parts[i++]) {
		if (i)
			str_addc(out, '-');
		str_add_hex(out, id + at, parts[i]);
	}
}

static void put_kdf(const struct keyfile *k, struct str *out)
{
	switch (k->kdf) {
	case KDF_SCRYPT:
		str_printf(out, "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,"
			"\"n\":%llu,\"p\":%llu,\"r\":%llu,", (unsigned long long)k->n,
			(unsigned long long)k->p, (unsigned long long)k->r);
		break;
	case KDF_PBKDF2:
		str_printf(out, "\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":%llu,"
			"\"dklen\":32,\"prf\":\"hmac-sha256\",", (unsigned long long)k->c);
		break;
	}
	put_hex(out, "salt", k->salt, k->salt_n);
	str_add(out, "},");
}

void keyfile_encode(const struct keyfile *k, struct str *out)
{
	str_addc(out, '{');
	if (k->has_address) {
		put_hex(out, "address", k->address.b, sizeof(k->address.b));
		str_addc(out, ',');
	}
	str_add(out, "\"crypto\":{\"cipher\":\"aes-128-ctr\",");
	put_hex(out, "ciphertext", k->ciphertext, k->ciphertext_n);
	str_add(out, ",\"cipherparams\":{");
	put_hex(out, "iv", k->iv, sizeof(k->iv));
	str_add(out, "},");
	put_kdf(k, out);
	put_hex(out, "mac", k->mac, sizeof(k->mac));
	str_add(out, "},\"id\":\"");
	put_id(out, k->id);
	str_add(out, "\",\"version\":3}");
}

/* What a key file may ask of the machine, and its JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/keyfile_codec.h"
#include "src/model/keyfile.h"

#define FILE_JSON "{\"address\":\"15d34aaf54267db7d7c367839aaf71a00a2c6a65\"," \
	"\"crypto\":{\"cipher\":\"aes-128-ctr\",\"ciphertext\":\"d517ae53546f6ddf0" \
	"45677284faf3ae5eddaf740a1ba17477b5b2f80defa4809\",\"cipherparams\":{\"iv\":" \
	"\"22222222222222222222222222222222\"},\"kdf\":\"scrypt\",\"kdfparams\":{" \
	"\"dklen\":32,\"n\":4096,\"p\":1,\"r\":8,\"salt\":\"1111111111111111111111111" \
	"111111111111111111111111111111111111111\"},\"mac\":\"850261dc3ec85a552ffa935d" \
	"4a57362e1958edae5066d25a319d9acea67dd518\"},\"id\":\"33333333-3333-4333-b333" \
	"-333333333333\",\"version\":3}"

static void refused(const struct keyfile *k, enum err_kind kind, const char *text)
{
	struct err *e = keyfile_check(k);

	assert_non_null(e);
	assert_int_equal(err_kind(e), kind);
	if (!strstr(err_text(e), text))
		fail_msg("\"%s\" is not in \"%s\"", text, err_text(e));
	err_free(e);
}

static struct keyfile scrypt_of(uint64_t n, uint64_t r, uint64_t p)
{
	return (struct keyfile){.kdf = KDF_SCRYPT, .n = n, .r = r, .p = p};
}

static void allowed(uint64_t n, uint64_t r, uint64_t p)
{
	struct keyfile k = scrypt_of(n, r, p);

	assert_null(keyfile_check(&k));
}

static void scrypt_is_bounded(void **state)
{
	static const struct {
		uint64_t n, r, p;
		enum err_kind kind;
		const char *says;
	} cases[] = {
		{1 << 20, 8, 1, ERR_LIMIT, "512 MiB"},
		{1ull << 30, 8, 1, ERR_LIMIT, "n 1073741824, r 8 takes more than 512 MiB"},
		{1ull << 63, 64, 1024, ERR_LIMIT, "512 MiB"},
		{2, 65, 1, ERR_LIMIT, "r 65, p 1: they are not within"},
		{2, UINT64_MAX, UINT64_MAX, ERR_LIMIT, "not within"},
		{2, 1, 1025, ERR_LIMIT, "not within"},
		{4096, 0, 1, ERR_LIMIT, "not within"},
		{4096, 8, 0, ERR_LIMIT, "not within"},
		{1 << 18, 8, 5, ERR_LIMIT, "steps"},
		{0, 8, 1, ERR_INVALID, "power of two"},
		{1, 8, 1, ERR_INVALID, "power of two"},
		{(1 << 18) + 1, 8, 1, ERR_INVALID, "power of two"},
		{UINT64_MAX, 8, 1, ERR_INVALID, "power of two"},
	};

	(void)state;
	allowed(2, 1, 1);
	allowed(1 << 18, 8, 1); /* geth's standard */
	allowed(1 << 12, 8, 6); /* geth's light */
	allowed(1 << 18, 1, 8); /* of the definition's page */
	allowed(1 << 19, 8, 1);
	allowed(1 << 18, 8, 4);
	allowed(2, 64, 1024);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct keyfile k = scrypt_of(cases[i].n, cases[i].r, cases[i].p);

		refused(&k, cases[i].kind, cases[i].says);
	}
}

static void pbkdf2_is_bounded(void **state)
{
	struct keyfile k = {.kdf = KDF_PBKDF2, .c = 262144};

	(void)state;
	assert_null(keyfile_check(&k));
	k.c = KEYFILE_ROUNDS_MAX;
	assert_null(keyfile_check(&k));
	k.c++;
	refused(&k, ERR_LIMIT, "c 10000001");
	k.c = 0;
	refused(&k, ERR_LIMIT, "c 0");
}

static void it_reads_what_it_writes(void **state)
{
	struct keyfile k, again;
	struct str out = STR_INIT;

	(void)state;
	assert_null(keyfile_decode(&k, FILE_JSON, strlen(FILE_JSON)));
	assert_true(k.has_address);
	assert_int_equal(k.n, 4096);
	assert_int_equal(k.salt_n, 32);
	keyfile_encode(&k, &out);
	assert_string_equal(out.s, FILE_JSON);
	str_clear(&out);
	k.kdf = KDF_PBKDF2;
	k.n = k.r = k.p = 0;
	k.c = 1000;
	k.has_address = false;
	k.address = (struct eth_addr){{0}};
	k.salt_n = 7;
	memset(k.salt + 7, 0, sizeof(k.salt) - 7);
	k.ciphertext_n = 31;
	k.ciphertext[31] = 0;
	memset(k.id, 0, sizeof(k.id));
	keyfile_encode(&k, &out);
	assert_null(keyfile_decode(&again, out.s, out.len));
	assert_memory_equal(&k, &again, sizeof(k));
	str_clear(&out);
}

static void each_cut_is_an_error(void **state)
{
	struct keyfile k;

	(void)state;
	for (size_t n = 0; n < strlen(FILE_JSON); n++) {
		char *copy = xmemdup(FILE_JSON, n);
		struct err *e = keyfile_decode(&k, copy, n);

		assert_string_equal(err_text(e), "not JSON");
		err_free(e);
		free(copy);
	}
}

/* The file with `from` replaced by `to`. */
static char *with(const char *from, const char *to)
{
	const char *at = strstr(FILE_JSON, from);
	struct str s = STR_INIT;

	assert_non_null(at);
	str_addn(&s, FILE_JSON, (size_t)(at - FILE_JSON));
	str_add(&s, to);
	str_add(&s, at + strlen(from));
	return str_take(&s);
}

static void each_member_is_checked(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{"\"version\":3", "\"version\":1", "version: not 3"},
		{"\"version\":3", "\"version\":\"3\"", "version: not 3"},
		{"\"version\":3", "\"version\":3.5", "version: not 3"},
		{",\"version\":3", "", "version: not 3"},
		{"15d34aaf", "15d34aa", "address: not one"},
		{"15d34aaf", "15d34aag", "address: not one"},
		{"15d34aaf54267db7d7c367839aaf71a00a2c6a65",
			"0000000000000000000000000000000000000000", "address: not one"},
		{"\"crypto\":{", "\"crypto\":[{", "not JSON"},
		{"\"crypto\":", "\"other\":", "crypto: missing"},
		{"aes-128-ctr", "aes-128-cbc", "cipher: not aes-128-ctr"},
		{"\"cipher\":\"aes-128-ctr\"", "\"cipher\":7", "cipher: not aes-128-ctr"},
		{"d517", "d51", "ciphertext: not 2 to 64 hex"},
		{"d517", "d5171", "ciphertext: not 2 to 64 hex"},
		{"d517", "d51700", "ciphertext: not 2 to 64 hex"},
		{"d517", "0xd517", "ciphertext: not 2 to 64 hex"},
		{"d517", "g517", "ciphertext: not 2 to 64 hex"},
		{"\"iv\":\"2222", "\"iv\":\"", "iv: not 32 hex"},
		{"\"iv\":\"2222", "\"iv\":\"222222", "iv: not 32 hex"},
		{"\"iv\":\"2222", "\"iv\":\"zz22", "iv: not 32 hex"},
		{"\"iv\":\"22222222222222222222222222222222\"", "\"iv\":null", "iv: missing"},
		{"\"cipherparams\":{", "\"params\":{", "cipherparams: missing"},
		{"\"kdf\":\"scrypt\"", "\"kdf\":\"argon2\"", "kdf: not scrypt or pbkdf2"},
		{"\"kdf\":\"scrypt\"", "\"kdf\":\"pbkdf2\"", "prf: not hmac-sha256"},
		{"\"kdfparams\":", "\"kdfstuff\":", "kdfparams: missing"},
		{"\"dklen\":32,", "", "dklen: missing"},
		{"\"dklen\":32", "\"dklen\":0", "dklen: 0 is not"},
		{"\"dklen\":32", "\"dklen\":31", "dklen: not within"},
		{"\"dklen\":32", "\"dklen\":1025", "dklen: not within"},
		{"\"n\":4096", "\"n\":1073741824", "512 MiB"},
		{"\"n\":4096", "\"n\":4097", "power of two"},
		{"\"n\":4096", "\"n\":-1", "n: -1 is not"},
		{"\"n\":4096", "\"n\":4096.0", "n: not an integer"},
		{"\"n\":4096", "\"n\":\"4096\"", "n: not an integer"},
		{"\"n\":4096", "\"n\":99999999999999999999", "not JSON"},
		{"\"p\":1,", "", "p: missing"},
		{"\"r\":8,", "", "r: missing"},
		{"\"salt\":\"1", "\"salt\":\"", "salt: not 0 to 128 hex"},
		{"\"salt\":\"", "\"salt\":\"11111111111111111111111111111111111111111111111"
			"111111111111111111", "salt: not 0 to 128 hex"},
		{"8502", "85", "mac: not 64 hex"},
		{"8502", "85020", "mac: not 64 hex"},
		{"\"mac\":", "\"mic\":", "mac: missing"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = with(cases[i].from, cases[i].to);
		struct keyfile k;
		struct err *e = keyfile_decode(&k, text, strlen(text));

		if (!e || !strstr(err_text(e), cases[i].says))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, err_text(e),
				cases[i].says);
		/* Whose it would be is known as long as that much could be read. */
		assert_true(k.has_address == !(strstr(cases[i].says, "address") ||
			strstr(cases[i].says, "not JSON")));
		err_free(e);
		free(text);
	}
}

static void what_is_allowed(void **state)
{
	static const char *const cases[][2] = {
		{"\"crypto\"", "\"Crypto\""},
		{"\"address\":\"15", "\"address\":\"0x15"},
		{"\"id\":\"33333333-3333-4333-b333-333333333333\",", ""},
		{"\"id\":\"33333333", "\"id\":\"\\\"],{"},
		{"\"dklen\":32", "\"dklen\":64"},
		{"\"version\"", "\"x\":{\"y\":[1,2]},\"version\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = with(cases[i][0], cases[i][1]);
		struct keyfile k;

		assert_null(keyfile_decode(&k, text, strlen(text)));
		assert_int_equal(k.id[0], i == 2 || i == 3 ? 0 : 0x33);
		free(text);
	}
}

/* What lies where a key file belongs may be the key. */
static void errors_quote_nothing(void **state)
{
	static const char *const texts[] = {
		"47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
		"\"47e179ec\"", "{\"crypto\":47e179ec}", "{\"version\":3,\"crypto\":{"
		"\"cipher\":\"47e179ec\"}}", "{\"address\":\"47e179ec\"}",
		"[47e179ec", "{47e179ec"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct keyfile k;
		struct err *e = keyfile_decode(&k, texts[i], strlen(texts[i]));

		assert_non_null(e);
		assert_null(strstr(err_text(e), "47e179"));
		err_free(e);
	}
}

static void sizes_are_bounded(void **state)
{
	size_t n = KEYFILE_MAX + 1;
	char *text = xmalloc(n);
	struct keyfile k;
	struct err *e;

	(void)state;
	memset(text, ' ', n);
	e = keyfile_decode(&k, text, n);
	assert_int_equal(err_kind(e), ERR_LIMIT);
	err_free(e);
	memset(text, '[', n);
	e = keyfile_decode(&k, text, n - 1);
	assert_int_equal(err_kind(e), ERR_LIMIT);
	err_free(e);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scrypt_is_bounded),
		cmocka_unit_test(pbkdf2_is_bounded),
		cmocka_unit_test(it_reads_what_it_writes),
		cmocka_unit_test(each_cut_is_an_error),
		cmocka_unit_test(each_member_is_checked),
		cmocka_unit_test(what_is_allowed),
		cmocka_unit_test(errors_quote_nothing),
		cmocka_unit_test(sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

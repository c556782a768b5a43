/* Keyfiles: others' open here, ours are whole, broken ones say what is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/keyfile_codec.h"
#include "src/crypto/keystore.h"

/* Web3 Secret Storage Definition's own vector: password "testpassword". */
#define PBKDF2 "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":" \
	"\"6087dab2f9fdbbfaddc31a909735c1e6\"},\"ciphertext\":\"5318b4d5bcd28de64ee5559e6713" \
	"53e16f075ecae9f99c7a79a38af5f869aa46\",\"kdf\":\"pbkdf2\",\"kdfparams\":{\"c\":" \
	"262144,\"dklen\":32,\"prf\":\"hmac-sha256\",\"salt\":\"ae3cd4e7013836a3df6bd7241b12" \
	"db061dbe2c6785853cce422d148a624ce0bd\"},\"mac\":\"517ead924a9d0dc3124507e3393d175ce" \
	"3ff7c1e96529c6c555ce9e51205e9b2\"},\"id\":\"3198bc9c-6672-5ab3-d995-4942343ae5b6\"," \
	"\"version\":3}"
/* As geth writes them: key of Foundry's account 4, password "pass", light. */
#define GETH "{\"address\":\"15d34aaf54267db7d7c367839aaf71a00a2c6a65\",\"id\":" \
	"\"33333333-3333-4333-b333-333333333333\",\"version\":3,\"crypto\":{\"cipher\":" \
	"\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"22222222222222222222222222222222\"}," \
	"\"ciphertext\":\"d517ae53546f6ddf045677284faf3ae5eddaf740a1ba17477b5b2f80defa4809\"," \
	"\"kdf\":\"scrypt\",\"kdfparams\":{\"salt\":\"11111111111111111111111111111111111111" \
	"11111111111111111111111111\",\"n\":4096,\"dklen\":32,\"p\":1,\"r\":8},\"mac\":\"850" \
	"261dc3ec85a552ffa935d4a57362e1958edae5066d25a319d9acea67dd518\"}}"

static void opens_to(const char *json, const char *password, const char *address)
{
	struct keyfile k;
	struct signer *s;
	struct eth_addr want;
	struct err *e = keyfile_decode(&k, json, strlen(json));

	if (!e)
		e = key_unlock(&k, password, &s);
	if (e)
		fail_msg("%s", err_text(e));
	assert_true(addr_parse(&want, address));
	assert_true(addr_eq(signer_address(s), want));
	signer_free(s);
}

static void others_keyfiles_open(void **state)
{
	(void)state;
	/* private key 7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d */
	opens_to(PBKDF2, "testpassword", "008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
	opens_to(GETH, "pass", "15d34aaf54267db7d7c367839aaf71a00a2c6a65");
}

static void fails(const char *json, size_t n, const char *word)
{
	struct keyfile k;
	struct err *e = keyfile_decode(&k, json, n);

	assert_non_null(e);
	if (!strstr(err_text(e), word))
		fail_msg("\"%s\" is not in \"%s\"", word, err_text(e));
	err_free(e);
}

static void replaced(const char *part, const char *with, const char *word)
{
	char text[2048], *at = strstr(GETH, part);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GETH), GETH, with,
		at + strlen(part));
	fails(text, strlen(text), word);
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	replaced("\"version\":3", "\"version\":4", "version: 4");
	replaced("\"version\":3,", "", "version");
	replaced("aes-128-ctr", "aes-256-gcm", "cipher");
	replaced("\"scrypt\"", "\"argon2\"", "argon2");
	replaced("\"dklen\":32", "\"dklen\":64", "dklen");
	replaced("\"n\":4096", "\"n\":1073741824", "MiB");
	replaced("\"n\":4096", "\"n\":4097", "power of two");
	replaced("\"n\":4096", "\"n\":0", "n");
	replaced("\"n\":4096", "\"n\":9223372036854775807", "power of two");
	replaced("\"r\":8", "\"r\":4611686018427387904", "MiB");
	replaced("\"n\":4096,\"dklen\":32,\"p\":1,\"r\":8",
		"\"n\":262144,\"dklen\":32,\"p\":1,\"r\":1", "RFC 7914");
	replaced("\"p\":1", "\"p\":1000000", "passes");
	replaced("2222222222222222222222\"", "22\"", "iv");
	replaced("d517ae", "zz17ae", "ciphertext");
	replaced("850261", "8502", "mac");
	replaced("\"15d34aaf", "\"d34aaf", "address");
	replaced("\"crypto\"", "\"krypto\"", "crypto");
	replaced("\"kdfparams\"", "\"params\"", "kdfparams");
	replaced("\"salt\":\"11", "\"salt\":\"1", "salt");
}

static void no_part_of_a_file_is_a_file(void **state)
{
	(void)state;
	for (size_t n = 0; n < strlen(GETH); n++)
		fails(GETH, n, "");
}

static void the_password_decides(void **state)
{
	static const char *const wrong[] = { "", "Pass", "pass ", "passs" };
	struct keyfile k;
	struct signer *s;
	struct err *e;

	(void)state;
	assert_null(keyfile_decode(&k, GETH, strlen(GETH)));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		e = key_unlock(&k, wrong[i], &s);
		assert_int_equal(err_kind(e), ERR_DENIED);
		assert_null(s);
		err_free(e);
	}
	k.address.b[0] ^= 1;
	e = key_unlock(&k, "pass", &s);
	assert_int_equal(err_kind(e), ERR_INVALID);
	err_free(e);
	k.ciphertext[0] ^= 1;
	e = key_unlock(&k, "pass", &s);
	assert_int_equal(err_kind(e), ERR_DENIED);
	err_free(e);
}

static void ours_come_back(void **state)
{
	uint8_t key[32] = { 0 };
	struct keyfile k, read;
	struct str text = STR_INIT;
	struct signer *s;

	(void)state;
	assert_null(key_create("pässword", KEY_LIGHT, &k));
	keyfile_encode(&k, &text);
	assert_null(keyfile_decode(&read, text.s, text.len));
	assert_memory_equal(read.id, k.id, sizeof(k.id));
	assert_null(key_unlock(&read, "pässword", &s));
	assert_true(addr_eq(signer_address(s), k.address));
	signer_free(s);
	str_clear(&text);
	key[31] = 1;
	assert_null(key_import(key, "", KEY_LIGHT, &k));
	assert_int_equal(key[31], 0);
	addr_fmt(&text, k.address);
	assert_string_equal(text.s, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
	str_clear(&text);
	struct err *e = key_import(key, "", KEY_LIGHT, &k); /* zero is no key */
	assert_int_equal(err_kind(e), ERR_INVALID);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_keyfiles_open),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(no_part_of_a_file_is_a_file),
		cmocka_unit_test(the_password_decides),
		cmocka_unit_test(ours_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Keyfiles opened and sealed: go-ethereum's published vectors
 * (accounts/keystore/testdata/v3_test_vector.json, two of them also on the
 * definition's own page), one of ours, and each way to damage it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/keyfile_codec.h"
#include "src/crypto/ec.h"
#include "src/crypto/kdf.h"
#include "src/crypto/keccak.h"
#include "src/crypto/keystore.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW 1
#else
#define SLOW 0
#endif

struct vector {
	const char *name, *kdf, *iv, *ciphertext, *mac, *password, *key;
	bool is_heavy;
};

static const struct vector vectors[] = {
	{"wikipage scrypt", "\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":262144,\"r\":1,"
		"\"p\":8,\"salt\":\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43"
		"190334ba19\"}", "83dbcc02d8ccb40e466191a123791e0e",
		"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
		"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
		"testpassword",
		"7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d", true},
	{"wikipage pbkdf2", "\"pbkdf2\",\"kdfparams\":{\"c\":262144,\"dklen\":32,\"prf\":"
		"\"hmac-sha256\",\"salt\":\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853c"
		"ce422d148a624ce0bd\"}", "6087dab2f9fdbbfaddc31a909735c1e6",
		"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
		"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
		"testpassword",
		"7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d", false},
	{"31 bytes", "\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"r\":8,\"p\":1,"
		"\"salt\":\"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c"
		"63\"}", "e0c41130a323adc1446fc82f724bca2f",
		"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984",
		"d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5", "foo",
		"00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35", false},
	{"30 bytes", "\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":2,\"r\":8,\"p\":1,"
		"\"salt\":\"d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd"
		"3b\"}", "3ca92af36ad7c2cd92454c59cea5ef00",
		"108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa",
		"75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420", "foo",
		"000081c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018", false},
	/* One that go-livepeer and weir share: Foundry's account 4. */
	{"n 4096", "\"scrypt\",\"kdfparams\":{\"salt\":\"11111111111111111111111111111111"
		"11111111111111111111111111111111\",\"n\":4096,\"dklen\":32,\"p\":1,"
		"\"r\":8}", "22222222222222222222222222222222",
		"d517ae53546f6ddf045677284faf3ae5eddaf740a1ba17477b5b2f80defa4809",
		"850261dc3ec85a552ffa935d4a57362e1958edae5066d25a319d9acea67dd518", "pass",
		"47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a", false},
};
#define OURS (&vectors[4])

static struct keyfile read_vector(const struct vector *v)
{
	struct str s = STR_INIT;
	struct keyfile k;

	str_printf(&s, "{\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":"
		"\"%s\"},\"ciphertext\":\"%s\",\"kdf\":%s,\"mac\":\"%s\"},\"id\":"
		"\"3198bc9c-6672-5ab3-d995-4942343ae5b6\",\"version\":3}", v->iv,
		v->ciphertext, v->kdf, v->mac);
	assert_null(keyfile_decode(&k, s.s, s.len));
	str_clear(&s);
	return k;
}

static void fails(const struct keyfile *k, const char *password, enum err_kind kind,
	const char *says)
{
	struct signer *s;
	struct err *e = key_unlock(k, password, &s);

	assert_non_null(e);
	assert_null(s);
	if (err_kind(e) != kind || !strstr(err_text(e), says))
		fail_msg("\"%s\", not \"%s\"", err_text(e), says);
	err_free(e);
}

static void opens(const struct keyfile *k, const char *password, const uint8_t key[static 32])
{
	struct eth_addr want;
	struct signer *s;
	struct err *e = key_unlock(k, password, &s);

	if (e)
		fail_msg("%s", err_text(e));
	assert_true(ec_address(want.b, key));
	assert_true(addr_eq(signer_address(s), want));
	signer_free(s);
}

static void published_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct keyfile k = read_vector(&vectors[i]);
		uint8_t key[32];

		if (SLOW && vectors[i].is_heavy)
			continue;
		assert_true(hex_decode(key, sizeof(key), vectors[i].key));
		opens(&k, vectors[i].password, key);
	}
}

static void the_password_decides(void **state)
{
	static const char *const wrong[] = {"", "Pass", "pass ", "passs"};
	struct keyfile k = read_vector(OURS);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		fails(&k, wrong[i], ERR_DENIED, "password is wrong");
}

/* One bit of each field: those under the mac look like a wrong password, those
 * that are not give a key that is another's. */
static void each_damaged_field_is_told(void **state)
{
	const struct keyfile good = read_vector(OURS);
	struct keyfile k = good;

	(void)state;
	k.salt[31] ^= 1;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.salt_n--;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.mac[0] ^= 0x80;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.mac[31] ^= 1;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.ciphertext[5] ^= 1;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.ciphertext_n--;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.n *= 2;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.r = 4;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.p = 2;
	fails(&k, "pass", ERR_DENIED, "mac does not match");
	k = good;
	k.has_address = true;
	assert_true(addr_parse(&k.address, "15d34aaf54267db7d7c367839aaf71a00a2c6a65"));
	k.iv[0] ^= 1;
	fails(&k, "pass", ERR_INVALID, "another address");
	k.iv[0] ^= 1;
	k.address.b[0] ^= 1;
	fails(&k, "pass", ERR_INVALID, "another address");
	k.n = 1ull << 30;
	fails(&k, "pass", ERR_LIMIT, "512 MiB");
}

static void what_is_sealed_opens(void **state)
{
	uint8_t key[32] = {[31] = 1}, kept[32];
	struct keyfile a, b, read;
	struct str s = STR_INIT;
	struct signer *signer;

	(void)state;
	assert_null(key_create("ünï pass", KEY_LIGHT, &a));
	assert_int_equal(a.id[6] >> 4, 4);
	keyfile_encode(&a, &s);
	assert_null(keyfile_decode(&read, s.s, s.len));
	str_clear(&s);
	assert_memory_equal(&a, &read, sizeof(a));
	assert_null(key_unlock(&read, "ünï pass", &signer));
	assert_true(addr_eq(signer_address(signer), a.address));
	signer_free(signer);
	fails(&read, "uni pass", ERR_DENIED, "password is wrong");
	memcpy(kept, key, sizeof(key));
	assert_null(key_import(key, "", KEY_LIGHT, &b));
	assert_int_equal(key[31], 0);
	opens(&b, "", kept);
	assert_memory_not_equal(a.salt, b.salt, sizeof(a.salt));
	assert_memory_not_equal(a.iv, b.iv, sizeof(a.iv));
	assert_memory_not_equal(a.id, b.id, sizeof(a.id));
}

static void zero_is_no_key(void **state)
{
	uint8_t key[32] = {0};
	struct keyfile k;
	struct err *e = key_import(key, "", KEY_LIGHT, &k);

	(void)state;
	assert_int_equal(err_kind(e), ERR_INVALID);
	err_free(e);
}

/* A file whose mac is right, but whose ciphertext is that of zero: made as
 * key_import() would, did it not look. */
static void what_opens_must_be_a_key(void **state)
{
	uint8_t key[32] = {[0] = 7}, derived[32];
	struct keyfile k;
	struct keccak h;

	(void)state;
	assert_null(key_import(key, "p", KEY_LIGHT, &k));
	k.ciphertext[0] ^= 7;
	kdf_scrypt(derived, sizeof(derived), "p", 1, k.salt, k.salt_n, k.n, (uint32_t)k.r,
		(uint32_t)k.p);
	keccak_init(&h);
	keccak_update(&h, derived + 16, 16);
	keccak_update(&h, k.ciphertext, 32);
	keccak_final(&h, k.mac);
	fails(&k, "p", ERR_INVALID, "no private key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(the_password_decides),
		cmocka_unit_test(each_damaged_field_is_told),
		cmocka_unit_test(what_is_sealed_opens),
		cmocka_unit_test(zero_is_no_key),
		cmocka_unit_test(what_opens_must_be_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

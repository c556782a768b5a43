/* scrypt and PBKDF2 against the RFCs' vectors and against OpenSSL. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <string.h>

#include "src/base/str.h"
#include "src/crypto/kdf.h"

static void expect(const char *password, const char *salt, uint64_t n, uint32_t r,
	uint32_t p, const char *hex)
{
	uint8_t out[64], want[64];

	assert_true(hex_decode(want, sizeof(want), hex));
	kdf_scrypt(out, sizeof(out), password, strlen(password), (const uint8_t *)salt,
		strlen(salt), n, r, p);
	assert_memory_equal(out, want, sizeof(out));
}

static void the_vectors_of_rfc_7914(void **state)
{
	(void)state;
	expect("", "", 16, 1, 1,
		"77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
		"fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
	expect("password", "NaCl", 1024, 8, 16,
		"fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
		"2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
	expect("pleaseletmein", "SodiumChloride", 16384, 8, 1,
		"7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
		"d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

static void scrypt_is_openssls(void **state)
{
	static const struct {
		uint64_t n;
		uint32_t r, p;
		size_t out_n;
	} cases[] = {{2, 1, 1, 1}, {2, 8, 1, 32}, {4, 3, 2, 33}, {64, 5, 7, 64},
		{4096, 8, 6, 32}, {1024, 1, 1, 48}, {32768, 1, 3, 32}};
	uint8_t ours[64], theirs[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		kdf_scrypt(ours, cases[i].out_n, "secret", 6, (const uint8_t *)"salty", 5,
			cases[i].n, cases[i].r, cases[i].p);
		assert_int_equal(EVP_PBE_scrypt("secret", 6, (const uint8_t *)"salty", 5,
			cases[i].n, cases[i].r, cases[i].p, 64 << 20, theirs,
			cases[i].out_n), 1);
		assert_memory_equal(ours, theirs, cases[i].out_n);
	}
}

static void pbkdf2_is_openssls(void **state)
{
	uint8_t ours[64], theirs[64];

	(void)state;
	for (int rounds = 1; rounds < 2000; rounds = rounds * 3 + 1)
		for (size_t n = 1; n <= sizeof(ours); n += 21) {
			kdf_pbkdf2(ours, n, "passwd", 6, (const uint8_t *)"salt", 4,
				(unsigned)rounds);
			assert_int_equal(PKCS5_PBKDF2_HMAC("passwd", 6,
				(const uint8_t *)"salt", 4, rounds, EVP_sha256(), (int)n,
				theirs), 1);
			assert_memory_equal(ours, theirs, n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_7914),
		cmocka_unit_test(scrypt_is_openssls),
		cmocka_unit_test(pbkdf2_is_openssls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

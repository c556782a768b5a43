#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/str.h"
#include "src/crypto/keccak.h"
#include "src/crypto/mac.h"
#include "src/crypto/random.h"

static void check(const char *text, const char *hex)
{
	uint8_t want[KECCAK_SIZE], got[KECCAK_SIZE];

	assert_true(hex_decode(want, sizeof(want), hex));
	keccak_256(got, text, strlen(text));
	assert_memory_equal(got, want, sizeof(want));
}

static void test_vectors(void **state)
{
	(void)state;
	check("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d"
		  "85a470");
	check("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58f"
		     "a12d6c45");
	check("hello livepeer segment", "8e589a657a0bfd90585d7e778c2bb39864c8"
		"9a350283cbee95e7f636b8bcb710");
	check("seg-one-aaaaaaaaaaaaaaaaaaaaaaaaa", "fb88014c83f7c5ea8c86d1f61"
		"c796f9f78e056da6856582e22b87772c63f5d5a");
}

static void test_pieces(void **state)
{
	uint8_t bytes[3 * KECCAK_RATE + 7], whole[KECCAK_SIZE],
		parts[KECCAK_SIZE];
	struct keccak k;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		keccak_256(whole, bytes, n);
		for (size_t step = 1; step < 300; step += 45) {
			keccak_init(&k);
			for (size_t i = 0; i < n; i += step)
				keccak_update(&k, bytes + i,
					n - i < step ? n - i : step);
			keccak_final(&k, parts);
			assert_memory_equal(parts, whole, sizeof(whole));
		}
	}
}

static void test_secrets(void **state)
{
	uint8_t mac[MAC_SIZE], want[MAC_SIZE];

	(void)state;
	/* RFC 4231, test case 2 */
	mac_sha256(mac, "Jefe", 4, "what do ya want for nothing?", 28);
	assert_true(hex_decode(want, sizeof(want),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec"
		"3843"));
	assert_true(mac_equal(mac, want, sizeof(mac)));
	want[31] ^= 1;
	assert_false(mac_equal(mac, want, sizeof(mac)));
	assert_true(secret_equal("", ""));
	assert_true(secret_equal("key", "key"));
	assert_false(secret_equal("key", "keys"));
	assert_false(secret_equal("", "key"));
}

static void test_random(void **state)
{
	char a[17], b[17];
	bool seen[3] = {false};

	(void)state;
	random_hex(a, 8);
	random_hex(b, 8);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	assert_string_not_equal(a, b);
	for (int i = 0; i < 1000; i++)
		seen[random_below(3)] = true;
	assert_true(seen[0] && seen[1] && seen[2]);
	assert_int_equal(random_below(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

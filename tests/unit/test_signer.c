/* The signer gives the references' signatures, and its memory is locked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/base/str.h"
#include "src/crypto/ec.h"
#include "src/crypto/signer.h"

/* Foundry's well-known account 4, and a ticket hash it signed (RFC 6979). */
#define KEY "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
#define HASH "e08fd948217a4697b7c40ffbe96eb85ca287fc422d76d39457b1eaf1c019a05f"
#define SIG "93d06091fcc8734893753213302f5552aa785ca1c40f0eec63888718baeb8f0e" \
	"17504d63a36acd942e39a66b3912722ac164d11ac85edfda65df444e86af906c1b"

static struct signer *unlocked(void)
{
	static const uint8_t zeros[32];
	uint8_t key[32];
	struct signer *s;

	assert_true(hex_decode(key, 32, KEY));
	s = signer_new(key);
	assert_non_null(s);
	assert_memory_equal(key, zeros, 32);
	return s;
}

static void signs_as_the_reference(void **state)
{
	struct signer *s = unlocked();
	struct signature sig;
	struct eth_addr want;
	struct hash32 h;
	uint8_t bytes[65];

	(void)state;
	assert_true(addr_parse(&want, "15d34AAf54267DB7D7c367839AAf71A00a2C6A65"));
	assert_true(addr_eq(signer_address(s), want));
	assert_true(hash_parse(&h, HASH));
	assert_true(signer_sign_hash(s, &sig, &h));
	assert_true(hex_decode(bytes, sizeof(bytes), SIG));
	assert_memory_equal(sig.b, bytes, sizeof(bytes));
	signer_free(s);
}

static void a_digest_is_signed_as_it_is(void **state)
{
	struct signer *s = unlocked();
	uint8_t rs[64], bytes[65];
	struct hash32 h, digest;
	int recid;

	(void)state;
	assert_true(hash_parse(&h, HASH));
	ec_eip191(digest.b, h.b);
	assert_true(signer_sign_digest(s, rs, &recid, &digest));
	assert_true(hex_decode(bytes, sizeof(bytes), SIG));
	assert_memory_equal(rs, bytes, sizeof(rs));
	assert_int_equal(recid, bytes[64] - 27);
	signer_free(s);
}

static void what_is_no_key_is_refused(void **state)
{
	uint8_t zero[32] = { 0 }, order[32];

	(void)state;
	assert_null(signer_new(zero));
	memset(order, 0xff, sizeof(order));
	assert_null(signer_new(order));
}

static long locked_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static void secrets_are_locked_and_wiped(void **state)
{
	long before = locked_kb();
	char *p = secret_alloc(5000);

	(void)state;
	assert_int_equal(p[4999], 0);
	if (secret_locked())
		assert_true(locked_kb() >= before + 8);
	memset(p, 'x', 5000);
	secret_wipe(p, 4999);
	assert_int_equal(p[0] | p[4998], 0);
	assert_int_equal(p[4999], 'x');
	secret_free(p, 5000);
	assert_int_equal(locked_kb(), before);
	secret_free(NULL, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_the_reference),
		cmocka_unit_test(a_digest_is_signed_as_it_is),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(secrets_are_locked_and_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

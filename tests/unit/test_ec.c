#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/str.h"
#include "src/crypto/ec.h"
#include "src/crypto/flatten.h"

#define KEY "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
#define ADDRESS "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"

static uint8_t key[EC_KEY_SIZE], addr[EC_ADDR_SIZE];

static int setup(void **state)
{
	(void)state;
	assert_true(hex_decode(key, sizeof(key), KEY));
	assert_true(ec_address(addr, key));
	return 0;
}

static void expect_hex(const void *bytes, size_t n, const char *hex)
{
	struct str s = STR_INIT;

	str_add_hex(&s, bytes, n);
	assert_string_equal(s.s, hex);
	str_clear(&s);
}

static void expect_error(const uint8_t *h, const uint8_t *sig, size_t n,
	const char *text)
{
	uint8_t who[EC_ADDR_SIZE];
	struct err *e = ec_recover(who, h, sig, n);

	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void test_address(void **state)
{
	char text[EC_ADDR_TEXT_SIZE];
	uint8_t one[32] = {[31] = 1}, zero[32] = {0};

	(void)state;
	ec_address_text(text, addr);
	assert_string_equal(text, ADDRESS);
	assert_true(ec_address(one, one));
	expect_hex(one, 20, "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
	assert_false(ec_address(zero, zero));
}

static void test_typed_address(void **state) /* EIP-55's own examples */
{
	static const char *const good[] = {
		"0x52908400098527886E0F7030069857D2E4169EE7",
		"0xde709f2102306220921060314715629080e2fb77",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
		"fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb",
		"D1220A0CF47C7B9BE7A2E6BA89F429762E7B9ADB"};
	static const char *const bad[] = {"", "0x", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0", "hello",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"};
	struct eth_addr a;
	struct err *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(addr_parse_checked(&a, good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		e = addr_parse_checked(&a, bad[i]);
		assert_non_null(strstr(err_text(e), "is no address"));
		err_free(e);
	}
	/* One capital wrong, one digit wrong. */
	e = addr_parse_checked(&a, "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
	assert_int_equal(err_kind(e), ERR_INVALID);
	assert_non_null(strstr(err_text(e),
		"write 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
	err_free(e);
	e = addr_parse_checked(&a, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee");
	assert_non_null(strstr(err_text(e), "EIP-55"));
	err_free(e);
}

static void test_recover(void **state) /* G1, G2 */
{
	uint8_t h[32], sig[65], who[20];
	char text[EC_ADDR_TEXT_SIZE];

	(void)state;
	assert_true(hex_decode(h, 32, "b7da355477356fc4c47fcabcf232dc77a6db9b"
		"07b7e48b76261cc55cc8fbabb3"));
	assert_true(hex_decode(sig, 65, "206443228e8f784bc3a122de0d85eb3ebff8"
		"2d6a79cca26c7eeb907099a6404f6dff57bc6828f28bd6cd073c89d94cf33"
		"64204679ed8365fa45b5ee6af19a9841c"));
	assert_null(ec_recover(who, h, sig, sizeof(sig)));
	ec_address_text(text, who);
	assert_string_equal(text, "0x3BadDb1eeE2105893136A3F96c8a963E9C6309d6");
	expect_error(h, sig, 64, "invalid signature length");
	sig[64] = 29;
	expect_error(h, sig, 65, "signature v value must be 27 or 28");
	sig[64] = 1;
	expect_error(h, sig, 65, "signature v value must be 27 or 28");
	assert_true(hex_decode(sig, 65, "e742ff452d41413616a5bf43fe15dd88294e"
		"983d3d36206c2712f39083d638bde0a0fc89be718fbc1033e1d30d78be1c6"
		"8081562ed2e97af876f286f3453231d1b"));
	expect_error(h, sig, 65, "signature s value too high");
	memset(sig, 0, 64);
	expect_error(h, sig, 65, "invalid signature");
}

static void test_flatten(void **state) /* G3, G4 */
{
	struct segment_creds c = {.manifest = "abcdef", .seq = 1234,
		.hash = "browns", .ladder = {.n = 2}};
	uint8_t hash[32], sig[EC_SIG_SIZE], who[20];
	struct str s = STR_INIT;

	(void)state;
	c.ladder.r[0] = preset_find("P144p30fps16x9")->rendition;
	c.ladder.r[1] = preset_find("P240p30fps16x9")->rendition;
	segment_flatten(&c, &s);
	assert_int_equal(s.len, 6 + 32 + 32 + 16);
	assert_memory_equal(s.s + 70, "fca40bf9c0a6517a", 16);
	keccak_256(hash, s.s, s.len);
	expect_hex(hash, 32, "08a398e7e7a5a545b0b07d9e7e1eab52b4131e0df1621bd5"
		"3ee6e7550a15465b");
	assert_true(ec_sign_message(sig, s.s, s.len, key));
	expect_hex(sig, 65, "24b7505ef37dc201e7646f4f0b1c27f0390a6ee12f56ed745"
		"d0963da14dca3176f75fa192cb5896afd8177eae63fc36897f64944f95828d"
		"027b61a89441e96611c");
	assert_null(ec_recover(who, hash, sig, sizeof(sig)));
	assert_memory_equal(who, addr, 20);
	ec_eip191(hash, hash);
	expect_hex(hash, 32, "1d6dfff7756188b690495abc9ccbc9093f34e78397325105"
		"15b5ca60ec8f3e70");
	c.seq = -1234;
	str_truncate(&s, 0);
	segment_flatten(&c, &s);
	assert_int_equal((uint8_t)s.s[36], 0x04);
	assert_int_equal((uint8_t)s.s[37], 0xd2);
	str_clear(&s);
}

static void test_messages(void **state) /* G5, G6 */
{
	static const uint8_t ping[] = {0x00, 0x11, 0x22, 0x33};
	uint8_t sig[EC_SIG_SIZE];

	(void)state;
	assert_true(ec_sign_message(sig, ADDRESS, strlen(ADDRESS), key));
	expect_hex(sig, 65, "662f6ce6e23e70c7db9bdcc7b0d91bdf58d8743ba347ab0b9"
		"aa060154644c55122dd6afcc20a6cba9cab1d565a6b1dc36be9a9314e0317b"
		"943f8b0f1a726e2971b");
	assert_true(ec_sign_message(sig, ping, sizeof(ping), key));
	expect_hex(sig, 65, "42e2a8dc65a8ad9c792812f4d3bb2428080125fa635bfa94f"
		"7c347e403588331737261c8e249829a1161be8b3233db5abcaa957356dde9a"
		"07aaea72b583119081b");
}

static void test_results(void **state) /* G8 */
{
	static const char one[] = "seg-one-aaaaaaaaaaaaaaaaaaaaaaaaa",
			  two[] = "seg-two-bbbbbbbbbbbbbbbbbbbbbbbbb";
	uint8_t hashes[2][KECCAK_SIZE], all[KECCAK_SIZE], sig[EC_SIG_SIZE];

	(void)state;
	keccak_256(hashes[0], one, sizeof(one) - 1);
	keccak_256(hashes[1], two, sizeof(two) - 1);
	results_hash(all, (const uint8_t(*)[KECCAK_SIZE])hashes, 2);
	expect_hex(all, 32, "53a00c420cedfeafb0c397c02a49901689e62ffdfe04088c6"
		"70bc7ba7c6f9eb0");
	assert_true(ec_sign_hash(sig, all, key));
	expect_hex(sig, 65, "85e088bcb1ff3cf7a5e46d215ba9e34cf40ece274be86bb77"
		"145110043556e3409d7f7352a0fc63ab3ab5a6730c1e6f49ff26b903611d7f"
		"2ecbb42549bf65e081c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_typed_address),
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_flatten),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

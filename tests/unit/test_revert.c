#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/abi.h"
#include "src/crypto/keccak.h"
#include "src/eth/revert.h"

static void assert_words(uint32_t selector, const struct abi_value *args,
	size_t n, const char *want)
{
	struct str data = STR_INIT, words = STR_INIT;
	bool known;

	abi_call(&data, selector, args, n);
	known = revert_fmt(&words, (uint8_t *)data.s, data.len);
	if (want)
		assert_string_equal(str_cstr(&words), want);
	else
		assert_int_equal(words.len, 0);
	assert_int_equal(known, want != NULL);
	str_clear(&data);
	str_clear(&words);
}

static void test_texts(void **state)
{
	struct abi_value text = abi_bytes("ticket is used", 14);

	(void)state;
	assert_words(0x08c379a0, &text, 1, "ticket is used");
	text = abi_bytes("\x1b[2Jx", 5);
	assert_words(0x08c379a0, &text, 1, "\\x1b[2Jx");
	/* No text where one is promised. */
	text = abi_u64(5000);
	assert_words(0x08c379a0, &text, 1, NULL);
	assert_words(0x08c379a0, NULL, 0, NULL);
}

static void test_panics(void **state)
{
	struct abi_value code = abi_u64(0x11);

	(void)state;
	assert_words(0x4e487b71, &code, 1, "arithmetic overflow (panic 0x11)");
	code = abi_u64(0x99);
	assert_words(0x4e487b71, &code, 1, "the contract broke (panic 0x99)");
	assert_words(0x4e487b71, NULL, 0, NULL);
}

static void test_custom_errors(void **state)
{
	struct eth_addr a = { { 1, 2 } };
	struct abi_value pool[] = { abi_addr(a), abi_u64(12) };
	struct abi_value text = abi_bytes("bond", 4), type = abi_u64(7);

	(void)state;
	assert_words(0xb3808bab, NULL, 0, "VoteAlreadyCast()");
	assert_words(0x2081b223, &type, 1, "InvalidVoteType(7)");
	assert_words(0x92ad5a72, pool, 2, "MissingEarningsPool("
		"0x0102000000000000000000000000000000000000, 12)");
	assert_words(0x866cb42d, &text, 1, "MustCallBondingManager(bond)");
	/* Arguments that don't fit; an error of nobody's. */
	assert_words(0x92ad5a72, pool, 1, NULL);
	assert_words(0x12345678, NULL, 0, NULL);
}

static void test_short_data(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_false(revert_fmt(&s, NULL, 0));
	assert_false(revert_fmt(&s, (const uint8_t *)"\x08\xc3\x79", 3));
	assert_int_equal(s.len, 0);
}

/* The selectors in the table are those of the signatures. */
static void test_selectors(void **state)
{
	static const struct {
		uint32_t selector;
		const char *signature;
	} errors[] = {
		{ 0x08c379a0, "Error(string)" },
		{ 0x4e487b71, "Panic(uint256)" },
#define CUSTOM_ERROR(selector, signature) { selector, signature },
#include "src/eth/revert.def"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		uint8_t h[32];

		keccak_256(h, errors[i].signature, strlen(errors[i].signature));
		assert_int_equal(errors[i].selector, (uint32_t)h[0] << 24 |
			(uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 | h[3]);
	}
}

/* Each text finds its own row: none is hidden by one before it. */
static void test_dictionary(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	for (unsigned i = REVERT_OTHER + 1; i < REVERT_N; i++) {
		str_truncate(&s, 0);
		str_printf(&s, "execution reverted: %s", revert_text(i));
		if (revert_find(s.s) != i)
			fail_msg("%s", s.s);
		assert_true(*revert_meaning(i));
		assert_true(*revert_remedy(i));
	}
	str_clear(&s);
	assert_int_equal(revert_find("execution reverted"), REVERT_OTHER);
	assert_int_equal(revert_find(""), REVERT_OTHER);
	assert_string_equal(revert_meaning(REVERT_OTHER), "");
}

static void test_what_waiting_mends(void **state)
{
	(void)state;
	assert_true(revert_passes(revert_find("x: current round is locked")));
	assert_true(revert_passes(revert_find("can't update transcoder params, current "
		"round is locked")));
	assert_true(revert_passes(revert_find("system is paused")));
	assert_true(revert_passes(revert_find("current round is not initialized")));
	assert_false(revert_passes(revert_find("account is locked")));
	assert_false(revert_passes(revert_find("round already initialized")));
	assert_false(revert_passes(REVERT_OTHER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_panics),
		cmocka_unit_test(test_custom_errors),
		cmocka_unit_test(test_short_data),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_dictionary),
		cmocka_unit_test(test_what_waiting_mends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

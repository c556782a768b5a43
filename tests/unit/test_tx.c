/* Vectors: transactions signed with the fourth key of Foundry's test mnemonic,
 * and the example of EIP-155. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/crypto/signer.h"
#include "src/eth/tx.h"

#define KEY "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
#define TO "70997970c51812dc3a010c7d01b50e0d17dc79c8"
#define LEGACY "f86503843b9aca008252089470997970c51812dc3a010c7d01b50e0d17dc79" \
	"c80180820a96a04fa90a92cdfcf5b7cb0efaaec8541fab408666bd7863fe92f968fe" \
	"7a434f59e8a0677ef7b128efda21152616adeb02674ef601b8c753c2004fe2ce4cc0" \
	"cf71c14f"
#define LEGACY_HASH \
	"54f7ac767bc539f31b9e7680fcff00b5e8fdd6fe11824c01279277771f6f2008"
#define TYPE2 "02f87182a4b103843b9aca008477359400830493e09470997970c51812dc3a" \
	"010c7d01b50e0d17dc79c88084228cb733c080a06e0105dd1a420f244f1d2c0e55e0" \
	"062ae59f3aee32ef57844b17ba4d40d486e1a05b26610a55c279c2874f493e175960" \
	"8c7443514723146ba033b9a088e3ed6e4b"
#define TYPE2_HASH \
	"2e27dae1cb0f96772a2a765adf2d0f760b4374f7bd255fc0ee633982fb48412e"

static void sign(struct tx_signed *out, const struct tx *t, const char *key_hex)
{
	struct signer *signer;
	uint8_t key[32];

	assert_true(hex_decode(key, 32, key_hex));
	signer = signer_new(key);
	assert_non_null(signer);
	assert_null(tx_sign(out, t, signer));
	signer_free(signer);
}

/* A role that signs tickets cannot move the account's money. */
static void test_limited_signer(void **state)
{
	uint8_t key[32] = { [31] = 1 };
	struct signer *all = signer_new(key);
	struct signer *some = signer_limited(all, SIGN_MESSAGE);
	struct tx t = { .chain_id = 1 };
	struct tx_signed s;
	struct err *e;

	(void)state;
	e = tx_sign(&s, &t, some);
	assert_non_null(e);
	assert_int_equal(err_kind(e), ERR_DENIED);
	assert_int_equal(s.raw.len, 0);
	err_free(e);
	signer_free(some);
	signer_free(all);
}

static void assert_hex(const void *bytes, size_t n, const char *hex)
{
	struct str got = STR_INIT;

	str_add_hex(&got, bytes, n);
	assert_string_equal(str_cstr(&got), hex);
	str_clear(&got);
}

static void assert_signed(const struct tx *t, const char *raw,
	const char *hash)
{
	struct tx_signed s, again;
	struct tx back;
	uint8_t rs[64];
	int recid;

	sign(&s, t, KEY);
	assert_hex(s.raw.s, s.raw.len, raw);
	assert_hex(s.hash.b, 32, hash);
	assert_null(tx_decode(&back, rs, &recid, (uint8_t *)s.raw.s, s.raw.len));
	assert_true(back.chain_id == t->chain_id);
	assert_int_equal(back.nonce, t->nonce);
	assert_int_equal(back.is_1559, t->is_1559);
	assert_true(wei_cmp(back.gas_price, t->gas_price) == 0);
	assert_true(wei_cmp(back.tip, t->tip) == 0);
	assert_int_equal(back.gas.v, t->gas.v);
	assert_true(addr_eq(back.to, t->to));
	assert_true(wei_cmp(back.value, t->value) == 0);
	assert_int_equal(back.data_n, t->data_n);
	if (t->data_n)
		assert_memory_equal(back.data, t->data, t->data_n);
	tx_assemble(&again, &back, rs, recid);
	assert_hex(again.raw.s, again.raw.len, raw);
	tx_signed_clear(&again);
	tx_signed_clear(&s);
}

static struct tx legacy(void)
{
	struct tx t = { .chain_id = 1337, .nonce = 3,
		.gas_price = wei_from_gwei(1), .gas = { 21000 },
		.value = wei_from(1) };

	assert_true(addr_parse(&t.to, TO));
	return t;
}

static struct tx type2(void)
{
	static const uint8_t reward[] = { 0x22, 0x8c, 0xb7, 0x33 };
	struct tx t = { .chain_id = 42161, .nonce = 3, .is_1559 = true,
		.gas_price = wei_from_gwei(2), .tip = wei_from_gwei(1),
		.gas = { 300000 }, .data = reward, .data_n = 4 };

	assert_true(addr_parse(&t.to, TO));
	return t;
}

static void test_golden(void **state)
{
	struct tx t = legacy();

	(void)state;
	assert_signed(&t, LEGACY, LEGACY_HASH);
	t = type2();
	assert_signed(&t, TYPE2, TYPE2_HASH);
}

/* The example in EIP-155 itself. */
static void test_eip155(void **state)
{
	struct tx t = { .chain_id = 1, .nonce = 9,
		.gas_price = wei_from_gwei(20), .gas = { 21000 } };
	struct hash32 digest;
	struct tx_signed s;

	(void)state;
	assert_true(addr_parse(&t.to,
		"3535353535353535353535353535353535353535"));
	assert_true(u256_parse(&t.value.v, "1000000000000000000"));
	digest = tx_digest(&t);
	assert_hex(digest.b, 32,
		"daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
	sign(&s, &t,
		"4646464646464646464646464646464646464646464646464646464646464646");
	assert_hex(s.raw.s, s.raw.len,
		"f86c098504a817c800825208943535353535353535353535353535353535353535"
		"880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d"
		"3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9"
		"f3dc64214b297fb1966a3b6d83");
	tx_signed_clear(&s);
}

/* r and s are integers: their leading zeros go. */
static void test_short_signature(void **state)
{
	uint8_t rs[64] = { [31] = 1, [63] = 2 }, back_rs[64];
	struct tx t = type2(), back;
	struct tx_signed s;
	int recid;

	(void)state;
	tx_assemble(&s, &t, rs, 1);
	assert_null(tx_decode(&back, back_rs, &recid, (uint8_t *)s.raw.s,
		s.raw.len));
	assert_memory_equal(back_rs, rs, 64);
	assert_int_equal(recid, 1);
	tx_signed_clear(&s);
}

static void test_large_chain_id(void **state)
{
	uint8_t rs[64] = { [0] = 1, [32] = 2 }, back_rs[64];
	struct tx t = legacy(), back;
	struct tx_signed s;
	int recid;

	(void)state;
	t.chain_id = UINT64_MAX;
	tx_assemble(&s, &t, rs, 1);
	assert_null(tx_decode(&back, back_rs, &recid, (uint8_t *)s.raw.s,
		s.raw.len));
	assert_true(back.chain_id == UINT64_MAX);
	assert_int_equal(recid, 1);
	tx_signed_clear(&s);
}

static void assert_refused(const char *hex, const char *why)
{
	uint8_t raw[512], rs[64];
	struct tx t;
	struct err *e;
	int recid;
	size_t n = strlen(hex) / 2;

	assert_true(n <= sizeof(raw));
	assert_true(hex_decode(raw, n, hex));
	e = tx_decode(&t, rs, &recid, raw, n);
	assert_non_null(e);
	if (!strstr(err_text(e), why))
		fail_msg("%s, not %s", err_text(e), why);
	err_free(e);
}

static void test_refusals(void **state)
{
	uint8_t raw[512], rs[64];
	size_t n = strlen(TYPE2) / 2;
	struct tx t;
	struct err *e;
	int recid;

	(void)state;
	assert_refused("", "cut short");
	assert_refused("01c0", "type 1");
	assert_refused("c0", "cut short");
	assert_refused(LEGACY "00", "behind the end");
	/* v 27: from before EIP-155, good on every chain */
	assert_refused("ca808080" "80" "80" "80" "1b" "0102" "03", "RLP");
	assert_refused("dd808080" "940000000000000000000000000000000000000000"
		"8080" "1b" "0102", "no chain");
	/* An access list of one empty list; a parity of 2. */
	assert_refused("02e1" "8080808080"
		"940000000000000000000000000000000000000000" "8080" "c1c0"
		"80" "0102", "access list");
	assert_refused("02e0" "8080808080"
		"940000000000000000000000000000000000000000" "8080" "c0"
		"02" "0102", "parity");
	assert_true(hex_decode(raw, n, TYPE2));
	for (size_t cut = 0; cut < n; cut++) {
		e = tx_decode(&t, rs, &recid, raw, cut);
		assert_non_null(e);
		err_free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_eip155),
		cmocka_unit_test(test_short_signature),
		cmocka_unit_test(test_large_chain_id),
		cmocka_unit_test(test_limited_signer),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

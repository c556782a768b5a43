/* Vectors: calldata of go-livepeer's eth/helpers_test.go and
 * eth/backend_test.go, which hold real redemptions on Arbitrum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/eth/calldata.h"

#define Z24 "000000000000000000000000"
#define W(digits8) \
	"00000000000000000000000000000000000000000000000000000000" digits8

static struct contracts c = { .generation = GENERATION_CONFLUENCE, .addr = {
	[CONTRACT_TOKEN] = { { 1 } }, [CONTRACT_BONDING] = { { 2 } },
	[CONTRACT_BROKER] = { { 3 } }, [CONTRACT_ROUNDS] = { { 4 } },
	[CONTRACT_REGISTRY] = { { 5 } }, [CONTRACT_MINTER] = { { 6 } },
	[CONTRACT_GOVERNOR] = { { 7 } } } };
static const struct contracts streamflow = {
	.generation = GENERATION_STREAMFLOW, .addr = {
	[CONTRACT_BONDING] = { { 2 } }, [CONTRACT_BROKER] = { { 3 } } } };

static const struct eth_addr alice = { { [0] = 0xaa, [19] = 0xa1 } };
#define ALICE Z24 "aa000000000000000000000000000000000000a1"
static const struct pool_hints hints = { { { [19] = 0x11 } },
	{ { [19] = 0x22 } } };
#define HINTS W("00000011") W("00000022")
static const struct pool_hints other = { { { [19] = 0x33 } },
	{ { [19] = 0x44 } } };
#define OTHER W("00000033") W("00000044")

static void assert_call(struct contract_call *call, enum contract to,
	const char *hex)
{
	struct str got = STR_INIT;

	str_add_hex(&got, str_cstr(&call->data), call->data.len);
	assert_string_equal(str_cstr(&got), hex);
	assert_true(addr_eq(call->to, c.addr[to]));
	assert_int_equal(fn_of_calldata((const uint8_t *)call->data.s,
		call->data.len), call->fn);
	assert_int_equal(fn_contract(call->fn), to);
	str_clear(&got);
	contract_call_clear(call);
}

static void refused(struct err *e, struct contract_call *call, const char *why)
{
	assert_non_null(e);
	if (!strstr(err_text(e), why))
		fail_msg("%s", err_text(e));
	err_free(e);
	contract_call_clear(call);
}

static struct lpt lpt(uint64_t n)
{
	return (struct lpt){ u256_from(n) };
}

static void test_token(void **state)
{
	struct contract_call call;

	(void)state;
	calldata_approve(&call, &c, alice, lpt(7));
	assert_call(&call, CONTRACT_TOKEN, "095ea7b3" ALICE W("00000007"));
	calldata_transfer(&call, &c, alice, lpt(7));
	assert_call(&call, CONTRACT_TOKEN, "a9059cbb" ALICE W("00000007"));
	refused(calldata_faucet(&call, &c), &call,
		"no LivepeerTokenFaucet on this network");
	calldata_initialize_round(&call, &c);
	assert_call(&call, CONTRACT_ROUNDS, "d4807fb2");
}

static void test_bonds(void **state)
{
	struct contract_call call;

	(void)state;
	calldata_bond(&call, &c, lpt(5), alice, NULL, NULL);
	assert_call(&call, CONTRACT_BONDING, "b78d27dc" W("00000005") ALICE);
	calldata_bond(&call, &c, lpt(5), alice, &other, &hints);
	assert_call(&call, CONTRACT_BONDING, "6bd9add4" W("00000005") ALICE
		OTHER HINTS);
	assert_null(calldata_bond_for(&call, &c, lpt(5), alice, alice, NULL,
		&hints));
	assert_call(&call, CONTRACT_BONDING, "ee4e804a" W("00000005") ALICE
		ALICE W("00000000") W("00000000") HINTS);
	refused(calldata_bond_for(&call, &streamflow, lpt(5), alice, alice,
		NULL, NULL), &call, "have no bondForWithHint(");
	calldata_unbond(&call, &c, lpt(5), NULL);
	assert_call(&call, CONTRACT_BONDING, "27de9e32" W("00000005"));
	calldata_unbond(&call, &c, lpt(5), &hints);
	assert_call(&call, CONTRACT_BONDING, "9500ed9b" W("00000005") HINTS);
	calldata_rebond(&call, &c, 3, NULL);
	assert_call(&call, CONTRACT_BONDING, "eaffb3f9" W("00000003"));
	calldata_rebond(&call, &c, 3, &hints);
	assert_call(&call, CONTRACT_BONDING, "7fc4606f" W("00000003") HINTS);
	calldata_rebond_from_unbonded(&call, &c, alice, 3, NULL);
	assert_call(&call, CONTRACT_BONDING, "3a080e93" ALICE W("00000003"));
	calldata_rebond_from_unbonded(&call, &c, alice, 3, &hints);
	assert_call(&call, CONTRACT_BONDING, "0584a373" ALICE W("00000003")
		HINTS);
	calldata_withdraw_stake(&call, &c, 9);
	assert_call(&call, CONTRACT_BONDING, "25d5971f" W("00000009"));
	assert_null(calldata_transfer_bond(&call, &c, alice, lpt(5), &hints,
		&other));
	assert_call(&call, CONTRACT_BONDING, "062e98b8" ALICE W("00000005")
		HINTS OTHER);
}

static void test_orchestrators(void **state)
{
	struct contract_call call;

	(void)state;
	calldata_transcoder(&call, &c, (struct ppm){ 100000 },
		(struct ppm){ 50000 }, NULL);
	assert_call(&call, CONTRACT_BONDING, "43d3461a" W("000186a0")
		W("0000c350"));
	calldata_transcoder(&call, &c, (struct ppm){ 100000 },
		(struct ppm){ 50000 }, &hints);
	assert_call(&call, CONTRACT_BONDING, "3550aa10" W("000186a0")
		W("0000c350") HINTS);
	calldata_reward(&call, &c, NULL);
	assert_call(&call, CONTRACT_BONDING, "228cb733");
	calldata_reward(&call, &c, &hints);
	assert_call(&call, CONTRACT_BONDING, "81871056" HINTS);
	calldata_claim_earnings(&call, &c, (struct round_no){ 16 });
	assert_call(&call, CONTRACT_BONDING, "24b1babf" W("00000010"));
	assert_null(calldata_checkpoint(&call, &c, alice));
	assert_call(&call, CONTRACT_BONDING, "d52bd62b" ALICE);
	calldata_set_service_uri(&call, &c, "https://a:8935");
	assert_call(&call, CONTRACT_REGISTRY, "5f11301b" W("00000020")
		W("0000000e") "68747470733a2f2f613a38393335"
		"000000000000000000000000000000000000");
}

static void test_generations(void **state)
{
	struct hash32 proof[2] = { { { [31] = 1 } }, { { [31] = 2 } } };
	struct contract_call call;

	(void)state;
	calldata_withdraw_fees(&call, &c, alice, wei_from(6));
	assert_call(&call, CONTRACT_BONDING, "ad3b1b47" ALICE W("00000006"));
	calldata_withdraw_fees(&call, &streamflow, alice, wei_from(6));
	assert_call(&call, CONTRACT_BONDING, "476343ee");
	assert_null(calldata_claim_snapshot(&call, &streamflow, lpt(1),
		wei_from(2), proof, 2));
	assert_call(&call, CONTRACT_BONDING, "c6d63d8c" W("00000001")
		W("00000002") W("00000080") W("000000e0") W("00000002")
		W("00000001") W("00000002") W("00000000"));
	refused(calldata_claim_snapshot(&call, &c, lpt(1), wei_from(2), proof,
		2), &call, "have no claimSnapshotEarnings(");
	refused(calldata_transfer_bond(&call, &streamflow, alice, lpt(1), NULL,
		NULL), &call, "have no transferBond(");
}

static void test_funds(void **state)
{
	struct contract_call call;
	struct wei cent = wei_from(10000000000000000);
	struct wei most = { U256_MAX };

	(void)state;
	assert_null(calldata_fund(&call, &c, cent, cent));
	assert_true(wei_cmp(call.value, wei_from(20000000000000000)) == 0);
	assert_call(&call, CONTRACT_BROKER, "511f4073"
		"000000000000000000000000000000000000000000000000002386f26fc10000"
		"000000000000000000000000000000000000000000000000002386f26fc10000");
	assert_null(calldata_fund(&call, &c, cent, WEI_ZERO));
	assert_true(wei_cmp(call.value, cent) == 0);
	assert_call(&call, CONTRACT_BROKER, "6caa736b");
	assert_null(calldata_fund(&call, &c, WEI_ZERO, cent));
	assert_call(&call, CONTRACT_BROKER, "6f9c3c8f");
	refused(calldata_fund(&call, &c, WEI_ZERO, WEI_ZERO), &call,
		"nothing to fund");
	refused(calldata_fund(&call, &c, most, cent), &call, "more than");
	assert_null(calldata_fund_for(&call, &c, alice, cent, WEI_ZERO));
	assert_call(&call, CONTRACT_BROKER, "989f789c" ALICE
		"000000000000000000000000000000000000000000000000002386f26fc10000"
		W("00000000"));
	refused(calldata_fund_for(&call, &streamflow, alice, cent, cent), &call,
		"have no fundDepositAndReserveFor(");
	calldata_unlock(&call, &c);
	assert_call(&call, CONTRACT_BROKER, "a69df4b5");
	calldata_cancel_unlock(&call, &c);
	assert_call(&call, CONTRACT_BROKER, "c2c4c2c8");
	calldata_withdraw(&call, &c);
	assert_call(&call, CONTRACT_BROKER, "3ccfd60b");
}

static void hash(struct hash32 *h, const char *hex)
{
	assert_true(hash_parse(h, hex));
}

static void number(struct u256 *v, const char *hex)
{
	char text[80];

	snprintf(text, sizeof(text), "0x%s", hex);
	assert_true(u256_parse(v, text));
}

#define RECIPIENT "9c10672cee058fd658103d90872fe431bb6c0afa"
#define SENDER "3ee860a4aba830af84ebbce2b381fc11db8493e2"
#define WIN_PROB "0a5ce4361d251fc5d71ba8fa55eef46b5a59a967145c79aa4cdbe1f943ad0000"
#define RAND_HASH \
	"d00ef48a6825d9ae93097ad55bc76057fb50afc203aa98fd4e01aa6576d71298"
#define BLOCK_HASH \
	"a9f81d59be53a90a12cb12f627aa9e87c505320bad20a98fd98d5ed23bfe9a54"
#define RAND "2ec8398aed129f376c296c8b999d2f9ee61494110f9a752494d2ef1b89a4c9d3"
#define SIG_RS                                                                 \
	"5ff5265992f1a6563851d085f363b16ad65416baaee090ee368b59082437df7a"     \
	"0237214659511fc188d6a4ef57c988bb18faa3e99826c78e9e75eb2936674589"

/* A ticket that was redeemed on Arbitrum. */
static void test_redeem(void **state)
{
	struct winning_ticket w = { .ticket = { .nonce = 1,
		.created.round = { 0x689 },
		.face_value = wei_from(24703611594215916) } };
	struct contract_call call;

	(void)state;
	assert_true(addr_parse(&w.ticket.recipient, RECIPIENT));
	assert_true(addr_parse(&w.ticket.sender, SENDER));
	number(&w.ticket.win_prob.v, WIN_PROB);
	hash(&w.ticket.rand_hash, RAND_HASH);
	hash(&w.ticket.created.block_hash, BLOCK_HASH);
	number(&w.rand, RAND);
	assert_true(hex_decode(w.sig.b, 65, SIG_RS "1b"));
	calldata_redeem(&call, &c, &w);
	assert_int_equal(call.data.len, 548);
	assert_call(&call, CONTRACT_BROKER, "ec8b3cb6" W("00000060")
		W("000001a0") RAND Z24 RECIPIENT Z24 SENDER
		"0000000000000000000000000000000000000000000000000057c3cdc9be11ec"
		WIN_PROB W("00000001") RAND_HASH W("000000e0") W("00000040")
		W("00000689") BLOCK_HASH W("00000041") SIG_RS "1b"
		"00000000000000000000000000000000000000000000000000000000000000");
}

static void test_votes(void **state)
{
	struct contract_call call;

	(void)state;
	refused(calldata_create_poll(&call, &c, "x", 1), &call,
		"no PollCreator on this network");
	calldata_poll_vote(&call, alice, true);
	assert_true(addr_eq(call.to, alice));
	assert_int_equal(call.data.len, 36);
	assert_int_equal(call.data.s[35], 0);
	contract_call_clear(&call);
	assert_null(calldata_cast_vote(&call, &c, u256_from(5),
		BALLOT_ABSTAIN, ""));
	assert_call(&call, CONTRACT_GOVERNOR, "56781388" W("00000005")
		W("00000002"));
	assert_null(calldata_cast_vote(&call, &c, u256_from(5), BALLOT_FOR,
		"a"));
	assert_call(&call, CONTRACT_GOVERNOR, "7b3c71d3" W("00000005")
		W("00000001") W("00000060") W("00000001") "61000000"
		"00000000000000000000000000000000000000000000000000000000");
	refused(calldata_cast_vote(&call, &streamflow, u256_from(5),
		BALLOT_FOR, ""), &call, "have no castVote(");
}

static void test_as_a_question(void **state)
{
	struct contract_call call;
	struct eth_call q;

	(void)state;
	assert_null(calldata_fund(&call, &c, wei_from(5), WEI_ZERO));
	q = contract_call_as(&call, alice);
	assert_true(q.has_from && addr_eq(q.from, alice));
	assert_true(addr_eq(q.to, c.addr[CONTRACT_BROKER]));
	assert_true(wei_cmp(q.value, wei_from(5)) == 0);
	assert_int_equal(q.data_n, 4);
	contract_call_clear(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_bonds),
		cmocka_unit_test(test_orchestrators),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_funds),
		cmocka_unit_test(test_redeem),
		cmocka_unit_test(test_votes),
		cmocka_unit_test(test_as_a_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

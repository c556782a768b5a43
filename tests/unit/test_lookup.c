/* Contracts as a table: what is asked, what is answered. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "src/eth/lookup.h"
#include "tests/unit/fake_http.h"

#define W(digits8) \
	"00000000000000000000000000000000000000000000000000000000" digits8
#define Z24 "000000000000000000000000"
#define A(n) Z24 "aa000000000000000000000000000000000000" n
#define NEVER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ANSWERS 64

static struct fake_http server;
static struct rpc *rpc;
static struct {
	struct answer {
		const char *call;   /* how the calldata begins */
		const char *result; /* NULL: it reverts */
	} v[ANSWERS];
	size_t n;
	size_t calls; /* asked */
} table;

static const char *answer_to(const char *data)
{
	for (size_t i = table.n; i--;) { /* the latest first */
		if (!strncmp(data, table.v[i].call, strlen(table.v[i].call)))
			return table.v[i].result;
	}
	return NULL;
}

static void add_answer(struct str *out, const json_t *call)
{
	const char *method = json_string_value(json_object_get(call, "method"));
	const json_t *params = json_object_get(call, "params");
	const char *data, *result;

	str_printf(out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,",
		(long long)json_integer_value(json_object_get(call, "id")));
	if (!strcmp(method, "eth_chainId")) {
		str_add(out, "\"result\":\"0x539\"}");
	} else if (!strcmp(method, "eth_getBlockByNumber")) {
		str_printf(out, "\"result\":{\"number\":\"0x64\",\"hash\":\"0x"
			W("00000001") "\",\"parentHash\":\"0x" W("00000002")
			"\",\"timestamp\":\"0x5f5e1000\"}}");
	} else {
		table.calls++;
		data = json_string_value(json_object_get(json_array_get(params,
			0), "data"));
		result = answer_to(data + 2);
		if (result)
			str_printf(out, "\"result\":\"0x%s\"}", result);
		else
			str_add(out, "\"error\":{\"code\":3,\"message\":"
				"\"execution reverted: no\"}}");
	}
}

static void answer(struct fake_http *f, const char *head, const char *body,
	struct fake_answer *out)
{
	json_t *root = json_loads(body, 0, NULL);

	(void)f;
	(void)head;
	if (json_is_object(root)) {
		add_answer(&out->body, root);
	} else {
		for (size_t i = 0; i < json_array_size(root); i++) {
			str_addc(&out->body, i ? ',' : '[');
			add_answer(&out->body, json_array_get(root, i));
		}
		str_addc(&out->body, ']');
	}
	json_decref(root);
}

static void says(const char *call, const char *result)
{
	assert_true(table.n < ANSWERS);
	table.v[table.n++] = (struct answer){ call, result };
	fake_meet(&server);
}

static int setup(void **state)
{
	const char *url = server.url;
	struct rpc_options o = { .urls = &url, .urls_n = 1 };

	(void)state;
	memset(&table, 0, sizeof(table));
	server = (struct fake_http){ .answer = answer };
	fake_http_start(&server);
	assert_null(rpc_new(&rpc, &o));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rpc_free(TAKE(rpc));
	fake_http_stop(&server);
	return 0;
}

static struct contracts contracts = {
	.generation = GENERATION_CONFLUENCE, .addr = {
		[CONTRACT_CONTROLLER] = { { 9 } }, [CONTRACT_TOKEN] = { { 1 } },
		[CONTRACT_BONDING] = { { 2 } }, [CONTRACT_BROKER] = { { 3 } },
		[CONTRACT_ROUNDS] = { { 4 } }, [CONTRACT_REGISTRY] = { { 5 } },
		[CONTRACT_MINTER] = { { 6 } }, [CONTRACT_FAUCET] = { { 7 } } } };
static const struct contracts bare = { .addr = {
	[CONTRACT_BONDING] = { { 2 } } } };

static const struct eth_addr alice = { { [0] = 0xaa, [19] = 0x01 } };
static const struct eth_addr bob = { { [0] = 0xaa, [19] = 0x02 } };

static struct lookup looking(void)
{
	return (struct lookup){ rpc, &contracts, AT_LATEST };
}

static void ok(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
	fake_meet(&server);
}

static void expect(struct err *e, enum err_kind kind, const char *why)
{
	assert_non_null(e);
	if (err_kind(e) != kind || !strstr(err_text(e), why))
		fail_msg("%s: %s", err_kind_name(err_kind(e)), err_text(e));
	err_free(e);
	fake_meet(&server);
}

static bool lpt_is(struct lpt a, uint64_t v)
{
	return lpt_cmp(a, (struct lpt){ u256_from(v) }) == 0;
}

static bool wei_is(struct wei a, uint64_t v)
{
	return wei_cmp(a, wei_from(v)) == 0;
}

/* --- resolving --- */

#define GET "e16c7d98"
#define FIVE W("00000000") W("00000000") W("00000000") W("00000000") \
	W("00000000")

static void test_resolve(void **state)
{
	static const char *const pools[] = { FIVE, FIVE FIVE W("00000000"),
		FIVE W("00000000") W("00000000") W("00000000") W("00000000") };
	struct contracts c;

	(void)state;
	says(GET, A("77"));
	says(GET "5f8d58050c9f37ce30acebdd762a0683b7f2bb88ded15cdd64e219c282603664",
		W("00000000")); /* no faucet */
	for (size_t i = 0; i < ARRAY_SIZE(pools); i++) {
		says("24454fc4", pools[i]);
		ok(contracts_resolve(&c, rpc, alice));
		assert_int_equal(c.generation, i ? GENERATION_STREAMFLOW :
			GENERATION_CONFLUENCE);
		assert_int_equal(c.launch, i == 2);
	}
	assert_int_equal(c.chain_id, 1337);
	assert_true(addr_eq(c.addr[CONTRACT_CONTROLLER], alice));
	assert_int_equal(c.addr[CONTRACT_BONDING].b[19], 0x77);
	assert_true(contracts_has(&c, CONTRACT_GOVERNOR));
	assert_false(contracts_has(&c, CONTRACT_FAUCET));
	assert_false(contracts_has(&c, CONTRACT_POLL));
}

static void test_unresolved(void **state)
{
	struct contracts c;

	(void)state;
	says(GET, "");
	expect(contracts_resolve(&c, rpc, alice), ERR_PROTOCOL,
		"the controller: getContract(bytes32) answers nothing");
	says(GET, NULL);
	expect(contracts_resolve(&c, rpc, alice), ERR_INVALID,
		"the controller: getContract(bytes32): execution reverted");
	says(GET, W("00000000"));
	expect(contracts_resolve(&c, rpc, alice), ERR_INVALID,
		"the controller: it knows no LivepeerToken");
	says(GET, A("01"));
	says("24454fc4", FIVE W("00000000"));
	expect(contracts_resolve(&c, rpc, alice), ERR_PROTOCOL,
		"earnings pools of 6 words");
}

/* --- rounds --- */

static void test_round(void **state)
{
	struct lookup l = looking();
	struct round_facts r;

	(void)state;
	says("8a19c8bc", W("0000000b"));
	says("8807f36e", W("0000000a"));
	says("8fa148f2", W("00000226"));
	says("8b649b94", W("00000032"));
	says("f5b490d5", W("000186a0"));
	says("2a4e0d55", W("00000003"));
	says("5a2a75a9", W("00000064"));
	says("856a2cf8", W("00000002"));
	says("3aa4add4" W("0000000a"), W("000000aa"));
	says("3aa4add4" W("00000009"), W("00000099"));
	ok(lookup_round(&l, &r));
	assert_int_equal(r.current.v, 11);
	assert_int_equal(r.initialized.v, 10);
	assert_int_equal(r.start.v, 550);
	assert_int_equal(r.length, 50);
	assert_int_equal(r.lock_from, 45);
	assert_int_equal(r.pool_size, 3);
	assert_int_equal(r.pool_max, 100);
	assert_int_equal(r.ticket_validity, 2);
	assert_int_equal(r.hash.b[31], 0xaa);
	assert_int_equal(r.previous_hash.b[31], 0x99);
	says("f5b490d5", W("000f4241"));
	expect(lookup_round(&l, &r), ERR_PROTOCOL,
		"roundLockAmount() answers more than 100 %");
	says("f5b490d5", NULL);
	expect(lookup_round(&l, &r), ERR_INVALID,
		"roundLockAmount(): execution reverted: no");
}

static void test_protocol(void **state)
{
	struct lookup l = looking();
	struct contracts old = contracts;
	struct protocol_facts p;
	struct minter_facts m;
	bool paused;

	(void)state;
	says("5c975abb", W("00000001"));
	ok(lookup_paused(&l, &paused));
	assert_true(paused);
	says("6cf6d675", W("00000007"));
	says("20d3a0b4", W("00000002"));
	says("5c50c356", W("00000500"));
	says("465501d3", W("00000600"));
	says("558f8f44", W("00000005"));
	says("038424c3", W("00000014"));
	ok(lookup_protocol(&l, &p));
	assert_int_equal(p.unbonding_period, 7);
	assert_int_equal(p.unlock_period, 2);
	assert_int_equal(p.max_claim_rounds, 0);
	assert_true(lpt_is(p.total_bonded, 0x500));
	assert_true(lpt_is(p.next_total_stake, 0x600));
	assert_true(u256_eq(p.treasury_cut, u256_from(5)));
	says("558f8f44", NULL); /* from before there was one */
	ok(lookup_protocol(&l, &p));
	assert_true(u256_is_zero(p.treasury_cut));
	says("be0522e0", W("00000001"));
	says("a7c83514", W("00000002"));
	says("821b771f", W("00000003"));
	says("9ae6309a", W("00000004"));
	says("2de22cdb", W("00000005"));
	says("5507442d", W("00000006"));
	says("18160ddd", W("00000007"));
	ok(lookup_minter(&l, &m));
	assert_int_equal(m.divisor, 1000000000);
	assert_int_equal(m.inflation, 1);
	assert_int_equal(m.change, 2);
	assert_int_equal(m.target, 3);
	assert_true(lpt_is(m.mintable, 4) && lpt_is(m.minted, 5));
	assert_true(lpt_is(m.supply, 6));
	old.generation = GENERATION_STREAMFLOW;
	old.launch = true;
	l.contracts = &old;
	ok(lookup_minter(&l, &m));
	assert_int_equal(m.divisor, 1000000);
	assert_true(lpt_is(m.supply, 7));
	ok(lookup_protocol(&l, &p));
	assert_int_equal(p.max_claim_rounds, 20);
}

/* --- stake --- */

#define DELEGATOR W("00000064") W("00000005") A("02") W("00000096") \
	W("00000003") W("00000004") W("00000002")

static void test_delegator(void **state)
{
	struct lookup l = looking();
	struct delegator_facts d;

	(void)state;
	says("a64ad595" A("01"), DELEGATOR);
	says("1544fc67", W("00000001"));
	says("9d0b2c7a" A("01") W("00000009"), W("00000070"));
	says("f595f1cc" A("01") W("00000009"), W("00000006"));
	ok(lookup_delegator(&l, alice, (struct round_no){ 9 }, &d));
	assert_int_equal(d.status, DELEGATOR_BONDED);
	assert_true(lpt_is(d.bonded, 100) && wei_is(d.fees, 5));
	assert_true(addr_eq(d.delegate, bob));
	assert_true(lpt_is(d.delegated, 150));
	assert_int_equal(d.start.v, 3);
	assert_int_equal(d.last_claim.v, 4);
	assert_int_equal(d.next_lock, 2);
	assert_true(lpt_is(d.pending_stake, 0x70));
	assert_true(wei_is(d.pending_fees, 6));
	says("9d0b2c7a", NULL);
	says("f595f1cc", NULL);
	ok(lookup_delegator(&l, alice, (struct round_no){ 9 }, &d));
	assert_true(lpt_is(d.pending_stake, 100));
	assert_true(wei_is(d.pending_fees, 5));
	says("1544fc67", W("00000003"));
	expect(lookup_delegator(&l, alice, (struct round_no){ 9 }, &d),
		ERR_PROTOCOL, "a status that there isn't");
}

static void test_locks(void **state)
{
	struct unbonding_lock *locks;
	struct lookup l = looking();
	size_t n;

	(void)state;
	says("412f83b6" A("01") W("00000000"), W("00000000") W("00000000"));
	says("412f83b6" A("01") W("00000001"), W("00000005") W("00000009"));
	says("412f83b6" A("01") W("00000002"), W("00000006") W("0000000a"));
	ok(lookup_locks(&l, alice, 0, 3, &locks, &n));
	assert_int_equal(n, 2);
	assert_int_equal(locks[0].id, 1);
	assert_true(lpt_is(locks[0].amount, 5));
	assert_int_equal(locks[0].withdraw_round.v, 9);
	assert_int_equal(locks[1].id, 2);
	free(locks);
	ok(lookup_locks(&l, alice, 2, 2, &locks, &n));
	assert_int_equal(n, 0);
	free(locks);
	expect(lookup_locks(&l, alice, 0, 20000, &locks, &n), ERR_LIMIT,
		"more than 10000");
	assert_null(locks);
}

#define TRANSCODER_6 W("00000007") W("000186a0") W("0000c350") W("00000006") \
	W("00000005") NEVER

static void test_transcoder(void **state)
{
	struct lookup l = looking();
	struct contracts launch = contracts;
	struct transcoder_facts t;

	(void)state;
	says("5dce9948", TRANSCODER_6 W("00000001") W("00000002")
		W("00000003") W("00000004"));
	says("68ba170c", W("00000001"));
	says("08802374", W("00000000"));
	says("9ef9df94", W("00000096"));
	ok(lookup_transcoder(&l, alice, &t));
	assert_true(t.registered && !t.active);
	assert_int_equal(t.last_reward.v, 7);
	assert_int_equal(t.reward_cut.v, 100000);
	assert_int_equal(t.fee_share.v, 50000);
	assert_int_equal(t.last_stake_update.v, 6);
	assert_int_equal(t.activation.v, 5);
	assert_true(t.deactivation.v == ROUND_NEVER.v);
	assert_true(lpt_is(t.active_cumulative_rewards, 1));
	assert_true(lpt_is(t.cumulative_rewards, 2));
	assert_true(wei_is(t.cumulative_fees, 3));
	assert_int_equal(t.last_fee.v, 4);
	assert_true(lpt_is(t.total_stake, 150));
	says("5dce9948", TRANSCODER_6);
	expect(lookup_transcoder(&l, alice, &t), ERR_PROTOCOL, "too little");
	launch.generation = GENERATION_STREAMFLOW;
	launch.launch = true;
	l.contracts = &launch;
	ok(lookup_transcoder(&l, alice, &t));
	assert_int_equal(t.activation.v, 5);
}

static void test_earnings_pools(void **state)
{
	struct lookup l = looking();
	struct contracts old = contracts;
	struct earnings_pool p;
	struct round_no round = { 8 };

	(void)state;
	says("24454fc4" A("01") W("00000008"), W("00000064") W("000186a0")
		W("0000c350") W("00000011") W("00000012"));
	ok(lookup_earnings_pool(&l, alice, round, &p));
	assert_true(lpt_is(p.total_stake, 100));
	assert_int_equal(p.reward_cut.v, 100000);
	assert_int_equal(p.fee_share.v, 50000);
	assert_true(p.has_factors);
	assert_true(u256_eq(p.reward_factor, u256_from(0x11)));
	assert_true(u256_eq(p.fee_factor, u256_from(0x12)));
	old.generation = GENERATION_STREAMFLOW;
	l.contracts = &old;
	says("24454fc4", W("00000001") W("00000002") W("00000064")
		W("00000004") W("000186a0") W("0000c350") W("00000005")
		W("00000006") W("00000001") W("00000011") W("00000012"));
	ok(lookup_earnings_pool(&l, alice, round, &p));
	assert_true(lpt_is(p.reward_pool, 1) && wei_is(p.fee_pool, 2));
	assert_true(lpt_is(p.total_stake, 100));
	assert_true(lpt_is(p.claimable_stake, 4));
	assert_true(lpt_is(p.transcoder_reward_pool, 5));
	assert_true(wei_is(p.transcoder_fee_pool, 6));
	assert_true(u256_eq(p.fee_factor, u256_from(0x12)));
	old.launch = true;
	ok(lookup_earnings_pool(&l, alice, round, &p));
	assert_false(p.has_factors);
}

static void test_pool(void **state)
{
	struct pool_member *members = NULL;
	struct lookup l = looking();
	size_t n = 0, calls;

	(void)state;
	says("88a6c749", A("01"));
	says("2a4e0d55", W("00000003"));
	says("235c9603" A("01"), A("02"));
	says("235c9603" A("02"), A("03"));
	says("235c9603" A("03"), W("00000000"));
	says("9ef9df94" A("01"), W("00000030"));
	says("9ef9df94" A("02"), W("00000020"));
	says("9ef9df94" A("03"), W("00000010"));
	ok(lookup_pool(&l, &members, &n));
	assert_int_equal(n, 3);
	assert_true(addr_eq(members[0].addr, alice));
	assert_true(addr_eq(members[1].addr, bob));
	assert_true(lpt_is(members[2].stake, 0x10));
	/* Known ones come in one batch; a new one takes one request more. */
	says("2a4e0d55", W("00000004"));
	says("235c9603" A("02"), A("04"));
	says("235c9603" A("04"), A("03"));
	says("9ef9df94" A("04"), W("00000015"));
	calls = server.requests;
	ok(lookup_pool(&l, &members, &n));
	assert_int_equal(n, 4);
	assert_int_equal(members[2].addr.b[19], 4);
	assert_int_equal(server.requests - calls, 3);
	/* A list that leads nowhere. */
	says("235c9603" A("03"), A("01"));
	expect(lookup_pool(&l, &members, &n), ERR_PROTOCOL, "more members");
	assert_int_equal(n, 4);
	says("2a4e0d55", W("00010000"));
	expect(lookup_pool(&l, &members, &n), ERR_LIMIT, "more than 2000");
	says("88a6c749", W("00000000"));
	says("2a4e0d55", W("00000000"));
	ok(lookup_pool(&l, &members, &n));
	assert_int_equal(n, 0);
	free(members);
}

/* --- tickets --- */

static void test_senders(void **state)
{
	struct lookup l = looking();
	struct sender_funds f;
	struct wei w;

	(void)state;
	says("e1a589da" A("01"), W("00000064") W("00000009") W("00000032")
		W("00000005"));
	says("4ac826da" A("01") A("02"), W("00000002"));
	ok(lookup_sender(&l, alice, bob, (struct round_no){ 8 }, &f));
	assert_true(wei_is(f.deposit, 100) && wei_is(f.reserve, 50));
	assert_int_equal(f.withdraw_round.v, 9);
	assert_true(wei_is(f.claimed, 5) && wei_is(f.claimed_by_us, 2));
	assert_int_equal(f.round.v, 8);
	says("81779f38" A("01") A("02"), W("00000007"));
	ok(lookup_claimable(&l, alice, bob, &w));
	assert_true(wei_is(w, 7));
	says("81779f38", NULL);
	ok(lookup_claimable(&l, alice, bob, &w));
	assert_true(wei_is(w, 0));
}

static void test_used_tickets(void **state)
{
	struct hash32 tickets[2] = { { { [31] = 1 } }, { { [31] = 2 } } };
	struct lookup l = looking();
	bool used[2];

	(void)state;
	says("59a515ba" W("00000001"), W("00000000"));
	says("59a515ba" W("00000002"), W("00000001"));
	ok(lookup_used_tickets(&l, tickets, 2, used));
	assert_false(used[0]);
	assert_true(used[1]);
	ok(lookup_used_tickets(&l, tickets, 0, used));
}

/* --- token, faucet, URI --- */

static void test_token(void **state)
{
	struct lookup l = looking();
	struct lpt balance, allowance;
	struct faucet_facts f;

	(void)state;
	says("70a08231" A("01"), W("00000064"));
	says("dd62ed3e" A("01") Z24 "02", W("0000000a"));
	ok(lookup_token(&l, alice, &balance, &allowance));
	assert_true(lpt_is(balance, 100) && lpt_is(allowance, 10));
	says("f52ec46c", W("0000000a"));
	says("0d6c51b3", W("00000001"));
	says("207f5ce6", W("5f5e1000"));
	ok(lookup_faucet(&l, alice, &f));
	assert_true(lpt_is(f.amount, 10));
	assert_int_equal(f.wait_hours, 1);
	assert_int_equal(f.next_s, 1600000000);
	l.contracts = &bare;
	expect(lookup_faucet(&l, alice, &f), ERR_NOT_FOUND, "no faucet");
}

static void test_service_uri(void **state)
{
	struct lookup l = looking();
	char uri[SERVICE_URI_MAX];

	(void)state;
	says("214c2a4b", W("00000020") W("0000000b") "68747470733a2f2f613a31"
		"000000000000000000000000000000000000000000");
	ok(lookup_service_uri(&l, alice, uri));
	assert_string_equal(uri, "https://a:1");
	says("214c2a4b", W("00000020") W("00000000"));
	ok(lookup_service_uri(&l, alice, uri));
	assert_string_equal(uri, "");
	says("214c2a4b", W("00000020") W("00000003") "610062" "00" W("00000000"));
	expect(lookup_service_uri(&l, alice, uri), ERR_PROTOCOL, "no text");
	says("214c2a4b", W("00000020") W("00000002") "ff61" "0000"
		W("00000000"));
	expect(lookup_service_uri(&l, alice, uri), ERR_PROTOCOL, "no text");
	says("214c2a4b", W("00000020") W("00000200"));
	expect(lookup_service_uri(&l, alice, uri), ERR_PROTOCOL,
		"more than it may");
	assert_string_equal(uri, "");
}

/* What strangers registered is theirs alone. */
static void test_service_uris(void **state)
{
	struct pool_member who[] = { { { { 0xaa, [19] = 1 } }, LPT_ZERO },
		{ { { 0xaa, [19] = 2 } }, LPT_ZERO }, { { { 0xaa, [19] = 3 } }, LPT_ZERO } };
	char uris[3][SERVICE_URI_MAX];
	struct lookup l = looking();

	(void)state;
	says("214c2a4b" A("01"), W("00000020") W("00000002") "ff61" "0000" W("00000000"));
	says("214c2a4b" A("02"), W("00000020") W("0000000b") "68747470733a2f2f613a31"
		"000000000000000000000000000000000000000000");
	says("214c2a4b" A("03"), W("00000020") W("00000200"));
	ok(lookup_service_uris(&l, who, 3, uris));
	assert_string_equal(uris[0], "");
	assert_string_equal(uris[1], "https://a:1");
	assert_string_equal(uris[2], "");
	{
		bool active[3];

		says("08802374" A("01"), W("00000001"));
		says("08802374" A("02"), W("00000000"));
		says("08802374" A("03"), W("00000001"));
		ok(lookup_active(&l, who, 3, active));
		assert_true(active[0] && !active[1] && active[2]);
	}
	says("214c2a4b" A("02"), NULL);
	expect(lookup_service_uris(&l, who, 3, uris), ERR_INVALID, "reverted");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_resolve),
		TEST(test_unresolved),
		TEST(test_round),
		TEST(test_protocol),
		TEST(test_delegator),
		TEST(test_locks),
		TEST(test_transcoder),
		TEST(test_earnings_pools),
		TEST(test_pool),
		TEST(test_senders),
		TEST(test_used_tickets),
		TEST(test_token),
		TEST(test_service_uri),
		TEST(test_service_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

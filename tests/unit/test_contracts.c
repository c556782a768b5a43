#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/abi.h"
#include "src/crypto/keccak.h"
#include "src/eth/contracts.h"

static void test_selectors(void **state)
{
	(void)state;
	for (unsigned f = 0; f < FN_N; f++) {
		const char *s = fn_signature(f);
		uint8_t h[32];

		keccak_256(h, s, strlen(s));
		if (((uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 |
			(uint32_t)h[2] << 8 | h[3]) != fn_selector(f))
			fail_msg("%s: %08x", s, fn_selector(f));
		assert_true(fn_contract(f) < CONTRACT_N);
		assert_int_equal(fn_of_calldata(h, 4), f);
	}
	assert_int_equal(fn_of_calldata((const uint8_t *)"abcd", 4), FN_N);
	assert_int_equal(fn_of_calldata((const uint8_t *)"abc", 3), FN_N);
}

static void test_topics(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_N; i++) {
		const char *s = event_signature(i);
		struct hash32 h;

		keccak_256(h.b, s, strlen(s));
		if (!hash_eq(h, event_topic(i)))
			fail_msg("%s", s);
		assert_true(event_contract(i) < CONTRACT_N);
	}
}

/* Those of the interfaces that livepeer/protocol compiles to. */
static void test_against_the_protocol(void **state)
{
	(void)state;
	assert_int_equal(fn_selector(FN_GET_CONTRACT), 0xe16c7d98);
	assert_int_equal(fn_selector(FN_REDEEM_WINNING_TICKET), 0xec8b3cb6);
	assert_int_equal(fn_selector(FN_WITHDRAW_FEES_STREAMFLOW), 0x476343ee);
	assert_int_equal(fn_selector(FN_WITHDRAW_FEES_CONFLUENCE), 0xad3b1b47);
	assert_int_equal(event_topic(EVENT_NEW_ROUND).b[0], 0x22);
}

static void assert_id(enum contract c, const char *hex)
{
	uint8_t want[32], got[32];

	assert_true(hex_decode(want, 32, hex));
	keccak_256(got, contract_name(c), strlen(contract_name(c)));
	assert_memory_equal(got, want, 32);
}

static void test_names(void **state)
{
	(void)state;
	assert_id(CONTRACT_TOKEN,
		"3443e257065fe41dd0e4d1f5a1b73a22a62e300962b57f30cddf41d0f8273ba7");
	assert_id(CONTRACT_BONDING,
		"2517d59a36a86548e38734e8ab416f42afff4bca78706a66ad65750dae7f9e37");
	assert_id(CONTRACT_BROKER,
		"bd1aa3e8d2464256d7fd3dcf645c16418d5d8c51d971f1ad7d57e7b1b5eee239");
	assert_id(CONTRACT_ROUNDS,
		"e8438ea868df48e3fc21f2f087b993c9b1837dc0f6135064161ce7d7a1701fe8");
	assert_id(CONTRACT_REGISTRY,
		"79c5d2a4a07754f4bacb0ffba18ac516030ee589ebc89db8627680c4d4cdb230");
	assert_id(CONTRACT_MINTER,
		"6e58ad548d72b425ea94c15f453bf26caddb061d82b2551db7fdd3cefe0e9940");
	assert_id(CONTRACT_FAUCET,
		"5f8d58050c9f37ce30acebdd762a0683b7f2bb88ded15cdd64e219c282603664");
	assert_id(CONTRACT_GOVERNOR,
		"aea11c65571dd8b6188d3a5cf5e5d3d4695845e6f217cad0b453b4e276c6cdcd");
	assert_id(CONTRACT_POLL_CREATOR,
		"0343f01276c9038f8c7154dcdf7873ad6edd872ce0e719ebd989c051b4b1039b");
}

static void test_events_by_address(void **state)
{
	struct contracts c = { .addr = {
		[CONTRACT_BONDING] = { { 1 } }, [CONTRACT_BROKER] = { { 2 } } } };
	struct eth_log log = { .address = { { 1 } }, .topics_n = 1 };

	(void)state;
	log.topics[0] = event_topic(EVENT_REWARD);
	assert_int_equal(contracts_event(&c, &log), EVENT_REWARD);
	/* Anybody can log anything. */
	log.address = (struct eth_addr){ { 2 } };
	assert_int_equal(contracts_event(&c, &log), EVENT_N);
	log.address = (struct eth_addr){ { 0 } };
	log.topics[0] = event_topic(EVENT_NEW_ROUND);
	assert_int_equal(contracts_event(&c, &log), EVENT_N);
	log.address = (struct eth_addr){ { 2 } };
	log.topics[0] = event_topic(EVENT_UNLOCK);
	assert_int_equal(contracts_event(&c, &log), EVENT_UNLOCK);
	log.topics_n = 0;
	assert_int_equal(contracts_event(&c, &log), EVENT_N);
}

static void test_networks(void **state)
{
	struct eth_addr a;

	(void)state;
	assert_int_equal(network_find("mainnet")->chain_id, 1);
	assert_int_equal(network_find("mainnet")->min_gas_price, 1000000000);
	assert_int_equal(network_find("arbitrum-one-mainnet")->chain_id, 42161);
	assert_int_equal(network_find("arbitrum-one-mainnet")->redeem_gas.v,
		1200000);
	assert_null(network_find("offchain"));
	for (size_t i = 0; network_at(i); i++) {
		assert_true(addr_parse(&a, network_at(i)->controller));
		assert_ptr_equal(network_find(network_at(i)->name),
			network_at(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_against_the_protocol),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_events_by_address),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/eth/endpoint.h"

#define N 3
#define WALL 1700000000000

static struct endpoint ep[N];

static int setup(void **state)
{
	static const char *const urls[N] = { "https://u:p@a.example/v2/KEY",
		"http://b.example:8545", "https://c.example" };

	(void)state;
	for (size_t i = 0; i < N; i++)
		endpoint_init(&ep[i], urls[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		endpoint_clear(&ep[i]);
	return 0;
}

static void answer(size_t i, int64_t now, int64_t us)
{
	endpoint_asked(&ep[i], now);
	endpoint_answered(&ep[i], us);
}

static int pick(int64_t now)
{
	return endpoint_pick(ep, N, now, 0);
}

static void test_names_without_keys(void **state)
{
	(void)state;
	assert_string_equal(ep[0].shown, "https://a.example");
	assert_string_equal(ep[1].shown, "http://b.example:8545");
	assert_string_equal(ep[0].url, "https://u:p@a.example/v2/KEY");
}

static void test_order_of_the_list(void **state)
{
	(void)state;
	assert_int_equal(pick(0), 0);
	assert_int_equal(endpoint_pick(ep, N, 0, 1), 1);
	assert_int_equal(endpoint_pick(ep, N, 0, 3), 2);
	assert_int_equal(endpoint_pick(ep, N, 0, 7), -1);
	/* One that is known to work comes before one not tried. */
	answer(2, 0, 1000);
	assert_int_equal(pick(0), 2);
	answer(0, 0, 1000);
	assert_int_equal(pick(0), 0);
	assert_int_equal(ep[0].state, RPC_OK);
	assert_int_equal(ep[0].requests, 1);
}

static void test_back_off(void **state)
{
	int64_t now = 1000, rest = 200;

	(void)state;
	for (int i = 0; i < 12; i++) {
		endpoint_asked(&ep[0], now);
		endpoint_failed(&ep[0], now, "connection refused");
		assert_int_equal(ep[0].state, RPC_FAILING);
		assert_true(ep[0].rest_until_ms == now + rest);
		assert_int_equal(pick(now), 1);
		assert_true(endpoint_rest(ep, 1, now) == rest);
		now += rest;
		assert_true(endpoint_rest(ep, 1, now) == 0);
		rest = rest * 2 > 60000 ? 60000 : rest * 2;
	}
	assert_int_equal(ep[0].errors, 12);
	assert_int_equal(ep[0].requests, 12);
	assert_string_equal(ep[0].last_error, "connection refused");
	/* Rested, it is tried after those that work, and is well at once. */
	answer(1, now, 1000);
	assert_int_equal(pick(now), 1);
	assert_int_equal(endpoint_pick(ep, N, now, 6), 0);
	answer(0, now, 1000);
	assert_int_equal(ep[0].state, RPC_OK);
	assert_int_equal(ep[0].failures, 0);
	assert_true(ep[0].rest_until_ms == 0);
}

static void test_rate_limits(void **state)
{
	(void)state;
	endpoint_limited(&ep[0], 0, 30000, true, "HTTP 429");
	assert_int_equal(ep[0].state, RPC_LIMITED);
	assert_int_equal(endpoint_pick(ep, 1, 29999, 0), -1);
	assert_int_equal(endpoint_pick(ep, 1, 30000, 0), 0);
	/* Without a time given: 1 s, then twice that. */
	endpoint_limited(&ep[1], 0, -1, true, "HTTP 429");
	assert_true(ep[1].rest_until_ms == 1000);
	endpoint_limited(&ep[1], 1000, -1, true, "HTTP 429");
	assert_true(ep[1].rest_until_ms == 3000);
	/* Nobody is sent away for a day. */
	endpoint_limited(&ep[2], 0, 86400000, true, "HTTP 429");
	assert_true(ep[2].rest_until_ms == 3600000);
	/* The only one there is: not for longer than rounds and tickets bear. */
	endpoint_clear(&ep[2]);
	endpoint_init(&ep[2], "http://c.example");
	endpoint_limited(&ep[2], 0, 86400000, false, "HTTP 429");
	assert_true(ep[2].rest_until_ms == 60000);
}

static void test_wrong_chain(void **state)
{
	(void)state;
	endpoint_on_chain(&ep[0], 0);
	endpoint_wrong_chain(&ep[0], 0, 1, 42161);
	assert_int_equal(ep[0].state, RPC_WRONG_CHAIN);
	assert_false(ep[0].chain_known);
	assert_string_equal(ep[0].last_error, "is on chain 1, not 42161");
	assert_int_equal(endpoint_pick(ep, 1, 299999, 0), -1);
	assert_int_equal(endpoint_pick(ep, 1, 300000, 0), 0);
	/* Answering is not enough. */
	answer(0, 300000, 1000);
	endpoint_failed(&ep[0], 300000, "x");
	assert_int_equal(ep[0].state, RPC_WRONG_CHAIN);
	endpoint_on_chain(&ep[0], 300000);
	assert_int_equal(ep[0].state, RPC_UNTRIED);
}

static void test_malformed(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		endpoint_malformed(&ep[0], 0, true, "no JSON");
		assert_int_equal(ep[0].state, RPC_FAILING);
	}
	answer(0, 0, 1000); /* one good answer */
	for (int i = 0; i < 2; i++)
		endpoint_malformed(&ep[0], 0, true, "no JSON");
	assert_int_equal(ep[0].state, RPC_FAILING);
	endpoint_malformed(&ep[0], 0, true, "no JSON");
	assert_int_equal(ep[0].state, RPC_ASIDE);
	assert_int_equal(endpoint_pick(ep, 1, 599999, 0), -1);
	/* The only one is not. */
	for (int i = 0; i < 9; i++)
		endpoint_malformed(&ep[1], 0, false, "no JSON");
	assert_int_equal(ep[1].state, RPC_FAILING);
}

static void test_slow_and_failing_ones(void **state)
{
	(void)state;
	answer(0, 0, 3000000);
	answer(1, 0, 20000);
	assert_int_equal(pick(0), 1);
	for (int i = 0; i < 40; i++)
		answer(0, 0, 20000);
	assert_int_equal(pick(0), 0);
	/* Every third request fails. */
	for (int i = 0; i < 12; i++) {
		endpoint_failed(&ep[0], 0, "x");
		answer(0, 0, 20000);
		answer(0, 0, 20000);
	}
	assert_int_equal(ep[0].state, RPC_OK);
	assert_int_equal(pick(0), 1);
}

/* --- heads --- */

static enum head_verdict head_at(size_t i, int64_t number, int64_t time_ms,
	int64_t now, bool others_asked)
{
	struct block_header h = { .number = { number }, .time_ms = time_ms };

	endpoint_note_head(&ep[i], &h, now);
	return endpoint_judge(ep, N, i, now, WALL, others_asked);
}

static enum head_verdict head(size_t i, int64_t number, int64_t now)
{
	return head_at(i, number, WALL, now, true);
}

static void test_heads_agree(void **state)
{
	(void)state;
	assert_int_equal(head_at(0, 100, WALL, 0, false), HEAD_BELIEVED);
	assert_int_equal(head_at(1, 101, WALL, 0, false), HEAD_BELIEVED);
	assert_int_equal(head_at(2, 99, WALL - 12000, 0, false),
		HEAD_BELIEVED);
	assert_int_equal(head_at(0, 101, WALL, 5, false), HEAD_BELIEVED);
	assert_true(ep[0].advanced_ms == 5);
	assert_int_equal(head_at(0, 101, WALL, 9, false), HEAD_BELIEVED);
	assert_true(ep[0].advanced_ms == 5);
	assert_true(ep[0].head_seen_ms == 9);
}

static void test_behind(void **state)
{
	(void)state;
	head(0, 90000, 0);
	assert_int_equal(head_at(1, 89990, WALL - 61000, 0, false), HEAD_BEHIND);
	assert_int_equal(ep[1].state, RPC_BEHIND);
	assert_string_equal(ep[1].last_error, "is 10 blocks behind");
	assert_int_equal(head_at(1, 90000, WALL, 1, false), HEAD_BELIEVED);
	assert_int_equal(ep[1].state, RPC_OK);
	/* One that syncs: far behind, growing, honest. */
	assert_int_equal(head_at(2, 10, WALL - 9000000, 1, false),
		HEAD_ASK_OTHERS);
	assert_int_equal(endpoint_judge(ep, N, 2, 1, WALL, true), HEAD_BEHIND);
	/* It is no witness: the others are not asked again because of it. */
	assert_int_equal(head_at(0, 90001, WALL, 2, false), HEAD_BELIEVED);
}

static void test_far_ahead(void **state)
{
	(void)state;
	head(0, 1000, 0);
	head(1, 1000, 0);
	assert_int_equal(head_at(2, 1000000, WALL, 0, false), HEAD_ASK_OTHERS);
	assert_int_equal(endpoint_judge(ep, N, 2, 0, WALL, true),
		HEAD_CONTRADICTS);
	assert_int_equal(ep[2].state, RPC_ASIDE);
	assert_string_equal(ep[2].last_error, "says its head is block 1000000, "
		"others are at 1000");
	assert_int_equal(pick(0), 0);
	/* And what it said harms nobody. */
	assert_int_equal(head_at(0, 1001, WALL, 1, false), HEAD_BELIEVED);
}

/* The first in the list lies, from the start. */
static void test_liar_in_front(void **state)
{
	(void)state;
	assert_int_equal(head_at(0, 5000000, WALL, 0, false), HEAD_BELIEVED);
	assert_int_equal(head_at(1, 1000, WALL, 0, false), HEAD_ASK_OTHERS);
	head(2, 1000, 0);
	assert_int_equal(endpoint_judge(ep, N, 1, 0, WALL, true),
		HEAD_BELIEVED);
	assert_int_equal(endpoint_judge(ep, N, 0, 0, WALL, true),
		HEAD_CONTRADICTS);
}

static void test_went_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		head(i, 50000, 0);
	assert_int_equal(head_at(1, 10, WALL, 1, false), HEAD_ASK_OTHERS);
	assert_int_equal(endpoint_judge(ep, N, 1, 1, WALL, true),
		HEAD_CONTRADICTS);
}

static void test_one_against_one(void **state)
{
	(void)state;
	/* It jumped, the other went on. */
	head(0, 1000, 0);
	head(1, 1000, 0);
	assert_int_equal(head_at(0, 900000, WALL, 1, true), HEAD_CONTRADICTS);
	teardown(NULL);
	setup(NULL);
	/* By the clock: one lives in the future. */
	head(1, 1000, 0);
	assert_int_equal(head_at(0, 900000, WALL + 10000000, 1, true),
		HEAD_CONTRADICTS);
	teardown(NULL);
	setup(NULL);
	/* Nothing tells: the list does. */
	head(0, 900000, 0);
	assert_int_equal(head(1, 1800000, 0), HEAD_CONTRADICTS);
	teardown(NULL);
	setup(NULL);
	head(1, 900000, 0);
	assert_int_equal(head(0, 1800000, 0), HEAD_BELIEVED);
}

/* Both jump: a test's chain was told to mine, or ours was asleep. */
static void test_all_jump(void **state)
{
	(void)state;
	head(0, 1000, 0);
	head(1, 1000, 0);
	assert_int_equal(head_at(0, 9000, WALL, 1, false), HEAD_ASK_OTHERS);
	head(1, 9000, 1);
	assert_int_equal(endpoint_judge(ep, N, 0, 1, WALL, true),
		HEAD_BELIEVED);
	/* After an hour there is no witness left, but one may be asked. */
	assert_int_equal(head_at(0, 19000, WALL, 3600000, false),
		HEAD_ASK_OTHERS);
	assert_int_equal(endpoint_judge(ep, N, 0, 3600000, WALL, true),
		HEAD_BELIEVED);
}

static void test_alone(void **state)
{
	struct block_header h = { .number = { 5000 }, .time_ms = WALL };

	(void)state;
	endpoint_note_head(&ep[0], &h, 0);
	assert_int_equal(endpoint_judge(ep, 1, 0, 0, WALL, false),
		HEAD_BELIEVED);
	h.number.v = 1;
	h.time_ms = WALL + 100000000;
	endpoint_note_head(&ep[0], &h, 0);
	assert_int_equal(endpoint_judge(ep, 1, 0, 0, WALL, false),
		HEAD_BELIEVED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_without_keys),
		TEST(test_order_of_the_list),
		TEST(test_back_off),
		TEST(test_rate_limits),
		TEST(test_wrong_chain),
		TEST(test_malformed),
		TEST(test_slow_and_failing_ones),
		TEST(test_heads_agree),
		TEST(test_behind),
		TEST(test_far_ahead),
		TEST(test_liar_in_front),
		TEST(test_went_back),
		TEST(test_one_against_one),
		TEST(test_all_jump),
		TEST(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

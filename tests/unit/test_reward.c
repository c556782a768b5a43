#include "src/role/reward.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct chain_facts chain;
static struct attempt_log tried;
static struct reward_facts facts;

/* Round 12 of 100 blocks began at 1000; we are ten blocks in. */
static int setup(void **state)
{
	(void)state;
	chain = (struct chain_facts){
		.ready = true, .registered = true, .active = true, .l1 = {1010},
		.round = {.current = {12}, .initialized = {12}, .start = {1000},
			.length = 100, .lock_from = 90},
		.last_reward = {11},
	};
	tried = (struct attempt_log){0};
	facts = (struct reward_facts){.chain = &chain, .wanted = true, .is_account = true,
		.tried = &tried, .now_ms = 1000000};
	return 0;
}

static struct reward_step decide(enum reward_act act, bool alarm, const char *why)
{
	struct reward_step s = reward_decide(&facts);

	if (s.act != act || s.alarm != alarm || !strstr(s.why, why))
		fail_msg("%d %d %s", s.act, s.alarm, s.why);
	return s;
}

static void test_once_a_round(void **state)
{
	(void)state;
	decide(REWARD_CALL, false, "calling in round 12");
	facts.under_way = true;
	decide(REWARD_WAIT, false, "not confirmed");
	facts.under_way = false;
	chain.last_reward.v = 12;
	decide(REWARD_DONE, false, "called in round 12");
	chain.round.current.v = 13;
	decide(REWARD_WAIT, false, "round 13 is not initialised");
	chain.round.initialized.v = 13;
	decide(REWARD_CALL, false, "round 13");
}

static void test_who_may(void **state)
{
	(void)state;
	chain.ready = false;
	decide(REWARD_WAIT, false, "not been seen");
	chain.ready = true;
	facts.wanted = false;
	decide(REWARD_OFF, false, "-reward=false");
	chain.registered = false;
	decide(REWARD_OFF, false, "not registered");
	facts.wanted = true;
	facts.is_account = false;
	decide(REWARD_OFF, false, "own key");
	facts.is_account = true;
	chain.active = false;
	chain.l1.v = 1099;
	decide(REWARD_WAIT, false, "not active in round 12");
}

static void test_tries_again(void **state)
{
	(void)state;
	attempt_note(&tried, chain.round.current, facts.now_ms, "gas is dear");
	facts.now_ms += REWARD_RETRY_MS - 1;
	decide(REWARD_WAIT, false, "tried 1 times in round 12: gas is dear");
	facts.now_ms++;
	decide(REWARD_CALL, false, "again in round 12: gas is dear");
	attempt_note(&tried, chain.round.current, facts.now_ms, "gas is dear");
	assert_int_equal(tried.n, 2);
	/* Another round is another matter. */
	chain.round.current.v = chain.round.initialized.v = 13;
	decide(REWARD_CALL, false, "calling in round 13");
	attempt_note(&tried, chain.round.current, facts.now_ms, NULL);
	assert_int_equal(tried.n, 1);
	assert_string_equal(tried.error, "");
}

/* Whatever holds it up, with a quarter left somebody should know. */
static void test_alarm(void **state)
{
	(void)state;
	chain.l1.v = 1075;
	decide(REWARD_CALL, false, "");
	chain.l1.v = 1076;
	decide(REWARD_CALL, true, "");
	facts.under_way = true;
	decide(REWARD_WAIT, true, "");
	chain.paused = true;
	decide(REWARD_WAIT, true, "paused");
	chain.paused = false;
	chain.round.initialized.v = 11;
	decide(REWARD_WAIT, true, "not initialised");
	chain.last_reward.v = 12;
	decide(REWARD_DONE, false, "");
}

static void test_blocks_left(void **state)
{
	(void)state;
	assert_int_equal(round_blocks_left(&chain), 90);
	assert_int_equal(round_lock_left(&chain), 0);
	chain.l1.v = 1090;
	assert_int_equal(round_lock_left(&chain), 10);
	chain.l1.v = 1101;
	assert_int_equal(round_blocks_left(&chain), 0);
	assert_int_equal(round_lock_left(&chain), 0);
}

static void test_initialize(void **state)
{
	struct initialize_facts f = {.chain = &chain, .wanted = true, .tried = &tried,
		.now_ms = 50000, .began_ms = 40000, .delay_ms = 10000};

	(void)state;
	assert_false(initialize_decide(&f));
	chain.round.current.v = 13;
	assert_true(initialize_decide(&f));
	f.delay_ms++;
	assert_false(initialize_decide(&f));
	f.delay_ms = 0;
	f.under_way = true;
	assert_false(initialize_decide(&f));
	f.under_way = false;
	f.wanted = false;
	assert_false(initialize_decide(&f));
	f.wanted = true;
	chain.paused = true;
	assert_false(initialize_decide(&f));
	chain.paused = false;
	attempt_note(&tried, chain.round.current, f.now_ms, "round already initialized");
	assert_false(initialize_decide(&f));
	f.now_ms += REWARD_RETRY_MS;
	assert_true(initialize_decide(&f));
}

/* A whole life of rounds with a chain that fails at random: never two calls
 * in one round, and never none when there was a chance. */
static void test_property(void **state)
{
	int called = 0, mined_at = -1, calls_this_round = 0;

	(void)state;
	srandom(3);
	chain.last_reward.v = 0;
	for (int64_t block = 1000; block < 40000; block++) {
		int64_t round = 12 + (block - 1000) / 100;
		struct reward_step s;

		if (round != chain.round.current.v) {
			assert_int_equal(chain.last_reward.v, chain.round.current.v);
			calls_this_round = 0;
			chain.round.current.v = round;
			chain.round.start.v = 1000 + (round - 12) * 100;
		}
		chain.l1.v = block;
		if (round > chain.round.initialized.v && random() % 5 == 0)
			chain.round.initialized.v = round;
		if (mined_at >= 0 && block >= mined_at) {
			assert_int_equal(chain.last_reward.v < round, 1);
			chain.last_reward.v = round;
			facts.under_way = false;
			mined_at = -1;
		}
		facts.now_ms += 5000;
		s = reward_decide(&facts);
		if (s.act != REWARD_CALL)
			continue;
		if (random() % 3) { /* the RPC is down, gas is dear */
			attempt_note(&tried, chain.round.current, facts.now_ms, "no");
			continue;
		}
		assert_int_equal(calls_this_round++, 0);
		called++;
		attempt_note(&tried, chain.round.current, facts.now_ms, NULL);
		facts.under_way = true;
		mined_at = (int)block + 1 + (int)(random() % 3);
	}
	assert_true(called >= 389);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_once_a_round, setup),
		cmocka_unit_test_setup(test_who_may, setup),
		cmocka_unit_test_setup(test_tries_again, setup),
		cmocka_unit_test_setup(test_alarm, setup),
		cmocka_unit_test_setup(test_blocks_left, setup),
		cmocka_unit_test_setup(test_initialize, setup),
		cmocka_unit_test_setup(test_property, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

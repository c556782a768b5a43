/* What is done about a winning ticket: each reason to wait, and that nothing
 * is ever sent twice or for less than its face. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/pay/redemption.h"

static struct chain_facts chain;
static struct sender_funds funds;
static struct redemption_facts f;
static struct winning_ticket w;

static int setup(void **state)
{
	(void)state;
	chain = (struct chain_facts){ .ready = true, .l1 = { 1000 },
		.gas_price = wei_from_gwei(1), .registered = true, .active = true,
		.round = { .current = { 10 }, .initialized = { 10 }, .start = { 990 },
			.length = 100, .pool_size = 2, .ticket_validity = 2 } };
	funds = (struct sender_funds){ .deposit = wei_from_gwei(1000000),
		.reserve = wei_from_gwei(2000000) };
	f = (struct redemption_facts){ .chain = &chain, .funds = &funds,
		.redeem_gas = { 350000 } };
	w = (struct winning_ticket){ .ticket = { .face_value = wei_from_gwei(1500000),
		.created = { { 9 }, { { 1 } } }, .params_expiration = { 1000 } } };
	return 0;
}

static void acts(enum redemption_act act, const char *why)
{
	struct redemption_step s = redemption_decide(TICKET_WON, &w, &f);

	if (s.act != act || !strstr(s.why, why))
		fail_msg("act %d, \"%s\"; wanted %d, \"%s\"", s.act, s.why, act, why);
}

static void a_good_one_is_sent(void **state)
{
	(void)state;
	acts(REDEMPTION_SUBMIT, "");
}

static void each_reason_to_wait(void **state)
{
	(void)state;
	chain.paused = true;
	acts(REDEMPTION_WAIT, "paused");
	chain.paused = false;
	chain.round.current.v = 11;
	acts(REDEMPTION_WAIT, "not initialized");
	chain.round.current.v = 10;
	chain.registered = false;
	acts(REDEMPTION_WAIT, "not registered");
	chain.registered = true;
	w.ticket.params_expiration.v = 1001;
	acts(REDEMPTION_WAIT, "hold until block 1001");
	w.ticket.params_expiration.v = 1000;
	f.funds = NULL;
	acts(REDEMPTION_WAIT, "not known");
	f.funds = &funds;
	funds.withdraw_round.v = 10;
	acts(REDEMPTION_WAIT, "unlocked");
	funds.withdraw_round.v = 11;
	acts(REDEMPTION_SUBMIT, "");
	chain.gas_price = wei_from_gwei(5);
	acts(REDEMPTION_WAIT, "insufficient ticket face value");
	chain.gas_price = wei_from_gwei(2);
	f.max_gas_price = wei_from_gwei(1);
	acts(REDEMPTION_WAIT, "maxGasPrice");
	chain.ready = false;
	acts(REDEMPTION_WAIT, "not known");
}

/* Facts that an endpoint left out must not end a ticket. */
static void half_of_the_facts_is_none(void **state)
{
	(void)state;
	chain.round.ticket_validity = 0;
	acts(REDEMPTION_WAIT, "not known");
	setup(state);
	chain.round.length = 0;
	acts(REDEMPTION_WAIT, "not known");
}

/* go-livepeer#1472: gas was spent in rounds that were not initialised. */
static void not_into_the_next_round(void **state)
{
	(void)state;
	chain.l1.v = 1088; /* 1089 is the round's last */
	acts(REDEMPTION_SUBMIT, "");
	chain.l1.v = 1089;
	acts(REDEMPTION_WAIT, "at its end");
	chain.l1.v = 1095; /* the round is of an older answer */
	acts(REDEMPTION_WAIT, "at its end");
}

/* The contract pays what it can and burns the rest: never for less. */
static void never_below_face_value(void **state)
{
	(void)state;
	f.pending = wei_from_gwei(500000);
	acts(REDEMPTION_SUBMIT, ""); /* 1000000 + 2000000 / 2 - 500000 */
	f.pending = wei_from_gwei(500001);
	acts(REDEMPTION_WAIT, "do not cover");
	f.pending = WEI_ZERO;
	chain.active = false; /* no share of the reserve */
	acts(REDEMPTION_WAIT, "do not cover");
	chain.active = true;
	funds.deposit = WEI_ZERO;
	acts(REDEMPTION_WAIT, "do not cover");
	/* The pool grew after a claim: the contract would revert. */
	funds.deposit = wei_from_gwei(1000000);
	funds.claimed_by_us = wei_from_gwei(2000000);
	acts(REDEMPTION_WAIT, "do not cover");
}

static void the_end_of_its_rounds(void **state)
{
	struct redemption_step s;

	(void)state;
	s = redemption_decide(TICKET_WON, &w, &f);
	assert_false(s.last_chance);
	chain.l1.v = 1065;
	w.ticket.params_expiration.v = 1200;
	acts(REDEMPTION_WAIT, "hold until block 1200");
	/* Its params outlive it: its random number is told all the same. */
	chain.l1.v = 1066;
	s = redemption_decide(TICKET_WON, &w, &f);
	assert_true(s.last_chance);
	assert_int_equal(s.act, REDEMPTION_SUBMIT);
	chain.paused = true;
	s = redemption_decide(TICKET_WON, &w, &f);
	assert_true(s.last_chance);
	assert_int_equal(s.act, REDEMPTION_WAIT);
	assert_string_equal(s.why, "last chance: the protocol is paused");
	chain.paused = false;
	/* Its round is over only once the next one is initialised. */
	chain.round.current.v = 11;
	acts(REDEMPTION_WAIT, "not initialized");
	chain.round.initialized.v = 11;
	acts(REDEMPTION_LAPSE, "rounds are over");
	f.used = true;
	acts(REDEMPTION_DONE, "used");
}

static void words_of_the_contract(void **state)
{
	(void)state;
	assert_int_equal(redemption_after_revert("execution reverted: ticket is used"),
		REDEMPTION_DONE);
	assert_int_equal(redemption_after_revert("ticket is expired"), REDEMPTION_LAPSE);
	assert_int_equal(redemption_after_revert("ticket did not win"), REDEMPTION_DROP);
	assert_int_equal(redemption_after_revert("system is paused"), REDEMPTION_WAIT);
	assert_int_equal(redemption_after_revert("current round is not initialized"),
		REDEMPTION_WAIT);
	assert_int_equal(redemption_after_revert("sender deposit and reserve are zero"),
		REDEMPTION_WAIT);
	assert_int_equal(redemption_after_revert("transcoder must be registered"),
		REDEMPTION_WAIT);
	assert_int_equal(redemption_after_revert("Panic(0x11)"), REDEMPTION_WAIT);
	assert_int_equal(redemption_after_revert("timeout"), REDEMPTION_WAIT);
}

static struct wei some(unsigned *seed)
{
	return wei_from_gwei((uint64_t)rand_r(seed) % 4000000);
}

/* Random facts: what is sent is open, unused, carried by nothing else, in its
 * rounds, and covered. */
static void whatever_the_facts(void **state)
{
	unsigned seed = 1;
	int sent = 0;

	setup(state);
	for (int i = 0; i < 200000; i++) {
		enum ticket_state st = (enum ticket_state)(rand_r(&seed) % TICKET_STATES);
		struct redemption_step s;
		struct wei cost;

		chain.ready = rand_r(&seed) % 8;
		chain.paused = !(rand_r(&seed) % 8);
		chain.registered = rand_r(&seed) % 8;
		chain.active = rand_r(&seed) % 4;
		chain.l1.v = 900 + rand_r(&seed) % 200;
		chain.round.current.v = 9 + rand_r(&seed) % 4;
		chain.round.initialized.v = chain.round.current.v - rand_r(&seed) % 2;
		chain.round.pool_size = (uint64_t)rand_r(&seed) % 4;
		chain.gas_price = wei_from_gwei((uint64_t)rand_r(&seed) % 8);
		f.used = !(rand_r(&seed) % 4);
		f.has_job = !(rand_r(&seed) % 4);
		f.pending = rand_r(&seed) % 2 ? WEI_ZERO : some(&seed);
		f.funds = rand_r(&seed) % 8 ? &funds : NULL;
		funds.deposit = some(&seed);
		funds.reserve = some(&seed);
		funds.claimed = some(&seed);
		funds.claimed_by_us = some(&seed);
		s = redemption_decide(st, &w, &f);
		if (s.act != REDEMPTION_SUBMIT)
			continue;
		sent++;
		assert_int_equal(st, TICKET_WON);
		assert_true(chain.ready && !chain.paused && chain.registered);
		assert_false(f.used || f.has_job);
		assert_true(f.funds && chain.l1.v < 1089);
		assert_true(s.last_chance || chain.l1.v >= 1000);
		assert_int_equal(chain.round.current.v, chain.round.initialized.v);
		assert_true(chain.round.current.v <= 10);
		assert_true(wei_cmp(wei_add_or_max(funds.deposit, funds.reserve),
				    wei_add_or_max(f.pending, w.ticket.face_value)) >= 0);
		assert_true(wei_of_gas(&cost, f.redeem_gas, chain.gas_price));
		assert_true(wei_cmp(w.ticket.face_value, cost) > 0);
	}
	assert_true(sent > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_one_is_sent, setup),
		cmocka_unit_test_setup(each_reason_to_wait, setup),
		cmocka_unit_test_setup(half_of_the_facts_is_none, setup),
		cmocka_unit_test_setup(not_into_the_next_round, setup),
		cmocka_unit_test_setup(never_below_face_value, setup),
		cmocka_unit_test_setup(the_end_of_its_rounds, setup),
		cmocka_unit_test(words_of_the_contract),
		cmocka_unit_test_setup(whatever_the_facts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Shares of a reserve, by the contract's arithmetic. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/pay/reserve.h"

static void equals(struct wei got, uint64_t want)
{
	assert_int_equal(wei_cmp(got, wei_from(want)), 0);
}

static void shares(void **state)
{
	struct sender_funds f = { .deposit = wei_from(50), .reserve = wei_from(70),
		.claimed = wei_from(31), .claimed_by_us = wei_from(6) };

	(void)state;
	equals(reserve_share(&f, 10), 4); /* floor(101 / 10) - 6 */
	equals(reserve_share(&f, 0), 0);
	/* The pool grew after a claim: the contract reverts, we count nothing. */
	equals(reserve_share(&f, 20), 0);
}

static void floats(void **state)
{
	struct sender_funds f = { .deposit = wei_from(30), .reserve = wei_from(100) };

	(void)state;
	equals(reserve_max_float(&f, 1, WEI_ZERO), 100);
	equals(reserve_max_float(&f, 1, wei_from(10)), 100); /* 30 >= 3 * 10 */
	equals(reserve_max_float(&f, 1, wei_from(11)), 89);
	equals(reserve_max_float(&f, 1, wei_from(101)), 0);
}

static void payouts(void **state)
{
	struct sender_funds f = { .deposit = wei_from(1), .reserve = wei_from(40),
		.claimed = wei_from(60), .claimed_by_us = wei_from(30) };

	(void)state;
	equals(reserve_payout(&f, 2, wei_from(100)), 21); /* 1 + 50 - 30 */
	equals(reserve_payout(&f, 1, wei_from(100)), 41); /* never more than is there */
	equals(reserve_payout(&f, 0, wei_from(100)), 1);
	equals(reserve_payout(&f, 1, wei_from(5)), 5);
}

static void unlocking(void **state)
{
	struct sender_funds f = { .withdraw_round = { 0 } };

	(void)state;
	assert_false(reserve_is_unlocking(&f, (struct round_no){ 100 }));
	f.withdraw_round.v = 102;
	assert_false(reserve_is_unlocking(&f, (struct round_no){ 100 }));
	assert_true(reserve_is_unlocking(&f, (struct round_no){ 101 }));
	assert_true(reserve_is_unlocking(&f, (struct round_no){ 103 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(floats),
		cmocka_unit_test(payouts),
		cmocka_unit_test(unlocking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

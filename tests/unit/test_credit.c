/* Balances per peer and session: bounded, and forgotten in time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/pay/credit.h"

static struct credit wei(uint64_t n)
{
	struct credit c;

	assert_true(credit_from_wei(&c, wei_from(n)));
	return c;
}

static void balances_are_apart(void **state)
{
	struct credits *c = credits_new(8);
	struct eth_addr a = { { 1 } }, b = { { 2 } };
	struct credit got;

	(void)state;
	assert_false(credits_balance(c, a, "x", &got));
	assert_true(credits_add(c, a, "x", wei(5), 0));
	assert_true(credits_add(c, a, "y", wei(7), 0));
	assert_true(credits_add(c, b, "x", wei(9), 0));
	assert_true(credits_balance(c, a, "x", &got));
	assert_int_equal(credit_cmp(got, wei(5)), 0);
	assert_int_equal(credit_cmp(credits_take(c, b, "x", 0), wei(9)), 0);
	assert_true(credits_balance(c, b, "x", &got));
	assert_true(credit_is_zero(got));
	credits_drop(c, a, "y");
	assert_false(credits_balance(c, a, "y", &got));
	credits_free(c);
}

static void the_first_price_stays(void **state)
{
	struct credits *c = credits_new(8);
	struct eth_addr a = { { 1 } };
	struct price p = { wei_from(5), { 1 } }, q = { wei_from(6), { 1 } }, got;

	(void)state;
	assert_false(credits_price(c, a, "x", &got));
	assert_true(credits_pin_price(c, a, "x", p, 0));
	assert_true(credits_pin_price(c, a, "x", q, 0));
	assert_true(credits_price(c, a, "x", &got));
	assert_true(price_eq(got, p));
	credits_free(c);
}

static void strangers_do_not_grow_it(void **state)
{
	struct credits *c = credits_new(3);
	struct eth_addr a = { { 0 } };

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		a.b[0] = i;
		assert_true(credits_add(c, a, "x", wei(1), i * 1000));
	}
	a.b[0] = 3;
	assert_false(credits_add(c, a, "x", wei(1), 3000));
	assert_int_equal(credits_count(c), 3);
	credits_expire(c, CREDIT_TTL_MS + 1000);
	assert_int_equal(credits_count(c), 1);
	assert_true(credits_add(c, a, "x", wei(1), CREDIT_TTL_MS + 1000));
	credits_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(balances_are_apart),
		cmocka_unit_test(the_first_price_stays),
		cmocka_unit_test(strangers_do_not_grow_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

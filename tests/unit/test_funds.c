/* The money of senders, remembered: bounded in number and in questions, and
 * who has money stays. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "src/eth/funds.h"

static struct eth_addr sender(uint32_t n)
{
	struct eth_addr a = { { 0 } };

	memcpy(a.b, &n, sizeof(n));
	return a;
}

static struct sender_funds money(uint64_t deposit)
{
	return (struct sender_funds){ .deposit = wei_from(deposit) };
}

static bool put(struct funds *f, uint32_t n, uint64_t deposit)
{
	struct sender_funds m = money(deposit);

	return funds_put(f, sender(n), &m);
}

static void remembers(void **state)
{
	struct funds *f = funds_new();

	(void)state;
	assert_null(funds_get(f, sender(1)));
	assert_true(put(f, 1, 5));
	assert_false(put(f, 1, 5));
	assert_true(put(f, 1, 6));
	assert_int_equal(wei_cmp(funds_get(f, sender(1))->deposit, wei_from(6)), 0);
	funds_stale(f, sender(1));
	funds_stale(f, sender(2));
	assert_null(funds_get(f, sender(1)));
	assert_int_equal(wei_cmp(funds_last(f, sender(1))->deposit, wei_from(6)), 0);
	assert_false(put(f, 1, 6)); /* read anew, and the same */
	assert_non_null(funds_get(f, sender(1)));
	funds_free(f);
}

static void due_by_use(void **state)
{
	struct funds *f = funds_new();
	struct eth_addr due[2];

	(void)state;
	for (uint32_t i = 1; i <= 4; i++)
		put(f, i, i);
	assert_int_equal(funds_due(f, due, 2), 0);
	funds_stale_all(f);
	assert_null(funds_get(f, sender(2)));
	assert_int_equal(funds_due(f, due, 2), 2);
	assert_true(addr_eq(due[0], sender(2)));
	assert_true(addr_eq(due[1], sender(4)));
	funds_free(f);
}

/* A million strangers do not push out the one who pays. */
static void strangers(void **state)
{
	struct funds *f = funds_new();

	(void)state;
	put(f, 1, 1000);
	for (uint32_t i = 2; i < 20000; i++) {
		put(f, i, 0);
		assert_true(funds_count(f) <= FUNDS_MAX);
	}
	assert_non_null(funds_get(f, sender(1)));
	assert_null(funds_get(f, sender(2)));
	assert_non_null(funds_get(f, sender(19999)));
	/* All have money: the one not used for longest goes. */
	for (uint32_t i = 100000; i < 100000 + 2 * FUNDS_MAX; i++)
		put(f, i, 1);
	assert_int_equal(funds_count(f), FUNDS_MAX);
	assert_null(funds_get(f, sender(1)));
	funds_free(f);
}

static void questions_are_few(void **state)
{
	struct funds *f = funds_new();
	int64_t now = 1000;

	(void)state;
	for (int i = 0; i < FUNDS_BURST; i++)
		assert_true(funds_may_read(f, now));
	assert_false(funds_may_read(f, now));
	assert_false(funds_may_read(f, now + 999 / FUNDS_PER_S));
	assert_true(funds_may_read(f, now + 1000 / FUNDS_PER_S + 1));
	assert_false(funds_may_read(f, now + 1000 / FUNDS_PER_S + 1));
	now += 3600 * 1000;
	for (int i = 0; i < FUNDS_BURST; i++)
		assert_true(funds_may_read(f, now));
	assert_false(funds_may_read(f, now));
	funds_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers), cmocka_unit_test(due_by_use),
		cmocka_unit_test(strangers), cmocka_unit_test(questions_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

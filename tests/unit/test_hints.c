#include "src/role/hints.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static struct eth_addr addr(uint8_t n)
{
	return (struct eth_addr){{n}};
}

static struct lpt lpt(uint64_t n)
{
	return (struct lpt){u256_from(n)};
}

/* 50, 40, 30, ... held by 1, 2, 3, ... */
static struct pool_list pool(size_t n, uint64_t max)
{
	struct pool_member v[16];

	for (size_t i = 0; i < n; i++)
		v[i] = (struct pool_member){addr((uint8_t)(i + 1)), lpt(50 - 10 * i)};
	return pool_list_copy(v, n, max);
}

static void hints_are(struct pool_hints h, uint8_t prev, uint8_t next)
{
	assert_int_equal(h.prev.b[0], prev);
	assert_int_equal(h.next.b[0], next);
}

static void test_places(void **state)
{
	struct pool_list p = pool(4, 10);

	(void)state;
	hints_are(pool_list_put(&p, addr(9), lpt(35)), 2, 3);
	assert_int_equal(pool_list_rank(&p, addr(9)), 3);
	hints_are(pool_list_put(&p, addr(9), lpt(60)), 0, 1);
	hints_are(pool_list_put(&p, addr(9), lpt(1)), 4, 0);
	/* Whoever was there first stays before one with as much. */
	hints_are(pool_list_put(&p, addr(9), lpt(40)), 2, 3);
	/* Its own former place is no neighbour. */
	hints_are(pool_list_put(&p, addr(2), lpt(41)), 1, 9);
	pool_list_remove(&p, addr(9));
	pool_list_remove(&p, addr(99));
	assert_int_equal(p.n, 4);
	pool_list_clear(&p);
}

static void test_empty_and_alone(void **state)
{
	struct pool_list p = pool_list_copy(NULL, 0, 2);

	(void)state;
	hints_are(pool_list_put(&p, addr(1), lpt(5)), 0, 0);
	hints_are(pool_list_put(&p, addr(1), lpt(6)), 0, 0);
	assert_int_equal(p.n, 1);
	pool_list_clear(&p);
}

static void test_full(void **state)
{
	struct pool_list p = pool(3, 3);

	(void)state;
	/* As much as the last is not enough. */
	hints_are(pool_list_put(&p, addr(9), lpt(30)), 0, 0);
	assert_int_equal(pool_list_rank(&p, addr(9)), 0);
	assert_int_equal(p.n, 3);
	hints_are(pool_list_put(&p, addr(9), lpt(31)), 2, 0);
	assert_int_equal(pool_list_rank(&p, addr(3)), 0);
	assert_int_equal(p.n, 3);
	hints_are(pool_list_put(&p, addr(8), lpt(99)), 0, 1);
	assert_int_equal(p.n, 3);
	/* Those inside may fall as low as they like. */
	hints_are(pool_list_put(&p, addr(8), lpt(0)), 2, 0);
	pool_list_clear(&p);
}

/* The contract's insertPos accepts (prev, next) when they are neighbours and
 * prev >= key >= next (SortedDoublyLL.sol validInsertPosition): whatever the
 * pool, ours are such, and the list stays sorted, bounded, without doubles. */
static void test_hints_are_valid(void **state)
{
	(void)state;
	srandom(7);
	for (int round = 0; round < 300; round++) {
		struct pool_list p = pool_list_copy(NULL, 0, 1 + (uint64_t)random() % 12);

		for (int step = 0; step < 60; step++) {
			struct eth_addr who = addr((uint8_t)(1 + random() % 20));
			struct lpt stake = lpt((uint64_t)random() % 8);
			struct pool_hints h;
			size_t at;

			if (random() % 10 == 0) {
				pool_list_remove(&p, who);
				continue;
			}
			h = pool_list_put(&p, who, stake);
			at = pool_list_rank(&p, who);
			assert_true(p.n <= p.max);
			for (size_t i = 1; i < p.n; i++)
				assert_true(lpt_cmp(p.v[i - 1].stake, p.v[i].stake) >= 0);
			if (!at) {
				assert_int_equal(p.n, p.max);
				assert_true(lpt_cmp(stake, p.v[p.n - 1].stake) <= 0);
				hints_are(h, 0, 0);
				continue;
			}
			assert_int_equal(lpt_cmp(p.v[at - 1].stake, stake), 0);
			hints_are(h, at > 1 ? p.v[at - 2].addr.b[0] : 0,
				at < p.n ? p.v[at].addr.b[0] : 0);
			/* No equal one stands behind it. */
			assert_true(at == p.n || lpt_cmp(p.v[at].stake, stake) < 0);
		}
		pool_list_clear(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_empty_and_alone),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_hints_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

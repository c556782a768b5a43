/* The last blocks: pushed as children only, popped newest first, bounded; and
 * where another chain parts from ours, for every depth. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "src/eth/branch.h"

/* Block n of the chain that left the first one (0) at block `fork`. */
static struct block_header block(int64_t n, uint8_t chain, int64_t fork)
{
	struct block_header h = { .number = { n } };

	h.hash.b[0] = (uint8_t)n;
	h.hash.b[1] = n > fork ? chain : 0;
	h.parent.b[0] = (uint8_t)(n - 1);
	h.parent.b[1] = n - 1 > fork ? chain : 0;
	return h;
}

static struct branch *build(int64_t from, int64_t to, size_t depth)
{
	struct branch *b = branch_new(depth);

	for (int64_t i = from; i <= to; i++) {
		struct block_header h = block(i, 0, 0);

		assert_true(branch_push(b, &h, NULL, 0));
	}
	return b;
}

static void children_only(void **state)
{
	struct branch *b = branch_new(8);
	struct block_header h = block(10, 0, 0), stranger = block(11, 1, 0);

	(void)state;
	assert_null(branch_top(b));
	assert_null(branch_bottom(b));
	assert_true(branch_push(b, &h, NULL, 0));
	assert_false(branch_push(b, &h, NULL, 0));
	h = block(12, 0, 0);
	assert_false(branch_push(b, &h, NULL, 0));
	assert_false(branch_push(b, &stranger, NULL, 0));
	h = block(11, 0, 0);
	assert_true(branch_push(b, &h, NULL, 0));
	assert_int_equal(branch_top(b)->number.v, 11);
	assert_int_equal(branch_length(b), 2);
	branch_free(b);
}

static void bounded_and_popped(void **state)
{
	struct branch *b = branch_new(4);
	struct branch_block out;

	(void)state;
	for (int64_t i = 1; i <= 10; i++) {
		struct block_header h = block(i, 0, 0);
		struct eth_log *log = XNEW(struct eth_log);

		log->index = (uint64_t)i;
		assert_true(branch_push(b, &h, log, 1));
	}
	assert_int_equal(branch_length(b), 4);
	assert_int_equal(branch_bottom(b)->number.v, 7);
	assert_null(branch_at(b, (struct l2_block){ 6 }));
	assert_null(branch_at(b, (struct l2_block){ 11 }));
	assert_int_equal(branch_at(b, (struct l2_block){ 8 })->number.v, 8);
	for (int64_t i = 10; i >= 7; i--) {
		assert_true(branch_pop(b, &out));
		assert_int_equal(out.header.number.v, i);
		assert_int_equal(out.logs[0].index, i);
		eth_logs_free(out.logs, out.logs_n);
	}
	assert_false(branch_pop(b, &out));
	branch_free(b);
}

static void parts_at_every_depth(void **state)
{
	struct branch *b = build(1, 64, 64);

	(void)state;
	for (int64_t depth = 0; depth <= 64; depth++) {
		struct block_header other[64];
		struct l2_block common;

		for (int64_t i = 1; i <= 64; i++)
			other[i - 1] = block(i, 1, 64 - depth);
		if (depth == 64) {
			assert_false(branch_common(b, other, 64, &common));
			continue;
		}
		assert_true(branch_common(b, other, 64, &common));
		assert_int_equal(common.v, 64 - depth);
	}
	branch_reset(b);
	assert_int_equal(branch_length(b), 0);
	branch_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_only), cmocka_unit_test(bounded_and_popped),
		cmocka_unit_test(parts_at_every_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

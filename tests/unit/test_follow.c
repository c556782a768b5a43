/* Walking along with the chain: every block and event told once and in order,
 * taken back newest first, whatever the depth; nothing believed that
 * contradicts itself. What was told is applied to a mirror, which has to be
 * the chain's own story in the end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "src/eth/follow.h"
#include "tests/unit/fake_nodes.h"
#include "tests/unit/outcome.h"

static struct contracts contracts;
static struct rpc *rpc;
static struct follow *follow;
static struct followed f;

/* Blocks as told: a stack of hashes, and the events of each. */
static struct {
	struct hash32 hash[FAKE_BLOCKS];
	int64_t top; /* number; -1: none */
	int64_t first;
	uint64_t events[FAKE_LOGS]; /* indexes, in order */
	size_t events_n;
	unsigned lost, headless;
} mirror;

static void on_added(void *ctx, const struct block_header *h, const struct eth_log *logs,
	size_t n)
{
	(void)ctx;
	if (h) {
		if (mirror.top >= 0 && !mirror.headless)
			assert_int_equal(h->number.v, mirror.top + 1);
		if (mirror.top < 0 || mirror.headless)
			mirror.first = h->number.v;
		mirror.top = h->number.v;
		mirror.hash[mirror.top] = h->hash;
		mirror.headless = 0;
	} else {
		mirror.headless++;
	}
	for (size_t i = 0; i < n; i++)
		mirror.events[mirror.events_n++] = logs[i].index;
}

static void on_removed(void *ctx, const struct block_header *h,
	const struct eth_log *logs, size_t n)
{
	(void)ctx;
	if (mirror.top < 0) /* all was lost already */
		return;
	assert_int_equal(h->number.v, mirror.top);
	assert_true(hash_eq(h->hash, mirror.hash[mirror.top]));
	mirror.top--;
	while (n--)
		assert_int_equal(mirror.events[--mirror.events_n], logs[n].index);
}

static void on_lost(void *ctx)
{
	(void)ctx;
	mirror.lost++;
	mirror.top = -1;
	mirror.events_n = 0;
}

static int setup(void **state)
{
	static const struct follow_sink sink = { NULL, on_removed, on_added, on_lost };

	(void)state;
	fake_open(3);
	memset(&mirror, 0, sizeof(mirror));
	mirror.top = -1;
	for (int i = 0; i < CONTRACT_POLL; i++)
		contracts.addr[i].b[0] = (uint8_t)(0x10 + i);
	ok(rpc_new(&rpc, &(struct rpc_options){ 0 }));
	follow = follow_new(&sink);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	follow_free(follow);
	rpc_free(rpc);
	fake_close();
	return 0;
}

static struct err *step(void)
{
	return follow_step(follow, rpc, &contracts, &f);
}

static void block_with_event(void)
{
	fake_mine(0);
	fake_log(contracts.addr[CONTRACT_BROKER], event_topic(EVENT_DEPOSIT_FUNDED),
		(struct hash32){ { 1 } });
}

/* The chain's blocks and events since `first`, and no others. */
static void mirror_is_true(int64_t first)
{
	size_t n = 0;

	assert_int_equal(mirror.top, fake->head);
	for (int64_t i = mirror.first; i <= fake->head; i++)
		assert_true(hash_eq(mirror.hash[i], fake->hash[i]));
	for (size_t i = 0; i < fake->logs_n; i++) {
		if (!fake->logs[i].used || fake->logs[i].block < first)
			continue;
		assert_true(n < mirror.events_n);
		assert_int_equal(mirror.events[n++], fake->logs[i].index);
	}
	assert_int_equal(n, mirror.events_n);
}

static void walks(void **state)
{
	int64_t first = fake->head + 1;

	(void)state;
	ok(step());
	assert_true(f.lost);
	assert_int_equal(mirror.lost, 1);
	assert_int_equal(mirror.top, fake->head);
	ok(step());
	assert_false(f.added || f.removed || f.lost);
	for (int i = 1; i < 10; i++) {
		for (int k = 0; k < i; k++)
			block_with_event();
		ok(step());
		assert_int_equal(f.added, i);
		mirror_is_true(first);
	}
	assert_int_equal(mirror.lost, 1);
}

static void reorganised_at_every_depth(void **state)
{
	int64_t first;

	(void)state;
	ok(step());
	first = fake->head + 1;
	for (int i = 0; i < BRANCH_DEPTH; i++)
		fake_mine(0);
	block_with_event();
	ok(step());
	for (int64_t depth = 1; depth < BRANCH_DEPTH; depth++) {
		int64_t longer = depth % 3;

		fake_unwind(depth, 0);
		for (int64_t i = 0; i < depth + longer - 1; i++)
			fake_mine(0);
		/* Also to the same height, or one lower. */
		block_with_event();
		ok(step());
		assert_int_equal(f.removed, depth);
		mirror_is_true(first);
	}
	assert_int_equal(mirror.lost, 1);
	/* Deeper than is remembered. */
	fake_unwind(BRANCH_DEPTH + 5, 0);
	for (int i = 0; i < BRANCH_DEPTH + 6; i++)
		fake_mine(0);
	ok(step());
	assert_int_equal(mirror.lost, 2);
	assert_int_equal(mirror.top, fake->head);
}

static void lower_head(void **state)
{
	int64_t first = fake->head + 1;

	(void)state;
	ok(step());
	for (int i = 0; i < 5; i++)
		block_with_event();
	ok(step());
	/* A node that lags changes nothing. */
	fake->head -= 2;
	ok(step());
	assert_false(f.added || f.removed || f.lost);
	fake->head += 2;
	/* A chain that went back for good shows at its next block. */
	fake_unwind(4, 0);
	block_with_event();
	ok(step());
	assert_int_equal(f.removed, 4);
	mirror_is_true(first);
	/* Or it is another chain. */
	fake_unwind(fake->head - 3, 0);
	fake_mine(0);
	for (int i = 0; i < 3; i++) {
		assert_false(f.lost);
		ok(step());
	}
	assert_true(f.lost);
	assert_int_equal(mirror.top, 4);
}

static void catches_up(void **state)
{
	int64_t first = fake->head + 1;

	(void)state;
	ok(step());
	for (int i = 0; i < 200; i++)
		block_with_event();
	ok(step());
	assert_int_equal(mirror.lost, 1);
	assert_int_equal(f.added, 200);
	mirror_is_true(first);
	/* Reorganised while we looked away. */
	fake_unwind(80, 0);
	for (int i = 0; i < 150; i++)
		fake_mine(0);
	ok(step());
	assert_int_equal(mirror.lost, 2);
	assert_int_equal(mirror.top, fake->head);
}

static void goes_on_after_a_restart(void **state)
{
	static const struct follow_sink sink = { NULL, on_removed, on_added, on_lost };
	struct block_header h[10];
	int64_t first;

	(void)state;
	for (int64_t i = 0; i < 10; i++)
		fake_header(fake->head - 9 + i, &h[i]);
	fake_unwind(3, 0);
	for (int i = 0; i < 5; i++)
		fake_mine(0);
	follow_free(follow);
	follow = follow_new(&sink);
	follow_restore(follow, h, 10);
	mirror.top = h[9].number.v;
	memcpy(mirror.hash + h[0].number.v, &h[0].hash, sizeof(h[0].hash));
	ok(step());
	assert_int_equal(mirror.lost, 1); /* all is read anew */
	assert_true(f.lost);
	assert_int_equal(f.removed, 3);
	assert_int_equal(f.added, 5);
	assert_int_equal(f.from.v, h[7].number.v);
	first = fake->head;
	assert_int_equal(branch_top(follow_branch(follow))->number.v, first);
	/* What does not hang together is not used. */
	h[4].parent.b[5] ^= 1;
	follow_free(follow);
	follow = follow_new(&sink);
	follow_restore(follow, h, 10);
	assert_int_equal(branch_length(follow_branch(follow)), 6);
}

/* An answer about events of another chain than the headers'. */
static void contradictions(void **state)
{
	int64_t first = fake->head + 1;
	struct err *e;

	(void)state;
	ok(step());
	block_with_event();
	block_with_event();
	fake->logs[0].block = fake->head + 7;
	fake->logs[0].block = first - 5; /* outside of what was asked */
	ok(step());
	assert_int_equal(mirror.events_n, 1);
	block_with_event();
	fake->fail_percent = 100;
	e = step();
	assert_non_null(e);
	err_free(e);
	assert_int_equal(mirror.top, fake->head - 1);
	fake->fail_percent = 0;
	ok(step());
	assert_int_equal(mirror.top, fake->head);
}

/* A number is easily said: what is on nothing is not believed. */
static void a_head_with_nothing_below(void **state)
{
	int64_t first = fake->head + 1;
	struct err *e;

	(void)state;
	fake->ahead = 1000000;
	e = step();
	assert_non_null(e);
	err_free(e);
	assert_int_equal(mirror.top, -1);
	fake->ahead = 0;
	ok(step());
	assert_true(f.lost);
	for (int64_t ahead = 70; ahead < 10000000; ahead *= 10) {
		block_with_event();
		fake->ahead = ahead;
		e = step();
		assert_non_null(e);
		err_free(e);
		assert_false(f.added || f.removed || f.lost);
		fake->ahead = 0;
		ok(step());
		assert_int_equal(f.added, 1);
		mirror_is_true(first);
	}
	assert_int_equal(mirror.lost, 1);
}

/* Nodes that fail and lag, a chain that reorganises: in the end it is the
 * chain's story that was told. */
static void anything(void **state)
{
	int64_t first = fake->head + 1;

	(void)state;
	ok(step());
	fake->fail_percent = 20;
	fake->lag_max = 3;
	for (int i = 0; i < 400; i++) {
		int64_t depth = 1 + (int64_t)fake_random(8);

		if (fake_random(8) == 0 && fake->head - depth >= first) {
			fake_unwind(depth, 0);
			for (int64_t k = 0; k < depth; k++)
				fake_mine(0);
		}
		if (fake->logs_n < FAKE_LOGS - 1)
			block_with_event();
		else
			fake_mine(0);
		err_free(step());
	}
	fake->fail_percent = fake->lag_max = 0;
	fake_mine(0);
	ok(step());
	ok(step());
	assert_int_equal(mirror.lost, 1);
	mirror_is_true(first);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(walks), TEST(reorganised_at_every_depth), TEST(lower_head),
		TEST(catches_up), TEST(goes_on_after_a_restart), TEST(contradictions),
		TEST(a_head_with_nothing_below), TEST(anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every turn in the life of a transaction, against a chain in memory; the same
 * lives with the process killed at every question and every commit; and random
 * schedules of all that can go wrong, after which no job is lost and none has
 * happened twice. JOBS_SCHEDULES=n runs more of those. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>

#include "db/db_private.h"
#include "db/txs.h"
#include "src/crypto/signer.h"
#include "src/eth/jobs.h"
#include "src/eth/revert.h"
#include "tests/unit/fake_nodes.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define CONFIRMATIONS 4
#define TIMEOUT_MS 60000
#define POLL_MS 5000

static char dir[64], path[96];
static struct log *root;
static struct signer *signer;
static struct db *db;
static struct rpc *rpc;
static struct jobs *jobs;
static struct branch *branch;
static struct gas_bounds bounds;
static int64_t now_ms = 1700000000000;
static struct tx_job told[64];
static size_t told_n;

static void error_is(struct err *e, enum err_kind kind, const char *part)
{
	assert_non_null(e);
	if (err_kind(e) != kind || !strstr(err_text(e), part))
		fail_msg("%s: %s", err_kind_name(err_kind(e)), err_text(e));
	err_free(e);
}

/* --- a node that is started and killed --- */

static int on_commit(void *ctx)
{
	(void)ctx;
	fake_point();
	return 0;
}

static int on_committed(void *ctx, sqlite3 *sql, const char *name, int pages)
{
	(void)ctx;
	(void)sql;
	(void)name;
	(void)pages;
	fake_point();
	return SQLITE_OK;
}

static void start(void)
{
	uint8_t key[32] = { 1 };
	struct jobs_options o = {
		.log = root,
		.signer = signer = signer_new(key), /* forks have none */
		.chain_id = fake->chain_id,
		.timeout_ms = TIMEOUT_MS,
		.max_replacements = 3,
		.confirmations = CONFIRMATIONS,
	};

	ok(db_open(path, DB_FULL, &db));
	sqlite3_commit_hook(db->sql, on_commit, NULL);
	sqlite3_wal_hook(db->sql, on_committed, NULL);
	ok(rpc_new(&rpc, &(struct rpc_options){ 0 }));
	branch = branch_new(BRANCH_DEPTH);
	o.db = db;
	o.rpc = rpc;
	ok(jobs_new(&jobs, &o, (struct l2_block){ fake->head - BRANCH_DEPTH }));
}

static void stop(void)
{
	jobs_free(jobs);
	signer_free(signer);
	branch_free(branch);
	rpc_free(rpc);
	db_close(db);
	jobs = NULL;
	db = NULL;
}

static void restart(void)
{
	stop();
	start();
}

static int setup(void **state)
{
	(void)state;
	log_set_level(LOG_BROKEN);
	/* Memory, where there is some: a disk is not what is tested. */
	snprintf(dir, sizeof(dir), "%s/weir-jobs-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	root = log_new("test", NULL);
	log_set_quiet(1);
	fake_open(1);
	bounds = (struct gas_bounds){ 0 };
	told_n = 0;
	start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop();
	fake_close();
	log_free(root);
	scratch_unlink_db(path);
	return rmdir(dir);
}

/* --- what is done to it --- */

/* As follow.c does, but of the true chain. */
static void catch_up(void)
{
	const struct block_header *top;
	struct branch_block gone;
	struct l2_block from = { INT64_MAX };

	while ((top = branch_top(branch)) && (top->number.v > fake->head ||
			!hash_eq(top->hash, fake->hash[top->number.v]))) {
		branch_pop(branch, &gone);
		from = gone.header.number;
	}
	if (from.v != INT64_MAX)
		ok(jobs_reorganised(jobs, from));
	top = branch_top(branch);
	for (int64_t i = top ? top->number.v + 1 : fake->head - 20; i <= fake->head; i++) {
		struct block_header h;

		fake_header(i, &h);
		assert_true(branch_push(branch, &h, NULL, 0));
	}
}

static struct jobs_now now(void)
{
	return (struct jobs_now){
		.wall_ms = now_ms,
		.branch = branch,
		.market = {
			.is_1559 = fake->is_1559,
			.base_fee = wei_from(fake->base_fee),
			.tip = wei_from(fake->tip),
			.legacy = wei_from(fake->legacy),
		},
		.bounds = bounds,
	};
}

static void take_told(void)
{
	while (told_n < ARRAY_SIZE(told) && jobs_next(jobs, &told[told_n]))
		told_n++;
}

static struct err *try_step(void)
{
	struct jobs_now n;
	struct err *e;

	now_ms += POLL_MS;
	catch_up();
	n = now();
	e = jobs_step(jobs, &n);
	take_told();
	return e;
}

static void step(void)
{
	ok(try_step());
}

static struct err *submit_for(uint32_t tag, int64_t ticket, struct wei max_cost,
	struct tx_job *out)
{
	struct tx_request r = {
		.kind = "redeem",
		.note = "a test",
		.to = { { 0xaa } },
		.ticket = ticket,
		.max_cost = max_cost,
	};
	uint8_t data[36] = { 0 };
	struct jobs_now n;
	struct err *e;

	catch_up();
	n = now();
	memcpy(data, &tag, sizeof(tag));
	r.data = blob_new(data, sizeof(data));
	e = jobs_submit(jobs, &r, &n, out);
	blob_put(r.data);
	return e;
}

static struct tx_job submit(uint32_t tag)
{
	struct tx_job job;

	ok(submit_for(tag, (int64_t)tag, WEI_ZERO, &job));
	return job;
}

static struct tx_job job_of(uint32_t tag)
{
	struct tx_job job = { 0 };
	bool found;

	ok(txs_of_ticket(db, tag, &job, &found));
	return job;
}

static void state_is(uint32_t tag, enum tx_state want, const char *error)
{
	struct tx_job job = job_of(tag);

	if (job.state != want || !strstr(job.error, error))
		fail_msg("job %u is %s (%s), not %s (%s)", tag, tx_state_name(job.state),
			job.error, tx_state_name(want), error);
}

static void mine_and_step(int n)
{
	for (int i = 0; i < n; i++) {
		fake_mine(10);
		step();
	}
}

/* --- one life after the other --- */

static void to_the_end(void **state)
{
	struct tx_job job = submit(7);

	(void)state;
	assert_int_equal(job.state, TX_SENT);
	assert_true(job.has_nonce);
	assert_int_equal(job.nonce, 0);
	assert_int_equal(job.attempts, 1);
	assert_int_equal(job.gas_limit.v, 60000); /* 20 % more than estimated */
	step();
	state_is(7, TX_SENT, "");
	mine_and_step(1);
	state_is(7, TX_MINED, "");
	assert_int_equal(told_n, 0);
	mine_and_step(CONFIRMATIONS - 2);
	state_is(7, TX_MINED, "");
	mine_and_step(1);
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(told_n, 1);
	assert_int_equal(told[0].state, TX_CONFIRMED);
	assert_int_equal(told[0].ticket, 7);
	assert_int_equal(told[0].gas_used.v, 40000);
	assert_int_equal(jobs_live(jobs), 0);
	assert_int_equal(fake_mined(7), 1);
	error_is(submit_for(7, 7, WEI_ZERO, &job), ERR_DENIED, "redeems ticket 7 already");
}

static void legacy_too(void **state)
{
	(void)state;
	fake->is_1559 = false;
	fake->base_fee = 0;
	submit(7);
	assert_false(fake->txs[0].is_1559);
	assert_int_equal(fake->txs[0].price, fake->legacy);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void refused_before_it_is_stored(void **state)
{
	struct tx_job job;

	(void)state;
	snprintf(fake->revert, sizeof(fake->revert), "ticket is used");
	error_is(submit_for(7, 7, WEI_ZERO, &job), ERR_DENIED, "ticket is used (");
	fake->revert[0] = '\0';
	fake->down = true;
	error_is(submit_for(7, 7, WEI_ZERO, &job), ERR_UNAVAILABLE, "no node");
	fake->down = false;
	assert_int_equal(job_of(7).id, 0);
	assert_int_equal(fake->sends, 0);
	for (uint32_t i = 0; i < JOBS_LIVE_MAX; i++)
		submit(100 + i);
	error_is(submit_for(7, 7, WEI_ZERO, &job), ERR_BUSY, "under way");
}

static void no_ticket_in_two(void **state)
{
	struct tx_job job;

	(void)state;
	submit(7);
	error_is(submit_for(8, 7, WEI_ZERO, &job), ERR_DENIED, "redeems ticket 7");
	restart();
	error_is(submit_for(8, 7, WEI_ZERO, &job), ERR_DENIED, "redeems ticket 7");
}

static void nonces_in_a_row(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(submit(10 + i).nonce, i);
	fake_foreign(5, 5000000000); /* known to the pool */
	assert_int_equal(submit(20).nonce, 6);
	restart();
	assert_int_equal(submit(21).nonce, 7);
	fake_forget_pool(); /* what we have is still ours; what others had is not */
	assert_int_equal(submit(22).nonce, 5);
	assert_int_equal(submit(23).nonce, 8);
	/* The node that counts lags behind the one that told of receipts. */
	restart();
	step();
	mine_and_step(CONFIRMATIONS);
	state_is(23, TX_CONFIRMED, "");
	fake->lag_max = 50;
	for (uint32_t i = 0; i < 9; i++)
		assert_int_equal(submit(30 + i).nonce, 9 + i);
}

static void waits_for_gas(void **state)
{
	struct tx_job job;

	(void)state;
	bounds.max = wei_from(500000000);
	job = submit(7);
	assert_int_equal(job.state, TX_PREPARED);
	assert_false(job.has_nonce);
	assert_int_equal(fake->sends, 0);
	state_is(7, TX_PREPARED, "-maxGasPrice");
	mine_and_step(3);
	assert_int_equal(fake->sends, 0);
	/* Waiting is cheap, but what it is for may pass meanwhile. */
	fake->calls = 0;
	for (int i = 0; i < 24; i++)
		step();
	assert_in_range(fake->calls, 2, 8);
	/* It does not keep others from their nonces. */
	bounds.max = WEI_ZERO;
	assert_int_equal(submit(8).nonce, 0);
	step();
	assert_int_equal(job_of(7).nonce, 1);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
	state_is(8, TX_CONFIRMED, "");
}

static void waits_for_its_worth(void **state)
{
	struct tx_job job;

	(void)state;
	/* 60000 gas at 1.1 gwei are 0.000066 ETH. */
	ok(submit_for(7, 7, wei_from_gwei(60000), &job));
	state_is(7, TX_PREPARED, "what it is worth");
	fake->base_fee = 800000000;
	step();
	state_is(7, TX_SENT, "");
	assert_true(fake->txs[0].price * 60000 <= UINT64_C(60000) * 1000000000);
}

/* While it waits, what it is for may pass. */
static void waited_too_long(void **state)
{
	(void)state;
	bounds.max = wei_from(5);
	submit(7);
	bounds.max = WEI_ZERO;
	snprintf(fake->revert, sizeof(fake->revert), "ticket is expired");
	step();
	state_is(7, TX_FAILED, "ticket is expired");
	assert_int_equal(fake->sends, 0);
	assert_int_equal(told_n, 1);
}

static void unsent_when_killed(void **state)
{
	(void)state;
	fake->lose_percent = 0;
	fake->outcome = SEND_POOL_FULL;
	fake->outcomes = 1;
	assert_int_equal(submit(7).state, TX_PREPARED);
	state_is(7, TX_PREPARED, "pools are full");
	restart();
	step();
	state_is(7, TX_SENT, "");
	assert_int_equal(job_of(7).attempts, 1); /* the same bytes */
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void lost_answer(void **state)
{
	(void)state;
	fake->lose_percent = 100;
	assert_int_equal(submit(7).state, TX_PREPARED);
	fake->lose_percent = 0;
	mine_and_step(1);
	state_is(7, TX_MINED, "");
	assert_int_equal(fake_mined(7), 1);
	assert_int_equal(fake->txs_n, 1);
}

static void forgotten(void **state)
{
	(void)state;
	submit(7);
	fake_forget_pool();
	mine_and_step(10); /* past the time between sendings */
	assert_int_equal(fake_mined(7), 1);
	assert_int_equal(job_of(7).attempts, 1);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void reorganised(void **state)
{
	(void)state;
	submit(7);
	mine_and_step(CONFIRMATIONS - 1);
	state_is(7, TX_MINED, "");
	for (int64_t depth = 1; depth < CONFIRMATIONS; depth++) {
		fake_unwind(CONFIRMATIONS - 1, 100);
		for (int i = 0; i < CONFIRMATIONS; i++)
			fake_mine(0);
		step();
		state_is(7, TX_SENT, "");
		step(); /* it was sent again */
		mine_and_step(1);
		state_is(7, TX_MINED, "");
		mine_and_step(CONFIRMATIONS - 2);
	}
	mine_and_step(1);
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(told_n, 1);
}

/* Deeper than what was taken for final. */
static void back_from_the_end(void **state)
{
	(void)state;
	for (uint32_t depth = CONFIRMATIONS; depth < 18; depth += 3) {
		uint32_t tag = 100 + depth;

		told_n = 0;
		submit(tag);
		mine_and_step((int)depth);
		state_is(tag, TX_CONFIRMED, "");
		if (depth % 2)
			restart();
		step();
		fake_unwind(depth, 0);
		for (uint32_t i = 0; i <= depth; i++)
			fake_mine(0);
		step();
		state_is(tag, TX_SENT, "");
		assert_int_equal(told_n, 2);
		assert_int_equal(told[1].state, TX_SENT);
		mine_and_step(CONFIRMATIONS);
		state_is(tag, TX_CONFIRMED, "");
		assert_int_equal(told_n, 3);
		assert_int_equal(fake_mined(tag), 1);
	}
}

static void stuck_is_replaced(void **state)
{
	uint64_t price;

	(void)state;
	submit(7);
	price = fake->txs[0].price;
	fake->base_fee = price + 1;
	for (int i = 1; i * POLL_MS < TIMEOUT_MS; i++)
		mine_and_step(1);
	assert_int_equal(job_of(7).attempts, 1);
	mine_and_step(2);
	assert_int_equal(job_of(7).attempts, 2);
	assert_true(fake->txs[1].price >= price * 111 / 100);
	assert_true(fake->txs[1].tip * 100 >= fake->txs[0].tip * 111);
	assert_true(fake->txs[1].price >= 2 * fake->base_fee);
	assert_int_equal(fake->txs[1].nonce, 0);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(fake_mined(7), 1);
}

/* A chain that stands still is not helped by more money. */
static void no_replacement_without_blocks(void **state)
{
	(void)state;
	submit(7);
	for (int i = 0; i < 40; i++)
		step();
	assert_int_equal(job_of(7).attempts, 1);
}

static void replaced_and_the_original_is_mined(void **state)
{
	struct tx_job job = submit(7);
	struct jobs_now n;

	(void)state;
	catch_up();
	n = now();
	ok(jobs_speed_up(jobs, job.id, &n, &job));
	assert_int_equal(job.attempts, 2);
	fake->txs[1].pooled = false;
	restart();
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
	assert_true(hash_eq(job_of(7).hash, fake->txs[0].hash));
	assert_int_equal(fake_mined(7), 1);
}

/* No more is paid for what has become useless; the nonce is taken back. */
static void stuck_and_useless(void **state)
{
	(void)state;
	submit(7);
	submit(8);
	fake->base_fee = fake->txs[0].price + 1;
	mine_and_step(2);
	snprintf(fake->revert, sizeof(fake->revert), "ticket is expired");
	mine_and_step(11);
	assert_int_equal(job_of(7).undo, TX_UNDO_GIVE_UP);
	fake->revert[0] = '\0';
	fake->txs[0].pooled = false;
	fake->base_fee = 1000000000;
	mine_and_step(CONFIRMATIONS + 1);
	state_is(7, TX_FAILED, "would fail by now: ticket is expired");
	state_is(8, TX_CONFIRMED, "");
	assert_int_equal(fake_mined(7), 0);
}

static void not_above_the_maximum(void **state)
{
	struct tx_job job;
	struct jobs_now n;

	(void)state;
	bounds.max = wei_from(fake->base_fee + fake->tip);
	job = submit(7);
	assert_int_equal(job.state, TX_SENT);
	n = now();
	error_is(jobs_speed_up(jobs, job.id, &n, &job), ERR_DENIED, "more than is allowed");
	fake->base_fee *= 2;
	mine_and_step(20);
	state_is(7, TX_SENT, "more than is allowed");
	assert_int_equal(job_of(7).attempts, 1);
	fake->base_fee /= 2;
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void replaced_as_often_as_is_set(void **state)
{
	(void)state;
	submit(7);
	for (int i = 0; i < 80; i++) {
		fake_mine(0);
		step();
	}
	assert_int_equal(job_of(7).attempts, 4);
	state_is(7, TX_SENT, "as often as is set");
}

static void cancelled(void **state)
{
	struct tx_job job = submit(7);
	struct jobs_now n;

	(void)state;
	n = now();
	ok(jobs_cancel(jobs, job.id, &n, &job));
	assert_int_equal(job.undo, TX_UNDO_CANCEL);
	n = now();
	error_is(jobs_cancel(jobs, job.id, &n, &job), ERR_DENIED, "being cancelled");
	fake->txs[0].pooled = false;
	restart();
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CANCELLED, "");
	assert_int_equal(fake_mined(7), 0);
	assert_int_equal(fake_nonce(fake->head), 1);
	/* And the ticket is free again. */
	assert_int_equal(submit(7).nonce, 1);
	n = now();
	error_is(jobs_cancel(jobs, 99, &n, &job), ERR_NOT_FOUND, "99");
}

static void cancelled_too_late(void **state)
{
	struct tx_job job = submit(7);
	struct jobs_now n = now();

	(void)state;
	ok(jobs_cancel(jobs, job.id, &n, &job));
	fake->txs[1].pooled = false;
	mine_and_step(1);
	n = now();
	error_is(jobs_cancel(jobs, job.id, &n, &job), ERR_DENIED, "mined already");
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "too late");
}

static void cancelled_before_it_was_sent(void **state)
{
	struct tx_job job;
	struct jobs_now n;

	(void)state;
	bounds.max = wei_from(5);
	job = submit(7);
	n = now();
	error_is(jobs_speed_up(jobs, job.id, &n, &job), ERR_DENIED, "not sent yet");
	ok(jobs_cancel(jobs, job.id, &n, &job));
	assert_int_equal(job.state, TX_CANCELLED);
	assert_int_equal(fake->sends, 0);
}

static void reverted(void **state)
{
	(void)state;
	fake->reverts[0] = 7;
	submit(7);
	mine_and_step(1);
	state_is(7, TX_MINED, "reverted");
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_FAILED, "ticket did not win");
	fake->reverts[0] = 0;
	submit(7); /* once more is allowed */
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void foreign_takes_its_nonce(void **state)
{
	(void)state;
	submit(7);
	fake_forget_pool();
	fake_foreign(0, 9000000000);
	fake_mine(10);
	step();
	state_is(7, TX_SENT, "");
	/* Not before it is deep enough. */
	mine_and_step(CONFIRMATIONS - 2);
	assert_int_equal(job_of(7).nonce, 0);
	mine_and_step(5);
	assert_int_equal(job_of(7).nonce, 1);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(fake_mined(7), 1);
	assert_int_equal(job_of(7).attempts, 2);
}

/* The foreign one did the same: a second node with the same key. */
static void foreign_did_it(void **state)
{
	(void)state;
	submit(7);
	fake_forget_pool();
	fake_foreign(0, 9000000000);
	fake_mine(10);
	snprintf(fake->revert, sizeof(fake->revert), "ticket is used");
	mine_and_step(10);
	state_is(7, TX_REPLACED, "ticket is used");
	assert_int_equal(fake->txs_n, 2);
}

/* A node that does not know our transaction, though it was mined, and then
 * says that the nonce is used. */
static void ours_after_all(void **state)
{
	struct hash32 hash;

	(void)state;
	submit(7);
	fake_mine(10);
	mine_and_step(0);
	hash = fake->txs[0].hash;
	fake->txs[0].hash.b[0] ^= 1;
	for (int i = 0; i < CONFIRMATIONS; i++)
		fake_mine(0);
	step();
	step();
	fake->txs[0].hash = hash;
	step();
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(fake->txs_n, 1);
}

/* Lied to for long enough, it is made anew; then the truth comes out. */
static void two_after_all(void **state)
{
	struct hash32 hash;

	(void)state;
	submit(7);
	hash = fake->txs[0].hash;
	fake_mine(10);
	fake->txs[0].hash.b[0] ^= 1;
	for (int i = 0; i < CONFIRMATIONS; i++)
		fake_mine(0);
	for (int i = 0; i < 4; i++)
		step();
	assert_int_equal(job_of(7).nonce, 1);
	assert_int_equal(fake->txs_n, 2);
	fake->txs[0].hash = hash;
	step();
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(job_of(7).nonce, 0);
	/* An empty one fights for the other nonce, and costs more. */
	step();
	assert_int_equal(fake->txs_n, 3);
	assert_int_equal(fake->txs[2].nonce, 1);
	assert_int_equal(fake->txs[2].tag, 0);
	assert_true(fake->txs[2].price > fake->txs[1].price);
}

static void too_old_to_be_redone(void **state)
{
	(void)state;
	submit(7);
	fake_forget_pool();
	stop();
	now_ms += 7 * 3600 * 1000;
	fake_foreign(0, 9000000000);
	for (int i = 0; i < CONFIRMATIONS; i++)
		fake_mine(10);
	start();
	for (int i = 0; i < 4; i++)
		step();
	state_is(7, TX_REPLACED, "too old");
}

static void gap_is_filled(void **state)
{
	(void)state;
	fake_foreign(0, 5000000000);
	assert_int_equal(submit(7).nonce, 1);
	fake->txs[0].pooled = false; /* dropped */
	mine_and_step(12);
	assert_int_equal(fake_nonce(fake->head), 2);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
}

static void underpriced_is_raised(void **state)
{
	(void)state;
	fake->min_price = fake->base_fee * 2 + fake->tip + 1;
	assert_int_equal(submit(7).state, TX_PREPARED);
	state_is(7, TX_PREPARED, "want more");
	step();
	step();
	state_is(7, TX_SENT, "");
	assert_int_equal(job_of(7).attempts, 2);
}

static void no_funds(void **state)
{
	(void)state;
	fake->outcome = SEND_NO_FUNDS;
	fake->outcomes = 3;
	submit(7);
	state_is(7, TX_PREPARED, "not enough ETH");
	mine_and_step(4);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_CONFIRMED, "");
	assert_int_equal(job_of(7).attempts, 1);
}

/* Bytes that were given away are taken back by an empty transaction. */
static void given_up(void **state)
{
	(void)state;
	fake->outcome = SEND_REFUSED;
	fake->outcomes = 5;
	submit(7);
	state_is(7, TX_PREPARED, "no node takes it: as scripted");
	for (int i = 0; i < 8; i++)
		step();
	assert_int_equal(job_of(7).undo, TX_UNDO_GIVE_UP);
	mine_and_step(CONFIRMATIONS);
	state_is(7, TX_FAILED, "no node takes it: as scripted");
	assert_int_equal(fake_nonce(fake->head), 1);
}

static void simulates(void **state)
{
	struct tx_request r = { .to = { { 0xaa } }, .data = blob_new("\1\2\3\4", 4) };
	struct tx_forecast f;
	struct jobs_now n;
	struct wei cost;

	(void)state;
	catch_up();
	n = now();
	ok(jobs_simulate(jobs, &r, &n, &f));
	assert_int_equal(f.gas.v, 60000);
	assert_int_equal(wei_cmp(f.gas_price, wei_from(1100000000)), 0);
	assert_true(wei_of_gas(&cost, f.gas, f.gas_price));
	assert_int_equal(wei_cmp(f.cost, cost), 0);
	snprintf(fake->revert, sizeof(fake->revert), "sender is unlocked");
	error_is(jobs_simulate(jobs, &r, &n, &f), ERR_DENIED,
		revert_remedy(revert_find(fake->revert)));
	error_is(jobs_simulate(jobs, &r, &n, &f), ERR_DENIED, "sender is unlocked (the "
		"broadcaster");
	blob_put(r.data);
	assert_int_equal(fake->sends, 0);
}

/* --- killed anywhere --- */

/* One life, to be gone on with: what has happened to the chain is in
 * fake->stage, what has happened to the node in its database. */
struct life {
	const char *name;
	void (*event)(unsigned stage);
};

static void ev_plain(unsigned stage)
{
	(void)stage;
	fake_mine(10);
}

static void ev_reorg(unsigned stage)
{
	fake_mine(10);
	if (stage == 2) {
		fake_unwind(2, 50);
		fake_mine(0);
		fake_mine(0);
		fake_mine(0);
	}
}

static void ev_dear(unsigned stage)
{
	if (stage == 0)
		fake->base_fee = 3000000000;
	now_ms += 20000;
	fake_mine(10);
}

static void ev_foreign(unsigned stage)
{
	if (stage == 0) {
		fake_forget_pool();
		fake_foreign(fake_nonce(fake->head), 9000000000);
	}
	fake_mine(10);
}

static void ev_forget(unsigned stage)
{
	if (stage < 2)
		fake_forget_pool();
	fake_mine(10);
}

static const struct life lives[] = {
	{ "plain", ev_plain }, { "reorganised", ev_reorg }, { "too dear", ev_dear },
	{ "foreign nonce", ev_foreign }, { "forgotten", ev_forget },
};

static void live(const struct life *l)
{
	struct tx_job job;

	start();
	if (!job_of(7).id)
		err_free(submit_for(7, 7, WEI_ZERO, &job));
	while (fake->stage < 40 && job_of(7).state != TX_CONFIRMED) {
		l->event(fake->stage);
		fake->stage++;
		step();
	}
	stop();
}

/* The child dies at point `at`; whether there was such a point. */
static bool killed_at(const struct life *l, unsigned at)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		fake->die_at = at;
		live(l);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	fake->die_at = 0;
	fake->points = 0;
	return WEXITSTATUS(status) == 9;
}

static void killed_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		bool died = true;
		unsigned at = 0;

		while (died) {
			stop();
			fake_close();
			scratch_unlink_db(path);
			fake_open(++at);
			died = killed_at(&lives[i], at);
			live(&lives[i]);
			start();
			if (job_of(7).state != TX_CONFIRMED || fake_mined(7) != 1)
				fail_msg("%s, killed at %u: %s (%s), mined %u times",
					lives[i].name, at,
					tx_state_name(job_of(7).state),
					job_of(7).error, fake_mined(7));
			assert_int_equal(jobs_live(jobs), 0);
		}
		if (at < 16)
			fail_msg("%s has %u points only", lives[i].name, at);
	}
}

/* --- anything, in any order --- */

static uint32_t tags;

static void random_order(void)
{
	struct tx_job job;
	struct jobs_now n = now();
	uint32_t tag = tags ? 1 + (uint32_t)fake_random(tags) : 0;

	job = tag ? job_of(tag) : (struct tx_job){ 0 };
	if (!job.id)
		return;
	if (fake_random(2))
		err_free(jobs_cancel(jobs, job.id, &n, &job));
	else
		err_free(jobs_speed_up(jobs, job.id, &n, &job));
}

static void random_death(void)
{
	int status;
	pid_t pid;

	stop();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fake->points = 0;
		fake->die_at = 1 + (unsigned)fake_random(30);
		start();
		for (int i = 0; i < 4; i++) {
			err_free(try_step());
			fake_mine(3);
		}
		_exit(9);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	fake->die_at = 0;
	start();
}

static void random_deed(void)
{
	struct tx_job job;
	unsigned deed = (unsigned)fake_random(100);

	if (deed < 20 && tags < 30) {
		/* The answer may be lost with the node: ask the database. */
		err_free(submit_for(tags + 1, tags + 1, WEI_ZERO, &job));
		tags += job_of(tags + 1).id != 0;
	} else if (deed < 55) {
		fake_mine((unsigned)fake_random(4));
	} else if (deed < 60) {
		/* Shallower than what is taken for final. */
		int64_t depth = 1 + (int64_t)fake_random(CONFIRMATIONS - 1);

		fake_unwind(depth, (unsigned)fake_random(100));
		for (int64_t i = 0; i <= depth; i++)
			fake_mine((unsigned)fake_random(3));
	} else if (deed < 64) {
		fake_foreign(fake_nonce(fake->head) + fake_random(3),
			UINT64_C(500000000) + fake_random(UINT64_C(9000000000)));
	} else if (deed < 68) {
		fake_forget_pool();
	} else if (deed < 74) {
		fake->base_fee = UINT64_C(500000000) + fake_random(UINT64_C(6000000000));
	} else if (deed < 80) {
		restart();
	} else if (deed < 85) {
		random_death();
	} else if (deed < 92) {
		random_order();
	} else {
		fake->fail_percent = (unsigned)fake_random(3) * 10;
		fake->lose_percent = (unsigned)fake_random(3) * 20;
		fake->lag_max = (unsigned)fake_random(3);
		now_ms += (int64_t)fake_random(TIMEOUT_MS);
	}
	if (fake_random(2))
		err_free(try_step());
}

static void check_fates(uint64_t seed)
{
	for (uint32_t tag = 1; tag <= tags; tag++) {
		struct tx_job job = job_of(tag);
		unsigned mined = fake_mined(tag);

		if (mined != (job.state == TX_CONFIRMED) || !tx_state_is_final(job.state))
			fail_msg("schedule %llu: job %u is %s (%s), mined %u times",
				(unsigned long long)seed, tag, tx_state_name(job.state),
				job.error, mined);
	}
}

static void random_schedule(uint64_t seed)
{
	stop();
	fake_close();
	scratch_unlink_db(path);
	fake_open(seed);
	tags = 0;
	start();
	for (int i = 0; i < 120; i++)
		random_deed();
	fake->fail_percent = fake->lose_percent = fake->lag_max = 0;
	for (int i = 0; i < 400 && (i < 10 || jobs_live(jobs)); i++) {
		if (fake->base_fee > 450000000)
			fake->base_fee -= fake->base_fee / 8;
		fake_mine(10);
		step();
	}
	check_fates(seed);
}

static void anything_in_any_order(void **state)
{
	const char *n = getenv("JOBS_SCHEDULES");
	uint64_t schedules = 12;

	(void)state;
	assert_true(!n || parse_u64(n, &schedules));
	for (uint64_t seed = 1; seed <= schedules; seed++)
		random_schedule(seed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(to_the_end), TEST(legacy_too), TEST(refused_before_it_is_stored),
		TEST(no_ticket_in_two), TEST(nonces_in_a_row), TEST(waits_for_gas),
		TEST(waits_for_its_worth), TEST(waited_too_long),
		TEST(unsent_when_killed), TEST(lost_answer), TEST(forgotten),
		TEST(reorganised), TEST(back_from_the_end), TEST(stuck_is_replaced),
		TEST(no_replacement_without_blocks),
		TEST(replaced_and_the_original_is_mined), TEST(not_above_the_maximum),
		TEST(stuck_and_useless),
		TEST(replaced_as_often_as_is_set), TEST(cancelled),
		TEST(cancelled_too_late), TEST(cancelled_before_it_was_sent),
		TEST(reverted), TEST(foreign_takes_its_nonce), TEST(foreign_did_it),
		TEST(ours_after_all), TEST(two_after_all), TEST(too_old_to_be_redone),
		TEST(gap_is_filled), TEST(underpriced_is_raised), TEST(no_funds),
		TEST(given_up), TEST(simulates), TEST(killed_anywhere),
		TEST(anything_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

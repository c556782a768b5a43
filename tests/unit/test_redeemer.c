/* The redeemer between its database and a chain that the test plays: every
 * winner is redeemed once, whatever happens in between. Defines all of
 * src/eth/chain.h that the redeemer calls, so that the linker leaves the real
 * one in the archive. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/model/view.h"
#include "src/role/redeemer_private.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static struct {
	struct chain_listener listener;
	bool dead;		/* reads fail */
	bool used;		/* usedTickets() */
	struct wei paid;	/* what a trace finds; zero: nothing was paid */
	struct wei from_reserve;
	bool untraceable;
	const char *refusal;	/* of chain_submit() */
	unsigned submitted;	/* requests taken */
	struct tx_job job;	/* the latest */
	bool has_job;
	struct sender_funds funds;
	struct eth_addr poor;	/* a sender without any; zero: none */
	struct l2_block block;	/* where a trace finds it */
} fake;

void chain_listen(struct chain *c, const struct chain_listener *l)
{
	(void)c;
	fake.listener = *l;
}

const char *tx_state_name(enum tx_state s)
{
	return s == TX_FAILED ? "failed" : "other";
}

void chain_read(struct chain *c, struct err *(*fn)(void *ctx, struct rpc *rpc,
	const struct contracts *contracts, const struct chain_facts *facts,
	void **result), void *ctx, struct reply reply)
{
	(void)c;
	if (fake.dead) {
		reply_send(reply, err_new(ERR_UNAVAILABLE, "no RPC"), ctx);
		return;
	}
	if (fn == redeemer_ask) {
		struct answers *a = ctx;

		for (size_t i = 0; i < a->n; i++) {
			a->row[i].used = fake.used;
			a->row[i].has_funds = true;
			if (addr_is_zero(fake.poor) ||
				!addr_eq(a->row[i].sender, fake.poor))
				a->row[i].funds = fake.funds;
		}
	} else {
		struct trace *t = ctx;

		t->found = !fake.untraceable;
		t->paid = fake.paid;
		t->from_reserve = fake.from_reserve;
		t->found_tx.b[0] = 0x77;
		t->block = fake.block;
	}
	reply_send(reply, NULL, ctx);
}

void chain_submit(struct chain *c, struct tx_request *r, struct reply reply)
{
	struct tx_job *job = XNEW(struct tx_job);

	(void)c;
	if (fake.refusal) {
		reply_send(reply, err_new(ERR_INVALID, "%s", fake.refusal), NULL);
		free(job);
	} else {
		fake.submitted++;
		fake.job = (struct tx_job){ .id = fake.submitted, .ticket = r->ticket,
			.state = TX_SENT };
		fake.has_job = true;
		*job = fake.job;
		reply_send(reply, NULL, job);
	}
	blob_put(TAKE(r->data));
}

void chain_ticket_job(struct chain *c, int64_t ticket, struct reply reply)
{
	struct tx_job *job = NULL;

	(void)c;
	if (fake.has_job && fake.job.ticket == ticket)
		job = xmemdup(&fake.job, sizeof(fake.job));
	reply_send(reply, NULL, job);
}

static char dir[64], path[96];
static struct board *board;
static struct log *root;
static struct db *db;
static struct redeemer *r;
static struct chain_facts facts;
static int64_t id;

static void nothing(void *ctx)
{
	(void)ctx;
}

/* Each task may post another: more rounds than any flow here has steps. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		actor_call(redeemer_actor(r), nothing, NULL);
}

static void on_block(void *ctx)
{
	(void)ctx;
	fake.listener.facts(fake.listener.ctx, &facts);
}

static void block(void)
{
	facts.head.v++;
	actor_call(redeemer_actor(r), on_block, NULL);
	settle();
}

static void on_job(void *ctx)
{
	(void)ctx;
	fake.listener.job(fake.listener.ctx, &fake.job);
}

static void job_is(enum tx_state s)
{
	fake.job.state = s;
	actor_call(redeemer_actor(r), on_job, NULL);
	settle();
}

static void start(void)
{
	struct redeemer_options o = { .redeem_gas = { 350000 } };

	ok(redeemer_new(root, board, NULL, path, &o, &r));
}

static void stop(void)
{
	redeemer_stop(r);
	redeemer_free(TAKE(r));
}

static struct ticket_record row(void)
{
	struct ticket_record rec;
	bool found;

	ok(tickets_get(db, id, &rec, &found));
	assert_true(found);
	return rec;
}

static void state_is(enum ticket_state want)
{
	struct ticket_record rec = row();

	if (rec.state != want)
		fail_msg("%s (%s), wanted %s", ticket_state_name(rec.state), rec.reason,
			ticket_state_name(want));
}

static int setup(void **state)
{
	struct ticket_record rec = { .session = "s", .manifest = "m", .won_ms = 1 };
	bool fresh;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.funds = (struct sender_funds){ .deposit = wei_from_gwei(5000000),
		.reserve = wei_from_gwei(5000000) };
	fake.block.v = 1234;
	facts = (struct chain_facts){ .ready = true, .head = { 2000 }, .l1 = { 1000 },
		.confirmations = CHAIN_CONFIRMATIONS_L2,
		.gas_price = wei_from_gwei(1), .registered = true, .active = true,
		.round = { .current = { 10 }, .initialized = { 10 }, .start = { 990 },
			.length = 100, .pool_size = 1, .ticket_validity = 2 } };
	rec.won.ticket.face_value = wei_from_gwei(1000000);
	rec.won.ticket.created.round.v = 10;
	rec.won.ticket.params_expiration.v = 999;
	rec.hash.b[0] = rec.won.sig.b[0] = 1;
	fake.paid = rec.won.ticket.face_value;
	snprintf(dir, sizeof(dir), "/tmp/weir-redeemer-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	board = board_new(SECTION_COUNT);
	log_set_quiet(1);
	root = log_new("test", NULL);
	ok(db_open(path, DB_FULL, &db));
	ok(tickets_put_won(db, &rec, &fresh));
	id = rec.id;
	start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop();
	db_close(db);
	board_free(board);
	log_free(root);
	scratch_unlink_db(path);
	return rmdir(dir);
}

static void redeemed_once(void **state)
{
	struct ticket_record rec;

	(void)state;
	block();
	state_is(TICKET_SUBMITTED);
	for (int i = 0; i < 5; i++)
		block();
	job_is(TX_MINED);
	assert_int_equal(fake.submitted, 1);
	fake.job.gas_used.v = 300000;
	fake.job.gas_price = wei_from_gwei(2);
	job_is(TX_CONFIRMED);
	state_is(TICKET_REDEEMED);
	rec = row();
	assert_int_equal(wei_cmp(rec.paid, rec.won.ticket.face_value), 0);
	assert_int_equal(wei_cmp(rec.gas_cost, wei_from_gwei(600000)), 0);
	assert_int_equal(rec.block, 1234);
	block();
	assert_int_equal(fake.submitted, 1);
}

/* go-livepeer#4013: a reverted redemption dropped the ticket. */
static void a_revert_costs_no_ticket(void **state)
{
	(void)state;
	block();
	snprintf(fake.job.error, sizeof(fake.job.error), "current round is not initialized");
	job_is(TX_FAILED);
	state_is(TICKET_WON);
	block();
	state_is(TICKET_SUBMITTED);
	assert_int_equal(fake.submitted, 2);
	job_is(TX_CONFIRMED);
	state_is(TICKET_REDEEMED);
	assert_int_equal(row().attempts, 2);
}

static void refused_for_now_waits(void **state)
{
	(void)state;
	fake.refusal = "system is paused";
	block();
	state_is(TICKET_WON);
	assert_string_equal(row().reason, "system is paused");
	fake.refusal = NULL;
	block();
	state_is(TICKET_SUBMITTED);
}

/* One word of one endpoint is not enough to give money up. */
static void given_up_only_when_said_twice(void **state)
{
	(void)state;
	fake.refusal = "execution reverted: ticket did not win";
	block();
	state_is(TICKET_WON);
	actor_call(redeemer_actor(r), on_block, NULL); /* the same head again */
	settle();
	state_is(TICKET_WON);
	block();
	state_is(TICKET_FAILED);
}

static void lapses_only_when_said_twice(void **state)
{
	(void)state;
	facts.round.current.v = facts.round.initialized.v = 12;
	block();
	state_is(TICKET_WON);
	facts.round.current.v = facts.round.initialized.v = 10;
	block();
	state_is(TICKET_SUBMITTED); /* it was a lie */
	job_is(TX_FAILED);
	facts.round.current.v = facts.round.initialized.v = 12;
	block();
	block();
	state_is(TICKET_LAPSED);
}

/* A lie that was told for long enough to be believed. */
static void a_lapsed_one_comes_back(void **state)
{
	(void)state;
	facts.round.current.v = facts.round.initialized.v = 1000;
	for (int i = 0; i < 3; i++)
		block();
	state_is(TICKET_LAPSED);
	facts.round.current.v = facts.round.initialized.v = 11;
	block();
	state_is(TICKET_SUBMITTED);
	/* The same over a restart; and what is over stays so. */
	job_is(TX_FAILED);
	facts.round.current.v = facts.round.initialized.v = 1000;
	for (int i = 0; i < 3; i++)
		block();
	state_is(TICKET_LAPSED);
	stop();
	facts.round.current.v = facts.round.initialized.v = 12;
	start();
	block();
	state_is(TICKET_LAPSED);
	facts.round.current.v = facts.round.initialized.v = 11;
	block();
	state_is(TICKET_SUBMITTED);
}

/* Killed between the row and the transaction. */
static void a_row_without_a_job_is_sent_again(void **state)
{
	struct ticket_record rec = row();

	(void)state;
	stop();
	rec.state = TICKET_SUBMITTED;
	ok(tickets_move(db, TICKET_WON, &rec));
	start();
	block();
	block();
	state_is(TICKET_SUBMITTED);
	assert_int_equal(fake.submitted, 1);
}

/* Killed after the transaction was handed over. */
static void a_row_with_a_job_is_not(void **state)
{
	(void)state;
	block();
	stop();
	start();
	block();
	block();
	assert_int_equal(fake.submitted, 1);
	state_is(TICKET_SUBMITTED);
	stop();
	fake.job.state = TX_CONFIRMED;
	start();
	block();
	state_is(TICKET_REDEEMED);
}

static void redeemed_by_another_hand(void **state)
{
	(void)state;
	fake.from_reserve = wei_from_gwei(1000);
	fake.used = true;
	fake.untraceable = true;
	block();
	state_is(TICKET_WON); /* known to be used, not yet how */
	fake.untraceable = false;
	block();
	state_is(TICKET_REDEEMED);
	assert_int_equal(row().tx_hash.b[0], 0x77);
	assert_int_equal(wei_cmp(row().from_reserve, wei_from_gwei(1000)), 0);
	assert_string_equal(row().reason, "paid 0.001 ETH, of it from the reserve 1000 gwei");
	assert_int_equal(fake.submitted, 0);
}

static void burnt_without_pay_is_said(void **state)
{
	(void)state;
	fake.paid = WEI_ZERO;
	fake.used = true;
	block();
	state_is(TICKET_FAILED);
	assert_non_null(strstr(row().reason, "without a payment"));
}

static void a_reorganisation_takes_it_back(void **state)
{
	(void)state;
	block();
	job_is(TX_CONFIRMED);
	state_is(TICKET_REDEEMED);
	job_is(TX_SENT);
	state_is(TICKET_SUBMITTED);
	job_is(TX_CONFIRMED);
	state_is(TICKET_REDEEMED);
	assert_int_equal(fake.submitted, 1);
}

static void a_dead_rpc_forgets_nothing(void **state)
{
	(void)state;
	fake.dead = true;
	for (int i = 0; i < 5; i++)
		block();
	state_is(TICKET_WON);
	fake.dead = false;
	block();
	state_is(TICKET_SUBMITTED);
}

static void what_is_under_way_counts(void **state)
{
	struct ticket_record rec = { .session = "s", .manifest = "m", .won_ms = 2 };
	bool fresh;

	(void)state;
	rec.won.ticket = row().won.ticket;
	rec.hash.b[0] = rec.won.sig.b[0] = 2;
	ok(tickets_put_won(db, &rec, &fresh));
	fake.funds.deposit = wei_from_gwei(1500000);
	fake.funds.reserve = WEI_ZERO;
	block();
	assert_int_equal(fake.submitted, 1);
	block();
	assert_int_equal(fake.submitted, 1);
	fake.funds.deposit = wei_from_gwei(2000000);
	block();
	assert_int_equal(fake.submitted, 2);
}

/* What is used in the latest blocks may be free again in others. */
static void another_hand_counts_when_it_is_final(void **state)
{
	(void)state;
	fake.used = true;
	fake.block.v = facts.head.v + 1;
	facts.l1.v = facts.head.v; /* no second layer */
	facts.confirmations = CHAIN_CONFIRMATIONS_L1;
	facts.round.start.v = facts.l1.v - 10;
	for (unsigned i = 1; i < CHAIN_CONFIRMATIONS_L1; i++) {
		facts.l1.v++;
		block();
		state_is(TICKET_WON);
	}
	facts.l1.v++;
	block();
	state_is(TICKET_REDEEMED);
	assert_int_equal(fake.submitted, 0);
}

static void another_hand_may_be_taken_back(void **state)
{
	(void)state;
	fake.used = true;
	fake.block.v = facts.head.v + 1;
	fake.paid = WEI_ZERO;
	block();
	state_is(TICKET_WON);
	fake.used = false;
	block();
	state_is(TICKET_SUBMITTED);
}

/* Those of one that has no money must not keep all others from being asked
 * about until their rounds are over. */
static void many_that_wait_keep_no_other(void **state)
{
	struct ticket_record rec = { .session = "s", .manifest = "m", .won_ms = 2 };
	bool fresh;

	(void)state;
	fake.poor.b[0] = 1;
	rec.won.ticket = row().won.ticket;
	ok(db_begin(db));
	for (int i = 0; i < 600; i++) {
		rec.won.ticket.sender = i < 599 ? fake.poor : (struct eth_addr){ { 2 } };
		rec.hash.b[0] = rec.won.sig.b[0] = 2;
		rec.hash.b[1] = rec.won.sig.b[1] = (uint8_t)i;
		rec.hash.b[2] = rec.won.sig.b[2] = (uint8_t)(i >> 8);
		ok(tickets_put_won(db, &rec, &fresh));
	}
	ok(db_commit(db));
	id = rec.id;
	for (int i = 0; i < 3; i++)
		block();
	state_is(TICKET_SUBMITTED);
	assert_int_equal(fake.submitted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(redeemed_once),
		T(a_revert_costs_no_ticket),
		T(refused_for_now_waits),
		T(given_up_only_when_said_twice),
		T(lapses_only_when_said_twice),
		T(a_lapsed_one_comes_back),
		T(a_row_without_a_job_is_sent_again),
		T(a_row_with_a_job_is_not),
		T(redeemed_by_another_hand),
		T(burnt_without_pay_is_said),
		T(a_reorganisation_takes_it_back),
		T(a_dead_rpc_forgets_nothing),
		T(what_is_under_way_counts),
		T(another_hand_counts_when_it_is_final),
		T(another_hand_may_be_taken_back),
		T(many_that_wait_keep_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

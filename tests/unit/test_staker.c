/* The staker between its database and a chain that the test plays. Defines all
 * of src/eth/chain.h and lookup.h that the staker calls, so that the linker
 * leaves the real ones in the archive. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/txs.h"
#include "proto/view_codec.h"
#include "src/model/view.h"
#include "src/role/staker_private.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define US ((struct eth_addr){{0x15, [18] = 0x6a, [19] = 0x65}})

/* --- the chain --- */

static struct {
	struct chain_listener listener;
	bool dead;		/* reads fail */
	const char *refusal;	/* of what is sent */
	unsigned submitted;
	char last_kind[32];
	struct wei last_max_cost;
	struct stake_facts is;	/* what the contracts say */
} fake;
static struct chain_facts facts;
static struct db *db;

void chain_listen(struct chain *c, const struct chain_listener *l)
{
	(void)c;
	fake.listener = *l;
}

void chain_read(struct chain *c, struct err *(*fn)(void *ctx, struct rpc *rpc,
	const struct contracts *contracts, const struct chain_facts *f,
	void **result), void *ctx, struct reply reply)
{
	struct err *e = fake.dead ? err_new(ERR_UNAVAILABLE, "no RPC") : NULL;
	void *result = NULL;

	(void)c;
	if (!e)
		e = fn(ctx, NULL, &fake.is.contracts, &facts, &result);
	reply_send(reply, e, result);
}

void chain_simulate(struct chain *c, struct tx_request *r, struct reply reply)
{
	struct tx_forecast *f = XNEW(struct tx_forecast);

	(void)c;
	blob_put(TAKE(r->data));
	f->gas.v = 100000;
	f->gas_price = wei_from_gwei(1);
	assert_true(wei_of_gas(&f->cost, f->gas, f->gas_price));
	if (fake.refusal)
		free(TAKE(f));
	reply_send(reply, f ? NULL : err_new(ERR_DENIED, "%s", fake.refusal), f);
}

void chain_submit(struct chain *c, struct tx_request *r, struct reply reply)
{
	struct tx_record row = {.account = US, .to = r->to, .data = TAKE(r->data),
		.state = TX_SENT, .created_ms = 1};
	struct tx_job *job = NULL;
	bool rival;

	(void)c;
	snprintf(row.kind, sizeof(row.kind), "%s", r->kind);
	snprintf(row.note, sizeof(row.note), "%s", r->note);
	snprintf(row.job, sizeof(row.job), "%s", r->job);
	snprintf(fake.last_kind, sizeof(fake.last_kind), "%s", r->kind);
	fake.last_max_cost = r->max_cost;
	if (!fake.refusal) {
		fake.submitted++;
		assert_null(txs_put(db, &row, NULL, &rival));
		job = xmemdup(&(struct tx_job){0}, sizeof(*job));
		*job = tx_record_job(&row);
	}
	tx_record_clear(&row);
	reply_send(reply, job ? NULL : err_new(ERR_DENIED, "%s", fake.refusal), job);
}

/* --- what the contracts say --- */

struct err *lookup_head(struct rpc *r, struct block_header *out)
{
	(void)r;
	*out = (struct block_header){.number = facts.head, .l1 = facts.l1};
	return NULL;
}

struct err *lookup_round(const struct lookup *l, struct round_facts *out)
{
	(void)l;
	*out = facts.round;
	return NULL;
}

struct err *lookup_paused(const struct lookup *l, bool *out)
{
	(void)l;
	*out = false;
	return NULL;
}

struct err *lookup_ether(const struct lookup *l, struct eth_addr who, struct wei *balance)
{
	(void)l, (void)who;
	*balance = fake.is.eth;
	return NULL;
}

struct err *lookup_token(const struct lookup *l, struct eth_addr who, struct lpt *balance,
	struct lpt *allowance)
{
	(void)l, (void)who;
	*balance = fake.is.lpt;
	*allowance = fake.is.allowance;
	return NULL;
}

struct err *lookup_delegator(const struct lookup *l, struct eth_addr who,
	struct round_no current, struct delegator_facts *out)
{
	(void)l, (void)who, (void)current;
	*out = fake.is.delegator;
	return NULL;
}

struct err *lookup_locks(const struct lookup *l, struct eth_addr who, uint64_t first,
	uint64_t next, struct unbonding_lock **out, size_t *n)
{
	(void)l, (void)who, (void)first, (void)next;
	*n = fake.is.locks_n;
	*out = *n ? xmemdup(fake.is.locks, *n * sizeof(**out)) : NULL;
	return NULL;
}

struct err *lookup_transcoder(const struct lookup *l, struct eth_addr who,
	struct transcoder_facts *out)
{
	(void)l, (void)who;
	*out = fake.is.transcoder;
	return NULL;
}

struct err *lookup_earnings_pool(const struct lookup *l, struct eth_addr who,
	struct round_no round, struct earnings_pool *out)
{
	(void)l, (void)who, (void)round;
	out->total_stake = fake.is.reward_stake;
	return NULL;
}

struct err *lookup_service_uri(const struct lookup *l, struct eth_addr who,
	char out[static SERVICE_URI_MAX])
{
	(void)l, (void)who;
	memcpy(out, fake.is.service_uri, SERVICE_URI_MAX);
	return NULL;
}

struct err *lookup_service_uris(const struct lookup *l, const struct pool_member *who,
	size_t n, char (*out)[SERVICE_URI_MAX])
{
	(void)l, (void)who;
	for (size_t i = 0; i < n; i++)
		snprintf(out[i], SERVICE_URI_MAX, i == 1 ? "" : "https://o%zu:8935", i);
	return NULL;
}

struct err *lookup_active(const struct lookup *l, const struct pool_member *who, size_t n,
	bool *out)
{
	(void)l, (void)who;
	for (size_t i = 0; i < n; i++)
		out[i] = i != 0; /* the first has only joined */
	return NULL;
}

struct err *lookup_protocol(const struct lookup *l, struct protocol_facts *out)
{
	(void)l;
	*out = fake.is.protocol;
	return NULL;
}

struct err *lookup_minter(const struct lookup *l, struct minter_facts *out)
{
	(void)l;
	*out = fake.is.minter;
	return NULL;
}

struct err *lookup_pool(const struct lookup *l, struct pool_member **members, size_t *n)
{
	(void)l;
	free(*members);
	*n = fake.is.pool_n;
	*members = *n ? xmemdup(fake.is.pool, *n * sizeof(**members)) : NULL;
	return NULL;
}

struct err *lookup_sender(const struct lookup *l, struct eth_addr sender, struct eth_addr us,
	struct round_no round, struct sender_funds *out)
{
	(void)l, (void)sender, (void)us, (void)round;
	*out = fake.is.funds;
	return NULL;
}

/* --- the staker --- */

static char dir[64], path[96];
static struct board *board;
static struct log *root;
static struct staker *s;
static struct staker_options options;
static struct pool_member pool[3];

static void nothing(void *ctx)
{
	(void)ctx;
}

/* Each task may post another: more rounds than any flow here has steps. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		actor_call(staker_actor(s), nothing, NULL);
}

static void on_block(void *ctx)
{
	(void)ctx;
	facts.head.v++;
	facts.l1.v++;
	if (s->seq.tried.last_ms)
		s->seq.tried.last_ms -= REWARD_RETRY_MS;
	fake.listener.facts(fake.listener.ctx, &facts);
}

/* A new head; what was to be waited for after a failure is over. */
static void block(void)
{
	settle();
	actor_call(staker_actor(s), on_block, NULL);
	settle();
}

static void on_job(void *ctx)
{
	fake.listener.job(fake.listener.ctx, ctx);
}

struct find {
	const char *kind;
	struct tx_record row;
	bool found;
};

static void find_row(void *ctx, struct tx_record *r)
{
	struct find *f = ctx;

	if (f->found || strcmp(r->kind, f->kind) != 0) {
		tx_record_clear(r);
		return;
	}
	f->row = *r;
	f->found = true;
}

/* The transaction of this kind comes to this end. */
static void end(const char *kind, enum tx_state state)
{
	struct find f = {.kind = kind};
	struct tx_job job;
	enum tx_state from;

	ok(txs_each_live(db, US, (struct l2_block){INT64_MAX}, find_row, &f));
	if (!f.found)
		fail_msg("no %s", kind);
	from = f.row.state;
	f.row.state = state;
	f.row.block = facts.head;
	ok(txs_move(db, from, &f.row, NULL));
	job = tx_record_job(&f.row);
	tx_record_clear(&f.row);
	actor_call(staker_actor(s), on_job, &job);
	block();
}

/* Nothing happens by itself: the chain is this thread's between two calls. */
static void on_quiet(void *ctx)
{
	(void)ctx;
	timer_stop(s->tick);
}

static void start(void)
{
	ok(staker_new(root, board, NULL, path, &options, &s));
	actor_call(staker_actor(s), on_quiet, NULL);
	block();
}

static void stop(void)
{
	staker_stop(s);
	staker_free(TAKE(s));
}

static struct lpt lpt(uint64_t n)
{
	struct lpt a = {u256_from(n)};

	assert_true(u256_mul(&a.v, a.v, u256_from(1000000000000000000)));
	return a;
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-staker-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	log_set_quiet(1);
	ok(db_open(path, DB_FULL, &db));
	board = board_new(SECTION_COUNT);
	root = log_new("test", NULL);
	memset(&fake, 0, sizeof(fake));
	for (uint8_t i = 0; i < 3; i++)
		pool[i] = (struct pool_member){{{(uint8_t)(0xa0 + i)}}, lpt(30 - 10u * i)};
	fake.is = (struct stake_facts){
		.eth = wei_from_gwei(2000000000), .lpt = lpt(20),
		.delegator = {.status = DELEGATOR_UNBONDED}, .pool = pool, .pool_n = 3,
		.protocol = {.unbonding_period = 7, .unlock_period = 2,
			.total_bonded = lpt(100)},
		.minter = {.divisor = 1000000, .inflation = 137, .mintable = lpt(10),
			.supply = lpt(1000)},
		.contracts = {.generation = GENERATION_CONFLUENCE},
	};
	for (int c = 0; c < CONTRACT_N; c++)
		fake.is.contracts.addr[c].b[0] = (uint8_t)(c + 1);
	facts = (struct chain_facts){.ready = true, .head = {5000}, .l1 = {1010},
		.round = {.current = {12}, .initialized = {12}, .start = {1000},
			.length = 100, .lock_from = 90, .pool_max = 4}};
	options = (struct staker_options){.account = US, .recipient = US};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (s)
		stop();
	db_close(db);
	log_free(root);
	board_free(board);
	scratch_unlink_db(path);
	return rmdir(dir);
}

static struct view_staking *view(void)
{
	static struct view_staking v;
	struct blob *json;
	uint64_t version;

	view_clear(section_desc(SECTION_STAKING), &v);
	staker_publish(s);
	json = board_get(board, SECTION_STAKING, &version);
	ok(view_decode(section_desc(SECTION_STAKING), (const char *)blob_data(json),
		blob_size(json), &v));
	blob_put(json);
	return &v;
}

/* --- weighing and doing --- */

static struct {
	struct err *err;
	void *result;
} got;

static void on_got(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	got.err = taken;
	got.result = result;
}

static struct weighed *weigh(struct deed d)
{
	staker_weigh(s, &d, (struct reply){NULL, on_got, NULL});
	settle();
	ok(got.err);
	return got.result;
}

static void weigh_refused(struct deed d, const char *why)
{
	staker_weigh(s, &d, (struct reply){NULL, on_got, NULL});
	settle();
	if (!got.err || !strstr(err_text(got.err), why))
		fail_msg("%s", err_text(got.err));
	err_free(got.err);
}

static struct done *do_it(struct weighed *taken)
{
	staker_do(s, taken, (struct reply){NULL, on_got, NULL});
	settle();
	ok(got.err);
	return got.result;
}

static void test_one_transaction(void **state)
{
	struct deed d = {.kind = DEED_FUND, .deposit = wei_from_gwei(5)};
	struct weighed *w;
	struct done *done;

	(void)state;
	start();
	w = weigh(d);
	assert_int_equal(w->steps, 1);
	assert_string_equal(w->word, "6a65");
	assert_non_null(strstr(w->summary, "gas 100000 at 1 gwei: about 0.0001 ETH"));
	assert_non_null(strstr(w->summary, "besides 0.000000005 ETH that leave"));
	assert_int_equal(fake.submitted, 0);
	done = do_it(w);
	assert_non_null(strstr(done->text, "transaction 1 (fund deposit 5 gwei, reserve 0 wei)"
		" is sent"));
	assert_int_equal(wei_cmp(fake.last_max_cost, wei_from_gwei(300000)), 0);
	assert_int_equal(fake.submitted, 1);
	done_free(done);
	fake.refusal = "system is paused";
	weigh_refused(d, "fund: system is paused");
	fake.refusal = NULL;
	fake.dead = true;
	weigh_refused(d, "no RPC");
	fake.dead = false;
	fake.is.eth = wei_from_gwei(100000);
	weigh_refused(d, "fund takes about 0.000100005 ETH with its gas, and the account has "
		"0.0001 ETH");
}

/* Between question and answer the allowance went: two transactions now. */
static void test_changed_meanwhile(void **state)
{
	struct deed d = {.kind = DEED_BOND, .amount = lpt(5)};
	struct weighed *w;
	struct done *done;

	(void)state;
	fake.is.allowance = lpt(5);
	start();
	w = weigh(d);
	assert_int_equal(w->steps, 1);
	fake.is.allowance = LPT_ZERO;
	done = do_it(w);
	assert_null(done->text);
	assert_int_equal(done->changed->steps, 2);
	assert_int_equal(fake.submitted, 0);
	w = TAKE(done->changed);
	done_free(done);
	done = do_it(w);
	assert_non_null(done->text);
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(fake.last_kind, "approve");
	done_free(done);
}

static struct deed activation(void)
{
	struct deed d = {.kind = DEED_ACTIVATE, .amount = lpt(12), .has_cut = true,
		.has_share = true, .reward_cut = {100000}, .fee_share = {50000},
		.uri = "https://o.example.org:8935"};

	return d;
}

static void bonded(void)
{
	fake.is.allowance = LPT_ZERO;
	fake.is.lpt = lpt(8);
	fake.is.delegator = (struct delegator_facts){.status = DELEGATOR_PENDING,
		.delegate = US, .bonded = lpt(12), .pending_stake = lpt(12)};
	fake.is.transcoder = (struct transcoder_facts){.registered = true,
		.activation = {13}, .deactivation = ROUND_NEVER, .total_stake = lpt(12)};
	facts.registered = true;
}

static void steps_are(const char *want)
{
	struct view_staking *v = view();
	struct str text = STR_INIT;

	for (size_t i = 0; i < v->activation.n; i++)
		if (strcmp(v->activation.v[i].state, "skipped") != 0)
			str_printf(&text, "%s%s=%s", text.len ? " " : "",
				v->activation.v[i].name, v->activation.v[i].state);
	assert_string_equal(str_cstr(&text), want);
	str_clear(&text);
}

static void test_activation_over_restarts(void **state)
{
	struct done *done;

	(void)state;
	start();
	done = do_it(weigh(activation()));
	assert_non_null(done->text);
	done_free(done);
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(fake.last_kind, "approve");
	steps_are("approve=running bond=todo transcoder=todo service_uri=todo");
	weigh_refused(activation(), "activate is under way");
	/* Nor does one transaction take what the others need. */
	fake.is.allowance = lpt(12);
	weigh_refused((struct deed){.kind = DEED_BOND, .amount = lpt(1)}, "activate is under way");
	fake.is.allowance = lpt(0);
	stop();
	start(); /* nothing is sent twice */
	assert_int_equal(fake.submitted, 1);
	fake.is.allowance = lpt(12);
	end("approve", TX_CONFIRMED);
	assert_int_equal(fake.submitted, 2);
	assert_string_equal(fake.last_kind, "bond");
	stop();
	/* It is mined while we are away. */
	bonded();
	start();
	assert_int_equal(fake.submitted, 2);
	end("bond", TX_CONFIRMED);
	assert_string_equal(fake.last_kind, "transcoder");
	fake.refusal = "no RPC that takes it";
	fake.is.transcoder.reward_cut.v = 100000;
	fake.is.transcoder.fee_share.v = 50000;
	end("transcoder", TX_CONFIRMED);
	assert_int_equal(fake.submitted, 3);
	fake.refusal = NULL;
	block();
	assert_int_equal(fake.submitted, 4);
	steps_are("approve=done bond=done transcoder=done service_uri=running");
	snprintf(fake.is.service_uri, sizeof(fake.is.service_uri), "https://o.example.org:8935");
	end("service_uri", TX_CONFIRMED);
	steps_are("approve=done bond=done transcoder=done service_uri=done");
	stop();
	start();
	steps_are("");
	assert_int_equal(fake.submitted, 4);
	weigh_refused(activation(), "activate 12 LPT: the account has 8 LPT");
}

/* --- in a name that the asker chose --- */

static void carry(struct deed d, const char *name)
{
	staker_carry(s, &d, name, (struct reply){NULL, on_got, NULL});
	settle();
	ok(got.err);
}

static void carried_is(const char *name, enum carried_state state, size_t txs)
{
	struct carried *c;

	staker_carried(s, name, (struct reply){NULL, on_got, NULL});
	settle();
	ok(got.err);
	c = got.result;
	assert_int_equal(c->state, state);
	assert_int_equal(c->n, txs);
	carried_free(c);
}

static void test_carried_once(void **state)
{
	struct deed fund = {.kind = DEED_FUND, .deposit = wei_from_gwei(5)};
	struct deed refund = {.kind = DEED_REFUND, .to = {{9}}};

	(void)state;
	start();
	carried_is("m-fund", CARRIED_UNKNOWN, 0);
	carry(fund, "m-fund");
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(fake.last_kind, "fund");
	carried_is("m-fund", CARRIED_UNDER_WAY, 1);
	carry(fund, "m-fund"); /* the asker came back */
	assert_int_equal(fake.submitted, 1);
	staker_carry(s, &refund, "m-refund", (struct reply){NULL, on_got, NULL});
	settle();
	assert_non_null(got.err); /* one at a time */
	err_free(got.err);
	stop();
	start();
	carried_is("m-fund", CARRIED_UNDER_WAY, 1);
	end("fund", TX_CONFIRMED);
	carried_is("m-fund", CARRIED_DONE, 1);
	stop();
	start(); /* nobody knows of it but the database */
	carried_is("m-fund", CARRIED_UNKNOWN, 1);
	carry(fund, "m-fund");
	carried_is("m-fund", CARRIED_DONE, 1);
	assert_int_equal(fake.submitted, 1);
	carry(refund, "m-refund");
	assert_string_equal(fake.last_kind, "refund");
	end("refund", TX_FAILED);
	carried_is("m-refund", CARRIED_FAILED, 1);
	carry(refund, "m-refund"); /* in this name it stays so */
	carried_is("m-refund", CARRIED_FAILED, 1);
	assert_int_equal(fake.submitted, 2);
	carry(refund, "m-refund-2");
	assert_int_equal(fake.submitted, 3);
}

static void test_a_step_fails(void **state)
{
	struct staker_state *st;

	(void)state;
	start();
	done_free(do_it(weigh(activation())));
	end("approve", TX_FAILED);
	steps_are("approve=failed bond=todo transcoder=todo service_uri=todo");
	staker_state(s, (struct reply){NULL, on_got, NULL});
	settle();
	st = got.result;
	assert_true(st->failed);
	assert_non_null(strstr(st->deed, "activate: transaction 1: failed"));
	free(st);
	assert_int_equal(fake.submitted, 1);
	/* Refused by the contracts three times in a row: the same. */
	fake.refusal = NULL;
	{
		struct weighed *w = weigh(activation());

		fake.refusal = "caller must be bonded";
		done_free(do_it(w));
	}
	block();
	block();
	assert_true(s->seq.failed);
	assert_non_null(strstr(s->seq.next.why, "caller must be bonded"));
	block();
	assert_int_equal(fake.submitted, 1);
}

static void test_abandon(void **state)
{
	(void)state;
	start();
	done_free(do_it(weigh(activation())));
	staker_abandon(s, (struct reply){NULL, on_got, NULL});
	settle();
	ok(got.err);
	free(got.result);
	fake.is.allowance = lpt(12);
	end("approve", TX_CONFIRMED);
	assert_int_equal(fake.submitted, 1);
	staker_abandon(s, (struct reply){NULL, on_got, NULL});
	settle();
	assert_non_null(got.err);
	err_free(got.err);
}

/* --- rounds --- */

static void active(void)
{
	bonded();
	facts.active = true;
	facts.last_reward.v = 11;
	fake.is.transcoder.active = true;
	fake.is.transcoder.last_stake_update.v = 12;
	fake.is.reward_stake = lpt(50);
}

static void test_reward(void **state)
{
	(void)state;
	active();
	start();
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(fake.last_kind, "reward");
	block();
	block();
	assert_int_equal(fake.submitted, 1);
	stop();
	start(); /* its row says that it is under way */
	block();
	assert_int_equal(fake.submitted, 1);
	facts.last_reward.v = 12;
	end("reward", TX_CONFIRMED);
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(view()->reward_state, "called in round 12");
	facts.round.current.v = facts.round.initialized.v = 13;
	facts.round.start.v = 1100;
	facts.l1.v = 1100;
	block();
	assert_int_equal(fake.submitted, 2);
	/* It reverts: again, in the same round. */
	end("reward", TX_FAILED);
	s->reward.tried.last_ms -= REWARD_RETRY_MS;
	block();
	assert_int_equal(fake.submitted, 3);
}

static void test_reward_modes(void **state)
{
	(void)state;
	active();
	options.reward = REWARD_NEVER;
	start();
	assert_int_equal(fake.submitted, 0);
	assert_non_null(strstr(view()->reward_state, "-reward=false"));
	stop();
	options.reward = REWARD_AUTO;
	facts.registered = false;
	start();
	assert_int_equal(fake.submitted, 0);
	stop();
	options.reward = REWARD_ALWAYS;
	options.recipient = (struct eth_addr){{0x70}};
	start();
	assert_int_equal(fake.submitted, 0);
	assert_non_null(strstr(view()->reward_state, "own key"));
	stop();
	options.recipient = US;
	start();
	assert_int_equal(fake.submitted, 1);
}

static void test_reward_alarm(void **state)
{
	struct staker_state *st;

	(void)state;
	active();
	fake.refusal = "gas is too dear";
	facts.l1.v = 1080;
	start();
	block();
	staker_state(s, (struct reply){NULL, on_got, NULL});
	settle();
	st = got.result;
	assert_true(st->reward_owed);
	assert_non_null(strstr(st->reward, "gas is too dear"));
	free(st);
}

static void test_initialize(void **state)
{
	(void)state;
	facts.round.current.v = 13;
	start();
	assert_int_equal(fake.submitted, 0);
	stop();
	options.initialize_round = true;
	start();
	assert_int_equal(fake.submitted, 1);
	assert_string_equal(fake.last_kind, "initialize_round");
	block();
	assert_int_equal(fake.submitted, 1);
}

/* --- what is shown --- */

static void on_pool(void *ctx, struct orchestrator_pool *taken)
{
	struct orchestrator_pool **out = ctx;

	free(*out);
	*out = taken;
}

static void test_pool(void **state)
{
	struct orchestrator_pool *list = NULL;
	struct actor *listener = actor_new("listener", 0);

	(void)state;
	options.reads_pool = true;
	start();
	staker_on_pool(s, &(struct pool_listener){listener, on_pool, &list});
	settle();
	actor_call(listener, nothing, NULL);
	assert_non_null(list);
	assert_int_equal(list->n, 1); /* another has no URI */
	assert_string_equal(list->o[0].uri, "https://o2:8935");
	assert_int_equal(lpt_cmp(list->o[0].stake, lpt(10)), 0);
	stop();
	actor_free(listener);
	free(list);
}

static void test_view(void **state)
{
	struct unbonding_lock locks[2] = {{3, lpt(1), {12}}, {4, lpt(2), {13}}};
	struct view_staking *v;

	(void)state;
	active();
	fake.is.locks = locks;
	fake.is.locks_n = 2;
	start();
	v = view();
	assert_string_equal(v->state, "active");
	assert_string_equal(v->eth_balance, "2 ETH");
	assert_string_equal(v->lpt_balance, "8 LPT");
	assert_string_equal(v->delegated, "12 LPT");
	assert_int_equal(v->rank, 0);
	assert_string_equal(v->distance, "the pool has room");
	assert_string_equal(v->fee_cut, "100 %");
	assert_string_equal(v->next_reward, "5 LPT");
	assert_string_equal(v->inflation, "0.0137 %");
	assert_string_equal(v->participation, "10.0000 %");
	assert_int_equal(v->locks.n, 2);
	assert_true(v->locks.v[0].open && !v->locks.v[1].open);
	assert_int_equal(v->pool.n, 3);
	assert_int_equal(v->deactivation_round, 0);
	pool[2].addr = US;
	facts.round.initialized.v = 11; /* another fact: all is read anew */
	block();
	v = view();
	assert_int_equal(v->rank, 3);
	assert_true(v->pool.v[2].ours);
	assert_string_equal(v->distance, "2 LPT above the last");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_one_transaction), T(test_changed_meanwhile),
		T(test_activation_over_restarts), T(test_carried_once), T(test_a_step_fails),
		T(test_abandon),
		T(test_reward), T(test_reward_modes), T(test_reward_alarm),
		T(test_initialize), T(test_pool), T(test_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

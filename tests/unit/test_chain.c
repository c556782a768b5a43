/* The chain actor over a chain in memory: facts, rounds, money and jobs reach
 * who asked for them; what the operator has to mend is refused at the start;
 * an RPC that dies makes facts old, no more. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "proto/abi.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/crypto/signer.h"
#include "src/eth/chain.h"
#include "src/eth/contracts.h"
#include "src/model/view.h"
#include "tests/unit/fake_nodes.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define DEADLINE_MS 5000

static const struct eth_addr sender = { { 0xee, 1 } };
static char dir[64], path[96];
static struct log *root;
static struct board *board;
static struct signer *signer;
static struct chain *chain;
static struct actor *role;

/* What the contracts say; touched on the chain's thread only. */
static struct {
	uint64_t round, initialized, start, pool, deposit, claimed;
	bool paused, active, zero_hash;
	unsigned funds_read;
} says;

/* What listeners were told; under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	unsigned facts, rounds, funds, jobs;
	struct chain_facts last_facts;
	struct sender_funds last_funds;
	struct tx_job last_job;
} told;

/* --- the contracts --- */

static uint64_t word_for(uint32_t selector, size_t i)
{
	if (selector == fn_selector(FN_CURRENT_ROUND))
		return says.round;
	if (selector == fn_selector(FN_LAST_INITIALIZED_ROUND))
		return says.initialized;
	if (selector == fn_selector(FN_ROUND_START_BLOCK))
		return says.start;
	if (selector == fn_selector(FN_ROUND_LENGTH))
		return 1000;
	if (selector == fn_selector(FN_ROUND_LOCK_AMOUNT))
		return 100000;
	if (selector == fn_selector(FN_POOL_SIZE))
		return says.pool;
	if (selector == fn_selector(FN_TICKET_VALIDITY_PERIOD))
		return 2;
	if (selector == fn_selector(FN_BLOCK_HASH_FOR_ROUND))
		return says.zero_hash ? 0 : 0xabc;
	if (selector == fn_selector(FN_PAUSED))
		return says.paused;
	if (selector == fn_selector(FN_IS_ACTIVE_TRANSCODER) ||
		selector == fn_selector(FN_IS_REGISTERED_TRANSCODER))
		return says.active;
	if (selector == fn_selector(FN_GET_SENDER_INFO))
		return i == 0 ? says.deposit : i == 2 ? 500 : 0;
	if (selector == fn_selector(FN_CLAIMED_RESERVE))
		return says.claimed;
	return 0;
}

static size_t words_of(uint32_t selector)
{
	if (selector == fn_selector(FN_GET_EARNINGS_POOL))
		return 5;
	if (selector == fn_selector(FN_GET_TRANSCODER))
		return 10;
	if (selector == fn_selector(FN_GET_SENDER_INFO))
		return 4;
	return 1;
}

static void add_address(struct eth_result *out, const uint8_t *id)
{
	uint8_t hash[32];

	for (unsigned i = CONTRACT_TOKEN; i < CONTRACT_FAUCET; i++) {
		keccak_256(hash, contract_name(i), strlen(contract_name(i)));
		if (memcmp(hash, id, sizeof(hash)) == 0)
			out->data[12] = (uint8_t)(0x10 + i);
	}
}

static struct err *on_call(const struct eth_call *c, struct eth_result *out)
{
	uint32_t selector = (uint32_t)c->data[0] << 24 | (uint32_t)c->data[1] << 16 |
		(uint32_t)c->data[2] << 8 | c->data[3];
	size_t n = words_of(selector);

	says.funds_read += selector == fn_selector(FN_GET_SENDER_INFO);
	out->data = xcalloc(n, 32);
	out->data_n = n * 32;
	if (selector == fn_selector(FN_GET_CONTRACT)) {
		add_address(out, c->data + 4);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		u256_to_be(out->data + 32 * i, u256_from(word_for(selector, i)));
	return NULL;
}

/* --- a listener --- */

static void on_facts(void *ctx, const struct chain_facts *f)
{
	(void)ctx;
	pthread_mutex_lock(&lock);
	told.facts++;
	told.last_facts = *f;
	pthread_mutex_unlock(&lock);
}

static void on_round(void *ctx, const struct chain_facts *f)
{
	(void)ctx;
	(void)f;
	pthread_mutex_lock(&lock);
	told.rounds++;
	pthread_mutex_unlock(&lock);
}

static void on_funds(void *ctx, struct eth_addr who, const struct sender_funds *f)
{
	(void)ctx;
	(void)who;
	pthread_mutex_lock(&lock);
	told.funds++;
	told.last_funds = *f;
	pthread_mutex_unlock(&lock);
}

static void on_job(void *ctx, const struct tx_job *j)
{
	(void)ctx;
	pthread_mutex_lock(&lock);
	told.jobs++;
	told.last_job = *j;
	pthread_mutex_unlock(&lock);
}

/* --- the rig --- */

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* Waits for a condition that is looked at under the lock. */
#define WAIT_FOR(condition)                                                    \
	do {                                                                   \
		int64_t until_ = clock_mono_ms() + DEADLINE_MS;                \
		bool met_ = false;                                             \
		while (!met_) {                                                \
			pthread_mutex_lock(&lock);                             \
			met_ = (condition);                                    \
			pthread_mutex_unlock(&lock);                           \
			if (!met_ && clock_mono_ms() > until_)                 \
				fail_msg("not in time: %s", #condition);       \
			if (!met_)                                             \
				pause_ms(2);                                   \
		}                                                              \
	} while (0)

struct answer {
	bool done;
	struct err *err;
	void *result;
};

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct answer *a = ctx;

	pthread_mutex_lock(&lock);
	*a = (struct answer){ true, taken, result };
	pthread_mutex_unlock(&lock);
}

#define ASK(answer_, call)                                                      \
	do {                                                                   \
		struct reply reply_ = { NULL, on_answer, &(answer_) };         \
		(answer_) = (struct answer){ 0 };                              \
		call;                                                          \
		WAIT_FOR((answer_).done);                                      \
	} while (0)

/* Runs on the chain's thread, between two looks. */
static void on_chain(void (*fn)(void *ctx))
{
	actor_call(chain_actor(chain), fn, NULL);
}

static struct chain_options options(void)
{
	static const char *const urls[] = { "http://fake" };

	return (struct chain_options){
		.urls = urls,
		.urls_n = 1,
		.network = "test",
		.controller = { { 0x10 } },
		.recipient = signer_address(signer),
		.poll_ms = 5,
		.confirmations = 3,
		.tx_timeout_ms = 60000,
		.max_replacements = 1,
	};
}

static void open_chain(void)
{
	struct chain_options o = options();
	struct chain_listener l = { role, NULL, on_facts, on_funds, on_round, on_job };

	ok(chain_new(root, board, path, signer, &o, &chain));
	chain_listen(chain, &l);
}

static void close_chain(void)
{
	chain_free(chain);
	chain = NULL;
}

static int setup(void **state)
{
	uint8_t key[32] = { 1, (uint8_t)getpid(), (uint8_t)(getpid() >> 8), 7 };

	(void)state;
	log_set_quiet(1);
	snprintf(dir, sizeof(dir), "/tmp/weir-chain-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	root = log_new("test", NULL);
	board = board_new(SECTION_COUNT);
	signer = signer_new(key);
	role = actor_new("role", 100);
	fake_open(5);
	fake_call = on_call;
	memset(&told, 0, sizeof(told));
	memset(&says, 0, sizeof(says));
	says.round = says.initialized = 7;
	says.start = 90;
	says.pool = 3;
	says.deposit = 1000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	chain_free(chain);
	chain = NULL;
	actor_free(role);
	fake_close();
	signer_free(signer);
	board_free(board);
	log_free(root);
	scratch_unlink_db(path);
	return rmdir(dir);
}

/* --- facts --- */

static void mine_one(void *ctx)
{
	(void)ctx;
	fake_mine(10);
}

static void facts_are_known(void **state)
{
	struct chain_facts f;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	f = chain_now(chain);
	assert_true(f.ready);
	assert_int_equal(f.chain_id, 1337);
	assert_int_equal(f.generation, GENERATION_CONFLUENCE);
	assert_int_equal(f.head.v, 99);
	assert_int_equal(f.l1.v, 99);
	assert_int_equal(f.head_ms, 1700000099000);
	assert_int_equal(f.round.initialized.v, 7);
	assert_int_equal(f.round.start.v, 90);
	assert_int_equal(f.round.length, 1000);
	assert_int_equal(f.round.lock_from, 900);
	assert_int_equal(f.round.pool_size, 3);
	assert_false(hash_is_zero(f.round.hash));
	assert_true(f.is_1559);
	assert_int_equal(wei_cmp(f.gas_price, wei_from(1100000000)), 0);
	assert_false(f.paused || f.active || f.registered);
	on_chain(mine_one);
	WAIT_FOR(told.last_facts.head.v == 100);
	assert_int_equal(told.last_facts.confirmations, 3);
	assert_int_equal(chain_now(chain).head.v, 100);
	assert_int_equal(told.rounds, 0);
}

static void new_round(void *ctx)
{
	(void)ctx;
	says.round = says.initialized = 8;
	says.active = true;
	fake_mine(0);
	fake_log((struct eth_addr){ { 0x10 + CONTRACT_ROUNDS } },
		event_topic(EVENT_NEW_ROUND), (struct hash32){ { 0 } });
}

static void rounds_are_told(void **state)
{
	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	on_chain(new_round);
	WAIT_FOR(told.rounds == 1);
	WAIT_FOR(told.last_facts.round.initialized.v == 8);
	assert_true(told.last_facts.active);
}

static void go_down(void *ctx)
{
	(void)ctx;
	fake->down = true;
}

static void come_up(void *ctx)
{
	(void)ctx;
	fake->down = false;
	fake_mine(0);
}

static void silence_is_no_failure(void **state)
{
	struct answer a;

	(void)state;
	fake->down = true;
	open_chain();
	assert_false(chain_now(chain).ready);
	ASK(a, chain_funds(chain, sender, reply_));
	assert_int_equal(err_kind(a.err), ERR_UNAVAILABLE);
	err_free(a.err);
	on_chain(come_up);
	WAIT_FOR(told.facts > 0);
	assert_true(chain_now(chain).ready);
	/* Down again: what was known stays known. */
	ASK(a, chain_funds(chain, sender, reply_));
	ok(a.err);
	free(a.result);
	on_chain(go_down);
	ASK(a, chain_funds(chain, sender, reply_));
	ok(a.err);
	assert_int_equal(wei_cmp(((struct sender_funds *)a.result)->deposit,
		wei_from(1000)), 0);
	free(a.result);
	assert_true(chain_now(chain).ready);
}

/* --- what the operator has to mend --- */

static void start_refused(struct chain_options *o, const char *text)
{
	struct chain *none;
	struct err *e = chain_new(root, board, path, signer, o, &none);

	assert_null(none);
	refuses(e, text);
}

static void refused_at_the_start(void **state)
{
	struct chain_options o = options();

	(void)state;
	o.controller = (struct eth_addr){ { 0 } };
	start_refused(&o, "network test has no controller that weir knows; give -ethController");
	o.network = "arbitrum-one-mainnet";
	start_refused(&o, "network arbitrum-one-mainnet has the chainID 42161, but -ethUrl leads "
		"to 1337");
	o = options();
	open_chain();
	start_refused(&o, "uses account 0x");
}

static void another_chain(void **state)
{
	struct chain_options o = options();

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	close_chain();
	fake->chain_id = 5;
	start_refused(&o, "expecting chainID of 1337, but got 5. Did you change networks without "
		"changing network name or datadir?");
	fake->chain_id = 1337;
	open_chain();
}

static void without_a_key(void **state)
{
	struct tx_request r = { .to = { { 1 } } };
	struct answer a;
	struct chain_options o = options();

	(void)state;
	ok(chain_new(root, board, path, NULL, &o, &chain));
	ASK(a, chain_submit(chain, &r, reply_));
	assert_int_equal(err_kind(a.err), ERR_DENIED);
	err_free(a.err);
}

/* --- money --- */

static void more_money(void *ctx)
{
	struct hash32 who = { { 0 } };

	(void)ctx;
	memcpy(who.b + 12, sender.b, sizeof(sender.b));
	says.deposit = 2000;
	fake_mine(0);
	fake_log((struct eth_addr){ { 0x10 + CONTRACT_BROKER } },
		event_topic(EVENT_DEPOSIT_FUNDED), who);
}

static void reorganise(void *ctx)
{
	(void)ctx;
	says.deposit = 1000;
	fake_unwind(1, 0);
	fake_mine(0);
	fake_mine(0);
}

static void money_is_watched(void **state)
{
	struct answer a;
	unsigned read;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	for (int i = 0; i < 3; i++) {
		struct sender_funds *f;

		ASK(a, chain_funds(chain, sender, reply_));
		ok(a.err);
		f = a.result;
		assert_int_equal(wei_cmp(f->deposit, wei_from(1000)), 0);
		assert_int_equal(wei_cmp(f->reserve, wei_from(500)), 0);
		assert_int_equal(f->round.v, 7);
		free(f);
	}
	WAIT_FOR(told.funds == 1);
	on_chain(more_money);
	WAIT_FOR(told.funds == 2);
	assert_int_equal(wei_cmp(told.last_funds.deposit, wei_from(2000)), 0);
	on_chain(reorganise);
	WAIT_FOR(told.funds == 3);
	assert_int_equal(wei_cmp(told.last_funds.deposit, wei_from(1000)), 0);
	/* A new round: all that is counted by rounds is read anew. */
	read = says.funds_read;
	on_chain(new_round);
	WAIT_FOR(told.funds == 4);
	assert_int_equal(told.last_funds.round.v, 8);
	assert_true(read >= 3);
}

static void strangers_are_bounded(void **state)
{
	unsigned busy = 0;
	struct answer a;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	for (uint32_t i = 0; i < 200; i++) {
		struct eth_addr who = { { 1 } };

		memcpy(who.b + 1, &i, sizeof(i));
		ASK(a, chain_funds(chain, who, reply_));
		busy += a.err && err_kind(a.err) == ERR_BUSY;
		err_free(a.err);
		free(a.result);
	}
	assert_true(busy > 50);
}

/* --- to act --- */

static struct tx_request request(uint32_t tag)
{
	struct tx_request r = { .kind = "redeem", .note = "a test", .to = { { 0x10 } },
		.ticket = tag, .value = wei_from(5) };
	uint8_t data[36] = { 0 };

	memcpy(data, &tag, sizeof(tag));
	r.data = blob_new(data, sizeof(data));
	return r;
}

static struct tx_job ask_job(struct answer *a)
{
	struct tx_job job = { 0 };

	ok(a->err);
	job = *(struct tx_job *)a->result;
	free(a->result);
	return job;
}

static void transactions(void **state)
{
	struct tx_request r = request(7);
	struct tx_job job;
	struct answer a;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	ASK(a, chain_simulate(chain, &r, reply_));
	ok(a.err);
	assert_int_equal(((struct tx_forecast *)a.result)->gas.v, 60000);
	free(a.result);
	assert_null(r.data); /* taken */
	r = request(7);
	ASK(a, chain_submit(chain, &r, reply_));
	job = ask_job(&a);
	assert_int_equal(job.state, TX_SENT);
	r = request(7);
	ASK(a, chain_submit(chain, &r, reply_));
	assert_int_equal(err_kind(a.err), ERR_DENIED);
	err_free(a.err);
	ASK(a, chain_speed_up(chain, job.id, reply_));
	assert_int_equal(ask_job(&a).attempts, 2);
	for (int i = 0; i < 3; i++)
		on_chain(mine_one);
	WAIT_FOR(told.jobs == 1);
	assert_int_equal(told.last_job.state, TX_CONFIRMED);
	assert_int_equal(told.last_job.ticket, 7);
	ASK(a, chain_ticket_job(chain, 7, reply_));
	assert_int_equal(ask_job(&a).state, TX_CONFIRMED);
	ASK(a, chain_ticket_job(chain, 8, reply_));
	ok(a.err);
	assert_null(a.result);
	ASK(a, chain_cancel(chain, job.id, reply_));
	assert_int_equal(err_kind(a.err), ERR_NOT_FOUND);
	err_free(a.err);
}

static void goes_on_after_a_restart(void **state)
{
	struct tx_request r = request(9);
	struct answer a;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	chain_set_gas_prices(chain, WEI_ZERO, wei_from(5));
	ASK(a, chain_submit(chain, &r, reply_));
	assert_int_equal(ask_job(&a).state, TX_PREPARED);
	close_chain();
	open_chain();
	WAIT_FOR(told.facts > 1);
	for (bool sent = false; !sent; pause_ms(2)) {
		ASK(a, chain_ticket_job(chain, 9, reply_));
		sent = ask_job(&a).state == TX_SENT;
	}
	for (int i = 0; i < 3; i++)
		on_chain(mine_one);
	WAIT_FOR(told.jobs == 1);
	assert_int_equal(told.last_job.ticket, 9);
}

static struct err *reader(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result)
{
	assert_non_null(rpc);
	assert_int_equal(contracts->addr[CONTRACT_BROKER].b[0], 0x10 + CONTRACT_BROKER);
	*result = xstrdup(facts->head.v == 99 ? ctx : "?");
	return NULL;
}

static char read_ctx[] = "read";

static void reads(void **state)
{
	struct answer a;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	ASK(a, chain_read(chain, reader, read_ctx, reply_));
	ok(a.err);
	assert_string_equal(a.result, "read");
	free(a.result);
}

/* --- what the console shows --- */

static void get_view(enum section s, void *view)
{
	struct blob *b;
	uint64_t version;

	WAIT_FOR(board_version(board, s) > 0);
	b = board_get(board, s, &version);
	ok(view_decode(section_desc(s), (const char *)blob_data(b), blob_size(b), view));
	blob_put(b);
}

static void shows(void **state)
{
	struct tx_request r = request(7);
	struct view_chain c = { 0 };
	struct view_txs t = { 0 };
	struct answer a;

	(void)state;
	open_chain();
	WAIT_FOR(told.facts > 0);
	ASK(a, chain_submit(chain, &r, reply_));
	(void)ask_job(&a);
	get_view(SECTION_CHAIN, &c);
	assert_string_equal(view_text(c.network), "test");
	assert_string_equal(view_text(c.generation), "confluence");
	assert_true(c.ready);
	assert_int_equal(c.head, 99);
	assert_int_equal(c.round, 7);
	assert_int_equal(c.blocks_left, 991);
	assert_false(c.round_locked);
	assert_string_equal(view_text(c.gas_price), "1.1 gwei");
	assert_int_equal(c.rpcs.n, 1);
	assert_true(c.contracts.n >= 7);
	view_clear(section_desc(SECTION_CHAIN), &c);
	get_view(SECTION_TXS, &t);
	assert_int_equal(t.rows.n, 1);
	assert_string_equal(view_text(t.rows.v[0].state), "sent");
	assert_string_equal(view_text(t.rows.v[0].note), "a test");
	assert_string_equal(view_text(t.rows.v[0].value), "5 wei");
	assert_true(t.rows.v[0].can_replace);
	view_clear(section_desc(SECTION_TXS), &t);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(facts_are_known), TEST(rounds_are_told), TEST(silence_is_no_failure),
		TEST(refused_at_the_start), TEST(another_chain), TEST(without_a_key),
		TEST(money_is_watched), TEST(strangers_are_bounded), TEST(transactions),
		TEST(goes_on_after_a_restart), TEST(reads), TEST(shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

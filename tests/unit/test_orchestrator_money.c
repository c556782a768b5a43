/* A paid orchestrator as its broadcasters see it, over real sockets: statuses
 * and words of go-livepeer server/rpc.go and segment_rpc.go, in their order. */
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <unistd.h>

#include "db/tickets.h"
#include "src/role/cashier_private.h"
#include "tests/unit/role_rig.h"
#include "tests/unit/scratch.h"

#define EV 1000000000000

static char dir[64], path[96];
static struct orch orch;
static struct chain *chain;
static struct payer us, payer, other;
static struct orchestrator_info *info; /* as the payer was first told */
static uint32_t nonce;
static atomic_uint won;

static void on_won(void *ctx)
{
	(void)ctx;
	atomic_fetch_add(&won, 1);
}

static void open_orch(struct pool *pool)
{
	struct cashier_options o = { .chain = chain, .signer = us.signer, .db_path = path,
		.recipient = us.address, .ticket_ev = wei_from(EV),
		.max_face_value = wei_from(EV + 1), .redeem_gas = { 1 }, .won = on_won };
	struct cashier *c;
	struct err *e;

	assert_true(price_from_wire(&o.price, 10, 1));
	e = cashier_new(rig_log, &o, &c);
	if (e)
		fail_msg("%s", err_text(e));
	orch_open_with(&orch, pool, pool ? "" : "secret", 2, 0, c);
}

static int open_all(void **state)
{
	struct err *e;

	(void)state;
	rig_open();
	snprintf(dir, sizeof(dir), "/tmp/weir-paid-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	chain = fake_chain_new();
	us = payer_new(1);
	payer = payer_new(2);
	other = payer_new(3);
	fake_chain_fund(chain, payer.address, 1000, 1000);
	atomic_store(&won, 0);
	open_orch(fake_pool_new("cpu0", 10));
	info = XNEW(struct orchestrator_info);
	e = get_orchestrator_as(&orch, &payer, info);
	if (e)
		fail_msg("%s", err_text(e));
	nonce = 1;
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	fake_chain_release(chain);
	orch_close(&orch);
	rig_close();
	fake_chain_free(chain);
	payer_free(&us);
	payer_free(&payer);
	payer_free(&other);
	free(TAKE(info));
	return scratch_drop(dir);
}

static void post(int64_t seq, const struct payment *p, struct box *box)
{
	struct segment_creds *c = creds_new(&info->token, seq);

	payer_sign_segment(&payer, c);
	fetch_start(client, paid_fetch(&orch, c, p), into(box));
}

/* With n more tickets of the first params. */
static void pay(int64_t seq, size_t n, struct box *box)
{
	struct payment p = payer_pay(&payer, info, n, nonce);

	nonce += (uint32_t)n;
	post(seq, &p, box);
	payment_clear(&p);
}

static size_t stored(void)
{
	struct ticket_filter f = { .by_sender = true, .sender = payer.address };
	struct ticket_totals t;
	struct db *db;

	assert_null(db_open(path, DB_NORMAL, &db));
	assert_null(tickets_totals(db, &f, &t));
	db_close(db);
	return (size_t)t.n[TICKET_WON];
}

struct peek {
	struct credit balance;
	bool has;
};

static void on_peek(void *ctx)
{
	struct peek *p = ctx;

	p->has = cashier_balance(orch.cashier, payer.address, info->token.session_id,
		&p->balance);
}

static uint64_t balance(void)
{
	struct peek p;
	struct wei w;
	uint64_t n = 0;

	actor_call(orch.o->actor, on_peek, &p);
	if (p.has)
		assert_true(credit_to_wei(&w, p.balance) && u256_to_u64(&n, w.v));
	return n;
}

/* --- GetOrchestrator --- */

static void tells_its_terms(void **state)
{
	(void)state;
	assert_true(info->has_params && info->has_price);
	assert_true(addr_eq(info->address, us.address));
	assert_true(addr_eq(info->params.recipient, us.address));
	assert_int_equal(info->price_per_unit, 10);
	assert_int_equal(info->pixels_per_unit, 1);
	assert_int_equal(info->params.expiration.v, 1040);
	assert_true(info->token.present);
}

static void info_refused(const struct payer *who, const char *text)
{
	struct orchestrator_info *i = XNEW(struct orchestrator_info);
	struct err *e = get_orchestrator_as(&orch, who, i);

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
	free(i);
}

static void refuses_requests(void **state)
{
	struct payer liar = { other.signer, payer.address };
	char name[EC_ADDR_TEXT_SIZE], text[160];

	(void)state;
	info_refused(NULL, "Invalid orchestrator request: orchestrator req sig check "
		"failed");
	info_refused(&liar, "Invalid orchestrator request: orchestrator req sig check "
		"failed");
	info_refused(&other, "insufficient sender reserve");
	atomic_store(&chain->dead, true);
	liar = payer_new(9);
	ec_address_text(name, liar.address.b);
	snprintf(text, sizeof(text), "could not get sender info for %s: no RPC", name);
	info_refused(&liar, text);
	payer_free(&liar);
	orchestrator_drain(orch.o, true);
	info_refused(&payer, "Invalid orchestrator request: OrchestratorCapped");
}

static void signs_pings(void **state)
{
	static const uint8_t value[4] = { 0, 0x11, 0x22, 0x33 };
	uint8_t hash[32];
	struct str msg = STR_INIT, got = STR_INIT;
	struct blob *b;
	struct box box;

	(void)state;
	ping_encode(value, sizeof(value), &msg);
	grpc_call(client, orch.uri, "/net.Orchestrator/Ping", blob_from_str(&msg), 0, 0,
		into(&box));
	b = unbox(&box);
	assert_null(ping_decode(&got, blob_data(b), blob_size(b)));
	keccak_256(hash, value, sizeof(value));
	assert_true(ec_signed_by(us.address.b, hash, (uint8_t *)got.s, got.len));
	str_clear(&got);
	blob_put(b);
}

/* --- segments --- */

static void works_for_money(void **state)
{
	struct transcode_result *r = XNEW(struct transcode_result);
	uint8_t hash[1][KECCAK_SIZE], all[KECCAK_SIZE];
	struct box box;

	(void)state;
	pay(0, 1, &box);
	take_result(&box, r);
	assert_null(r->error);
	/* The tickets were in the database before the answer. */
	assert_int_equal(stored(), 1);
	assert_int_equal(atomic_load(&won), 1);
	assert_int_equal(balance(), EV - 10 * FAKE_PIXELS);
	/* The receipt is over what is served. */
	keccak_256(hash[0], rig_segment, strlen(rig_segment));
	results_hash(all, hash, 1);
	assert_true(ec_signed_by(us.address.b, all, r->sig, r->sig_len));
	/* New params, the old price and the old token come along. */
	assert_true(r->has_info && r->info.has_params);
	assert_false(hash_eq(r->info.params.rand_hash, info->params.rand_hash));
	assert_int_equal(r->info.price_per_unit, 10);
	assert_string_equal(r->info.token.session_id, info->token.session_id);
	/* They can be paid with. */
	info->params = r->info.params;
	nonce = 1;
	pay(1, 3, &box);
	result_is(&box, NULL);
	assert_int_equal(stored(), 4);
	transcode_result_clear(r);
	free(r);
}

static void refused(struct segment_creds *c, const struct payment *p, int status,
	const char *text)
{
	struct box box;

	fetch_start(client, paid_fetch(&orch, c, p), into(&box));
	response_is(&box, status, text);
}

static struct segment_creds *signed_creds(int64_t seq)
{
	struct segment_creds *c = creds_new(&info->token, seq);

	payer_sign_segment(&payer, c);
	return c;
}

static void refuses_by_rule(void **state)
{
	struct payment p = payer_pay(&payer, info, 1, 1), none = { 0 };
	struct segment_creds *c;
	struct box box;

	(void)state;
	/* Unsigned, somebody else's, for another segment: before all else. */
	refused(creds_new(&info->token, 0), &p, 403, "ErrSegSig\n");
	c = creds_new(&info->token, 0);
	c->token.token[0] ^= 1;
	payer_sign_segment(&other, c);
	refused(c, &p, 403, "ErrSegSig\n");
	c = signed_creds(0);
	c->seq = 1;
	refused(c, &p, 403, "ErrSegSig\n");
	refused(signed_creds(0), &none, 403, "ErrSegSig\n");
	c = signed_creds(0);
	caps_add(&c->caps, CAP_HEVC_ENCODE);
	refused(c, &p, 403, "incompatible capabilities\n");
	c = signed_creds(0);
	c->token.token[0] ^= 1;
	refused(c, &p, 403, "invalid auth token\n");
	/* Then the payment. */
	p.price_per_unit = 11;
	refused(signed_creds(0), &p, 400,
		"invalid recipientRand for ticket recipientRandHash\n");
	p.price_per_unit = 10;
	p.tickets[0].sig.b[5] ^= 1;
	refused(signed_creds(0), &p, 400, "invalid ticket signature\n");
	payment_clear(&p);
	p = payer_pay(&payer, info, 0, 0);
	refused(signed_creds(0), &p, 400, "Insufficient balance\n");
	p.price_per_unit = 0;
	refused(signed_creds(0), &p, 400, "invalid expected price sent with payment "
		"err=\"sent 0/1, the session is at 10/1\"\n");
	assert_int_equal(stored(), 0);
	assert_int_equal(balance(), 0);
	assert_int_equal(look(&orch).sessions, 0);
	assert_int_equal(atomic_load(&orch.pool->jobs), 0);
	/* It was all in vain, but the way is open. */
	pay(0, 1, &box);
	result_is(&box, NULL);
}

static void without_reserve_no_terms(void **state)
{
	struct payment p = payer_pay(&payer, info, 1, 1);

	(void)state;
	fake_chain_fund(chain, payer.address, 1000, 0);
	fake_chain_tell(chain);
	refused(signed_creds(0), &p, 500, "Internal Server Error\n");
	/* What was paid is kept nevertheless: its deposit is still there. */
	assert_int_equal(stored(), 1);
	assert_int_equal(balance(), EV);
	payment_clear(&p);
}

static void a_dead_chain_stops_nobody(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&chain->dead, true);
	for (int i = 0; i < 3; i++) {
		pay(i, 1, &box);
		result_is(&box, NULL);
	}
	atomic_store(&chain->dead, false);
}

static void failures_cost_nothing(void **state)
{
	struct box box;

	(void)state;
	fake_fail_with(orch.pool, ERR_MEDIA, "No keyframes in input");
	pay(0, 1, &box);
	result_is(&box, "No keyframes in input");
	assert_int_equal(balance(), EV);
	atomic_store(&orch.pool->mode, FAKE_SERVE);
	atomic_store(&orch.pool->outputs, 0);
	pay(1, 0, &box);
	result_is(&box, "MismatchedSegments");
	assert_int_equal(balance(), EV);
	/* The same segment again is charged as often as it is transcoded. */
	atomic_store(&orch.pool->outputs, -1);
	pay(1, 0, &box);
	result_is(&box, NULL);
	assert_int_equal(balance(), EV - 10 * FAKE_PIXELS);
}

/* --- remote transcoders --- */

static void register_remote(uint64_t exchange)
{
	struct register_request *q = XNEW(struct register_request);

	q->capacity = 1;
	orchestrator_register(orch.o, q, exchange, "127.0.0.1:9");
	free(q);
}

static void answer_task(int64_t task)
{
	struct transcode_output *out = XNEW(struct transcode_output);

	out->n = 1;
	out->r[0].data = blob_new(rig_segment, strlen(rig_segment));
	out->r[0].pixels = FAKE_PIXELS;
	orchestrator_task_done(orch.o, task, NULL, out);
}

/* The job's first run is so late that another had better try. */
static void on_late(void *ctx)
{
	struct job *j = orch.o->jobs;

	(void)ctx;
	if (j && j->runs == 1)
		j->run[0].began_ms -= 5000;
}

static void two_answers_are_charged_once(void **state)
{
	struct box box;

	(void)state;
	orch_close(&orch);
	open_orch(NULL);
	register_remote(1001);
	register_remote(1002);
	assert_null(get_orchestrator_as(&orch, &payer, info));
	pay(0, 1, &box);
	WAIT_FOR(look(&orch).running == 1);
	actor_call(orch.o->actor, on_late, NULL);
	WAIT_FOR(look(&orch).running == 2);
	answer_task(1);
	answer_task(0);
	answer_task(1);
	result_is(&box, NULL);
	(void)look(&orch);
	assert_int_equal(balance(), EV - 10 * FAKE_PIXELS);
	assert_int_equal(stored(), 1);
}

static void spoil(const char *sql)
{
	struct db *db;

	assert_null(db_open(path, DB_NORMAL, &db));
	assert_null(db_exec(db, sql));
	db_close(db);
}

static int64_t unsaved(void)
{
	struct totals *t;
	struct box box;
	int64_t n;

	orchestrator_totals(orch.o, into(&box));
	t = unbox(&box);
	n = t->unsaved;
	free(t);
	return n;
}

static void no_answer_before_the_disk(void **state)
{
	struct box box;

	(void)state;
	spoil("ALTER TABLE tickets RENAME TO hidden");
	pay(0, 2, &box);
	response_is(&box, 500, "Internal Server Error\n");
	assert_int_equal(unsaved(), 2);
	assert_int_equal(atomic_load(&orch.pool->jobs), 0);
	info_refused(&payer, "winning tickets cannot be stored: no new sessions");
	spoil("ALTER TABLE hidden RENAME TO tickets");
	WAIT_FOR(!unsaved());
	assert_int_equal(stored(), 2);
	pay(0, 1, &box);
	result_is(&box, NULL);
}

/* --- the operator's --- */

static struct view_pricing *pricing(void)
{
	struct box box;

	orchestrator_pricing(orch.o, into(&box));
	return unbox(&box);
}

static void pricing_free(struct view_pricing *v)
{
	view_clear(view_pricing_desc(), v);
	free(v);
}

static void sets_and_shows(void **state)
{
	struct orchestrator_info *i = XNEW(struct orchestrator_info);
	struct view_pricing *v;
	struct price p;
	struct box box;

	(void)state;
	pay(0, 2, &box);
	result_is(&box, NULL);
	assert_true(price_from_wire(&p, 7, 2));
	orchestrator_set_price(orch.o, &payer.address, &p);
	orchestrator_set_ticket_ev(orch.o, wei_from(2 * EV));
	orchestrator_set_max_face_value(orch.o, fake_eth(1));
	orchestrator_set_auto_adjust(orch.o, true);
	v = pricing();
	assert_string_equal(v->ticket_ev, "2000 gwei");
	assert_string_equal(v->max_face_value, "0.001 ETH");
	assert_true(v->auto_adjust);
	assert_int_equal(v->per_broadcaster.n, 1);
	assert_int_equal(v->senders.n, 1);
	assert_int_equal(v->senders.v[0].sessions, 1);
	assert_string_equal(v->senders.v[0].credit, "1999.99999 gwei");
	pricing_free(v);
	assert_null(get_orchestrator_as(&orch, &payer, i));
	assert_int_equal(i->price_per_unit, 7);
	orchestrator_set_price(orch.o, &payer.address, NULL);
	assert_true(price_from_wire(&p, 12, 1));
	orchestrator_set_price(orch.o, NULL, &p);
	assert_null(get_orchestrator_as(&orch, &payer, i));
	assert_int_equal(i->price_per_unit, 12);
	/* The session under way keeps its price. */
	pay(1, 1, &box);
	result_is(&box, NULL);
	free(i);
}

static void sessions_show_their_money(void **state)
{
	struct blob *b;
	uint64_t version;
	struct str json = STR_INIT;
	struct box box;

	(void)state;
	pay(0, 2, &box);
	result_is(&box, NULL);
	do {
		str_truncate(&json, 0);
		b = board_get(orch.board, SECTION_SESSIONS, &version);
		str_addn(&json, blob_data(b), blob_size(b));
		blob_put(b);
		poll(NULL, 0, 5);
	} while (!strstr(str_cstr(&json), "\"segments_out\":1"));
	assert_non_null(strstr(json.s, "\"price\":\"10 wei/px\""));
	assert_non_null(strstr(json.s, "\"paid\":\"2000 gwei\""));
	assert_non_null(strstr(json.s, "\"credit\":\"1999.99999 gwei\""));
	str_clear(&json);
}

static void free_of_charge(void **state)
{
	struct price none = PRICE_FREE;
	struct payment p;
	struct box box;

	(void)state;
	orchestrator_set_price(orch.o, NULL, &none);
	assert_null(get_orchestrator_as(&orch, &payer, info));
	assert_int_equal(info->price_per_unit, 0);
	p = payer_pay(&payer, info, 0, 0);
	post(0, &p, &box);
	result_is(&box, NULL);
	assert_int_equal(balance(), 0);
	/* And this one stays so. */
	none = (struct price){ wei_from(10), { 1 } };
	orchestrator_set_price(orch.o, NULL, &none);
	post(1, &p, &box);
	result_is(&box, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_its_terms),
		TEST(refuses_requests),
		TEST(signs_pings),
		TEST(works_for_money),
		TEST(refuses_by_rule),
		TEST(without_reserve_no_terms),
		TEST(a_dead_chain_stops_nobody),
		TEST(failures_cost_nothing),
		TEST(two_answers_are_charged_once),
		TEST(no_answer_before_the_disk),
		TEST(sets_and_shows),
		TEST(sessions_show_their_money),
		TEST(free_of_charge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

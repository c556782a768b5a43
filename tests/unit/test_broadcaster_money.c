/* A broadcaster that pays and orchestrators that are paid, in one process and
 * over real sockets, on one chain that the test plays: what one side spends the
 * other receives, to the wei. */
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <unistd.h>

#include "db/tickets.h"
#include "src/role/broadcaster_private.h"
#include "src/role/cashier_private.h"
#include "src/role/purse_private.h"
#include "tests/unit/role_rig.h"
#include "tests/unit/scratch.h"

#define EV 1000000000000 /* wei */
#define PRICE 5000000	 /* wei a pixel */

static char dir[64];
static struct chain *chain;
static struct orch first, second;
static struct payer payer, account[2];

static struct {
	struct net *net;
	struct pool *pool;
	struct board *board;
	struct router *router;
	struct port *port;
	struct purse *purse;
	struct broadcaster *b;
	const char *uris[2];
} bc;

/* Nearly every ticket wins when `lucky`; else one in a hundred. */
static void open_orch(struct orch *n, int which, int64_t price, bool lucky)
{
	char path[96];
	struct cashier_options o = { .chain = chain, .signer = account[which].signer,
		.db_path = path, .recipient = account[which].address,
		.ticket_ev = wei_from(EV), .redeem_gas = { 1 } };
	struct cashier *c;
	struct err *e;

	o.max_face_value = wei_from(lucky ? EV + 1 : EV * 100ull);
	if (!lucky)
		o.redeem_gas.v = 100000;
	snprintf(path, sizeof(path), "%s/%d.sqlite", dir, which);
	assert_true(price_from_wire(&o.price, price, 1));
	e = cashier_new(rig_log, &o, &c);
	if (e)
		fail_msg("%s", err_text(e));
	orch_open_with(n, fake_pool_new("cpu0", 10), "", 10, 0, c);
}

static void start_with(size_t orchs, int64_t max_price)
{
	struct purse_options po = { .chain = chain, .signer = payer.signer,
		.max_ticket_ev = wei_from(3ull * EV), .max_total_ev = fake_eth(1),
		.deposit_multiplier = 1 };
	struct broadcaster_options o = { .max_attempts = 3, .max_streams = 2,
		.playback = "http://127.0.0.1:1",
		.rule = { .stake_weight = 1, .price_exp = 100 } };
	struct port_options p = { .kind = PORT_HTTP, .address = "127.0.0.1:0" };

	bc.uris[0] = first.uri;
	bc.uris[1] = second.uri;
	o.discovery.uris = bc.uris;
	o.discovery.uris_n = orchs;
	assert_true(price_from_wire(&o.rule.max_price, max_price, 1));
	assert_null(ladder_parse_presets(&o.ladder, "P240p30fps16x9,P144p30fps16x9"));
	bc.net = net_new(rig_log);
	bc.pool = fake_pool_new("none", 0);
	bc.board = board_new(SECTION_COUNT);
	bc.purse = o.purse = purse_new(rig_log, &po);
	bc.b = broadcaster_new(rig_log, bc.net, bc.pool, bc.board, NULL, &o);
	p.router = bc.router = router_new();
	broadcaster_routes(bc.b, bc.router, true);
	assert_null(net_listen(bc.net, &p, &bc.port));
}

static int open_all(void **state)
{
	(void)state;
	rig_open();
	snprintf(dir, sizeof(dir), "/tmp/weir-paying-XXXXXX");
	assert_non_null(mkdtemp(dir));
	chain = fake_chain_new();
	payer = payer_new(9);
	account[0] = payer_new(1);
	account[1] = payer_new(2);
	fake_chain_fund(chain, payer.address, 1000, 1000);
	open_orch(&first, 0, PRICE, true);
	open_orch(&second, 1, PRICE, true);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	fake_chain_release(chain);
	broadcaster_stop(bc.b);
	pool_free(bc.pool);
	net_stop(bc.net);
	broadcaster_free(bc.b);
	purse_free(bc.purse);
	net_free(bc.net);
	router_free(bc.router);
	board_free(bc.board);
	orch_close(&first);
	orch_close(&second);
	rig_close();
	fake_chain_free(chain);
	payer_free(&payer);
	payer_free(&account[0]);
	payer_free(&account[1]);
	return scratch_drop(dir);
}

static void push_is(const char *path, int status, const char *part)
{
	char url[256], *body;
	struct response *r;
	struct fetch *f;
	struct box box;

	snprintf(url, sizeof(url), "http://%s%s", port_address(bc.port), path);
	f = fetch_new("POST", url);
	f->body = blob_new(rig_segment, strlen(rig_segment));
	f->total_ms = PATIENCE_MS;
	f->max_body = 1 << 20;
	fetch_start(client, f, into(&box));
	r = unbox(&box);
	body = xstrndup((const char *)blob_data(r->body), blob_size(r->body));
	if (r->status != status || !strstr(body, part))
		fail_msg("%s: %d %s", path, r->status, body);
	free(body);
	response_free(r);
}

static void push_all(const char *name, int from, int to)
{
	for (int i = from; i < to; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/live/%s/%d.ts", name, i);
		push_is(path, 200, "");
	}
}

/* --- both sides' books --- */

struct books {
	struct orch *n;
	struct credit received, balance; /* of the first sender, its first session */
	int64_t tickets, won;
	struct credit spent, left;
};

static void on_books_of_orch(void *ctx)
{
	struct books *k = ctx;
	struct customer *who = cashier_find(k->n->cashier, payer.address);
	struct session *s = k->n->o->sessions;

	if (who) {
		k->received = who->received;
		k->tickets = who->tickets;
		k->won = who->won;
	}
	if (s && !cashier_balance(k->n->cashier, payer.address, s->id, &k->balance))
		k->balance = CREDIT_ZERO;
}

static void on_books_of_purse(void *ctx)
{
	struct books *k = ctx;
	struct stream *s = bc.b->streams;

	k->spent = bc.purse->spent;
	if (s && !purse_balance(bc.purse, s->outlay.peer, s->outlay.session, &k->left))
		k->left = CREDIT_ZERO;
}

static struct books books(struct orch *n)
{
	struct books k = { .n = n };

	actor_call(n->o->actor, on_books_of_orch, &k);
	actor_call(bc.b->actor, on_books_of_purse, &k);
	return k;
}

static int64_t stored(int which)
{
	struct ticket_filter f = { .by_sender = true, .sender = payer.address };
	struct ticket_totals t;
	struct db *db;
	char path[96];

	snprintf(path, sizeof(path), "%s/%d.sqlite", dir, which);
	assert_null(db_open(path, DB_NORMAL, &db));
	assert_null(tickets_totals(db, &f, &t));
	db_close(db);
	return t.n[TICKET_WON];
}

static unsigned jobs(const struct orch *n)
{
	return atomic_load(&n->pool->jobs);
}

static void on_streams(void *ctx)
{
	*(unsigned *)ctx = HASH_COUNT(bc.b->streams);
}

static unsigned streams(void)
{
	unsigned n;

	actor_call(bc.b->actor, on_streams, &n);
	return n;
}

static struct view_funds *funds(void)
{
	struct box box;

	broadcaster_funds(bc.b, into(&box));
	return unbox(&box);
}

static void funds_free(struct view_funds *v)
{
	view_clear(view_funds_desc(), v);
	free(v);
}

static void settle_down(void)
{
	fake_chain_tell(chain);
	(void)streams();
	(void)look(&first);
	(void)look(&second);
}

/* --- it works --- */

static void what_is_spent_is_received(void **state)
{
	struct books k;
	struct view_funds *v;
	struct credit used;

	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 12);
	k = books(&first);
	/* 8346240 pixels at most, at 5e6 wei: 43 tickets; then 1e10 wei each. */
	assert_int_equal(k.tickets, 43);
	assert_int_equal(credit_cmp(k.spent, k.received), 0);
	assert_int_equal(credit_cmp(k.left, k.balance), 0);
	assert_true(credit_from_wei(&used, wei_from(12ull * 2 * FAKE_PIXELS * PRICE)));
	assert_true(credit_sub(&used, k.spent, used));
	assert_int_equal(credit_cmp(used, k.left), 0);
	/* They all won, and are all there. */
	assert_int_equal(k.won, 43);
	assert_int_equal(stored(0), 43);
	v = funds();
	assert_int_equal(v->peers.n, 1);
	assert_string_equal(v->peers.v[0].uri, first.uri);
	assert_string_equal(v->peers.v[0].last_error, "");
	assert_string_equal(v->spent_total, v->peers.v[0].sent);
	funds_free(v);
}

static void most_tickets_lose(void **state)
{
	struct books k;

	(void)state;
	orch_close(&first);
	open_orch(&first, 0, PRICE, false);
	start_with(1, 0);
	push_all("movie", 0, 3);
	k = books(&first);
	assert_in_range(k.tickets, 43, 44);
	assert_int_equal(credit_cmp(k.spent, k.received), 0);
	assert_int_equal(k.won, stored(0));
	assert_in_range(k.won, 0, 8); /* 0.43 expected; 9 are one in 10^10 */
}

static void six_hundred_tickets_pass(void **state)
{
	struct price dear = { wei_from(70000000), { 1 } };

	(void)state;
	orchestrator_set_price(first.o, NULL, &dear);
	start_with(1, 0);
	push_all("movie", 0, 1);
	assert_in_range(books(&first).tickets, 590, 600);
	assert_int_equal(stored(0), books(&first).tickets);
	/* More than that is refused here, before it costs anything. */
	dear.per = wei_from(80000000);
	orchestrator_set_price(first.o, NULL, &dear);
	push_is("/live/other/0.ts", 503, "No sessions available");
}

static void failed_work_is_paid_once(void **state)
{
	struct books k;

	(void)state;
	fake_fail_with(first.pool, ERR_MEDIA, "No keyframes in input");
	start_with(1, 0);
	push_is("/live/movie/0.ts", 422, "No keyframes in input");
	/* Ours is gone, as for everybody; the orchestrator has it still. */
	k = books(&first);
	assert_int_equal(k.tickets, 43);
	assert_true(credit_is_zero(k.left));
	assert_int_equal(credit_cmp(k.balance, k.received), 0);
	atomic_store(&first.pool->mode, FAKE_SERVE);
	push_all("movie", 1, 3);
	k = books(&first);
	assert_int_equal(credit_cmp(k.spent, k.received), 0);
}

/* --- terms --- */

static void expired_params_are_renewed(void **state)
{
	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 1);
	assert_int_equal(look(&first).sessions, 1);
	chain->facts.l1.v += 40;
	settle_down();
	push_all("movie", 1, 2);
	/* A new token came with the new params. */
	assert_int_equal(look(&first).sessions, 2);
	push_all("movie", 2, 3);
	assert_int_equal(look(&first).sessions, 2);
}

static void the_cheap_one_is_used(void **state)
{
	struct price dear = { wei_from(PRICE + 1), { 1 } };
	struct view_funds *v;

	(void)state;
	orchestrator_set_price(second.o, NULL, &dear);
	start_with(2, PRICE);
	push_all("movie", 0, 4);
	assert_int_equal(jobs(&first), 4);
	assert_int_equal(jobs(&second), 0);
	v = funds();
	assert_int_equal(v->peers.n, 2);
	for (size_t i = 0; i < 2; i++) {
		if (!strcmp(v->peers.v[i].uri, second.uri))
			assert_string_equal(v->peers.v[i].last_error, "its price of "
				"5000001 wei/px is above ours of 5000000 wei/px");
	}
	funds_free(v);
	/* Below all of them nobody works, unless that is waived. */
	broadcaster_set_max_price(bc.b, (struct price){ wei_from(1), { 1 } });
	push_is("/live/other/0.ts", 503, "No sessions available");
	broadcaster_set_ignore_max_price(bc.b, true);
	push_all("other", 1, 2);
}

static void a_runaway_price_is_left(void **state)
{
	struct price p = { wei_from(PRICE * 3), { 1 } };
	struct view_funds *v;

	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 1);
	/* A new token brings the new price, more than twice the first one. For
	 * want of others the segment ends up there, in a session that knows it. */
	orchestrator_set_price(first.o, NULL, &p);
	chain->facts.l1.v += 40;
	settle_down();
	push_all("movie", 1, 2);
	v = funds();
	assert_string_equal(v->peers.v[0].last_error, "Orchestrator price has more than "
		"doubled, Orchestrator price: 15000000, Orchestrator initial price: 5000000");
	assert_string_equal(v->peers.v[0].price, "15000000 wei/px");
	funds_free(v);
}

static void our_own_trouble_ends_the_stream(void **state)
{
	(void)state;
	start_with(2, 0);
	push_all("movie", 0, 1);
	assert_int_equal(streams(), 1);
	fake_chain_fund(chain, payer.address, 0, 1000);
	settle_down();
	push_is("/live/movie/1.ts", 500, "err=\"no sender deposit\"");
	assert_int_equal(streams(), 0);
	assert_int_equal(jobs(&first) + jobs(&second), 1);
}

static void a_dead_chain_stops_nobody(void **state)
{
	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 1);
	atomic_store(&chain->dead, true);
	push_all("movie", 1, 5);
	push_all("other", 0, 2); /* a new session of one who is known */
	atomic_store(&chain->dead, false);
}

static void on_has_funds(void *ctx)
{
	*(bool *)ctx = bc.purse->has_funds;
}

static bool has_funds(void)
{
	bool has;

	settle_down();
	actor_call(bc.b->actor, on_has_funds, &has);
	return has;
}

static void without_funds_known_nobody_is_blamed(void **state)
{
	(void)state;
	atomic_store(&chain->dead, true);
	start_with(1, 0);
	push_is("/live/movie/0.ts", 503, "No sessions available");
	atomic_store(&chain->dead, false);
	WAIT_FOR(has_funds());
	push_all("other", 0, 1);
}

/* --- work --- */

static void on_swap(void *ctx)
{
	struct orch *n = ctx;

	n->cashier->signer = account[1].signer;
}

static void a_forged_receipt_is_refused(void **state)
{
	struct view_funds *v;

	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 1);
	/* Somebody else signs than the one who said so. The second attempt is with
	 * a session in which he does. */
	actor_call(first.o->actor, on_swap, &first);
	push_all("movie", 1, 2);
	assert_int_equal(jobs(&first), 3);
	v = funds();
	assert_string_equal(v->peers.v[v->peers.n - 1].last_error, "PM Check Failed");
	funds_free(v);
}

/* --- the chain's pool --- */

static struct discovery_pool *pool_of(size_t n)
{
	struct discovery_pool *p = xcalloc(1, sizeof(*p) + 4 * sizeof(p->o[0]));
	struct orch *o[] = { &first, &second };

	for (size_t i = 0; i < n; i++) {
		struct pool_entry *one = &p->o[p->n++];

		one->address = account[i].address;
		snprintf(one->uri, sizeof(one->uri), "%s", o[i]->uri);
		one->stake.v = u256_from(i ? 1 : 1000000); /* raw: for a test */
	}
	/* What people register. */
	snprintf(p->o[p->n++].uri, URI_SIZE, "%s", "not a url at all");
	p->n++;
	return p;
}

static void the_chain_lists_orchestrators(void **state)
{
	(void)state;
	start_with(0, 0);
	broadcaster_set_pool(bc.b, pool_of(2));
	for (int i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		push_all(name, 0, 1);
		push_all(name, 1, 2);
		broadcaster_drop_stream(bc.b, name, (struct reply){ 0 });
	}
	/* Nearly all the stake is with the first. */
	assert_true(jobs(&first) >= 7);
	/* It is updated while the node runs. */
	broadcaster_set_pool(bc.b, pool_of(0));
	push_is("/live/late/0.ts", 503, "No sessions available");
}

static void the_pool_is_waited_for(void **state)
{
	struct box box;
	struct stream_request *q = XNEW(struct stream_request);

	(void)state;
	start_with(0, 0);
	q->ingest = INGEST_RTMP;
	snprintf(q->path, sizeof(q->path), "/live/movie");
	broadcaster_open(bc.b, q, into(&box));
	(void)streams();
	assert_false(atomic_load(&box.full));
	broadcaster_set_pool(bc.b, pool_of(1));
	free(unbox(&box));
	assert_int_equal(streams(), 1);
}

static void sessions_show_their_money(void **state)
{
	struct blob *b;
	uint64_t version;
	struct str json = STR_INIT;

	(void)state;
	start_with(1, 0);
	push_all("movie", 0, 1);
	do {
		str_truncate(&json, 0);
		b = board_get(bc.board, SECTION_STREAMS, &version);
		str_addn(&json, blob_data(b), blob_size(b));
		blob_put(b);
		poll(NULL, 0, 5);
	} while (!strstr(str_cstr(&json), "\"segments_out\":1"));
	assert_non_null(strstr(json.s, "\"price\":\"5000000 wei/px\""));
	assert_non_null(strstr(json.s, "\"paid\":\"43000 gwei\""));
	assert_non_null(strstr(json.s, "\"credit\":\"42990 gwei\""));
	str_clear(&json);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_spent_is_received),
		TEST(most_tickets_lose),
		TEST(six_hundred_tickets_pass),
		TEST(failed_work_is_paid_once),
		TEST(expired_params_are_renewed),
		TEST(the_cheap_one_is_used),
		TEST(a_runaway_price_is_left),
		TEST(our_own_trouble_ends_the_stream),
		TEST(a_dead_chain_stops_nobody),
		TEST(without_funds_known_nobody_is_blamed),
		TEST(a_forged_receipt_is_refused),
		TEST(the_chain_lists_orchestrators),
		TEST(the_pool_is_waited_for),
		TEST(sessions_show_their_money),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

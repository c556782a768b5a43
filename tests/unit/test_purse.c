/* The broadcaster's purse between orchestrators' terms and the chain, on an
 * actor of the test's own: what it accepts, how many tickets it buys, and where
 * each wei of credit goes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>

#include "proto/headers.h"
#include "src/base/clock.h"
#include "src/pay/recipient.h"
#include "src/role/purse_private.h"
#include "tests/unit/fake_chain.h"
#include "tests/unit/payer.h"

#define EV 1000000 /* wei */

static struct log *root;
static struct actor *bcast;
static struct chain *chain;
static struct purse *purse;
static struct payer us, them;
static struct recipient *recipient;
static struct orchestrator_info *info;

static void do_nothing(void *ctx)
{
	(void)ctx;
}

static void settle_down(void)
{
	for (int i = 0; i < 3; i++)
		actor_call(bcast, do_nothing, NULL);
}

static void tell(void)
{
	fake_chain_tell(chain);
	settle_down();
}

/* Fresh terms of the orchestrator's at 3/2 wei a pixel. */
static void fresh(void)
{
	struct price price;
	uint8_t seed[32] = { 1 };

	assert_true(price_from_wire(&price, 3, 2));
	info->price_per_unit = 3;
	info->pixels_per_unit = 2;
	info->has_price = info->has_params = true;
	assert_true(recipient_params(recipient, &info->params, us.address, price,
		fake_eth(100), &chain->facts, seed));
}

static void start(uint64_t deposit, uint64_t reserve)
{
	struct purse_options o = { .chain = chain, .signer = us.signer,
		.max_ticket_ev = wei_from(3 * EV), .max_total_ev = wei_from(20 * EV),
		.deposit_multiplier = 1 };

	fake_chain_fund(chain, us.address, deposit, reserve);
	purse = purse_new(root, &o);
	purse_open(purse, bcast);
	settle_down();
}

static int open_all(void **state)
{
	struct recipient_options r = { .ticket_ev = wei_from(EV), .redeem_gas = { 1 },
		.max_face_value = wei_from(EV * 1000) };

	(void)state;
	log_set_quiet(1);
	root = log_new("test", NULL);
	bcast = actor_new("bcast", 64);
	chain = fake_chain_new();
	us = payer_new(1);
	them = payer_new(2);
	r.address = them.address;
	recipient = recipient_new(&r);
	info = XNEW(struct orchestrator_info);
	info->address = them.address;
	snprintf(info->transcoder, sizeof(info->transcoder), "https://o:8935");
	snprintf(info->token.session_id, sizeof(info->token.session_id), "aabbccdd");
	fresh();
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	fake_chain_release(chain);
	actor_free(bcast);
	purse_free(TAKE(purse));
	recipient_free(recipient);
	fake_chain_free(chain);
	payer_free(&us);
	payer_free(&them);
	free(info);
	log_free(root);
	return 0;
}

static void says(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

/* --- on the actor --- */

struct errand {
	uint64_t pixels;
	struct price first;
	struct outlay outlay;
	struct payment payment;
	enum outcome outcome;
	struct err *err;
	struct credit balance;
	bool has_balance;
};

static void do_pay(void *ctx)
{
	struct errand *q = ctx;
	struct str header = STR_INIT;

	q->err = purse_pay(purse, info, q->first, (struct pixels){ q->pixels }, &q->outlay,
		&header);
	if (!q->err)
		q->err = payment_header_decode(&q->payment, str_cstr(&header));
	str_clear(&header);
}

/* The number of tickets that a segment of so many pixels takes. */
static size_t pay(uint64_t pixels, struct outlay *out)
{
	struct errand q = { .pixels = pixels, .first = PRICE_FREE };
	size_t n;

	assert_true(orchestrator_price(&q.first, info));
	actor_call(bcast, do_pay, &q);
	if (q.err)
		fail_msg("%s", err_text(q.err));
	n = q.payment.n;
	*out = q.outlay;
	payment_clear(&q.payment);
	return n;
}

static void unpaid(uint64_t pixels, const char *text)
{
	struct errand q = { .pixels = pixels, .first = PRICE_FREE };

	if (!orchestrator_price(&q.first, info))
		q.first = PRICE_FREE;
	actor_call(bcast, do_pay, &q);
	says(q.err, text);
	assert_false(q.outlay.is_open);
}

static void do_settle(void *ctx)
{
	struct errand *q = ctx;

	purse_settle(purse, &q->outlay, q->outcome, (struct pixels){ q->pixels });
}

static void settle(struct outlay *o, enum outcome outcome, uint64_t pixels)
{
	struct errand q = { .outlay = *o, .outcome = outcome, .pixels = pixels };

	actor_call(bcast, do_settle, &q);
	*o = q.outlay;
	assert_false(o->is_open);
}

static void do_balance(void *ctx)
{
	struct errand *q = ctx;

	q->has_balance = purse_balance(purse, them.address, info->token.session_id,
		&q->balance);
}

/* Prices here have no smaller part than half a wei. */
static int64_t halves(struct credit c)
{
	bool neg = c.neg;
	struct wei w;
	uint64_t n;

	assert_true(credit_times(&c, c, 2));
	c.neg = false;
	assert_true(credit_to_wei(&w, c) && u256_to_u64(&n, w.v));
	return neg ? -(int64_t)n : (int64_t)n;
}

static int64_t balance(void)
{
	struct errand q = { .pixels = 0 };

	actor_call(bcast, do_balance, &q);
	return q.has_balance ? halves(q.balance) : 0;
}

/* --- terms --- */

static void check_says(const char *text)
{
	struct err *e = purse_check(purse, info);

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void accepts_terms(void **state)
{
	(void)state;
	start(1000, 1000);
	assert_null(purse_check(purse, info));
}

static void refuses_terms(void **state)
{
	struct err *e;

	(void)state;
	start(1000, 1000);
	info->has_params = false;
	check_says("ticketParams is nil");
	info->has_params = true;
	info->params.expiration.v = 0;
	check_says("ticketParams expiration block is 0");
	info->params.expiration.v = 1001;
	check_says("TicketParams expired");
	e = purse_check(purse, info);
	assert_true(purse_wants_new(e));
	err_free(e);
	fresh();
	info->params.win_prob = PROB_MAX;
	check_says("ticket faceValue too low faceValue=1000000000");
	fresh();
	recipient_set_ev(recipient, wei_from(4 * EV));
	fresh();
	check_says("ticket EV 4000000.00000 > max ticket EV 3000000.00000");
	assert_false(purse_wants_new(NULL));
}

static void our_own_trouble_is_denied(void **state)
{
	static const char *const text[] = { "no sender deposit", "no sender reserve",
		"unable to validate sender: deposit and reserve is set to unlock soon" };

	(void)state;
	start(0, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct err *e = purse_check(purse, info);

		assert_int_equal(err_kind(e), ERR_DENIED);
		says(e, text[i]);
		fake_chain_fund(chain, us.address, 1000, i ? 1000 : 0);
		if (i)
			chain->purse[0].funds.withdraw_round.v = 8;
		tell();
	}
}

static void unknown_funds_are_nobodys_fault(void **state)
{
	struct err *e;

	(void)state;
	atomic_store(&chain->dead, true);
	start(1000, 1000);
	e = purse_check(purse, info);
	assert_int_equal(err_kind(e), ERR_UNAVAILABLE);
	err_free(e);
	/* It asks again, and once there is an answer no more. */
	atomic_store(&chain->dead, false);
	purse_tick(purse, clock_mono_ms() + 1000);
	settle_down();
	assert_int_equal(atomic_load(&chain->asked), 1);
	purse_tick(purse, clock_mono_ms() + 2500);
	settle_down();
	assert_int_equal(atomic_load(&chain->asked), 2);
	assert_null(purse_check(purse, info));
	purse_tick(purse, clock_mono_ms() + 9000);
	settle_down();
	assert_int_equal(atomic_load(&chain->asked), 2);
}

/* --- estimates: server/rpc_test.go TestEstimateFee --- */

static void estimates(void **state)
{
	struct ladder l = { .n = 1 };

	(void)state;
	l.r[0] = preset_find("P144p30fps16x9")->rendition;
	assert_int_equal(purse_estimate(&l, 2000).v, 2211840);
	l.r[1] = preset_find("P240p30fps16x9")->rendition;
	l.n = 2;
	assert_int_equal(purse_estimate(&l, 2000).v, 8346240);
	assert_int_equal(purse_estimate(&l, 2200).v, 12519360);
	l.r[0].fps = 0; /* as the source, taken for 60 */
	assert_int_equal(purse_estimate(&l, 3000).v, 15837120);
	l.r[0].fps = 30000;
	l.r[0].fps_den = 1001;
	assert_int_equal(purse_estimate(&l, 2000).v, 8346240);
	assert_int_equal(purse_estimate(&l, 0).v, 0);
}

/* --- buying --- */

static void buys_what_is_needed(void **state)
{
	struct outlay o;

	(void)state;
	start(1000, 1000);
	/* At least a ticket, however short the segment. */
	assert_int_equal(pay(1, &o), 1);
	settle(&o, OUTCOME_RECEIVED, 0);
	assert_int_equal(balance(), 2 * EV);
	/* It is there already. */
	assert_int_equal(pay(1, &o), 0);
	settle(&o, OUTCOME_RECEIVED, 200000); /* 300000 wei */
	assert_int_equal(balance(), 2 * (EV - 300000));
	/* 2,000,000 pixels are 3.06 million wei with the margin. */
	assert_int_equal(pay(2000000, &o), 3);
	settle(&o, OUTCOME_RECEIVED, 2000001);
	assert_int_equal(balance(), 2 * (4 * EV - 300000) - 3 * 2000001);
}

static void every_outcome_has_its_balance(void **state)
{
	struct outlay o;
	int64_t before;

	(void)state;
	start(1000, 1000);
	pay(1, &o);
	settle(&o, OUTCOME_RECEIVED, 0);
	before = balance();
	/* Nobody answered: what was there is there. */
	assert_int_equal(pay(2000000, &o), 3);
	assert_int_equal(balance(), 0);
	settle(&o, OUTCOME_UNSENT, 0);
	assert_int_equal(balance(), before);
	/* Twice does nothing. */
	settle(&o, OUTCOME_RECEIVED, 0);
	assert_int_equal(balance(), before);
	/* An error for an answer: gone. */
	pay(2000000, &o);
	settle(&o, OUTCOME_SPENT, 0);
	assert_int_equal(balance(), 0);
	/* More work than was paid: a debt, that the next payment bears. */
	pay(1, &o);
	settle(&o, OUTCOME_RECEIVED, 1000000); /* 1.5 million */
	assert_int_equal(balance(), -EV);
	assert_int_equal(pay(1, &o), 2);
	settle(&o, OUTCOME_RECEIVED, 0);
	assert_int_equal(balance(), 2 * (2 * EV) - EV);
}

/* Two segments of a session at once do not count on the same balance. */
static void segments_do_not_share(void **state)
{
	struct outlay a, b;

	(void)state;
	start(1000, 1000);
	pay(1, &a);
	settle(&a, OUTCOME_RECEIVED, 0);
	assert_int_equal(pay(1, &a), 0);
	assert_int_equal(pay(1, &b), 1);
	settle(&b, OUTCOME_RECEIVED, 0);
	settle(&a, OUTCOME_RECEIVED, 0);
	assert_int_equal(balance(), 4 * EV);
	/* Nor do sessions. */
	info->token.session_id[0] = 'f';
	assert_int_equal(balance(), 0);
	assert_int_equal(pay(1, &a), 1);
	settle(&a, OUTCOME_UNSENT, 0);
}

static void pays_with_good_tickets(void **state)
{
	struct errand q = { .pixels = 2000000 };
	struct judgement j = { .facts = &chain->facts };
	struct winning_ticket w;
	struct sender_funds funds;
	bool won;

	(void)state;
	start(1000, 1000);
	funds = chain->purse[0].funds;
	j.funds = &funds;
	assert_true(orchestrator_price(&q.first, info));
	j.price = q.first;
	actor_call(bcast, do_pay, &q);
	assert_null(q.err);
	assert_int_equal(q.payment.n, 4);
	assert_int_equal(q.payment.price_per_unit, 3);
	assert_int_equal(q.payment.pixels_per_unit, 2);
	for (size_t i = 0; i < q.payment.n; i++) {
		assert_int_equal(q.payment.tickets[i].nonce, i + 1);
		assert_int_equal(recipient_receive(recipient, &q.payment, i, &j, &won, &w),
			TICKET_OK);
	}
	payment_clear(&q.payment);
	/* The nonces go on. */
	actor_call(bcast, do_pay, &q);
	assert_int_equal(q.payment.tickets[0].nonce, 5);
	payment_clear(&q.payment);
}

static void refuses_to_pay(void **state)
{
	struct outlay o;
	int64_t before;

	(void)state;
	start(1000, 1000);
	pay(1, &o);
	settle(&o, OUTCOME_RECEIVED, 0);
	before = balance();
	/* 14 million pixels are 21.42 million wei. */
	unpaid(14000000, "total ticket EV 21000000.00000 for 21 tickets > max total "
		"ticket EV 20000000.00000");
	assert_int_equal(balance(), before);
	info->has_price = false;
	unpaid(1, "missing orchestrator price");
	info->has_price = true;
	info->pixels_per_unit = 0;
	unpaid(1, "missing orchestrator price");
	fresh();
	fake_chain_fund(chain, us.address, 0, 1000);
	tell();
	unpaid(1, "no sender deposit");
	assert_int_equal(balance(), before);
}

static void prices_may_double(void **state)
{
	struct errand q = { .pixels = 1 };

	(void)state;
	start(1000, 1000);
	assert_true(price_from_wire(&q.first, 1, 6));
	info->price_per_unit = 1;
	info->pixels_per_unit = 3;
	actor_call(bcast, do_pay, &q);
	assert_null(q.err);
	payment_clear(&q.payment);
	assert_true(price_from_wire(&q.first, 1000, 6001));
	actor_call(bcast, do_pay, &q);
	says(q.err, "Orchestrator price has more than doubled, Orchestrator price: 1/3, "
		"Orchestrator initial price: 1000/6001");
}

static void a_free_one_costs_nothing(void **state)
{
	uint8_t seed[32] = { 2 };
	struct outlay o;

	(void)state;
	start(1000, 1000);
	info->price_per_unit = 0;
	info->pixels_per_unit = 1;
	assert_true(recipient_params(recipient, &info->params, us.address, PRICE_FREE,
		fake_eth(100), &chain->facts, seed));
	assert_int_equal(pay(1000000, &o), 0);
	settle(&o, OUTCOME_RECEIVED, 1000000);
	assert_int_equal(balance(), 0);
}

/* Whatever the order of what happens, what came in is what went out. */
static void nothing_is_lost_or_made(void **state)
{
	struct outlay o[8] = { 0 };
	int64_t bought = 0, gone = 0, used = 0;
	uint32_t seed = 12345;

	(void)state;
	start(1000, 1000);
	for (int i = 0; i < 3000; i++) {
		struct outlay *one;
		uint64_t pixels;

		seed = seed * 1664525 + 1013904223;
		one = &o[seed >> 29];
		pixels = (seed >> 8) % 3000000;
		if (!one->is_open) {
			bought += 2 * EV * (int64_t)pay(pixels, one);
			continue;
		}
		switch (seed >> 20 & 3) {
		case 0:
			gone += halves(one->bought);
			settle(one, OUTCOME_UNSENT, 0);
			break;
		case 1:
			gone += halves(one->bought) + halves(one->existing);
			settle(one, OUTCOME_SPENT, 0);
			break;
		default:
			used += 3 * (int64_t)pixels;
			settle(one, OUTCOME_RECEIVED, pixels);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(o); i++) {
		if (o[i].is_open)
			settle(&o[i], OUTCOME_RECEIVED, 0);
	}
	assert_int_equal(balance(), bought - gone - used);
}

/* --- signatures --- */

static void receipts(void **state)
{
	struct hash32 h[2] = { { { 1 } }, { { 2 } } };
	uint8_t all[KECCAK_SIZE];
	struct signature sig;
	struct hash32 sum;

	(void)state;
	start(1000, 1000);
	results_hash(all, (const uint8_t (*)[KECCAK_SIZE])h, 2);
	memcpy(sum.b, all, sizeof(all));
	assert_true(signer_sign_hash(them.signer, &sig, &sum));
	assert_true(purse_is_receipt(them.address, h, 2, sig.b, 65));
	assert_false(purse_is_receipt(us.address, h, 2, sig.b, 65));
	assert_false(purse_is_receipt(them.address, h, 1, sig.b, 65));
	assert_false(purse_is_receipt(them.address, h, 2, sig.b, 0));
	h[1].b[5] = 1;
	assert_false(purse_is_receipt(them.address, h, 2, sig.b, 65));
}

static void signs_as_the_network_does(void **state) /* wire reference G5, 8.5 */
{
	struct orchestrator_request *q = XNEW(struct orchestrator_request);
	struct segment_creds *c = XNEW(struct segment_creds);
	uint8_t key[32];
	char hex[131];
	struct str s = STR_INIT;

	(void)state;
	payer_free(&us);
	assert_true(hex_decode(key, 32, "4c0883a69102937d6231471b5dbb6204fe5129617082792ae4"
		"68d01a3f362318"));
	us.signer = signer_new(key);
	us.address = signer_address(us.signer);
	start(1000, 1000);
	purse_sign_request(purse, q);
	str_add_hex(&s, q->sig, q->sig_len);
	snprintf(hex, sizeof(hex), "%s", str_cstr(&s));
	assert_string_equal(hex, "662f6ce6e23e70c7db9bdcc7b0d91bdf58d8743ba347ab0b9aa06015"
		"4644c55122dd6afcc20a6cba9cab1d565a6b1dc36be9a9314e0317b943f8b0f1a726e2971b");
	str_clear(&s);
	snprintf(c->manifest, sizeof(c->manifest), "abcdef");
	c->seq = 7;
	c->ladder.n = 1;
	c->ladder.r[0] = preset_find("P240p30fps16x9")->rendition;
	assert_true(hex_decode(c->hash, 32, "8e589a657a0bfd90585d7e778c2bb39864c89a350283cb"
		"ee95e7f636b8bcb710"));
	purse_sign_segment(purse, c);
	str_add_hex(&s, c->sig, c->sig_len);
	assert_string_equal(str_cstr(&s), "964dcc5c57b5d6c2c417aa962288d731f79af12b3e9f729"
		"d92ad24d172f7cd802c791b517c6f6514ae19b152762da88c141250f0df89ebe448588571d296"
		"d8431b");
	str_clear(&s);
	free(q);
	free(c);
}

/* --- the view --- */

struct look {
	struct view_funds v;
	int64_t now_ms;
};

static void do_view(void *ctx)
{
	struct look *l = ctx;

	purse_view(purse, l->now_ms, &l->v);
}

static void shows(void **state)
{
	struct look l = { 0 };
	struct outlay o;
	char *unit;
	unsigned long rate;

	(void)state;
	start(1000, 500);
	l.now_ms = clock_mono_ms() + 1800000;
	pay(2000000, &o); /* four tickets */
	settle(&o, OUTCOME_RECEIVED, 1000000);
	purse_note(purse, info, "OrchestratorBusy");
	actor_call(bcast, do_view, &l);
	assert_string_equal(l.v.state, "locked");
	assert_string_equal(l.v.deposit, "1 ETH");
	assert_string_equal(l.v.reserve, "0.5 ETH");
	assert_string_equal(l.v.spent_total, "4000000 wei");
	/* In half an hour, and what the start took before it. */
	rate = strtoul(l.v.spent_per_hour, &unit, 10);
	assert_in_range(rate, 7700000, 8000000);
	assert_string_equal(unit, " wei");
	assert_in_range((int64_t)l.v.runway_hours, 120000000000, 130000000000);
	assert_int_equal(l.v.peers.n, 1);
	assert_string_equal(l.v.peers.v[0].uri, "https://o:8935");
	assert_string_equal(l.v.peers.v[0].price, "1.5 wei/px");
	assert_string_equal(l.v.peers.v[0].sent, "4000000 wei");
	assert_string_equal(l.v.peers.v[0].credit, "2500000 wei");
	assert_string_equal(l.v.peers.v[0].last_error, "OrchestratorBusy");
	view_clear(view_funds_desc(), &l.v);
	/* What is more than an hour ago does not count. */
	l.now_ms += 3600000;
	actor_call(bcast, do_view, &l);
	assert_string_equal(l.v.spent_per_hour, "0 wei");
	assert_true(l.v.runway_hours == -1);
	view_clear(view_funds_desc(), &l.v);
	chain->purse[0].funds.withdraw_round.v = 9;
	tell();
	actor_call(bcast, do_view, &l);
	assert_string_equal(l.v.state, "unlocking");
	assert_int_equal(l.v.rounds_left, 2);
	view_clear(view_funds_desc(), &l.v);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accepts_terms),
		TEST(refuses_terms),
		TEST(our_own_trouble_is_denied),
		TEST(unknown_funds_are_nobodys_fault),
		TEST(estimates),
		TEST(buys_what_is_needed),
		TEST(every_outcome_has_its_balance),
		TEST(segments_do_not_share),
		TEST(pays_with_good_tickets),
		TEST(refuses_to_pay),
		TEST(prices_may_double),
		TEST(a_free_one_costs_nothing),
		TEST(nothing_is_lost_or_made),
		TEST(receipts),
		TEST(signs_as_the_network_does),
		TEST(shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

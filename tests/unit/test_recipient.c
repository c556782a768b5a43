/* The orchestrator's verdicts on tickets, one rule broken at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/crypto/random.h"
#include "src/pay/recipient.h"
#include "src/pay/ticket_hash.h"

/* Foundry's well-known account 4 */
#define KEY "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
#define FOO "41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d"
#define EXPIRES 5000

static uint8_t key[32];
static struct eth_addr us, sender;
static struct sender_funds funds;
static struct chain_facts facts;
static struct price price;

static int setup(void **state)
{
	struct recipient_options o = { .secret = { 3 } };

	assert_true(hex_decode(key, 32, KEY));
	assert_true(ec_address(sender.b, key));
	assert_true(addr_parse(&us, "70997970C51812dc3A010C7d01b50e0d17dc79C8"));
	o.address = us;
	o.ticket_ev = wei_from(8000000000);
	o.redeem_gas.v = 350000;
	funds = (struct sender_funds){ .deposit = wei_from_gwei(1000000000),
		.reserve = wei_from_gwei(1000000000) };
	facts = (struct chain_facts){ .ready = true, .l1 = { 4970 },
		.gas_price = wei_from_gwei(2),
		.round = { .initialized = { 10 }, .pool_size = 1 } };
	assert_true(hash_parse(&facts.round.hash, FOO));
	assert_true(price_from_wire(&price, 3, 1));
	*state = recipient_new(&o);
	return 0;
}

static int teardown(void **state)
{
	recipient_free(*state);
	return 0;
}

/* Signs ticket 0 of p with nonce. */
static void sign(struct payment *p, uint32_t nonce)
{
	struct ticket t = { p->params.recipient, p->sender, p->params.face_value,
		p->params.win_prob, nonce, p->params.rand_hash, p->created, { 0 } };
	struct hash32 h = ticket_hash(&t);

	p->n = 1;
	if (!p->tickets)
		p->tickets = xcalloc(1, sizeof(*p->tickets));
	p->tickets[0].nonce = nonce;
	p->tickets[0].sig_len = 65;
	assert_true(ec_sign_hash(p->tickets[0].sig.b, h.b, key));
}

/* Params as the recipient issues them now, put into a payment. */
static struct payment payment(struct recipient *r, uint32_t nonce)
{
	struct payment p = { .has_params = true, .has_sender = true, .sender = sender };
	uint8_t seed[32];

	random_bytes(seed, sizeof(seed));
	assert_true(recipient_params(r, &p.params, sender, price, funds.reserve, &facts,
		seed));
	p.created = p.params.created;
	sign(&p, nonce);
	return p;
}

static enum ticket_verdict receive(struct recipient *r, const struct payment *p, bool *won)
{
	struct judgement j = { &funds, &facts, price };
	struct winning_ticket out;

	return recipient_receive(r, p, 0, &j, won, &out);
}

static void says(enum ticket_verdict v, const char *text)
{
	struct ticket t = { .nonce = 7 };
	struct err *e = ticket_verdict_error(v, &t, sender);

	assert_string_equal(err_text(e), text);
	err_free(e);
}

/* go-livepeer pm/recipient.go rand(), as reproduced from its source. */
static void the_random_number_is_the_references(void **state)
{
	struct payment p = { .has_params = true, .has_sender = true, .sender = sender };
	struct judgement j = { &funds, &facts, price };
	struct winning_ticket out;
	struct u256 want;
	bool won;

	p.params.recipient = us;
	p.params.face_value = wei_from_gwei(1000000000);
	assert_true(u256_parse(&p.params.win_prob.v, "0x7fffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffffff"));
	p.params.seed = u256_from(1234);
	p.params.expiration.v = EXPIRES;
	assert_true(hash_parse(&p.params.rand_hash,
		"dbe7af3a5c80b43f912e28755a696506a2096423b2dba15b8f42d4f8e8c554b5"));
	p.created = (struct ticket_expiration){ { 10 }, facts.round.hash };
	sign(&p, 1);
	assert_int_equal(recipient_receive(*state, &p, 0, &j, &won, &out), TICKET_OK);
	assert_true(u256_parse(&want, "0x667e2bea6546b8bbd41fcc0f2af86973b6524b956baa79db3aa"
		"fe543413fa27d"));
	assert_true(u256_eq(out.rand, want));
	payment_clear(&p);
}

/* go-livepeer pm/recipient_test.go, TestTicketParams */
static void win_probabilities_are_the_references(void **state)
{
	static const struct {
		uint64_t gas_price, max_float;
		const char *want;
	} rows[] = {
		{ 100, UINT64_MAX, "5789604461865809771178549250434395392663"
			"499233282028201972879200395660" },
		{ 777, UINT64_MAX, "7451228393649690825197618082927149797507"
			"72102095499125093034646125570" },
		{ 1, 10001, "5789025559309878783300219228511544238239"
			"6752657554526567072084795477017120" },
	};
	struct recipient_options o = { .address = us, .ticket_ev = wei_from(5),
		.redeem_gas = { 10000 } };
	struct recipient *r = recipient_new(&o);
	struct ticket_params p;
	uint8_t seed[32] = { 1 };
	struct u256 want;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		facts.gas_price = wei_from(rows[i].gas_price);
		assert_true(recipient_params(r, &p, sender, price,
			wei_from(rows[i].max_float), &facts, seed));
		assert_true(u256_parse(&want, rows[i].want));
		assert_true(u256_eq(p.win_prob.v, want));
	}
	recipient_free(r);
}

/* One payment from params to draw; made with a Python oracle from the layouts. */
static void a_whole_ticket_is_the_references(void **state)
{
	struct recipient_options o = { .secret = { 3 }, .ticket_ev = wei_from(8000000000),
		.redeem_gas = { 350000 } };
	struct payment p = { .has_params = true };
	struct winning_ticket w;
	struct judgement j = { &funds, &facts, price };
	struct hash32 want, h;
	struct recipient *r;
	struct signature sig;
	uint8_t seed[32];
	struct u256 v;
	bool won;

	(void)state;
	for (uint8_t i = 0; i < 32; i++)
		seed[i] = (uint8_t)(i + 1);
	assert_true(hex_decode(key, 32,
		"4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"));
	assert_true(ec_address(p.sender.b, key));
	assert_true(addr_parse(&o.address, "73AEd7b5dEb30222fa896f399d46cC99c7BEe57F"));
	assert_true(price_from_wire(&j.price, 1212, 1));
	facts.gas_price = wei_from_gwei(1);
	facts.l1.v = 18000000;
	facts.round.initialized.v = 2468;
	assert_true(hash_parse(&facts.round.hash,
		"7624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf0e743a9ce291b9c6f"));
	r = recipient_new(&o);
	assert_true(recipient_params(r, &p.params, p.sender, j.price, funds.reserve, &facts,
		seed));
	assert_int_equal(wei_cmp(p.params.face_value, wei_from(35000000000000000)), 0);
	assert_true(u256_parse(&v,
		"0x3d5b4f188ab537a37f3304b401429a15df094cce89a2ca3eba73ba5a000"));
	assert_true(u256_eq(p.params.win_prob.v, v));
	assert_int_equal(p.params.expiration.v, 18000040);
	assert_true(hash_parse(&want,
		"d3d102c2ff0c0690efdaf0677a7f10dc597ae5b795d6cdf06f51aa834c12d061"));
	assert_true(hash_eq(p.params.rand_hash, want));

	p.created = p.params.created;
	sign(&p, 1);
	assert_true(hex_decode(sig.b, 65,
		"c7f0503be79d5c654bb85797ffbed7419c8a1e00a83d72be7347247c6ba600a8"
		"6e5e7efb07c7b2841a344c639aec2b7ec9aaea9063e299a94fc52185f09828eb1c"));
	assert_memory_equal(p.tickets[0].sig.b, sig.b, 65);
	assert_int_equal(recipient_receive(r, &p, 0, &j, &won, &w), TICKET_OK);
	assert_false(won);
	h = ticket_hash(&w.ticket);
	assert_true(hash_parse(&want,
		"22f08a74da5f53f45b1d54cdddc2f4030918f4375e9baf796f662a17ace78b40"));
	assert_true(hash_eq(h, want));
	assert_true(u256_parse(&v,
		"0x3594ea013ffabb9587b08baa2fa5794019da29dd17cbdfa23fdb119d6778323c"));
	assert_true(u256_eq(w.rand, v));
	assert_true(u256_parse(&v,
		"0x024b7f8ddbe25265dcb768188a0c66da48a45865d060bc4060e8c4868a405f52"));
	assert_false(ticket_wins(w.sig, w.rand, (struct prob){ v }));
	assert_true(u256_add(&v, v, u256_from(1)));
	assert_true(ticket_wins(w.sig, w.rand, (struct prob){ v }));
	payment_clear(&p);
	recipient_free(r);
}

static void params_follow_the_rules(void **state)
{
	struct payment p = payment(*state, 1);
	struct ticket_params *q = &p.params;
	uint8_t seed[32] = { 1 };
	struct credit ev, wanted;

	/* 350000 * 2 gwei * 100 */
	assert_int_equal(wei_cmp(q->face_value, wei_from_gwei(70000000)), 0);
	assert_int_equal(q->expiration.v, 4970 + 40);
	assert_true(credit_of_ticket(&ev, q->face_value, q->win_prob));
	assert_true(credit_from_wei(&wanted, wei_from(8000000000)));
	assert_true(credit_cmp(ev, wanted) >= 0);
	payment_clear(&p);

	/* A small reserve bounds it; too small a one is refused. */
	assert_true(recipient_params(*state, q, sender, price, wei_from_gwei(1000000),
		&facts, seed));
	assert_int_equal(wei_cmp(q->face_value, wei_from_gwei(1000000)), 0);
	assert_false(recipient_params(*state, q, sender, price, wei_from_gwei(700000 - 1),
		&facts, seed));
	assert_false(recipient_params(*state, q, sender, price, WEI_ZERO, &facts, seed));
	recipient_set_max_face_value(*state, wei_from_gwei(800000));
	assert_true(recipient_params(*state, q, sender, price, funds.reserve, &facts, seed));
	assert_int_equal(wei_cmp(q->face_value, wei_from_gwei(800000)), 0);
	/* Free work asks for nothing. */
	assert_true(recipient_params(*state, q, sender, PRICE_FREE, WEI_ZERO, &facts, seed));
	assert_true(wei_is_zero(q->face_value) && u256_is_zero(q->win_prob.v));
	/* A round without a block hash: the one before. */
	facts.round.previous_hash = facts.round.hash;
	facts.round.hash = (struct hash32){ { 0 } };
	assert_true(recipient_params(*state, q, sender, price, funds.reserve, &facts, seed));
	assert_int_equal(q->created.round.v, 9);
	assert_true(hash_eq(q->created.block_hash, facts.round.previous_hash));
	assert_true(recipient_has_round(&facts));
	facts.round.previous_hash = (struct hash32){ { 0 } };
	assert_false(recipient_has_round(&facts));
}

static void each_rule_has_its_words(void **state)
{
	struct recipient *r = *state;
	struct payment p = payment(r, 7), bad;
	bool won;

	bad = p;
	bad.params.recipient = sender;
	sign(&bad, 7);
	assert_int_equal(receive(r, &bad, &won), TICKET_WRONG_RECIPIENT);
	says(TICKET_WRONG_RECIPIENT, "invalid ticket recipient");

	bad = p;
	bad.sender = (struct eth_addr){ { 0 } };
	assert_int_equal(receive(r, &bad, &won), TICKET_NO_SENDER);
	says(TICKET_NO_SENDER, "invalid ticket sender");

	/* Whatever is bound into the random number. */
	for (int i = 0; i < 7; i++) {
		struct price right = price;

		bad = p;
		if (i == 0)
			bad.params.face_value = wei_from(1);
		if (i == 1)
			bad.params.win_prob = PROB_MAX;
		if (i == 2)
			bad.params.seed = u256_from(9);
		if (i == 3)
			bad.params.expiration.v++;
		if (i == 4)
			bad.created.round.v++;
		if (i == 5)
			bad.params.rand_hash.b[5] ^= 1;
		if (i == 6)
			price = PRICE_FREE;
		sign(&bad, 7);
		assert_int_equal(receive(r, &bad, &won), TICKET_WRONG_RAND);
		assert_false(won);
		price = right;
	}
	says(TICKET_WRONG_RAND, "invalid recipientRand for ticket recipientRandHash");

	sign(&p, 7);
	p.tickets[0].nonce = 8;
	assert_int_equal(receive(r, &p, &won), TICKET_WRONG_SIGNATURE);
	p.tickets[0].nonce = 7;
	p.tickets[0].sig_len = 64;
	assert_int_equal(receive(r, &p, &won), TICKET_WRONG_SIGNATURE);
	says(TICKET_WRONG_SIGNATURE, "invalid ticket signature");
	assert_int_equal(recipient_remembered(r), 0);
	p.tickets[0].sig_len = 65;

	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	assert_int_equal(receive(r, &p, &won), TICKET_NONCE_SEEN);
	says(TICKET_NONCE_SEEN, "invalid ticket senderNonce: already seen "
		"sender=0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 nonce=7");

	facts.l1.v = p.params.expiration.v;
	sign(&p, 9);
	assert_int_equal(receive(r, &p, &won), TICKET_EXPIRED);
	says(TICKET_EXPIRED, "TicketParams expired");

	funds.withdraw_round.v = 11;
	assert_int_equal(receive(r, &p, &won), TICKET_SENDER_UNLOCKING);
	says(TICKET_SENDER_UNLOCKING, "deposit and reserve for sender "
		"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 is set to unlock soon");
	payment_clear(&p);
}

/* An expired or replayed winner pays all the same. */
static void a_winner_is_kept_whatever_else_is_wrong(void **state)
{
	struct recipient *r = *state;
	struct payment p;
	bool won;

	recipient_set_ev(r, wei_from_gwei(1000000000));
	p = payment(r, 1); /* face value = EV: wins always */
	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	assert_true(won);
	assert_int_equal(receive(r, &p, &won), TICKET_NONCE_SEEN);
	assert_true(won);
	facts.l1.v += 100;
	sign(&p, 2);
	assert_int_equal(receive(r, &p, &won), TICKET_EXPIRED);
	assert_true(won);
	payment_clear(&p);
}

static void nonces_are_bounded_and_forgotten(void **state)
{
	struct recipient *r = *state;
	struct payment p = payment(r, 1);
	bool won;

	/* From both ends, so that the book is filled out of order. */
	for (uint32_t i = 0; i < 600; i++) {
		sign(&p, i % 2 ? 10000 - i : i);
		assert_int_equal(receive(r, &p, &won), TICKET_OK);
	}
	sign(&p, 5000);
	assert_int_equal(receive(r, &p, &won), TICKET_TOO_MANY_NONCES);
	says(TICKET_TOO_MANY_NONCES, "invalid ticket senderNonce: too many values "
		"sender=0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 nonce=7");
	for (uint32_t i = 0; i < 600; i += 97) {
		sign(&p, i % 2 ? 10000 - i : i);
		assert_int_equal(receive(r, &p, &won), TICKET_NONCE_SEEN);
	}
	assert_int_equal(recipient_remembered(r), 600);
	recipient_forget(r, (struct l1_block){ p.params.expiration.v - 1 });
	assert_int_equal(recipient_remembered(r), 600);
	recipient_forget(r, p.params.expiration);
	assert_int_equal(recipient_remembered(r), 0);
	payment_clear(&p);
}

/* Forged tickets cost time, never memory. */
static void forgeries_leave_nothing_behind(void **state)
{
	struct recipient *r = *state;
	struct payment p = payment(r, 1);
	bool won;

	for (uint32_t i = 0; i < 100000; i++) {
		memcpy(&p.params.seed, &i, sizeof(i));
		assert_int_equal(receive(r, &p, &won), TICKET_WRONG_RAND);
		assert_false(won);
	}
	payment_clear(&p);
	p = payment(r, 1);
	for (uint32_t i = 0; i < 2000; i++) {
		p.tickets[0].nonce = i + 2;
		random_bytes(p.tickets[0].sig.b, 64);
		assert_int_equal(receive(r, &p, &won), TICKET_WRONG_SIGNATURE);
		assert_false(won);
	}
	assert_int_equal(recipient_remembered(r), 0);
	/* What came too late is kept if it won, and not remembered. */
	facts.l1 = p.params.expiration;
	for (uint32_t i = 0; i < 700; i++) {
		sign(&p, i);
		assert_int_equal(receive(r, &p, &won), TICKET_EXPIRED);
	}
	assert_int_equal(recipient_remembered(r), 0);
	payment_clear(&p);
}

static enum ticket_verdict receive_new(struct recipient *r)
{
	struct payment p = payment(r, 1);
	enum ticket_verdict v;
	bool won;

	v = receive(r, &p, &won);
	payment_clear(&p);
	return v;
}

static void one_sender_cannot_take_all_the_room(void **state)
{
	struct recipient_options o = { .address = us, .ticket_ev = wei_from(8000000000),
		.redeem_gas = { 350000 }, .books_max = 8 };
	struct recipient *r = recipient_new(&o);
	uint8_t first = key[31];

	(void)state;
	for (int who = 0; who < 5; who++) {
		key[31] = (uint8_t)(first + who);
		assert_true(ec_address(sender.b, key));
		for (int i = 0; i < 2; i++)
			assert_int_equal(receive_new(r),
				who < 4 ? TICKET_OK : TICKET_TOO_MANY_NONCES);
		assert_int_equal(receive_new(r), TICKET_TOO_MANY_NONCES);
	}
	assert_int_equal(recipient_remembered(r), 8);
	recipient_forget(r, (struct l1_block){ facts.l1.v + 40 });
	assert_int_equal(recipient_remembered(r), 0);
	recipient_free(r);

	/* Twelve streams of one broadcaster, for as long as params hold. */
	for (int i = 0; i < 12 * 240; i++)
		assert_int_equal(receive_new(*state), TICKET_OK);
}

/* Another Ethereum node answers, thirty blocks behind. */
static void blocks_that_go_back_make_nothing_new(void **state)
{
	struct recipient *r = *state;
	struct payment p = payment(r, 1);
	bool won;

	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	facts.l1 = p.params.expiration;
	recipient_forget(r, facts.l1);
	facts.l1.v -= 30;
	recipient_forget(r, facts.l1);
	assert_int_equal(receive(r, &p, &won), TICKET_EXPIRED);
	payment_clear(&p);
	/* New params hold as long as ever for those who are not behind. */
	p = payment(r, 1);
	assert_int_equal(p.params.expiration.v, facts.l1.v + 30 + 40);
	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	assert_int_equal(receive(r, &p, &won), TICKET_NONCE_SEEN);
	payment_clear(&p);
}

static void a_lie_about_blocks_is_survived(void **state)
{
	struct recipient *r = *state;
	struct payment p = payment(r, 1), lied;
	int64_t truth = facts.l1.v;
	bool won;

	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	facts.l1.v = 1ll << 40;
	recipient_forget(r, facts.l1);
	lied = payment(r, 1);
	facts.l1.v = truth;
	recipient_forget(r, facts.l1);
	/* Forgotten nonces are not taken again: their params are void. */
	assert_int_equal(receive(r, &p, &won), TICKET_WRONG_RAND);
	assert_int_equal(receive(r, &lied, &won), TICKET_WRONG_RAND);
	payment_clear(&p);
	payment_clear(&lied);
	p = payment(r, 1);
	assert_int_equal(p.params.expiration.v, truth + 40);
	assert_int_equal(receive(r, &p, &won), TICKET_OK);
	payment_clear(&p);
}

/* A price on the wire need not be reduced; it is the same price. */
static void the_price_is_bound_as_a_ratio(void **state)
{
	struct payment p = payment(*state, 1);
	bool won;

	assert_true(price_from_wire(&price, 12, 4));
	assert_int_equal(receive(*state, &p, &won), TICKET_OK);
	payment_clear(&p);
}

#define SETS 40
#define NONCES 8

/* Tickets late, early, twice, out of order, while blocks come and Ethereum
 * nodes disagree about them: each is credited once at most, and once exactly
 * when it comes in time. */
static void no_order_lets_one_in_twice(void **state)
{
	struct recipient *r = *state;
	struct payment p[SETS][NONCES];
	unsigned credited[SETS][NONCES] = { { 0 } }, seed = 7, ok = 0;
	int64_t latest = facts.l1.v, expires[SETS];
	bool won;

	for (int i = 0; i < SETS; i++) {
		facts.l1.v = latest + i;
		p[i][0] = payment(r, 1);
		expires[i] = p[i][0].params.expiration.v;
		for (int k = 1; k < NONCES; k++) {
			p[i][k] = p[i][0];
			p[i][k].tickets = NULL;
			sign(&p[i][k], (uint32_t)k + 1);
		}
	}
	for (int step = 0; step < 12000; step++) {
		int i = rand_r(&seed) % SETS, k = rand_r(&seed) % NONCES;
		enum ticket_verdict v;

		if (rand_r(&seed) % 64 == 0 && latest < expires[SETS - 1] + 2)
			latest++;
		facts.l1.v = latest - rand_r(&seed) % 3 * 20;
		if (rand_r(&seed) % 8 == 0)
			recipient_forget(r, facts.l1);
		v = receive(r, &p[i][k], &won);
		if (v == TICKET_OK)
			assert_int_equal(++credited[i][k], 1);
		else
			assert_true(v == TICKET_NONCE_SEEN || v == TICKET_EXPIRED);
		if (expires[i] > latest)
			assert_int_equal(credited[i][k], 1);
		ok += v == TICKET_OK;
	}
	assert_true(ok > SETS * NONCES / 2);
	for (int i = 0; i < SETS; i++)
		for (int k = 0; k < NONCES; k++)
			payment_clear(&p[i][k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(the_random_number_is_the_references),
		T(win_probabilities_are_the_references),
		T(a_whole_ticket_is_the_references),
		T(params_follow_the_rules),
		T(each_rule_has_its_words),
		T(a_winner_is_kept_whatever_else_is_wrong),
		T(nonces_are_bounded_and_forgotten),
		T(forgeries_leave_nothing_behind),
		T(one_sender_cannot_take_all_the_room),
		T(blocks_that_go_back_make_nothing_new),
		T(a_lie_about_blocks_is_survived),
		T(the_price_is_bound_as_a_ratio),
		T(no_order_lets_one_in_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

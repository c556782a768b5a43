/* The broadcaster's checks and batches; and both ledgers against each other. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/crypto/random.h"
#include "src/pay/credit.h"
#include "src/pay/recipient.h"
#include "src/pay/sender.h"
#include "src/pay/ticket_hash.h"

static uint8_t key[32] = { 1, 2, 3 };
static struct eth_addr us, them;
static struct chain_facts facts;
static struct sender_facts own;
static struct ticket_params good;

static bool sign(void *ctx, struct signature *sig, const struct hash32 *hash)
{
	(void)ctx;
	return ec_sign_hash(sig->b, hash->b, key);
}

static int setup(void **state)
{
	struct sender_options o = { .max_ticket_ev = wei_from(3000000000000),
		.max_total_ev = wei_from(20000000000000), .deposit_multiplier = 1,
		.sign = sign };

	assert_true(ec_address(us.b, key));
	them.b[0] = 7;
	o.address = us;
	facts = (struct chain_facts){ .ready = true, .l1 = { 100 },
		.gas_price = wei_from_gwei(1),
		.round = { .initialized = { 5 }, .hash = { { 9 } }, .pool_size = 1 } };
	own = (struct sender_facts){ .chain = &facts };
	own.funds.deposit = own.funds.reserve = wei_from_gwei(1000000000);
	good = (struct ticket_params){ .recipient = them,
		.face_value = wei_from_gwei(10000000), .expiration = { 140 },
		.rand_hash = { { 1 } }, .created = { { 5 }, { { 9 } } } };
	/* EV 10^12 wei */
	good.win_prob.v = u256_div(U256_MAX, u256_from(10000), NULL);
	*state = sender_new(&o);
	return 0;
}

static int teardown(void **state)
{
	sender_free(*state);
	return 0;
}

static void refused(struct sender *s, uint64_t n, const char *text, enum err_kind kind)
{
	struct err *e = sender_check_params(s, &good, &own, n);

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	assert_int_equal(err_kind(e), kind);
	err_free(e);
}

static void good_params_pass(void **state)
{
	assert_null(sender_check_params(*state, &good, &own, 1));
	good.face_value = WEI_ZERO; /* free: nothing else matters */
	own.funds = (struct sender_funds){ .deposit = WEI_ZERO };
	assert_null(sender_check_params(*state, &good, &own, 1));
}

/* pm/sender.go validateTicketParams, in its order */
static void each_rule_has_its_words(void **state)
{
	struct sender *s = *state;
	struct ticket_params fine = good;

	good.expiration.v = 0;
	refused(s, 1, "ticketParams expiration block is 0", ERR_INVALID);
	good.expiration.v = 101;
	refused(s, 1, "TicketParams expired", ERR_INVALID);
	good = fine;
	good.win_prob = PROB_MAX;
	refused(s, 1, "ticket faceValue too low faceValue=10000000000000000", ERR_INVALID);
	good = fine;
	good.win_prob.v = u256_div(U256_MAX, u256_from(3000), NULL);
	refused(s, 1, "ticket EV 3333333333333.33333 > max ticket EV 3000000000000.00000",
		ERR_INVALID);
	good = fine;
	own.funds.withdraw_round.v = 6;
	refused(s, 1, "unable to validate sender: deposit and reserve is set to unlock soon",
		ERR_DENIED);
	own.funds.withdraw_round.v = 7;
	assert_null(sender_check_params(s, &good, &own, 1));
	own.funds.reserve = WEI_ZERO;
	refused(s, 1, "no sender reserve", ERR_DENIED);
	own.funds.reserve = own.funds.deposit;
	own.funds.deposit = WEI_ZERO;
	refused(s, 1, "no sender deposit", ERR_DENIED);
	own.funds.deposit = own.funds.reserve;
	refused(s, 21, "total ticket EV 21000000000000.00000 for 21 tickets > max total "
		"ticket EV 20000000000000.00000", ERR_INVALID);
	own.funds.deposit = wei_from(9999999999999999);
	refused(s, 1, "ticket faceValue 10000000000000000 > max faceValue 9999999999999999",
		ERR_INVALID);
}

static struct credit wei_credit(int64_t wei, uint64_t part)
{
	struct credit c;

	assert_true(credit_from_wei(&c, wei_from((uint64_t)(wei < 0 ? -wei : wei))));
	c.v = u256_div(c.v, u256_from(part), NULL);
	c.neg = wei < 0;
	return c;
}

/* core/accounting_test.go TestBalance_StageUpdate */
static void tickets_fill_up_to_the_fee(void **state)
{
	static const struct {
		int64_t balance;
		uint64_t part;
		int64_t fee;
		uint64_t ev, n;
	} rows[] = {
		{ 2, 1, 1, 1, 0 }, { 2, 1, 2, 1, 0 }, { 1, 1, 5, 1, 4 },
		{ 1, 4, 2, 1, 2 }, { -5, 1, 2, 1, 7 }, { 0, 1, 2, 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ticket_params p = { .face_value = wei_from(rows[i].ev),
			.win_prob = PROB_MAX };
		struct credit bought;
		uint64_t n;

		assert_null(sender_tickets(&p, wei_credit(rows[i].balance, rows[i].part),
			wei_credit(rows[i].fee, 1), &n, &bought));
		assert_int_equal(n, rows[i].n);
		assert_int_equal(credit_cmp(bought, wei_credit((int64_t)(n * rows[i].ev), 1)),
			0);
	}
}

static void nonces_start_at_one_for_each_params(void **state)
{
	struct payment a, b, c;
	struct price price;

	assert_true(price_from_wire(&price, 7, 3));
	assert_null(sender_pay(*state, &good, &facts, price, 2, &a));
	assert_null(sender_pay(*state, &good, &facts, price, 1, &b));
	assert_int_equal(a.tickets[0].nonce, 1);
	assert_int_equal(a.tickets[1].nonce, 2);
	assert_int_equal(b.tickets[0].nonce, 3);
	good.rand_hash.b[1] = 1;
	/* A recipient without a round leaves it to the sender. */
	good.created = (struct ticket_expiration){ { 0 }, { { 0 } } };
	assert_null(sender_pay(*state, &good, &facts, price, 1, &c));
	assert_int_equal(c.tickets[0].nonce, 1);
	assert_int_equal(c.created.round.v, 5);
	assert_int_equal(c.price_per_unit, 7);
	assert_int_equal(c.pixels_per_unit, 3);
	payment_clear(&a);
	payment_clear(&b);
	payment_clear(&c);
}

/* Two ledgers and a network between them: whatever the order of payments,
 * refusals and debits, what the sender bought and was credited for is what the
 * recipient owes or has charged, to the last 2^-128 wei. */
static void no_order_makes_or_loses_a_wei(void **state)
{
	struct recipient_options ro = { .address = them, .ticket_ev = wei_from(8000000000),
		.redeem_gas = { 350000 } };
	struct recipient *r = recipient_new(&ro);
	struct credits *o = credits_new(4), *b = credits_new(4);
	struct credit sent = CREDIT_ZERO, charged = CREDIT_ZERO, left, sum;
	struct price price;
	int64_t now_ms = 0;

	assert_true(price_from_wire(&price, 1234, 7));
	for (int i = 0; i < 300; i++) {
		struct credit fee, bought, debit, existing;
		struct pixels px = { random_below(3000000) };
		struct judgement j = { &own.funds, &facts, price };
		struct ticket_params p;
		struct payment pay;
		uint8_t seed[32];
		uint64_t n;

		random_bytes(seed, sizeof(seed));
		assert_true(recipient_params(r, &p, us, price, own.funds.reserve, &facts, seed));
		assert_true(sender_fee(&fee, price, px));
		existing = credits_take(b, them, "s", ++now_ms);
		assert_null(sender_tickets(&p, existing, fee, &n, &bought));
		assert_null(sender_pay(*state, &p, &facts, price, n, &pay));
		for (size_t k = 0; k < pay.n; k++) {
			struct winning_ticket w;
			struct credit ev;
			bool won;

			/* Replayed now and then: never credited twice. */
			for (uint64_t times = 1 + random_below(2); times--;) {
				enum ticket_verdict v =
					recipient_receive(r, &pay, k, &j, &won, &w);

				assert_true(credit_of_ticket(&ev, p.face_value, p.win_prob));
				if (v == TICKET_OK) {
					assert_true(credits_add(o, us, "s", ev, now_ms));
					assert_true(credit_add(&sent, sent, ev));
				} else {
					assert_int_equal(v, TICKET_NONCE_SEEN);
				}
			}
		}
		assert_true(credit_of_pixels(&debit, price, px, 1, 1, ROUND_UP));
		/* The sender has at most 2 % more at the recipient than it needs. */
		assert_true(credits_balance(o, us, "s", &sum) || !n);
		assert_true(credit_cmp(sum, debit) >= 0);
		debit.neg = !credit_is_zero(debit);
		assert_true(credits_add(o, us, "s", debit, now_ms));
		assert_true(credit_add(&charged, charged, debit));
		assert_true(credit_add(&sum, existing, bought));
		assert_true(credit_add(&sum, sum, debit));
		assert_true(credits_add(b, them, "s", sum, now_ms));
		payment_clear(&pay);
	}
	assert_true(credit_add(&sum, sent, charged));
	assert_true(credits_balance(o, us, "s", &left));
	assert_int_equal(credit_cmp(left, sum), 0);
	assert_true(credits_balance(b, them, "s", &left));
	assert_int_equal(credit_cmp(left, sum), 0);
	credits_free(o);
	credits_free(b);
	recipient_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(good_params_pass),
		T(each_rule_has_its_words),
		T(tickets_fill_up_to_the_fee),
		T(nonces_start_at_one_for_each_params),
		T(no_order_makes_or_loses_a_wei),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

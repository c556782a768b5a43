/* Both ledgers and a network that loses, repeats, delays and reorders what is
 * between them, against a model in big integers: whatever happens in whatever
 * order, no wei comes into being or is lost, to the last 2^-128. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/pay/credit.h"
#include "src/pay/recipient.h"
#include "src/pay/sender.h"

#define SENDERS 2
#define SESSIONS 3 /* of each */
#define LETTERS 16 /* payments under way */
#define EVENTS 2600

/* A session as the model has it; amounts are wei times 2^128. */
struct pair {
	struct eth_addr sender;
	int who;
	char name[16];
	struct price price;
	mpz_t at_o, at_b;
};

/* A payment, from when it was made until nobody can send it again. */
struct letter {
	bool is_used;
	struct pair *pair;
	struct payment pay;
	struct credit existing, bought;
	struct pixels px;
	unsigned long credited; /* tickets of it, by the orchestrator */
	bool is_settled;
};

static unsigned seed;
static uint8_t keys[SENDERS][32];
static struct eth_addr them;
static struct chain_facts facts;
static struct sender_funds funds;
static struct recipient *recipient;
static struct sender *senders[SENDERS];
static struct credits *at_o, *at_b;
static struct pair pairs[SENDERS * SESSIONS];
static struct letter letters[LETTERS];
static mpz_t sent, credited, lost; /* tickets' values, of all */
static int64_t now_ms;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static bool sign(void *ctx, struct signature *sig, const struct hash32 *hash)
{
	return ec_sign_hash(sig->b, hash->b, ctx);
}

static int setup(void **state)
{
	struct recipient_options ro = { .address = { { 7 } }, .secret = { 1 },
		.ticket_ev = wei_from(8000000000), .redeem_gas = { 350000 } };

	(void)state;
	them = ro.address;
	recipient = recipient_new(&ro);
	at_o = credits_new(SENDERS * SESSIONS);
	at_b = credits_new(SENDERS * SESSIONS);
	mpz_inits(sent, credited, lost, NULL);
	facts = (struct chain_facts){ .ready = true, .l1 = { 1000 },
		.gas_price = wei_from_gwei(1),
		.round = { .initialized = { 5 }, .hash = { { 9 } }, .pool_size = 1 } };
	funds = (struct sender_funds){ .deposit = wei_from_gwei(1000000000),
		.reserve = wei_from_gwei(1000000000) };
	for (int i = 0; i < SENDERS * SESSIONS; i++) {
		struct pair *p = &pairs[i];

		p->who = i / SESSIONS;
		snprintf(p->name, sizeof(p->name), "s%d", i % SESSIONS);
		assert_true(price_from_wire(&p->price, 1 + below(3000), 1 + below(9)));
		mpz_inits(p->at_o, p->at_b, NULL);
	}
	for (int i = 0; i < SENDERS; i++) {
		struct sender_options so = { .max_ticket_ev = wei_from(3000000000000),
			.max_total_ev = wei_from(20000000000000), .sign = sign,
			.ctx = keys[i] };

		keys[i][5] = (uint8_t)(i + 1);
		assert_true(ec_address(so.address.b, keys[i]));
		senders[i] = sender_new(&so);
		for (int k = 0; k < SESSIONS; k++)
			pairs[i * SESSIONS + k].sender = so.address;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < SENDERS * SESSIONS; i++)
		mpz_clears(pairs[i].at_o, pairs[i].at_b, NULL);
	for (int i = 0; i < SENDERS; i++)
		sender_free(senders[i]);
	for (int i = 0; i < LETTERS; i++)
		if (letters[i].is_used)
			payment_clear(&letters[i].pay);
	memset(letters, 0, sizeof(letters));
	mpz_clears(sent, credited, lost, NULL);
	credits_free(at_o);
	credits_free(at_b);
	recipient_free(recipient);
	return 0;
}

/* --- the model --- */

static void read_u256(mpz_t out, struct u256 v)
{
	uint8_t bytes[U256_SIZE];

	u256_to_be(bytes, v);
	mpz_import(out, sizeof(bytes), 1, 1, 1, 0, bytes);
}

static void read_credit(mpz_t out, struct credit c)
{
	read_u256(out, c.v);
	if (c.neg)
		mpz_neg(out, out);
}

/* floor(face * prob * 2^128 / (2^256 - 1)) */
static void ev_of(mpz_t out, const struct ticket_params *p)
{
	mpz_t prob, all;

	mpz_inits(prob, all, NULL);
	read_u256(out, p->face_value.v);
	read_u256(prob, p->win_prob.v);
	read_u256(all, U256_MAX);
	mpz_mul(out, out, prob);
	mpz_mul_2exp(out, out, 128);
	mpz_fdiv_q(out, out, all);
	mpz_clears(prob, all, NULL);
}

/* pixels * price * 2^128, of whole steps the one below or above */
static void fee_of(mpz_t out, const struct letter *l, bool up)
{
	read_u256(out, l->pair->price.per.v);
	mpz_mul_ui(out, out, l->px.v);
	mpz_mul_2exp(out, out, 128);
	if (up)
		mpz_cdiv_q_ui(out, out, l->pair->price.unit.v);
	else
		mpz_fdiv_q_ui(out, out, l->pair->price.unit.v);
}

static void is(const struct credits *c, const struct pair *p, const mpz_t want)
{
	struct credit got;
	mpz_t v;

	mpz_init(v);
	if (!credits_balance(c, p->sender, p->name, &got))
		got = CREDIT_ZERO;
	read_credit(v, got);
	if (mpz_cmp(v, want) != 0)
		fail_msg("%s: %s, the model has %s", p->name, mpz_get_str(NULL, 10, v),
			mpz_get_str(NULL, 10, want));
	mpz_clear(v);
}

/* --- what may happen --- */

static void write_letter(struct letter *l)
{
	struct pair *p = &pairs[below(SENDERS * SESSIONS)];
	struct ticket_params params;
	uint8_t bytes[32] = { 0 };
	struct credit fee;
	uint64_t n;
	mpz_t v;

	*l = (struct letter){ .is_used = true, .pair = p, .px = { below(300000000) } };
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)below(256);
	memcpy(bytes + 8, &now_ms, sizeof(now_ms));
	assert_true(recipient_params(recipient, &params, p->sender, p->price, funds.reserve,
		&facts, bytes));
	assert_true(sender_fee(&fee, p->price, l->px));
	l->existing = credits_take(at_b, p->sender, p->name, now_ms);
	assert_null(sender_tickets(&params, l->existing, fee, &n, &l->bought));
	assert_null(sender_pay(senders[p->who], &params, &facts, p->price, n, &l->pay));

	mpz_init(v);
	read_credit(v, l->existing);
	assert_int_equal(mpz_cmp(v, p->at_b), 0);
	mpz_set_ui(p->at_b, 0);
	ev_of(v, &params);
	mpz_mul_ui(v, v, n);
	mpz_add(sent, sent, v);
	mpz_clear(v);
}

/* Whole or in part, and again as often as the network likes. */
static void deliver(struct letter *l)
{
	struct judgement j = { &funds, &facts, l->pair->price };
	size_t from = below((unsigned)l->pay.n + 1);
	struct credit ev;
	mpz_t v;

	mpz_init(v);
	for (size_t i = below(3) ? 0 : from; i < l->pay.n; i++) {
		struct winning_ticket w;
		bool won;

		if (recipient_receive(recipient, &l->pay, i, &j, &won, &w) != TICKET_OK)
			continue;
		assert_true(credit_of_ticket(&ev, w.ticket.face_value, w.ticket.win_prob));
		assert_true(credits_add(at_o, l->pair->sender, l->pair->name, ev, now_ms));
		ev_of(v, &l->pay.params);
		mpz_add(l->pair->at_o, l->pair->at_o, v);
		mpz_add(credited, credited, v);
		l->credited++;
	}
	assert_true(l->credited <= l->pay.n);
	mpz_clear(v);
}

static void charge(struct letter *l)
{
	struct credit fee;
	mpz_t v;

	assert_true(credit_of_pixels(&fee, l->pair->price, l->px, 1, 1, ROUND_DOWN));
	fee.neg = !credit_is_zero(fee);
	assert_true(credits_add(at_o, l->pair->sender, l->pair->name, fee, now_ms));
	mpz_init(v);
	fee_of(v, l, false);
	mpz_sub(l->pair->at_o, l->pair->at_o, v);
	mpz_clear(v);
}

/* The three ends of a payment: never sent, answered without work, worked. */
static void settle(struct letter *l)
{
	unsigned end = below(3);
	struct credit back = CREDIT_ZERO, fee;
	mpz_t v;

	if (l->is_settled)
		return;
	l->is_settled = true;
	mpz_init(v);
	if (end != 1) {
		back = l->existing;
		read_credit(v, l->existing);
		mpz_add(l->pair->at_b, l->pair->at_b, v);
	}
	if (end == 2) {
		assert_true(credit_of_pixels(&fee, l->pair->price, l->px, 1, 1, ROUND_UP));
		assert_true(credit_add(&back, back, l->bought));
		assert_true(credit_sub(&back, back, fee));
		ev_of(v, &l->pay.params);
		mpz_addmul_ui(l->pair->at_b, v, l->pay.n);
		fee_of(v, l, true);
		mpz_sub(l->pair->at_b, l->pair->at_b, v);
	}
	assert_true(credits_add(at_b, l->pair->sender, l->pair->name, back, now_ms));
	mpz_clear(v);
}

static void drop(struct letter *l)
{
	mpz_t v;

	settle(l);
	mpz_init(v);
	ev_of(v, &l->pay.params);
	mpz_addmul_ui(lost, v, l->pay.n - l->credited);
	mpz_clear(v);
	payment_clear(&l->pay);
	l->is_used = false;
}

static void one_event(void)
{
	struct letter *l = &letters[below(LETTERS)];

	now_ms++;
	if (!l->is_used) {
		write_letter(l);
		return;
	}
	switch (below(8)) {
	case 0:
	case 1:
	case 2:
		deliver(l);
		break;
	case 3:
		charge(l);
		break;
	case 4:
		settle(l);
		break;
	case 5:
		drop(l);
		break;
	case 6:
		facts.l1.v += below(3);
		break;
	case 7:
		recipient_forget(recipient, facts.l1);
		break;
	}
}

static void whatever_happens_in_whatever_order(void **state)
{
	mpz_t sum;

	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		one_event();
		for (int k = 0; k < SENDERS * SESSIONS; k++) {
			is(at_o, &pairs[k], pairs[k].at_o);
			is(at_b, &pairs[k], pairs[k].at_b);
		}
	}
	for (int i = 0; i < LETTERS; i++)
		if (letters[i].is_used)
			drop(&letters[i]);
	/* What was bought was credited once, or was lost on the way. */
	mpz_init(sum);
	mpz_add(sum, credited, lost);
	assert_int_equal(mpz_cmp(sum, sent), 0);
	assert_true(mpz_sgn(credited) > 0 && mpz_sgn(lost) > 0);
	mpz_clear(sum);
}

/* The smallest steps and the largest amounts against the model. */
static void arithmetic_is_exact(void **state)
{
	struct pair *p = &pairs[0];
	struct ticket_params params = { .face_value = WEI_ZERO };
	mpz_t want, got;

	(void)state;
	mpz_inits(want, got, NULL);
	for (int i = 0; i < 20000; i++) {
		struct letter l = { .pair = p };
		uint8_t bytes[32];
		struct credit c;

		for (int k = 0; k < 32; k++)
			bytes[k] = (uint8_t)below(256);
		assert_true(u256_from_be(&params.win_prob.v, bytes, 32 - below(32)));
		assert_true(u256_from_be(&params.face_value.v, bytes + 16, 16 - below(16)));
		if (credit_of_ticket(&c, params.face_value, params.win_prob)) {
			read_credit(got, c);
			ev_of(want, &params);
			assert_int_equal(mpz_cmp(got, want), 0);
		}
		l.px.v = (uint64_t)rand_r(&seed) << below(20);
		assert_true(price_from_wire(&p->price, 1 + rand_r(&seed), 1 + rand_r(&seed)));
		for (int up = 0; up < 2; up++) {
			assert_true(credit_of_pixels(&c, p->price, l.px, 1, 1,
				up ? ROUND_UP : ROUND_DOWN));
			read_credit(got, c);
			fee_of(want, &l, up);
			assert_int_equal(mpz_cmp(got, want), 0);
		}
	}
	mpz_clears(want, got, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(whatever_happens_in_whatever_order),
		T(arithmetic_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "src/role/ticket_trial.h"

#include <string.h>

#include "src/crypto/random.h"
#include "src/pay/recipient.h"
#include "src/pay/sender.h"

#define TICKETS 64 /* at even odds: all alike once in 2^63 */
#define REDEEM_GAS 100000

static bool sign(void *ctx, struct signature *sig, const struct hash32 *hash)
{
	return signer_sign_hash(ctx, sig, hash);
}

/* A round that never was. */
static struct chain_facts made_up(void)
{
	struct chain_facts f = {.ready = true, .l1 = {1000}, .head = {1000},
		.gas_price = wei_from_gwei(1)};

	f.round.current.v = f.round.initialized.v = 10;
	f.round.length = 100;
	f.round.start.v = 990;
	f.round.ticket_validity = 2;
	memset(&f.round.hash, 0x5a, sizeof(f.round.hash));
	return f;
}

struct trial {
	struct recipient *recipient;
	struct sender *sender;
	struct chain_facts facts;
	struct sender_funds funds;
	struct price price;
	struct ticket_params params;
	struct payment payment;
};

static struct err *judge(struct trial *t, size_t i, bool *won)
{
	const struct judgement j = {&t->funds, &t->facts, t->price};
	struct winning_ticket winner;
	enum ticket_verdict v = recipient_receive(t->recipient, &t->payment, i, &j, won,
		&winner);

	return v == TICKET_OK ? NULL : ticket_verdict_error(v, &winner.ticket,
		t->payment.sender);
}

static struct err *judge_all(struct trial *t, struct ticket_trial *out)
{
	struct err *e = NULL;
	bool won;

	for (size_t i = 0; i < t->payment.n && !e; i++) {
		e = judge(t, i, &won);
		out->won += !e && won;
		out->lost += !e && !won;
	}
	if (e)
		return e;
	if (!out->won || !out->lost)
		return err_new(ERR_INTERNAL, "of %d tickets at even odds %u won", TICKETS,
			out->won);
	/* The same again, and one that somebody has changed, are none. */
	e = judge(t, 0, &won);
	if (!e)
		return err_new(ERR_INTERNAL, "a ticket counted twice");
	err_free(e);
	t->payment.tickets[1].nonce += TICKETS;
	e = judge(t, 1, &won);
	if (!e)
		return err_new(ERR_INTERNAL, "a forged ticket was taken");
	err_free(e);
	return NULL;
}

static struct err *run(struct trial *t, struct ticket_trial *out)
{
	struct eth_addr who = recipient_address(t->recipient);
	uint8_t seed[32];
	struct err *e;

	random_bytes(seed, sizeof(seed));
	if (!recipient_params(t->recipient, &t->params, who, t->price, t->funds.reserve,
		&t->facts, seed))
		return err_new(ERR_INTERNAL, "no tickets were asked for");
	e = sender_pay(t->sender, &t->params, &t->facts, t->price, TICKETS, &t->payment);
	if (!e)
		e = judge_all(t, out);
	payment_clear(&t->payment);
	return e;
}

struct err *ticket_trial(const struct signer *s, struct ticket_trial *out)
{
	/* Signing changes no signer; the hook's ctx may be anything. */
	union {
		const struct signer *in;
		void *out;
	} ctx = {s};
	struct recipient_options r = {.address = signer_address(s),
		.redeem_gas = {REDEEM_GAS}};
	struct sender_options o = {.address = signer_address(s), .sign = sign, .ctx = ctx.out};
	struct trial t = {.facts = made_up(), .price = {wei_from(1), {1}},
		.funds = {.deposit = wei_from_gwei(1000000000),
			.reserve = wei_from_gwei(1000000000), .round = {10}}};
	struct err *e;

	*out = (struct ticket_trial){0, 0};
	random_bytes(r.secret, sizeof(r.secret));
	/* Half of what a ticket is worth, so that half of them win. */
	r.max_face_value = wei_from_gwei(10000000);
	r.ticket_ev = wei_from_gwei(5000000);
	o.max_ticket_ev = o.max_total_ev = wei_from_gwei(1000000000);
	o.deposit_multiplier = 1;
	t.recipient = recipient_new(&r);
	t.sender = sender_new(&o);
	e = run(&t, out);
	recipient_free(t.recipient);
	sender_free(t.sender);
	return err_wrap(e, "tickets");
}

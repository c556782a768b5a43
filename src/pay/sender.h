#ifndef SRC_PAY_SENDER_H
#define SRC_PAY_SENDER_H
/* The broadcaster's side of tickets: does it accept an orchestrator's params,
 * how many tickets does a segment need, and making them. Nonces are remembered
 * per params; no clock, no chain. One owner. Sources: go-livepeer
 * pm/sender.go, server/segment_rpc.go at 0.9.1. */
#include "src/base/err.h"
#include "src/model/chain.h"
#include "src/model/ticket.h"

struct sender;

/* Signs eip191(hash); false: no key. */
typedef bool sender_sign_fn(void *ctx, struct signature *sig, const struct hash32 *hash);

struct sender_options {
	struct eth_addr address;
	struct wei max_ticket_ev;	/* -maxTicketEV */
	struct wei max_total_ev;	/* -maxTotalEV */
	uint64_t deposit_multiplier;	/* -depositMultiplier */
	sender_sign_fn *sign;
	void *ctx;
};
struct sender *sender_new(const struct sender_options *o);
void sender_free(struct sender *s);

/* What the checks need to know of ourselves and the chain. */
struct sender_facts {
	struct sender_funds funds; /* our own */
	const struct chain_facts *chain;
};
/* `TicketParams expired` alone means: ask for new ones. Errors of kind
 * ERR_DENIED end the whole stream (no deposit, no reserve, unlocking). n: how
 * many tickets are to be sent, 0 when that is not known yet. */
struct err *sender_check_params(const struct sender *s, const struct ticket_params *p,
	const struct sender_facts *f, uint64_t n) must_check;
#define SENDER_PARAMS_EXPIRED "TicketParams expired"

/* pixels * 1.02 * price, as the reference estimates a segment's fee. */
bool sender_fee(struct credit *fee, struct price price, struct pixels pixels) must_check;
/* Tickets that bring `existing` to max(fee, EV); 0 when it is there already or
 * the EV is zero. *bought: their value. */
struct err *sender_tickets(const struct ticket_params *p, struct credit existing,
	struct credit fee, uint64_t *n, struct credit *bought) must_check;

/* Fills *out (payment_clear it) with n signed tickets; nonces go on from the
 * last ones of these params. n 0: only sender and price. */
struct err *sender_pay(struct sender *s, const struct ticket_params *p,
	const struct chain_facts *f, struct price price, uint64_t n,
	struct payment *out) must_check;
#endif

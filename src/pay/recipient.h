#ifndef SRC_PAY_RECIPIENT_H
#define SRC_PAY_RECIPIENT_H
/* The orchestrator's side of tickets: what it asks of senders, and its verdict
 * on what they send. No clock and no chain: facts and random numbers are
 * arguments, only the nonces seen are remembered. One owner.
 * Source: go-livepeer pm/recipient.go, pm/validator.go at 0.9.1. */
#include "src/model/chain.h"
#include "src/model/ticket.h"

struct recipient;

struct recipient_options {
	struct eth_addr address;  /* who is paid: -ethOrchAddr or the account */
	uint8_t secret[32];	  /* random at each start; copied */
	struct wei ticket_ev;	  /* -ticketEV */
	struct wei max_face_value; /* -maxFaceValue; zero: none */
	struct gas redeem_gas;	   /* of redeemWinningTicket on this network */
	size_t books_max;	   /* sets of params with nonces; 0: RECIPIENT_BOOKS_MAX */
};
/* A stream uses a set of params for each segment, 240 in the forty blocks that
 * they hold: a thousand streams. A quarter of it is any one sender's. Each took
 * a ticket with a good signature on params that we made. */
#define RECIPIENT_BOOKS_MAX 262144
struct recipient *recipient_new(const struct recipient_options *o);
void recipient_free(struct recipient *r); /* NULL ok; wipes the secret */
struct eth_addr recipient_address(const struct recipient *r);
void recipient_set_ev(struct recipient *r, struct wei ticket_ev);
void recipient_set_max_face_value(struct recipient *r, struct wei max);
struct wei recipient_ev(const struct recipient *r);

/* What redeeming one ticket costs at this gas price. */
struct wei recipient_tx_cost(const struct recipient *r, struct wei gas_price);
/* The face value it would ask for with max_float of the sender behind it. */
struct wei recipient_face_value(const struct recipient *r, struct wei gas_price,
	struct wei max_float);

/* Whether a ticket made now can ever be redeemed: its round, or the one before,
 * has a block hash on the chain. */
bool recipient_has_round(const struct chain_facts *facts);
/* Params for a sender with max_float behind it. `seed` is fresh random bytes.
 * false: "insufficient sender reserve". */
bool recipient_params(const struct recipient *r, struct ticket_params *out,
	struct eth_addr sender, struct price price, struct wei max_float,
	const struct chain_facts *facts, const uint8_t seed[static 32]) must_check;

enum ticket_verdict {
	TICKET_OK,
	/* Fatal: the rest of the payment is not looked at. */
	TICKET_SENDER_UNLOCKING,
	TICKET_WRONG_RECIPIENT,
	TICKET_NO_SENDER,
	TICKET_WRONG_RAND,
	/* This and all later tickets of the payment give no credit, but a later
	 * winner is still a winner. */
	TICKET_WRONG_SIGNATURE,
	TICKET_NONCE_SEEN,
	TICKET_TOO_MANY_NONCES,
	TICKET_EXPIRED,
};
bool ticket_verdict_is_fatal(enum ticket_verdict v);
/* As peers read it, to the letter. */
struct err *ticket_verdict_error(enum ticket_verdict v, const struct ticket *t,
	struct eth_addr sender) must_check;

/* What the sender's money and the chain say while a payment is judged. */
struct judgement {
	const struct sender_funds *funds;
	const struct chain_facts *facts;
	struct price price; /* expected_price as sent: it is bound into the random number */
};
/* One ticket of a payment. *won says whether it is to be kept and redeemed,
 * whatever the verdict (an expired or replayed winner still pays); then
 * *out is what redeems it. */
enum ticket_verdict recipient_receive(struct recipient *r, const struct payment *p,
	size_t i, const struct judgement *j, bool *won, struct winning_ticket *out);

/* Forgets nonces of params that have expired. Of an older block than before
 * nothing follows - an Ethereum node may lag behind another - unless it is so
 * much older that the earlier one was a lie: then all params are void. */
void recipient_forget(struct recipient *r, struct l1_block latest);
size_t recipient_remembered(const struct recipient *r); /* nonces, for tests */
#endif

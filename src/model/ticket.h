#ifndef SRC_MODEL_TICKET_H
#define SRC_MODEL_TICKET_H
/* Lottery tickets, the network's money on the wire: data and equality; the
 * rules are src/pay's. Sources: go-livepeer pm/ticket.go, net/lp_rpc.proto;
 * protocol TicketBroker.sol. */
#include "src/model/amount.h"
#include "src/model/id.h"

/* The round a ticket is made in, and that round's block hash: a ticket is worth
 * something in this round and the next. {0, 0} before any round is known. */
struct ticket_expiration {
	struct round_no round;
	struct hash32 block_hash;
};

/* What a recipient asks its sender to put into tickets. */
struct ticket_params {
	struct eth_addr recipient;
	struct wei face_value;
	struct prob win_prob;
	struct hash32 rand_hash; /* keccak of the recipient's random number */
	struct u256 seed;	 /* from which it finds that number again */
	struct l1_block expiration; /* last block but one in which they hold; 0 none */
	struct ticket_expiration created;
};

struct ticket {
	struct eth_addr recipient, sender;
	struct wei face_value;
	struct prob win_prob;
	uint32_t nonce;
	struct hash32 rand_hash;
	struct ticket_expiration created;
	struct l1_block params_expiration; /* not hashed, not on chain */
};

/* All that redeems a winning ticket. */
struct winning_ticket {
	struct ticket ticket;
	struct signature sig;	/* the sender's */
	struct u256 rand;	/* its hash is ticket.rand_hash */
};

/* What has become of a winning ticket. */
enum ticket_state {
	TICKET_WON,	  /* waits for its turn */
	TICKET_SUBMITTED, /* a transaction carries it */
	TICKET_REDEEMED,  /* paid, final */
	TICKET_FAILED,	  /* can never be paid, final */
	TICKET_LAPSED,	  /* its rounds are over, final */
	TICKET_STATES
};

/* net.Payment, the Livepeer-Payment header, checked. */
#define PAYMENT_TICKETS_MAX 600 /* pm/recipient.go maxSenderNonces */
struct payment {
	bool has_params;
	struct ticket_params params; /* as the recipient gave them */
	bool has_sender;
	struct eth_addr sender;
	struct ticket_expiration created;
	bool has_price;
	int64_t price_per_unit, pixels_per_unit; /* as sent, unchecked */
	size_t n;
	struct payment_ticket {
		uint32_t nonce;
		struct signature sig;
		size_t sig_len; /* as sent, at most 65 */
	} *tickets; /* owned */
};
void payment_clear(struct payment *p);

bool ticket_params_eq(const struct ticket_params *a, const struct ticket_params *b);
#endif

#ifndef SRC_ROLE_CASHIER_PRIVATE_H
#define SRC_ROLE_CASHIER_PRIVATE_H
/* What cashier.c (senders and prices), cashier_payment.c (what comes in) and
 * cashier_view.c share. All of it belongs to the orch actor. */
#include <uthash.h>

#include "db/tickets.h"
#include "src/pay/credit.h"
#include "src/pay/recipient.h"
#include "src/role/cashier.h"

#define CUSTOMER_ERROR_SIZE 160

/* Somebody waits to hear of a sender's funds. */
struct question {
	struct question *next;
	void (*fn)(void *ctx, struct err *taken);
	void *ctx;
	int64_t until_ms; /* monotonic */
};

/* A broadcaster that asked for a price, or paid. */
struct customer {
	UT_hash_handle hh;
	struct eth_addr address;
	bool has_funds;
	struct sender_funds funds;
	struct wei pending; /* face values of redemptions under way */
	bool is_asked;	    /* the chain is */
	struct question *questions;
	struct credit received; /* expected value, since the start */
	int64_t tickets, won;
	char last_error[CUSTOMER_ERROR_SIZE];
	int64_t last_error_ms;
};

struct special_price { /* of one sender */
	UT_hash_handle hh;
	struct eth_addr address;
	struct price price;
};

struct cashier {
	struct log *log;
	struct actor *actor;
	struct chain *chain;
	const struct signer *signer;
	struct db *db;
	struct cashier_options o; /* texts and pointers are not kept in it */
	struct chain_facts facts;
	struct recipient *recipient;
	struct credits *credits;
	struct customer *customers; /* the least recently used first */
	size_t asked;		    /* questions to the chain under way */
	struct special_price *prices;
	/* Winners that the database has not taken, at most one payment's. */
	struct ticket_record *unsaved;
	size_t unsaved_n;
	int64_t retry_ms;    /* monotonic */
	int64_t expired_ms;  /* monotonic: when old balances were last dropped */
	char trouble[256];   /* said already */
	bool stopping;
};

/* NULL: not known. */
struct customer *cashier_find(const struct cashier *c, struct eth_addr sender);
struct price cashier_price_for(const struct cashier *c, const struct customer *who);
struct wei cashier_max_float(const struct cashier *c, const struct customer *who);
/* Stores what is in `unsaved`. */
struct err *cashier_save(struct cashier *c) must_check;
#endif

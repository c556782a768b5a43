#ifndef SRC_ROLE_CASHIER_H
#define SRC_ROLE_CASHIER_H
/* The orchestrator's till on a chain: what it asks of each broadcaster (price,
 * ticket params), what it takes from it, and what that buys. Nothing of it
 * waits for the chain: a sender's funds are asked for once and kept, so that
 * who is known goes on with old facts when no Ethereum node answers, and who
 * is new is told so. A winning ticket is in the database before the segment it
 * paid for is answered.
 *
 * Made by the node before the orchestrator, which opens it on its own actor,
 * `orch`; from then on everything here runs there, but for what says otherwise.
 * Source: go-livepeer core/orchestrator.go, core/accounting.go,
 * pm/sendermonitor.go at 0.9.1. */
#include "src/base/actor.h"
#include "src/eth/chain.h"
#include "src/model/view.h"
#include "src/model/wire.h"

struct cashier;

struct cashier_options {
	struct chain *chain; /* must outlive the orchestrator's actor's last task */
	const struct signer *signer;
	const char *db_path;
	struct eth_addr recipient; /* who is paid: -ethOrchAddr or the account */
	struct price price;	   /* -pricePerUnit / -pixelsPerUnit */
	bool auto_adjust;	   /* -autoAdjustPrice */
	struct wei ticket_ev;	   /* -ticketEV */
	struct wei max_face_value; /* -maxFaceValue; zero: none */
	struct gas redeem_gas;	   /* of the network */
	/* Called on the orch actor: at least one winner has been stored; tickets of
	 * this expected value have been credited. Either may be NULL. */
	void (*won)(void *ctx);
	void (*received)(void *ctx, struct credit ev);
	void *ctx;
};
/* Opens its own connection to the database (DB_FULL). */
struct err *cashier_new(const struct log *log, const struct cashier_options *o,
	struct cashier **out) must_check;
/* After the orchestrator is gone. NULL ok. */
void cashier_free(struct cashier *c);

/* Starts listening to the chain; on no actor yet. */
void cashier_open(struct cashier *c, struct actor *orch);
/* Whoever waits for a sender's funds gets an error; winners that are still not
 * in the database are tried a last time, and else written to the log whole. */
void cashier_stop(struct cashier *c);
void cashier_tick(struct cashier *c, int64_t now_ms);

/* --- who is it? --- */

/* `orchestrator req sig check failed` */
struct err *cashier_check_request(const struct orchestrator_request *q) must_check;
bool cashier_signed_segment(const struct segment_creds *creds, struct eth_addr sender)
	must_check;
/* fn is called on the orch actor, at once when the sender's funds are known, at
 * most two seconds later else; its err (taken) says why they are not. */
void cashier_ask(struct cashier *c, struct eth_addr sender,
	void (*fn)(void *ctx, struct err *taken), void *ctx);

/* --- what it costs --- */

/* Fills address, price and ticket params of an answer to a sender whose funds
 * are known. session NULL: a new one. payment: the one that comes with the
 * segment; a session's first one says at which price it was opened. */
struct err *cashier_quote(struct cashier *c, struct eth_addr sender, const char *session,
	const struct payment *payment, struct orchestrator_info *out) must_check;

/* --- what it brings --- */

struct takings {
	struct price price; /* that the session is charged */
	struct credit ev;   /* credited by this payment */
};
/* Judges a payment from a sender whose funds are known, stores its winners,
 * and credits the rest. The err's text is for the peer, to the letter, with
 * status 400; but ERR_IO is the node's own trouble: winners are kept in memory
 * then, and tried again. */
struct err *cashier_take(struct cashier *c, const struct payment *p, const char *session,
	const char *manifest, struct takings *out) must_check;
/* Holds the session to a price it has not paid yet: a free one. */
void cashier_hold_price(struct cashier *c, struct eth_addr sender, const char *session,
	struct price price);
/* For a segment that was transcoded, once. */
void cashier_charge(struct cashier *c, struct eth_addr sender, const char *session,
	struct price price, struct pixels pixels);

/* --- signatures: any thread --- */
struct eth_addr cashier_recipient(const struct cashier *c);
bool cashier_sign_message(const struct cashier *c, struct signature *out,
	const void *bytes, size_t n) must_check;
bool cashier_sign_hash(const struct cashier *c, struct signature *out,
	const struct hash32 *hash) must_check;

/* --- the operator's --- */

/* sender NULL: for all that have no price of their own. */
void cashier_set_price(struct cashier *c, const struct eth_addr *sender,
	struct price price);
void cashier_unset_price(struct cashier *c, struct eth_addr sender);
void cashier_set_auto_adjust(struct cashier *c, bool on);
void cashier_set_max_face_value(struct cashier *c, struct wei max);
void cashier_set_ticket_ev(struct cashier *c, struct wei ev);
/* Face values of the sender's redemptions under way. */
void cashier_set_pending(struct cashier *c, struct eth_addr sender, struct wei pending);

/* Balance of a session; false: it has none. */
bool cashier_balance(const struct cashier *c, struct eth_addr sender, const char *session,
	struct credit *out) must_check;
/* Winners that the database would not take yet. */
size_t cashier_unsaved(const struct cashier *c);
/* Prices, what tickets look like, and the broadcasters, the latest first;
 * `sessions` and `credit` of their rows are the orchestrator's to fill. */
void cashier_view(const struct cashier *c, struct view_pricing *out);
/* For the sender's row in the view. */
void cashier_note(struct cashier *c, struct eth_addr sender, const char *error);
#endif

#ifndef SRC_ROLE_REDEEMER_H
#define SRC_ROLE_REDEEMER_H
/* Turns winning tickets into money: an actor, `redeemer`, looks at every
 * ticket that is not over at each new block, asks src/pay/redemption what to
 * do, and hands transactions to the chain. A ticket's row says where it is, so
 * a crash at any line goes on from there; what is already used on chain, by a
 * lost transaction or another node, is found out and written down.
 * Functions may be called from any thread.
 * Source: go-livepeer pm/queue.go, pm/sendermonitor.go, and what is said of
 * them in contrib/HACKING.md ("Where weir differs"). */
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/eth/chain.h"

struct redeemer;

struct redeemer_options {
	struct eth_addr recipient; /* whose tickets these are */
	struct gas redeem_gas;	   /* of the network */
	struct wei max_gas_price;  /* zero: none */
};
/* Opens its own connection to the database. The chain must outlive it. Tell
 * it before the chain starts to listen: it registers itself. */
struct err *redeemer_new(const struct log *log, struct board *board, struct chain *chain,
	const char *db_path, const struct redeemer_options *o, struct redeemer **out)
	must_check;
void redeemer_stop(struct redeemer *r);
void redeemer_free(struct redeemer *r); /* NULL ok */
struct actor *redeemer_actor(struct redeemer *r);

/* A ticket has been put into the database. */
void redeemer_wake(struct redeemer *r);
/* Expected value of tickets that were credited: what winning should come to. */
void redeemer_received(struct redeemer *r, struct credit ev);
void redeemer_set_max_gas_price(struct redeemer *r, struct wei max);

/* Told whenever the face values under way of a sender change; posted to `to`.
 * One listener, set from a thread that is no actor. */
struct redeemer_listener {
	struct actor *to;
	void *ctx;
	void (*pending)(void *ctx, struct eth_addr sender, struct wei pending);
};
void redeemer_listen(struct redeemer *r, const struct redeemer_listener *l);
#endif

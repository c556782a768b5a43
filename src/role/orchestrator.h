#ifndef SRC_ROLE_ORCHESTRATOR_H
#define SRC_ROLE_ORCHESTRATOR_H
/* The orchestrator: issues auth tokens, takes segments from broadcasters, has
 * them transcoded here (pool) or by registered transcoders, and answers. An
 * actor, `orch`, owns all of it; the functions below may be called from any
 * thread and post to it. orchestrator_api.c is its HTTP and gRPC face.
 * Source: go-livepeer core/orchestrator.go, server/rpc.go, segment_rpc.go,
 * ot_rpc.go at 0.9.1. */
#include "src/base/board.h"
#include "src/media/pool.h"
#include "src/model/wire.h"
#include "src/net/exchange.h"
#include "src/net/fetch.h"
#include "src/role/totals.h"

struct cashier;
struct orchestrator;
struct history;

struct orchestrator_options {
	const char *service_uri; /* "https://host:port" */
	const char *secret;	 /* orchSecret; "": no remote transcoders */
	unsigned max_sessions;	 /* at once; ignored when automatic */
	bool auto_sessions;	 /* sum of the transcoders' capacities */
	const char *version;	 /* advertised, semver */
	struct cashier *cashier; /* NULL off-chain; must outlive the orchestrator */
};
/* pool: NULL when this node transcodes nothing itself. Everything given must
 * outlive the orchestrator. */
struct orchestrator *orchestrator_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board, struct history *history,
	const struct orchestrator_options *o);
/* Ends all sessions; then free the pool (its last replies come here), then
 * this. From a thread that is no actor. */
void orchestrator_stop(struct orchestrator *o);
void orchestrator_free(struct orchestrator *o); /* NULL ok */
/* Adds all paths of an orchestrator's port to the router. */
void orchestrator_routes(struct orchestrator *o, struct router *r);

/* No new sessions; the live ones go on. */
void orchestrator_drain(struct orchestrator *o, bool drain);
/* Ends all sessions and takes none, until it is told to drain no more. */
void orchestrator_rest(struct orchestrator *o);
/* Its own transcoder, from now on: it gets new sessions. NULL: it gets none; those
 * it has go on there. The pool outlives the orchestrator, and stays the same one. */
void orchestrator_set_pool(struct orchestrator *o, struct pool *pool);
/* After NULL: those it has go elsewhere with their next segment. */
void orchestrator_leave_pool(struct orchestrator *o);
/* Result: struct totals. */
void orchestrator_totals(struct orchestrator *o, struct reply reply);
struct actor *orchestrator_actor(struct orchestrator *o);
void orchestrator_set_max_sessions(struct orchestrator *o, unsigned n);
/* One transcoder, local or remote, by the id the console shows. */
void orchestrator_drain_transcoder(struct orchestrator *o, const char *id,
	bool drain, struct reply reply);
/* As if its broadcaster had ended it. ERR_NOT_FOUND. */
void orchestrator_drop_session(struct orchestrator *o, const char *id,
	struct reply reply);

/* --- money; nothing happens off-chain --- */

/* sender NULL: for all that have no price of their own; price NULL: that sender
 * has none of its own any more. Sessions under way keep theirs. */
void orchestrator_set_price(struct orchestrator *o, const struct eth_addr *sender,
	const struct price *price);
void orchestrator_set_auto_adjust(struct orchestrator *o, bool on);
void orchestrator_set_max_face_value(struct orchestrator *o, struct wei max);
void orchestrator_set_ticket_ev(struct orchestrator *o, struct wei ev);
/* A redeemer's listener: ctx is the orchestrator, it runs on its actor. */
void orchestrator_on_pending(void *ctx, struct eth_addr sender, struct wei pending);
/* Result: struct view_pricing with what the orchestrator knows of it (view_clear
 * and free it). ERR_INVALID off-chain. */
void orchestrator_pricing(struct orchestrator *o, struct reply reply);

/* --- between orchestrator_api.c (net actor) and the orch actor --- */

/* One segment on its way through. Travels by ownership. */
struct order {
	struct segment_creds creds;
	struct payment payment; /* empty off-chain, and once it is taken */
	struct eth_addr sender; /* who pays */
	struct price price;	/* what is charged */
	struct credit paid;	/* by this payment */
	int refusal;		/* HTTP status of an order that is not admitted */
	struct orchestrator_info info; /* goes into the answer */
	char remote[64];
	uint64_t exchange; /* waits for the answer */
	struct blob *body;
	int64_t began_ms; /* monotonic */
};
void order_free(struct order *o);

/* Result: struct orchestrator_info. Errors carry the wire's text. */
void orchestrator_info(struct orchestrator *o,
	const struct orchestrator_request *req, struct reply reply);
/* Signature, capabilities, token, capacity, ticket params, payment, in
 * ServeSegment's order. Result: the order, always; with an err too. */
void orchestrator_admit(struct orchestrator *o, struct order *taken,
	struct reply reply);
/* Admitted, complete, its 200 is out: the answer goes to its exchange. */
void orchestrator_transcode(struct orchestrator *o, struct order *taken);
void orchestrator_end_session(struct orchestrator *o,
	const struct auth_token *token, struct reply reply);

/* A transcoder's stream is open on `exchange`; it has shown the secret. */
void orchestrator_register(struct orchestrator *o,
	const struct register_request *req, uint64_t exchange,
	const char *address);
void orchestrator_unregister(struct orchestrator *o, uint64_t exchange);
/* A transcoder's answer to a task: an error or an output. Takes both. */
void orchestrator_task_done(struct orchestrator *o, int64_t task_id,
	struct err *taken_err, struct transcode_output *taken);
bool orchestrator_secret_ok(const struct orchestrator *o, const char *secret);
/* The signed value of a ping; off-chain it stays empty. Any thread. */
bool orchestrator_sign(const struct orchestrator *o, struct signature *out,
	const void *bytes, size_t n) must_check;
#endif

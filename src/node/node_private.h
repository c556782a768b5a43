#ifndef SRC_NODE_NODE_PRIVATE_H
#define SRC_NODE_NODE_PRIVATE_H
/* What node.c (construction) and overview.c (the view of the whole) share. */
#include <stdatomic.h>

#include "src/node/node.h"
#include "src/node/ports.h"
#include "src/role/broadcaster.h"
#include "src/role/orchestrator.h"
#include "src/role/staker.h"
#include "src/role/transcoder.h"

/* What weir tells peers its version is. They compare it with the least
 * go-livepeer version they accept (core/capabilities.go), so it is the release whose
 * wire behaviour weir implements. */
#define NETWORK_VERSION "0.9.1-weir-" WEIR_VERSION

struct devices;
struct overview;

struct role_order;  /* role_change.c's */
struct kept_config;

struct kept_terms {
	struct kept_terms *before;
	struct ladder ladder;	/* n 0: not known */
	struct price max_price; /* of a broadcaster */
};

struct node { /* pointers only: it wires, it decides nothing */
	const struct log *log;
	const struct config *config;
	const struct signer *signer; /* NULL off-chain; the chain's only */
	struct signer *messenger; /* the same key, for all but transactions */
	struct board *board;
	struct net *net;
	struct pool *_Atomic pool; /* that transcodes; NULL: there is none, so far */
	struct pool *prober;	   /* a broadcaster's, that was here before the pool */
	struct history *history;
	char *kept_trend; /* of the run before; NULL none */
	/* Made once, by main, at the start or later, and freed at the end only:
	 * a role that is stopped rests. */
	struct orchestrator *_Atomic orchestrator;
	struct transcoder *_Atomic transcoder;
	struct broadcaster *_Atomic broadcaster;
	/* Of enum option_roles; main's to change. */
	atomic_uint running, leaving, /* being stopped: running still */
		known; /* that have run, and all there is to say of them is said */
	_Atomic(struct role_order *) order; /* to start or stop one */
	struct kept_config *configs; /* those roles were started with later */
	atomic_bool transcoder_is_late; /* started while others ran */
	struct chain *chain;   /* these two are NULL off chain */
	struct staker *staker;
	/* Of paid roles; made, like these, once and by main. */
	struct cashier *_Atomic cashier;
	struct redeemer *_Atomic redeemer;
	struct purse *_Atomic purse;
	struct overview *overview;
	struct devices *devices;
	struct router *orch_router, *http_router;
	struct port *orch_port, *http_port;
	struct rtmp_port *rtmp_port; /* main's thread only: drain closes it */
	char *rtmp_address;
	struct status_page *status_page;
	struct ports ports;
	/* -transcodingOptions and -maxPricePerUnit, or what was chosen since; older
	 * ones are kept until the end, since others may be reading them. */
	_Atomic(struct kept_terms *) terms;
	/* As the operator left them; ctl's once the node runs. */
	struct wei min_gas_price, max_gas_price;
	char **orchestrators;
	size_t orchestrators_n;
	char *secret, *datadir;
	int64_t started_ms;
	atomic_bool draining;
	atomic_int drain_then;	      /* enum drain_then */
	_Atomic int64_t drain_since_ms; /* Unix */
	_Atomic(char *) failure;
};

/* A flag's value that names a readable, non-empty file stands for its content;
 * free() *out. */
struct err *node_file_or_text(const char *value, char **out) must_check;

/* --- node.c, for role_change.c: main's --- */
struct err *node_make_pool(struct node *n, const struct config *c, bool transcodes,
	struct pool **out) must_check;
struct err *node_make_orchestrator(struct node *n, const struct config *c) must_check;
struct err *node_make_transcoder(struct node *n, const struct config *c) must_check;
struct err *node_make_broadcaster(struct node *n, const struct config *c) must_check;
/* Their ports; what is open stays so. */
struct err *node_open_orchestrator(struct node *n) must_check;
struct err *node_open_broadcaster(struct node *n) must_check;
/* -orchAddr, -orchSecret, -transcodingOptions, as a role is about to need them. */
struct err *node_read_role_options(struct node *n, const struct config *c) must_check;
/* role_change.c: whoever waits for one is told that it will not come. */
void node_drop_order(struct node *n);
void node_drop_configs(struct node *n); /* when all roles are freed */

/* --- node_prices.c --- */
void node_keep_ladder(struct node *n, const struct ladder *l);
void node_keep_max_price(struct node *n, struct price p);
void node_drop_terms(struct node *n);

/* --- overview.c: an actor that asks the roles for their totals once a second,
 * watches heartbeats, raises alarms and publishes SECTION_NODE --- */
void overview_start(struct node *n);
/* id NULL or "": all alarms. Result: char *, what was done. ERR_NOT_FOUND. */
void overview_ack(struct node *n, const char *id, struct reply reply);
void overview_stop(struct node *n); /* asks nobody any more */
/* When nobody is left to answer: roles and net are gone. */
void overview_free(struct node *n);
#endif

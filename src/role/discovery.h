#ifndef SRC_ROLE_DISCOVERY_H
#define SRC_ROLE_DISCOVERY_H
/* Which orchestrators there are and which of them answer: the -orchAddr list, a
 * webhook's, or else the pool of the chain, asked in parallel with
 * GetOrchestrator. Belongs to the actor it is given (the broadcaster's);
 * replies go there.
 * Source: go-livepeer discovery/ at 0.9.1. */
#include "src/model/view.h"
#include "src/model/wire.h"
#include "src/net/fetch.h"

#define SCORE_TRUSTED 1.0
enum trust { TRUST_NONE, TRUST_FULL, TRUST_LEVELS };

struct discovery;
struct purse;

struct discovery_options {
	const char *const *uris; /* "https://host:port", trusted */
	size_t uris_n;
	const char *webhook;   /* NULL or "": none; wins over uris */
	unsigned first_ms;     /* -discoveryTimeout; 0: 500 */
	const char *blocklist; /* comma list of addresses */
	unsigned extra_nodes;  /* of one orchestrator's siblings, at most */
	struct purse *purse;   /* signs, and judges terms; NULL off-chain */
};
struct discovery *discovery_new(const struct log *log, struct actor *actor,
	struct net *net, const struct discovery_options *o);
void discovery_stop(struct discovery *d); /* on its actor: nobody waits any more */
void discovery_free(struct discovery *d); /* after its actor ended */

/* The list is there and fresh (a webhook's is kept 60 s; a failing webhook
 * keeps the last good list; the first pool is waited for 3 s). Result: none. */
void discovery_ready(struct discovery *d, struct reply reply);
/* Orchestrators that are registered on the chain and active. */
struct discovery_pool {
	size_t n;
	struct pool_entry {
		struct eth_addr address;
		char uri[URI_SIZE]; /* as it was registered; no URI: passed over */
		struct lpt stake;
	} o[];
};
/* Takes it, in place of the one before. Who is asked changes only where there
 * is neither a list nor a webhook; what is staked counts for all. */
void discovery_set_pool(struct discovery *d, struct discovery_pool *taken);
/* For weighing one against another; 0: not known. */
double discovery_stake(const struct discovery *d, struct eth_addr orchestrator);

/* How many are known at this level of trust. */
size_t discovery_size(const struct discovery *d, enum trust trust);

struct found {
	size_t n;
	struct found_orchestrator {
		struct orchestrator_info info;
		int64_t latency_ms;
	} o[];
};
/* Asks all of that trust; the reply comes after at most 6 s with up to `want`
 * compatible ones, fastest first. `penalty` (0: none) tells of suspension;
 * those come last, and only when others are missing. Result: struct found,
 * never an err; free() it. */
void discovery_find(struct discovery *d, enum trust trust, size_t want,
	const struct caps *job, int (*penalty)(void *ctx, const char *uri),
	void *ctx, struct reply reply);
/* One orchestrator's fresh info. Result: struct orchestrator_info. */
void discovery_ask(struct discovery *d, const char *uri,
	const struct caps *job, unsigned timeout_ms, struct reply reply);

void discovery_note(struct discovery *d, const char *uri, const char *error);
void discovery_rows(const struct discovery *d, struct view_orchestrators *out);
#endif

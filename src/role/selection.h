#ifndef SRC_ROLE_SELECTION_H
#define SRC_ROLE_SELECTION_H
/* Which orchestrator gets a stream's next segment. A pool of sessions per
 * stream and trust level, as the network's broadcaster keeps them: the last
 * used one is kept while it is fast enough, a faster known one or an untried
 * one is taken otherwise, failing ones are suspended and removed.
 *
 * Pure: no I/O, no clock, time is an argument. One owner (the broadcaster).
 * Source: go-livepeer server/broadcast.go, selection.go, suspensions.go at
 * 0.9.1. */
#include "src/model/wire.h"

#define LATENCY_SCORE_GOOD 1.0
#define IN_FLIGHT_MAX 16

/* How an untried orchestrator is chosen on a chain: at random, by the sum of
 * these weights times its share of stake, of e^(-price / price_exp), and of
 * heads. Without any stake known, the one that answered first. */
struct selection_rule {
	struct price max_price; /* wei a pixel; free: any price will do */
	bool ignore_max_price;	/* where nobody is that cheap */
	double stake_weight, price_weight, random_weight, price_exp;
};

struct orch_session {
	struct orch_session *next; /* in the pool's list */
	struct orchestrator_info info;
	struct price first_price; /* when it joined; free off-chain */
	double stake;		  /* of its orchestrator; 0 unknown */
	char uri[URI_SIZE]; /* info.transcoder when it joined: its identity */
	int64_t initial_latency_ms;
	double latency_score; /* wall time / max(1.5 s, duration); 0 unknown */
	bool in_selector;     /* may be picked as new */
	bool removed;	      /* no longer in the pool, somebody still holds it */
	unsigned refs;
	struct {
		int64_t start_ms;
		int32_t duration_ms;
	} in_flight[IN_FLIGHT_MAX]; /* oldest first */
	size_t in_flight_n;
};

struct suspension {
	char uri[URI_SIZE];
	int until; /* suspended while the refresh counter is <= this */
};

struct selection {
	const struct selection_rule *rule; /* NULL off-chain; its owner's, may change */
	int pool_size; /* orchestrators known to discovery */
	int num_orchs; /* how many to ask for at once */
	bool refreshing;
	struct orch_session *sessions; /* all, latest last */
	struct orch_session *last;     /* the one used last; NULL */
	struct suspension *suspended;
	size_t suspended_n;
	int refreshes;
	uint64_t swaps;
};

void selection_init(struct selection *s, int pool_size, int num_orchs);
void selection_clear(struct selection *s);

/* Fewer than min(8, ceil(num_orchs / 2)) sessions wait in the selector and no
 * refresh runs: the caller starts discovery and says so here. */
bool selection_wants_refresh(const struct selection *s);
void selection_refresh_begin(struct selection *s);
/* Adds an answer of discovery unless its URI is there already. */
void selection_add(struct selection *s, const struct orchestrator_info *info,
	int64_t latency_ms, double stake);
void selection_refresh_end(struct selection *s);

/* +1 reference; NULL: no session available. draw: random, in [0, 1). */
struct orch_session *selection_pick(struct selection *s, int64_t now_ms, double draw);
/* A segment goes out. */
void selection_sent(struct orch_session *o, int64_t now_ms, int32_t duration_ms);
/* It came back whole after wall_ms. */
void selection_succeeded(struct selection *s, struct orch_session *o,
	int64_t wall_ms, int32_t duration_ms);
/* It failed for good reasons of its own; the session is kept. */
void selection_kept(struct selection *s, struct orch_session *o);
/* It failed: suspended, removed. */
void selection_failed(struct selection *s, struct orch_session *o);
void orch_session_put(struct orch_session *o);

/* 0: not suspended; else the penalty, lower is better. */
int selection_suspended(struct selection *s, const char *uri);
#endif

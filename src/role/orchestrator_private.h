#ifndef SRC_ROLE_ORCHESTRATOR_PRIVATE_H
#define SRC_ROLE_ORCHESTRATOR_PRIVATE_H
/* What orchestrator.c (requests, start and stop), session.c, assign.c (who
 * does the work) and orchestrator_console.c share. All fields belong to the orch actor. */
#include <uthash.h>

#include "src/crypto/auth_token.h"
#include "src/role/cashier.h"
#include "src/role/orchestrator.h"
#include "src/role/remote.h"
#include "src/role/shelf.h"
#include "src/role/tally.h"

/* Waiting segments of a session beside the one being worked on; the fifth is
 * "OrchestratorBusy" (core/orchestrator.go maxSegmentChannels). */
#define SESSION_QUEUE 4

struct session {
	UT_hash_handle hh;
	char id[SESSION_ID_SIZE];
	char manifest[MANIFEST_SIZE];
	char remote[64];
	struct eth_addr sender; /* who pays; zero off-chain */
	struct price price;
	struct credit paid;	/* in expected value */
	struct order *queue[SESSION_QUEUE];
	size_t queue_n;
	struct job *job; /* the segment being worked on; NULL: none */
	int64_t used_ms; /* monotonic */
	bool is_local;	 /* sticks to the pool */
	struct remote *on; /* sticks to this transcoder, counted in its load */
	struct ladder ladder;
	int64_t bytes[LADDER_MAX], pixels[LADDER_MAX], outputs[LADDER_MAX];
	int64_t media_ms;
	char worker[64]; /* who did the last one */
	struct tally tally;
};

/* One attempt of a job on a registered transcoder. */
struct run {
	struct remote *on; /* NULL: not running */
	int64_t task_id;
	int64_t began_ms;
};

/* The segment a session works on. A second run starts when the first one's
 * transcoder dies, or is so late that another had better try: the first answer
 * wins. */
#define JOB_RUNS 2
struct job {
	struct orchestrator *o;
	char session[SESSION_ID_SIZE]; /* looked up again: it may be gone */
	struct order *order;
	struct run run[JOB_RUNS];
	size_t runs; /* started so far */
	bool local;
	int64_t began_ms;
	struct job *next; /* in o->jobs */
};

struct orchestrator {
	struct actor *actor;
	struct log *log;
	struct net *net;
	struct pool *pool; /* NULL: none, so far */
	bool uses_pool;	   /* for new sessions; then there is one */
	struct board *board;
	struct history *history;
	struct cashier *cashier; /* NULL off-chain */
	struct shelf *shelf; /* net actor's */

	char service_uri[URI_SIZE];
	char *secret;
	char version[64];
	unsigned max_sessions;
	bool auto_sessions;
	bool draining;
	uint64_t capped; /* refused since the last word about it */
	int64_t capped_ms;
	uint8_t token_key[AUTH_KEY_SIZE];

	struct session *sessions;
	struct remotes remotes;
	struct job *jobs; /* remote ones in flight */
	int64_t next_task;
	struct caps caps; /* union of what its transcoders do */
	struct totals totals;
	struct timer *tick;
	uint64_t pool_seen; /* its version as published */
	bool dirty;
	int64_t published_ms;
};

void orchestrator_touch(struct orchestrator *o); /* the view changed */
/* Price, payments and balance into a session's row. */
void orchestrator_session_money(const struct orchestrator *o, const struct session *s,
	struct session_row *row);
void orchestrator_publish(struct orchestrator *o);
/* Its own transcoder's sessions: how many there are, and how many there may be. */
unsigned orchestrator_local_load(const struct orchestrator *o);
unsigned orchestrator_local_capacity(const struct orchestrator *o);
unsigned orchestrator_limit(const struct orchestrator *o);
bool orchestrator_is_full(const struct orchestrator *o);

/* --- session.c --- */
struct session *session_find(struct orchestrator *o, const char *id);
struct session *session_start(struct orchestrator *o,
	const struct order *order);
void session_end(struct orchestrator *o, struct session *s, const char *why);
/* What came with a segment of it. */
void session_paid(struct orchestrator *o, struct session *s, const struct order *order);
/* Answers an order with an error; the order stays the caller's. */
void session_refuse(struct orchestrator *o, const struct order *order,
	const char *text);
/* Starts on the next waiting segment when none is being worked on. */
void session_next(struct orchestrator *o, struct session *s);
/* Ends the job: an output or an error (both taken) becomes the answer, and
 * the session's next segment starts. */
void orchestrator_finish(struct orchestrator *o, struct job *job,
	struct err *taken_err, struct transcode_output *taken);

/* --- assign.c --- */
void assign_start(struct orchestrator *o, struct session *s, struct job *job);
void assign_release(struct orchestrator *o, struct session *s);
void assign_teardown(struct orchestrator *o, struct session *s);
void assign_tick(struct orchestrator *o, int64_t now_ms);
void assign_lost(struct orchestrator *o, struct remote *t);
void assign_done(struct orchestrator *o, int64_t task_id,
	struct err *taken_err, struct transcode_output *taken);
#endif

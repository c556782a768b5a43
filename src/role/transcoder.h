#ifndef SRC_ROLE_TRANSCODER_H
#define SRC_ROLE_TRANSCODER_H
/* The remote transcoder: registers with one orchestrator over a gRPC stream
 * that stays open for days, fetches the segments it is told of, has the pool
 * transcode them, posts the renditions back. Loses the orchestrator, finishes
 * what runs, and registers again with growing pauses, for ever. Actor
 * `xclient`. Source: go-livepeer server/ot_rpc.go at 0.9.1. */
#include "src/base/board.h"
#include "src/media/pool.h"
#include "src/net/fetch.h"
#include "src/role/totals.h"

struct transcoder;

struct transcoder_options {
	const char *orchestrator; /* "https://host:port" */
	const char *secret;
	unsigned capacity; /* sessions, > 0 */
	const char *version;
	/* Publishes SECTION_TRANSCODERS and SECTION_SESSIONS; an orchestrator
	 * in the same node does that itself. */
	bool publishes;
	/* The orchestrator refused us for good (wrong secret): the node stops.
	 * Runs on the transcoder's actor. */
	void (*fatal)(void *ctx, const char *reason);
	void *ctx;
};
struct transcoder *transcoder_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board,
	const struct transcoder_options *o);
/* Leaves the orchestrator, so that it sends nothing new; tasks go on. */
void transcoder_drain(struct transcoder *t);
/* After transcoder_drain(): registers again. */
void transcoder_return(struct transcoder *t);
void transcoder_totals(struct transcoder *t, struct reply reply);
struct actor *transcoder_actor(struct transcoder *t);
void transcoder_stop(struct transcoder *t); /* then pool_free, then: */
void transcoder_free(struct transcoder *t); /* NULL ok */
/* "registered with https://... since ..." for the overview. */
void transcoder_state(struct transcoder *t, struct reply reply); /* char * */
#endif

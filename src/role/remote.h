#ifndef SRC_ROLE_REMOTE_H
#define SRC_ROLE_REMOTE_H
/* The transcoders registered with this orchestrator: who they are, what they
 * can do, how loaded they are, and which sessions stick to them. A plain list
 * that the orch actor owns; sending to them is assign.c's.
 * Source: go-livepeer core/orchestrator.go RemoteTranscoderManager. */
#include "src/model/view.h"
#include "src/model/wire.h"

struct remote {
	struct remote *next;
	char id[24];	   /* "t1": shown to the operator */
	uint64_t exchange; /* its RegisterTranscoder stream; 0: gone */
	char address[64];
	struct caps caps;
	int64_t capacity, load; /* sessions */
	bool draining;
	int64_t since_ms, segments, failed, pixels;
	double speed; /* media seconds per wall second, smoothed; -1 unknown */
	char current[SESSION_ID_SIZE];
	char *last_error;
	int64_t last_error_ms;
};

struct remotes {
	struct remote *list;
	unsigned named;
};

struct remote *remotes_add(struct remotes *r, const struct register_request *q,
	uint64_t exchange, const char *address, int64_t now_ms);
void remotes_remove(struct remotes *r, struct remote *t);
void remotes_clear(struct remotes *r);
struct remote *remotes_by_exchange(const struct remotes *r, uint64_t exchange);
struct remote *remotes_by_id(const struct remotes *r, const char *id);
int64_t remotes_capacity(const struct remotes *r);
/* Least loaded one that can do the job and has room, not `except`. *any tells
 * whether some transcoder could do it if it had room. */
struct remote *remotes_pick(const struct remotes *r, const struct caps *job,
	const struct remote *except, bool *any);
void remote_note(struct remote *t, int64_t now_ms, const char *error);
void remote_done(struct remote *t, int64_t media_ms, int64_t wall_ms,
	int64_t pixels);
void remote_row(const struct remote *t, struct transcoder_row *row);
#endif

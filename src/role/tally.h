#ifndef SRC_ROLE_TALLY_H
#define SRC_ROLE_TALLY_H
/* What happened to the segments of one session, counted for the console and
 * the history: both the broadcaster's streams and the orchestrator's sessions
 * keep one. Pure; belongs to its session's owner. Times: Unix ms. */
#include "src/model/view.h"
#include "src/role/totals.h"

#define TALLY_RECENT 32

struct tally_entry {
	int64_t seq, at_ms, duration_ms, latency_ms, bytes;
	const char *outcome; /* a literal */
	char *detail;	     /* owned */
};

struct tally {
	struct totals *sum; /* the role's, counted along; NULL none */
	int64_t started_ms, last_ms;
	int64_t in, out, failed, retried, in_flight;
	int64_t source_bytes, source_ms; /* for the bitrate */
	double ratio;			 /* smoothed latency / duration; -1 */
	size_t recent_n;		 /* of all time; the ring keeps 32 */
	struct tally_entry recent[TALLY_RECENT];
	char *last_error;
	int64_t last_error_ms;
};

/* sum: the role's totals, which outlive the tally; NULL none. */
void tally_init(struct tally *t, struct totals *sum, int64_t now_ms);
void tally_clear(struct tally *t);
/* A segment arrived and is being worked on. */
void tally_in(struct tally *t, int64_t now_ms, int64_t duration_ms,
	int64_t bytes);
/* It came out, after latency_ms; detail: who did it. */
void tally_out(struct tally *t, int64_t now_ms, int64_t seq,
	int64_t duration_ms, int64_t latency_ms, int64_t bytes,
	const char *detail);
void tally_failed(struct tally *t, int64_t now_ms, int64_t seq,
	int64_t duration_ms, int64_t latency_ms, const char *error);
/* One attempt failed, another follows. */
void tally_retry(struct tally *t, int64_t now_ms, const char *error);
/* Fills what a session_row takes from here, `recent` included. */
void tally_row(const struct tally *t, struct session_row *row);
#endif

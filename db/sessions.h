#ifndef DB_SESSIONS_H
#define DB_SESSIONS_H
/* Table sessions: what each role worked on. A row is open (ended_ms NULL) until
 * its session ends; rows that a killed node left open are closed at the next
 * start. */
#include "db/db.h"

struct session_record {
	const char *role; /* "B", "O" or "T" */
	const char *session;
	const char *manifest;
	int64_t started_ms;
	int64_t ended_ms; /* 0 while it lives */
	int64_t segments_ok, segments_failed;
	const char *last_error;
};

struct err *sessions_start(struct db *db, const char *role, const char *session,
	const char *manifest, int64_t at_ms) must_check;
/* Ends the open row of that session; none is no error. */
struct err *sessions_end(struct db *db, const char *role, const char *session,
	int64_t at_ms, int64_t segments_ok, int64_t segments_failed,
	const char *last_error) must_check;
/* Ends every open row, at its last segment, with that error. */
struct err *sessions_end_all(struct db *db, const char *error) must_check;
/* Keeps the newest `keep` rows. */
struct err *sessions_prune(struct db *db, int64_t keep) must_check;
/* The newest first, at most `max`; texts are valid inside fn. */
struct err *sessions_each(struct db *db, int64_t max,
	void (*fn)(void *ctx, const struct session_record *r), void *ctx) must_check;
#endif

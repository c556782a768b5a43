#ifndef DB_SEGMENTS_H
#define DB_SEGMENTS_H
/* Table segments: one row for each segment a role worked on, the newest of
 * them: a bound on rows is a bound on the file. Written in batches inside one
 * transaction. */
#include "db/db.h"

struct segment_record {
	const char *role, *session;
	int64_t seq, at_ms, duration_ms, latency_ms, bytes;
	const char *error; /* NULL: it came out */
};

struct stmt;
/* A prepared insert, for many: stmt_free() it before the database closes. */
struct err *segments_writer(struct db *db, struct stmt **out) must_check;
struct err *segments_add(struct stmt *writer, const struct segment_record *r) must_check;
struct err *segments_prune(struct db *db, int64_t keep) must_check;
/* Those of one session, by time, the newest `max` of them; texts valid inside fn. */
struct err *segments_each(struct db *db, const char *role, const char *session,
	int64_t max, void (*fn)(void *ctx, const struct segment_record *r), void *ctx)
	must_check;
#endif

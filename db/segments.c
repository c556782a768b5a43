#include "db/segments.h"

#include "db/stmt.h"

struct err *segments_writer(struct db *db, struct stmt **out)
{
	return stmt_new(db, "INSERT INTO segments (role, session, seq, at_ms, duration_ms,"
		" latency_ms, bytes, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", out);
}

struct err *segments_add(struct stmt *writer, const struct segment_record *r)
{
	stmt_bind_text(writer, 1, r->role);
	stmt_bind_text(writer, 2, r->session);
	stmt_bind_int(writer, 3, r->seq);
	stmt_bind_int(writer, 4, r->at_ms);
	stmt_bind_int(writer, 5, r->duration_ms);
	stmt_bind_int(writer, 6, r->latency_ms);
	stmt_bind_int(writer, 7, r->bytes);
	stmt_bind_text(writer, 8, r->error);
	return stmt_run(writer);
}

struct err *segments_prune(struct db *db, int64_t keep)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "DELETE FROM segments WHERE"
		" id <= (SELECT max(id) FROM segments) - ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, keep);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *segments_each(struct db *db, const char *role, const char *session,
	int64_t max, void (*fn)(void *ctx, const struct segment_record *r), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT * FROM (SELECT seq, at_ms, duration_ms,"
		" latency_ms, bytes, error, id FROM segments"
		" WHERE role = ?1 AND session = ?2 ORDER BY id DESC LIMIT ?3) ORDER BY id", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, role);
	stmt_bind_text(st, 2, session);
	stmt_bind_int(st, 3, max);
	while (!(e = stmt_step(st, &row)) && row) {
		struct segment_record r = {
			.role = role,
			.session = session,
			.seq = stmt_int(st, 0),
			.at_ms = stmt_int(st, 1),
			.duration_ms = stmt_int(st, 2),
			.latency_ms = stmt_int(st, 3),
			.bytes = stmt_int(st, 4),
			.error = stmt_is_null(st, 5) ? NULL : stmt_text(st, 5),
		};

		fn(ctx, &r);
	}
	stmt_free(st);
	return e;
}

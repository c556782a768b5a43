#include "db/sessions.h"

#include "db/stmt.h"

struct err *sessions_start(struct db *db, const char *role, const char *session,
	const char *manifest, int64_t at_ms)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO sessions (role, session, manifest,"
		" started_ms) VALUES (?1, ?2, ?3, ?4)", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, role);
	stmt_bind_text(st, 2, session);
	stmt_bind_text(st, 3, manifest ? manifest : "");
	stmt_bind_int(st, 4, at_ms);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *sessions_end(struct db *db, const char *role, const char *session,
	int64_t at_ms, int64_t segments_ok, int64_t segments_failed, const char *last_error)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE sessions SET ended_ms = ?3, segments_ok = ?4,"
		" segments_failed = ?5, last_error = ?6"
		" WHERE role = ?1 AND session = ?2 AND ended_ms IS NULL", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, role);
	stmt_bind_text(st, 2, session);
	stmt_bind_int(st, 3, at_ms);
	stmt_bind_int(st, 4, segments_ok);
	stmt_bind_int(st, 5, segments_failed);
	stmt_bind_text(st, 6, last_error ? last_error : "");
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *sessions_end_all(struct db *db, const char *error)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE sessions SET last_error = ?1, ended_ms ="
		" coalesce((SELECT max(at_ms) FROM segments s WHERE s.role = sessions.role"
		"  AND s.session = sessions.session AND s.at_ms >= started_ms), started_ms),"
		" segments_ok = (SELECT count(*) FROM segments s WHERE"
		"  s.role = sessions.role AND s.session = sessions.session"
		"  AND s.at_ms >= started_ms AND s.error IS NULL),"
		" segments_failed = (SELECT count(*) FROM segments s WHERE"
		"  s.role = sessions.role AND s.session = sessions.session"
		"  AND s.at_ms >= started_ms AND s.error IS NOT NULL)"
		" WHERE ended_ms IS NULL", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, error);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *sessions_prune(struct db *db, int64_t keep)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "DELETE FROM sessions WHERE ended_ms IS NOT NULL"
		" AND id <= (SELECT max(id) FROM sessions) - ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, keep);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *sessions_each(struct db *db, int64_t max,
	void (*fn)(void *ctx, const struct session_record *r), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT role, session, manifest, started_ms, ended_ms,"
		" segments_ok, segments_failed, last_error FROM sessions"
		" ORDER BY id DESC LIMIT ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, max);
	while (!(e = stmt_step(st, &row)) && row) {
		struct session_record r = {
			.role = stmt_text(st, 0),
			.session = stmt_text(st, 1),
			.manifest = stmt_text(st, 2),
			.started_ms = stmt_int(st, 3),
			.ended_ms = stmt_int(st, 4),
			.segments_ok = stmt_int(st, 5),
			.segments_failed = stmt_int(st, 6),
			.last_error = stmt_text(st, 7),
		};

		fn(ctx, &r);
	}
	stmt_free(st);
	return e;
}

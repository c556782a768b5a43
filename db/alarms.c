#include "db/alarms.h"

#include "db/stmt.h"

struct err *alarms_put(struct db *db, const struct alarm_record *a)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT OR REPLACE INTO alarms (key, text, is_on, seen,"
		" count, first_ms, last_ms, raised_ms, over_ms, seen_ms, mark)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, a->key);
	stmt_bind_text(st, 2, a->text);
	stmt_bind_int(st, 3, a->on);
	stmt_bind_int(st, 4, a->seen);
	stmt_bind_int(st, 5, a->count);
	stmt_bind_int(st, 6, a->first_ms);
	stmt_bind_int(st, 7, a->last_ms);
	stmt_bind_int(st, 8, a->raised_ms);
	stmt_bind_int(st, 9, a->over_ms);
	stmt_bind_int(st, 10, a->seen_ms);
	stmt_bind_int(st, 11, a->mark);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *alarms_delete(struct db *db, const char *key)
{
	return stmt_run_text(db, "DELETE FROM alarms WHERE key = ?1", key);
}

struct err *alarms_each(struct db *db, void (*fn)(void *ctx, const struct alarm_record *a),
	void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT key, text, is_on, seen, count, first_ms, last_ms,"
		" raised_ms, over_ms, seen_ms, mark FROM alarms ORDER BY raised_ms, key", &st);

	if (e)
		return e;
	while (!(e = stmt_step(st, &row)) && row) {
		struct alarm_record a = {
			.key = stmt_text(st, 0),
			.text = stmt_text(st, 1),
			.on = stmt_int(st, 2),
			.seen = stmt_int(st, 3),
			.count = stmt_int(st, 4),
			.first_ms = stmt_int(st, 5),
			.last_ms = stmt_int(st, 6),
			.raised_ms = stmt_int(st, 7),
			.over_ms = stmt_int(st, 8),
			.seen_ms = stmt_int(st, 9),
			.mark = stmt_int(st, 10),
		};

		fn(ctx, &a);
	}
	stmt_free(st);
	return e;
}

#include "db/kv.h"

#include <string.h>

#include "db/stmt.h"

struct err *kv_put(struct db *db, const char *key, const char *value)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO kv (key, value) VALUES (?1, ?2)"
		" ON CONFLICT (key) DO UPDATE SET value = ?2", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, key);
	stmt_bind_text(st, 2, value);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *kv_delete(struct db *db, const char *key)
{
	return stmt_run_text(db, "DELETE FROM kv WHERE key = ?1", key);
}

struct err *kv_get(struct db *db, const char *key, char **value)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT value FROM kv WHERE key = ?1", &st);

	*value = NULL;
	if (e)
		return e;
	stmt_bind_text(st, 1, key);
	e = stmt_step(st, &row);
	if (!e && row)
		*value = xstrdup(stmt_text(st, 0));
	stmt_free(st);
	return e;
}

struct err *kv_each(struct db *db, const char *prefix,
	struct err *(*fn)(void *ctx, const char *key, const char *value), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT key, value FROM kv WHERE"
		" substr(key, 1, ?2) = ?1 ORDER BY key", &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, prefix);
	stmt_bind_int(st, 2, (int64_t)strlen(prefix));
	do {
		e = stmt_step(st, &row);
		if (!e && row)
			e = fn(ctx, stmt_text(st, 0), stmt_text(st, 1));
	} while (!e && row);
	stmt_free(st);
	return e;
}

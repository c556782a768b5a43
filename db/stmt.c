#include "db/stmt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_private.h"

struct stmt {
	struct db *db;
	sqlite3_stmt *sql;
};

struct err *stmt_new(struct db *db, const char *sql, struct stmt **out)
{
	struct stmt *st = XNEW(struct stmt);

	st->db = db;
	if (sqlite3_prepare_v2(db->sql, sql, -1, &st->sql, NULL) != SQLITE_OK) {
		*out = NULL;
		free(st);
		return db_error(db, sql);
	}
	*out = st;
	return NULL;
}

void stmt_free(struct stmt *st)
{
	if (!st)
		return;
	sqlite3_finalize(st->sql);
	free(st);
}

void stmt_bind_int(struct stmt *st, int param, int64_t value)
{
	int rc = sqlite3_bind_int64(st->sql, param, value);

	assert(rc == SQLITE_OK);
}

void stmt_bind_text(struct stmt *st, int param, const char *text)
{
	int rc = sqlite3_bind_text(st->sql, param, text, -1, SQLITE_TRANSIENT);

	assert(rc == SQLITE_OK);
}

void stmt_bind_blob(struct stmt *st, int param, const void *bytes, size_t n)
{
	int rc = sqlite3_bind_blob64(st->sql, param, bytes, n, SQLITE_TRANSIENT);

	assert(rc == SQLITE_OK);
}

void stmt_bind_null(struct stmt *st, int param)
{
	int rc = sqlite3_bind_null(st->sql, param);

	assert(rc == SQLITE_OK);
}

struct err *stmt_step(struct stmt *st, bool *row)
{
	int rc = sqlite3_step(st->sql);

	*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return NULL;
	return db_error(st->db, sqlite3_sql(st->sql));
}

struct err *stmt_run(struct stmt *st)
{
	struct err *e;
	bool row;

	do
		e = stmt_step(st, &row);
	while (!e && row);
	sqlite3_reset(st->sql);
	return e;
}

struct err *stmt_number(struct db *db, const char *sql, int64_t *out)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, sql, &st);

	*out = 0;
	if (e)
		return e;
	e = stmt_step(st, &row);
	if (!e && row)
		*out = stmt_int(st, 0);
	stmt_free(st);
	return e;
}

struct err *stmt_run_text(struct db *db, const char *sql, const char *text)
{
	struct stmt *st;
	struct err *e = stmt_new(db, sql, &st);

	if (e)
		return e;
	stmt_bind_text(st, 1, text);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

int64_t stmt_int(const struct stmt *st, int column)
{
	return sqlite3_column_int64(st->sql, column);
}

const char *stmt_text(const struct stmt *st, int column)
{
	const unsigned char *text = sqlite3_column_text(st->sql, column);

	return text ? (const char *)text : "";
}

bool stmt_blob(const struct stmt *st, int column, void *out, size_t n)
{
	const void *bytes = sqlite3_column_blob(st->sql, column);

	memset(out, 0, n);
	if (!bytes || (size_t)sqlite3_column_bytes(st->sql, column) != n)
		return false;
	memcpy(out, bytes, n);
	return true;
}

const void *stmt_bytes(const struct stmt *st, int column, size_t *n)
{
	const void *p = sqlite3_column_blob(st->sql, column);

	*n = (size_t)sqlite3_column_bytes(st->sql, column);
	return p ? p : "";
}

bool stmt_is_null(const struct stmt *st, int column)
{
	return sqlite3_column_type(st->sql, column) == SQLITE_NULL;
}

enum stmt_type stmt_type(const struct stmt *st, int column)
{
	switch (sqlite3_column_type(st->sql, column)) {
	case SQLITE_INTEGER: return STMT_INT;
	case SQLITE_FLOAT: return STMT_REAL;
	case SQLITE_TEXT: return STMT_TEXT;
	case SQLITE_BLOB: return STMT_BLOB;
	default: return STMT_NULL;
	}
}

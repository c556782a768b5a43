#ifndef DB_STMT_H
#define DB_STMT_H
/* One prepared statement: bind, step, read, reset. Belongs to its connection's
 * thread and must be freed before the connection closes. Parameters count from
 * 1, columns from 0, as in SQLite. */
#include "db/db.h"

struct stmt;

struct err *stmt_new(struct db *db, const char *sql, struct stmt **out) must_check;
void stmt_free(struct stmt *st); /* NULL ok */

void stmt_bind_int(struct stmt *st, int param, int64_t value);
void stmt_bind_text(struct stmt *st, int param, const char *text); /* NULL ok; copied */

void stmt_bind_blob(struct stmt *st, int param, const void *bytes, size_t n); /* copied */
void stmt_bind_null(struct stmt *st, int param);

/* *row: there is a row to read. */
struct err *stmt_step(struct stmt *st, bool *row) must_check;
/* Steps to the end and resets, for statements without rows. */
struct err *stmt_run(struct stmt *st) must_check;

/* A whole query: its first number; 0 without a row. */
struct err *stmt_number(struct db *db, const char *sql, int64_t *out) must_check;
/* A whole statement without rows, of which the text is ?1. */
struct err *stmt_run_text(struct db *db, const char *sql, const char *text) must_check;

int64_t stmt_int(const struct stmt *st, int column);
const char *stmt_text(const struct stmt *st, int column); /* "" for NULL; until the next step */
/* Exactly n bytes of a BLOB column; false, and zeros, when it holds others. */
bool stmt_blob(const struct stmt *st, int column, void *out, size_t n);
/* All bytes of a BLOB column, until the next step; never NULL. */
const void *stmt_bytes(const struct stmt *st, int column, size_t *n);
bool stmt_is_null(const struct stmt *st, int column);
/* What SQLite keeps there, whatever the column was declared as. */
enum stmt_type { STMT_NULL, STMT_INT, STMT_REAL, STMT_TEXT, STMT_BLOB };
enum stmt_type stmt_type(const struct stmt *st, int column);
#endif

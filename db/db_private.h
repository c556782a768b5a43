#ifndef DB_DB_PRIVATE_H
#define DB_DB_PRIVATE_H
/* What db.c and stmt.c share. */
#include "db/db.h"
#include <sqlite3.h>

struct db {
	sqlite3 *sql;
	char *path;
};

/* The error SQLite reports for this connection, with the file's name. */
struct err *db_error(const struct db *db, const char *doing) must_check;

/* --- lpdb.c, for the alpha's database, which has locks of the same kind --- */
struct lpdb_lock;
struct err *lpdb_locks_of(struct db *db,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx) must_check;
/* Says whether a table has a column. */
struct err *lpdb_has_column(struct db *db, const char *table, const char *column, bool *out)
	must_check;
#endif

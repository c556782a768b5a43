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
#endif

#ifndef DB_DB_H
#define DB_DB_H
/* The node's memory over restarts: one SQLite file, weir.sqlite, in the data
 * directory. WAL, so that a killed process loses nothing it committed; each
 * connection belongs to one thread (NOMUTEX) and several may be open. A table's
 * functions are in the file of its name; all SQL is in this folder. */
#include "src/base/err.h"
#include <stdint.h>

struct db;

enum db_durability {
	/* A power failure may cost the last commits, never the file: history. */
	DB_NORMAL,
	/* Each commit is on the disk when it returns: settings, and money. */
	DB_FULL,
};

/* Opens or makes the file (mode 0600) and brings its schema up to date. Refuses
 * what is not weir's, what a newer weir wrote, and what is damaged; the text
 * says which and what to do. */
struct err *db_open(const char *path, enum db_durability durability, struct db **out)
	must_check;
void db_close(struct db *db); /* NULL ok */
const char *db_path(const struct db *db);

/* Transactions do not nest. */
struct err *db_begin(struct db *db) must_check;
struct err *db_commit(struct db *db) must_check;
void db_rollback(struct db *db);
/* Ends what db_begin() began, or could not begin: commits, or takes all back
 * where e, or the commit, is an error, which is the answer. */
struct err *db_end(struct db *db, struct err *e) must_check;
/* Statements without parameters or rows. */
struct err *db_exec(struct db *db, const char *sql) must_check;
int64_t db_changes(const struct db *db); /* rows of the last statement */
int64_t db_last_id(const struct db *db); /* of the last row inserted */
#endif

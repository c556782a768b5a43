#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/db_private.h"
#include "db/migrations.h"
#include "db/stmt.h"
#include "src/base/str.h"

#define BUSY_MS 5000

struct err *db_error(const struct db *db, const char *doing)
{
	return err_new(ERR_IO, "database %s: %s: %s", db->path, doing,
		sqlite3_errmsg(db->sql));
}

struct err *db_exec(struct db *db, const char *sql)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(db, sql);
	return NULL;
}

struct err *db_begin(struct db *db)
{
	/* IMMEDIATE: a transaction that will write must not find out at its
	 * first write that another connection got there before. */
	return db_exec(db, "BEGIN IMMEDIATE");
}

struct err *db_commit(struct db *db)
{
	return db_exec(db, "COMMIT");
}

void db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sql))
		err_free(db_exec(db, "ROLLBACK"));
}

struct err *db_end(struct db *db, struct err *e)
{
	if (!e)
		e = db_commit(db);
	if (e)
		db_rollback(db);
	return e;
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes(db->sql);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->sql);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->sql) {
		/* close_v2 would hide a statement that was not freed. */
		int rc = sqlite3_close(db->sql);

		assert(rc == SQLITE_OK);
	}
	free(db->path);
	free(db);
}

/* What PRAGMA quick_check finds, in one line; damage makes even that fail. */
static void add_damage(struct db *db, struct str *out)
{
	struct stmt *st;
	bool row = false;
	struct err *e = stmt_new(db, "PRAGMA quick_check(1)", &st);

	if (!e) {
		e = stmt_step(st, &row);
		if (row)
			str_add(out, stmt_text(st, 0));
		stmt_free(st);
	}
	if (e)
		str_add(out, sqlite3_errmsg(db->sql));
	err_free(e);
}

/* Puts what an operator can do about it in place of SQLite's own words. */
static struct err *explain(struct db *db, const struct db_schema *schema, struct err *taken)
{
	struct str damage = STR_INIT;
	struct err *e;
	int code = sqlite3_errcode(db->sql);

	if (code == SQLITE_NOTADB) {
		err_free(taken);
		return err_new(ERR_IO, "%s is not a database; move it away and the node "
			"starts with an empty one", db->path);
	}
	if (code != SQLITE_CORRUPT)
		return taken;
	add_damage(db, &damage);
	e = err_new(ERR_IO, "database %s is damaged (%s); move it away and the node "
		"starts with an empty one, losing %s", db->path, str_cstr(&damage),
		schema->loss);
	err_free(taken);
	str_clear(&damage);
	return e;
}

/* SQLite would make the file with the umask's mode. A file that is there must
 * not even be opened here: closing it would take away the locks that other
 * connections of this process have on it, and the next program that looks at
 * the database and leaves would delete the log under them. */
static struct err *make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	if (errno != EEXIST || lstat(path, &st) < 0)
		return err_sys(errno, "database %s", path);
	return S_ISREG(st.st_mode) ? NULL : err_sys(ELOOP, "database %s", path);
}

struct err *db_open(const char *path, enum db_durability durability, struct db **out)
{
	return db_open_as(path, durability, migrations_weir(), out);
}

struct err *db_open_as(const char *path, enum db_durability durability,
	const struct db_schema *schema, struct db **out)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	struct err *e = make_private(path);
	struct db *db;

	*out = NULL;
	if (e)
		return e;
	db = XNEW(struct db);
	db->path = xstrdup(path);
	if (sqlite3_open_v2(path, &db->sql, flags, NULL) != SQLITE_OK)
		e = db_error(db, "open");
	if (!e) {
		sqlite3_busy_timeout(db->sql, BUSY_MS);
		e = db_exec(db, "PRAGMA journal_mode = WAL");
	}
	if (!e)
		e = db_exec(db, durability == DB_FULL ? "PRAGMA synchronous = FULL" :
			"PRAGMA synchronous = NORMAL");
	if (!e)
		e = db_exec(db, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
			/* Rows are written and seldom read: 2 MB of pages kept
			 * by default is memory that only looks like a leak. */
			"PRAGMA cache_size = -128");
	if (!e)
		e = migrate(db, schema);
	if (e) {
		e = explain(db, schema, e);
		db_rollback(db);
		db_close(db);
		return e;
	}
	*out = db;
	return NULL;
}

#ifndef DB_ARCHIVE_H
#define DB_ARCHIVE_H
/* The alpha's history, kept for reading: a database of its own, alpha.sqlite in
 * weir's data directory, with a table alpha_<name> for each of alpha_tables.def.
 * Numbers are INTEGER and all else TEXT; what SQLite had changed in the original
 * or what did not fit is named in a column of its own, "doubts". Connections as
 * in db/db.h. */
#include "db/alpha_db.h"

#define ARCHIVE_FILE "alpha.sqlite"

struct archive;

/* Opens or makes it, mode 0600. */
struct err *archive_open(const char *path, struct archive **out) must_check;
/* ERR_NOT_FOUND: there is none. */
struct err *archive_open_existing(const char *path, struct archive **out) must_check;
void archive_close(struct archive *a); /* NULL ok */

struct archive_counts {
	int64_t rows[ALPHA_TABLES];  /* of the source, now in the archive */
	int64_t fresh[ALPHA_TABLES]; /* of these, put there now */
};
/* All rows of one database, in one transaction: all or none. A row that is there
 * already is brought up to date, never doubled. source: which directory it was
 * of, as text; rows of several lie beside each other. */
struct err *archive_put(struct archive *a, struct alpha_db *from, const char *source,
	struct archive_counts *out) must_check;

/* --- for browsing --- */

struct err *archive_count(struct archive *a, enum alpha_table t, int64_t *out) must_check;

struct archive_row {
	int64_t id;	    /* in the archive, in the order of their coming there */
	const char *source;
	const char *doubts; /* names of columns, separated by ", "; "" mostly */
	const char *v[ALPHA_COLUMNS_MAX]; /* by alpha_column(); NULL for NULL */
};
/* Up to `limit` rows whose id is below `before` (0: any), the newest first. The
 * row is good until fn returns. Texts are the alpha's, and may hold anything. */
struct err *archive_page(struct archive *a, enum alpha_table t, int64_t before,
	size_t limit, struct err *(*fn)(void *ctx, const struct archive_row *row), void *ctx)
	must_check;
#endif

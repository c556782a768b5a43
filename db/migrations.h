#ifndef DB_MIGRATIONS_H
#define DB_MIGRATIONS_H
/* Schemas, as the steps that lead to them. The database's version (PRAGMA
 * user_version) is the number of steps it has taken. */
#include "db/db.h"

struct db_schema {
	int64_t application_id; /* tells the file from others': sqlite.org/fileformat2.html */
	const char *whose;	/* "weir's" */
	const char *advice;	/* where the file is not; and where it is damaged: */
	const char *loss;	/* what moving it away costs */
	const char *const *steps;
	size_t n;
};

/* Of weir.sqlite. */
const struct db_schema *migrations_weir(void);
/* Takes the steps that are missing, all or none. Refuses a database of a newer
 * weir, or of another program. */
struct err *migrate(struct db *db, const struct db_schema *schema) must_check;
/* db_open() for a file of another schema. */
struct err *db_open_as(const char *path, enum db_durability durability,
	const struct db_schema *schema, struct db **out) must_check;
#endif

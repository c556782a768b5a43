#ifndef DB_MIGRATIONS_H
#define DB_MIGRATIONS_H
/* The schema, as the steps that lead to it. The database's version (PRAGMA
 * user_version) is the number of steps it has taken. */
#include "db/db.h"

/* Takes the steps that are missing, all or none. Refuses a database of a newer
 * weir, or of another program. */
struct err *migrate(struct db *db) must_check;
int64_t migrations_version(void); /* of this weir */
#endif

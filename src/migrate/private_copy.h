#ifndef SRC_MIGRATE_PRIVATE_COPY_H
#define SRC_MIGRATE_PRIVATE_COPY_H
/* A copy of another node's SQLite database, for us to open: SQLite mends a file
 * that a killed process left, and the original is not ours to write. Its
 * journals come along, so that what is read is what the other node would read.
 * In a directory of its own, of mode 0700. Any thread; blocks. */
#include <sys/types.h>

#include "src/base/err.h"

#define PRIVATE_COPY_MAX ((off_t)4 << 30) /* bytes: database and journals each */

struct private_copy;

/* under: directory to make it in; NULL: $TMPDIR or /tmp. ERR_NOT_FOUND: there
 * is no such database; ERR_BUSY: it is being written; ERR_LIMIT: too large. */
struct err *private_copy_make(const char *db, const char *under, struct private_copy **out)
	must_check;
const char *private_copy_path(const struct private_copy *c);
/* Removes it; a connection that is open goes on with it. NULL ok. */
void private_copy_drop(struct private_copy *c);

/* The process that has the database open or locked, or 0 where none can be
 * seen; takes no lock. A node in between two transactions holds none, so this
 * asks /proc, too, which only shows processes of one's own user, or to root. */
pid_t private_copy_holder(const char *db);
#endif

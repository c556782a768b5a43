#ifndef SRC_NODE_IMPORT_H
#define SRC_NODE_IMPORT_H
/* `weir import DIR`: takes over the data directory of a go-livepeer node.
 * Winning tickets, unbonding locks and keyfiles come along; the directory is
 * only read, and its database from a copy. What was taken before is not taken
 * again, so that it may be repeated. main's thread, while no node of weir runs
 * on the data directory.
 * Source: go-livepeer common/db.go, pm/queue.go. */
#include "src/base/err.h"
#include "src/base/str.h"

/* from: the other's data directory; to: ours. report gets what was done, in
 * lines. */
struct err *import_livepeer(const char *from, const char *to, struct str *report)
	must_check;
#endif

#ifndef SRC_NODE_MIGRATION_VIEW_H
#define SRC_NODE_MIGRATION_VIEW_H
/* What the console's room shows of the migration that made this data directory:
 * its record, and the newest of what the archive has of the alpha. Read once, at
 * the start: neither changes while a node has the directory. */
#include "src/base/board.h"
#include "src/base/log.h"

/* Publishes SECTION_MIGRATION where there is something to show. records: of
 * record_directory(). What cannot be read is said in the log, and no more. */
void migration_view_publish(const char *datadir, const char *records, struct board *board,
	const struct log *log);
#endif

#ifndef SRC_MIGRATE_RECORD_H
#define SRC_MIGRATE_RECORD_H
/* What a migration did, on the disk before it does it and after: lines of JSON
 * (migration_line of src/model/view.def) that are only ever added. A process
 * that dies leaves at worst half a line, which was no line yet. One process at a
 * time has it; mode 0600. No secret is ever in it. main's thread; blocks. */
#include "src/base/err.h"
#include "src/model/view.h"

#define RECORD_LINES_MAX 100000

struct record;

/* Where records are: $XDG_STATE_HOME/weir/migration, or what stands for it.
 * free() it. */
char *record_directory(void);

/* Makes it where it is missing. ERR_BUSY: another
 * process has it; ERR_INVALID: what lies there is no record. */
struct err *record_open(const char *path, struct record **out) must_check;
/* Only to look: nothing is made, locked or mended. ERR_NOT_FOUND. */
struct err *record_look(const char *path, struct record **out) must_check;
void record_close(struct record *r); /* NULL ok */
const char *record_path(const struct record *r);

/* On the disk when it returns; the time is now. */
struct err *record_add(struct record *r, const struct migration_line *line) must_check;

/* Since the last that was undone; the oldest first. */
size_t record_n(const struct record *r);
const struct migration_line *record_at(const struct record *r, size_t i);
/* The last line with this event, of this step where it is not NULL; or NULL. */
const struct migration_line *record_last(const struct record *r, const char *event,
	const char *step);
/* The last of "begun", "done", "skipped" and "failed" of a step; or NULL. */
const struct migration_line *record_of_step(const struct record *r, const char *step);
bool record_is_undone(const struct record *r); /* it was, and nothing came after */
#endif

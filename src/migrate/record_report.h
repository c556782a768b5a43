#ifndef SRC_MIGRATE_RECORD_REPORT_H
#define SRC_MIGRATE_RECORD_REPORT_H
/* A record told as what became of each step (migration_row of view.def): for the
 * wizard's report, and for the console's room. Pure. */
#include "src/migrate/record.h"
#include "src/migrate/steps.h"

/* From a record alone; *out is zeroed or clear. */
void record_report(const struct record *r, struct migration_row *out);

/* Calls fn for each record in a directory (of record_directory()), as it would be
 * told, which fn may take texts and lists from; at_ms: of its last line, 0 where it
 * has none. Blocks on the disk. The error is of those that cannot be read; the
 * others have been told. */
struct err *record_each(const char *dir, void (*fn)(void *ctx, struct migration_row *row,
	int64_t at_ms), void *ctx) must_check;

/* --- its parts, for who has the plan at hand --- */
/* NULL: it is not in it. */
struct migration_step_row *report_find_step(struct migration_row *r, const char *name);
struct migration_step_row *report_add_step(struct migration_row *r, enum migrate_step s);
/* What a line says of its step; nothing where it says nothing. */
void report_take_line(struct migration_step_row *row, const struct migration_line *l);
#endif

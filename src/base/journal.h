#ifndef SRC_BASE_JOURNAL_H
#define SRC_BASE_JOURNAL_H
/* The last log records, bounded in number and bytes, each with a sequence number
 * that never repeats: the console asks for "after N" and sees a gap as a gap. All
 * its memory is taken at the start; a record costs none. One private leaf lock;
 * any thread. */
#include "src/base/log.h"
#include <stdint.h>

struct journal;

struct journal_record {
	uint64_t seq;	/* from 1 */
	int64_t wall_ms;
	enum log_level level;
	const char *name; /* valid while the callback that gets it runs */
	const char *text;
};

/* For that many records of 200 bytes on average, and fewer of longer ones. */
struct journal *journal_new(size_t max_records);
void journal_free(struct journal *j);
/* A text beyond 32 KiB, or a name beyond 16 KiB, is cut. */
void journal_add(struct journal *j, enum log_level level, int64_t wall_ms,
	const char *name, const char *text);
/* Sequence number of the newest record; 0 when empty. */
uint64_t journal_last(struct journal *j);
/* Calls fn for at most `max` records with seq > after, oldest first, under
 * the lock: fn must not log. Returns the seq of the last one seen, or `after`. */
uint64_t journal_read(struct journal *j, uint64_t after, size_t max,
	void (*fn)(void *ctx, const struct journal_record *r), void *ctx);
/* Runs `wake(ctx)` after each addition, outside the lock; one listener. */
void journal_on_add(struct journal *j, void (*wake)(void *ctx), void *ctx);
#endif

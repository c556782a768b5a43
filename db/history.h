#ifndef DB_HISTORY_H
#define DB_HISTORY_H
/* What happened, kept over restarts: sessions, their segments, and what others
 * give it to keep. An actor of
 * its own writes, in batches, so that no role ever waits for the disk; a row
 * that cannot be written is logged and lost, never an error for the caller.
 * Functions may be called from any thread; a NULL history swallows all. Times
 * are Unix ms. role: "B", "O" or "T". Texts may be NULL. */
#include "src/base/err.h"
#include "src/base/log.h"
#include <stdint.h>

struct history;
struct db;

/* Takes over the open database; its connection is used on the actor only. */
struct history *history_new(const struct log *log, struct db *taken);
void history_free(struct history *h); /* writes what waits; NULL ok */

void history_session_started(struct history *h, const char *role,
	const char *id, const char *manifest, int64_t at_ms);
void history_session_ended(struct history *h, const char *role,
	const char *id, int64_t at_ms, int64_t segments_ok,
	int64_t segments_failed, const char *last_error);
/* error NULL: the segment came out. */
void history_segment(struct history *h, const char *role, const char *id,
	int64_t seq, int64_t at_ms, int64_t duration_ms, int64_t latency_ms,
	int64_t bytes, const char *error);
/* A value of table kv, written when its turn comes; takes the text. */
void history_keep(struct history *h, const char *key, char *taken_value);
#endif

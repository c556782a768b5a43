#ifndef DB_ALARMS_H
#define DB_ALARMS_H
/* The alarms of the book (src/alarm/book.h) as it left them, so that a restart
 * neither forgets one that nobody has seen nor rings again for one that was. A
 * few dozen rows. Writer: the overview's actor. Times are Unix ms. */
#include "db/db.h"

struct alarm_record { /* texts are borrowed */
	const char *key; /* "slow:gpu0" */
	const char *text;
	bool on, seen;
	int64_t count, first_ms, last_ms, raised_ms, over_ms, seen_ms, mark;
};
/* Adds or replaces one. */
struct err *alarms_put(struct db *db, const struct alarm_record *a) must_check;
struct err *alarms_delete(struct db *db, const char *key) must_check;
/* The oldest first; the record is valid inside fn. */
struct err *alarms_each(struct db *db, void (*fn)(void *ctx, const struct alarm_record *a),
	void *ctx) must_check;
#endif

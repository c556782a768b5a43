#ifndef SRC_ALARM_ALARM_H
#define SRC_ALARM_ALARM_H
/* One alarm: a row of alarms.def as it happens, with its history. Plain values,
 * copied whole: the book keeps them, the database stores them, hooks and
 * webhooks are told of them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alarm_id {
#define ALARM(id, ...) ALARM_##id,
#include "src/alarm/alarms.def"
#undef ALARM
	ALARM_COUNT,
};
enum alarm_level { ALARM_UNUSUAL, ALARM_BROKEN };

struct alarm_def {
	const char *name; /* "chain-late" */
	enum alarm_level level;
	int64_t hold_ms, clear_ms;
	const char *title, *remedy;
};
const struct alarm_def *alarm_def(enum alarm_id id);
/* ALARM_COUNT: there is none of that name (an older weir's, in the database). */
enum alarm_id alarm_find(const char *name, size_t n);
const char *alarm_level_name(enum alarm_level l); /* "unusual", "broken" */

#define ALARM_KEY_SIZE 96
#define ALARM_TEXT_SIZE 256

struct alarm {
	enum alarm_id id;
	char key[ALARM_KEY_SIZE]; /* "chain-late", or "slow:gpu0": what tells it from others */
	char text[ALARM_TEXT_SIZE]; /* the latest; may hold peers' bytes */
	bool on;   /* it holds */
	bool seen; /* the operator has acknowledged it since it was raised */
	int64_t count; /* how often it was raised */
	int64_t first_ms, last_ms, raised_ms; /* Unix: the first raising, when it last
					       * held, the latest raising */
	int64_t over_ms, seen_ms; /* Unix; 0: it is not */
	int64_t value, mark; /* of a count that only grows: now, and how much was seen */
};
#endif

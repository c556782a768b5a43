#ifndef SRC_ALARM_BOOK_H
#define SRC_ALARM_BOOK_H
/* The book of alarms: from what holds at this moment to what the operator is
 * told, with hysteresis. An alarm is raised when its condition has held for the
 * time in alarms.def, and over when it has not for the other; it stays in the
 * book until somebody has seen it, and after that as history. Pure: time is an
 * argument, nothing is stored or sent here. One owner. */
#include "src/alarm/alarm.h"
#include "src/base/err.h"

struct alarm_book;

enum alarm_news {
	ALARM_RAISED, /* new, or again after it was over: ring */
	ALARM_OVER,
	ALARM_SEEN,
	ALARM_FORGOTTEN, /* old history made room */
};
struct alarm_listener {
	void (*fn)(void *ctx, const struct alarm *a, enum alarm_news news);
	void *ctx;
};

struct alarm_book *alarm_book_new(const struct alarm_listener *l);
void alarm_book_free(struct alarm_book *b); /* NULL ok */
/* As it was before the node's restart: one that was on stays on for a while,
 * until the rules have had the time to see it again. now_ms: monotonic. */
void alarm_book_restore(struct alarm_book *b, const struct alarm *a, int64_t now_ms);

/* --- a round: begin, see what holds, settle. mono_ms, wall_ms: now --- */
void alarm_book_begin(struct alarm_book *b, int64_t mono_ms, int64_t wall_ms);
/* It holds. subject tells several of one kind apart (a device, a host); NULL
 * none. */
void alarm_see(struct alarm_book *b, enum alarm_id id, const char *subject,
	const char *fmt, ...) printf_like(4, 5);
/* A count that only grows, of things each of which is an alarm: it holds until
 * the operator has seen so many. */
void alarm_count(struct alarm_book *b, enum alarm_id id, int64_t n, const char *fmt, ...)
	printf_like(4, 5);
void alarm_book_settle(struct alarm_book *b);

/* For thresholds that are lower while it is on. */
bool alarm_is_on(const struct alarm_book *b, enum alarm_id id, const char *subject);
bool alarm_is_seen(const struct alarm_book *b, enum alarm_id id, const char *subject);

/* The operator has seen it; key NULL: all. How many were unseen. */
size_t alarm_book_ack(struct alarm_book *b, const char *key, int64_t wall_ms);
/* Those that hold or are unseen, the newest first, and behind them the past. */
size_t alarm_book_list(const struct alarm_book *b, const struct alarm **out, size_t max);
/* It belongs to the past: over, and seen. */
bool alarm_is_past(const struct alarm *a);
#endif

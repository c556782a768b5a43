#ifndef SRC_BASE_LOG_H
#define SRC_BASE_LOG_H
/* Log handles. Levels are meanings (Core Lightning's idea): trace and debug
 * for us, info for the operator's record, unusual when the operator may care,
 * broken when it is our bug or the machine's failure. A handle has a name
 * ("orch", "rtmp", "session 1f2e") and writes to stderr and to the journal.
 * Peers' text must pass through str_add_safe(); log_* do that for the whole
 * line. Any thread. */
#include "src/base/mem.h"

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_UNUSUAL, LOG_BROKEN };

struct log;
struct journal;

/* The root handle. journal may be NULL. stderr lines go out at or above the
 * level of log_set_level(); the journal takes everything from debug up. */
struct log *log_new(const char *name, struct journal *journal);
/* A child whose name is "<parent>/<name>"; it must not outlive the journal. */
struct log *log_child(const struct log *parent, const char *name);
void log_free(struct log *l);

void log_set_level(enum log_level level); /* process-wide, atomic */
enum log_level log_get_level(void);
/* systemd's <N> priority prefixes instead of times, as for the journal. */
void log_set_systemd(int on);
/* Stops writing to stderr (the daemon redirects it to a file anyway). */
void log_set_quiet(int on);

void log_at(const struct log *l, enum log_level level, const char *fmt, ...)
	printf_like(3, 4);
#define log_trace(l, ...) log_at(l, LOG_TRACE, __VA_ARGS__)
#define log_debug(l, ...) log_at(l, LOG_DEBUG, __VA_ARGS__)
#define log_info(l, ...) log_at(l, LOG_INFO, __VA_ARGS__)
#define log_unusual(l, ...) log_at(l, LOG_UNUSUAL, __VA_ARGS__)
#define log_broken(l, ...) log_at(l, LOG_BROKEN, __VA_ARGS__)

const char *log_level_name(enum log_level level);
#endif

#ifndef SRC_ALARM_HOOK_H
#define SRC_ALARM_HOOK_H
/* -alarmHook: a program of the operator's, run for each alarm's news without a
 * shell, with the news as JSON on its stdin and in WEIR_ALARM_*. It has 10 s, at
 * most 4 run at once, 32 wait; what it says goes to the log, a bounded part of
 * it. Nobody waits for it. Lives on one actor: all functions there. */
#include "src/base/actor.h"
#include "src/base/log.h"
#include "src/model/view.h"

struct alarm_hook;

#define HOOK_LIMIT_MS 10000

/* command: a program and its arguments, with blanks between; the name of a file
 * with blanks in it is that file. limit_ms 0: HOOK_LIMIT_MS. */
struct alarm_hook *alarm_hook_new(struct actor *on, const struct log *log,
	const char *command, int64_t limit_ms);
void alarm_hook_run(struct alarm_hook *h, const struct alarm_notice *n);
size_t alarm_hook_running(const struct alarm_hook *h);
/* Kills what runs, with all that it started in its session. NULL ok. */
void alarm_hook_free(struct alarm_hook *h);
#endif

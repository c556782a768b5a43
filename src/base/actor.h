#ifndef SRC_BASE_ACTOR_H
#define SRC_BASE_ACTOR_H
/* A thread with a mailbox, timers and a libuv loop: the only way weir runs
 * anything concurrently. An object belongs to one actor and is touched on its
 * thread only; others post it functions. Nobody waits for another actor:
 * answers come back as a struct reply, posted to the asker.
 *
 * Tasks posted by one thread run in the order of posting. */
#include "src/base/err.h"
#include <stdint.h>

struct actor;
struct uv_loop_s;

typedef void task_fn(void *ctx);

/* Starts the thread. `work_limit` bounds actor_offer(); control tasks from
 * actor_post() are never refused. */
struct actor *actor_new(const char *name, size_t work_limit);
/* Drains the mailbox, closes what is left on the loop, joins, frees. Not from
 * the actor itself. Tasks posted later than this are a bug. */
void actor_free(struct actor *a);
/* The same in two steps, for stopping several in order: after stop() tasks
 * still run (so that replies between stopping actors are not lost), join()
 * ends the thread; free() implies both. */
void actor_join(struct actor *a);

void actor_post(struct actor *a, task_fn *fn, void *ctx);  /* any thread */
/* Work: false (and nothing posted) when work_limit tasks wait already. */
bool actor_offer(struct actor *a, task_fn *fn, void *ctx) must_check;
bool actor_is_current(const struct actor *a);
const char *actor_name(const struct actor *a);
/* Runs fn on the actor and waits for it: start-up, shutdown and tests only,
 * from a thread that is no actor. */
void actor_call(struct actor *a, task_fn *fn, void *ctx);
struct uv_loop_s *actor_loop(struct actor *a);		    /* on the actor */
/* Monotonic ms at which the loop last turned; it turns at least once a second. */
int64_t actor_beat_ms(const struct actor *a);		    /* any thread */

#define ASSERT_ON(a) assert(actor_is_current(a))

/* --- timers: all on the owning actor's thread --- */
struct timer;
struct timer *timer_new(struct actor *a, task_fn *fn, void *ctx);
/* First after delay_ms, then every repeat_ms (0: once). Restarts if running. */
void timer_set(struct timer *t, uint64_t delay_ms, uint64_t repeat_ms);
void timer_stop(struct timer *t);
bool timer_is_set(const struct timer *t);
void timer_free(struct timer *t); /* NULL ok; fn will not run again */

/* --- answers --- */
/* fn runs on `to` and takes both err and result; exactly one call. result's
 * type is stated by the function that takes the reply. to == NULL: fn runs at
 * once on the answering thread (for tests and for thread-safe sinks). fn ==
 * NULL: nobody cares, but then the asked function must not produce a result. */
struct reply {
	struct actor *to;
	void (*fn)(void *ctx, struct err *taken, void *result);
	void *ctx;
};
void reply_send(struct reply reply, struct err *taken, void *result);
#endif

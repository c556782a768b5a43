#include "src/base/actor.h"
#include "src/base/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uv.h>

#define BEAT_MS 1000

struct task {
	STAILQ_ENTRY(task) link;
	task_fn *fn;
	void *ctx;
	bool work;
};
STAILQ_HEAD(task_list, task);

struct actor {
	char name[16]; /* Linux: 15 characters for a thread's name */
	pthread_t thread;
	atomic_ulong self; /* pthread_self() of the running thread */
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t beat;
	atomic_llong beat_ms;
	bool joined;

	pthread_mutex_t lock; /* private leaf: mail, waiting, stopping */
	struct task_list mail;
	size_t waiting; /* work tasks in mail */
	size_t work_limit;
	bool stopping;
};

struct timer {
	uv_timer_t uv;
	task_fn *fn;
	void *ctx;
};

static bool take_mail(struct actor *a, struct task_list *out)
{
	bool stopping;

	STAILQ_INIT(out);
	pthread_mutex_lock(&a->lock);
	STAILQ_CONCAT(out, &a->mail);
	a->waiting = 0;
	stopping = a->stopping;
	pthread_mutex_unlock(&a->lock);
	return stopping;
}

static void run_all(struct task_list *list)
{
	struct task *t;

	while ((t = STAILQ_FIRST(list))) {
		STAILQ_REMOVE_HEAD(list, link);
		t->fn(t->ctx);
		free(t);
	}
}

static void on_wake(uv_async_t *async)
{
	struct actor *a = async->data;
	struct task_list list;
	bool stopping;

	atomic_store(&a->beat_ms, clock_mono_ms());
	stopping = take_mail(a, &list);
	run_all(&list);
	if (stopping)
		uv_stop(&a->loop);
}

static void on_beat(uv_timer_t *t)
{
	struct actor *a = t->data;

	atomic_store(&a->beat_ms, clock_mono_ms());
	mem_refill();
}

static void close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void *run(void *arg)
{
	struct actor *a = arg;
	struct task_list list;

	atomic_store(&a->self, (unsigned long)pthread_self());
	pthread_setname_np(pthread_self(), a->name);
	uv_run(&a->loop, UV_RUN_DEFAULT);
	/* Whatever was posted while the loop was ending still runs. */
	do {
		take_mail(a, &list);
		if (STAILQ_EMPTY(&list))
			break;
		run_all(&list);
	} while (1);
	uv_walk(&a->loop, close_handle, NULL);
	uv_run(&a->loop, UV_RUN_DEFAULT);
	uv_loop_close(&a->loop);
	return NULL;
}

struct actor *actor_new(const char *name, size_t work_limit)
{
	struct actor *a = XNEW(struct actor);

	strncpy(a->name, name, sizeof(a->name) - 1);
	a->work_limit = work_limit;
	pthread_mutex_init(&a->lock, NULL);
	STAILQ_INIT(&a->mail);
	if (uv_loop_init(&a->loop) || uv_async_init(&a->loop, &a->wake, on_wake))
		abort();
	a->wake.data = a;
	uv_timer_init(&a->loop, &a->beat);
	a->beat.data = a;
	uv_timer_start(&a->beat, on_beat, BEAT_MS, BEAT_MS);
	atomic_store(&a->beat_ms, clock_mono_ms());
	if (pthread_create(&a->thread, NULL, run, a))
		abort();
	return a;
}

static bool put(struct actor *a, task_fn *fn, void *ctx, bool work)
{
	struct task *t = XNEW(struct task);
	bool fits;

	t->fn = fn;
	t->ctx = ctx;
	t->work = work;
	pthread_mutex_lock(&a->lock);
	fits = !work || a->waiting < a->work_limit;
	if (fits) {
		STAILQ_INSERT_TAIL(&a->mail, t, link);
		a->waiting += work;
		/* Under the lock, so that join() cannot close it under us. A
		 * stopping actor looks again by itself. */
		if (!a->stopping)
			uv_async_send(&a->wake);
	}
	pthread_mutex_unlock(&a->lock);
	if (!fits)
		free(t);
	return fits;
}

void actor_post(struct actor *a, task_fn *fn, void *ctx)
{
	(void)put(a, fn, ctx, false);
}

bool actor_offer(struct actor *a, task_fn *fn, void *ctx)
{
	return put(a, fn, ctx, true);
}

bool actor_is_current(const struct actor *a)
{
	return atomic_load(&a->self) == (unsigned long)pthread_self();
}

const char *actor_name(const struct actor *a)
{
	return a->name;
}

struct uv_loop_s *actor_loop(struct actor *a)
{
	return &a->loop;
}

int64_t actor_beat_ms(const struct actor *a)
{
	return atomic_load(&a->beat_ms);
}

struct call {
	task_fn *fn;
	void *ctx;
	uv_sem_t done;
};

static void on_call(void *ctx)
{
	struct call *c = ctx;

	c->fn(c->ctx);
	uv_sem_post(&c->done);
}

void actor_call(struct actor *a, task_fn *fn, void *ctx)
{
	struct call c = {.fn = fn, .ctx = ctx};

	assert(!actor_is_current(a));
	uv_sem_init(&c.done, 0);
	actor_post(a, on_call, &c);
	uv_sem_wait(&c.done);
	uv_sem_destroy(&c.done);
}

void actor_join(struct actor *a)
{
	if (a->joined)
		return;
	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	uv_async_send(&a->wake);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	a->joined = true;
}

void actor_free(struct actor *a)
{
	struct task_list list;

	if (!a)
		return;
	actor_join(a);
	/* What came since then finds itself on its actor still. */
	atomic_store(&a->self, (unsigned long)pthread_self());
	take_mail(a, &list);
	run_all(&list);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void on_timer(uv_timer_t *uv)
{
	struct timer *t = uv->data;

	t->fn(t->ctx);
}

struct timer *timer_new(struct actor *a, task_fn *fn, void *ctx)
{
	struct timer *t = XNEW(struct timer);

	ASSERT_ON(a);
	uv_timer_init(&a->loop, &t->uv);
	t->uv.data = t;
	t->fn = fn;
	t->ctx = ctx;
	return t;
}

void timer_set(struct timer *t, uint64_t delay_ms, uint64_t repeat_ms)
{
	uv_update_time(t->uv.loop);
	uv_timer_start(&t->uv, on_timer, delay_ms, repeat_ms);
}

void timer_stop(struct timer *t)
{
	uv_timer_stop(&t->uv);
}

bool timer_is_set(const struct timer *t)
{
	return uv_is_active((const uv_handle_t *)&t->uv);
}

static void free_timer(uv_handle_t *h)
{
	free(h->data);
}

void timer_free(struct timer *t)
{
	if (t && !uv_is_closing((uv_handle_t *)&t->uv))
		uv_close((uv_handle_t *)&t->uv, free_timer);
}

struct answer {
	struct reply reply;
	struct err *err;
	void *result;
};

static void deliver(void *ctx)
{
	struct answer *a = ctx;

	a->reply.fn(a->reply.ctx, a->err, a->result);
	free(a);
}

void reply_send(struct reply reply, struct err *taken, void *result)
{
	struct answer *a;

	if (!reply.fn) {
		assert(!result);
		err_free(taken);
		return;
	}
	if (!reply.to) {
		reply.fn(reply.ctx, taken, result);
		return;
	}
	a = XNEW(struct answer);
	a->reply = reply;
	a->err = taken;
	a->result = result;
	actor_post(reply.to, deliver, a);
}

#include "src/base/lane.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct lane {
	void (*fn)(void *ctx, void *item);
	void *ctx;
	pthread_t thread;
	const char *name;

	pthread_mutex_t lock; /* private leaf: the ring */
	pthread_cond_t filled, drained;
	size_t depth, head, n;
	void *ring[]; /* a NULL item ends the thread */
};

static void put(struct lane *l, void *item)
{
	pthread_mutex_lock(&l->lock);
	while (l->n == l->depth)
		pthread_cond_wait(&l->drained, &l->lock);
	l->ring[(l->head + l->n++) % l->depth] = item;
	pthread_cond_signal(&l->filled);
	pthread_mutex_unlock(&l->lock);
}

static void *take(struct lane *l)
{
	void *item;

	pthread_mutex_lock(&l->lock);
	while (!l->n)
		pthread_cond_wait(&l->filled, &l->lock);
	item = l->ring[l->head];
	l->head = (l->head + 1) % l->depth;
	l->n--;
	pthread_cond_signal(&l->drained);
	pthread_mutex_unlock(&l->lock);
	return item;
}

static void *run(void *arg)
{
	struct lane *l = arg;
	void *item;

	pthread_setname_np(pthread_self(), l->name);
	while ((item = take(l)))
		l->fn(l->ctx, item);
	return NULL;
}

struct lane *lane_new(const char *name, size_t depth,
	void (*fn)(void *ctx, void *item), void *ctx)
{
	struct lane *l;

	assert(depth && depth < 4096);
	l = xcalloc(1, sizeof(*l) + depth * sizeof(l->ring[0]));
	l->name = name;
	l->depth = depth;
	l->fn = fn;
	l->ctx = ctx;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->filled, NULL);
	pthread_cond_init(&l->drained, NULL);
	if (pthread_create(&l->thread, NULL, run, l))
		abort();
	return l;
}

void lane_push(struct lane *l, void *item)
{
	assert(item);
	put(l, item);
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	put(l, NULL);
	pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->filled);
	pthread_cond_destroy(&l->drained);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

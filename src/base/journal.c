#include "src/base/journal.h"

#include <pthread.h>
#include <stdlib.h>

struct journal {
	pthread_mutex_t lock;
	size_t max;
	uint64_t last;
	struct journal_record *ring; /* record `seq` lives at seq % max */
	void (*wake)(void *ctx);
	void *wake_ctx;
};

struct journal *journal_new(size_t max_records)
{
	struct journal *j = XNEW(struct journal);

	pthread_mutex_init(&j->lock, NULL);
	j->max = max_records;
	j->ring = xcalloc(max_records, sizeof(*j->ring));
	return j;
}

static void drop(struct journal_record *r)
{
	free((void *)(uintptr_t)r->name);
	free((void *)(uintptr_t)r->text);
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->max; i++)
		drop(&j->ring[i]);
	free(j->ring);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

void journal_add(struct journal *j, enum log_level level, int64_t wall_ms,
	const char *name, const char *text)
{
	struct journal_record fresh = {
		.wall_ms = wall_ms,
		.level = level,
		.name = xstrdup(name),
		.text = xstrdup(text),
	};
	struct journal_record old, *slot;
	void (*wake)(void *ctx);
	void *ctx;

	pthread_mutex_lock(&j->lock);
	fresh.seq = ++j->last;
	slot = &j->ring[fresh.seq % j->max];
	old = *slot;
	*slot = fresh;
	wake = j->wake;
	ctx = j->wake_ctx;
	pthread_mutex_unlock(&j->lock);
	drop(&old);
	if (wake)
		wake(ctx);
}

uint64_t journal_last(struct journal *j)
{
	uint64_t last;

	pthread_mutex_lock(&j->lock);
	last = j->last;
	pthread_mutex_unlock(&j->lock);
	return last;
}

uint64_t journal_read(struct journal *j, uint64_t after, size_t max,
	void (*fn)(void *ctx, const struct journal_record *r), void *ctx)
{
	uint64_t seq;

	pthread_mutex_lock(&j->lock);
	seq = after + 1;
	if (j->last >= j->max && seq < j->last - j->max + 1)
		seq = j->last - j->max + 1;
	for (; seq <= j->last && max; seq++, max--) {
		fn(ctx, &j->ring[seq % j->max]);
		after = seq;
	}
	pthread_mutex_unlock(&j->lock);
	return after;
}

void journal_on_add(struct journal *j, void (*wake)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&j->lock);
	j->wake = wake;
	j->wake_ctx = ctx;
	pthread_mutex_unlock(&j->lock);
}

#include "src/base/board.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct slot {
	struct blob *blob;
	uint64_t version;
};

struct board {
	pthread_mutex_t lock;
	unsigned slots;
	void (*wake)(void *ctx);
	void *wake_ctx;
	struct slot slot[];
};

struct board *board_new(unsigned slots)
{
	struct board *b =
		xcalloc(1, sizeof(*b) + slots * sizeof(struct slot));

	pthread_mutex_init(&b->lock, NULL);
	b->slots = slots;
	return b;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < b->slots; i++)
		blob_put(b->slot[i].blob);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void board_publish(struct board *b, unsigned slot, struct blob *taken)
{
	struct blob *old;
	void (*wake)(void *ctx);
	void *ctx;

	assert(slot < b->slots);
	pthread_mutex_lock(&b->lock);
	old = b->slot[slot].blob;
	b->slot[slot].blob = taken;
	b->slot[slot].version++;
	wake = b->wake;
	ctx = b->wake_ctx;
	pthread_mutex_unlock(&b->lock);
	blob_put(old);
	if (wake)
		wake(ctx);
}

struct blob *board_get(struct board *b, unsigned slot, uint64_t *version)
{
	struct blob *blob;

	assert(slot < b->slots);
	pthread_mutex_lock(&b->lock);
	blob = blob_ref(b->slot[slot].blob);
	*version = b->slot[slot].version;
	pthread_mutex_unlock(&b->lock);
	return blob;
}

uint64_t board_version(struct board *b, unsigned slot)
{
	uint64_t version;

	assert(slot < b->slots);
	pthread_mutex_lock(&b->lock);
	version = b->slot[slot].version;
	pthread_mutex_unlock(&b->lock);
	return version;
}

void board_on_publish(struct board *b, void (*wake)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&b->lock);
	b->wake = wake;
	b->wake_ctx = ctx;
	pthread_mutex_unlock(&b->lock);
}

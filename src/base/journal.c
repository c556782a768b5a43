#include "src/base/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of text for each record, on average; longer ones push out more old ones. */
#define RECORD_BYTES 200
#define BYTES_MIN ((size_t)64 << 10) /* more than a line of log_at() can have */

struct entry {
	int64_t wall_ms;
	uint32_t at;	 /* of "<name>\0<text>\0" in text */
	uint32_t size;	 /* of that */
	uint32_t name_n; /* with its end */
	enum log_level level;
};

struct journal {
	pthread_mutex_t lock;
	size_t max, bytes;
	uint64_t first, last; /* records that are here; first > last: none */
	struct entry *ring;   /* record `seq` is at seq % max */
	char *text;	      /* a ring too, in the order of the records */
	size_t next;	      /* where the next one's text begins */
	void (*wake)(void *ctx);
	void *wake_ctx;
};

/* All its memory is touched now: what a node has after a day, it has at the
 * start. */
static void *whole(size_t n)
{
	void *p = xmalloc(n);

	/* gcc would make calloc() of it, which does not touch. */
	explicit_bzero(p, n);
	return p;
}

struct journal *journal_new(size_t max_records)
{
	struct journal *j = XNEW(struct journal);
	size_t bytes = max_records * RECORD_BYTES;

	pthread_mutex_init(&j->lock, NULL);
	j->max = max_records;
	j->bytes = bytes > BYTES_MIN ? bytes : BYTES_MIN;
	j->first = 1;
	j->ring = whole(max_records * sizeof(*j->ring));
	j->text = whole(j->bytes);
	return j;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	free(j->ring);
	free(j->text);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static struct entry *entry_of(struct journal *j, uint64_t seq)
{
	return &j->ring[seq % j->max];
}

/* Forgets the oldest records until `size` bytes at j->next belong to nobody.
 * The oldest is the first that lies ahead. */
static void make_room(struct journal *j, size_t size)
{
	const struct entry *oldest;

	if (j->last - j->first + 1 == j->max)
		j->first++;
	if (j->bytes - j->next < size) {
		/* The rest of the ring stays empty; who is there goes. */
		while (j->first <= j->last && entry_of(j, j->first)->at >= j->next)
			j->first++;
		j->next = 0;
	}
	while (j->first <= j->last) {
		oldest = entry_of(j, j->first);
		if (oldest->at < j->next || oldest->at - j->next >= size)
			return;
		j->first++;
	}
}

void journal_add(struct journal *j, enum log_level level, int64_t wall_ms,
	const char *name, const char *text)
{
	size_t name_n = strnlen(name, BYTES_MIN / 4);
	size_t text_n = strnlen(text, BYTES_MIN / 2);
	size_t size = name_n + text_n + 2;
	void (*wake)(void *ctx);
	void *ctx;

	pthread_mutex_lock(&j->lock);
	make_room(j, size);
	*entry_of(j, ++j->last) = (struct entry){wall_ms, (uint32_t)j->next,
		(uint32_t)size, (uint32_t)name_n + 1, level};
	memcpy(j->text + j->next, name, name_n);
	j->text[j->next + name_n] = '\0';
	memcpy(j->text + j->next + name_n + 1, text, text_n);
	j->text[j->next + size - 1] = '\0';
	j->next += size;
	wake = j->wake;
	ctx = j->wake_ctx;
	pthread_mutex_unlock(&j->lock);
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

static struct journal_record record_of(struct journal *j, uint64_t seq)
{
	const struct entry *e = entry_of(j, seq);

	return (struct journal_record){
		.seq = seq,
		.wall_ms = e->wall_ms,
		.level = e->level,
		.name = j->text + e->at,
		.text = j->text + e->at + e->name_n,
	};
}

uint64_t journal_read(struct journal *j, uint64_t after, size_t max,
	void (*fn)(void *ctx, const struct journal_record *r), void *ctx)
{
	uint64_t seq;

	pthread_mutex_lock(&j->lock);
	for (seq = after < j->first ? j->first : after + 1; seq <= j->last && max; max--) {
		struct journal_record r = record_of(j, seq);

		fn(ctx, &r);
		after = seq++;
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

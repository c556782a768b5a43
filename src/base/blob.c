#include "src/base/blob.h"
#include "src/base/str.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct blob {
	atomic_uint refs;
	const uint8_t *data;
	size_t size;
	void (*release)(void *ctx);
	void *ctx;
};

struct blob *blob_wrap(const void *bytes, size_t size,
	void (*release)(void *ctx), void *ctx)
{
	struct blob *b = XNEW(struct blob);

	atomic_init(&b->refs, 1);
	b->data = bytes;
	b->size = size;
	b->release = release;
	b->ctx = ctx;
	return b;
}

struct blob *blob_take(void *taken, size_t size)
{
	return blob_wrap(taken, size, free, taken);
}

struct blob *blob_new(const void *bytes, size_t size)
{
	return blob_take(xmemdup(bytes, size), size);
}

struct blob *blob_from_str(struct str *s)
{
	size_t size = s->len;

	return blob_take(str_take(s), size);
}

struct blob *blob_ref(struct blob *b)
{
	if (b)
		atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
	return b;
}

void blob_put(struct blob *b)
{
	if (!b)
		return;
	if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (b->release)
		b->release(b->ctx);
	free(b);
}

const uint8_t *blob_data(const struct blob *b)
{
	return b ? b->data : (const uint8_t *)"";
}

size_t blob_size(const struct blob *b)
{
	return b ? b->size : 0;
}

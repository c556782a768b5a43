#ifndef SRC_BASE_BLOB_H
#define SRC_BASE_BLOB_H
/* Immutable bytes with an atomic reference count: segments, renditions,
 * responses and published views pass between threads as blobs. Any thread. */
#include "src/base/mem.h"
#include <stdint.h>

struct blob;

struct blob *blob_new(const void *bytes, size_t size);	/* copies */
struct blob *blob_take(void *taken, size_t size);	/* free()s it later */
/* Bytes owned by something else; `release(ctx)` runs with the last put. */
struct blob *blob_wrap(const void *bytes, size_t size,
	void (*release)(void *ctx), void *ctx);
/* The bytes of s, which is emptied. */
struct str;
struct blob *blob_from_str(struct str *s);

struct blob *blob_ref(struct blob *b);	/* NULL ok */
void blob_put(struct blob *b);		/* NULL ok */
const uint8_t *blob_data(const struct blob *b); /* NULL blob: "" */
size_t blob_size(const struct blob *b);		/* NULL blob: 0 */
#endif

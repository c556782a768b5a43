#include "src/base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough for the small allocations of unwinding what cannot go on, and for a
 * few messages meanwhile; not for another segment. */
#define RESERVE (256u << 10)

static _Atomic(void *) reserve;
static _Atomic(uint64_t) to_fail; /* allocations until one fails; 0: none does */
static atomic_bool failed;

void mem_fail_nth(uint64_t n)
{
	atomic_store(&failed, false);
	atomic_store(&to_fail, n);
}

bool mem_has_failed(void)
{
	return atomic_load(&failed);
}

static bool fails_now(void)
{
	if (!atomic_load_explicit(&to_fail, memory_order_relaxed) ||
		atomic_fetch_sub(&to_fail, 1) != 1)
		return false;
	atomic_store(&failed, true);
	return true;
}

/* Put aside with the first allocation that succeeds, and again after it was
 * needed. */
static void *keep_reserve(void *p)
{
	void *none = NULL, *new;

	if (p && !atomic_load_explicit(&reserve, memory_order_relaxed)) {
		new = malloc(RESERVE);
		if (!atomic_compare_exchange_strong(&reserve, &none, new))
			free(new);
	}
	return p;
}

static void give_reserve(void)
{
	free(atomic_exchange(&reserve, NULL));
}

void *patient_malloc(size_t size)
{
	void *p = fails_now() ? NULL : malloc(size);

	if (!p && size) {
		give_reserve();
		p = malloc(size);
	}
	return keep_reserve(p);
}

void *patient_calloc(size_t count, size_t size)
{
	void *p = fails_now() ? NULL : calloc(count, size);

	if (!p && count && size) {
		give_reserve();
		p = calloc(count, size);
	}
	return keep_reserve(p);
}

void *patient_realloc(void *old, size_t size)
{
	void *p = fails_now() ? NULL : realloc(old, size);

	if (!p && size) { /* realloc() that fails leaves `old` alone */
		give_reserve();
		p = realloc(old, size);
	}
	return keep_reserve(p);
}

static void *checked(void *p, size_t size)
{
	if (!p && size) {
		fprintf(stderr, "weir: out of memory (%zu bytes)\n", size);
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return checked(patient_malloc(size ? size : 1), size ? size : 1);
}

void *xcalloc(size_t count, size_t size)
{
	return checked(patient_calloc(count ? count : 1, size ? size : 1), 1);
}

void *xrealloc(void *p, size_t size)
{
	return checked(patient_realloc(p, size ? size : 1), size ? size : 1);
}

void *xrealloc_array(void *p, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return checked(NULL, count);
	return xrealloc(p, total);
}

void *xmemdup(const void *p, size_t size)
{
	void *copy = xmalloc(size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

char *xstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *copy = xmalloc(n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

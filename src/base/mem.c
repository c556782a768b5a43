#include "src/base/mem.h"
#include "src/base/crash.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As much as the largest thing that comes and goes in a node's daily work: the
 * buffer of a segment of 4 to 8 MiB, which is 2 s at 30 Mbit/s, once it has
 * doubled. What else fails meanwhile is a thousand times smaller. It is address
 * space and a promise of pages: never touched, it costs no memory. */
#define RESERVE ((size_t)8 << 20)

/* malloc() is called before a sanitizer has begun. */
#define EARLY __attribute__((no_sanitize("address", "undefined")))

/* A sanitizer's own can only be had behind ours where it is a library. */
#if defined(__SANITIZE_THREAD__)
#define IN_FRONT 0
#elif defined(__clang__)
#define IN_FRONT !__has_feature(address_sanitizer)
#else
#define IN_FRONT 1
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* leaf: reserve */
static void *reserve;
static atomic_bool present;
static atomic_uint shortages;

/* --- the reserve --- */

/* Not from malloc(): what is unmapped is there for every arena, at once. */
__attribute__((constructor)) EARLY void mem_refill(void)
{
	if (atomic_load_explicit(&present, memory_order_relaxed))
		return;
	pthread_mutex_lock(&lock);
	if (!reserve) {
		reserve = mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (reserve == MAP_FAILED)
			reserve = NULL;
		atomic_store(&present, reserve);
	}
	pthread_mutex_unlock(&lock);
}

unsigned mem_shortages(void)
{
	return atomic_load(&shortages);
}

/* --- in front of libc's malloc() ---
 * glibc lets a program define its own (its manual, "Replacing malloc"). What
 * these return is libc's, so that free() and the rest stay as they are. */
#if IN_FRONT

/* The lock is held until the pages are back: a second thread that failed at the
 * same time finds them too. */
EARLY static void give_back(void)
{
	atomic_fetch_add(&shortages, 1);
	pthread_mutex_lock(&lock);
	if (reserve)
		munmap(reserve, RESERVE);
	reserve = NULL;
	atomic_store(&present, false);
	pthread_mutex_unlock(&lock);
}

/* The definition behind ours: libc's, a sanitizer's, or a preloaded one. */
#define NEXT(name)                                                             \
	({                                                                     \
		static __typeof__(name) *fn;                                   \
									       \
		if (!fn)                                                       \
			*(void **)&fn = dlsym(RTLD_NEXT, #name);               \
		fn;                                                            \
	})

/* A second try when the first failed; errno is only touched if that fails. What
 * it left of the reserve is put aside again. */
#define TWICE(failed)                                                          \
	do {                                                                   \
		int errnum = errno;                                            \
									       \
		if (!(failed))                                                 \
			break;                                                 \
		give_back();                                                   \
		if (!(failed))                                                 \
			errno = errnum;                                        \
		mem_refill();                                                  \
	} while (0)

EARLY void *malloc(size_t size)
{
	void *p;

	TWICE(!(p = NEXT(malloc)(size)));
	return p;
}

EARLY void *calloc(size_t count, size_t size)
{
	void *p;

	TWICE(!(p = NEXT(calloc)(count, size)));
	return p;
}

/* Of no bytes it frees, and answers NULL. */
EARLY void *realloc(void *old, size_t size)
{
	void *p;

	TWICE(!(p = NEXT(realloc)(old, size)) && size);
	return p;
}

EARLY void *memalign(size_t alignment, size_t size)
{
	void *p;

	TWICE(!(p = NEXT(memalign)(alignment, size)));
	return p;
}

EARLY void *aligned_alloc(size_t alignment, size_t size)
{
	void *p;

	TWICE(!(p = NEXT(aligned_alloc)(alignment, size)));
	return p;
}

EARLY int posix_memalign(void **out, size_t alignment, size_t size)
{
	int rc;

	TWICE((rc = NEXT(posix_memalign)(out, alignment, size)) == ENOMEM);
	return rc;
}

#endif

/* --- ours --- */

static void *must(void *p, size_t size)
{
	char line[96];

	if (p)
		return p;
	snprintf(line, sizeof(line), "weir: out of memory: %zu bytes are not to be had, "
		"and the reserve is spent\n", size);
	crash_end(line);
}

void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1), size);
}

void *xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1), size);
}

void *xrealloc(void *p, size_t size)
{
	return must(realloc(p, size ? size : 1), size);
}

void *xrealloc_array(void *p, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		abort(); /* no lack of memory: somebody did not bound a size */
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

#ifndef SRC_BASE_MEM_H
#define SRC_BASE_MEM_H
/* Memory that is either there or the process is not. malloc() itself, that of
 * libraries and of libc included, has a second try: an allocation that fails
 * gives back a reserve that was put aside at the start, and is made again. So a
 * shortage that passes is survived. What fails all the same is NULL to a library,
 * as ever; ours end the process with one line, and its supervisor restarts the
 * node from SQLite. Sizes that a peer chose must be bounded before they come
 * here. Any thread.
 *
 * ThreadSanitizer's and libFuzzer's malloc() has the first try only. */
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
/* As xrealloc for count * size; aborts when the product overflows. */
void *xrealloc_array(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t max);
void *xmemdup(const void *p, size_t size);

/* Puts the reserve aside again if it is gone and there is memory; cheap. Actors
 * do it once a second. */
void mem_refill(void);
/* How many allocations needed the reserve, since the start. */
unsigned mem_shortages(void);

/* Fills an array of new objects: T *t = XNEW(T); */
#define XNEW(T) ((T *)xcalloc(1, sizeof(T)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* Moves a pointer out of *from and leaves NULL there. */
#define TAKE(p) ({ __typeof__(p) take_ = (p); (p) = NULL; take_; })
#define must_check __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#endif

#ifndef SRC_BASE_MEM_H
#define SRC_BASE_MEM_H
/* Memory that is either there or the process is not. An allocation that fails
 * gives back a reserve, put aside for it, and is tried once more; only when
 * that fails too does the process end, with a word, and the supervisor
 * restarts the node from SQLite. Sizes that a peer chose must be bounded
 * before they come here. Any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
/* As xrealloc for count * size; aborts when the product overflows. */
void *xrealloc_array(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t max);
void *xmemdup(const void *p, size_t size);

/* For the allocator hooks of libraries, which can report a failure: as patient
 * as the above, but NULL in the end. */
void *patient_malloc(size_t size);
void *patient_calloc(size_t count, size_t size);
void *patient_realloc(void *p, size_t size);

/* Tests: the n-th allocation from now on fails once; 0 none. */
void mem_fail_nth(uint64_t n);
bool mem_has_failed(void); /* it did, since */

/* Fills an array of new objects: T *t = XNEW(T); */
#define XNEW(T) ((T *)xcalloc(1, sizeof(T)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* Moves a pointer out of *from and leaves NULL there. */
#define TAKE(p) ({ __typeof__(p) take_ = (p); (p) = NULL; take_; })
#define must_check __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#endif

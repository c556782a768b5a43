#ifndef SRC_BASE_SECRET_H
#define SRC_BASE_SECRET_H
/* Memory for keys and passwords: locked (never swapped), left out of core
 * dumps, wiped when freed. Each takes a page of its own at least. Any thread. */
#include <stdbool.h>

#include "src/base/mem.h"

/* Zeroed; `n` is at least 1. Where the system refuses to lock (RLIMIT_MEMLOCK)
 * it is handed out all the same: secret_locked() tells. */
void *secret_alloc(size_t n);
void secret_free(void *p, size_t n); /* NULL ok; wipes */
void secret_wipe(void *p, size_t n); /* any memory */
/* false after a secret_alloc() whose memory may be swapped out. */
bool secret_locked(void);
#endif

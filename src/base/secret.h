#ifndef SRC_BASE_SECRET_H
#define SRC_BASE_SECRET_H
/* Memory for keys and passwords: locked (never swapped), left out of core
 * dumps, between pages that may not be touched, empty in a forked child, wiped
 * when freed. Each piece takes a page of its own at least: for few and small
 * things. Any thread. Sources: mlock(2), madvise(2), prctl(2). */
#include <stdbool.h>

#include "src/base/mem.h"

/* Zeroed; `n` is at least 1. Where the system refuses to lock (RLIMIT_MEMLOCK)
 * it is handed out all the same: secret_locked() tells. */
void *secret_alloc(size_t n);
void secret_free(void *p, size_t n); /* NULL ok; wipes */
void secret_wipe(void *p, size_t n); /* any memory */
/* false after a secret_alloc() whose memory may be swapped out. */
bool secret_locked(void);

/* Takes a piece along through fork(2): secret_keep() before it in the parent,
 * secret_adopt() after it in the child that goes on with it, since locks are
 * not inherited. The parent has its own copy to free. */
void secret_keep(void *p, size_t n);
void secret_adopt(void *p, size_t n);

/* From now on this process leaves no core, and others of its user may not look
 * into it (ptrace, /proc/<pid>/mem). Called before there is a secret. A child
 * that execs is as it was. */
void secret_harden_process(void);
#endif

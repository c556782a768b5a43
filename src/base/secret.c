#include "src/base/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ALIGNMENT 16

static atomic_bool unlocked;

/* A piece ends where its last page does, so that the first byte behind it is
 * in the page that may not be touched; the other such page is before it. */
struct span {
	uint8_t *start; /* of the pages of the piece itself */
	size_t size, page;
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static struct span span_for(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (struct span){NULL, round_up(n, page), page};
}

static struct span span_of(void *p, size_t n)
{
	struct span s = span_for(n);

	s.start = (uint8_t *)p + round_up(n, ALIGNMENT) - s.size;
	return s;
}

/* Kernels too old for the two advices still lock. */
static void protect(struct span s)
{
	if (mlock(s.start, s.size) != 0)
		atomic_store(&unlocked, true);
	(void)madvise(s.start, s.size, MADV_DONTDUMP);
	(void)madvise(s.start, s.size, MADV_WIPEONFORK);
}

void *secret_alloc(size_t n)
{
	struct span s = span_for(n);
	uint8_t *p = mmap(NULL, s.size + 2 * s.page, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + s.page, s.size, PROT_READ | PROT_WRITE) != 0)
		abort();
	s.start = p + s.page;
	protect(s);
	return s.start + s.size - round_up(n, ALIGNMENT);
}

void secret_free(void *p, size_t n)
{
	struct span s;

	if (!p)
		return;
	s = span_of(p, n);
	secret_wipe(s.start, s.size);
	munmap(s.start - s.page, s.size + 2 * s.page); /* ends the lock too */
}

void secret_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

bool secret_locked(void)
{
	return !atomic_load(&unlocked);
}

void secret_keep(void *p, size_t n)
{
	struct span s = span_of(p, n);

	(void)madvise(s.start, s.size, MADV_KEEPONFORK);
}

void secret_adopt(void *p, size_t n)
{
	protect(span_of(p, n));
}

void secret_harden_process(void)
{
	/* Not RLIMIT_CORE: children would inherit it, and the kernel hands cores
	 * to a program of core_pattern whatever the limit. */
#ifndef __SANITIZE_ADDRESS__ /* which looks into the process for leaks */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

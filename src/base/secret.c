#include "src/base/secret.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_bool unlocked;

static size_t whole_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

void *secret_alloc(size_t n)
{
	void *p = mmap(NULL, whole_pages(n), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	if (mlock(p, whole_pages(n)) != 0)
		atomic_store(&unlocked, true);
	/* Older kernels know it not; the process is undumpable besides. */
	(void)madvise(p, whole_pages(n), MADV_DONTDUMP);
	return p;
}

void secret_free(void *p, size_t n)
{
	if (!p)
		return;
	secret_wipe(p, n);
	munlock(p, whole_pages(n));
	munmap(p, whole_pages(n));
}

void secret_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

bool secret_locked(void)
{
	return !atomic_load(&unlocked);
}

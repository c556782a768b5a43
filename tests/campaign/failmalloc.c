/* Preloaded into a program: its n-th allocation fails, once, whoever asked -
 * the program, libc or any library. Campaign row R7 (tests/campaign/r7_malloc).
 * What it does is in the file "failmalloc" of the working directory, since
 * weir's workers get no environment but LD_PRELOAD: struct state. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static struct state {
	char who[16]; /* only processes `weir <who>`: "run", "worker" */
	uint64_t nth; /* which one; 0 only counts */
	_Atomic(uint64_t) count, fired;
} *state; /* NULL: this process is left alone */

/* argv[1], from the kernel: libc's own copy is not there yet. */
static int is_meant(const char *who)
{
	char line[4096];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	char *second;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	line[n] = '\0';
	second = line + strlen(line) + 1;
	return second < line + n && strcmp(second, who) == 0;
}

__attribute__((constructor)) static void begin(void)
{
	struct state *s;
	int fd = open("failmalloc", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (s != MAP_FAILED && is_meant(s->who))
		state = s;
}

static int fails(void)
{
	if (!state || atomic_fetch_add(&state->count, 1) + 1 != state->nth)
		return 0;
	atomic_store(&state->fired, 1);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	void *p = fails() ? NULL : __libc_memalign(align, size);

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : __libc_memalign(align, size);
}

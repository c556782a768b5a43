#include "tests/campaign/failmalloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 16
#define VARIABLES_MAX 256

static struct failmalloc own;
struct failmalloc *failmalloc = &own;

/* The next definition of the caller's own name: libc's, or a sanitizer's. */
#define NEXT(name)                                                             \
	({                                                                     \
		static __typeof__(name) *fn;                                   \
									       \
		if (!fn)                                                       \
			*(void **)&fn = dlsym(RTLD_NEXT, #name);               \
		fn;                                                            \
	})

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "libc.so.6(fopen64) weir+0x1c2a0 ...": without system calls, which a worker's
 * sandbox would take amiss. */
static void remember(struct failmalloc *f)
{
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);
	size_t at = 0;

	for (int i = 3; i < n && at < sizeof(f->where); i++) {
		Dl_info d;
		char *out = f->where + at;
		size_t room = sizeof(f->where) - at;

		if (!dladdr(frames[i], &d) || !d.dli_fname)
			continue;
		at += (size_t)(d.dli_sname
			? snprintf(out, room, "%s(%s) ", base_name(d.dli_fname), d.dli_sname)
			: snprintf(out, room, "%s+0x%tx ", base_name(d.dli_fname),
				(char *)frames[i] - (char *)d.dli_fbase));
	}
}

static bool fails(void)
{
	static _Thread_local __attribute__((tls_model("initial-exec"))) bool inside, spared;
	struct failmalloc *f = failmalloc;
	uint64_t n, first, step;

	if (inside)
		return false;
	n = atomic_fetch_add(&f->count, 1) + 1;
	first = atomic_load(&f->first);
	step = atomic_load(&f->step);
	if (spared || !first || n < first || (step ? (n - first) % step
		: n != first)) {
		spared = false;
		return false;
	}
	spared = inside = true;
	if (!step) /* a millisecond each, through OpenSSL's 10,000 names */
		remember(f);
	inside = false;
	atomic_fetch_add(&f->failed, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : NEXT(malloc)(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : NEXT(calloc)(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : NEXT(realloc)(p, size);
}

void *memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : NEXT(memalign)(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : NEXT(aligned_alloc)(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	return fails() ? ENOMEM : NEXT(posix_memalign)(out, alignment, size);
}

/* --- in the processes of weir --- */

static const char *role(void)
{
	static char line[4096];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	const char *word;

	close(fd);
	word = n > 0 ? line + strlen(line) + 1 : line;
	return !strcmp(word, "run") ? "node" : !strcmp(word, "worker") ? "worker" : "console";
}

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("FAILMALLOC"), *meant = getenv("FAILMALLOC_ROLE");
	void *frame, *map;
	int fd;

	backtrace(&frame, 1); /* loads libgcc now */
	if (!path || !meant || strcmp(meant, role()) != 0)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE,
		MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort();
	close(fd);
	failmalloc = map;
}

/* A node gives its workers an environment that knows nothing of us. */
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	static const char *const ours[] = {"LD_PRELOAD=", "FAILMALLOC=", "FAILMALLOC_ROLE="};
	char *all[VARIABLES_MAX];
	size_t n = 0;

	while (envp[n] && n < VARIABLES_MAX - 4) {
		all[n] = envp[n];
		n++;
	}
	for (size_t i = 0; environ[i]; i++)
		for (size_t k = 0; k < 3 && n < VARIABLES_MAX - 1; k++)
			if (!strncmp(environ[i], ours[k], strlen(ours[k])))
				all[n++] = environ[i];
	all[n] = NULL;
	return NEXT(posix_spawn)(pid, path, actions, attr, argv, all);
}

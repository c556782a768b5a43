/* Loaded before libc into a node whose disk is to fail: writes to its files
 * under $WEIR_FAULT_DIR fail as the bytes of $WEIR_FAULT, a shared file, say.
 *	[0]	0: nothing fails; else the errno
 *	[1]	fails from the n-th write on, counted from 1
 *	[2]	writes counted so far
 * Descriptors are known by the open() that made them, so that nothing here
 * makes a system call of its own: the node's workers live in a sandbox. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES_MAX 4096

static volatile int32_t *fault;
static const char *dir;
static volatile char ours[FILES_MAX];

__attribute__((constructor)) static void load(void)
{
	const char *path = getenv("WEIR_FAULT");
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))
		dlsym(RTLD_NEXT, "open64");
	int fd = path ? real(path, O_RDWR | O_CLOEXEC) : -1;

	dir = getenv("WEIR_FAULT_DIR");
	if (fd < 0 || !dir)
		return;
	fault = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fault == MAP_FAILED)
		fault = NULL;
	close(fd);
}

static int is_failing(int fd)
{
	if (!fault || fd < 0 || fd >= FILES_MAX || !ours[fd])
		return 0;
	if (!fault[0])
		return 0;
	if (__atomic_add_fetch((int32_t *)&fault[2], 1, __ATOMIC_SEQ_CST) < fault[1])
		return 0;
	errno = fault[0];
	return 1;
}

static int opened(int fd, const char *path)
{
	if (fd >= 0 && fd < FILES_MAX)
		ours[fd] = dir && fault && strncmp(path, dir, strlen(dir)) == 0;
	return fd;
}

#define OPEN(name) \
int name(const char *path, int flags, ...) \
{ \
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...)) \
		dlsym(RTLD_NEXT, #name); \
	mode_t mode; \
	va_list ap; \
 \
	va_start(ap, flags); \
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
	va_end(ap); \
	return opened(real(path, flags, mode), path); \
}
OPEN(open)
OPEN(open64)

#define WRITE(name, result, params, args) \
result name params \
{ \
	result (*real) params = (result (*) params)dlsym(RTLD_NEXT, #name); \
 \
	return is_failing(fd) ? -1 : real args; \
}
WRITE(write, ssize_t, (int fd, const void *p, size_t n), (fd, p, n))
WRITE(pwrite, ssize_t, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WRITE(pwrite64, ssize_t, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))
WRITE(fsync, int, (int fd), (fd))
WRITE(fdatasync, int, (int fd), (fd))
WRITE(ftruncate, int, (int fd, off_t n), (fd, n))
WRITE(ftruncate64, int, (int fd, off64_t n), (fd, n))
WRITE(fallocate, int, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))

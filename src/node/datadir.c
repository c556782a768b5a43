#include "src/node/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct datadir {
	char *path;
	int lock;
};

char *datadir_file(const char *path, const char *name)
{
	struct str s = STR_INIT;

	str_printf(&s, "%s/%s", path, name);
	return str_take(&s);
}

const char *datadir_path(const struct datadir *d)
{
	return d->path;
}

struct err *datadir_check_socket(const char *socket_path)
{
	size_t n = strlen(socket_path), max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (n <= max)
		return NULL;
	return err_new(ERR_INVALID, "%s: the path is too long for a socket (%zu bytes, at "
		"most %zu); use a shorter -datadir, or a symbolic link", socket_path, n, max);
}

struct err *datadir_make(const char *path)
{
	char *copy = xstrdup(path);
	struct err *e = NULL;

	for (char *p = copy + 1; !e; p++) {
		char ch = *p;

		if (ch && ch != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			e = err_sys(errno, "directory %s", copy);
		*p = ch;
		if (!ch)
			break;
	}
	free(copy);
	return e;
}

static pid_t read_pid(int fd)
{
	char text[24] = "";
	uint64_t pid;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, &pid) && pid <= INT_MAX ? (pid_t)pid : 0;
}

/* Locks of an open file description: unlike POSIX's older ones they are not
 * lost when the process closes another descriptor of the file, and unlike
 * flock()'s they can be asked about without being taken. */
static bool take_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static struct err *lock_refused(int fd, const char *path)
{
	int why = errno;
	pid_t pid = read_pid(fd);
	struct err *e = why == EAGAIN || why == EACCES ?
		err_new(ERR_BUSY, "a node with pid %d runs on %s already; `weir attach` "
			"shows it, `weir stop` ends it", (int)pid, path) :
		err_sys(why, "lock in %s", path);

	close(fd);
	return e;
}

struct err *datadir_take(const char *path, struct datadir **out)
{
	char real[PATH_MAX], text[24];
	struct datadir *d;
	struct err *e = datadir_make(path);
	char *name;
	int fd, n;

	*out = NULL;
	if (e)
		return e;
	if (!realpath(path, real))
		return err_sys(errno, "data directory %s", path);
	name = datadir_file(real, DATADIR_LOCK);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		e = err_sys(errno, "%s", name);
	free(name);
	if (e)
		return e;
	if (!take_lock(fd))
		return lock_refused(fd, real);
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		e = err_sys(errno, "lock in %s", real);
		close(fd);
		return e;
	}
	d = XNEW(struct datadir);
	d->path = xstrdup(real);
	d->lock = fd;
	*out = d;
	return NULL;
}

void datadir_release(struct datadir *d)
{
	if (!d)
		return;
	/* The file stays: to remove it would let two nodes lock two files of
	 * one name. */
	close(d->lock);
	free(d->path);
	free(d);
}

pid_t datadir_owner(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *name = datadir_file(path, DATADIR_LOCK);
	int fd = open(name, O_RDWR | O_CLOEXEC);
	pid_t pid = 0;

	free(name);
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		pid = read_pid(fd);
	close(fd);
	return pid;
}

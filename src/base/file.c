#include "src/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct err *cannot(int error, const char *path)
{
	return error == ENOENT ? err_new(ERR_NOT_FOUND, "%s: %s", path, strerror(error))
			       : err_sys(error, "%s", path);
}

/* Only the owner may ask for O_NOATIME. */
static int open_quietly(const char *path, int flags)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	return fd;
}

struct err *file_open(const char *path, int *fd, struct stat *st)
{
	struct stat here;

	*fd = -1;
	st = st ? st : &here;
	/* Before it is opened: with some devices that alone does something. */
	if (stat(path, st) != 0)
		return cannot(errno, path);
	if (!S_ISREG(st->st_mode))
		return err_new(ERR_INVALID, "%s: not a regular file", path);
	*fd = open_quietly(path, O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return cannot(errno, path);
	if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode))
		return NULL;
	close(*fd);
	*fd = -1;
	return err_new(ERR_INVALID, "%s: not a regular file", path);
}

struct err *file_read(const char *path, size_t max, struct str *out)
{
	size_t start = out->len;
	struct err *e;
	ssize_t n = 1;
	int fd;

	e = file_open(path, &fd, NULL);
	if (e)
		return e;
	while (n && !e) {
		char buf[16384];

		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			e = err_sys(errno, "%s", path);
		else if (out->len - start + (size_t)n > max)
			e = err_new(ERR_LIMIT, "%s: more than %zu bytes", path, max);
		else
			str_addn(out, buf, (size_t)n);
	}
	close(fd);
	return e;
}

static int by_bytes(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

struct err *file_list(const char *dir, size_t max, struct file_names *out)
{
	int fd = open_quietly(dir, O_DIRECTORY);
	struct dirent *entry;
	DIR *d;

	*out = (struct file_names){ .n = 0 };
	if (fd < 0)
		return cannot(errno, dir);
	d = fdopendir(fd);
	if (!d) {
		struct err *e = err_sys(errno, "%s", dir);

		close(fd);
		return e;
	}
	while ((entry = readdir(d))) {
		if (is_dots(entry->d_name))
			continue;
		out->more = out->n == max;
		if (out->more)
			break;
		out->v = xrealloc_array(out->v, out->n + 1, sizeof(*out->v));
		out->v[out->n++] = xstrdup(entry->d_name);
	}
	closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_bytes);
	return NULL;
}

void file_names_clear(struct file_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct file_names){ .n = 0 };
}

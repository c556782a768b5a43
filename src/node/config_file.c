#include "src/node/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

char *config_file_home(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct str path = STR_INIT;

	if (base && *base == '/') /* the specification: others are to be ignored */
		str_add(&path, base);
	else
		str_printf(&path, "%s/.config", home && *home ? home : "");
	str_add(&path, "/weir/weir.conf");
	return str_take(&path);
}

struct err *config_file_read(const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err *e = NULL;

	if (fd < 0)
		return err_sys(errno, "config file %s", path);
	for (;;) {
		char buf[4096];
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			e = err_sys(errno, "config file %s", path);
		else if (out->len + (size_t)n > FILE_MAX)
			e = err_new(ERR_LIMIT, "config file %s is larger than 1 MiB", path);
		if (n <= 0 || e)
			break;
		str_addn(out, buf, (size_t)n);
	}
	close(fd);
	return e;
}

static struct err *write_all(int fd, const char *path, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_sys(errno, "config file %s", path);
		text += done;
		n -= (size_t)done;
	}
	return fsync(fd) == 0 ? NULL : err_sys(errno, "config file %s", path);
}

/* A rename is on the disk when its directory is. */
static void sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(dir);
}

/* The new file beside the old one, complete but for its name. */
static struct err *write_beside(const char *part, const struct stat *like, const char *text,
	size_t n)
{
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct err *e;

	if (fd < 0)
		return err_sys(errno, "config file %s", part);
	e = write_all(fd, part, text, n);
	/* Another's file stays another's where that can be done. */
	if (!e && fchown(fd, like->st_uid, like->st_gid) != 0 && errno != EPERM)
		e = err_sys(errno, "config file %s", part);
	if (!e && fchmod(fd, like->st_mode & 07777) != 0)
		e = err_sys(errno, "config file %s", part);
	if (close(fd) != 0 && !e)
		e = err_sys(errno, "config file %s", part);
	return e;
}

/* The old one under a second name; it has its own for as long as there is no new
 * one to take it. */
static struct err *back_up(const char *path, const char *bak)
{
	if (unlink(bak) != 0 && errno != ENOENT)
		return err_sys(errno, "backup %s", bak);
	return link(path, bak) == 0 ? NULL : err_sys(errno, "backup %s", bak);
}

struct err *config_file_replace(const char *path, const char *text, size_t n)
{
	struct str part = STR_INIT, bak = STR_INIT;
	struct stat st;
	struct err *e = NULL;

	if (stat(path, &st) != 0)
		return err_sys(errno, "config file %s", path);
	str_printf(&part, "%s.part", path);
	str_printf(&bak, "%s.bak", path);
	unlink(part.s); /* of a write that was cut short */
	e = write_beside(part.s, &st, text, n);
	if (!e)
		e = back_up(path, bak.s);
	if (!e && rename(part.s, path) != 0)
		e = err_sys(errno, "config file %s", path);
	if (e)
		unlink(part.s);
	else
		sync_directory_of(path);
	str_clear(&part);
	str_clear(&bak);
	return e;
}

/* Those that are missing on the way to it. */
static void make_directories(const char *path)
{
	for (const char *p = path; (p = strchr(p + 1, '/'));) {
		char *dir = xstrndup(path, (size_t)(p - path));

		(void)mkdir(dir, 0700);
		free(dir);
	}
}

struct err *config_file_create(const char *path, const char *text, size_t n)
{
	struct err *e;
	int fd;

	make_directories(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(errno, "config file %s", path);
	e = write_all(fd, path, text, n);
	if (close(fd) != 0 && !e)
		e = err_sys(errno, "config file %s", path);
	if (e)
		unlink(path);
	else
		sync_directory_of(path);
	return e;
}

#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/str.h"

static char *expand(const char *path)
{
	const char *home = getenv("HOME");
	struct str s = STR_INIT;

	if (home && str_has_prefix(path, "~/"))
		str_printf(&s, "%s%s", home, path + 1);
	else
		str_add(&s, path);
	return str_take(&s);
}

static struct err *write_all(int fd, const char *bytes, size_t n, const char *path)
{
	while (n) {
		ssize_t w = write(fd, bytes, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return err_sys(errno, "%s", path);
		bytes += w;
		n -= (size_t)w;
	}
	return NULL;
}

struct err *save_file(const char *path, const char *bytes, size_t n, bool replace)
{
	char *name = expand(path);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool is_new = fd >= 0;
	struct err *e = NULL;

	if (!is_new && errno == EEXIST && replace)
		fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == EEXIST)
		e = err_new(ERR_INVALID, "%s is there already: give another name, or "
			"put ! behind the command to replace it", name);
	else if (fd < 0)
		e = err_sys(errno, "%s", name);
	else if (fchmod(fd, 0600))
		e = err_sys(errno, "%s", name);
	if (!e)
		e = write_all(fd, bytes, n, name);
	if (fd >= 0 && close(fd) && !e)
		e = err_sys(errno, "%s", name);
	if (e && is_new)
		unlink(name);
	free(name);
	return e;
}

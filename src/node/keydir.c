#include "src/node/keydir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/keyfile_codec.h"

struct err *keydir_read_file(const char *path, struct keyfile *out)
{
	char text[KEYFILE_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && n < sizeof(text)) {
		got = read(fd, text + n, sizeof(text) - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	if (got < 0) {
		struct err *e = err_sys(errno, "keyfile %s", path);

		if (fd >= 0)
			close(fd);
		return e;
	}
	close(fd);
	return err_wrap(keyfile_decode(out, text, n), "keyfile %s", path);
}

static int by_path(const void *a, const void *b)
{
	const struct keydir_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static bool is_candidate(const char *name)
{
	return name[0] != '.' && !str_has_suffix(name, "~");
}

static void add_file(struct keydir *d, const char *name)
{
	struct str path = STR_INIT;
	struct stat st;

	str_printf(&path, "%s/%s", d->path, name);
	if (stat(path.s, &st) == 0 && S_ISREG(st.st_mode) && d->n < KEYDIR_MAX) {
		struct keydir_entry *e;

		d->v = xrealloc_array(d->v, d->n + 1, sizeof(*d->v));
		e = &d->v[d->n++];
		*e = (struct keydir_entry){ .path = xstrdup(path.s),
			.mode = st.st_mode & 07777 };
		e->broken = keydir_read_file(e->path, &e->key);
	}
	str_clear(&path);
}

struct err *keydir_read(const char *path, struct keydir *out)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	*out = (struct keydir){ .path = xstrdup(path) };
	if (!dir)
		return errno == ENOENT ? NULL : err_sys(errno, "keystore %s", path);
	while ((entry = readdir(dir)))
		if (is_candidate(entry->d_name))
			add_file(out, entry->d_name);
	closedir(dir);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_path);
	return NULL;
}

void keydir_clear(struct keydir *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].path);
		err_free(d->v[i].broken);
	}
	free(d->v);
	free(d->path);
	*d = (struct keydir){ .n = 0 };
}

const struct keydir_entry *keydir_find(const struct keydir *d, struct eth_addr a)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].broken && d->v[i].key.has_address &&
			addr_eq(d->v[i].key.address, a))
			return &d->v[i];
	return NULL;
}

struct err *keydir_check_mode(const struct keydir_entry *e, bool *warn)
{
	*warn = e->mode & 070;
	if (e->mode & 07)
		return err_new(ERR_DENIED, "keyfile %s can be read or written by every user "
			"of this machine (mode %03o): chmod 600 it, and think about a new key",
			e->path, (unsigned)e->mode);
	return NULL;
}

static void file_name(struct str *out, const struct keyfile *k, int64_t now_ms)
{
	time_t s = (time_t)(now_ms / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H-%M-%S", &tm);
	str_printf(out, "UTC--%s.%03d000000Z--", text, (int)(now_ms % 1000));
	str_add_hex(out, k->address.b, sizeof(k->address.b));
}

static struct err *write_whole(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	struct err *e = ok ? NULL : err_sys(errno, "keyfile %s", path);

	if (fd >= 0 && close(fd) != 0 && !e)
		e = err_sys(errno, "keyfile %s", path);
	return e;
}

static void sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

struct err *keydir_write(const char *dir, const struct keyfile *k, int64_t now_ms,
	char **path)
{
	struct str name = STR_INIT, part = STR_INIT, whole = STR_INIT, text = STR_INIT;
	struct err *e = NULL;

	*path = NULL;
	file_name(&name, k, now_ms);
	str_printf(&part, "%s/.%s.part", dir, name.s);
	str_printf(&whole, "%s/%s", dir, name.s);
	keyfile_encode(k, &text);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		e = err_sys(errno, "keystore %s", dir);
	if (!e)
		e = write_whole(part.s, text.s, text.len);
	/* link(), not rename(): a file that is there already is never replaced. */
	if (!e && link(part.s, whole.s) != 0)
		e = err_sys(errno, "keyfile %s", whole.s);
	unlink(part.s);
	sync_directory(dir);
	if (!e)
		*path = str_take(&whole);
	str_clear(&name);
	str_clear(&part);
	str_clear(&whole);
	str_clear(&text);
	return e;
}

#include "src/node/keydir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/keyfile_codec.h"
#include "src/base/file.h"
#include "src/node/datadir.h"

/* Up to KEYFILE_MAX + 1 bytes: one more than a keyfile may have. */
static struct err *read_text(const char *path, char *text, size_t *n, mode_t *mode)
{
	struct stat st;
	int fd;
	struct err *e = file_open(path, &fd, &st);
	ssize_t got = 1;

	*n = 0;
	if (e)
		return err_wrap(e, "keyfile");
	*mode = st.st_mode & 07777;
	while (got && *n <= KEYFILE_MAX) {
		got = read(fd, text + *n, KEYFILE_MAX + 1 - *n);
		if (got < 0 && errno != EINTR) {
			e = err_sys(errno, "keyfile %s", path);
			break;
		}
		*n += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	return e;
}

struct err *keydir_read_file(const char *path, struct keydir_entry *out)
{
	char text[KEYFILE_MAX + 1];
	struct err *e;
	size_t n;

	*out = (struct keydir_entry){.path = NULL};
	e = read_text(path, text, &n, &out->mode);
	if (e)
		return e;
	out->path = xstrdup(path);
	out->broken = err_wrap(keyfile_decode(&out->key, text, n), "keyfile %s", path);
	/* Somebody may have put the bare key there. */
	explicit_bzero(text, n);
	return NULL;
}

void keydir_entry_clear(struct keydir_entry *e)
{
	free(e->path);
	err_free(e->broken);
	*e = (struct keydir_entry){.path = NULL};
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
	struct keydir_entry entry;
	struct stat st;

	str_printf(&path, "%s/%s", d->path, name);
	if (stat(path.s, &st) == 0 && S_ISREG(st.st_mode) && d->n < KEYDIR_MAX) {
		struct err *e = keydir_read_file(path.s, &entry);

		if (e)
			entry = (struct keydir_entry){.path = xstrdup(path.s),
				.mode = st.st_mode & 07777, .broken = e};
		d->v = xrealloc_array(d->v, d->n + 1, sizeof(*d->v));
		d->v[d->n++] = entry;
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
	for (size_t i = 0; i < d->n; i++)
		keydir_entry_clear(&d->v[i]);
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

/* A file that is there already is never replaced. */
static struct err *give_name(const char *part, const char *whole)
{
	if (renameat2(AT_FDCWD, part, AT_FDCWD, whole, RENAME_NOREPLACE) == 0)
		return NULL;
	/* Some file systems know no such rename. */
	if (errno != EINVAL || link(part, whole) != 0)
		return err_sys(errno, "keyfile %s", whole);
	unlink(part);
	return NULL;
}

/* What the disk has is what was meant. */
static struct err *check_written(const char *path, const struct keyfile *k)
{
	struct str meant = STR_INIT, found = STR_INIT;
	struct keydir_entry entry;
	struct err *e = keydir_read_file(path, &entry);

	if (!e && entry.broken)
		e = TAKE(entry.broken);
	if (!e) {
		keyfile_encode(k, &meant);
		keyfile_encode(&entry.key, &found);
		if (strcmp(meant.s, found.s) != 0)
			e = err_new(ERR_IO, "keyfile %s: read back, it is not what was written",
				path);
	}
	keydir_entry_clear(&entry);
	str_clear(&meant);
	str_clear(&found);
	return e;
}

static struct err *check_new(const char *dir, const struct keyfile *k)
{
	struct keydir have;
	struct err *e = keydir_read(dir, &have);
	const struct keydir_entry *old = e ? NULL : keydir_find(&have, k->address);

	if (old)
		e = err_new(ERR_INVALID, "the account is there already: %s", old->path);
	keydir_clear(&have);
	return e;
}

struct err *keydir_write(const char *dir, const struct keyfile *k, int64_t now_ms,
	char **path)
{
	struct str name = STR_INIT, part = STR_INIT, whole = STR_INIT, text = STR_INIT;
	struct err *e = datadir_make(dir);

	*path = NULL;
	if (!e)
		e = check_new(dir, k);
	if (e)
		return err_wrap(e, "keystore %s", dir);
	file_name(&name, k, now_ms);
	str_printf(&part, "%s/.%s.part", dir, name.s);
	str_printf(&whole, "%s/%s", dir, name.s);
	keyfile_encode(k, &text);
	e = write_whole(part.s, text.s, text.len);
	if (!e)
		e = check_written(part.s, k);
	if (!e)
		e = give_name(part.s, whole.s);
	if (e)
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

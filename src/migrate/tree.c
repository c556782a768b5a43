#include "src/migrate/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER 65536

static char *join(const char *dir, const char *name)
{
	struct str s = STR_INIT;

	str_printf(&s, "%s%s%s", dir, *dir && *name ? "/" : "", name);
	return str_take(&s);
}

static struct err *sys(const char *what)
{
	return errno == ENOENT ? err_new(ERR_NOT_FOUND, "%s: there is no such file", what)
			       : err_sys(errno, "%s", what);
}

/* A file of another user may not be read without a trace. */
static int open_quietly(const char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? open(path, flags) : fd;
}

/* --- reading --- */

struct reading {
	const char *dir;
	const char *but; /* directories with a file of this name are left out */
	struct tree *tree;
};

static struct err *hash_file(const char *path, struct tree_entry *e)
{
	struct sha256 sum;
	char buf[BUFFER];
	struct err *err;
	ssize_t n;
	int fd = open_quietly(path);

	if (fd < 0)
		return sys(path);
	sha256_begin(&sum);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		sha256_add(&sum, buf, (size_t)n);
		e->size += (uint64_t)n;
	}
	err = n < 0 ? sys(path) : NULL;
	close(fd);
	sha256_end(&sum, e->sha256);
	return err;
}

static struct err *hash_link(const char *path, struct tree_entry *e)
{
	char target[PATH_MAX];
	struct sha256 sum;
	ssize_t n = readlink(path, target, sizeof(target));

	if (n < 0)
		return sys(path);
	sha256_begin(&sum);
	sha256_add(&sum, target, (size_t)n);
	sha256_end(&sum, e->sha256);
	return NULL;
}

static struct err *read_entry(const struct reading *r, const char *name, bool *is_dir)
{
	char *path = join(r->dir, name);
	struct tree_entry e = {.kind = TREE_SPECIAL};
	struct err *err = NULL;
	struct stat st;

	*is_dir = false;
	if (lstat(path, &st) != 0)
		err = sys(path);
	e.mode = st.st_mode & 07777;
	if (!err && S_ISREG(st.st_mode)) {
		e.kind = TREE_FILE;
		err = hash_file(path, &e);
	} else if (!err && S_ISLNK(st.st_mode)) {
		e.kind = TREE_LINK;
		err = hash_link(path, &e);
	} else if (!err && S_ISDIR(st.st_mode)) {
		e.kind = TREE_DIRECTORY;
		*is_dir = true;
	}
	free(path);
	if (err)
		return err;
	e.path = xstrdup(name);
	r->tree->v = xrealloc_array(r->tree->v, r->tree->n + 1, sizeof(e));
	r->tree->v[r->tree->n++] = e;
	r->tree->bytes += e.size;
	r->tree->specials += e.kind == TREE_SPECIAL;
	return NULL;
}

static bool is_left_out(const struct reading *r, const char *name)
{
	char *dir = r->but ? join(r->dir, name) : NULL;
	char *path = dir ? join(dir, r->but) : NULL;
	bool out = path && access(path, F_OK) == 0;

	free(path);
	free(dir);
	return out;
}

static struct err *read_below(const struct reading *r, const char *below, int depth)
{
	char *path = join(r->dir, below);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NOATIME);
	struct dirent *d;
	struct err *e = NULL;
	DIR *dir;

	if (fd < 0 && errno == EPERM)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		e = sys(path);
	free(path);
	while (!e && (d = readdir(dir))) {
		char *name;
		bool is_dir;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		name = join(below, d->d_name);
		if (is_left_out(r, name)) {
			free(name);
			continue;
		}
		if (r->tree->n == TREE_ENTRIES_MAX || depth == TREE_DEPTH_MAX)
			e = err_new(ERR_LIMIT, "%s: more than %d files, or %d directories deep",
				r->dir, TREE_ENTRIES_MAX, TREE_DEPTH_MAX);
		if (!e)
			e = read_entry(r, name, &is_dir);
		if (!e && is_dir)
			e = read_below(r, name, depth + 1);
		free(name);
	}
	if (dir)
		closedir(dir);
	return e;
}

static int by_path(const void *a, const void *b)
{
	const struct tree_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

struct err *tree_read(const char *dir, struct tree *out)
{
	return tree_read_but(dir, NULL, out);
}

struct err *tree_read_but(const char *dir, const char *but, struct tree *out)
{
	struct reading r = {dir, but, out};
	struct err *e;

	*out = (struct tree){.n = 0};
	e = read_below(&r, "", 0);
	if (e)
		tree_clear(out);
	else if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_path);
	return e;
}

void tree_clear(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].path);
	free(t->v);
	*t = (struct tree){.n = 0};
}

const struct tree_entry *tree_find(const struct tree *t, const char *path)
{
	const struct tree_entry key = {.path = xstrdup(path)};
	const struct tree_entry *found = t->n
		? bsearch(&key, t->v, t->n, sizeof(*t->v), by_path) : NULL;

	free(key.path);
	return found;
}

void tree_manifest(const struct tree *t, struct str *out)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind == TREE_FILE)
			str_printf(out, "%s  %s\n", t->v[i].sha256, t->v[i].path);
}

void tree_sum(const struct tree *t, char out[static SHA256_TEXT_SIZE])
{
	struct sha256 sum;

	sha256_begin(&sum);
	for (size_t i = 0; i < t->n; i++) {
		const struct tree_entry *e = &t->v[i];

		if (e->kind == TREE_SPECIAL)
			continue;
		sha256_add(&sum, e->path, strlen(e->path) + 1);
		sha256_add(&sum, &(char){(char)('0' + e->kind)}, 1);
		sha256_add(&sum, e->sha256, strlen(e->sha256) + 1);
	}
	sha256_end(&sum, out);
}

/* --- copying --- */

struct err *directory_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	struct err *e = fd < 0 || fsync(fd) != 0 ? sys(path) : NULL;

	if (fd >= 0)
		close(fd);
	return e;
}

static struct err *write_all(int fd, const char *path, const char *bytes, size_t n)
{
	while (n) {
		ssize_t w = write(fd, bytes, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_sys(errno, "%s", path);
		bytes += w;
		n -= (size_t)w;
	}
	return NULL;
}

static struct err *copy_file(const char *from, const char *to, const struct tree_entry *entry)
{
	char buf[BUFFER], sum_text[SHA256_TEXT_SIZE];
	int in = open_quietly(from), out;
	struct err *e = NULL;
	struct sha256 sum;
	ssize_t n = 0;

	if (in < 0)
		return sys(from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		e = err_sys(errno, "%s", to);
	sha256_begin(&sum);
	while (!e && (n = read(in, buf, sizeof(buf))) > 0) {
		sha256_add(&sum, buf, (size_t)n);
		e = write_all(out, to, buf, (size_t)n);
	}
	if (!e && n < 0)
		e = sys(from);
	if (!e && fsync(out) != 0)
		e = err_sys(errno, "%s", to);
	close(in);
	if (out >= 0)
		close(out);
	sha256_end(&sum, sum_text);
	if (!e && strcmp(sum_text, entry->sha256) != 0)
		e = err_new(ERR_BUSY, "%s changes while it is copied: stop the node that "
			"writes it", from);
	return e;
}

static struct err *copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return sys(from);
	target[n] = '\0';
	return symlink(target, to) == 0 ? NULL : err_sys(errno, "%s", to);
}

static struct err *copy_entry(const struct tree_entry *entry, const char *from,
	const char *to)
{
	switch (entry->kind) {
	case TREE_FILE:
		return copy_file(from, to, entry);
	case TREE_DIRECTORY:
		return mkdir(to, 0700) == 0 ? NULL : err_sys(errno, "%s", to);
	case TREE_LINK:
		return copy_link(from, to);
	case TREE_SPECIAL:
		break;
	}
	return NULL;
}

struct err *tree_copy(const struct tree *t, const char *from, const char *to)
{
	struct err *e = mkdir(to, 0700) == 0 ? NULL : err_sys(errno, "%s", to);

	for (size_t i = 0; i < t->n && !e; i++) {
		char *a = join(from, t->v[i].path), *b = join(to, t->v[i].path);

		e = copy_entry(&t->v[i], a, b);
		free(a);
		free(b);
	}
	for (size_t i = 0; i < t->n && !e; i++) {
		char *b = join(to, t->v[i].path);

		if (t->v[i].kind == TREE_DIRECTORY)
			e = directory_sync(b);
		free(b);
	}
	return e ? e : directory_sync(to);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

struct err *tree_remove(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st) != 0 && errno == ENOENT)
		return NULL;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? NULL
		: err_sys(errno, "%s cannot be removed", dir);
}

/* --- single files --- */

struct err *file_write(const char *path, const void *bytes, size_t n, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	struct str name = STR_INIT;
	struct err *e = NULL;
	int fd;

	str_printf(&name, "%s.part", path);
	fd = open(name.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		e = err_sys(errno, "%s", name.s);
	if (!e)
		e = write_all(fd, name.s, bytes, n);
	if (!e && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
		e = err_sys(errno, "%s", name.s);
	if (fd >= 0)
		close(fd);
	if (!e && rename(name.s, path) != 0)
		e = err_sys(errno, "%s", path);
	if (!e)
		e = directory_sync(*dir ? dir : "/");
	else if (fd >= 0)
		unlink(name.s);
	str_clear(&name);
	free(dir);
	return e;
}

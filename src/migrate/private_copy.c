#include "src/migrate/private_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/file.h"

#define TRIES 3
#define FDS_MAX 65536 /* of a process; hostile only to our patience */

static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };
#define COPIED 3 /* of them: the shm says nothing that the wal does not */

struct private_copy {
	char *dir, *path; /* owned */
};

const char *private_copy_path(const struct private_copy *c)
{
	return c->path;
}

static char *joined(const char *path, const char *suffix)
{
	struct str s = STR_INIT;

	str_printf(&s, "%s%s", path, suffix);
	return str_take(&s);
}

static char *in_dir(const char *dir, const char *name)
{
	struct str s = STR_INIT;

	str_printf(&s, "%s/%s", dir, name);
	return str_take(&s);
}

static void drop_files(const struct private_copy *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char *path = joined(c->path, suffixes[i]);

		unlink(path);
		free(path);
	}
}

void private_copy_drop(struct private_copy *c)
{
	if (!c)
		return;
	drop_files(c);
	rmdir(c->dir);
	free(c->dir);
	free(c->path);
	free(c);
}

static struct err *write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(errno, "the copy");
		p += put;
		n -= (size_t)put;
	}
	return NULL;
}

/* No more than `size` bytes: a file that grows has been written, and is copied
 * again anyway. */
static struct err *copy_bytes(int in, int out, off_t size)
{
	char buf[65536];

	while (size > 0) {
		ssize_t n = read(in, buf, sizeof(buf));
		struct err *e;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "reading it");
		if (n == 0)
			return NULL;
		e = write_all(out, buf, (size_t)n);
		if (e)
			return e;
		size -= n;
	}
	return NULL;
}

static struct err *copy_file(const char *from, const char *to)
{
	struct stat st;
	int in, out;
	struct err *e = file_open(from, &in, &st);

	if (e)
		return e;
	if (st.st_size > PRIVATE_COPY_MAX) {
		close(in);
		return err_new(ERR_LIMIT, "%s has %lld bytes, more than a node leaves", from,
			(long long)st.st_size);
	}
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e = out < 0 ? err_sys(errno, "%s", to) : copy_bytes(in, out, st.st_size);
	close(in);
	if (out >= 0 && close(out) != 0 && !e)
		e = err_sys(errno, "%s", to);
	return err_wrap(e, "copy of %s", from);
}

static struct err *copy_part(const char *from, const char *to, const char *suffix)
{
	char *a = joined(from, suffix), *b = joined(to, suffix);
	struct err *e = copy_file(a, b);

	free(a);
	free(b);
	if (e && *suffix && err_kind(e) == ERR_NOT_FOUND) {
		err_free(e);
		return NULL;
	}
	return e;
}

/* What tells whether somebody wrote the database meanwhile. */
struct stamp {
	struct stat part[COPIED];
};

static void take_stamp(const char *path, struct stamp *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < COPIED; i++) {
		char *part = joined(path, suffixes[i]);

		(void)stat(part, &s->part[i]);
		free(part);
	}
}

static bool is_same(const struct stamp *a, const struct stamp *b)
{
	for (size_t i = 0; i < COPIED; i++) {
		const struct stat *x = &a->part[i], *y = &b->part[i];

		if (x->st_ino != y->st_ino || x->st_size != y->st_size ||
			x->st_mtim.tv_sec != y->st_mtim.tv_sec ||
			x->st_mtim.tv_nsec != y->st_mtim.tv_nsec)
			return false;
	}
	return true;
}

/* A copy that no write fell into. */
static struct err *copy_whole(const char *from, struct private_copy *c)
{
	struct stamp before, after;
	struct err *e = NULL;

	for (int i = 0; i < TRIES; i++) {
		drop_files(c);
		take_stamp(from, &before);
		for (size_t k = 0; k < COPIED && !e; k++)
			e = copy_part(from, c->path, suffixes[k]);
		take_stamp(from, &after);
		if (e || is_same(&before, &after))
			return e;
	}
	return err_new(ERR_BUSY, "%s is being written: stop the other node first", from);
}

/* Where a link leads, there its journals are. */
static struct err *make_copy(const char *db, const char *under, struct private_copy **out)
{
	struct private_copy *c = XNEW(struct private_copy);
	const char *name = strrchr(db, '/');
	struct err *e;

	if (!under)
		under = secure_getenv("TMPDIR");
	if (!under || !*under)
		under = "/tmp";
	c->dir = joined(under, "/weir-copy-XXXXXX");
	if (!mkdtemp(c->dir)) {
		e = err_sys(errno, "a directory in %s", under);
		free(c->dir);
		free(c);
		return e;
	}
	c->path = in_dir(c->dir, name ? name + 1 : db);
	e = copy_whole(db, c);
	if (e)
		private_copy_drop(c);
	else
		*out = c;
	return e;
}

struct err *private_copy_make(const char *db, const char *under, struct private_copy **out)
{
	char *real = realpath(db, NULL);
	struct err *e;

	*out = NULL;
	if (!real)
		return errno == ENOENT ? err_new(ERR_NOT_FOUND, "%s: %s", db, strerror(ENOENT))
				       : err_sys(errno, "%s", db);
	e = make_copy(real, under, out);
	free(real);
	return e;
}

/* --- who has it --- */

/* A lock that another process holds. Opening and closing the file here would
 * take away locks of this process's own; it has none on another node's. */
static pid_t who_locks(const char *db)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;
	struct err *e = file_open(db, &fd, NULL);

	if (e) {
		err_free(e);
		return 0;
	}
	if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		lock.l_pid = 0;
	close(fd);
	/* -1: a lock of an open file description, of nobody in particular. */
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

static bool has_open(const char *pid, const struct stat *db)
{
	struct file_names fds;
	char *dir = in_dir("/proc", pid), *fd_dir = in_dir(dir, "fd");
	struct err *e = file_list(fd_dir, FDS_MAX, &fds);
	bool found = false;

	for (size_t i = 0; i < fds.n && !found; i++) {
		char *path = in_dir(fd_dir, fds.v[i]);
		struct stat st;

		found = stat(path, &st) == 0 && st.st_dev == db->st_dev &&
			st.st_ino == db->st_ino;
		free(path);
	}
	err_free(e);
	file_names_clear(&fds);
	free(dir);
	free(fd_dir);
	return found;
}

static pid_t who_has_open(const char *db)
{
	struct file_names all;
	struct stat st;
	struct err *e = file_list("/proc", FDS_MAX, &all);
	pid_t found = 0;

	if (stat(db, &st) == 0)
		for (size_t i = 0; i < all.n && !found; i++) {
			uint64_t pid;

			if (parse_u64(all.v[i], &pid) && (pid_t)pid != getpid() &&
				has_open(all.v[i], &st))
				found = (pid_t)pid;
		}
	err_free(e);
	file_names_clear(&all);
	return found;
}

pid_t private_copy_holder(const char *db)
{
	pid_t locks = who_locks(db);

	return locks ? locks : who_has_open(db);
}

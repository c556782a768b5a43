#include "src/role/shelf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

#include "src/base/str.h"
#include "src/model/rendition.h"

#define RING 12
#define PREFIX "/stream/"
#define PATH_SIZE 1024

struct file {
	UT_hash_handle hh; /* by path */
	struct blob *blob;
	char *path;
};

struct dir {
	UT_hash_handle hh; /* by path */
	char *path;
	struct file *ring[RING];
	unsigned next;
};

struct shelf {
	struct net *net;
	struct file *files;
	struct dir *dirs;
};

struct shelf *shelf_new(struct net *net)
{
	struct shelf *s = XNEW(struct shelf);

	s->net = net;
	return s;
}

static void drop_file(struct shelf *s, struct file *f)
{
	HASH_DEL(s->files, f);
	blob_put(f->blob);
	free(f->path);
	free(f);
}

static void drop_dir(struct shelf *s, struct dir *d)
{
	HASH_DEL(s->dirs, d);
	free(d->path);
	free(d);
}

void shelf_free(struct shelf *s)
{
	struct file *f, *next_file;
	struct dir *d, *next_dir;

	if (!s)
		return;
	HASH_ITER(hh, s->files, f, next_file)
		drop_file(s, f);
	HASH_ITER(hh, s->dirs, d, next_dir)
		drop_dir(s, d);
	free(s);
}

/* A new file's place in its directory; the oldest there goes. */
static void enter_ring(struct shelf *s, const char *dir, struct file *f)
{
	struct dir *d;

	HASH_FIND_STR(s->dirs, dir, d);
	if (!d) {
		d = XNEW(struct dir);
		d->path = xstrdup(dir);
		HASH_ADD_KEYPTR(hh, s->dirs, d->path, strlen(d->path), d);
	}
	if (d->ring[d->next])
		drop_file(s, d->ring[d->next]);
	d->ring[d->next] = f;
	d->next = (d->next + 1) % RING;
}

struct put {
	struct shelf *shelf;
	struct blob *blob;
	enum shelf_keep keep;
	char *dir, *path;
};

static void on_put(void *ctx)
{
	struct put *p = ctx;
	struct file *f;

	HASH_FIND_STR(p->shelf->files, p->path, f);
	if (f) {
		blob_put(f->blob);
		f->blob = p->blob;
		free(p->path);
	} else {
		f = XNEW(struct file);
		f->path = p->path;
		f->blob = p->blob;
		HASH_ADD_KEYPTR(hh, p->shelf->files, f->path, strlen(f->path),
			f);
		if (p->keep == SHELF_RING)
			enter_ring(p->shelf, p->dir, f);
	}
	free(p->dir);
	free(p);
}

void shelf_put(struct shelf *s, const char *dir, const char *name,
	enum shelf_keep keep, struct blob *taken)
{
	struct put *p = XNEW(struct put);
	struct str path = STR_INIT;

	str_printf(&path, "%s%s%s", dir, *dir ? "/" : "", name);
	p->shelf = s;
	p->blob = taken;
	p->keep = keep;
	p->dir = xstrdup(dir);
	p->path = str_take(&path);
	actor_post(net_actor(s->net), on_put, p);
}

struct drop {
	struct shelf *shelf;
	char *dir;
};

/* "<dir>", "<dir>/..." or "<dir>.m3u8". */
static bool is_under(const char *path, const char *dir, size_t n)
{
	return !strncmp(path, dir, n) &&
		(!path[n] || path[n] == '/' || !strcmp(path + n, ".m3u8"));
}

static void on_drop(void *ctx)
{
	struct drop *p = ctx;
	size_t n = strlen(p->dir);
	struct file *f, *next_file;
	struct dir *d, *next_dir;

	HASH_ITER(hh, p->shelf->files, f, next_file) {
		if (is_under(f->path, p->dir, n))
			drop_file(p->shelf, f);
	}
	HASH_ITER(hh, p->shelf->dirs, d, next_dir) {
		if (is_under(d->path, p->dir, n))
			drop_dir(p->shelf, d);
	}
	free(p->dir);
	free(p);
}

void shelf_drop(struct shelf *s, const char *dir)
{
	struct drop *p = XNEW(struct drop);

	p->shelf = s;
	p->dir = xstrdup(dir);
	actor_post(net_actor(s->net), on_drop, p);
}

struct blob *shelf_find(struct shelf *s, const char *path)
{
	struct file *f;

	ASSERT_ON(net_actor(s->net));
	HASH_FIND_STR(s->files, path, f);
	return f ? f->blob : NULL;
}

static const char *type_of(const char *path)
{
	if (str_has_suffix(path, ".m3u8"))
		return "application/x-mpegURL";
	if (str_has_suffix(path, ".ts"))
		return container_mime(CONTAINER_MPEGTS);
	if (str_has_suffix(path, ".mp4"))
		return container_mime(CONTAINER_MP4);
	return "application/octet-stream";
}

static void on_head(void *ctx, struct exchange *x)
{
	static const char *const extra[] = {
		"Access-Control-Allow-Origin", "*",
		"Access-Control-Expose-Headers", "Content-Length",
		"Cache-Control", "max-age=5", NULL};
	const char *method = exchange_method(x);
	char path[PATH_SIZE];
	struct blob *blob = NULL;

	if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		exchange_error(x, 405, "Method Not Allowed");
		return;
	}
	if (percent_decode(path, sizeof(path),
			exchange_path(x) + strlen(PREFIX)))
		blob = shelf_find(ctx, strcasecmp(path, "current.m3u8")
			? path : "current.m3u8");
	if (!blob) {
		exchange_error(x, 404, "ErrNotFound");
		return;
	}
	exchange_answer(x, 200, type_of(path), blob_ref(blob), extra);
}

const struct handler shelf_handler = {.head = on_head};

#include "src/migrate/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/base/file.h"
#include "src/migrate/tree.h"

#define FILE_MAX (64u << 20)

char *record_directory(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct str s = STR_INIT;

	if (state && *state == '/')
		str_printf(&s, "%s/weir/migration", state);
	else
		str_printf(&s, "%s/.local/state/weir/migration", home && *home ? home : "/root");
	return str_take(&s);
}

struct record {
	char *path;
	int fd; /* -1: it is only looked at */
	struct migration_line *lines;
	size_t n, first; /* since the last "undone" */
	bool undone;
};

static bool is_event(const struct migration_line *l, const char *event)
{
	return !strcmp(view_text(l->event), event);
}

static void take(struct record *r, const struct migration_line *line)
{
	r->lines = xrealloc_array(r->lines, r->n + 1, sizeof(*r->lines));
	r->lines[r->n++] = *line;
	r->undone = is_event(line, "undone");
	if (r->undone)
		r->first = r->n;
}

/* *whole: bytes up to the last line that is one. */
static struct err *read_lines(struct record *r, const char *text, size_t n, size_t *whole)
{
	const char *end;

	*whole = 0;
	while (*whole < n && (end = memchr(text + *whole, '\n', n - *whole))) {
		struct migration_line line = {0};
		size_t len = (size_t)(end - text) - *whole;
		struct err *e = view_decode(migration_line_desc(), text + *whole, len, &line);

		if (!e && (r->n == RECORD_LINES_MAX || !line.event)) {
			view_clear(migration_line_desc(), &line);
			e = err_new(ERR_INVALID, "no event, or too many");
		}
		if (e)
			return err_wrap(e, "%s is no record of a migration: line %zu", r->path,
				r->n + 1);
		take(r, &line);
		*whole += len + 1;
	}
	return NULL;
}

static struct err *load(struct record *r)
{
	struct str text = STR_INIT;
	size_t whole = 0;
	struct err *e = file_read(r->path, FILE_MAX, &text);

	if (!e)
		e = read_lines(r, str_cstr(&text), text.len, &whole);
	/* What follows was being written when the process died. */
	if (!e && r->fd >= 0 && whole < text.len && ftruncate(r->fd, (off_t)whole) != 0)
		e = err_sys(errno, "%s", r->path);
	str_clear(&text);
	return e;
}

struct err *record_look(const char *path, struct record **out)
{
	struct record *r = XNEW(struct record);
	struct err *e;

	*r = (struct record){.path = xstrdup(path), .fd = -1};
	e = load(r);
	if (e)
		record_close(TAKE(r));
	*out = r;
	return e;
}

static struct err *open_file(struct record *r)
{
	const char *slash = strrchr(r->path, '/');
	char *dir = slash ? xstrndup(r->path, (size_t)(slash - r->path)) : xstrdup(".");
	struct err *e = NULL;

	r->fd = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd < 0)
		e = err_sys(errno, "%s", r->path);
	if (!e && flock(r->fd, LOCK_EX | LOCK_NB) != 0)
		e = errno == EWOULDBLOCK ? err_new(ERR_BUSY, "%s: another `weir migrate` is at "
			"it", r->path) : err_sys(errno, "%s", r->path);
	if (!e)
		e = directory_sync(dir);
	free(dir);
	return e;
}

struct err *record_open(const char *path, struct record **out)
{
	struct record *r = XNEW(struct record);
	struct err *e;

	*r = (struct record){.path = xstrdup(path), .fd = -1};
	e = open_file(r);
	if (!e)
		e = load(r);
	if (e)
		record_close(TAKE(r));
	*out = r;
	return e;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		view_clear(migration_line_desc(), &r->lines[i]);
	if (r->fd >= 0)
		close(r->fd);
	free(r->lines);
	free(r->path);
	free(r);
}

const char *record_path(const struct record *r)
{
	return r->path;
}

/* Half of a line at the end of a full disk would make the next one unreadable. */
static struct err *append(struct record *r, const struct str *text)
{
	off_t end = lseek(r->fd, 0, SEEK_END);
	ssize_t n = write(r->fd, text->s, text->len);
	struct err *e;

	if (n == (ssize_t)text->len && fdatasync(r->fd) == 0)
		return NULL;
	e = err_sys(n >= 0 && n < (ssize_t)text->len ? ENOSPC : errno, "%s", r->path);
	if (end >= 0 && ftruncate(r->fd, end) != 0)
		return err_wrap(e, "a line was half written");
	return e;
}

struct err *record_add(struct record *r, const struct migration_line *line)
{
	struct migration_line kept = {0};
	struct str text = STR_INIT;
	struct migration_line now = *line;
	struct err *e;

	now.at_ms = clock_wall_ms();
	view_encode(migration_line_desc(), &now, &text);
	e = view_decode(migration_line_desc(), text.s, text.len, &kept);
	str_addc(&text, '\n');
	if (!e && r->n == RECORD_LINES_MAX)
		e = err_new(ERR_LIMIT, "%s: more than %d lines", r->path, RECORD_LINES_MAX);
	if (!e)
		e = append(r, &text);
	if (!e)
		take(r, &kept);
	else
		view_clear(migration_line_desc(), &kept);
	str_clear(&text);
	return e;
}

size_t record_n(const struct record *r)
{
	return r->n - r->first;
}

const struct migration_line *record_at(const struct record *r, size_t i)
{
	return &r->lines[r->first + i];
}

const struct migration_line *record_last(const struct record *r, const char *event,
	const char *step)
{
	for (size_t i = r->n; i-- > r->first;)
		if (is_event(&r->lines[i], event) &&
			(!step || !strcmp(view_text(r->lines[i].step), step)))
			return &r->lines[i];
	return NULL;
}

const struct migration_line *record_of_step(const struct record *r, const char *step)
{
	for (size_t i = r->n; i-- > r->first;) {
		const struct migration_line *l = &r->lines[i];

		if (!strcmp(view_text(l->step), step) && (is_event(l, "begun") ||
			is_event(l, "done") || is_event(l, "skipped") || is_event(l, "failed")))
			return l;
	}
	return NULL;
}

bool record_is_undone(const struct record *r)
{
	return r->undone;
}

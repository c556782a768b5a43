#include "ui/line_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/str.h"
#include "src/model/options.h"

#define FILE_MAX (256u << 10)
#define LINE_BYTES_MAX 4096

void line_history_clear(struct line_history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->lines[i]);
	h->n = 0;
}

void line_history_add(struct line_history *h, const char *line)
{
	if (!*line || (h->n && !strcmp(h->lines[h->n - 1], line)))
		return;
	if (h->n == LINE_HISTORY_MAX) {
		free(h->lines[0]);
		memmove(h->lines, h->lines + 1, (LINE_HISTORY_MAX - 1) * sizeof(*h->lines));
		h->n--;
	}
	h->lines[h->n++] = xstrdup(line);
}

const char *line_history_back(const struct line_history *h, size_t back)
{
	return back && back <= h->n ? h->lines[h->n - back] : NULL;
}

size_t line_history_seek(const struct line_history *h, size_t back, const char *text)
{
	while (++back <= h->n) {
		if (strstr(h->lines[h->n - back], text))
			return back;
	}
	return 0;
}

/* --- what is kept --- */

static bool names_secret(const char *word, size_t n)
{
	char name[64];
	const struct option *o;

	while (n && (*word == '-' || *word == '"')) {
		word++;
		n--;
	}
	if (!n || n >= sizeof(name))
		return false;
	memcpy(name, word, n);
	name[n] = '\0';
	o = option_find(name);
	/* A provider's key is often a part of its URL. */
	return (o && o->type == OPTION_SECRET) || !strcasecmp(name, "ethUrl");
}

bool line_history_may_keep(const char *line)
{
	static const char *const parts[] = {"secret", "passw", "passphrase", "token", "apikey"};
	const char *url = strstr(line, "://");

	if (*line == ' ' || strlen(line) > LINE_BYTES_MAX || !utf8_valid(line, strlen(line)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcasestr(line, parts[i]))
			return false;
	}
	for (const char *w = line; *w;) {
		size_t n = strcspn(w, " =");

		if (names_secret(w, n))
			return false;
		w += n + (w[n] != '\0');
	}
	for (const char *p = line; *p; p++) {
		if ((unsigned char)*p < 0x20)
			return false;
	}
	return !url || !strchr(url, '@');
}

/* --- the file --- */

char *line_history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct str s = STR_INIT;

	if (state && *state == '/')
		str_printf(&s, "%s/weir/history", state);
	else if (home && *home == '/')
		str_printf(&s, "%s/.local/state/weir/history", home);
	return s.len ? str_take(&s) : NULL;
}

/* Locked, until it is closed; regular, and nobody else's. -1 sets errno. */
static int open_locked(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	/* Who finds it taken goes on without: it is only a convenience. */
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static bool read_whole(int fd, struct str *out)
{
	char bytes[4096];
	ssize_t n;

	while (out->len < FILE_MAX && (n = read(fd, bytes, sizeof(bytes))) > 0)
		str_addn(out, bytes, (size_t)n);
	return out->len < FILE_MAX;
}

void line_history_take(struct line_history *h, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (line_history_may_keep(line))
			line_history_add(h, line);
	}
}

static struct err *write_back(int fd, const struct line_history *h, const char *path)
{
	struct str s = STR_INIT;
	struct err *e = NULL;

	for (size_t i = 0; i < h->n; i++)
		str_printf(&s, "%s\n", h->lines[i]);
	if (ftruncate(fd, 0) || pwrite(fd, str_cstr(&s), s.len, 0) != (ssize_t)s.len)
		e = err_sys(errno, "%s", path);
	str_clear(&s);
	return e;
}

struct err *line_history_load(struct line_history *h, const char *path)
{
	int fd = open_locked(path, O_RDWR);
	struct str text = STR_INIT;
	size_t lines = 0;
	struct err *e = NULL;
	bool whole;

	if (fd < 0)
		return errno == ENOENT || errno == EWOULDBLOCK ? NULL : err_sys(errno, "%s", path);
	whole = read_whole(fd, &text);
	for (size_t i = 0; i < text.len; i++)
		lines += text.s[i] == '\n';
	if (text.len)
		line_history_take(h, text.s);
	if (!whole || lines > 2 * LINE_HISTORY_MAX)
		e = write_back(fd, h, path);
	close(fd);
	str_clear(&text);
	return e;
}

/* The folders above the file, as far as they are missing. */
static void make_folders(const char *path)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(copy, 0700); /* what fails is said by open() */
		*p = '/';
	}
	free(copy);
}

struct err *line_history_append(const char *path, const char *line)
{
	struct str s = STR_INIT;
	struct err *e = NULL;
	int fd;

	if (!line_history_may_keep(line))
		return NULL;
	make_folders(path);
	fd = open_locked(path, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return errno == EWOULDBLOCK ? NULL : err_sys(errno, "%s", path);
	str_printf(&s, "%s\n", line);
	if (fchmod(fd, 0600) || write(fd, s.s, s.len) != (ssize_t)s.len)
		e = err_sys(errno, "%s", path);
	close(fd);
	str_clear(&s);
	return e;
}

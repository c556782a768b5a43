#include "ui/nodes.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "ui/dial.h"

#define ANSWER_MS 3000
#define FILE_MAX 65536
#define SOCKET_NAME "weir.sock"

const char *node_state_name(enum node_state s)
{
	static const char *const names[] = {"asked", "alive", "stale", "missing",
		"foreign", "odd", "silent"};

	return names[s];
}

/* --- where they are --- */

static void add(struct nodes *nodes, const char *name, size_t name_n, const char *path)
{
	struct node_row *r;

	if (nodes->n == NODES_POLLED || !name_n)
		return;
	for (size_t i = 0; i < nodes->n; i++)
		if (!strcmp(nodes->v[i].path, path))
			return;
	nodes->v = xrealloc_array(nodes->v, nodes->n + 1, sizeof(*nodes->v));
	r = &nodes->v[nodes->n++];
	*r = (struct node_row){.name = xstrndup(name, name_n), .path = xstrdup(path),
		.fd = -1};
}

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* The entries of a directory: `*.sock`, or the data directories in it. */
static void add_all(struct nodes *nodes, const char *dir, bool sockets)
{
	DIR *d = opendir(dir);
	struct str path = STR_INIT;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (*e->d_name == '.' || (sockets && !str_has_suffix(e->d_name, ".sock")))
			continue;
		str_truncate(&path, 0);
		str_printf(&path, "%s/%s%s", dir, e->d_name,
			sockets ? "" : "/" SOCKET_NAME);
		if (is_socket(path.s))
			add(nodes, e->d_name, sockets ? n - strlen(".sock") : n, path.s);
	}
	if (d)
		closedir(d);
	str_clear(&path);
}

/* "/var/lib/weir" is called weir. */
static void add_datadir(struct nodes *nodes, const char *dir)
{
	struct str path = STR_INIT;
	size_t end = strlen(dir), at;

	while (end > 1 && dir[end - 1] == '/')
		end--;
	for (at = end; at > 0 && dir[at - 1] != '/'; at--)
		;
	str_printf(&path, "%.*s/" SOCKET_NAME, (int)end, dir);
	if (is_socket(path.s))
		add(nodes, dir + at, end - at, path.s);
	str_clear(&path);
}

/* "name path" in a line; the path may be a data directory's. */
static struct err *add_line(struct nodes *nodes, const char *file, int number, char *line)
{
	size_t name = strcspn(line, " \t");
	char *path = line + name + strspn(line + name, " \t");
	struct str full = STR_INIT;
	struct stat st;

	if (!name || *line == '#')
		return NULL;
	if (*path == '~' && path[1] == '/')
		str_printf(&full, "%s%s", getenv("HOME") ? getenv("HOME") : "", path + 1);
	else
		str_add(&full, path);
	if (*str_cstr(&full) != '/') {
		str_clear(&full);
		return err_new(ERR_INVALID, "%s: line %d: not \"name /path/to/weir.sock\"",
			file, number);
	}
	if (stat(full.s, &st) == 0 && S_ISDIR(st.st_mode))
		str_add(&full, "/" SOCKET_NAME);
	add(nodes, line, name, full.s);
	str_clear(&full);
	return NULL;
}

struct err *nodes_take(struct nodes *nodes, const char *file, char *text)
{
	struct err *e = NULL;
	int number = 0;
	char *line;

	while (!e && (line = strsep(&text, "\n")))
		e = add_line(nodes, file, ++number, line);
	return e;
}

static struct err *add_file(struct nodes *nodes, const char *file)
{
	FILE *f = fopen(file, "re");
	struct err *e = NULL;
	char *text;

	if (!f)
		return errno == ENOENT ? NULL : err_sys(errno, "%s", file);
	text = xcalloc(1, FILE_MAX + 1);
	if (fread(text, 1, FILE_MAX + 1, f) > FILE_MAX)
		e = err_new(ERR_LIMIT, "%s: larger than %d bytes", file, FILE_MAX);
	text[FILE_MAX] = '\0';
	fclose(f);
	if (!e)
		e = nodes_take(nodes, file, text);
	free(text);
	return e;
}

static int by_name(const void *a, const void *b)
{
	const struct node_row *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->path, y->path);
}

/* $variable/tail, or $HOME/fallback/tail; "" when neither is there. */
static char *place(const char *variable, const char *fallback, const char *tail)
{
	const char *base = variable ? getenv(variable) : NULL, *home = getenv("HOME");
	struct str s = STR_INIT;

	if (base && *base == '/')
		str_printf(&s, "%s%s", base, tail);
	else if (fallback && home)
		str_printf(&s, "%s%s%s", home, fallback, tail);
	return str_take(&s);
}

/* --- what they say --- */

static void settle(struct node_row *r, enum node_state state, const char *why)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	ctl_reader_free(r->reader);
	r->reader = NULL;
	r->state = state;
	view_set(&r->why, why);
}

/* Its greeting and its first view are all that is wanted of it. */
static void ask(struct node_row *r, int64_t now)
{
	struct ctl_subscribe s = {.sections = 1u << SECTION_NODE};
	struct err *e = dial(r->path, &r->fd);
	struct str out = STR_INIT;

	if (e) {
		settle(r, err_kind(e) == ERR_DENIED ? NODE_FOREIGN
			: is_socket(r->path) ? NODE_STALE : NODE_MISSING, err_text(e));
		err_free(e);
		return;
	}
	r->deadline = now + ANSWER_MS;
	r->reader = ctl_reader_new(CTL_MAX_FROM_NODE);
	ctl_write_hello(&out, getpid());
	ctl_write_subscribe(&out, &s);
	if (send(r->fd, out.s, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)out.len)
		settle(r, NODE_SILENT, "it takes no question");
	str_clear(&out);
}

static struct err *take_node(struct node_row *r, const struct ctl_frame *f)
{
	struct view_node node = {0};
	struct str roles = STR_INIT;
	struct ctl_view v;
	struct err *e = ctl_view_decode(f, &v);

	if (!e && v.section != SECTION_NODE)
		return NULL;
	if (!e)
		e = view_decode(section_desc(SECTION_NODE), v.json, v.n, &node);
	if (e)
		return e;
	for (size_t i = 0; i < node.roles.n; i++)
		if (strcmp(view_text(node.roles.v[i].state), "stopped") != 0)
			str_printf(&roles, "%s%s", roles.len ? "," : "",
				view_text(node.roles.v[i].name));
	view_set(&r->version, node.version);
	view_set(&r->network, node.network);
	view_set(&r->roles, str_cstr(&roles));
	r->sessions = node.sessions;
	r->alarms = (int64_t)node.alarms.n;
	str_clear(&roles);
	view_clear(section_desc(SECTION_NODE), &node);
	settle(r, NODE_ALIVE, NULL);
	return NULL;
}

static struct err *take_frame(struct node_row *r, const struct ctl_frame *f)
{
	struct ctl_hello h;
	struct err *e;
	char *reason;

	if (f->type == CTL_VIEW)
		return take_node(r, f);
	if (f->type == CTL_BYE) {
		e = ctl_bye_decode(f, &reason);
		if (e)
			return e;
		e = err_new(ERR_UNAVAILABLE, "%s", reason);
		free(reason);
		return e;
	}
	if (f->type != CTL_HELLO)
		return NULL;
	e = ctl_hello_decode(f, &h);
	if (!e && h.protocol != CTL_PROTOCOL)
		e = err_new(ERR_PROTOCOL, "it is weir %s and speaks protocol %lld, this "
			"weir %d", h.version, (long long)h.protocol, CTL_PROTOCOL);
	ctl_hello_clear(&h);
	return e;
}

static bool step(struct node_row *r, int64_t now)
{
	char buf[16384];
	struct ctl_frame f;
	struct err *e = NULL;
	bool got = true;
	ssize_t n = recv(r->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (now >= r->deadline)
			settle(r, NODE_SILENT, "it does not answer");
		return r->fd < 0;
	}
	if (n <= 0) {
		settle(r, NODE_STALE, "it hung up");
		return true;
	}
	ctl_reader_feed(r->reader, buf, (size_t)n);
	while (!e && got && r->reader) {
		e = ctl_reader_next(r->reader, &f, &got);
		if (!e && got)
			e = take_frame(r, &f);
	}
	if (e) {
		settle(r, NODE_ODD, err_text(e));
		err_free(e);
	}
	return r->fd < 0;
}

struct err *nodes_find(struct nodes *nodes, const char *datadir, int64_t now)
{
	char *runtime = place("XDG_RUNTIME_DIR", NULL, "/weir");
	char *home = place(NULL, "/.lpData", "");
	char *file = place("XDG_CONFIG_HOME", "/.config", "/weir/nodes");
	struct err *e;

	*nodes = (struct nodes){0};
	e = add_file(nodes, file);
	if (datadir)
		add_datadir(nodes, datadir);
	add_all(nodes, home, false);
	add_all(nodes, runtime, true);
	if (nodes->n)
		qsort(nodes->v, nodes->n, sizeof(*nodes->v), by_name);
	for (size_t i = 0; i < nodes->n; i++)
		ask(&nodes->v[i], now);
	free(runtime);
	free(home);
	free(file);
	return e;
}

void nodes_clear(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++) {
		struct node_row *r = &nodes->v[i];

		settle(r, r->state, NULL);
		free(r->name);
		free(r->path);
		free(r->version);
		free(r->network);
		free(r->roles);
	}
	free(nodes->v);
	*nodes = (struct nodes){0};
}

size_t nodes_poll(const struct nodes *nodes, struct pollfd *p, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < nodes->n && n < max; i++)
		if (nodes->v[i].fd >= 0)
			p[n++] = (struct pollfd){nodes->v[i].fd, POLLIN, 0};
	return n;
}

bool nodes_step(struct nodes *nodes, int64_t now)
{
	bool changed = false;

	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->v[i].fd >= 0 && step(&nodes->v[i], now))
			changed = true;
	return changed;
}

int64_t nodes_deadline(const struct nodes *nodes)
{
	int64_t first = -1;

	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->v[i].fd >= 0 && (first < 0 || nodes->v[i].deadline < first))
			first = nodes->v[i].deadline;
	return first;
}

struct err *nodes_resolve(const struct nodes *nodes, const char *word, char **path)
{
	struct str s = STR_INIT;
	const struct node_row *found = NULL;
	struct stat st;

	*path = NULL;
	if (strchr(word, '/')) {
		str_add(&s, word);
		if (stat(word, &st) == 0 && S_ISDIR(st.st_mode))
			str_add(&s, "/" SOCKET_NAME);
		*path = str_take(&s);
		return NULL;
	}
	for (size_t i = 0; i < nodes->n; i++) {
		const struct node_row *r = &nodes->v[i];

		str_printf(&s, " %s", r->name);
		if (!strcmp(r->name, word) && (!found || r->state == NODE_ALIVE ||
				r->state == NODE_ASKED))
			found = r;
	}
	if (found)
		*path = xstrdup(found->path);
	else
		str_printf(&s, "%s", nodes->n ? "" : " none");
	if (!found) {
		struct err *e = err_new(ERR_NOT_FOUND, "no node is called \"%s\"; there "
			"are:%s", word, s.s);

		str_clear(&s);
		return e;
	}
	str_clear(&s);
	return NULL;
}

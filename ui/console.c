#include "ui/console.h"

#include "src/base/clock.h"
#include "ui/desk.h"
#include "ui/link.h"
#include "ui/nodes.h"
#include "ui/save.h"
#include "ui/say.h"
#include "ui/script.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define PAINT_MS 250 /* between two paints for data */
#define NEVER INT64_MAX

struct console {
	struct mirror mirror;
	char *history; /* the file of the ':' lines; NULL: there is no home */
	char *socket, *datadir; /* the node's; the one it was started for */
	struct nodes nodes;	/* that the desk offers */
	struct link *link;
	struct desk *desk;
	struct term *term; /* NULL: a script without a terminal */
	struct canvas canvas;
	struct script script;
	int64_t script_deadline;
	int signals;
	bool leaving;
	bool bell;
	const char *farewell; /* said once the terminal is back */
	int status;
	char *roles;		/* to be looked for in the node; NULL: were, or none */
	bool settling;		/* views wait to be decoded */
	bool key_dirty;		/* paint now */
	bool data_dirty;	/* paint when PAINT_MS have passed */
	bool unshown;		/* a paint of which a part is still to be sent */
	int64_t painted_ms;	/* for data */
};

/* --- what the desk wishes --- */

/* path "": a name of our own, by the clock. */
static struct err *save_screen(const struct canvas *c, const char *path, bool replace)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct str screen = STR_INIT;
	struct err *e;
	char name[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(name, sizeof(name), "weir-screen-%Y%m%d-%H%M%S.txt", &tm);
	canvas_dump(c, &screen);
	e = save_file(*path ? path : name, screen.s, screen.len, replace);
	str_clear(&screen);
	return e;
}

static void end_offer(struct console *k)
{
	desk_offer(k->desk, NULL, NULL);
	nodes_clear(&k->nodes);
}

static void offer_nodes(struct console *k)
{
	struct err *e;

	end_offer(k);
	e = nodes_find(&k->nodes, k->datadir, clock_mono_ms());
	if (e)
		desk_say(k->desk, STYLE_FAIL, "%s", err_text(e));
	err_free(e);
	desk_offer(k->desk, &k->nodes, k->socket);
}

/* The lines of all consoles, of whatever node. What goes wrong is said once. */
static void load_history(struct console *k)
{
	struct line_history h = {.n = 0};
	struct err *e = k->history ? line_history_load(&h, k->history) : NULL;

	desk_remember(k->desk, &h);
	line_history_clear(&h);
	if (e)
		desk_say(k->desk, STYLE_WARN, "no history of commands: %s", err_text(e));
	err_free(e);
}

static void keep_line(struct console *k, const char *line)
{
	struct err *e = k->history ? line_history_append(k->history, line) : NULL;

	/* Not to be said at every line. */
	if (e)
		view_set(&k->history, NULL);
	err_free(e);
}

/* Everything that was known is of the old one. */
static void go_to_node(struct console *k, const char *socket)
{
	bool readonly = k->mirror.readonly;
	char *label = NULL;
	struct err *e;

	for (size_t i = 0; i < k->nodes.n; i++)
		if (!strcmp(k->nodes.v[i].path, socket))
			view_set(&label, k->nodes.v[i].name);
	end_offer(k);
	free(k->socket);
	k->socket = xstrdup(socket);
	link_free(k->link);
	desk_free(k->desk);
	mirror_clear(&k->mirror);
	mirror_init(&k->mirror);
	k->mirror.readonly = readonly;
	k->mirror.label = label;
	k->desk = desk_new(&k->mirror);
	load_history(k);
	k->link = link_new(socket, &k->mirror);
	e = link_connect(k->link, clock_mono_ms());
	if (e)
		desk_say(k->desk, STYLE_FAIL, "%s", err_text(e));
	err_free(e);
}

static void save(struct console *k, const struct wish *w)
{
	struct err *e = w->data ? save_file(w->text, w->data, strlen(w->data), w->replace)
				: save_screen(&k->canvas, w->text, w->replace);

	desk_say(k->desk, e ? STYLE_FAIL : STYLE_OK, "%s%s", e ? err_text(e)
		: w->data ? "written: " : "screen written", e || !w->data ? "" : w->text);
	err_free(e);
}

static void set_mouse(struct console *k, const char *how)
{
	bool on = *how ? !strcmp(how, "on") : k->term && !term_mouse_is_on(k->term);

	if (!k->term || !term_mouse(k->term, on))
		desk_say(k->desk, STYLE_WARN, "this terminal has no mouse");
	else
		desk_say(k->desk, STYLE_OK, on ? "mouse on: click rooms, rows and titles; "
			"with Shift the terminal selects text" : "mouse off");
}

static void grant(struct console *k, struct wish *w)
{
	switch (w->kind) {
	case WISH_NONE:
		break;
	case WISH_DETACH:
		k->leaving = true;
		k->farewell = "detached; the node stays at work, "
			      "\"weir attach\" comes back to it";
		break;
	case WISH_SUSPEND:
		if (k->term)
			term_suspend(k->term);
		break;
	case WISH_REPAINT:
		if (k->term)
			term_forget(k->term);
		break;
	case WISH_COMMAND:
		k->mirror.frozen = false;
		if (!link_send(k->link, &w->command, w->text))
			desk_say(k->desk, STYLE_FAIL, "%s: no node to ask",
				w->text);
		break;
	case WISH_SECRET:
		if (!link_send_secret(k->link, (uint64_t)w->number, w->text))
			desk_say(k->desk, STYLE_FAIL, "no node to tell it to");
		break;
	case WISH_COPY:
		if (k->term && term_copy(k->term, w->text))
			desk_say(k->desk, STYLE_OK, "copied %s", w->note);
		else
			desk_say(k->desk, STYLE_WARN, "this terminal has no clipboard; "
				"w and W write files: %s", w->note);
		break;
	case WISH_NODES:
		offer_nodes(k);
		break;
	case WISH_SWITCH:
		go_to_node(k, w->text);
		break;
	case WISH_STAY:
		end_offer(k);
		break;
	case WISH_MOUSE:
		set_mouse(k, w->text);
		break;
	case WISH_SAVE:
		save(k, w);
		break;
	}
}

static void press(struct console *k, int key)
{
	struct wish w = desk_key(k->desk, key);

	if (w.line)
		keep_line(k, w.line);
	for (struct wish *one = &w; one; one = one->next)
		grant(k, one);
	wish_clear(&w);
	k->key_dirty = true;
}

/* --- painting --- */

static void fit_canvas(struct console *k)
{
	int w, h;

	if (!k->term)
		return;
	term_size(k->term, &w, &h);
	if (w != k->canvas.w || h != k->canvas.h)
		canvas_resize(&k->canvas, w, h);
}

static void show(struct console *k)
{
	int x, y;

	desk_cursor(k->desk, &x, &y);
	k->unshown = k->term && !term_flush(k->term, &k->canvas, x, y);
}

static void paint(struct console *k)
{
	fit_canvas(k);
	desk_draw(k->desk, &k->canvas);
	show(k);
	k->key_dirty = false;
}

/* One waiting view a turn, so that keys come in between. */
static void settle(struct console *k)
{
	struct err *e = mirror_settle(&k->mirror, &k->settling);

	if (e)
		desk_say(k->desk, STYLE_FAIL, "%s", err_text(e));
	err_free(e);
}

static bool has_role(const struct mirror *m, const char *name)
{
	for (size_t i = 0; i < m->node.roles.n; i++)
		if (!strcmp(view_text(m->node.roles.v[i].name), name))
			return strcmp(view_text(m->node.roles.v[i].state), "stopped") != 0;
	return false;
}

/* Flags are not for a node that runs: whoever gave some is not to wait in vain. */
static void look_for_roles(struct console *k)
{
	char *rest = k->roles, *role;

	if (!k->roles || !k->mirror.published[SECTION_NODE])
		return;
	while ((role = strsep(&rest, ", ")))
		if (*role && !has_role(&k->mirror, role))
			desk_say(k->desk, STYLE_WARN, "a node runs here already, without "
				"%s: `:start_role %s`, or another -datadir", role, role);
	free(TAKE(k->roles));
}

/* A key is answered as soon as the line takes something; data waits until the
 * line is free, so that the more a paint costs the fewer there are. */
static void paint_if_due(struct console *k)
{
	bool room = !k->term || term_has_room(k->term);

	if (k->key_dirty && room)
		paint(k);
	else if (k->unshown && room)
		show(k);
	if (!k->data_dirty || k->unshown || (k->term && !term_is_idle(k->term)) ||
		clock_mono_ms() - k->painted_ms < PAINT_MS)
		return;
	settle(k);
	if (k->settling)
		return;
	look_for_roles(k);
	paint(k);
	/* A key's paint shows none of what waits to be settled. */
	k->data_dirty = false;
	k->painted_ms = clock_mono_ms();
	if (mirror_rings(&k->mirror) && k->bell && k->term)
		term_bell(k->term);
}

/* --- what arrives --- */

static void on_signals(struct console *k)
{
	struct signalfd_siginfo s;

	while (read(k->signals, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGWINCH) {
			if (k->term)
				term_resized(k->term);
			k->key_dirty = true;
			continue;
		}
		k->leaving = true;
		/* After a hangup nobody is there to be told anything. */
		k->farewell = s.ssi_signo == SIGHUP ? NULL
			: "the console ends; the node stays at work";
	}
}

static void on_terminal(struct console *k)
{
	int key;

	if (!term_step(k->term)) {
		k->leaving = true;
		k->farewell = NULL;
		return;
	}
	for (key = term_key(k->term); key != K_NONE && !k->leaving; key = term_key(k->term))
		press(k, key);
}

static void on_link(struct console *k, short revents)
{
	struct str message = STR_INIT;

	if (link_step(k->link, revents, clock_mono_ms(), &message))
		k->data_dirty = true;
	if (message.len) {
		desk_say(k->desk, STYLE_VALUE, "%s", message.s);
		k->key_dirty = true;
	}
	str_clear(&message);
}

/* --- the script --- */

/* Plays up to the next wait. */
static void play(struct console *k)
{
	for (;;) {
		const struct script_step *s = script_step(&k->script);
		struct err *e = NULL;

		switch (s->op) {
		case SCRIPT_END:
			if (!k->term)
				k->leaving = true;
			return;
		case SCRIPT_KEY:
			press(k, s->key);
			paint(k);
			if (k->leaving)
				return;
			break;
		case SCRIPT_SIZE:
			if (!k->term)
				canvas_resize(&k->canvas, s->w, s->h);
			paint(k);
			break;
		case SCRIPT_SAVE:
			paint(k);
			e = save_screen(&k->canvas, s->text, true);
			break;
		case SCRIPT_WAIT:
			if (script_shows(&k->canvas, s->text))
				break;
			if (k->script_deadline == NEVER)
				k->script_deadline =
					clock_mono_ms() + SCRIPT_WAIT_MS;
			if (clock_mono_ms() < k->script_deadline)
				return;
			e = err_new(ERR_TIMEOUT, "never on the screen: %s",
				s->text);
			break;
		}
		k->script_deadline = NEVER;
		k->script.at++;
		if (e) {
			fprintf(stderr, "weir: script: %s\r\n", err_text(e));
			err_free(e);
			k->status = 1;
			k->leaving = true;
			return;
		}
	}
}

/* --- the loop --- */

static int min_timeout(int a, int64_t b)
{
	b = b < 0 ? 0 : b > INT32_MAX ? INT32_MAX : b;
	return a < 0 || b < a ? (int)b : a;
}

/* Milliseconds to sleep; -1, for ever, is the usual state of a quiet node. */
static int timeout(const struct console *k)
{
	int64_t now = clock_mono_ms();
	int t = link_timeout(k->link, now);

	if ((k->key_dirty || k->unshown) &&
		(!k->term || term_has_room(k->term)))
		return 0;
	if (k->data_dirty && !k->unshown && (!k->term || term_is_idle(k->term)))
		t = min_timeout(t, k->painted_ms + PAINT_MS - now);
	if (k->term && term_timeout(k->term) >= 0)
		t = min_timeout(t, term_timeout(k->term));
	if (nodes_deadline(&k->nodes) >= 0)
		t = min_timeout(t, nodes_deadline(&k->nodes) - now);
	if (k->script_deadline != NEVER)
		t = min_timeout(t, k->script_deadline - now);
	return t;
}

static void turn(struct console *k)
{
	struct pollfd p[3 + NODES_POLLED] = {
		{k->signals, POLLIN, 0},
		{link_fd(k->link), link_events(k->link), 0},
		{k->term ? term_fd(k->term) : -1,
			k->term ? term_events(k->term) : 0, 0},
	};

	size_t n = 3 + nodes_poll(&k->nodes, p + 3, NODES_POLLED);

	if (poll(p, n, timeout(k)) < 0)
		return;
	if (p[0].revents)
		on_signals(k);
	if (p[2].revents & (POLLHUP | POLLERR | POLLNVAL))
		k->leaving = true;
	else if (k->term)
		on_terminal(k);
	if (k->leaving)
		return;
	if (p[1].revents || link_fd(k->link) < 0)
		on_link(k, p[1].revents);
	if (nodes_step(&k->nodes, clock_mono_ms()))
		k->key_dirty = true;
	paint_if_due(k);
	play(k);
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static struct err *start(struct console *k, const struct console_options *o)
{
	struct err *e = NULL;

	if (o->script)
		e = script_load(&k->script, o->script);
	if (e)
		return e;
	k->link = link_new(o->socket, &k->mirror);
	e = link_connect(k->link, clock_mono_ms());
	if (e)
		return e;
	k->signals = block_signals();
	k->desk = desk_new(&k->mirror);
	/* A script's keys are nobody's habits. */
	k->history = o->script ? NULL : line_history_path();
	load_history(k);
	if (o->script && !isatty(STDOUT_FILENO)) {
		canvas_init(&k->canvas, 80, 24,
			o->ascii ? GLYPHS_ASCII : GLYPHS_UNICODE);
		return NULL;
	}
	e = term_open(&k->term, o->color, o->ascii);
	if (!e)
		canvas_init(&k->canvas, 1, 1, term_glyphs(k->term));
	return e;
}

static void stop(struct console *k)
{
	if (!k->term && k->farewell)
		puts(k->farewell);
	term_close(k->term, k->farewell);
	desk_free(k->desk);
	nodes_clear(&k->nodes);
	free(k->history);
	free(k->socket);
	free(k->datadir);
	free(k->roles);
	link_free(k->link);
	script_clear(&k->script);
	canvas_clear(&k->canvas);
	mirror_clear(&k->mirror);
	if (k->signals >= 0)
		close(k->signals);
}

int console_main(const struct console_options *o)
{
	struct console k = {.signals = -1, .script_deadline = NEVER, .bell = o->bell};
	struct err *e;

	mirror_init(&k.mirror);
	k.socket = xstrdup(o->socket);
	k.datadir = o->datadir ? xstrdup(o->datadir) : NULL;
	k.roles = o->roles && *o->roles ? xstrdup(o->roles) : NULL;
	k.mirror.readonly = o->readonly;
	k.mirror.label = o->label ? xstrdup(o->label) : NULL;
	e = start(&k, o);
	if (!e) {
		paint(&k);
		play(&k);
	}
	while (!e && !k.leaving)
		turn(&k);
	stop(&k);
	if (e)
		return say_error(e, 2);
	return k.status;
}

#include "src/node/migrator.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/spawn.h"
#include "src/base/str.h"
#include "src/migrate/alpha_dir.h"
#include "src/migrate/record_report.h"
#include "src/node/passphrase.h"

#define LOOK_MS 50	/* between looks at what it says */
#define SAID_MAX 200	/* lines that are kept */
#define LINE_MAX (4u << 20)
#define ANSWER_MAX 4096 /* bytes: fits into a pipe that nobody has read from yet */

extern char **environ;

struct migrator {
	struct actor *actor;
	struct log *log;
	struct board *board;
	char *exe, *records, *home;

	struct timer *look; /* from here on: on the actor */
	pid_t pid;	    /* 0: none runs */
	int in, out;	    /* the wizard's; -1: closed */
	struct str line;    /* of which the end is still to come */
	struct view_wizard view;
	int64_t said; /* lines, ever */
	bool dirty;
};

/* --- what is published --- */

static void publish(struct migrator *m)
{
	struct str json = STR_INIT;

	view_encode(view_wizard_desc(), &m->view, &json);
	board_publish(m->board, SECTION_WIZARD, blob_from_str(&json));
	m->dirty = false;
}

static void take_record(void *ctx, struct migration_row *row, int64_t at_ms)
{
	struct view_wizard *v = ctx;
	struct record_row *r;

	if (!at_ms)
		return;
	r = VIEW_ADD(&v->records);
	r->at_ms = at_ms;
	view_set(&r->id, row->id);
	view_set(&r->state, row->state);
	view_set(&r->from, row->from);
	view_set(&r->to, row->to);
}

static int newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct record_row *)a)->at_ms;
	int64_t y = ((const struct record_row *)b)->at_ms;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void look_for_records(struct migrator *m)
{
	struct view_wizard *v = &m->view;
	struct view_wizard old = {.records = {v->records.v, v->records.n}};
	struct err *e;

	v->records.v = NULL;
	v->records.n = 0;
	view_clear(view_wizard_desc(), &old);
	e = record_each(m->records, take_record, v);
	if (e)
		log_unusual(m->log, "%s", err_text(e));
	err_free(e);
	if (v->records.n)
		qsort(v->records.v, v->records.n, sizeof(*v->records.v), newest_first);
	m->dirty = true;
}

/* Where there may be something: nothing is opened for this. */
static void look_for_places(struct migrator *m)
{
	static const char *const signs[] = {"lp.sqlite3", "keystore"};
	struct alpha_candidates c;
	struct str names = STR_INIT, path = STR_INIT;

	alpha_candidates_find(m->home, NULL, &c);
	for (size_t i = 0; i < c.n; i++) {
		bool any = false;

		for (size_t k = 0; k < ARRAY_SIZE(signs); k++) {
			str_truncate(&path, 0);
			str_printf(&path, "%s/%s", c.v[i], signs[k]);
			any |= access(path.s, F_OK) == 0;
		}
		if (any)
			str_printf(&names, "%s%s", names.len ? "|" : "", c.v[i]);
	}
	alpha_candidates_clear(&c);
	view_set(&m->view.places, str_cstr(&names));
	str_clear(&names);
	str_clear(&path);
}

/* --- what the wizard says --- */

static void forget_question(struct view_wizard *v)
{
	char **const texts[] = {&v->kind, &v->name, &v->ask, &v->about, &v->otherwise, &v->word};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		view_set(texts[i], NULL);
}

static void add_said(struct migrator *m, const char *text)
{
	struct view_wizard *v = &m->view;
	struct said_row *row;

	if (v->said.n == SAID_MAX) {
		view_set(&v->said.v[0].text, NULL);
		v->said.n--;
		memmove(v->said.v, v->said.v + 1, v->said.n * sizeof(*v->said.v));
	}
	row = VIEW_ADD(&v->said);
	row->number = ++m->said;
	view_set(&row->text, text);
	view_set(&v->now, text);
}

static void take_report(struct view_wizard *v, struct migration_event *event)
{
	struct view_wizard old = {.report = {v->report.v, v->report.n}};

	v->report.v = event->report.v;
	v->report.n = event->report.n;
	event->report.v = NULL;
	event->report.n = 0;
	view_clear(view_wizard_desc(), &old);
}

static void take_question(struct view_wizard *v, const struct migration_event *event)
{
	v->question++;
	view_set(&v->state, "asks");
	view_set(&v->kind, event->kind);
	view_set(&v->name, event->name);
	view_set(&v->ask, event->text);
	view_set(&v->about, event->about);
	view_set(&v->otherwise, event->otherwise);
	view_set(&v->word, event->word);
}

static void on_line(struct migrator *m)
{
	struct migration_event event = {.event = NULL};
	struct err *e = view_decode(migration_event_desc(), m->line.s, m->line.len, &event);
	const char *what = view_text(event.event);

	if (e)
		log_unusual(m->log, "the wizard: %s", err_text(e));
	else if (!strcmp(what, "say"))
		add_said(m, view_text(event.text));
	else if (!strcmp(what, "report"))
		take_report(&m->view, &event);
	else if (!strcmp(what, "ask"))
		take_question(&m->view, &event);
	m->dirty = true;
	err_free(e);
	view_clear(migration_event_desc(), &event);
	str_truncate(&m->line, 0);
}

static void listen_to(struct migrator *m)
{
	char buf[4096];
	ssize_t n;

	while (m->out >= 0 && (n = read(m->out, buf, sizeof(buf))) > 0) {
		const char *at = buf, *end = buf + n;

		while (at < end) {
			const char *stop = memchr(at, '\n', (size_t)(end - at));
			size_t len = (size_t)((stop ? stop : end) - at);

			if (m->line.len + len <= LINE_MAX)
				str_addn(&m->line, at, len);
			if (stop && m->line.len)
				on_line(m);
			at += len + (stop != NULL);
		}
	}
}

static void finish(struct migrator *m, int status)
{
	close(m->in);
	close(m->out);
	m->in = m->out = -1;
	m->pid = 0;
	str_truncate(&m->line, 0);
	timer_stop(m->look);
	forget_question(&m->view);
	view_set(&m->view.state, "ended");
	if (WIFSIGNALED(status))
		add_said(m, "the wizard was ended; what it has done is in its record");
	log_info(m->log, "the migration to %s: %s", view_text(m->view.to), m->view.report.n
		? view_text(m->view.report.v[0].state) : "ended");
	look_for_records(m);
}

static void on_look(void *ctx)
{
	struct migrator *m = ctx;
	int status = 0;
	pid_t gone = m->pid ? waitpid(m->pid, &status, WNOHANG) : 0;

	listen_to(m);
	if (m->pid && gone == m->pid)
		finish(m, status);
	if (m->dirty)
		publish(m);
}

/* --- orders --- */

struct task {
	struct migrator *m;
	struct reply reply;
	enum migrator_way way;
	char *from, *to, *id, *answers, *text, *secret;
	int64_t question;
};

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void task_end(struct task *t, struct err *taken)
{
	reply_send(t->reply, taken, NULL);
	free(t->from);
	free(t->to);
	free(t->id);
	free(t->answers);
	free(t->text);
	passphrase_free(t->secret);
	free(t);
}

static struct task *task_new(struct migrator *m, struct reply reply)
{
	struct task *t = XNEW(struct task);

	t->m = m;
	t->reply = reply;
	return t;
}

static const char *const way_names[] = {[MIGRATOR_START] = "start",
	[MIGRATOR_RESUME] = "resume", [MIGRATOR_ROLLBACK] = "rollback"};

/* Descriptors below 3 are open in any process of ours, so pipes are above. */
static struct err *launch(struct migrator *m, char *const *words)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = 0;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		rc = errno;
	if (!rc)
		rc = spawn_program(words, environ, in[0], out[1], STDERR_FILENO, &m->pid);
	close(in[0]);
	close(out[1]);
	if (rc) {
		m->pid = 0;
		close(in[1]);
		close(out[0]);
		return err_sys(rc, "the wizard (%s)", words[0]);
	}
	m->in = in[1];
	m->out = out[0];
	fcntl(m->in, F_SETFL, O_NONBLOCK);
	fcntl(m->out, F_SETFL, O_NONBLOCK);
	return NULL;
}

static struct err *start(struct migrator *m, const struct task *t)
{
	char migrate[] = "migrate", from[] = "--from", to[] = "--to", report[] = "--report";
	char lines[] = "lines", resume[] = "--resume", rollback[] = "--rollback";
	char answers[] = "--answers";
	char *words[12] = {m->exe, migrate, from, t->from, to, t->to, report, lines};
	size_t n = 8;

	if (t->way == MIGRATOR_RESUME)
		words[n++] = resume;
	if (t->way == MIGRATOR_ROLLBACK)
		words[n++] = rollback;
	if (t->answers) {
		words[n++] = answers;
		words[n++] = t->answers;
	}
	return launch(m, words);
}

/* Only what was begun and not taken back can be gone on with, or taken back. */
static bool is_of_use(const struct record_row *r, enum migrator_way way)
{
	const char *s = view_text(r->state);

	return !strcmp(s, "under way") || !strcmp(s, "failed") ||
		(way == MIGRATOR_ROLLBACK && !strcmp(s, "done"));
}

static struct err *find_record(struct migrator *m, struct task *t)
{
	look_for_records(m);
	for (size_t i = 0; i < m->view.records.n; i++) {
		const struct record_row *r = &m->view.records.v[i];

		if (t->id ? strcmp(t->id, view_text(r->id)) != 0 : !is_of_use(r, t->way))
			continue;
		free(t->from);
		free(t->to);
		t->from = xstrdup(view_text(r->from));
		t->to = xstrdup(view_text(r->to));
		return NULL;
	}
	return t->id ? err_new(ERR_NOT_FOUND, "there is no record of a migration %s", t->id)
		: err_new(ERR_NOT_FOUND, "no migration waits to be %s", t->way == MIGRATOR_RESUME
		? "gone on with" : "taken back");
}

static void begin_view(struct migrator *m, const struct task *t)
{
	struct view_wizard *v = &m->view;
	struct view_wizard old = {.report = {v->report.v, v->report.n},
		.said = {v->said.v, v->said.n}};

	v->report.v = NULL;
	v->said.v = NULL;
	v->report.n = v->said.n = 0;
	view_clear(view_wizard_desc(), &old);
	forget_question(v);
	view_set(&v->now, NULL);
	view_set(&v->state, "running");
	view_set(&v->order, way_names[t->way]);
	view_set(&v->from, t->from);
	view_set(&v->to, t->to);
}

static void on_order(void *ctx)
{
	struct task *t = ctx;
	struct migrator *m = t->m;
	struct err *e = m->pid ? err_new(ERR_BUSY, "a migration to %s is at work",
		view_text(m->view.to)) : NULL;

	ASSERT_ON(m->actor);
	if (!e && !t->from)
		e = find_record(m, t);
	if (!e)
		e = start(m, t);
	if (!e) {
		begin_view(m, t);
		log_info(m->log, "the migration to %s: %s", t->to, way_names[t->way]);
		timer_set(m->look, LOOK_MS, LOOK_MS);
		publish(m);
	}
	task_end(t, e);
}

void migrator_order(struct migrator *m, const struct migrator_order *o, struct reply reply)
{
	struct task *t = task_new(m, reply);

	t->way = o->way;
	t->from = copy(o->from);
	t->to = copy(o->to);
	t->id = copy(o->id);
	t->answers = copy(o->answers);
	actor_post(m->actor, on_order, t);
}

/* --- answers --- */

static struct err *check_question(const struct migrator *m, const struct task *t)
{
	bool secret = !strcmp(view_text(m->view.kind), "secret");

	if (!m->pid || strcmp(view_text(m->view.state), "asks") != 0)
		return err_new(ERR_NOT_FOUND, "the wizard asks nothing now");
	if (t->question != m->view.question)
		return err_new(ERR_NOT_FOUND, "that question was answered already");
	if (secret && !t->secret)
		return err_new(ERR_INVALID, "this is no place for a password: it is typed where "
			"it is not shown, in the console's room of the migration");
	if (!secret && t->secret)
		return err_new(ERR_NOT_FOUND, "no password is asked for");
	if (t->text && (strpbrk(t->text, "\r\n") || strlen(t->text) > ANSWER_MAX))
		return err_new(ERR_INVALID, "an answer is one line of at most %d bytes",
			ANSWER_MAX);
	return NULL;
}

/* It waits for this and reads nothing else: a pipe takes it at once. */
static struct err *tell_wizard(struct migrator *m, const char *text)
{
	size_t n = strlen(text);

	if (write(m->in, text, n) == (ssize_t)n && write(m->in, "\n", 1) == 1)
		return NULL;
	return err_new(ERR_UNAVAILABLE, "the wizard does not listen any more");
}

static void on_answer(void *ctx)
{
	struct task *t = ctx;
	struct migrator *m = t->m;
	struct err *e = check_question(m, t);

	ASSERT_ON(m->actor);
	if (!e)
		e = tell_wizard(m, t->secret ? t->secret : view_text(t->text));
	if (!e) {
		forget_question(&m->view);
		view_set(&m->view.state, "running");
		publish(m);
	}
	task_end(t, e);
}

void migrator_answer(struct migrator *m, int64_t question, const char *text,
	struct reply reply)
{
	struct task *t = task_new(m, reply);

	t->question = question;
	t->text = copy(text);
	actor_post(m->actor, on_answer, t);
}

void migrator_secret(struct migrator *m, int64_t question, char *taken, struct reply reply)
{
	struct task *t = task_new(m, reply);

	t->question = question;
	t->secret = taken;
	actor_post(m->actor, on_answer, t);
}

static void kill_wizard(struct migrator *m)
{
	int status = 0;

	if (!m->pid)
		return;
	kill(m->pid, SIGKILL);
	while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
		;
	listen_to(m);
	finish(m, status);
}

static void on_halt(void *ctx)
{
	struct task *t = ctx;
	struct err *e = t->m->pid ? NULL : err_new(ERR_NOT_FOUND, "no migration is at work");

	kill_wizard(t->m);
	if (!e)
		publish(t->m);
	task_end(t, e);
}

void migrator_halt(struct migrator *m, struct reply reply)
{
	actor_post(m->actor, on_halt, task_new(m, reply));
}

/* --- the object --- */

static void on_new(void *ctx)
{
	struct migrator *m = ctx;

	m->look = timer_new(m->actor, on_look, m);
	look_for_places(m);
	look_for_records(m);
	publish(m);
}

struct migrator *migrator_new(const struct log *log, const struct migrator_options *o)
{
	struct migrator *m = XNEW(struct migrator);

	m->log = log_child(log, "migrator");
	m->board = o->board;
	m->exe = xstrdup(o->exe ? o->exe : "/proc/self/exe");
	m->records = xstrdup(o->records);
	m->home = xstrdup(o->home);
	m->in = m->out = -1;
	m->actor = actor_new("migrator", 0);
	actor_post(m->actor, on_new, m);
	return m;
}

static void on_free(void *ctx)
{
	struct migrator *m = ctx;

	kill_wizard(m);
	timer_free(m->look);
}

void migrator_free(struct migrator *m)
{
	if (!m)
		return;
	actor_call(m->actor, on_free, m);
	actor_free(m->actor);
	view_clear(view_wizard_desc(), &m->view);
	str_clear(&m->line);
	log_free(m->log);
	free(m->exe);
	free(m->records);
	free(m->home);
	free(m);
}

#include "src/alarm/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/alarm/news.h"
#include "src/base/clock.h"
#include "src/base/spawn.h"

#define RUNNING_MAX 4
#define WAITING_MAX 32
#define WORDS_MAX 32
#define LOOK_MS 50	 /* between looks at what runs */
#define GRACE_MS 2000	 /* from SIGTERM to SIGKILL */
#define SAID_MAX 4096	 /* bytes of its output that are logged */

extern char **environ;

struct run { /* pid 0: free */
	pid_t pid;
	int out; /* its stdout and stderr; -1: closed */
	int64_t began_ms;
	bool told; /* SIGTERM was sent */
	size_t said;
	struct str line;
	char *id;
};
struct waiting {
	char *json, *id;
	char **environment;
};
struct alarm_hook {
	const struct log *log;
	struct timer *timer;
	int64_t limit_ms;
	char *command; /* cut into words */
	char *words[WORDS_MAX + 1];
	struct run run[RUNNING_MAX];
	struct waiting waiting[WAITING_MAX];
	size_t waiting_n;
};

/* --- starting --- */

static void waiting_clear(struct waiting *w)
{
	for (size_t i = 0; w->environment && w->environment[i]; i++)
		free(w->environment[i]);
	free(w->environment);
	free(w->json);
	free(w->id);
	*w = (struct waiting){NULL};
}

/* The notice fits into a pipe that nobody has read from yet: it cannot block. */
static bool fill_stdin(int fd, const char *json)
{
	size_t n = strlen(json);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	return write(fd, json, n) == (ssize_t)n;
}

/* Descriptors below 3 are open in any process of ours, so pipes are above. */
static void start(struct alarm_hook *h, struct run *r, struct waiting *taken)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, rc = 0;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || !fill_stdin(in[1], taken->json))
		rc = errno ? errno : EIO;
	if (!rc)
		rc = spawn_program(h->words, taken->environment, in[0], out[1], out[1],
			&r->pid);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	if (rc) {
		log_unusual(h->log, "-alarmHook %s: %s", h->words[0], strerror(rc));
		close(out[0]);
		r->pid = 0;
	} else {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		r->out = out[0];
		r->began_ms = clock_mono_ms();
		r->told = false;
		r->said = 0;
		r->id = TAKE(taken->id);
	}
	waiting_clear(taken);
}

static struct run *free_run(struct alarm_hook *h)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (!h->run[i].pid)
			return &h->run[i];
	return NULL;
}

static void start_next(struct alarm_hook *h)
{
	struct run *r;

	while (h->waiting_n && (r = free_run(h))) {
		struct waiting next = h->waiting[0];

		h->waiting_n--;
		memmove(h->waiting, h->waiting + 1, h->waiting_n * sizeof(next));
		start(h, r, &next);
	}
	if (alarm_hook_running(h) && !timer_is_set(h->timer))
		timer_set(h->timer, LOOK_MS, LOOK_MS);
	else if (!alarm_hook_running(h))
		timer_stop(h->timer);
}

/* --- watching --- */

static void log_line(struct alarm_hook *h, struct run *r)
{
	if (r->line.len)
		log_info(h->log, "-alarmHook for %s says: %s", r->id, r->line.s);
	str_truncate(&r->line, 0);
}

static void listen_to(struct alarm_hook *h, struct run *r)
{
	char buf[1024];
	ssize_t n;

	while (r->out >= 0 && (n = read(r->out, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n && r->said < SAID_MAX; i++, r->said++) {
			if (buf[i] == '\n')
				log_line(h, r);
			else
				str_addc(&r->line, buf[i] ? buf[i] : ' ');
		}
	}
}

static void finish(struct alarm_hook *h, struct run *r, int status)
{
	listen_to(h, r);
	log_line(h, r);
	if (r->said >= SAID_MAX)
		log_info(h->log, "-alarmHook for %s said more than is kept", r->id);
	if (WIFSIGNALED(status))
		log_unusual(h->log, "-alarmHook for %s: ended by signal %d%s", r->id,
			WTERMSIG(status), r->told ? ", since it took too long" : "");
	else if (WEXITSTATUS(status))
		log_unusual(h->log, "-alarmHook for %s: exit status %d", r->id,
			WEXITSTATUS(status));
	else
		log_debug(h->log, "-alarmHook for %s: done", r->id);
	close(r->out);
	free(r->id);
	str_clear(&r->line);
	*r = (struct run){.out = -1};
}

/* It leads its session, and goes with what it has started there. */
static void press(struct run *r, int64_t limit_ms)
{
	int64_t ran_ms = clock_mono_ms() - r->began_ms;

	if (ran_ms > limit_ms + GRACE_MS)
		kill(-r->pid, SIGKILL);
	else if (ran_ms > limit_ms && !r->told)
		kill(-r->pid, SIGTERM);
	r->told = r->told || ran_ms > limit_ms;
}

static void on_look(void *ctx)
{
	struct alarm_hook *h = ctx;

	for (size_t i = 0; i < RUNNING_MAX; i++) {
		struct run *r = &h->run[i];
		int status = 0;

		if (!r->pid)
			continue;
		listen_to(h, r);
		if (waitpid(r->pid, &status, WNOHANG) == r->pid)
			finish(h, r, status);
		else
			press(r, h->limit_ms);
	}
	start_next(h);
}

/* --- the object --- */

static void cut_words(struct alarm_hook *h)
{
	char *at = h->command, *word;
	size_t n = 0;

	if (access(h->command, X_OK) == 0) {
		h->words[0] = h->command;
		return;
	}
	while (n < WORDS_MAX && (word = strsep(&at, " \t")))
		if (*word)
			h->words[n++] = word;
	h->words[n] = NULL;
}

struct alarm_hook *alarm_hook_new(struct actor *on, const struct log *log,
	const char *command, int64_t limit_ms)
{
	struct alarm_hook *h = XNEW(struct alarm_hook);

	h->log = log;
	h->limit_ms = limit_ms ? limit_ms : HOOK_LIMIT_MS;
	h->command = xstrdup(command);
	cut_words(h);
	h->timer = timer_new(on, on_look, h);
	for (size_t i = 0; i < RUNNING_MAX; i++)
		h->run[i].out = -1;
	return h;
}

void alarm_hook_run(struct alarm_hook *h, const struct alarm_notice *n)
{
	struct str json = STR_INIT;
	struct waiting *w;

	if (!h->words[0])
		return;
	if (h->waiting_n == WAITING_MAX) {
		log_unusual(h->log, "-alarmHook is slower than the alarms: not run for %s",
			view_text(n->id));
		return;
	}
	view_encode(alarm_notice_desc(), n, &json);
	str_addc(&json, '\n');
	w = &h->waiting[h->waiting_n++];
	*w = (struct waiting){str_take(&json), xstrdup(view_text(n->id)),
		alarm_environment(n, environ)};
	start_next(h);
}

size_t alarm_hook_running(const struct alarm_hook *h)
{
	size_t n = 0;

	for (size_t i = 0; i < RUNNING_MAX; i++)
		n += h->run[i].pid != 0;
	return n;
}

void alarm_hook_free(struct alarm_hook *h)
{
	if (!h)
		return;
	timer_free(h->timer);
	for (size_t i = 0; i < RUNNING_MAX; i++) {
		struct run *r = &h->run[i];
		int status = 0;

		if (!r->pid)
			continue;
		kill(-r->pid, SIGKILL);
		while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
			;
		finish(h, r, status);
	}
	for (size_t i = 0; i < h->waiting_n; i++)
		waiting_clear(&h->waiting[i]);
	free(h->command);
	free(h);
}

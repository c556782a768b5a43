#include "src/base/clock.h"
#include "src/media/pool_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_MS 10000
#define RESTART_MIN_MS 250
#define RESTART_MAX_MS 30000
#define BURY_MS 500
#define DEFAULT_MEMORY ((size_t)4 << 30)

static void on_readable(uv_poll_t *poll, int status, int events);
static void on_timer(void *ctx);

/* --- starting --- */

static struct worker_setup make_setup(const struct child *c)
{
	const struct pool_options *o = &c->pool->o;
	struct worker_setup s = {
		.threads = (int32_t)c->pool->threads,
		.memory = o->worker_memory ? o->worker_memory : DEFAULT_MEMORY,
	};

	snprintf(s.name, sizeof(s.name), "%s", c->name);
	if (c->gpu >= 0)
		snprintf(s.device, sizeof(s.device), "%u",
			gpus_reading(c->pool->gpus, (size_t)c->gpu)->number);
	snprintf(s.preset, sizeof(s.preset), "%s", o->preset);
	snprintf(s.service_provider, sizeof(s.service_provider),
		"Livepeer Transcoder %s (%s)", o->node_version, o->orch_id);
	return s;
}

static void note_error(struct child *c, const char *text)
{
	snprintf(c->last_error, sizeof(c->last_error), "%s", text);
	c->last_error_ms = clock_wall_ms();
}

static void start_later(struct child *c)
{
	unsigned shift = c->bad_starts < 8 ? c->bad_starts : 8;
	uint64_t delay_ms = c->bad_starts ? RESTART_MIN_MS << (shift - 1) : 0;

	c->state = CHILD_DOWN;
	timer_set(c->timer,
		delay_ms > RESTART_MAX_MS ? RESTART_MAX_MS : delay_ms, 0);
}

static struct err *try_start(struct child *c)
{
	struct worker_setup setup = make_setup(c);
	struct err *e = pool_spawn(c->pool->o.exe, "worker", &c->pid, &c->socket);

	if (e || !worker_send(c->socket, &setup, sizeof(setup), -1))
		return e;
	e = err_sys(errno, "starting %s", c->pool->o.exe);
	close(c->socket);
	c->socket = -1;
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	return e;
}

void child_start(struct child *c)
{
	struct err *e;

	if (!c->timer)
		c->timer = timer_new(c->pool->actor, on_timer, c);
	e = try_start(c);
	if (e) {
		log_broken(c->pool->log, "%s: %s", c->name, err_text(e));
		note_error(c, err_text(e));
		err_free(e);
		c->bad_starts++;
		start_later(c);
		return;
	}
	c->poll = XNEW(uv_poll_t);
	uv_poll_init(actor_loop(c->pool->actor), c->poll, c->socket);
	c->poll->data = c;
	uv_poll_start(c->poll, UV_READABLE, on_readable);
	c->state = CHILD_STARTING;
	c->since_ms = clock_wall_ms();
	c->timed_out = false;
	timer_set(c->timer, START_TIMEOUT_MS, 0);
	pool_touch(c->pool);
}

/* --- dying --- */

static void free_poll(uv_handle_t *h)
{
	free(h);
}

/* What it died of; 0 and the pid kept where it does not die: a driver that hangs
 * holds its process even against SIGKILL. */
static int wait_for_death(struct child *c)
{
	int status = 0;

	for (int ms = 0; ms < BURY_MS; ms++) {
		pid_t got = waitpid(c->pid, &status, WNOHANG);

		if (got > 0 || (got < 0 && errno != EINTR))
			return status;
		usleep(1000);
	}
	log_unusual(c->pool->log, "%s: its process %d does not die: the driver holds it",
		c->name, (int)c->pid);
	c->undead = c->pid;
	return 0;
}

/* Another of its kind would hang as well. */
static bool is_buried(struct child *c)
{
	if (c->undead && waitpid(c->undead, NULL, WNOHANG) != 0)
		c->undead = 0;
	return !c->undead;
}

/* The process is dead or dying; what it died of. */
static int bury(struct child *c)
{
	int status;

	uv_close((uv_handle_t *)c->poll, free_poll);
	c->poll = NULL;
	kill(c->pid, SIGKILL);
	status = wait_for_death(c);
	close(c->socket);
	c->socket = -1;
	c->pid = 0;
	c->rss = 0;
	c->cpu_us = 0;
	c->cpu = -1;
	timer_stop(c->timer);
	return status;
}

static struct err *obituary(const struct child *c, int status)
{
	const char *session = c->job && c->job->session ?
		c->job->session->id : c->name;
	enum err_kind kind = c->timed_out ? ERR_TIMEOUT : ERR_UNAVAILABLE;
	unsigned limit = c->job ? c->job->timeout_ms : START_TIMEOUT_MS;

	if (c->timed_out)
		return err_new(kind,
			"session %s: nothing from worker %s within %u ms, "
			"killed (signal %d, %s)",
			session, c->name, limit, SIGKILL, strsignal(SIGKILL));
	if (WIFSIGNALED(status))
		return err_new(kind,
			"session %s: worker %s died (signal %d, %s)", session,
			c->name, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	return err_new(kind, "session %s: worker %s ended (status %d)", session,
		c->name, WEXITSTATUS(status));
}

static void finish(struct child *c, struct err *e, void *result)
{
	struct job *j = TAKE(c->job);
	struct session *s = j->session;

	c->busy_us += clock_mono_us() - c->job_us;
	timer_stop(c->timer);
	if (e && j->task == WORKER_TRANSCODE) {
		c->failed++;
		note_error(c, err_text(e));
	}
	job_finish(j, e, result);
	pool_touch(c->pool);
	if (s)
		session_job_done(c, s);
	else
		child_next(c);
}

static void on_death(struct child *c)
{
	bool at_start = c->state == CHILD_STARTING;
	int status = bury(c);
	struct err *e = obituary(c, status);

	log_unusual(c->pool->log, "%s", err_text(e));
	/* A worker that gives up says why, which beats how it ended. */
	if (!at_start || c->last_error_ms < c->since_ms)
		note_error(c, err_text(e));
	c->restarts++;
	c->bad_starts = at_start ? c->bad_starts + 1 : 0;
	c->state = CHILD_DOWN;
	if (c->job)
		finish(c, e, NULL);
	else
		err_free(e);
	start_later(c);
	pool_touch(c->pool);
}

void child_stop(struct child *c)
{
	if (c->poll)
		bury(c);
	timer_free(TAKE(c->timer));
	c->state = CHILD_DOWN;
	if (c->job)
		job_finish(TAKE(c->job),
			err_new(ERR_CANCELLED, "the node is stopping"), NULL);
	while (!STAILQ_EMPTY(&c->probes)) {
		struct job *j = STAILQ_FIRST(&c->probes);

		STAILQ_REMOVE_HEAD(&c->probes, link);
		job_finish(j, err_new(ERR_CANCELLED, "the node is stopping"),
			NULL);
	}
}

static void on_timer(void *ctx)
{
	struct child *c = ctx;

	switch (c->state) {
	case CHILD_DOWN:
		if (is_buried(c))
			child_start(c);
		else
			timer_set(c->timer, RESTART_MAX_MS, 0);
		break;
	case CHILD_STARTING:
	case CHILD_BUSY:
		c->timed_out = true;
		on_death(c);
		break;
	case CHILD_IDLE:
		break;
	}
}

/* --- messages --- */

static void count_done(struct child *c, const struct worker_answer *a)
{
	const struct transcode_job *t = c->job->transcode;

	if (!t || a->failed)
		return;
	c->segments++;
	for (uint32_t i = 0; i < a->n; i++)
		c->pixels += a->r[i].pixels;
	c->media_us += INT64_C(1000) * t->duration_ms;
	c->wall_us += a->transcode_us;
	/* Forgets half of the past each 30 s of work. */
	if (c->wall_us > INT64_C(60000000)) {
		c->wall_us /= 2;
		c->media_us /= 2;
	}
}

static struct err *take_result(struct child *c, const struct worker_answer *a,
	int fd, void **result)
{
	struct transcode_output *out;
	struct media_info *info;
	struct err *e = worker_answer_err(a);
	int64_t *pixels;

	if (e)
		return e;
	switch (c->job->task) {
	case WORKER_TRANSCODE:
		if (a->n != c->job->transcode->ladder.n)
			return err_new(ERR_PROTOCOL, "MismatchedSegments");
		out = XNEW(struct transcode_output);
		e = worker_answer_map(a, fd, out);
		snprintf(out->device, sizeof(out->device), "%s", c->name);
		*result = out;
		if (e)
			transcode_output_free(TAKE(*result));
		return e;
	case WORKER_PROBE:
		info = XNEW(struct media_info);
		worker_answer_info(a, info);
		*result = info;
		return NULL;
	case WORKER_COUNT_PIXELS:
		pixels = XNEW(int64_t);
		*pixels = a->decoded_pixels;
		*result = pixels;
		return NULL;
	case WORKER_END_SESSION:
		break;
	}
	return err_new(ERR_INTERNAL, "a task without a result");
}

static void on_ready(struct child *c)
{
	c->bad_starts = 0;
	c->state = CHILD_IDLE;
	timer_stop(c->timer);
	pool_touch(c->pool);
	child_next(c);
}

static void on_done(struct child *c, const struct worker_answer *a, int fd)
{
	void *result = NULL;
	struct err *e;

	count_done(c, a);
	e = take_result(c, a, fd, &result);
	c->state = CHILD_IDLE;
	finish(c, e, result);
}

/* False: it does not behave; kill it. */
static bool on_answer(struct child *c, const struct worker_answer *a,
	size_t size, int fd)
{
	if (!worker_answer_check(a, size))
		return false;
	switch ((enum worker_word)a->word) {
	case WORKER_READY:
		if (c->state != CHILD_STARTING)
			return false;
		on_ready(c);
		return true;
	case WORKER_LOG:
		if (c->state == CHILD_STARTING) {
			log_unusual(c->pool->log, "%s: %s", c->name, a->text);
			note_error(c, a->text);
		} else {
			log_debug(c->pool->log, "%s: %s", c->name, a->text);
		}
		return true;
	case WORKER_DONE:
		if (c->state != CHILD_BUSY || a->id != c->job->id)
			return false;
		on_done(c, a, fd);
		return true;
	case WORKER_WORDS:
		break;
	}
	return false;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct child *c = poll->data;
	struct worker_answer a;
	bool sound = true;
	ssize_t n;
	int fd;

	(void)status;
	(void)events;
	n = worker_receive(c->socket, &a, sizeof(a), &fd);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0)
		sound = on_answer(c, &a, (size_t)n, fd);
	if (fd >= 0)
		close(fd);
	if (!sound)
		log_unusual(c->pool->log, "%s: says what no worker says",
			c->name);
	if (n <= 0 || !sound)
		on_death(c);
}

/* --- giving work --- */

static void fill_request(struct worker_request *q, const struct job *j)
{
	const struct transcode_job *t = j->transcode;

	q->task = j->task;
	q->id = j->id;
	q->input_size = blob_size(j->input);
	if (!t)
		return;
	q->has_slice = t->has_slice;
	q->slice_from_ms = t->slice_from_ms;
	q->slice_to_ms = t->slice_to_ms;
	q->force_reinit = t->force_reinit;
	q->calc_perceptual_hash = t->calc_perceptual_hash;
	memcpy(q->session, t->session, sizeof(q->session));
	q->ladder = t->ladder;
}

static struct err *send_job(struct child *c, const struct job *j)
{
	struct worker_request *q = XNEW(struct worker_request);
	int fd = worker_memfd_new("segment");
	struct err *e = NULL;

	fill_request(q, j);
	if (fd < 0)
		e = err_sys(errno, "memfd_create");
	if (!e)
		e = worker_memfd_write(fd, blob_data(j->input),
			blob_size(j->input));
	if (!e)
		e = worker_memfd_seal(fd);
	/* A worker that has died meanwhile is buried when its end is read. */
	if (!e && worker_send(c->socket, q, sizeof(*q), fd) && errno != EPIPE)
		e = err_sys(errno, "sending to worker %s", c->name);
	if (fd >= 0)
		close(fd);
	free(q);
	return e;
}

void child_give(struct child *c, struct job *taken)
{
	struct err *e;

	taken->id = ++c->pool->last_id;
	c->job = taken;
	c->state = CHILD_BUSY;
	c->job_us = clock_mono_us();
	timer_set(c->timer, taken->timeout_ms, 0);
	e = send_job(c, taken);
	if (e) {
		c->state = CHILD_IDLE;
		finish(c, e, NULL);
	}
	pool_touch(c->pool);
}

void child_end_session(struct child *c, const char *id)
{
	struct worker_request *q;

	if (c->state != CHILD_IDLE && c->state != CHILD_BUSY)
		return;
	q = XNEW(struct worker_request);
	q->task = WORKER_END_SESSION;
	snprintf(q->session, sizeof(q->session), "%s", id);
	/* If this does not fit or arrive, its few bytes stay with the worker. */
	(void)worker_send(c->socket, q, sizeof(*q), -1);
	free(q);
}

void child_probe(struct child *c, struct job *taken)
{
	if (c->probes_n == PROBES_WAITING_MAX) {
		job_finish(taken, err_new(ERR_BUSY, "too many probes wait"),
			NULL);
		return;
	}
	STAILQ_INSERT_TAIL(&c->probes, taken, link);
	c->probes_n++;
	child_next(c);
}

/* Ticks are a second apart, near enough for what is shown. True: there is news. */
static bool read_cpu(struct child *c)
{
	int64_t now_us = c->pid ? process_cpu_us(c->pid) : -1, by_us = now_us - c->cpu_us;
	double was = c->cpu;

	c->cpu = now_us < 0 || by_us < 0 ? -1 : (double)by_us / 1e6;
	if (now_us >= 0 && by_us > 0)
		c->pool->cpu_us += by_us;
	if (now_us >= 0)
		c->cpu_us = now_us;
	return c->cpu < was || c->cpu > was;
}

void child_tick(struct child *c)
{
	int64_t now_us = clock_mono_us();
	int64_t rss = c->pid ? process_rss(c->pid) : 0;
	double busy;

	if (c->job) {
		c->busy_us += now_us - c->job_us;
		c->job_us = now_us;
	}
	busy = (double)c->busy_us / 1e6;
	c->busy_us = 0;
	c->utilisation = 0.8 * (c->utilisation < 0 ? 0 : c->utilisation) +
		0.2 * (busy > 1 ? 1 : busy);
	if (c->gpu >= 0) {
		const struct gpu_reading *g = gpus_reading(c->pool->gpus, (size_t)c->gpu);

		c->utilisation = g->known & GPU_BUSY ? g->busy / 100.0 : -1;
	}
	if (read_cpu(c) || rss != c->rss)
		pool_touch(c->pool);
	c->rss = rss;
}

const char *child_state_name(const struct child *c)
{
	switch (c->state) {
	case CHILD_STARTING:
	case CHILD_DOWN:
		return c->restarts ? "restarting" : "starting";
	case CHILD_BUSY:
		return c->draining ? "draining" : "busy";
	case CHILD_IDLE:
		break;
	}
	if (c->draining)
		return c->sessions_n ? "draining" : "drained";
	return "idle";
}

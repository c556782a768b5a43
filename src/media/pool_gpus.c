#include "src/media/pool_gpus.h"
#include "src/base/clock.h"
#include "src/media/gpu_watch.h"
#include "src/media/pool_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct gpus {
	char *exe;
	struct gpus_patience patience;
	uint64_t wish;
	size_t n;
	struct gpu_reading v[GPUS_MAX];
	pid_t pid; /* 0: none */
	int socket; /* -1: none */
	int64_t heard_ms; /* the last message, or the start */
	int64_t died_ms;
	/* from here on: with the actor */
	struct actor *actor;
	const struct log *log;
	uv_poll_t *poll;
	struct timer *timer;
	int64_t silent_since_ms; /* 0: it answers */
	void (*changed)(void *ctx);
	void *ctx;
};

/* --- opening --- */

static struct err *read_spec(const char *spec, uint64_t *out)
{
	struct err *e = NULL;

	*out = 0;
	if (!strcmp(spec, "all"))
		return NULL;
	while (!e) {
		size_t n = strcspn(spec, ",");
		char *word = xstrndup(spec, n);
		uint64_t number;

		if (!parse_u64(word, &number) || number >= GPUS_MAX)
			e = err_new(ERR_INVALID, "\"%s\" is not the number of a device", word);
		else
			*out |= UINT64_C(1) << number;
		free(word);
		if (!spec[n])
			break;
		spec += n + 1;
	}
	return e;
}

static struct err *start(struct gpus *g)
{
	const struct gpu_wish wish = {g->wish};
	struct err *e = pool_spawn(g->exe, "gpus", &g->pid, &g->socket);

	g->heard_ms = clock_mono_ms();
	if (!e && worker_send(g->socket, &wish, sizeof(wish), -1))
		e = err_sys(errno, "the GPUs' process");
	return e;
}

/* One message, if there is one: 1; 0 none; -1: the process is through, with its
 * own words or ours in *e. */
static int receive(struct gpus *g, struct err **e)
{
	struct gpu_report r;
	int fd;
	ssize_t n = worker_receive(g->socket, &r, sizeof(r), &fd);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (fd >= 0)
		close(fd);
	if (n <= 0 || !gpu_report_check(&r, (size_t)n))
		*e = err_new(ERR_UNAVAILABLE, "the process that asks the GPUs ended");
	else if (r.error[0])
		*e = err_new(ERR_NOT_FOUND, "%s", r.error);
	else if (g->n && r.n != g->n)
		*e = err_new(ERR_UNAVAILABLE, "there are other GPUs than at the start");
	if (*e)
		return -1;
	g->v[r.i] = r.device;
	if (r.i + 1 == r.n)
		g->n = r.n;
	g->heard_ms = clock_mono_ms();
	return 1;
}

static struct err *first_answer(struct gpus *g)
{
	int64_t until_ms = clock_mono_ms() + g->patience.first, left;
	struct err *e = NULL;

	while (!e && !g->n && (left = until_ms - clock_mono_ms()) > 0) {
		struct pollfd p = {g->socket, POLLIN, 0};

		if (poll(&p, 1, (int)left) > 0)
			receive(g, &e);
	}
	if (!e && !g->n)
		e = err_new(ERR_TIMEOUT, "the GPU's driver does not answer: nothing from NVML "
			"in %u s", g->patience.first / 1000);
	return e;
}

struct err *gpus_open(const char *exe, const char *spec, struct gpus_patience patience,
	struct gpus **out)
{
	struct gpus *g = XNEW(struct gpus);
	struct err *e = read_spec(spec, &g->wish);

	g->socket = -1;
	g->patience = patience;
	g->exe = xstrdup(exe);
	if (!e)
		e = start(g);
	if (!e)
		e = first_answer(g);
	if (e)
		gpus_free(TAKE(g));
	*out = g;
	return e;
}

/* --- dying --- */

static void free_poll(uv_handle_t *h)
{
	free(h);
}

/* Asks the kernel to end it, and does not wait: in a driver that hangs it may
 * take until the next boot. */
static void drop(struct gpus *g)
{
	if (g->poll)
		uv_close((uv_handle_t *)TAKE(g->poll), free_poll);
	if (g->socket >= 0)
		close(g->socket);
	g->socket = -1;
	if (g->pid > 0)
		kill(g->pid, SIGKILL);
	g->died_ms = clock_mono_ms();
}

static bool is_gone(struct gpus *g)
{
	if (g->pid > 0 && waitpid(g->pid, NULL, WNOHANG) != 0)
		g->pid = 0;
	return !g->pid;
}

/* --- following --- */

static void on_readable(uv_poll_t *poll, int status, int events);

static void listen_to(struct gpus *g)
{
	g->poll = XNEW(uv_poll_t);
	uv_poll_init(actor_loop(g->actor), g->poll, g->socket);
	g->poll->data = g;
	uv_poll_start(g->poll, UV_READABLE, on_readable);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct gpus *g = poll->data;
	struct err *e = NULL;
	int got;

	(void)status;
	(void)events;
	while ((got = receive(g, &e)) > 0)
		if (g->silent_since_ms) {
			g->silent_since_ms = 0;
			log_info(g->log, "the GPU's driver answers again");
		}
	if (got < 0) {
		log_unusual(g->log, "%s; tried again in %u s", err_text(e),
			g->patience.restart / 1000);
		err_free(e);
		drop(g);
	}
	g->changed(g->ctx);
}

static void forget_figures(struct gpus *g)
{
	for (size_t i = 0; i < g->n; i++)
		g->v[i].known = 0;
	g->silent_since_ms = g->heard_ms;
	log_unusual(g->log, "the GPU's driver does not answer; its figures are unknown");
	g->changed(g->ctx);
}

static void on_tick(void *ctx)
{
	struct gpus *g = ctx;
	int64_t now_ms = clock_mono_ms(), quiet_ms = now_ms - g->heard_ms;
	struct err *e;

	if (quiet_ms >= g->patience.silent && !g->silent_since_ms)
		forget_figures(g);
	if (g->socket >= 0) {
		if (quiet_ms >= g->patience.kill)
			drop(g);
		return;
	}
	if (!is_gone(g) || now_ms - g->died_ms < g->patience.restart)
		return;
	e = start(g);
	if (e) {
		log_unusual(g->log, "%s", err_text(e));
		err_free(e);
		drop(g);
	} else {
		listen_to(g);
	}
}

void gpus_follow(struct gpus *g, struct actor *on, const struct log *log,
	void (*changed)(void *ctx), void *ctx)
{
	g->actor = on;
	g->log = log;
	g->changed = changed;
	g->ctx = ctx;
	g->timer = timer_new(on, on_tick, g);
	timer_set(g->timer, GPU_WATCH_MS, GPU_WATCH_MS);
	listen_to(g);
}

void gpus_stop(struct gpus *g)
{
	if (!g)
		return;
	timer_free(TAKE(g->timer));
	drop(g);
}

void gpus_free(struct gpus *g)
{
	if (!g)
		return;
	drop(g);
	/* One that is well is gone in a moment; one that is not is left alone. */
	for (int i = 0; i < 100 && !is_gone(g); i++)
		usleep(1000);
	free(g->exe);
	free(g);
}

size_t gpus_n(const struct gpus *g)
{
	return g ? g->n : 0;
}

const struct gpu_reading *gpus_reading(const struct gpus *g, size_t i)
{
	return &g->v[i];
}

int64_t gpus_silent_ms(const struct gpus *g)
{
	return g->silent_since_ms ? clock_mono_ms() - g->silent_since_ms : 0;
}

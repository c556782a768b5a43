#include "src/media/pool.h"
#include "src/base/clock.h"
#include "src/media/pool_private.h"
#include "src/media/transcode.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 1000
#define TIMEOUT_MIN_MS 8000
#define TIMEOUT_FACTOR 4
#define WORKERS_MAX 64
/* On large machines each codec of each rendition would start 1.5 threads a
 * core, and each thread costs address space under RLIMIT_AS. */
#define MANY_CORES 4
#define CODEC_THREADS 4

/* --- jobs --- */

void transcode_job_free(struct transcode_job *j)
{
	if (!j)
		return;
	blob_put(j->input);
	free(j);
}

void transcode_output_free(struct transcode_output *o)
{
	if (o)
		transcode_output_clear(o);
	free(o);
}

void job_finish(struct job *taken, struct err *e, void *result)
{
	reply_send(taken->reply, e, result);
	blob_put(taken->input);
	transcode_job_free(taken->transcode);
	free(taken);
}

/* --- from other threads to ours --- */

struct order {
	struct pool *pool;
	struct job *job;
	char name[SESSION_ID_SIZE];
	bool drain;
	struct reply reply;
};

static void post(struct pool *p, task_fn *fn, struct order o)
{
	o.pool = p;
	actor_post(p->actor, fn, xmemdup(&o, sizeof(o)));
}

static void on_submit(void *ctx)
{
	struct order *o = ctx;
	struct job *j = o->job;

	ASSERT_ON(o->pool->actor);
	j->queued_ms = clock_mono_ms();
	if (o->pool->stopping)
		job_finish(j, err_new(ERR_CANCELLED, "the node is stopping"),
			NULL);
	else if (j->task == WORKER_TRANSCODE)
		pool_session_submit(o->pool, j);
	else
		child_probe(&o->pool->prober, j);
	free(o);
}

void pool_transcode(struct pool *p, struct transcode_job *taken,
	struct reply reply)
{
	struct job *j = XNEW(struct job);
	int64_t timeout = TIMEOUT_FACTOR * (int64_t)taken->duration_ms;

	j->task = WORKER_TRANSCODE;
	j->transcode = taken;
	j->input = blob_ref(taken->input);
	j->reply = reply;
	j->timeout_ms = taken->timeout_ms;
	if (!j->timeout_ms)
		j->timeout_ms = timeout > TIMEOUT_MIN_MS ? (unsigned)timeout :
							   TIMEOUT_MIN_MS;
	post(p, on_submit, (struct order){.job = j});
}

static void submit_probe(struct pool *p, enum worker_task task,
	struct blob *taken, struct reply reply)
{
	struct job *j = XNEW(struct job);

	j->task = task;
	j->input = taken;
	j->reply = reply;
	j->timeout_ms = PROBE_TIMEOUT_MS;
	post(p, on_submit, (struct order){.job = j});
}

void pool_probe(struct pool *p, struct blob *taken, enum container c,
	struct reply reply)
{
	(void)c; /* the bytes say, whatever the name said */
	submit_probe(p, WORKER_PROBE, taken, reply);
}

void pool_count_pixels(struct pool *p, struct blob *taken, enum container c,
	struct reply reply)
{
	(void)c;
	submit_probe(p, WORKER_COUNT_PIXELS, taken, reply);
}

static void on_end_session(void *ctx)
{
	struct order *o = ctx;
	struct session *s;

	ASSERT_ON(o->pool->actor);
	HASH_FIND_STR(o->pool->sessions, o->name, s);
	if (s)
		pool_session_end(o->pool, s);
	free(o);
}

void pool_end_session(struct pool *p, const char *session)
{
	struct order o = {0};

	snprintf(o.name, sizeof(o.name), "%s", session);
	post(p, on_end_session, o);
}

static struct child *find_child(struct pool *p, const char *name)
{
	for (size_t i = 0; i < p->children_n; i++) {
		if (!strcmp(p->children[i].name, name))
			return &p->children[i];
	}
	return NULL;
}

static void on_drain(void *ctx)
{
	struct order *o = ctx;
	struct child *c = find_child(o->pool, o->name);
	struct err *e = NULL;

	ASSERT_ON(o->pool->actor);
	if (c) {
		c->draining = o->drain;
		pool_touch(o->pool);
	} else {
		e = err_new(ERR_NOT_FOUND, "no worker \"%s\"", o->name);
	}
	reply_send(o->reply, e, NULL);
	free(o);
}

void pool_drain(struct pool *p, const char *worker, bool drain,
	struct reply reply)
{
	struct order o = {.drain = drain, .reply = reply};

	snprintf(o.name, sizeof(o.name), "%s", worker);
	post(p, on_drain, o);
}

void pool_caps(struct pool *p, struct caps *out)
{
	*out = p->caps;
}

unsigned pool_capacity(struct pool *p)
{
	return p->o.capacity;
}

/* --- construction --- */

static void on_tick(void *ctx)
{
	struct pool *p = ctx;

	sessions_tick(p);
	for (size_t i = 0; i < p->children_n; i++)
		child_tick(&p->children[i]);
}

static void init_child(struct pool *p, struct child *c, const char *kind,
	size_t number)
{
	*c = (struct child){.pool = p, .gpu = -1, .socket = -1,
		.utilisation = -1, .cpu = -1, .state = CHILD_DOWN};
	snprintf(c->name, sizeof(c->name), "%s%zu", kind, number);
	STAILQ_INIT(&c->probes);
}

static void make_children(struct pool *p)
{
	size_t gpus = gpus_n(p->gpus), cpus = p->o.cpu_workers;

	p->children_n = gpus + cpus;
	p->children = xcalloc(p->children_n, sizeof(*p->children));
	for (size_t i = 0; i < gpus; i++) {
		init_child(p, &p->children[i], "gpu",
			gpus_reading(p->gpus, i)->number);
		p->children[i].gpu = (int)i;
	}
	for (size_t i = 0; i < cpus; i++)
		init_child(p, &p->children[gpus + i], "cpu", i);
	init_child(p, &p->prober, "probe", 0);
	p->prober.prober = true;
}

static void on_figures(void *ctx)
{
	pool_touch(ctx);
}

static void on_start(void *ctx)
{
	struct pool *p = ctx;

	p->tick = timer_new(p->actor, on_tick, p);
	p->publish = timer_new(p->actor, pool_publish, p);
	timer_set(p->tick, TICK_MS, TICK_MS);
	for (size_t i = 0; i < p->children_n; i++)
		child_start(&p->children[i]);
	child_start(&p->prober);
	if (p->gpus)
		gpus_follow(p->gpus, p->actor, p->log, on_figures, p);
	pool_publish(p);
}

static char *copy(const char *s, const char *otherwise)
{
	return xstrdup(s ? s : otherwise);
}

static void copy_options(struct pool *p, const struct pool_options *o)
{
	p->o = *o;
	p->o.exe = copy(o->exe, "/proc/self/exe");
	p->o.nvidia = copy(o->nvidia, "");
	p->o.preset = copy(o->preset, "medium");
	p->o.node_version = copy(o->node_version, WEIR_VERSION);
	p->o.orch_id = copy(o->orch_id, "offchain");
	if (!p->o.capacity)
		p->o.capacity = 1;
}

static void free_options(struct pool_options *o)
{
	const char *const owned[] = {o->exe, o->nvidia, o->preset,
		o->node_version, o->orch_id};

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		free((void *)(uintptr_t)owned[i]);
}

static void set_workers(struct pool *p)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = cores < 1 ? 1 : (unsigned)cores;

	/* One a core: two on two cores do 11 % more segments than one, whose
	 * first and last frames leave a core idle; one alone uses both. */
	if (!p->o.cpu_workers && !gpus_n(p->gpus))
		p->o.cpu_workers = n;
	if (n > MANY_CORES)
		p->threads = CODEC_THREADS;
	if (p->o.cpu_workers > WORKERS_MAX)
		p->o.cpu_workers = WORKERS_MAX;
	caps_software(&p->caps);
	if (p->o.decodes_hevc)
		caps_add(&p->caps, CAP_HEVC_DECODE);
}

struct err *pool_new(const struct log *log, const struct pool_options *o,
	struct pool **out)
{
	struct gpus *gpus = NULL;
	struct err *e = NULL;
	struct pool *p;

	if (o->nvidia && *o->nvidia)
		e = gpus_open(o->exe ? o->exe : "/proc/self/exe", o->nvidia,
			GPUS_PATIENCE, &gpus);
	if (e)
		return e;
	p = XNEW(struct pool);
	p->log = log_child(log, "pool");
	p->gpus = gpus;
	copy_options(p, o);
	set_workers(p);
	pool_read_cpu_name(p);
	p->board = board_new(1);
	make_children(p);
	p->actor = actor_new("pool", 0);
	actor_call(p->actor, on_start, p);
	*out = p;
	return NULL;
}

static void on_stop(void *ctx)
{
	struct pool *p = ctx;

	p->stopping = true;
	timer_free(TAKE(p->tick));
	timer_free(TAKE(p->publish));
	for (size_t i = 0; i < p->children_n; i++)
		child_stop(&p->children[i]);
	child_stop(&p->prober);
	gpus_stop(p->gpus);
	sessions_stop(p);
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	actor_call(p->actor, on_stop, p);
	actor_free(p->actor);
	gpus_free(p->gpus);
	board_free(p->board);
	free_options(&p->o);
	free(p->children);
	log_free(p->log);
	free(p);
}

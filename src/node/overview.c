/* The node at a glance: an actor of its own asks the roles for their totals,
 * has the chronicle keep them, watches heartbeats and raises alarms. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/rpc_codec.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/media/pool.h"
#include "src/node/chronicle.h"
#include "src/node/money_views.h"
#include "src/node/node_private.h"
#include "src/node/watch.h"

#define TICK_MS 1000
#define REPUBLISH_MS 5000 /* even when nothing changed */
#define SERVICE_CHECK_MS 2000
#define SERVICE_RECHECK_MS 60000
#define PING_MS 8000

enum part { PART_ORCHESTRATOR, PART_TRANSCODER, PART_BROADCASTER, PARTS };

struct overview {
	struct node *n;
	struct actor *actor;
	struct timer *tick;
	struct totals totals[PARTS];
	struct chronicle *chronicle;
	struct watch *watch; /* on the actor, as all here */
	int64_t cpu_us, cpu_at_us;
	double cpu; /* share of one core; -1 unknown */
	int64_t check_ms; /* when to try our own service address; 0: never */
	bool unreachable;
	char why[160];
	bool has_staker;
	struct staker_state staker; /* its latest */
	unsigned shortages; /* of memory, as logged */
	struct blob *last; /* as published, without its clock */
	int64_t published_ms;
};

/* What a drain waits for: streams, sessions, a transcoder's segments. */
static int64_t live_sessions(const struct overview *v)
{
	return v->totals[PART_ORCHESTRATOR].sessions + v->totals[PART_BROADCASTER].sessions +
		v->totals[PART_TRANSCODER].in_flight;
}

/* Registered with another orchestrator than this node's own. */
static bool is_remote_transcoder(const struct node *n)
{
	return n->transcoder && !(n->orchestrator && node_roles(n) & OPTION_O);
}

/* --- alarms --- */

static void add_thread(struct alarm_facts *f, struct actor *a)
{
	f->threads[f->threads_n++] = (struct late_thread){actor_name(a),
		clock_mono_ms() - actor_beat_ms(a)};
}

static void add_totals(struct alarm_facts *f, const struct overview *v)
{
	const struct totals *o = &v->totals[node_roles(v->n) & OPTION_O
		? PART_ORCHESTRATOR : PART_BROADCASTER];

	f->sessions = o->sessions;
	f->max_sessions = o->limit;
	f->transcoders = v->totals[PART_ORCHESTRATOR].transcoders;
	f->unsaved = v->totals[PART_ORCHESTRATOR].unsaved;
	f->orchestrators = v->totals[PART_BROADCASTER].orchestrators;
	/* One that drains has left of its own will. */
	f->registered = v->totals[PART_TRANSCODER].orchestrators ||
		atomic_load(&v->n->draining);
	f->unreachable = v->unreachable ? v->why : NULL;
	f->service_uri = node_service_uri(v->n);
	f->orchestrator_uri = f->is_remote ? v->n->orchestrators[0] : "";
	f->drained = atomic_load(&v->n->draining) && !live_sessions(v);
	if (!v->has_staker)
		return;
	f->stake.is_known = v->staker.known;
	f->stake.reward_owed = v->staker.reward_owed;
	f->stake.reward = v->staker.reward;
	f->stake.evicted = v->staker.evicted;
	f->stake.deed_failed = v->staker.failed;
	f->stake.deed = v->staker.deed;
	f->stake.eth = v->staker.eth;
}

static void check_alarms(struct overview *v)
{
	struct node *n = v->n;
	unsigned roles = node_roles(n) & atomic_load(&n->known);
	struct alarm_facts f = {
		.orchestrates = roles & OPTION_O,
		.broadcasts = roles & OPTION_B,
		.is_remote = roles & OPTION_T && is_remote_transcoder(n),
	};

	if (n->orchestrator)
		add_thread(&f, orchestrator_actor(n->orchestrator));
	if (n->broadcaster)
		add_thread(&f, broadcaster_actor(n->broadcaster));
	if (n->transcoder)
		add_thread(&f, transcoder_actor(n->transcoder));
	add_thread(&f, net_actor(n->net));
	add_totals(&f, v);
	watch_round(v->watch, &f);
}

/* --- can others reach us? --- */

static void on_pinged(void *ctx, struct err *taken, void *result)
{
	struct overview *v = ctx;

	v->unreachable = taken != NULL;
	if (taken)
		snprintf(v->why, sizeof(v->why), "%s", err_text(taken));
	err_free(taken);
	blob_put(result);
}

/* As the reference two seconds after its start; but where that shuts down, an
 * alarm stays up until the next try succeeds. */
static void check_service(struct overview *v, int64_t now_ms)
{
	struct node *n = v->n;
	struct str msg = STR_INIT;

	if (!v->check_ms || now_ms < v->check_ms || !(node_roles(n) & OPTION_O))
		return;
	v->check_ms = now_ms + SERVICE_RECHECK_MS;
	ping_encode("weir", 4, &msg);
	grpc_call(n->net, n->ports.service_uri, "/net.Orchestrator/Ping",
		blob_from_str(&msg), PING_MS, PING_MS,
		(struct reply){v->actor, on_pinged, v});
}

/* --- numbers --- */

static struct totals sum_of(const struct overview *v)
{
	struct totals s = {0};

	/* A segment passes through two roles of one node: the broadcaster's
	 * count is the one a person means, then the orchestrator's. */
	for (int i = PARTS - 1; i >= 0; i--) {
		const struct totals *t = &v->totals[i];

		if (t->ok || t->failed || t->sessions)
			s = *t;
		if (s.ok || s.failed || s.sessions)
			break;
	}
	return s;
}

/* The node's own, and its workers'. */
static void measure_cpu(struct overview *v)
{
	struct rusage self;
	int64_t now_us = clock_mono_us(), cpu_us;

	getrusage(RUSAGE_SELF, &self);
	cpu_us = (self.ru_utime.tv_sec + self.ru_stime.tv_sec) * (int64_t)1000000 +
		self.ru_utime.tv_usec + self.ru_stime.tv_usec;
	if (v->n->pool)
		cpu_us += pool_cpu_ms(v->n->pool) * 1000;
	v->cpu = v->cpu_at_us && now_us > v->cpu_at_us
		? (double)(cpu_us - v->cpu_us) /
		(double)(now_us - v->cpu_at_us) : -1;
	v->cpu_us = cpu_us;
	v->cpu_at_us = now_us;
}

static int64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*s %lld", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

/* --- the view --- */

static const char *state_of(const struct node *n, unsigned role)
{
	if (!(node_roles(n) & role))
		return "stopped";
	return atomic_load(&n->draining) || atomic_load(&n->leaving) & role ? "draining"
		: "running";
}

static struct role_row *add_role(struct view_node *view, const struct node *n,
	unsigned role, const char *name, const struct totals *t)
{
	struct role_row *r = VIEW_ADD(&view->roles);

	view_set(&r->name, name);
	view_set(&r->state, state_of(n, role));
	if (node_roles(n) & role)
		view_setf(&r->detail, "%lld sessions, %lld segments in flight",
			(long long)t->sessions, (long long)t->in_flight);
	return r;
}

static void add_listen(struct role_row *r, const char *what, const char *scheme,
	const char *address)
{
	struct listen_row *l = VIEW_ADD(&r->listens);

	view_set(&l->what, what);
	view_setf(&l->address, "%s%s", scheme, address);
}

/* Those that were ever started. */
static void add_roles(struct view_node *view, const struct overview *v)
{
	const struct node *n = v->n;
	unsigned known = atomic_load(&n->known), run = node_roles(n);
	struct role_row *r;

	if (known & OPTION_O) {
		r = add_role(view, n, OPTION_O, "orchestrator",
			&v->totals[PART_ORCHESTRATOR]);
		if (run & OPTION_O)
			add_listen(r, "service", "", n->ports.service_uri);
	}
	if (known & OPTION_T) {
		r = add_role(view, n, OPTION_T, "transcoder", &v->totals[
			is_remote_transcoder(n) ? PART_TRANSCODER : PART_ORCHESTRATOR]);
		if (run & OPTION_T && is_remote_transcoder(n))
			add_listen(r, "orchestrator", "", n->orchestrators[0]);
	}
	if (known & OPTION_B) {
		r = add_role(view, n, OPTION_B, "broadcaster",
			&v->totals[PART_BROADCASTER]);
		if (run & OPTION_B) {
			add_listen(r, "http", "", n->ports.playback);
			add_listen(r, "rtmp", "rtmp://", n->rtmp_address);
		}
	}
}

static void fill(struct overview *v, struct view_node *view)
{
	const struct node *n = v->n;
	struct totals sum = sum_of(v);

	view_set(&view->version, WEIR_VERSION);
	view_set(&view->network, config_text(n->config, OPT_NETWORK));
	view_set(&view->datadir, n->datadir);
	view_set(&view->state, atomic_load(&n->draining) ? "draining"
		: "running");
	view_set(&view->log_level, log_level_name(log_get_level()));
	view->pid = getpid();
	view->started_ms = n->started_ms;
	view->max_sessions = v->totals[n->orchestrator ? PART_ORCHESTRATOR
		: n->transcoder ? PART_TRANSCODER : PART_BROADCASTER].limit;
	view->sessions = sum.sessions;
	if (atomic_load(&n->draining)) {
		view_set(&view->drain_then,
			drain_then_name((enum drain_then)atomic_load(&n->drain_then)));
		view->drain_since_ms = atomic_load(&n->drain_since_ms);
		view->drain_left = live_sessions(v);
	}
	view->segments_ok = sum.ok;
	view->segments_failed = sum.failed;
	view->pixels = sum.pixels;
	add_roles(view, v);
	watch_rows(v->watch, view);
}

static bool is_same(const struct blob *a, const struct blob *b)
{
	return a && blob_size(a) == blob_size(b) &&
		!memcmp(blob_data(a), blob_data(b), blob_size(a));
}

/* What moves by itself - clock, memory, CPU - does not count as news. */
static void publish(struct overview *v, int64_t now_ms)
{
	struct view_node view = {0};
	struct str json = STR_INIT;
	struct blob *plain;

	fill(v, &view);
	view_encode(section_desc(SECTION_NODE), &view, &json);
	plain = blob_from_str(&json);
	if (is_same(v->last, plain) &&
		now_ms - v->published_ms < REPUBLISH_MS) {
		blob_put(plain);
		view_clear(section_desc(SECTION_NODE), &view);
		return;
	}
	blob_put(v->last);
	v->last = plain;
	v->published_ms = now_ms;
	view.now_ms = clock_wall_ms();
	view.rss = resident_bytes();
	view.cpu = v->cpu;
	view_encode(section_desc(SECTION_NODE), &view, &json);
	board_publish(v->n->board, SECTION_NODE, blob_from_str(&json));
	view_clear(section_desc(SECTION_NODE), &view);
}

/* --- the round --- */

static void on_nothing(void *ctx)
{
	(void)ctx;
}

static void take_totals(struct overview *v, enum part part, struct err *taken,
	struct totals *t)
{
	if (t)
		v->totals[part] = *t;
	err_free(taken);
	free(t);
}

static void on_orchestrator(void *ctx, struct err *taken, void *result)
{
	take_totals(ctx, PART_ORCHESTRATOR, taken, result);
}

static void on_transcoder(void *ctx, struct err *taken, void *result)
{
	take_totals(ctx, PART_TRANSCODER, taken, result);
}

static void on_broadcaster(void *ctx, struct err *taken, void *result)
{
	take_totals(ctx, PART_BROADCASTER, taken, result);
}

static void on_staker(void *ctx, struct err *taken, void *result)
{
	struct overview *v = ctx;
	struct staker_state *state = result;

	if (state) {
		v->staker = *state;
		v->has_staker = true;
	}
	free(state);
	err_free(taken);
}

static void ask_roles(struct overview *v)
{
	struct node *n = v->n;
	struct actor *to = v->actor;

	if (n->orchestrator)
		orchestrator_totals(n->orchestrator,
			(struct reply){to, on_orchestrator, v});
	if (n->transcoder)
		transcoder_totals(n->transcoder,
			(struct reply){to, on_transcoder, v});
	if (n->broadcaster)
		broadcaster_totals(n->broadcaster,
			(struct reply){to, on_broadcaster, v});
	if (n->staker)
		staker_state(n->staker, (struct reply){to, on_staker, v});
	money_views_ask(v->n, v->actor, v->has_staker ? &v->staker : NULL);
}

static void note_shortages(struct overview *v)
{
	unsigned n = mem_shortages();

	if (n != v->shortages)
		log_unusual(v->n->log, "memory was short: the reserve helped out %u times, "
			"%u since the start", n - v->shortages, n);
	v->shortages = n;
}

static void on_tick(void *ctx)
{
	struct overview *v = ctx;
	int64_t now_ms = clock_mono_ms();

	measure_cpu(v);
	check_service(v, now_ms);
	check_alarms(v);
	chronicle_tick(v->chronicle, v->totals, PARTS, v->cpu_us / 1000);
	note_shortages(v);
	publish(v, now_ms);
	ask_roles(v);
}

static void on_start(void *ctx)
{
	struct overview *v = ctx;

	v->watch = watch_new(v->n, v->actor);
	v->tick = timer_new(v->actor, on_tick, v);
	/* The first round only once the roles' first answers are in. */
	timer_set(v->tick, TICK_MS / 4, TICK_MS);
	ask_roles(v);
}

void overview_start(struct node *n)
{
	struct overview *v = XNEW(struct overview);

	v->n = n;
	v->cpu = -1;
	v->chronicle = chronicle_new(n->log, n->board, n->history, n->kept_trend);
	if (config_bool(n->config, OPT_TEST_ORCH_AVAIL))
		v->check_ms = clock_mono_ms() + SERVICE_CHECK_MS;
	v->actor = actor_new("node", 64);
	n->overview = v;
	actor_call(v->actor, on_start, v);
}

/* --- the operator has seen them --- */

struct ack {
	struct overview *v;
	char *id;
	struct reply reply;
};

static void on_ack(void *ctx)
{
	struct ack *a = ctx;
	size_t n = watch_ack(a->v->watch, a->id);
	struct str text = STR_INIT;

	publish(a->v, clock_mono_ms()); /* who asks next sees it */
	if (!n && a->id) {
		reply_send(a->reply, err_new(ERR_NOT_FOUND, "no unseen alarm %s; `weir alarms` "
			"lists them", a->id), NULL);
	} else {
		str_printf(&text, "%zu %s seen", n, n == 1 ? "alarm" : "alarms");
		reply_send(a->reply, NULL, str_take(&text));
	}
	free(a->id);
	free(a);
}

void overview_ack(struct node *n, const char *id, struct reply reply)
{
	struct ack *a = XNEW(struct ack);

	*a = (struct ack){n->overview, id && *id ? xstrdup(id) : NULL, reply};
	actor_post(n->overview->actor, on_ack, a);
}

/* --- is anything under way? --- */

static void add_totals_of(void *ctx, struct err *taken, void *result)
{
	struct totals *sum = ctx, *t = result;

	sum->in_flight += t->in_flight;
	sum->sessions += t->sessions;
	err_free(taken);
	free(t);
}

/* Each role answers on its own thread, and the call after it waits for that. */
static void ask_totals(struct node *n, struct totals *sum, struct totals *remote)
{
	struct reply reply = {NULL, add_totals_of, sum};

	if (n->orchestrator) {
		orchestrator_totals(n->orchestrator, reply);
		actor_call(orchestrator_actor(n->orchestrator), on_nothing,
			NULL);
	}
	if (n->transcoder) {
		transcoder_totals(n->transcoder, (struct reply){NULL, add_totals_of, remote});
		actor_call(transcoder_actor(n->transcoder), on_nothing, NULL);
	}
	if (n->broadcaster) {
		broadcaster_totals(n->broadcaster, reply);
		actor_call(broadcaster_actor(n->broadcaster), on_nothing,
			NULL);
	}
}

bool node_is_idle(struct node *n)
{
	struct totals sum = {0}, remote = {0};

	ask_totals(n, &sum, &remote);
	return !sum.in_flight && !remote.in_flight;
}

/* A transcoder's sessions are its orchestrator's: what it owes are segments. */
struct drain_state node_drain_state(struct node *n)
{
	struct drain_state s = {atomic_load(&n->draining),
		(enum drain_then)atomic_load(&n->drain_then), 0};
	struct totals sum = {0}, remote = {0};

	if (s.draining)
		ask_totals(n, &sum, &remote);
	s.live = sum.sessions + remote.in_flight;
	return s;
}

static void on_stop(void *ctx)
{
	struct overview *v = ctx;

	timer_free(TAKE(v->tick));
	watch_stop(v->watch);
}

void overview_stop(struct node *n)
{
	if (n->overview)
		actor_call(n->overview->actor, on_stop, n->overview);
}

void overview_free(struct node *n)
{
	struct overview *v = TAKE(n->overview);

	if (!v)
		return;
	actor_free(v->actor);
	chronicle_free(v->chronicle);
	watch_free(v->watch);
	blob_put(v->last);
	free(v);
}

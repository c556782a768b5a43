/* Who transcodes a session's segment: this node's pool or a registered
 * transcoder, by load over capacity; a session sticks to its choice. Deadlines,
 * second runs, and what happens when a transcoder is lost (go-livepeer
 * core/orchestrator.go RemoteTranscoderManager). Runs on the orch actor. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"
#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/role/orchestrator_private.h"

#define TASK_MIN_MS 8000 /* the network's: max(8 s, 4 x duration) */
#define TASK_DURATIONS 4

static int64_t task_limit_ms(const struct job *job)
{
	int64_t ms = (int64_t)TASK_DURATIONS * job->order->creds.duration_ms;

	return ms > TASK_MIN_MS ? ms : TASK_MIN_MS;
}

/* --- sending to a transcoder --- */

struct notice {
	struct net *net;
	uint64_t exchange;
	struct str message;
	bool close;
};

static void on_net_notice(void *ctx)
{
	struct notice *n = ctx;
	struct exchange *x = exchange_find(n->net, n->exchange);

	if (x && n->close)
		grpc_close(x, GRPC_OK, "");
	else if (x)
		grpc_send(x, str_cstr(&n->message), n->message.len);
	str_clear(&n->message);
	free(n);
}

static void notify(struct orchestrator *o, const struct remote *t,
	const struct notify_segment *m)
{
	struct notice *n = XNEW(struct notice);

	n->net = o->net;
	n->exchange = t->exchange;
	notify_segment_encode(m, &n->message);
	actor_post(net_actor(o->net), on_net_notice, n);
}

/* Ends the transcoder's stream with status OK: it will reconnect. Never
 * CANCELLED, which go-livepeer's transcoder takes for its own interrupt. */
static void dismiss(struct orchestrator *o, const struct remote *t)
{
	struct notice *n = XNEW(struct notice);

	n->net = o->net;
	n->exchange = t->exchange;
	n->close = true;
	actor_post(net_actor(o->net), on_net_notice, n);
}

static void start_run(struct orchestrator *o, struct session *s,
	struct job *job, struct remote *t)
{
	struct notify_segment *m = XNEW(struct notify_segment);
	struct run *run = &job->run[job->runs++];
	char name[48];

	run->on = t;
	run->task_id = o->next_task++;
	run->began_ms = clock_mono_ms();
	memcpy(t->current, s->id, sizeof(t->current));
	snprintf(name, sizeof(name), "%lld.tempfile",
		(long long)job->order->creds.seq);
	shelf_put(o->shelf, s->id, name, SHELF_RING,
		blob_ref(job->order->body));
	m->task_id = run->task_id;
	snprintf(m->orch_id, sizeof(m->orch_id), "offchain");
	if (o->cashier)
		ec_address_text(m->orch_id, cashier_recipient(o->cashier).b);
	snprintf(m->url, sizeof(m->url), "%.255s/stream/%s/%s", o->service_uri,
		s->id, name);
	m->has_creds = true;
	m->creds = job->order->creds;
	memset(m->creds.hash, 0, sizeof(m->creds.hash));
	m->creds.sig_len = 0;
	m->creds.has_storage = false;
	notify(o, t, m);
	free(m);
	log_debug(o->log, "session %s: segment %lld to transcoder %s, task %lld",
		s->id, (long long)job->order->creds.seq, t->id,
		(long long)run->task_id);
}

/* --- stickiness and load --- */

unsigned orchestrator_local_load(const struct orchestrator *o)
{
	unsigned n = 0;

	for (const struct session *s = o->sessions; s; s = s->hh.next)
		n += s->is_local;
	return n;
}

unsigned orchestrator_local_capacity(const struct orchestrator *o)
{
	return o->uses_pool ? pool_capacity(o->pool) : 0;
}

static void stick(struct session *s, struct remote *t)
{
	s->on = t;
	t->load++;
}

void assign_release(struct orchestrator *o, struct session *s)
{
	(void)o;
	if (s->on) {
		s->on->load--;
		s->on = NULL;
	}
	s->is_local = false;
}

void assign_teardown(struct orchestrator *o, struct session *s)
{
	if (s->on) {
		struct notify_segment *m = XNEW(struct notify_segment);

		m->has_creds = true;
		m->creds.token.present = true;
		memcpy(m->creds.token.session_id, s->id, sizeof(s->id));
		notify(o, s->on, m);
		free(m);
	}
	if (o->pool)
		pool_end_session(o->pool, s->id);
	assign_release(o, s);
}

/* --- the local pool --- */

static void on_pool_done(void *ctx, struct err *taken, void *result)
{
	struct job *job = ctx;
	struct orchestrator *o = job->o;
	struct transcode_output *out = result;
	struct session *s = session_find(o, job->session);

	ASSERT_ON(o->actor);
	if (s && out)
		snprintf(s->worker, sizeof(s->worker), "%s", out->device);
	orchestrator_finish(o, job, taken, out);
}

static void start_local(struct orchestrator *o, struct session *s,
	struct job *job)
{
	const struct segment_creds *c = &job->order->creds;
	struct transcode_job *t = XNEW(struct transcode_job);

	s->is_local = true;
	job->local = true;
	memcpy(t->session, s->id, sizeof(t->session));
	memcpy(t->manifest, c->manifest, sizeof(t->manifest));
	t->seq = c->seq;
	t->duration_ms = c->duration_ms ? c->duration_ms : 2000;
	t->input = blob_ref(job->order->body);
	t->ladder = c->ladder;
	t->has_slice = c->has_slice && c->slice_to_ms;
	t->slice_from_ms = c->slice_from_ms;
	t->slice_to_ms = c->slice_to_ms;
	t->force_reinit = c->force_session_reinit;
	t->calc_perceptual_hash = c->calc_perceptual_hash;
	pool_transcode(o->pool, t,
		(struct reply){o->actor, on_pool_done, job});
}

/* --- choosing --- */

/* Is the pool the better place: has it room, and a smaller share taken? */
static bool prefer_local(struct orchestrator *o, const struct remote *t)
{
	unsigned capacity = orchestrator_local_capacity(o);
	unsigned load = orchestrator_local_load(o);

	if (load >= capacity)
		return false;
	return !t || (int64_t)load * t->capacity <=
		t->load * (int64_t)capacity;
}

static void list_job(struct orchestrator *o, struct job *job)
{
	job->next = o->jobs;
	o->jobs = job;
}

static void unlist_job(struct orchestrator *o, struct job *job)
{
	struct job **at = &o->jobs;

	while (*at && *at != job)
		at = &(*at)->next;
	if (*at)
		*at = job->next;
}

void assign_start(struct orchestrator *o, struct session *s, struct job *job)
{
	struct remote *t = s->on;
	bool any = false;

	if (s->is_local) {
		start_local(o, s, job);
		return;
	}
	if (!t) {
		t = remotes_pick(&o->remotes, &job->order->creds.caps, NULL,
			&any);
		if (prefer_local(o, t)) {
			start_local(o, s, job);
			return;
		}
		if (t)
			stick(s, t);
	}
	if (!t) {
		orchestrator_finish(o, job, err_new(ERR_BUSY, "%s",
			any || o->uses_pool || !o->remotes.list
			? "no transcoders available"
			: "no transcoders can provide requested capabilities"),
			NULL);
		return;
	}
	list_job(o, job);
	start_run(o, s, job, t);
}

/* --- a run's end --- */

static struct run *find_run(struct orchestrator *o, int64_t task_id,
	struct job **job)
{
	for (*job = o->jobs; *job; *job = (*job)->next) {
		for (size_t i = 0; i < (*job)->runs; i++) {
			struct run *r = &(*job)->run[i];

			if (r->on && r->task_id == task_id)
				return r;
		}
	}
	return NULL;
}

static bool is_running(const struct job *job)
{
	for (size_t i = 0; i < job->runs; i++) {
		if (job->run[i].on)
			return true;
	}
	return false;
}

/* Another transcoder takes the job over, if there is one; the session moves
 * there. */
static bool rerun(struct orchestrator *o, struct job *job,
	const struct remote *except)
{
	struct session *s = session_find(o, job->session);
	struct remote *t;
	bool any;

	if (!s || job->runs == JOB_RUNS)
		return false;
	t = remotes_pick(&o->remotes, &job->order->creds.caps, except, &any);
	if (!t)
		return false;
	assign_release(o, s);
	stick(s, t);
	tally_retry(&s->tally, clock_wall_ms(), "segment moved to another "
		"transcoder");
	start_run(o, s, job, t);
	return true;
}

/* Takes the job away from lost transcoders to the pool, as a last resort. */
static bool rerun_local(struct orchestrator *o, struct job *job)
{
	struct session *s = session_find(o, job->session);

	if (!s || !prefer_local(o, NULL))
		return false;
	assign_release(o, s);
	unlist_job(o, job);
	start_local(o, s, job);
	return true;
}

static void finish(struct orchestrator *o, struct job *job, struct err *e,
	struct transcode_output *out)
{
	unlist_job(o, job);
	orchestrator_finish(o, job, e, out);
}

void assign_done(struct orchestrator *o, int64_t task_id,
	struct err *taken_err, struct transcode_output *taken)
{
	struct job *job;
	struct run *run = find_run(o, task_id, &job);
	struct session *s;
	int64_t pixels = 0;

	if (!run) { /* late: somebody else answered, or nobody waits */
		err_free(taken_err);
		transcode_output_free(taken);
		return;
	}
	s = session_find(o, job->session);
	if (taken_err) {
		remote_note(run->on, clock_wall_ms(), err_text(taken_err));
		run->on = NULL;
		if (is_running(job)) { /* the other run may still make it */
			err_free(taken_err);
			transcode_output_free(taken);
			return;
		}
	} else {
		for (size_t i = 0; i < taken->n; i++)
			pixels += taken->r[i].pixels;
		remote_done(run->on, job->order->creds.duration_ms,
			clock_mono_ms() - run->began_ms, pixels);
		run->on->current[0] = '\0';
		if (s)
			snprintf(s->worker, sizeof(s->worker), "%s",
				run->on->id);
	}
	finish(o, job, taken_err, taken);
}

void assign_lost(struct orchestrator *o, struct remote *t)
{
	struct job *job, *next;

	for (struct session *s = o->sessions; s; s = s->hh.next) {
		if (s->on == t)
			assign_release(o, s);
	}
	for (job = o->jobs; job; job = next) {
		bool hit = false;

		next = job->next;
		for (size_t i = 0; i < job->runs; i++) {
			if (job->run[i].on == t) {
				job->run[i].on = NULL;
				hit = true;
			}
		}
		if (!hit || is_running(job) || rerun(o, job, t) ||
			rerun_local(o, job))
			continue;
		finish(o, job, err_new(ERR_UNAVAILABLE,
			"Transcoder terminated"), NULL);
	}
}

/* Late: at half its time the segment is tried elsewhere too; at the full time
 * the transcoder is sent away and the segment has failed. */
static void check_run(struct orchestrator *o, struct job *job, struct run *run,
	int64_t now_ms)
{
	int64_t late_ms = now_ms - run->began_ms, limit_ms = task_limit_ms(job);

	if (late_ms >= limit_ms) {
		log_unusual(o->log, "transcoder %s: no answer to task %lld "
			"for %lld ms", run->on->id, (long long)run->task_id,
			(long long)late_ms);
		remote_note(run->on, clock_wall_ms(),
			"Remote transcoder took too long");
		run->on->draining = true; /* until its stream is closed */
		dismiss(o, run->on);
		run->on = NULL;
	} else if (late_ms >= limit_ms / 2 && job->runs == 1) {
		(void)rerun(o, job, run->on);
	}
}

void assign_tick(struct orchestrator *o, int64_t now_ms)
{
	struct job *job, *next;

	for (job = o->jobs; job; job = next) {
		next = job->next;
		for (size_t i = 0; i < job->runs; i++) {
			if (job->run[i].on)
				check_run(o, job, &job->run[i], now_ms);
		}
		if (!is_running(job))
			finish(o, job, err_new(ERR_TIMEOUT,
				"Remote transcoder took too long"), NULL);
	}
}

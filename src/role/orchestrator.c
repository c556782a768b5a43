#include "src/role/orchestrator.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/crypto/mac.h"
#include "src/crypto/random.h"
#include "db/history.h"
#include "src/role/orchestrator_private.h"

#define TICK_MS 250
#define PUBLISH_MS 250
#define SESSION_IDLE_MS 70000 /* transcodeLoopTimeout, wire.md 3.6 */
#define RENDITION_MIN_BYTES 25

void order_free(struct order *order)
{
	if (!order)
		return;
	blob_put(order->body);
	free(order);
}

/* --- sessions --- */

struct session *session_find(struct orchestrator *o, const char *id)
{
	struct session *s;

	HASH_FIND_STR(o->sessions, id, s);
	return s;
}

unsigned orchestrator_limit(const struct orchestrator *o)
{
	if (!o->auto_sessions)
		return o->max_sessions;
	return (unsigned)remotes_capacity(&o->remotes) +
		(o->pool ? pool_capacity(o->pool) : 0);
}

static bool is_full(const struct orchestrator *o)
{
	return o->draining || HASH_COUNT(o->sessions) >= orchestrator_limit(o);
}

static struct session *session_start(struct orchestrator *o,
	const struct order *order)
{
	struct session *s = XNEW(struct session);

	memcpy(s->id, order->creds.token.session_id, sizeof(s->id));
	memcpy(s->manifest, order->creds.manifest, sizeof(s->manifest));
	memcpy(s->remote, order->remote, sizeof(s->remote));
	s->used_ms = clock_mono_ms();
	tally_init(&s->tally, &o->totals, clock_wall_ms());
	HASH_ADD_STR(o->sessions, id, s);
	log_info(o->log, "session %s: started for manifest %s, broadcaster %s",
		s->id, s->manifest, s->remote);
	history_session_started(o->history, "O", s->id, s->manifest,
		s->tally.started_ms);
	return s;
}

/* Answers the exchange with the given result and lets it go. */
static void answer(struct orchestrator *o, const struct order *order,
	struct transcode_result *result);

static void answer_error(struct orchestrator *o, const struct order *order,
	const char *text)
{
	struct transcode_result *r = XNEW(struct transcode_result);

	r->error = xstrdup(text);
	answer(o, order, r);
	transcode_result_clear(r);
	free(r);
}

static void session_end(struct orchestrator *o, struct session *s,
	const char *why)
{
	HASH_DEL(o->sessions, s);
	log_info(o->log, "session %s: ended, %s (%lld segments, %lld failed)",
		s->id, why, (long long)s->tally.out, (long long)s->tally.failed);
	history_session_ended(o->history, "O", s->id, clock_wall_ms(),
		s->tally.out, s->tally.failed, s->tally.last_error);
	for (size_t i = 0; i < s->queue_n; i++) {
		answer_error(o, s->queue[i], "TranscoderStopped");
		order_free(s->queue[i]);
	}
	assign_teardown(o, s);
	shelf_drop(o->shelf, s->id);
	tally_clear(&s->tally);
	free(s);
	orchestrator_touch(o);
}

/* --- the answer to a segment --- */

struct outgoing {
	struct net *net;
	uint64_t exchange;
	struct blob *body;
};

static void on_net_answer(void *ctx)
{
	struct outgoing *out = ctx;
	struct exchange *x = exchange_find(out->net, out->exchange);

	if (x) {
		exchange_write(x, out->body);
		exchange_finish(x);
	} else {
		blob_put(out->body);
	}
	free(out);
}

static void answer(struct orchestrator *o, const struct order *order,
	struct transcode_result *result)
{
	struct outgoing *out = XNEW(struct outgoing);
	struct str body = STR_INIT;

	result->seq = order->creds.seq;
	result->has_info = true;
	result->info = order->info;
	transcode_result_encode(result, &body);
	out->net = o->net;
	out->exchange = order->exchange;
	out->body = blob_from_str(&body);
	actor_post(net_actor(o->net), on_net_answer, out);
}

/* The renditions go on the shelf, their addresses into the result. */
static void publish_output(struct orchestrator *o, struct session *s,
	const struct order *order, struct transcode_output *output,
	struct transcode_result *result)
{
	const struct ladder *l = &order->creds.ladder;
	char dir[SESSION_ID_SIZE + RENDITION_NAME_SIZE + 2], name[48];

	for (size_t i = 0; i < output->n; i++) {
		struct transcoded_rendition *t = &result->r[i];
		const char *ext = container_ext(l->r[i].container);

		snprintf(dir, sizeof(dir), "%s/%s", s->id, l->r[i].name);
		snprintf(name, sizeof(name), "%lld%s",
			(long long)order->creds.seq, ext);
		snprintf(t->url, sizeof(t->url), "%.255s/stream/%s/%s",
			o->service_uri, dir, name);
		t->pixels = output->r[i].pixels;
		s->pixels[i] += t->pixels;
		o->totals.pixels += t->pixels;
		s->bytes[i] += (int64_t)blob_size(output->r[i].data);
		s->outputs[i]++;
		shelf_put(o->shelf, dir, name, SHELF_RING,
			blob_ref(output->r[i].data));
		if (!output->r[i].phash)
			continue;
		strncat(name, ".phash", sizeof(name) - strlen(name) - 1);
		snprintf(t->phash_url, sizeof(t->phash_url), "%s.phash",
			t->url);
		shelf_put(o->shelf, dir, name, SHELF_RING,
			blob_ref(output->r[i].phash));
	}
	result->n = output->n;
}

/* What the reference refuses in a transcoder's answer; NULL: it is fine. */
static const char *judge_output(const struct order *order,
	const struct transcode_output *output)
{
	if (output->n != order->creds.ladder.n)
		return "MismatchedSegments";
	for (size_t i = 0; i < output->n; i++) {
		if (blob_size(output->r[i].data) < RENDITION_MIN_BYTES)
			return "ZeroSegments";
	}
	return NULL;
}

static void start_next(struct orchestrator *o, struct session *s);

static void note_result(struct orchestrator *o, struct session *s,
	const struct job *job, const char *error, int64_t bytes)
{
	const struct segment_creds *c = &job->order->creds;
	int64_t latency_ms = clock_mono_ms() - job->order->began_ms;
	int64_t now_ms = clock_wall_ms();

	if (error)
		tally_failed(&s->tally, now_ms, c->seq, c->duration_ms,
			latency_ms, error);
	else
		tally_out(&s->tally, now_ms, c->seq, c->duration_ms,
			latency_ms, bytes, s->worker);
	history_segment(o->history, "O", s->id, c->seq, now_ms, c->duration_ms,
		latency_ms, bytes, error);
}

void orchestrator_finish(struct orchestrator *o, struct job *job,
	struct err *taken_err, struct transcode_output *taken)
{
	struct session *s = session_find(o, job->session);
	struct transcode_result *r = XNEW(struct transcode_result);
	const char *error = taken_err ? err_text(taken_err) : NULL;
	int64_t bytes = 0;

	if (!error && !s)
		error = "TranscoderStopped";
	if (!error)
		error = judge_output(job->order, taken);
	for (size_t i = 0; taken && i < taken->n; i++)
		bytes += (int64_t)blob_size(taken->r[i].data);
	if (error) {
		r->error = xstrdup(error);
		log_unusual(o->log, "session %s: segment %lld failed: %s",
			job->session, (long long)job->order->creds.seq, error);
	} else {
		publish_output(o, s, job->order, taken, r);
		log_debug(o->log, "session %s: segment %lld done in %lld ms",
			job->session, (long long)job->order->creds.seq,
			(long long)(clock_mono_ms() - job->began_ms));
	}
	answer(o, job->order, r);
	if (s) {
		note_result(o, s, job, error, bytes);
		if (error)
			assign_release(o, s);
		s->job = NULL;
		s->used_ms = clock_mono_ms();
	}
	transcode_result_clear(r);
	free(r);
	order_free(job->order);
	free(job);
	err_free(taken_err);
	transcode_output_free(taken);
	if (s)
		start_next(o, s);
	orchestrator_touch(o);
}

static void start_next(struct orchestrator *o, struct session *s)
{
	struct job *job;

	if (s->job || !s->queue_n)
		return;
	job = XNEW(struct job);
	job->o = o;
	memcpy(job->session, s->id, sizeof(job->session));
	job->order = s->queue[0];
	job->began_ms = clock_mono_ms();
	s->queue_n--;
	memmove(&s->queue[0], &s->queue[1], s->queue_n * sizeof(s->queue[0]));
	s->job = job;
	assign_start(o, s, job);
}

/* --- requests from the net actor --- */

struct info_request {
	struct orchestrator *o;
	struct orchestrator_request req;
	struct reply reply;
};

static struct orchestrator_info *make_info(struct orchestrator *o)
{
	struct orchestrator_info *info = XNEW(struct orchestrator_info);

	memcpy(info->transcoder, o->service_uri, sizeof(info->transcoder));
	info->caps = o->caps;
	info->caps.present = true;
	snprintf(info->caps.version, sizeof(info->caps.version), "%s",
		o->version);
	return info;
}

static void on_info(void *ctx)
{
	struct info_request *q = ctx;
	struct orchestrator *o = q->o;
	struct orchestrator_info *info = NULL;
	struct err *e = NULL;

	ASSERT_ON(o->actor);
	if (is_full(o)) {
		e = err_new(ERR_BUSY, "Invalid orchestrator request: "
			"OrchestratorCapped");
	} else {
		info = make_info(o);
		auth_token_issue(&info->token, o->token_key,
			clock_wall_ms() / 1000);
	}
	reply_send(q->reply, e, info);
	free(q);
}

void orchestrator_info(struct orchestrator *o,
	const struct orchestrator_request *req, struct reply reply)
{
	struct info_request *q = XNEW(struct info_request);

	q->o = o;
	q->req = *req;
	q->reply = reply;
	actor_post(o->actor, on_info, q);
}

struct admission {
	struct orchestrator *o;
	struct order *order;
	struct reply reply;
};

static struct err *admit(struct orchestrator *o, struct order *order)
{
	const struct segment_creds *c = &order->creds;
	struct orchestrator_info *info;
	struct err *e;

	if (!caps_compatible(&c->caps, &o->caps))
		return err_new(ERR_DENIED, "incompatible capabilities");
	e = auth_token_verify(&c->token, o->token_key, clock_wall_ms() / 1000);
	if (e)
		return e;
	if (!session_find(o, c->token.session_id) && is_full(o))
		return err_new(ERR_DENIED, "OrchestratorCapped");
	info = make_info(o);
	info->token = c->token;
	order->info = *info;
	free(info);
	return NULL;
}

static void on_admit(void *ctx)
{
	struct admission *a = ctx;

	ASSERT_ON(a->o->actor);
	reply_send(a->reply, admit(a->o, a->order), a->order);
	free(a);
}

void orchestrator_admit(struct orchestrator *o, struct order *taken,
	struct reply reply)
{
	struct admission *a = XNEW(struct admission);

	a->o = o;
	a->order = taken;
	a->reply = reply;
	actor_post(o->actor, on_admit, a);
}

static void on_transcode(void *ctx)
{
	struct admission *a = ctx;
	struct orchestrator *o = a->o;
	struct order *order = TAKE(a->order);
	struct session *s = session_find(o, order->creds.token.session_id);

	ASSERT_ON(o->actor);
	free(a);
	if (!s && is_full(o)) {
		answer_error(o, order, "OrchestratorCapped");
		order_free(order);
		return;
	}
	if (!s)
		s = session_start(o, order);
	s->used_ms = clock_mono_ms();
	tally_in(&s->tally, clock_wall_ms(), order->creds.duration_ms,
		(int64_t)blob_size(order->body));
	if (s->queue_n == SESSION_QUEUE) {
		tally_failed(&s->tally, clock_wall_ms(), order->creds.seq,
			order->creds.duration_ms, 0, "OrchestratorBusy");
		answer_error(o, order, "OrchestratorBusy");
		order_free(order);
		return;
	}
	s->ladder = order->creds.ladder;
	s->media_ms += order->creds.duration_ms;
	s->queue[s->queue_n++] = order;
	start_next(o, s);
	orchestrator_touch(o);
}

void orchestrator_transcode(struct orchestrator *o, struct order *taken)
{
	struct admission *a = XNEW(struct admission);

	a->o = o;
	a->order = taken;
	actor_post(o->actor, on_transcode, a);
}

struct end_request {
	struct orchestrator *o;
	struct auth_token token;
	bool trusted; /* asked by the operator: no token to check */
	struct reply reply;
};

static void on_end(void *ctx)
{
	struct end_request *q = ctx;
	struct orchestrator *o = q->o;
	struct session *s = session_find(o, q->token.session_id);
	struct err *e = NULL;

	ASSERT_ON(o->actor);
	if (!q->trusted) {
		e = auth_token_verify(&q->token, o->token_key, 0);
		if (e) {
			err_free(e);
			e = err_new(ERR_DENIED, "Invalid auth token");
		}
	} else if (!s) {
		e = err_new(ERR_NOT_FOUND, "no session %s",
			q->token.session_id);
	}
	if (!e && s)
		session_end(o, s, q->trusted ? "by the operator"
			: "by its broadcaster");
	reply_send(q->reply, e, NULL);
	free(q);
}

void orchestrator_end_session(struct orchestrator *o,
	const struct auth_token *token, struct reply reply)
{
	struct end_request *q = XNEW(struct end_request);

	q->o = o;
	q->token = *token;
	q->reply = reply;
	actor_post(o->actor, on_end, q);
}

void orchestrator_drop_session(struct orchestrator *o, const char *id,
	struct reply reply)
{
	struct end_request *q = XNEW(struct end_request);

	q->o = o;
	q->trusted = true;
	snprintf(q->token.session_id, sizeof(q->token.session_id), "%s", id);
	q->reply = reply;
	actor_post(o->actor, on_end, q);
}

bool orchestrator_secret_ok(const struct orchestrator *o, const char *secret)
{
	return *o->secret && secret_equal(secret, o->secret);
}

/* --- transcoders come and go --- */

struct registration {
	struct orchestrator *o;
	struct register_request req;
	uint64_t exchange;
	char address[64];
};

static void on_register(void *ctx)
{
	struct registration *r = ctx;
	struct orchestrator *o = r->o;
	struct remote *t;

	ASSERT_ON(o->actor);
	t = remotes_add(&o->remotes, &r->req, r->exchange, r->address,
		clock_wall_ms());
	caps_union_add(&o->caps, &t->caps);
	log_info(o->log, "transcoder %s: registered from %s, capacity %lld",
		t->id, t->address, (long long)t->capacity);
	orchestrator_touch(o);
	free(r);
}

void orchestrator_register(struct orchestrator *o,
	const struct register_request *req, uint64_t exchange,
	const char *address)
{
	struct registration *r = XNEW(struct registration);

	r->o = o;
	r->req = *req;
	/* A transcoder from before capabilities is taken to have the usual. */
	if (!r->req.caps.present)
		caps_default(&r->req.caps);
	r->exchange = exchange;
	snprintf(r->address, sizeof(r->address), "%s", address);
	actor_post(o->actor, on_register, r);
}

static void on_unregister(void *ctx)
{
	struct registration *r = ctx;
	struct orchestrator *o = r->o;
	struct remote *t = remotes_by_exchange(&o->remotes, r->exchange);

	ASSERT_ON(o->actor);
	if (t) {
		log_unusual(o->log, "transcoder %s: left (%s)", t->id,
			t->address);
		caps_union_sub(&o->caps, &t->caps);
		assign_lost(o, t);
		remotes_remove(&o->remotes, t);
		orchestrator_touch(o);
	}
	free(r);
}

void orchestrator_unregister(struct orchestrator *o, uint64_t exchange)
{
	struct registration *r = XNEW(struct registration);

	r->o = o;
	r->exchange = exchange;
	actor_post(o->actor, on_unregister, r);
}

struct task_result {
	struct orchestrator *o;
	int64_t task_id;
	struct err *err;
	struct transcode_output *output;
};

static void on_task_done(void *ctx)
{
	struct task_result *r = ctx;

	ASSERT_ON(r->o->actor);
	assign_done(r->o, r->task_id, r->err, r->output);
	free(r);
}

void orchestrator_task_done(struct orchestrator *o, int64_t task_id,
	struct err *taken_err, struct transcode_output *taken)
{
	struct task_result *r = XNEW(struct task_result);

	r->o = o;
	r->task_id = task_id;
	r->err = taken_err;
	r->output = taken;
	actor_post(o->actor, on_task_done, r);
}

/* --- what the operator sees --- */

void orchestrator_touch(struct orchestrator *o)
{
	o->dirty = true;
}

static void session_row(const struct orchestrator *o, const struct session *s,
	struct session_row *row)
{
	view_set(&row->id, s->id);
	view_set(&row->role, "O");
	view_set(&row->manifest, s->manifest);
	view_set(&row->state, s->job || s->queue_n ? "live" : "waiting");
	view_set(&row->remote, s->remote);
	view_set(&row->orchestrator, o->service_uri);
	view_set(&row->transcoder, s->on ? s->on->id : s->worker);
	tally_row(&s->tally, row);
	for (size_t i = 0; i < s->ladder.n; i++) {
		struct rendition_row *r = VIEW_ADD(&row->renditions);
		const struct rendition *p = &s->ladder.r[i];

		view_set(&r->name, p->name);
		r->width = p->width;
		r->height = p->height;
		r->fps = p->fps ? (double)p->fps /
			(p->fps_den ? p->fps_den : 1) : 0;
		r->bitrate = p->bitrate;
		r->segments = s->outputs[i];
		r->bytes = s->bytes[i];
		r->pixels = s->pixels[i];
		if (s->media_ms)
			r->measured_bitrate = s->bytes[i] * 8000 / s->media_ms;
	}
}

static void publish(struct orchestrator *o)
{
	struct view_sessions v = {0};
	struct view_transcoders t = {0};
	struct str json = STR_INIT;

	for (struct session *s = o->sessions; s; s = s->hh.next)
		session_row(o, s, VIEW_ADD(&v.rows));
	v.max_sessions = orchestrator_limit(o);
	view_encode(section_desc(SECTION_SESSIONS), &v, &json);
	board_publish(o->board, SECTION_SESSIONS, blob_from_str(&json));
	view_clear(section_desc(SECTION_SESSIONS), &v);
	if (o->pool)
		pool_view(o->pool, &t);
	for (struct remote *r = o->remotes.list; r; r = r->next)
		remote_row(r, VIEW_ADD(&t.rows));
	view_encode(section_desc(SECTION_TRANSCODERS), &t, &json);
	board_publish(o->board, SECTION_TRANSCODERS, blob_from_str(&json));
	view_clear(section_desc(SECTION_TRANSCODERS), &t);
}

static void on_tick(void *ctx)
{
	struct orchestrator *o = ctx;
	int64_t now_ms = clock_mono_ms();
	struct session *s, *next;

	assign_tick(o, now_ms);
	HASH_ITER(hh, o->sessions, s, next) {
		if (!s->job && now_ms - s->used_ms > SESSION_IDLE_MS)
			session_end(o, s, "idle for 70 s");
	}
	if (o->dirty && now_ms - o->published_ms >= PUBLISH_MS) {
		o->dirty = false;
		o->published_ms = now_ms;
		publish(o);
	}
}

/* --- the operator's commands --- */

struct order_from_console {
	struct orchestrator *o;
	char id[64];
	bool drain;
	unsigned n;
	struct reply reply;
};

static void on_drain(void *ctx)
{
	struct order_from_console *q = ctx;

	q->o->draining = q->drain;
	log_info(q->o->log, q->drain ? "draining: no new sessions"
		: "taking sessions again");
	orchestrator_touch(q->o);
	free(q);
}

void orchestrator_drain(struct orchestrator *o, bool drain)
{
	struct order_from_console *q = XNEW(struct order_from_console);

	q->o = o;
	q->drain = drain;
	actor_post(o->actor, on_drain, q);
}

static void on_totals(void *ctx)
{
	struct order_from_console *q = ctx;
	struct orchestrator *o = q->o;
	struct totals *t = xmemdup(&o->totals, sizeof(o->totals));

	t->transcoders = remotes_capacity(&o->remotes) +
		(o->pool ? pool_capacity(o->pool) : 0);
	reply_send(q->reply, NULL, t);
	free(q);
}

void orchestrator_totals(struct orchestrator *o, struct reply reply)
{
	struct order_from_console *q = XNEW(struct order_from_console);

	q->o = o;
	q->reply = reply;
	actor_post(o->actor, on_totals, q);
}

struct actor *orchestrator_actor(struct orchestrator *o)
{
	return o->actor;
}

static void on_max_sessions(void *ctx)
{
	struct order_from_console *q = ctx;

	q->o->max_sessions = q->n;
	q->o->auto_sessions = false;
	log_info(q->o->log, "session cap is %u now", q->n);
	orchestrator_touch(q->o);
	free(q);
}

void orchestrator_set_max_sessions(struct orchestrator *o, unsigned n)
{
	struct order_from_console *q = XNEW(struct order_from_console);

	q->o = o;
	q->n = n;
	actor_post(o->actor, on_max_sessions, q);
}

static void on_drain_transcoder(void *ctx)
{
	struct order_from_console *q = ctx;
	struct remote *t = remotes_by_id(&q->o->remotes, q->id);

	if (t) {
		t->draining = q->drain;
		orchestrator_touch(q->o);
		reply_send(q->reply, NULL, NULL);
	} else if (q->o->pool) {
		pool_drain(q->o->pool, q->id, q->drain, q->reply);
	} else {
		reply_send(q->reply, err_new(ERR_NOT_FOUND,
			"no transcoder %s", q->id), NULL);
	}
	free(q);
}

void orchestrator_drain_transcoder(struct orchestrator *o, const char *id,
	bool drain, struct reply reply)
{
	struct order_from_console *q = XNEW(struct order_from_console);

	q->o = o;
	q->drain = drain;
	snprintf(q->id, sizeof(q->id), "%s", id);
	q->reply = reply;
	actor_post(o->actor, on_drain_transcoder, q);
}

/* --- start and stop --- */

static void on_start(void *ctx)
{
	struct orchestrator *o = ctx;

	o->tick = timer_new(o->actor, on_tick, o);
	timer_set(o->tick, TICK_MS, TICK_MS);
	publish(o);
}

struct orchestrator *orchestrator_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board, struct history *history,
	const struct orchestrator_options *opt)
{
	struct orchestrator *o = XNEW(struct orchestrator);

	o->log = log_child(log, "orch");
	o->net = net;
	o->pool = pool;
	o->board = board;
	o->history = history;
	o->shelf = shelf_new(net);
	snprintf(o->service_uri, sizeof(o->service_uri), "%s",
		opt->service_uri);
	snprintf(o->version, sizeof(o->version), "%s", opt->version);
	o->secret = xstrdup(opt->secret);
	o->max_sessions = opt->max_sessions;
	o->auto_sessions = opt->auto_sessions;
	o->caps.present = true;
	if (pool)
		pool_caps(pool, &o->caps);
	random_bytes(o->token_key, sizeof(o->token_key));
	o->actor = actor_new("orch", 1024);
	actor_call(o->actor, on_start, o);
	return o;
}

static void on_stop(void *ctx)
{
	struct orchestrator *o = ctx;

	o->draining = true; /* what still arrives is refused */
	timer_free(TAKE(o->tick));
	while (o->sessions)
		session_end(o, o->sessions, "the node stops");
}

void orchestrator_stop(struct orchestrator *o)
{
	actor_call(o->actor, on_stop, o);
}

void orchestrator_free(struct orchestrator *o)
{
	if (!o)
		return;
	actor_free(o->actor);
	remotes_clear(&o->remotes);
	shelf_free(o->shelf);
	log_free(o->log);
	free(o->secret);
	free(o);
}

#include "src/role/transcoder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

#include "proto/multipart.h"
#include "proto/rpc_codec.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/crypto/random.h"
#include "src/role/tally.h"

#define SEGMENT_MAX_BYTES 300000000
#define DOWNLOAD_MS 4000
#define UPLOAD_MS 60000
#define IDLE_MS 70000
#define TICK_MS 500
/* The reference's: 0.5 s, times 1.5, give or take half, 60 s at most. Unlike the
 * reference, a stream that stood for a minute starts over at 0.5 s. */
#define BACKOFF_FIRST_MS 500
#define BACKOFF_MAX_MS 60000
#define GOOD_STREAM_MS 60000

/* What the orchestrator calls a session, as far as it is known here. */
struct work {
	UT_hash_handle hh;
	char id[SESSION_ID_SIZE];
	char manifest[MANIFEST_SIZE];
	char device[32];
	int64_t used_ms; /* monotonic */
	struct tally tally;
};

struct transcoder {
	struct actor *actor;
	struct log *log;
	struct net *net;
	struct pool *pool;
	struct board *board;
	char uri[URI_SIZE];
	char *secret;
	unsigned capacity;
	char version[64];
	bool publishes;
	void (*fatal)(void *ctx, const char *reason);
	void *fatal_ctx;

	uint64_t stream; /* 0: none */
	int64_t stream_since_ms;
	int64_t backoff_ms;
	struct timer *retry, *tick;
	bool leaving, stopped;
	int tasks; /* running */
	struct totals totals;
	struct work *work;
	bool dirty;
	uint64_t pool_seen; /* its version as published */
	char last_error[256];
};

/* One NotifySegment being served. */
struct task {
	struct transcoder *t;
	struct notify_segment notice;
	int64_t began_ms;
	int64_t bytes;
};

static struct reply to_self(struct transcoder *t,
	void (*fn)(void *ctx, struct err *taken, void *result), void *ctx)
{
	return (struct reply){t->actor, fn, ctx};
}

/* --- sessions, for the console --- */

static struct work *work_of(struct transcoder *t, const struct task *task)
{
	const struct segment_creds *c = &task->notice.creds;
	struct work *w;

	HASH_FIND_STR(t->work, c->token.session_id, w);
	if (w)
		return w;
	w = XNEW(struct work);
	memcpy(w->id, c->token.session_id, sizeof(w->id));
	memcpy(w->manifest, c->manifest, sizeof(w->manifest));
	tally_init(&w->tally, &t->totals, clock_wall_ms());
	HASH_ADD_STR(t->work, id, w);
	return w;
}

static void work_end(struct transcoder *t, struct work *w)
{
	HASH_DEL(t->work, w);
	pool_end_session(t->pool, w->id);
	tally_clear(&w->tally);
	free(w);
	t->dirty = true;
}

/* --- posting a result --- */

static void task_free(struct task *task)
{
	task->t->tasks--;
	task->t->dirty = true;
	free(task);
}

static void on_posted(void *ctx, struct err *taken, void *result)
{
	struct task *task = ctx;
	struct response *r = result;

	/* The reference only logs what becomes of it, and so do we: the
	 * orchestrator's own deadline covers a lost result. */
	if (taken)
		log_unusual(task->t->log, "task %lld: result not delivered: %s",
			(long long)task->notice.task_id, err_text(taken));
	else if (r->status != 200)
		log_unusual(task->t->log, "task %lld: result refused with %d",
			(long long)task->notice.task_id, r->status);
	err_free(taken);
	response_free(r);
	task_free(task);
}

static void post_result(struct task *task, const char *type,
	int64_t pixels, struct blob *body)
{
	struct transcoder *t = task->t;
	struct str url = STR_INIT;
	struct fetch *f;

	if (t->stopped) {
		blob_put(body);
		task_free(task);
		return;
	}
	str_printf(&url, "%s/transcodeResults", t->uri);
	f = fetch_new("POST", str_cstr(&url));
	str_clear(&url);
	fetch_header(f, "Authorization", "Livepeer-Transcoder-1.0");
	fetch_header(f, "Credentials", "%s", t->secret);
	fetch_header(f, "Content-Type", "%s", type);
	fetch_header(f, "TaskId", "%lld", (long long)task->notice.task_id);
	fetch_header(f, "Pixels", "%lld", (long long)pixels);
	f->http = FETCH_H2;
	f->total_ms = UPLOAD_MS;
	f->body = body;
	fetch_start(t->net, f, to_self(t, on_posted, task));
}

static void post_output(struct task *task, const struct transcode_output *out)
{
	const struct ladder *l = &task->notice.creds.ladder;
	struct str body = STR_INIT, type = STR_INIT;
	char boundary[21], pixels[24];

	random_hex(boundary, 10);
	for (size_t i = 0; i < out->n; i++) {
		const char *headers[] = {"Content-Type",
			container_mime(l->r[i].container), "Pixels", pixels,
			NULL};
		static const char *const hash[] = {
			"Content-Type", "application/octet-stream", NULL};

		snprintf(pixels, sizeof(pixels), "%lld",
			(long long)out->r[i].pixels);
		multipart_write_part(&body, boundary, headers,
			blob_data(out->r[i].data), blob_size(out->r[i].data));
		if (out->r[i].phash)
			multipart_write_part(&body, boundary, hash,
				blob_data(out->r[i].phash),
				blob_size(out->r[i].phash));
	}
	multipart_write_end(&body, boundary);
	str_printf(&type, "multipart/mixed; boundary=%s", boundary);
	post_result(task, str_cstr(&type), out->decoded_pixels,
		blob_from_str(&body));
	str_clear(&type);
}

static void finish(struct task *task, const char *error, int64_t bytes)
{
	const struct segment_creds *c = &task->notice.creds;
	struct work *w = work_of(task->t, task);
	int64_t latency_ms = clock_mono_ms() - task->began_ms;

	w->used_ms = clock_mono_ms();
	if (!error) {
		tally_out(&w->tally, clock_wall_ms(), c->seq, c->duration_ms,
			latency_ms, bytes, w->device);
		return;
	}
	tally_failed(&w->tally, clock_wall_ms(), c->seq, c->duration_ms,
		latency_ms, error);
	log_unusual(task->t->log, "session %s: segment %lld failed: %s",
		c->token.session_id, (long long)c->seq, error);
	post_result(task, "livepeer/transcoding-error", 0,
		blob_new(error, strlen(error)));
}

static void on_transcoded(void *ctx, struct err *taken, void *result)
{
	struct task *task = ctx;
	struct transcode_output *out = result;
	struct work *w = work_of(task->t, task);
	int64_t bytes = 0;

	ASSERT_ON(task->t->actor);
	if (!taken && out->n != task->notice.creds.ladder.n)
		taken = err_new(ERR_MEDIA, "segment / profile mismatch");
	if (taken) {
		finish(task, err_text(taken), 0);
	} else {
		for (size_t i = 0; i < out->n; i++) {
			bytes += (int64_t)blob_size(out->r[i].data);
			task->t->totals.pixels += out->r[i].pixels;
		}
		snprintf(w->device, sizeof(w->device), "%s", out->device);
		finish(task, NULL, bytes);
		post_output(task, out);
	}
	err_free(taken);
	transcode_output_free(out);
}

/* --- fetching the segment --- */

static void submit(struct task *task, struct blob *input)
{
	struct transcoder *t = task->t;
	const struct segment_creds *c = &task->notice.creds;
	struct transcode_job *job;

	if (t->stopped) {
		finish(task, "TranscoderStopped", 0);
		return;
	}
	job = XNEW(struct transcode_job);
	memcpy(job->session, c->token.session_id, sizeof(job->session));
	memcpy(job->manifest, c->manifest, sizeof(job->manifest));
	job->seq = c->seq;
	job->duration_ms = c->duration_ms ? c->duration_ms : 2000;
	job->input = blob_ref(input);
	job->ladder = c->ladder;
	job->has_slice = c->has_slice && c->slice_to_ms;
	job->slice_from_ms = c->slice_from_ms;
	job->slice_to_ms = c->slice_to_ms;
	job->force_reinit = c->force_session_reinit;
	job->calc_perceptual_hash = c->calc_perceptual_hash;
	pool_transcode(t->pool, job, to_self(t, on_transcoded, task));
}

static void on_fetched(void *ctx, struct err *taken, void *result)
{
	struct task *task = ctx;
	struct response *r = result;
	struct work *w = work_of(task->t, task);

	if (!taken && r->status != 200) /* the text Go's http.Status has */
		taken = err_new(ERR_UNAVAILABLE, r->status == 404
			? "404 Not Found" : "%d", r->status);
	tally_in(&w->tally, clock_wall_ms(), task->notice.creds.duration_ms,
		taken ? 0 : (int64_t)blob_size(r->body));
	if (taken)
		finish(task, err_text(taken), 0);
	else
		submit(task, r->body);
	err_free(taken);
	response_free(r);
}

static void serve(struct task *task)
{
	struct transcoder *t = task->t;
	struct caps own = {0};
	struct fetch *f;

	pool_caps(t->pool, &own);
	if (task->notice.creds.caps.present &&
		!caps_compatible(&task->notice.creds.caps, &own)) {
		finish(task, "incompatible segment capabilities", 0);
		return;
	}
	f = fetch_new("GET", task->notice.url);
	f->http = FETCH_H1;
	f->total_ms = DOWNLOAD_MS;
	f->max_body = SEGMENT_MAX_BYTES;
	fetch_start(t->net, f, to_self(t, on_fetched, task));
}

static void on_message(void *ctx, struct blob *taken)
{
	struct transcoder *t = ctx;
	struct task *task = XNEW(struct task);
	struct err *e = notify_segment_decode(&task->notice,
		blob_data(taken), blob_size(taken));
	struct work *w;

	ASSERT_ON(t->actor);
	task->t = t;
	task->began_ms = clock_mono_ms();
	t->tasks++;
	t->dirty = true;
	if (t->stopped) {
		task_free(task);
	} else if (!e && !*task->notice.url) {
		HASH_FIND_STR(t->work, task->notice.creds.token.session_id, w);
		if (w)
			work_end(t, w);
		task_free(task);
	} else if (e) {
		log_unusual(t->log, "notice not understood: %s", err_text(e));
		finish(task, err_text(e), 0);
	} else if (!task->notice.has_creds) {
		finish(task, "empty seg data", 0);
	} else {
		serve(task);
	}
	err_free(e);
	blob_put(taken);
}

/* --- the registration --- */

static void enroll(void *ctx);

static void on_stream_end(void *ctx, struct err *taken)
{
	struct transcoder *t = ctx;
	const char *text = taken ? err_text(taken) : "stream closed";

	ASSERT_ON(t->actor);
	t->stream = 0;
	t->dirty = true;
	snprintf(t->last_error, sizeof(t->last_error), "%s", text);
	if (taken && (!strcasecmp(text, "invalid secret") ||
			!strcasecmp(text, "zero capacity"))) {
		log_broken(t->log, "orchestrator %s refuses us: %s", t->uri,
			text);
		if (t->fatal)
			t->fatal(t->fatal_ctx, text);
		t->leaving = true;
	}
	if (clock_mono_ms() - t->stream_since_ms > GOOD_STREAM_MS)
		t->backoff_ms = BACKOFF_FIRST_MS;
	if (!t->leaving) {
		int64_t half = t->backoff_ms / 2;
		uint64_t ms = (uint64_t)half +
			random_below((uint64_t)t->backoff_ms + 1);

		log_unusual(t->log, "orchestrator %s: %s; again in %.1f s",
			t->uri, text, (double)ms / 1000);
		timer_set(t->retry, ms, 0);
		t->backoff_ms += half;
		if (t->backoff_ms > BACKOFF_MAX_MS)
			t->backoff_ms = BACKOFF_MAX_MS;
	}
	err_free(taken);
}

static void enroll(void *ctx)
{
	struct transcoder *t = ctx;
	struct register_request *req = XNEW(struct register_request);
	struct grpc_stream_events ev = {
		.to = t->actor, .message = on_message, .end = on_stream_end,
		.ctx = t};
	struct str msg = STR_INIT;

	snprintf(req->secret, sizeof(req->secret), "%s", t->secret);
	req->capacity = t->capacity;
	pool_caps(t->pool, &req->caps);
	req->caps.present = true;
	snprintf(req->caps.version, sizeof(req->caps.version), "%s",
		t->version);
	register_request_encode(req, &msg);
	free(req);
	log_info(t->log, "registering with orchestrator %s", t->uri);
	t->stream_since_ms = clock_mono_ms();
	t->stream = grpc_stream(t->net, t->uri,
		"/net.Transcoder/RegisterTranscoder", blob_from_str(&msg), &ev);
}

/* --- what the operator sees --- */

static void publish(struct transcoder *t)
{
	struct view_sessions v = {0};
	struct view_transcoders tv = {0};
	struct str json = STR_INIT;

	for (struct work *w = t->work; w; w = w->hh.next) {
		struct session_row *row = VIEW_ADD(&v.rows);

		view_set(&row->id, w->id);
		view_set(&row->role, "T");
		view_set(&row->manifest, w->manifest);
		view_set(&row->state, "live");
		view_set(&row->orchestrator, t->uri);
		view_set(&row->transcoder, w->device);
		tally_row(&w->tally, row);
	}
	v.max_sessions = t->capacity;
	view_encode(section_desc(SECTION_SESSIONS), &v, &json);
	board_publish(t->board, SECTION_SESSIONS, blob_from_str(&json));
	view_clear(section_desc(SECTION_SESSIONS), &v);
	pool_view(t->pool, &tv);
	view_encode(section_desc(SECTION_TRANSCODERS), &tv, &json);
	board_publish(t->board, SECTION_TRANSCODERS, blob_from_str(&json));
	view_clear(section_desc(SECTION_TRANSCODERS), &tv);
}

static void on_tick(void *ctx)
{
	struct transcoder *t = ctx;
	struct work *w, *next;

	HASH_ITER(hh, t->work, w, next) {
		if (!w->tally.in_flight &&
			clock_mono_ms() - w->used_ms > IDLE_MS)
			work_end(t, w);
	}
	if (pool_version(t->pool) != t->pool_seen)
		t->dirty = true;
	t->pool_seen = pool_version(t->pool);
	if (t->dirty && t->publishes)
		publish(t);
	t->dirty = false;
}

struct question {
	struct transcoder *t;
	struct reply reply;
};

static void on_state(void *ctx)
{
	struct question *q = ctx;
	struct transcoder *t = q->t;
	struct str s = STR_INIT;

	if (t->stream)
		str_printf(&s, "with %s", t->uri);
	else
		str_printf(&s, "not connected to %s: %s", t->uri,
			t->last_error);
	reply_send(q->reply, NULL, str_take(&s));
	free(q);
}

void transcoder_state(struct transcoder *t, struct reply reply)
{
	struct question *q = XNEW(struct question);

	q->t = t;
	q->reply = reply;
	actor_post(t->actor, on_state, q);
}

static void on_totals(void *ctx)
{
	struct question *q = ctx;
	struct totals *sum = xmemdup(&q->t->totals, sizeof(q->t->totals));

	sum->limit = q->t->capacity;
	sum->in_flight = q->t->tasks;
	sum->orchestrators = q->t->stream != 0;
	reply_send(q->reply, NULL, sum);
	free(q);
}

void transcoder_totals(struct transcoder *t, struct reply reply)
{
	struct question *q = XNEW(struct question);

	q->t = t;
	q->reply = reply;
	actor_post(t->actor, on_totals, q);
}

struct actor *transcoder_actor(struct transcoder *t)
{
	return t->actor;
}

/* --- start and stop --- */

static void leave(void *ctx)
{
	struct transcoder *t = ctx;

	t->leaving = true;
	timer_stop(t->retry);
	if (t->stream)
		fetch_cancel(t->net, t->stream);
}

void transcoder_drain(struct transcoder *t)
{
	actor_post(t->actor, leave, t);
}

/* A stream that is still ending makes its own next try. */
static void come_back(void *ctx)
{
	struct transcoder *t = ctx;

	t->leaving = false;
	t->backoff_ms = BACKOFF_FIRST_MS;
	if (!t->stream && !timer_is_set(t->retry))
		enroll(t);
}

void transcoder_return(struct transcoder *t)
{
	actor_post(t->actor, come_back, t);
}

static void on_start(void *ctx)
{
	struct transcoder *t = ctx;

	t->retry = timer_new(t->actor, enroll, t);
	t->tick = timer_new(t->actor, on_tick, t);
	timer_set(t->tick, TICK_MS, TICK_MS);
	if (t->publishes)
		publish(t);
	enroll(t);
}

struct transcoder *transcoder_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board,
	const struct transcoder_options *o)
{
	struct transcoder *t = XNEW(struct transcoder);

	t->log = log_child(log, "transcoder");
	t->net = net;
	t->pool = pool;
	t->board = board;
	snprintf(t->uri, sizeof(t->uri), "%s", o->orchestrator);
	snprintf(t->version, sizeof(t->version), "%s", o->version);
	t->secret = xstrdup(o->secret);
	t->capacity = o->capacity;
	t->publishes = o->publishes;
	t->fatal = o->fatal;
	t->fatal_ctx = o->ctx;
	t->backoff_ms = BACKOFF_FIRST_MS;
	t->actor = actor_new("xclient", 1024);
	actor_call(t->actor, on_start, t);
	return t;
}

static void on_stop(void *ctx)
{
	struct transcoder *t = ctx;

	leave(t);
	t->stopped = true;
	timer_free(TAKE(t->retry));
	timer_free(TAKE(t->tick));
	while (t->work)
		work_end(t, t->work);
}

void transcoder_stop(struct transcoder *t)
{
	actor_call(t->actor, on_stop, t);
}

void transcoder_free(struct transcoder *t)
{
	struct work *w, *next;

	if (!t)
		return;
	actor_free(t->actor);
	HASH_ITER(hh, t->work, w, next) {
		HASH_DEL(t->work, w);
		tally_clear(&w->tally);
		free(w);
	}
	log_free(t->log);
	free(t->secret);
	free(t);
}

#include "src/role/broadcaster.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/crypto/random.h"
#include "src/role/broadcaster_private.h"
#include "src/role/stream_path.h"

#define TICK_MS 250
#define PUBLISH_MS 500
#define PUSH_IDLE_MS 60000
#define WEBHOOK_MS 10000

void push_result_free(struct push_result *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		blob_put(r->r[i].data);
	free(r);
}

struct stream *stream_by_id(struct broadcaster *b, uint64_t id)
{
	struct stream *s;

	HASH_FIND(hh_id, b->by_id, &id, sizeof(id), s);
	return s && !s->ending ? s : NULL;
}

static struct stream *by_manifest(struct broadcaster *b, const char *manifest)
{
	struct stream *s;

	HASH_FIND_STR(b->streams, manifest, s);
	return s;
}

static struct stream *by_external(struct broadcaster *b, const char *path)
{
	struct stream *s = b->streams;

	while (s && (s->ending || strcmp(s->external, path)))
		s = s->hh.next;
	return s;
}

/* --- starting a stream --- */

struct opening {
	struct broadcaster *b;
	struct stream_request *q;
	struct stream_auth auth;
	char manifest[MANIFEST_SIZE];
	struct reply reply;
};

static void opening_done(struct opening *o, struct err *taken,
	struct stream *s)
{
	struct stream_handle *h = NULL;

	if (taken) {
		log_unusual(o->b->log, "stream %s refused: %s", o->q->url,
			err_text(taken));
	} else {
		h = XNEW(struct stream_handle);
		h->id = s->id;
		memcpy(h->manifest, s->manifest, sizeof(h->manifest));
	}
	reply_send(o->reply, taken, h);
	free(o->q);
	free(o);
}

/* Everything is known but the sessions; webhook lists have been read. */
static void on_discovered(void *ctx, struct err *taken, void *result)
{
	struct opening *o = ctx;
	struct broadcaster *b = o->b;
	struct stream *s;

	(void)result;
	err_free(taken);
	s = by_manifest(b, o->manifest);
	if (s && s->closing) { /* its publisher came back */
		stream_end(s, "published anew");
		s = NULL;
	}
	if (s && o->q->ingest == INGEST_HTTP && s->ingest == INGEST_HTTP &&
		!s->ending) {
		/* Another name for the same stream: the newer one counts. */
		snprintf(s->external, sizeof(s->external), "%s", o->q->path);
		opening_done(o, NULL, s);
	} else if (s) {
		opening_done(o, err_new(ERR_BUSY,
			"manifest id %s is being published", o->manifest),
			NULL);
	} else if (b->draining || b->stopping) {
		opening_done(o, err_new(ERR_UNAVAILABLE, "the node is draining: it takes "
			"no new streams"), NULL);
	} else if (HASH_COUNT(b->streams) >= b->max_streams) {
		opening_done(o, err_new(ERR_BUSY, "Too many connections: %u "
			"streams (-maxSessions)", b->max_streams), NULL);
	} else {
		s = stream_new(b, o->q, o->manifest, &o->auth);
		opening_done(o, NULL, s);
	}
}

/* The webhook's manifest id, else the address's, else a random one. */
static void name_stream(struct opening *o)
{
	struct stream_path p;
	struct err *e = stream_path_parse(&p, o->q->path);

	if (!e && *o->auth.manifest)
		e = stream_path_parse(&p, o->auth.manifest);
	if (!e && !*p.manifest)
		random_hex(p.manifest, 4);
	if (e) {
		opening_done(o, e, NULL);
		return;
	}
	memcpy(o->manifest, p.manifest, sizeof(o->manifest));
	discovery_ready(o->b->discovery,
		(struct reply){o->b->actor, on_discovered, o});
}

/* The request's own configuration replaces the webhook's; ladders of both
 * must agree. */
static struct err *merge_config(struct opening *o)
{
	const struct stream_auth *c = &o->q->config;
	char manifest[MANIFEST_SIZE];

	if (!o->q->has_config)
		return NULL;
	if (c->has_ladder && o->auth.has_ladder &&
		memcmp(&c->ladder, &o->auth.ladder, sizeof(c->ladder)))
		return err_new(ERR_DENIED,
			"webhook and request ask for different renditions");
	memcpy(manifest, o->auth.manifest, sizeof(manifest));
	if (c->has_ladder || !o->auth.has_ladder)
		o->auth = *c;
	if (!*o->auth.manifest)
		memcpy(o->auth.manifest, manifest, sizeof(manifest));
	return NULL;
}

static void on_authorised(void *ctx, struct err *taken, void *result)
{
	struct opening *o = ctx;
	struct response *r = result;
	const char *body = r ? (const char *)blob_data(r->body) : "";
	size_t n = r ? blob_size(r->body) : 0;

	ASSERT_ON(o->b->actor);
	if (!taken && r->status != 200)
		taken = err_new(ERR_DENIED, "status=%d error=%.*s", r->status,
			(int)(n < 256 ? n : 256), body);
	if (!taken && n)
		taken = stream_auth_parse(&o->auth, body, n);
	if (!taken)
		taken = merge_config(o);
	response_free(r);
	if (taken)
		opening_done(o, err_wrap(taken, "auth webhook"), NULL);
	else
		name_stream(o);
}

static void ask_webhook(struct opening *o)
{
	struct broadcaster *b = o->b;
	struct fetch *f = fetch_new("POST", b->auth_webhook);
	struct str body = STR_INIT;

	stream_auth_request_write(o->q->url, &body);
	fetch_header(f, "Content-Type", "application/json");
	f->body = blob_from_str(&body);
	f->verify_tls = true;
	f->total_ms = WEBHOOK_MS;
	f->max_body = WEBHOOK_JSON_MAX;
	fetch_start(b->net, f, (struct reply){b->actor, on_authorised, o});
}

static void on_open(void *ctx)
{
	struct opening *o = ctx;
	struct stream *s = NULL;
	struct err *e;

	ASSERT_ON(o->b->actor);
	if (o->q->ingest == INGEST_HTTP)
		s = by_external(o->b, o->q->path);
	if (s) {
		s->used_ms = clock_mono_ms();
		opening_done(o, NULL, s);
	} else if (o->b->auth_webhook) {
		ask_webhook(o);
	} else if ((e = merge_config(o))) {
		opening_done(o, e, NULL);
	} else {
		name_stream(o);
	}
}

void broadcaster_open(struct broadcaster *b, struct stream_request *taken,
	struct reply reply)
{
	struct opening *o = XNEW(struct opening);

	o->b = b;
	o->q = taken;
	o->reply = reply;
	actor_post(b->actor, on_open, o);
}

/* --- what happens to a stream --- */

struct event {
	struct broadcaster *b;
	uint64_t stream;
	struct segment *segment;
	struct media_info *info;
	bool force_reinit;
	int32_t width, height;
	double fps;
	char text[MANIFEST_SIZE];
	struct reply reply;
};

static struct event *event_new(struct broadcaster *b, uint64_t stream)
{
	struct event *e = XNEW(struct event);

	e->b = b;
	e->stream = stream;
	return e;
}

static void on_segment(void *ctx)
{
	struct event *e = ctx;
	struct stream *s = stream_by_id(e->b, e->stream);

	ASSERT_ON(e->b->actor);
	if (s) {
		stream_segment(s, e->segment, e->info, e->force_reinit,
			e->reply);
	} else {
		segment_free(e->segment);
		reply_send(e->reply, err_new(ERR_NOT_FOUND,
			"the stream has ended"), NULL);
	}
	free(e->info);
	free(e);
}

void broadcaster_segment(struct broadcaster *b, uint64_t stream,
	struct segment *taken, const struct media_info *info,
	bool force_reinit, struct reply reply)
{
	struct event *e = event_new(b, stream);

	e->segment = taken;
	if (info)
		e->info = xmemdup(info, sizeof(*info));
	e->force_reinit = force_reinit;
	e->reply = reply;
	actor_post(b->actor, on_segment, e);
}

static void on_close(void *ctx)
{
	struct event *e = ctx;
	struct stream *s = stream_by_id(e->b, e->stream);

	if (s)
		stream_close(s, e->text);
	free(e);
}

void broadcaster_close(struct broadcaster *b, uint64_t stream,
	const char *reason)
{
	struct event *e = event_new(b, stream);

	snprintf(e->text, sizeof(e->text), "%s", reason);
	actor_post(b->actor, on_close, e);
}

static void on_source(void *ctx)
{
	struct event *e = ctx;
	struct stream *s = stream_by_id(e->b, e->stream);

	if (s) {
		s->width = e->width;
		s->height = e->height;
		s->fps = e->fps;
		e->b->dirty = true;
	}
	free(e);
}

void broadcaster_source(struct broadcaster *b, uint64_t stream, int32_t width,
	int32_t height, double fps)
{
	struct event *e = event_new(b, stream);

	e->width = width;
	e->height = height;
	e->fps = fps;
	actor_post(b->actor, on_source, e);
}

static void on_drop(void *ctx)
{
	struct event *e = ctx;
	struct stream *s = by_manifest(e->b, e->text);
	struct err *err = NULL;

	if (s && !s->ending)
		stream_end(s, "ended by the operator");
	else
		err = err_new(ERR_NOT_FOUND, "no stream %s", e->text);
	reply_send(e->reply, err, NULL);
	free(e);
}

void broadcaster_drop_stream(struct broadcaster *b, const char *manifest,
	struct reply reply)
{
	struct event *e = event_new(b, 0);

	snprintf(e->text, sizeof(e->text), "%s", manifest);
	e->reply = reply;
	actor_post(b->actor, on_drop, e);
}

/* --- settings --- */

struct setting {
	struct broadcaster *b;
	bool drain;
	unsigned n;
	struct ladder ladder;
	struct reply reply;
};

static void on_drain(void *ctx)
{
	struct setting *q = ctx;

	q->b->draining = q->drain;
	free(q);
}

void broadcaster_drain(struct broadcaster *b, bool drain)
{
	struct setting *q = XNEW(struct setting);

	q->b = b;
	q->drain = drain;
	actor_post(b->actor, on_drain, q);
}

static void on_rest(void *ctx)
{
	struct broadcaster *b = ctx;
	struct stream *s, *next;

	b->draining = true;
	HASH_ITER(hh, b->streams, s, next) {
		if (!s->ending)
			stream_end(s, "the broadcaster was stopped");
	}
	leftovers_drop(b, INT64_MAX, NULL);
}

void broadcaster_rest(struct broadcaster *b)
{
	actor_post(b->actor, on_rest, b);
}

static void on_totals(void *ctx)
{
	struct setting *q = ctx;
	struct broadcaster *b = q->b;
	struct totals *t = xmemdup(&b->totals, sizeof(b->totals));

	t->limit = b->max_streams;
	t->orchestrators = (int64_t)(
		discovery_size(b->discovery, TRUST_NONE) +
		discovery_size(b->discovery, TRUST_FULL));
	reply_send(q->reply, NULL, t);
	free(q);
}

void broadcaster_totals(struct broadcaster *b, struct reply reply)
{
	struct setting *q = XNEW(struct setting);

	q->b = b;
	q->reply = reply;
	actor_post(b->actor, on_totals, q);
}

struct actor *broadcaster_actor(struct broadcaster *b)
{
	return b->actor;
}

static void on_max_streams(void *ctx)
{
	struct setting *q = ctx;

	q->b->max_streams = q->n;
	free(q);
}

void broadcaster_set_max_streams(struct broadcaster *b, unsigned n)
{
	struct setting *q = XNEW(struct setting);

	q->b = b;
	q->n = n;
	actor_post(b->actor, on_max_streams, q);
}

static void on_ladder(void *ctx)
{
	struct setting *q = ctx;

	q->b->ladder = q->ladder;
	free(q);
}

void broadcaster_set_ladder(struct broadcaster *b, const struct ladder *l)
{
	struct setting *q = XNEW(struct setting);

	q->b = b;
	q->ladder = *l;
	actor_post(b->actor, on_ladder, q);
}

/* --- what the operator sees --- */

static void publish(struct broadcaster *b)
{
	struct view_streams v = {0};
	struct view_orchestrators ov = {0};
	struct str json = STR_INIT;

	for (struct stream *s = b->streams; s; s = s->hh.next)
		stream_row(s, VIEW_ADD(&v.rows));
	view_encode(section_desc(SECTION_STREAMS), &v, &json);
	board_publish(b->board, SECTION_STREAMS, blob_from_str(&json));
	view_clear(section_desc(SECTION_STREAMS), &v);
	discovery_rows(b->discovery, &ov);
	view_encode(section_desc(SECTION_ORCHESTRATORS), &ov, &json);
	board_publish(b->board, SECTION_ORCHESTRATORS, blob_from_str(&json));
	view_clear(section_desc(SECTION_ORCHESTRATORS), &ov);
}

static void on_tick(void *ctx)
{
	struct broadcaster *b = ctx;
	int64_t now_ms = clock_mono_ms();
	struct stream *s, *next;

	HASH_ITER(hh, b->streams, s, next) {
		if (s->ingest == INGEST_HTTP && !s->ending &&
			!s->deliveries && now_ms - s->used_ms > PUSH_IDLE_MS)
			stream_end(s, "nothing pushed for 60 s");
	}
	leftovers_drop(b, now_ms, NULL);
	if (b->purse)
		purse_tick(b->purse, now_ms);
	if (b->dirty && now_ms - b->published_ms >= PUBLISH_MS) {
		b->dirty = false;
		b->published_ms = now_ms;
		publish(b);
	}
}

/* --- start and stop --- */

static void on_start(void *ctx)
{
	struct broadcaster *b = ctx;

	b->tick = timer_new(b->actor, on_tick, b);
	timer_set(b->tick, TICK_MS, TICK_MS);
	publish(b);
}

struct broadcaster *broadcaster_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board, struct history *history,
	const struct broadcaster_options *o)
{
	struct discovery_options discovery = o->discovery;
	struct broadcaster *b = XNEW(struct broadcaster);

	b->log = log_child(log, "bcast");
	b->net = net;
	b->pool = pool;
	b->board = board;
	b->history = history;
	b->shelf = shelf_new(net);
	b->auth_webhook = o->auth_webhook && *o->auth_webhook
		? xstrdup(o->auth_webhook) : NULL;
	b->playback = xstrdup(o->playback);
	b->min_version = xstrdup(o->min_version ? o->min_version : "");
	b->ladder = o->ladder;
	b->max_attempts = o->max_attempts;
	b->max_streams = o->max_streams;
	b->verify_pixels = o->verify_pixels;
	b->current_manifest = o->current_manifest;
	b->purse = o->purse;
	b->rule = o->rule;
	b->actor = actor_new("bcast", 4096);
	if (b->purse)
		purse_open(b->purse, b->actor);
	discovery.purse = b->purse;
	b->discovery = discovery_new(b->log, b->actor, net, &discovery);
	actor_call(b->actor, on_start, b);
	return b;
}

static void on_stop(void *ctx)
{
	struct broadcaster *b = ctx;
	struct stream *s, *next;

	b->stopping = true;
	timer_free(TAKE(b->tick));
	discovery_stop(b->discovery);
	if (b->purse)
		purse_stop(b->purse);
	HASH_ITER(hh, b->streams, s, next) {
		if (!s->ending)
			stream_end(s, "the node stops");
	}
	leftovers_drop(b, INT64_MAX, NULL);
}

void broadcaster_stop(struct broadcaster *b)
{
	actor_call(b->actor, on_stop, b);
}

void broadcaster_free(struct broadcaster *b)
{
	if (!b)
		return;
	actor_free(b->actor);
	discovery_free(b->discovery);
	shelf_free(b->shelf);
	log_free(b->log);
	free(b->auth_webhook);
	free(b->playback);
	free(b->min_version);
	free(b);
}

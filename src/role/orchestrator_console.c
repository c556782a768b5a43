/* What the operator sees of the orchestrator, and the commands that it takes.
 * Runs on the orch actor; the public functions post to it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/role/orchestrator_private.h"

#define LIVE_MS 10000 /* between segments a session is no less live */

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
	view_set(&row->state, s->job || s->queue_n ||
		clock_mono_ms() - s->used_ms < LIVE_MS ? "live" : "waiting");
	view_set(&row->remote, s->remote);
	view_set(&row->orchestrator, o->service_uri);
	view_set(&row->transcoder, s->on ? s->on->id : s->worker);
	tally_row(&s->tally, row);
	if (o->cashier)
		orchestrator_session_money(o, s, row);
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

void orchestrator_publish(struct orchestrator *o)
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

/* --- the operator's commands --- */

struct order_from_console {
	struct orchestrator *o;
	char id[64];
	bool drain;
	unsigned n;
	struct pool *pool;
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

static void on_rest(void *ctx)
{
	struct orchestrator *o = ctx;

	o->draining = true;
	while (o->sessions)
		session_end(o, o->sessions, "the orchestrator was stopped");
	log_info(o->log, "resting: its sessions have ended");
	orchestrator_touch(o);
}

void orchestrator_rest(struct orchestrator *o)
{
	actor_post(o->actor, on_rest, o);
}

/* What it advertises is what its transcoders can do together. */
static void count_caps(struct orchestrator *o)
{
	o->caps = (struct caps){.present = true};
	if (o->uses_pool)
		pool_caps(o->pool, &o->caps);
	for (const struct remote *t = o->remotes.list; t; t = t->next)
		caps_union_add(&o->caps, &t->caps);
	orchestrator_touch(o);
}

static void on_set_pool(void *ctx)
{
	struct order_from_console *q = ctx;
	struct orchestrator *o = q->o;

	assert(!q->pool || !o->pool || q->pool == o->pool);
	if (q->pool)
		o->pool = q->pool;
	o->uses_pool = q->pool != NULL;
	count_caps(o);
	log_info(o->log, "its own transcoder %s", q->pool ? "gets sessions" : "gets no more");
	free(q);
}

void orchestrator_set_pool(struct orchestrator *o, struct pool *pool)
{
	struct order_from_console *q = XNEW(struct order_from_console);

	q->o = o;
	q->pool = pool;
	actor_post(o->actor, on_set_pool, q);
}

static void on_leave_pool(void *ctx)
{
	struct orchestrator *o = ctx;

	for (struct session *s = o->sessions; s; s = s->hh.next)
		s->is_local = false;
	orchestrator_touch(o);
}

void orchestrator_leave_pool(struct orchestrator *o)
{
	actor_post(o->actor, on_leave_pool, o);
}

static void on_totals(void *ctx)
{
	struct order_from_console *q = ctx;
	struct orchestrator *o = q->o;
	struct totals *t = xmemdup(&o->totals, sizeof(o->totals));

	t->limit = orchestrator_limit(o);
	t->unsaved = o->cashier ? (int64_t)cashier_unsaved(o->cashier) : 0;
	t->transcoders = remotes_capacity(&o->remotes) +
		orchestrator_local_capacity(o);
	t->local = orchestrator_local_load(o);
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

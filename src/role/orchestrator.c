#include "src/role/orchestrator.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/crypto/mac.h"
#include "src/crypto/random.h"
#include "src/role/orchestrator_private.h"

#define TICK_MS 250
#define PUBLISH_MS 250
#define CAPPED_LOG_MS 10000
#define SESSION_IDLE_MS 70000 /* transcodeLoopTimeout */

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

/* "Why does no work come?" - at most once in ten seconds, whoever asks. */
static void note_capped(struct orchestrator *o)
{
	int64_t now_ms = clock_mono_ms();

	o->capped++;
	if (o->capped_ms && now_ms - o->capped_ms < CAPPED_LOG_MS)
		return;
	log_unusual(o->log, "OrchestratorCapped: %llu broadcasters sent away, "
		"%u of %u sessions taken%s", (unsigned long long)o->capped,
		HASH_COUNT(o->sessions), orchestrator_limit(o),
		o->draining ? ", draining" : "");
	o->capped = 0;
	o->capped_ms = now_ms;
}

static void info_done(struct info_request *q, struct err *taken,
	struct orchestrator_info *taken_info)
{
	if (taken)
		free(TAKE(taken_info));
	reply_send(q->reply, taken, taken_info);
	free(q);
}

static void on_info_funds(void *ctx, struct err *taken)
{
	struct info_request *q = ctx;
	struct orchestrator *o = q->o;
	struct orchestrator_info *info = make_info(o);

	auth_token_issue(&info->token, o->token_key, clock_wall_ms() / 1000);
	if (!taken && o->cashier)
		taken = cashier_quote(o->cashier, q->req.address, NULL, NULL, info);
	if (taken)
		cashier_note(o->cashier, q->req.address, err_text(taken));
	info_done(q, taken, info);
}

static struct err *check_info(struct orchestrator *o, const struct info_request *q)
{
	struct err *e = o->cashier ? cashier_check_request(&q->req) : NULL;

	if (!e && orchestrator_is_full(o)) {
		note_capped(o);
		e = err_new(ERR_BUSY, "OrchestratorCapped");
	}
	return err_wrap(e, "Invalid orchestrator request");
}

static void on_info(void *ctx)
{
	struct info_request *q = ctx;
	struct orchestrator *o = q->o;
	struct err *e;

	ASSERT_ON(o->actor);
	e = check_info(o, q);
	if (e)
		info_done(q, e, NULL);
	else if (o->cashier)
		cashier_ask(o->cashier, q->req.address, on_info_funds, q);
	else
		on_info_funds(q, NULL);
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

/* ServeSegment's checks before any money; all are 403. */
static struct err *check_segment(struct orchestrator *o, struct order *order)
{
	const struct segment_creds *c = &order->creds;
	struct err *e;

	order->refusal = 403;
	if (o->cashier && !cashier_signed_segment(c, order->sender))
		return err_new(ERR_DENIED, "ErrSegSig");
	if (!caps_compatible(&c->caps, &o->caps))
		return err_new(ERR_DENIED, "incompatible capabilities");
	e = auth_token_verify(&c->token, o->token_key, clock_wall_ms() / 1000);
	if (e)
		return e;
	if (!session_find(o, c->token.session_id) && orchestrator_is_full(o))
		return err_new(ERR_DENIED, "OrchestratorCapped");
	return NULL;
}

/* Our own trouble: the peer reads three words, the operator the whole. */
static struct err *internal_error(struct orchestrator *o, struct order *order,
	struct err *taken)
{
	log_unusual(o->log, "segment from %s: %s", order->remote, err_text(taken));
	cashier_note(o->cashier, order->sender, err_text(taken));
	err_free(taken);
	order->refusal = 500;
	return err_new(ERR_INTERNAL, "Internal Server Error");
}

/* The terms first, as the reference has them; but what was paid is kept
 * whether or not there are new ones: it may have won. */
static struct err *take_payment(struct orchestrator *o, struct order *order)
{
	const struct segment_creds *c = &order->creds;
	const char *session = c->token.session_id;
	struct takings t;
	struct err *no_terms = cashier_quote(o->cashier, order->sender, session,
		&order->payment, &order->info);
	struct err *e = cashier_take(o->cashier, &order->payment, session, c->manifest, &t);

	payment_clear(&order->payment);
	if (no_terms) {
		err_free(e);
		return internal_error(o, order, no_terms);
	}
	if (e && err_kind(e) == ERR_IO)
		return internal_error(o, order, e);
	if (e)
		cashier_note(o->cashier, order->sender, err_text(e));
	order->refusal = 400;
	order->price = t.price;
	order->paid = t.ev;
	return e;
}

static void admit(struct admission *a, struct err *taken)
{
	struct orchestrator *o = a->o;
	struct order *order = a->order;
	struct orchestrator_info *info;

	if (!taken) {
		info = make_info(o);
		order->info = *info;
		order->info.token = order->creds.token;
		free(info);
		if (o->cashier)
			taken = take_payment(o, order);
	}
	reply_send(a->reply, taken, order);
	free(a);
}

static void on_segment_funds(void *ctx, struct err *taken)
{
	struct admission *a = ctx;

	if (taken)
		taken = internal_error(a->o, a->order, taken);
	admit(a, taken);
}

static void on_admit(void *ctx)
{
	struct admission *a = ctx;
	struct orchestrator *o = a->o;
	struct err *e;

	ASSERT_ON(o->actor);
	e = check_segment(o, a->order);
	if (!e && o->cashier)
		cashier_ask(o->cashier, a->order->sender, on_segment_funds, a);
	else
		admit(a, e);
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
	if (!s && orchestrator_is_full(o)) {
		session_refuse(o, order, "OrchestratorCapped");
		order_free(order);
		return;
	}
	if (!s)
		s = session_start(o, order);
	session_paid(o, s, order);
	s->used_ms = clock_mono_ms();
	tally_in(&s->tally, clock_wall_ms(), order->creds.duration_ms,
		(int64_t)blob_size(order->body));
	if (s->queue_n == SESSION_QUEUE) {
		tally_failed(&s->tally, clock_wall_ms(), order->creds.seq,
			order->creds.duration_ms, 0, "OrchestratorBusy");
		session_refuse(o, order, "OrchestratorBusy");
		order_free(order);
		return;
	}
	s->ladder = order->creds.ladder;
	s->media_ms += order->creds.duration_ms;
	s->queue[s->queue_n++] = order;
	session_next(o, s);
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

/* --- start and stop --- */

static void on_tick(void *ctx)
{
	struct orchestrator *o = ctx;
	int64_t now_ms = clock_mono_ms();
	struct session *s, *next;

	assign_tick(o, now_ms);
	if (o->cashier)
		cashier_tick(o->cashier, now_ms);
	HASH_ITER(hh, o->sessions, s, next) {
		if (!s->job && now_ms - s->used_ms > SESSION_IDLE_MS)
			session_end(o, s, "idle for 70 s");
	}
	if (o->pool && pool_version(o->pool) != o->pool_seen) {
		o->pool_seen = pool_version(o->pool);
		o->dirty = true;
	}
	if (o->dirty && now_ms - o->published_ms >= PUBLISH_MS) {
		o->dirty = false;
		o->published_ms = now_ms;
		orchestrator_publish(o);
	}
}

static void on_start(void *ctx)
{
	struct orchestrator *o = ctx;

	o->tick = timer_new(o->actor, on_tick, o);
	timer_set(o->tick, TICK_MS, TICK_MS);
	orchestrator_publish(o);
}

struct orchestrator *orchestrator_new(const struct log *log, struct net *net,
	struct pool *pool, struct board *board, struct history *history,
	const struct orchestrator_options *opt)
{
	struct orchestrator *o = XNEW(struct orchestrator);

	o->log = log_child(log, "orch");
	o->net = net;
	o->pool = pool;
	o->uses_pool = pool != NULL;
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
	o->cashier = opt->cashier;
	if (o->cashier)
		cashier_open(o->cashier, o->actor);
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
	if (o->cashier)
		cashier_stop(o->cashier);
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

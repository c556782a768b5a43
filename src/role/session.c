/* The orchestrator's sessions: a broadcaster's stream as far as this node works
 * on it. Their queue, the answers to their segments, their end. Runs on the
 * orch actor. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/history.h"
#include "proto/rpc_codec.h"
#include "src/base/clock.h"
#include "src/crypto/flatten.h"
#include "src/role/orchestrator_private.h"

#define RENDITION_MIN_BYTES 25

void order_free(struct order *order)
{
	if (!order)
		return;
	payment_clear(&order->payment);
	blob_put(order->body);
	free(order);
}

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
		orchestrator_local_capacity(o);
}

bool orchestrator_is_full(const struct orchestrator *o)
{
	return o->draining || HASH_COUNT(o->sessions) >= orchestrator_limit(o);
}

struct session *session_start(struct orchestrator *o,
	const struct order *order)
{
	struct session *s = XNEW(struct session);

	memcpy(s->id, order->creds.token.session_id, sizeof(s->id));
	memcpy(s->manifest, order->creds.manifest, sizeof(s->manifest));
	memcpy(s->remote, order->remote, sizeof(s->remote));
	s->sender = order->sender;
	s->used_ms = clock_mono_ms();
	tally_init(&s->tally, &o->totals, clock_wall_ms());
	HASH_ADD_STR(o->sessions, id, s);
	log_info(o->log, "session %s: started for manifest %s, broadcaster %s",
		s->id, s->manifest, s->remote);
	history_session_started(o->history, "O", s->id, s->manifest,
		s->tally.started_ms);
	return s;
}

void session_paid(struct orchestrator *o, struct session *s, const struct order *order)
{
	struct credit sum;

	if (!o->cashier)
		return;
	s->price = order->price;
	if (credit_add(&sum, s->paid, order->paid))
		s->paid = sum;
	if (price_is_free(order->price))
		cashier_hold_price(o->cashier, order->sender, s->id, order->price);
}

/* Answers the exchange with the given result and lets it go. */
static void answer(struct orchestrator *o, const struct order *order,
	struct transcode_result *result);

void session_refuse(struct orchestrator *o, const struct order *order,
	const char *text)
{
	struct transcode_result *r = XNEW(struct transcode_result);

	r->error = xstrdup(text);
	answer(o, order, r);
	transcode_result_clear(r);
	free(r);
}

void session_end(struct orchestrator *o, struct session *s,
	const char *why)
{
	HASH_DEL(o->sessions, s);
	log_info(o->log, "session %s: ended, %s (%lld segments, %lld failed)",
		s->id, why, (long long)s->tally.out, (long long)s->tally.failed);
	history_session_ended(o->history, "O", s->id, clock_wall_ms(),
		s->tally.out, s->tally.failed, s->tally.last_error);
	for (size_t i = 0; i < s->queue_n; i++) {
		session_refuse(o, s->queue[i], "TranscoderStopped");
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

/* The receipt: over the hashes of all renditions, in their order. */
static void sign_output(struct orchestrator *o, const struct transcode_output *output,
	struct transcode_result *result)
{
	uint8_t hash[LADDER_MAX][KECCAK_SIZE];
	struct hash32 all;
	struct signature sig;

	for (size_t i = 0; i < output->n; i++)
		keccak_256(hash[i], blob_data(output->r[i].data),
			blob_size(output->r[i].data));
	results_hash(all.b, hash, output->n);
	if (!cashier_sign_hash(o->cashier, &sig, &all))
		return;
	memcpy(result->sig, sig.b, sizeof(sig.b));
	result->sig_len = sizeof(sig.b);
}

/* A job ends once, whoever else was working on it: so it is charged once. */
static void charge(struct orchestrator *o, const struct job *job,
	const struct transcode_output *output)
{
	struct pixels sum = { 0 };

	for (size_t i = 0; i < output->n; i++)
		sum.v += (uint64_t)output->r[i].pixels; /* raw: a count */
	cashier_charge(o->cashier, job->order->sender, job->session, job->order->price,
		sum);
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
		if (o->cashier) {
			sign_output(o, taken, r);
			charge(o, job, taken);
		}
		log_debug(o->log, "session %s: segment %lld done in %lld ms, "
			"%lld us of it transcoding", job->session,
			(long long)job->order->creds.seq,
			(long long)(clock_mono_ms() - job->began_ms),
			(long long)taken->transcode_us);
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
		session_next(o, s);
	orchestrator_touch(o);
}

void session_next(struct orchestrator *o, struct session *s)
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

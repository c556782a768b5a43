/* One segment's way: pick a session, post the segment, fetch the renditions,
 * check them, store them; on failure try another session, a bounded number of
 * times. Runs on the bcast actor; several deliveries of a stream may be under
 * way at once. Source: go-livepeer server/broadcast.go,
 * segment_rpc.go at 0.9.1. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/headers.h"
#include "proto/rpc_codec.h"
#include "src/base/clock.h"
#include "src/crypto/auth_token.h"
#include "src/crypto/keccak.h"
#include "db/history.h"
#include "src/role/broadcaster_private.h"

#define DIAL_MS 2000
#define REFRESH_MS 2500
#define DOWNLOAD_MS 4000
#define RENDITION_MAX_BYTES 300000000
#define ANSWER_MAX_BYTES (1u << 20)
#define WAITS_MAX 2

struct delivery {
	struct delivery *next; /* in the stream's waiting list */
	struct stream *s;
	struct segment *seg;
	bool reinit;
	struct reply reply;
	uint8_t hash[KECCAK_SIZE];
	int64_t began_ms; /* monotonic */

	unsigned attempts, waits;
	struct orch_session *o; /* this attempt's; NULL between attempts */
	struct crew *crew;
	int64_t sent_ms, wall_ms;
	struct outlay outlay;	/* on a chain: this attempt's payment */
	struct eth_addr signer; /* who is to sign the renditions; zero: nobody */
	struct transcode_result result;
	struct blob *rendition[LADDER_MAX];
	size_t open; /* downloads or checks under way */
	struct err *failed;
};

static void try_once(struct delivery *d);

static struct reply to_self(struct delivery *d,
	void (*fn)(void *ctx, struct err *taken, void *result))
{
	return (struct reply){d->s->b->actor, fn, d};
}

/* --- the end --- */

static void drop_attempt(struct delivery *d)
{
	if (d->s->b->purse)
		purse_settle(d->s->b->purse, &d->outlay, OUTCOME_UNSENT,
			(struct pixels){ 0 });
	for (size_t i = 0; i < LADDER_MAX; i++) {
		blob_put(d->rendition[i]);
		d->rendition[i] = NULL;
	}
	transcode_result_clear(&d->result);
	orch_session_put(TAKE(d->o));
}

static void finish(struct delivery *d, struct err *taken,
	struct push_result *result)
{
	struct stream *s = d->s;

	if (d->reply.fn)
		reply_send(d->reply, TAKE(taken), TAKE(result));
	err_free(taken);
	push_result_free(result);
	drop_attempt(d);
	segment_free(d->seg);
	free(d);
	s->deliveries--;
	s->b->dirty = true;
	if (!s->deliveries && s->closing && !s->ending)
		stream_end(s, s->reason);
	stream_unpend(s);
}

static void give_up(struct delivery *d, struct err *taken)
{
	struct stream *s = d->s;
	int64_t ms = clock_mono_ms() - d->began_ms;

	if (!s->ending)
		log_unusual(s->b->log, "stream %s: segment %llu failed: %s",
			s->manifest, (unsigned long long)d->seg->seq,
			err_text(taken));
	tally_failed(&s->tally, clock_wall_ms(), (int64_t)d->seg->seq,
		d->seg->duration_ms, ms, err_text(taken));
	history_segment(s->b->history, "B", s->manifest, (int64_t)d->seg->seq,
		clock_wall_ms(), d->seg->duration_ms, ms, 0, err_text(taken));
	finish(d, taken, NULL);
}

static void complete(struct delivery *d)
{
	struct stream *s = d->s;
	struct push_result *r = XNEW(struct push_result);
	int64_t ms = clock_mono_ms() - d->began_ms, pixels[LADDER_MAX];
	int64_t bytes = 0;

	r->container = s->container;
	r->seq = d->seg->seq;
	r->n = d->result.n;
	for (size_t i = 0; i < r->n; i++) {
		memcpy(r->r[i].name, s->ladder.r[i].name,
			sizeof(r->r[i].name));
		r->r[i].data = blob_ref(d->rendition[i]);
		pixels[i] = d->result.r[i].pixels;
		bytes += (int64_t)blob_size(d->rendition[i]);
	}
	if (d->o)
		selection_succeeded(&d->crew->selection, d->o, d->wall_ms,
			d->seg->duration_ms);
	stream_store(s, d->seg, d->rendition, pixels, r->n);
	tally_out(&s->tally, clock_wall_ms(), (int64_t)d->seg->seq,
		d->seg->duration_ms, ms, bytes, d->o ? d->o->uri : "");
	history_segment(s->b->history, "B", s->manifest, (int64_t)d->seg->seq,
		clock_wall_ms(), d->seg->duration_ms, ms, bytes, NULL);
	finish(d, NULL, r);
}

/* This attempt failed. Final errors keep the session: another orchestrator
 * would say the same. Everything else costs it a suspension. */
static void fail(struct delivery *d, struct err *taken)
{
	struct stream *s = d->s;

	if (error_is_nonretryable(err_text(taken))) {
		selection_kept(&d->crew->selection, d->o);
		give_up(d, err_new(ERR_MEDIA, "%s", err_text(taken)));
		err_free(taken);
		return;
	}
	if (!s->ending) {
		log_unusual(s->b->log, "stream %s: segment %llu, attempt %u at "
			"%s: %s", s->manifest, (unsigned long long)d->seg->seq,
			d->attempts, d->o->uri, err_text(taken));
		discovery_note(s->b->discovery, d->o->uri, err_text(taken));
		if (s->b->purse)
			purse_note(s->b->purse, &d->o->info, err_text(taken));
		selection_failed(&d->crew->selection, d->o);
	}
	drop_attempt(d);
	if (s->ending) {
		give_up(d, taken);
	} else if (d->attempts >= s->b->max_attempts) {
		give_up(d, err_new(ERR_MEDIA, "hit max transcode attempts: %s",
			err_text(taken)));
		err_free(taken);
	} else {
		tally_retry(&s->tally, clock_wall_ms(), err_text(taken));
		err_free(taken);
		try_once(d);
	}
}

/* The purse would not pay. What is wrong with our own money is wrong whoever
 * works: nobody is suspended for it, and without any the stream ends. */
static void unpaid(struct delivery *d, struct err *taken)
{
	struct stream *s = d->s;
	enum err_kind kind = err_kind(taken);
	char reason[MANIFEST_SIZE];

	if (kind != ERR_DENIED && kind != ERR_UNAVAILABLE) {
		fail(d, taken);
		return;
	}
	snprintf(reason, sizeof(reason), "%s", err_text(taken));
	selection_kept(&d->crew->selection, d->o);
	s->pending++;
	give_up(d, taken);
	if (kind == ERR_DENIED && !s->ending)
		stream_end(s, reason);
	stream_unpend(s);
}

/* --- checking the work --- */

struct part {
	struct delivery *d;
	size_t i;
};

static void on_counted(void *ctx, struct err *taken, void *result)
{
	struct part *p = ctx;
	struct delivery *d = p->d;
	int64_t *pixels = result;

	if (!taken && *pixels != d->result.r[p->i].pixels)
		taken = err_new(ERR_PROTOCOL, "PixelMismatch");
	if (taken && !d->failed)
		d->failed = TAKE(taken);
	err_free(taken);
	free(pixels);
	free(p);
	if (--d->open)
		return;
	if (d->failed)
		fail(d, TAKE(d->failed));
	else
		complete(d);
}

static bool has_receipt(const struct delivery *d)
{
	struct hash32 hash[LADDER_MAX];

	if (addr_is_zero(d->signer))
		return true;
	for (size_t i = 0; i < d->result.n; i++)
		keccak_256(hash[i].b, blob_data(d->rendition[i]),
			blob_size(d->rendition[i]));
	return purse_is_receipt(d->signer, hash, d->result.n, d->result.sig,
		d->result.sig_len);
}

static void verify(struct delivery *d)
{
	struct broadcaster *b = d->s->b;

	if (!has_receipt(d)) {
		fail(d, err_new(ERR_PROTOCOL, "PM Check Failed"));
		return;
	}
	if (!b->verify_pixels || !d->result.n) {
		complete(d);
		return;
	}
	d->open = d->result.n;
	for (size_t i = 0; i < d->result.n; i++) {
		struct part *p = XNEW(struct part);

		p->d = d;
		p->i = i;
		pool_count_pixels(b->pool, blob_ref(d->rendition[i]),
			d->s->ladder.r[i].container,
			(struct reply){b->actor, on_counted, p});
	}
}

/* --- fetching the renditions --- */

static void on_downloaded(void *ctx, struct err *taken, void *result)
{
	struct part *p = ctx;
	struct delivery *d = p->d;
	struct response *r = result;

	if (!taken && r->status != 200)
		taken = err_new(ERR_UNAVAILABLE, "rendition %s: status %d",
			d->s->ladder.r[p->i].name, r->status);
	if (!taken)
		d->rendition[p->i] = blob_ref(r->body);
	else if (!d->failed)
		d->failed = err_wrap(TAKE(taken), "download");
	err_free(taken);
	response_free(r);
	free(p);
	if (--d->open)
		return;
	if (d->failed)
		fail(d, TAKE(d->failed));
	else if (d->s->ending)
		fail(d, err_new(ERR_CANCELLED, "the stream has ended"));
	else
		verify(d);
}

static void download(struct delivery *d)
{
	struct broadcaster *b = d->s->b;

	d->open = d->result.n;
	if (!d->open)
		verify(d);
	for (size_t i = 0, n = d->open; i < n; i++) {
		struct fetch *f = fetch_new("GET", d->result.r[i].url);
		struct part *p = XNEW(struct part);

		p->d = d;
		p->i = i;
		f->http = FETCH_H1;
		f->follow = true;
		f->total_ms = DOWNLOAD_MS;
		f->max_body = RENDITION_MAX_BYTES;
		fetch_start(b->net, f,
			(struct reply){b->actor, on_downloaded, p});
	}
}

/* --- the orchestrator's answer --- */

/* An error body as the reference reads it: the text, trimmed. */
static struct err *status_error(const struct response *r)
{
	const char *s = (const char *)blob_data(r->body);
	size_t n = blob_size(r->body);

	if (n > 512)
		n = 512;
	while (n && isspace((unsigned char)*s))
		s++, n--;
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	if (!n)
		return err_new(ERR_UNAVAILABLE, "status %d", r->status);
	return err_new(ERR_UNAVAILABLE, "%.*s", (int)n, s);
}

static void take_session_info(struct delivery *d)
{
	struct orchestrator_info *info = &d->result.info;

	if (!d->result.has_info || !*info->transcoder)
		return;
	if (!info->token.present)
		info->token = d->o->info.token;
	if (!info->caps.present)
		info->caps = d->o->info.caps;
	d->o->info = *info;
}

/* What it was worth: paid by what the orchestrator says it did, as long as it
 * answers with work. */
static void settle(struct delivery *d, const struct err *failed, bool answered)
{
	struct pixels sum = { 0 };

	if (!d->s->b->purse)
		return;
	for (size_t i = 0; !failed && i < d->result.n; i++) {
		if (d->result.r[i].pixels > 0)
			sum.v += (uint64_t)d->result.r[i].pixels; /* raw: a count */
	}
	purse_settle(d->s->b->purse, &d->outlay, !answered ? OUTCOME_UNSENT
		: failed ? OUTCOME_SPENT : OUTCOME_RECEIVED, sum);
	stream_paid(d->s, &d->outlay);
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct delivery *d = ctx;
	struct response *r = result;
	bool answered = r || str_has_prefix(err_text(taken), "body timeout");

	ASSERT_ON(d->s->b->actor);
	d->wall_ms = clock_mono_ms() - d->sent_ms;
	if (!taken && r->status != 200)
		taken = status_error(r);
	if (!taken)
		taken = transcode_result_decode(&d->result, blob_data(r->body),
			blob_size(r->body));
	if (!taken)
		take_session_info(d);
	if (!taken && d->result.error)
		taken = err_new(ERR_MEDIA, "%s", d->result.error);
	settle(d, taken, answered);
	if (!taken && d->result.n > d->s->ladder.n)
		taken = err_new(ERR_PROTOCOL, "%zu renditions for %zu asked",
			d->result.n, d->s->ladder.n);
	response_free(r);
	if (taken)
		fail(d, taken);
	else
		download(d);
}

/* --- sending --- */

static void add_credentials(struct delivery *d, struct fetch *f, const char *payment)
{
	struct segment_creds *c = XNEW(struct segment_creds);
	struct stream *s = d->s;
	struct str header = STR_INIT;

	memcpy(c->manifest, s->manifest, sizeof(c->manifest));
	c->seq = (int64_t)d->seg->seq;
	memcpy(c->hash, d->hash, sizeof(c->hash));
	c->duration_ms = d->seg->duration_ms;
	stream_job_caps(s, &c->caps);
	c->token = d->o->info.token;
	c->ladder = s->ladder;
	c->force_session_reinit = d->reinit;
	if (s->b->purse)
		purse_sign_segment(s->b->purse, c);
	segment_header_encode(c, &header);
	fetch_header(f, "Livepeer-Segment", "%s", str_cstr(&header));
	fetch_header(f, "Livepeer-Payment", "%s", payment);
	fetch_header(f, "Content-Type", "%s", "video/MP2T");
	str_clear(&header);
	free(c);
}

/* SubmitSegment's limits, both times the stream's own factor. */
static void set_limits(const struct delivery *d, struct fetch *f)
{
	unsigned dur = (unsigned)d->seg->duration_ms;
	unsigned factor = (unsigned)d->s->timeout_multiplier;

	f->connect_ms = DIAL_MS;
	f->head_ms = (dur / 2 > 2000 ? dur / 2 : 2000) * factor;
	f->total_ms = (dur * 4 > 8000 ? dur * 4 : 8000) * factor;
	f->max_body = ANSWER_MAX_BYTES;
}

static struct err *pay(struct delivery *d, struct str *header)
{
	const struct orchestrator_info *info = &d->o->info;
	struct stream *s = d->s;
	struct err *e = purse_pay(s->b->purse, info, d->o->first_price,
		purse_estimate(&s->ladder, d->seg->duration_ms), &d->outlay, header);

	if (e)
		return e;
	d->signer = addr_is_zero(info->address) ? info->params.recipient : info->address;
	return NULL;
}

static void send_segment(struct delivery *d)
{
	struct broadcaster *b = d->s->b;
	struct str url = STR_INIT, payment = STR_INIT;
	struct err *e = b->purse ? pay(d, &payment) : NULL;
	struct fetch *f;

	if (e) {
		str_clear(&payment);
		unpaid(d, e);
		return;
	}
	str_printf(&url, "%s/segment", d->o->info.transcoder);
	f = fetch_new("POST", str_cstr(&url));
	str_clear(&url);
	add_credentials(d, f, str_cstr(&payment));
	str_clear(&payment);
	set_limits(d, f);
	f->body = blob_ref(d->seg->data);
	d->sent_ms = clock_mono_ms();
	selection_sent(d->o, d->sent_ms, d->seg->duration_ms);
	fetch_start(b->net, f, to_self(d, on_answer));
}

static void on_renewed(void *ctx, struct err *taken, void *result)
{
	struct delivery *d = ctx;
	struct orchestrator_info *info = result;

	if (!taken && d->s->ending)
		taken = err_new(ERR_CANCELLED, "the stream has ended");
	if (!taken)
		d->o->info = *info;
	free(info);
	if (taken)
		fail(d, err_wrap(taken, "session refresh"));
	else
		send_segment(d);
}

static void renew(struct delivery *d)
{
	struct caps *job = XNEW(struct caps);

	stream_job_caps(d->s, job);
	discovery_ask(d->s->b->discovery, d->o->info.transcoder, job,
		REFRESH_MS, to_self(d, on_renewed));
	free(job);
}

/* In the token's last tenth, or when the ticket params are over, there are
 * fresh ones first. */
static void renew_or_send(struct delivery *d)
{
	struct broadcaster *b = d->s->b;
	bool is_old = auth_token_needs_refresh(&d->o->info.token,
		clock_wall_ms() / 1000);
	struct err *e = b->purse && !is_old ? purse_check(b->purse, &d->o->info) : NULL;

	if (is_old || purse_wants_new(e)) {
		err_free(e);
		renew(d);
	} else if (e) {
		unpaid(d, e);
	} else {
		send_segment(d);
	}
}

static void try_once(struct delivery *d)
{
	struct stream *s = d->s;

	if (s->ending || s->b->stopping) {
		give_up(d, err_new(ERR_CANCELLED, "the stream has ended"));
		return;
	}
	d->o = stream_pick(s, &d->crew);
	if (d->o) {
		d->attempts++;
		renew_or_send(d);
	} else if (stream_is_waiting(s) && d->waits < WAITS_MAX) {
		d->waits++;
		d->next = s->waiting;
		s->waiting = d;
	} else {
		give_up(d, err_new(ERR_UNAVAILABLE, "No sessions available"));
	}
}

void deliveries_wake(struct stream *s)
{
	struct delivery *d = TAKE(s->waiting), *next;

	for (; d; d = next) {
		next = d->next;
		try_once(d);
	}
}

void delivery_start(struct stream *s, struct segment *taken,
	bool force_reinit, struct reply reply)
{
	struct delivery *d = XNEW(struct delivery);

	d->s = s;
	d->seg = taken;
	d->reinit = force_reinit;
	d->reply = reply;
	d->began_ms = clock_mono_ms();
	s->pending++;
	s->deliveries++;
	tally_in(&s->tally, clock_wall_ms(), taken->duration_ms,
		(int64_t)blob_size(taken->data));
	if (!s->ladder.n || !s->b->max_attempts) {
		complete(d);
		return;
	}
	keccak_256(d->hash, blob_data(taken->data), blob_size(taken->data));
	try_once(d);
}

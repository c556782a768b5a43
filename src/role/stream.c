/* One live stream at the broadcaster: its sessions, its playlists, what the
 * operator sees of it. Runs on the bcast actor. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/m3u8.h"
#include "proto/rpc_codec.h"
#include "src/base/clock.h"
#include "src/crypto/random.h"
#include "src/model/view_money.h"
#include "db/history.h"
#include "src/role/broadcaster_private.h"

#define TRUSTED_WANT 8 /* maxInflight * 2: 2 x 8 s / 2 s */
#define END_MS 8000
#define LEFTOVER_MS 12000 /* a live window: 6 segments of 2 s */

static void refresh(struct crew *c);

/* --- birth --- */

static void crew_init(struct stream *s, enum trust trust)
{
	struct crew *c = &s->crew[trust];
	size_t size = discovery_size(s->b->discovery, trust);
	size_t want = trust == TRUST_FULL && size > TRUSTED_WANT
		? TRUSTED_WANT : size;

	c->stream = s;
	c->trust = trust;
	selection_init(&c->selection, (int)size, (int)want);
	c->selection.rule = s->b->purse ? &s->b->rule : NULL;
	c->tried = !size;
	if (size)
		refresh(c);
}

/* Renditions without a container of their own follow the source's. */
static void settle_ladder(struct stream *s)
{
	for (size_t i = 0; i < s->ladder.n; i++) {
		if (!s->ladder.r[i].container_is_set)
			s->ladder.r[i].container = s->container;
	}
}

struct stream *stream_new(struct broadcaster *b,
	const struct stream_request *q, const char *manifest,
	const struct stream_auth *auth)
{
	struct stream *s = XNEW(struct stream);

	s->b = b;
	s->id = ++b->last_id;
	snprintf(s->manifest, sizeof(s->manifest), "%s", manifest);
	memcpy(s->remote, q->remote, sizeof(s->remote));
	if (q->ingest == INGEST_HTTP)
		memcpy(s->external, q->path, sizeof(s->external));
	s->ingest = q->ingest;
	s->container = q->container;
	s->width = q->width;
	s->height = q->height;
	s->ladder = auth->has_ladder ? auth->ladder : b->ladder;
	s->timeout_multiplier = auth->timeout_multiplier > 1
		? auth->timeout_multiplier : 1;
	s->force_reinit = auth->force_session_reinit;
	s->used_ms = clock_mono_ms();
	settle_ladder(s);
	leftovers_drop(b, 0, s->manifest);
	tally_init(&s->tally, &b->totals, clock_wall_ms());
	HASH_ADD_STR(b->streams, manifest, s);
	HASH_ADD(hh_id, b->by_id, id, sizeof(s->id), s);
	log_info(b->log, "stream %s: started by %s over %s, %zu renditions",
		s->manifest, s->remote,
		s->ingest == INGEST_RTMP ? "RTMP" : "HTTP", s->ladder.n);
	history_session_started(b->history, "B", s->manifest, s->manifest,
		s->tally.started_ms);
	for (int t = 0; t < TRUST_LEVELS; t++)
		crew_init(s, (enum trust)t);
	b->dirty = true;
	return s;
}

/* --- sessions --- */

void stream_job_caps(const struct stream *s, struct caps *out)
{
	const char *v = s->info.video;
	struct job_caps_in in = {
		.ladder = &s->ladder,
		.input_h264 = !*v || !strcmp(v, "h264"),
		.input_hevc = !strcmp(v, "hevc"),
		.input_vp8 = !strcmp(v, "vp8"),
		.input_vp9 = !strcmp(v, "vp9"),
		.http_push = s->ingest == INGEST_HTTP,
		.min_version = s->b->min_version,
	};

	caps_for_job(out, &in);
}

static int penalty(void *ctx, const char *uri)
{
	return selection_suspended(ctx, uri);
}

static void add_session(struct crew *c, const struct found_orchestrator *o)
{
	struct broadcaster *b = c->stream->b;

	selection_add(&c->selection, &o->info, o->latency_ms,
		discovery_stake(b->discovery, o->info.params.recipient));
	if (b->purse)
		broadcaster_note_price(b, &o->info);
}

static void on_refreshed(void *ctx, struct err *taken, void *result)
{
	struct crew *c = ctx;
	struct stream *s = c->stream;
	struct found *found = result;

	ASSERT_ON(s->b->actor);
	err_free(taken);
	for (size_t i = 0; !s->ending && i < found->n; i++)
		add_session(c, &found->o[i]);
	if (!found->n && !c->tried)
		log_unusual(s->b->log, "stream %s: no orchestrator of %d "
			"can be used", s->manifest, c->selection.pool_size);
	free(found);
	selection_refresh_end(&c->selection);
	c->tried = true;
	s->b->dirty = true;
	if (!s->ending)
		deliveries_wake(s);
	stream_unpend(s);
}

static void refresh(struct crew *c)
{
	struct stream *s = c->stream;
	struct caps *job = XNEW(struct caps);

	stream_job_caps(s, job);
	selection_refresh_begin(&c->selection);
	s->pending++;
	discovery_find(s->b->discovery, c->trust,
		(size_t)c->selection.num_orchs, job, penalty, &c->selection,
		(struct reply){s->b->actor, on_refreshed, c});
	free(job);
}

bool stream_is_waiting(const struct stream *s)
{
	return s->crew[TRUST_NONE].selection.refreshing ||
		s->crew[TRUST_FULL].selection.refreshing;
}

static double draw(void)
{
	return (double)random_below(1ull << 53) / (double)(1ull << 53);
}

/* Without verification: from the untrusted pool if it has one, else from the
 * trusted. */
struct orch_session *stream_pick(struct stream *s, struct crew **crew)
{
	struct orch_session *o = NULL;

	for (int t = 0; t < TRUST_LEVELS && !o; t++) {
		*crew = &s->crew[t];
		if (selection_wants_refresh(&(*crew)->selection))
			refresh(*crew);
		o = selection_pick(&(*crew)->selection, clock_mono_ms(), draw());
	}
	if (o)
		memcpy(s->orchestrator, o->info.transcoder,
			sizeof(s->orchestrator));
	return o;
}

/* --- playlists --- */

static void put_text(struct stream *s, const char *dir, const char *name,
	struct str *text)
{
	shelf_put(s->b->shelf, dir, name, SHELF_KEEP, blob_from_str(text));
}

/* A rendition is listed once its first segment is there; the source first. */
static void write_master(struct stream *s)
{
	struct m3u8_variant v[LADDER_MAX + 1];
	struct str text = STR_INIT, name = STR_INIT;
	size_t n = 0;

	v[n++] = (struct m3u8_variant){s->manifest, "source", SOURCE_BITRATE,
		s->width, s->height};
	for (size_t i = 0; i < s->ladder.n; i++) {
		const struct rendition *r = &s->ladder.r[i];

		if (s->listed[i])
			v[n++] = (struct m3u8_variant){s->manifest, r->name,
				r->bitrate, r->width, r->height};
	}
	m3u8_write_master(&text, v, n);
	if (s->b->current_manifest) {
		struct str copy = STR_INIT;

		str_addn(&copy, text.s, text.len);
		put_text(s, "", "current.m3u8", &copy);
	}
	str_printf(&name, "%s.m3u8", s->manifest);
	put_text(s, "", str_cstr(&name), &text);
	str_clear(&name);
}

static void write_playlist(struct stream *s, const struct track *t,
	const char *name, enum container c)
{
	struct str file = STR_INIT, text = STR_INIT;

	playlist_write(&t->playlist, s->manifest, name, c, s->ending, &text);
	str_printf(&file, "%s.m3u8", name);
	put_text(s, s->manifest, str_cstr(&file), &text);
	str_clear(&file);
}

/* One more segment of a rendition, its file and its playlist. */
static void add_to_track(struct stream *s, struct track *t, const char *name,
	enum container c, const struct segment *seg, struct blob *data)
{
	struct str dir = STR_INIT, file = STR_INIT;

	if (!playlist_add(&t->playlist, seg->seq, seg->duration_ms,
			seg->discontinuity)) {
		log_unusual(s->b->log, "stream %s: segment %llu of %s: "
			"segment already exists", s->manifest,
			(unsigned long long)seg->seq, name);
		return;
	}
	t->segments++;
	t->media_ms += seg->duration_ms;
	t->bytes += (int64_t)blob_size(data);
	str_printf(&dir, "%s/%s", s->manifest, name);
	str_printf(&file, "%llu%s", (unsigned long long)seg->seq,
		container_ext(c));
	shelf_put(s->b->shelf, str_cstr(&dir), str_cstr(&file), SHELF_RING,
		blob_ref(data));
	str_clear(&dir);
	str_clear(&file);
	write_playlist(s, t, name, c);
}

void stream_store(struct stream *s, const struct segment *seg,
	struct blob *const *renditions, const int64_t *pixels, size_t n)
{
	bool news = false;

	if (s->ending)
		return;
	for (size_t i = 0; i < n && i < s->ladder.n; i++) {
		add_to_track(s, &s->track[i], s->ladder.r[i].name,
			s->ladder.r[i].container, seg, renditions[i]);
		s->track[i].pixels += pixels ? pixels[i] : 0;
		s->b->totals.pixels += pixels ? pixels[i] : 0;
		news |= !s->listed[i];
		s->listed[i] = true;
	}
	if (news)
		write_master(s);
	s->b->dirty = true;
}

/* --- death --- */

static void on_told(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	err_free(taken);
	blob_put(result);
}

/* EndTranscodingSession frees the slot at once rather than after 70 s. */
static void tell_end(struct stream *s, const struct orch_session *o)
{
	struct str msg = STR_INIT;

	if (!o->info.token.present)
		return;
	end_session_encode(&o->info.token, &msg);
	grpc_call(s->b->net, o->info.transcoder,
		"/net.Orchestrator/EndTranscodingSession", blob_from_str(&msg),
		END_MS, END_MS, (struct reply){s->b->actor, on_told, NULL});
}

static void stream_free(struct stream *s)
{
	for (int t = 0; t < TRUST_LEVELS; t++)
		selection_clear(&s->crew[t].selection);
	tally_clear(&s->tally);
	free(s);
}

void stream_unpend(struct stream *s)
{
	assert(s->pending);
	if (!--s->pending && s->ending)
		stream_free(s);
}

/* Players have the last segments still to fetch: the playlists get their end
 * and stay for a while. */
static void leave(struct stream *s)
{
	struct leftover *l = XNEW(struct leftover);

	if (s->source_listed)
		write_playlist(s, &s->source, "source", s->container);
	for (size_t i = 0; i < s->ladder.n; i++) {
		if (s->listed[i])
			write_playlist(s, &s->track[i], s->ladder.r[i].name,
				s->ladder.r[i].container);
	}
	memcpy(l->manifest, s->manifest, sizeof(l->manifest));
	l->until_ms = clock_mono_ms() + LEFTOVER_MS;
	l->next = s->b->leftovers;
	s->b->leftovers = l;
}

void leftovers_drop(struct broadcaster *b, int64_t now_ms,
	const char *manifest)
{
	struct leftover **at = &b->leftovers, *l;

	while ((l = *at)) {
		if (manifest ? strcmp(l->manifest, manifest) != 0
			: now_ms < l->until_ms) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		shelf_drop(b->shelf, l->manifest);
		free(l);
	}
}

void stream_close(struct stream *s, const char *reason)
{
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
	s->closing = true;
	if (!s->deliveries)
		stream_end(s, s->reason);
}

void stream_end(struct stream *s, const char *reason)
{
	struct broadcaster *b = s->b;

	s->ending = true;
	s->pending++;
	HASH_DEL(b->streams, s);
	HASH_DELETE(hh_id, b->by_id, s);
	log_info(b->log, "stream %s: ended, %s (%lld segments in, %lld out, "
		"%lld failed)", s->manifest, reason, (long long)s->tally.in,
		(long long)s->tally.out, (long long)s->tally.failed);
	history_session_ended(b->history, "B", s->manifest, clock_wall_ms(),
		s->tally.out, s->tally.failed, s->tally.last_error);
	for (int t = 0; t < TRUST_LEVELS; t++) {
		struct orch_session *o = s->crew[t].selection.sessions;

		for (; o; o = o->next)
			tell_end(s, o);
	}
	deliveries_wake(s);
	leave(s);
	b->dirty = true;
	stream_unpend(s);
}

/* --- segments in --- */

static void take_info(struct stream *s, const struct media_info *info)
{
	const struct media_info *old = &s->info;

	if (s->probed && (strcmp(old->video, info->video) ||
			strcmp(old->audio, info->audio) ||
			strcmp(old->pixel_format, info->pixel_format) ||
			old->width != info->width ||
			old->height != info->height))
		s->reinit_once = true;
	s->info = *info;
	s->probed = true;
	if (info->width && (!s->width || s->ingest == INGEST_RTMP)) {
		bool news = s->width != info->width ||
			s->height != info->height;

		s->width = info->width;
		s->height = info->height;
		if (news && s->source_listed)
			write_master(s);
	}
	if (info->fps > 0)
		s->fps = info->fps;
}

static void on_probed(void *ctx, struct err *taken, void *result)
{
	struct stream *s = ctx;

	s->probing = false;
	if (taken)
		log_unusual(s->b->log, "stream %s: probing the source: %s",
			s->manifest, err_text(taken));
	else if (!s->ending)
		take_info(s, result);
	err_free(taken);
	free(result);
	stream_unpend(s);
}

static void store_source(struct stream *s, const struct segment *seg)
{
	add_to_track(s, &s->source, "source", s->container, seg, seg->data);
	if (!s->source_listed) {
		s->source_listed = true;
		write_master(s);
	}
}

/* The reference's answer to a stream that starts with audio only: the input
 * stands in for every rendition (mediaserver.go). */
static void bypass(struct stream *s, struct segment *seg, struct reply reply)
{
	struct push_result *r = XNEW(struct push_result);
	struct blob *copies[LADDER_MAX];

	r->container = s->container;
	r->seq = seg->seq;
	for (size_t i = 0; i < s->ladder.n; i++) {
		copies[i] = seg->data;
		memcpy(r->r[i].name, s->ladder.r[i].name,
			sizeof(r->r[i].name));
		r->r[i].data = blob_ref(seg->data);
		r->n++;
	}
	stream_store(s, seg, copies, NULL, s->ladder.n);
	if (reply.fn)
		reply_send(reply, NULL, TAKE(r));
	push_result_free(r);
	segment_free(seg);
}

void stream_segment(struct stream *s, struct segment *taken,
	const struct media_info *info, bool force_reinit, struct reply reply)
{
	bool reinit;

	s->used_ms = clock_mono_ms();
	if (info) {
		take_info(s, info);
	} else if ((!s->probed || taken->discontinuity) && !s->probing) {
		s->probing = true;
		s->pending++;
		pool_probe(s->b->pool, blob_ref(taken->data), s->container,
			(struct reply){s->b->actor, on_probed, s});
	}
	store_source(s, taken);
	if (s->info.needs_bypass || !taken->has_video) {
		bypass(s, taken, reply);
		return;
	}
	reinit = force_reinit || s->force_reinit || s->reinit_once ||
		taken->discontinuity;
	s->reinit_once = false;
	delivery_start(s, taken, reinit, reply);
}

/* --- money --- */

void stream_paid(struct stream *s, const struct outlay *o)
{
	struct credit sum;

	s->outlay = *o;
	if (credit_add(&sum, s->paid, o->bought))
		s->paid = sum;
	if (!purse_balance(s->b->purse, o->peer, o->session, &s->left))
		s->left = CREDIT_ZERO;
}

static void money_row(const struct stream *s, struct session_row *row)
{
	if (!*s->outlay.session)
		return;
	view_set_price(&row->price, s->outlay.price);
	view_set_credit(&row->paid, s->paid);
	view_set_credit(&row->credit, s->left);
}

/* --- what the operator sees --- */

static void rendition_row(const struct stream *s, size_t i,
	struct rendition_row *row)
{
	const struct rendition *p = &s->ladder.r[i];
	const struct track *t = &s->track[i];

	view_set(&row->name, p->name);
	row->width = p->width;
	row->height = p->height;
	row->fps = p->fps ? (double)p->fps / (p->fps_den ? p->fps_den : 1)
		: s->fps;
	row->bitrate = p->bitrate;
	row->segments = t->segments;
	row->bytes = t->bytes;
	row->pixels = t->pixels;
	if (t->media_ms)
		row->measured_bitrate = t->bytes * 8000 / t->media_ms;
}

void stream_row(const struct stream *s, struct session_row *row)
{
	view_set(&row->id, s->manifest);
	view_set(&row->role, "B");
	view_set(&row->manifest, s->manifest);
	view_set(&row->ingest, s->ingest == INGEST_RTMP ? "rtmp" : "http");
	view_set(&row->state, s->closing ? "ending"
		: s->tally.in ? "live" : "waiting");
	view_set(&row->remote, s->remote);
	view_set(&row->video, *s->info.video ? s->info.video : "h264");
	view_set(&row->audio, s->info.audio);
	view_set(&row->orchestrator, s->orchestrator);
	view_setf(&row->playback, "%s/stream/%s.m3u8", s->b->playback,
		s->manifest);
	row->width = s->width;
	row->height = s->height;
	row->fps = s->fps;
	tally_row(&s->tally, row);
	money_row(s, row);
	row->swaps = (int64_t)(s->crew[0].selection.swaps +
		s->crew[1].selection.swaps);
	for (size_t i = 0; i < s->ladder.n; i++)
		rendition_row(s, i, VIEW_ADD(&row->renditions));
}

#ifndef TESTS_UNIT_FAKE_POOL_H
#define TESTS_UNIT_FAKE_POOL_H
/* A pool without FFmpeg: every rendition is the input's bytes, and the test
 * says what becomes of a segment. It defines all of src/media/pool.h, so that
 * the linker leaves the real one in the archive. Included by one test program's
 * one source file. */
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/media/pool.h"
#include "src/model/view.h"

#define FAKE_PIXELS 1000

enum fake_mode { FAKE_SERVE, FAKE_HOLD, FAKE_FAIL };

struct fake_held {
	struct fake_held *next;
	struct transcode_job *job;
	struct reply reply;
};

struct pool {
	pthread_mutex_t lock;
	/* The script; set by the test's thread before a segment is sent. */
	_Atomic(enum fake_mode) mode;
	_Atomic(const char *) error; /* FAKE_FAIL; a literal */
	atomic_int error_kind;
	atomic_int outputs;	 /* renditions to return; -1: as asked */
	atomic_size_t cut;	 /* bytes of each; 0: all */
	atomic_llong counted;	 /* what pool_count_pixels() finds */
	struct media_info media; /* what pool_probe() finds */
	const char *device;
	unsigned capacity;
	/* What happened. */
	atomic_uint jobs, ended, probed, drained, reinits;
	atomic_uint holding;
	struct fake_held *held, **held_end;
	char last_session[SESSION_ID_SIZE];
};

static inline struct pool *fake_pool_new(const char *device, unsigned capacity)
{
	struct pool *p = XNEW(struct pool);

	pthread_mutex_init(&p->lock, NULL);
	p->device = device;
	p->capacity = capacity;
	p->held_end = &p->held;
	atomic_store(&p->outputs, -1);
	atomic_store(&p->counted, FAKE_PIXELS);
	snprintf(p->media.video, sizeof(p->media.video), "%s", "h264");
	snprintf(p->media.audio, sizeof(p->media.audio), "%s", "aac");
	snprintf(p->media.pixel_format, sizeof(p->media.pixel_format), "%s", "yuv420p");
	p->media.width = 640;
	p->media.height = 360;
	p->media.fps = 30;
	return p;
}

static inline void fake_fail_with(struct pool *p, enum err_kind kind,
	const char *text)
{
	atomic_store(&p->error, text);
	atomic_store(&p->error_kind, kind);
	atomic_store(&p->mode, FAKE_FAIL);
}

static inline struct transcode_output *fake_output(struct pool *p,
	const struct transcode_job *job)
{
	struct transcode_output *out = XNEW(struct transcode_output);
	int n = atomic_load(&p->outputs);
	size_t cut = atomic_load(&p->cut);

	out->n = n < 0 ? job->ladder.n : (size_t)n;
	for (size_t i = 0; i < out->n; i++) {
		out->r[i].data = cut ? blob_new(blob_data(job->input), cut)
			: blob_ref(job->input);
		out->r[i].pixels = FAKE_PIXELS;
	}
	out->decoded_pixels = FAKE_PIXELS;
	strncpy(out->device, p->device, sizeof(out->device) - 1);
	return out;
}

static inline void fake_answer(struct pool *p, struct transcode_job *taken,
	struct reply reply, struct err *err)
{
	reply_send(reply, err, err ? NULL : fake_output(p, taken));
	transcode_job_free(taken);
}

/* Answers the held job that has waited longest; err NULL: with its output. */
static inline void fake_release(struct pool *p, struct err *err)
{
	struct fake_held *h;

	pthread_mutex_lock(&p->lock);
	h = p->held;
	if (h && !(p->held = h->next))
		p->held_end = &p->held;
	pthread_mutex_unlock(&p->lock);
	if (!h)
		abort();
	atomic_fetch_sub(&p->holding, 1);
	fake_answer(p, h->job, h->reply, err);
	free(h);
}

/* --- src/media/pool.h --- */

void transcode_job_free(struct transcode_job *j)
{
	if (j)
		blob_put(j->input);
	free(j);
}

void transcode_output_free(struct transcode_output *o)
{
	for (size_t i = 0; o && i < o->n; i++) {
		blob_put(o->r[i].data);
		blob_put(o->r[i].phash);
	}
	free(o);
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	while (p->held)
		fake_release(p, err_new(ERR_CANCELLED, "TranscoderStopped"));
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void pool_transcode(struct pool *p, struct transcode_job *taken,
	struct reply reply)
{
	struct fake_held *h;

	atomic_fetch_add(&p->reinits, taken->force_reinit);
	pthread_mutex_lock(&p->lock);
	memcpy(p->last_session, taken->session, sizeof(p->last_session));
	pthread_mutex_unlock(&p->lock);
	switch (atomic_load(&p->mode)) {
	case FAKE_SERVE:
		fake_answer(p, taken, reply, NULL);
		break;
	case FAKE_FAIL:
		fake_answer(p, taken, reply, err_new(
			(enum err_kind)atomic_load(&p->error_kind), "%s",
			atomic_load(&p->error)));
		break;
	case FAKE_HOLD:
		h = XNEW(struct fake_held);
		h->job = taken;
		h->reply = reply;
		pthread_mutex_lock(&p->lock);
		*p->held_end = h;
		p->held_end = &h->next;
		pthread_mutex_unlock(&p->lock);
		atomic_fetch_add(&p->holding, 1);
		break;
	}
	atomic_fetch_add(&p->jobs, 1);
}

void pool_end_session(struct pool *p, const char *session)
{
	(void)session;
	atomic_fetch_add(&p->ended, 1);
}

void pool_probe(struct pool *p, struct blob *taken, enum container c,
	struct reply reply)
{
	(void)c;
	atomic_fetch_add(&p->probed, 1);
	blob_put(taken);
	reply_send(reply, NULL, xmemdup(&p->media, sizeof(p->media)));
}

void pool_count_pixels(struct pool *p, struct blob *taken, enum container c,
	struct reply reply)
{
	int64_t n = atomic_load(&p->counted);

	(void)c;
	blob_put(taken);
	reply_send(reply, NULL, xmemdup(&n, sizeof(n)));
}

void pool_drain(struct pool *p, const char *worker, bool drain,
	struct reply reply)
{
	if (strcmp(worker, p->device)) {
		reply_send(reply, err_new(ERR_NOT_FOUND, "no transcoder %s",
			worker), NULL);
		return;
	}
	atomic_store(&p->drained, drain);
	reply_send(reply, NULL, NULL);
}

uint64_t pool_version(struct pool *p)
{
	(void)p;
	return 1;
}

void pool_view(struct pool *p, struct view_transcoders *out)
{
	struct transcoder_row *row = VIEW_ADD(&out->rows);

	view_set(&row->id, p->device);
	view_set(&row->kind, "cpu");
}

void pool_caps(struct pool *p, struct caps *out)
{
	(void)p;
	caps_default(out);
}

unsigned pool_capacity(struct pool *p)
{
	return p->capacity;
}
#endif

#include "src/media/transcode.h"
#include "src/base/lane.h"
#include "src/media/ffmpeg.h"
#include "src/media/input.h"
#include "src/media/output.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Frames decoded ahead of a lane: few, since a 1080p frame is 3 MB. */
#define LANE_DEPTH 8
#define OUTPUT_BYTES_MIN 25 /* less is "ZeroSegments" to an orchestrator */

struct transcode {
	char *preset, *device, *service_provider;
	int threads;
};

enum item_kind { ITEM_FRAME, ITEM_AUDIO, ITEM_END };
struct item {
	enum item_kind kind;
	AVFrame *frame;
	AVPacket *packet;
	int64_t end_pts, decoded;
};

/* One rendition under way. The lane's, until lane_free(). */
struct track {
	struct lane *lane;
	struct output *output;
	struct err *err;
	int signature_fd; /* memfd, -1: none */
	char signature_path[32];
	atomic_bool *failed; /* of the whole segment */
};

struct run {
	struct transcode *t;
	const struct transcode_input *in;
	struct input input;
	AVFrame *frame;
	AVPacket *packet;
	int64_t frames, pixels, end_pts;
	size_t n;
	struct track tracks[LADDER_MAX];
	atomic_bool failed;
};

struct transcode *transcode_new(const struct transcode_config *c)
{
	struct transcode *t = XNEW(struct transcode);

	t->preset = xstrdup(c->preset ? c->preset : "medium");
	t->device = c->device ? xstrdup(c->device) : NULL;
	t->service_provider =
		c->service_provider ? xstrdup(c->service_provider) : NULL;
	t->threads = c->threads;
	return t;
}

void transcode_free(struct transcode *t)
{
	if (!t)
		return;
	free(t->preset);
	free(t->device);
	free(t->service_provider);
	free(t);
}

void transcode_output_clear(struct transcode_output *o)
{
	for (size_t i = 0; i < o->n; i++) {
		blob_put(o->r[i].data);
		blob_put(o->r[i].phash);
	}
	*o = (struct transcode_output){0};
}

/* --- on the lane --- */

static void on_item(void *ctx, void *arg)
{
	struct track *k = ctx;
	struct item *i = arg;

	if (!k->err && !atomic_load(k->failed)) {
		switch (i->kind) {
		case ITEM_FRAME:
			k->err = output_frame(k->output, TAKE(i->frame),
				i->decoded);
			break;
		case ITEM_AUDIO:
			k->err = output_audio(k->output, TAKE(i->packet));
			break;
		case ITEM_END:
			k->err = output_end(k->output, i->end_pts, i->decoded);
			break;
		}
		if (k->err)
			atomic_store(k->failed, true);
	}
	av_frame_free(&i->frame);
	av_packet_free(&i->packet);
	free(i);
}

/* --- on the caller's thread --- */

static int64_t bounded_ms(uint64_t v)
{
	return v > SEGMENT_MS_MAX ? SEGMENT_MS_MAX : (int64_t)v;
}

static struct err *open_signature(struct track *k)
{
	k->signature_fd = memfd_create("signature", MFD_CLOEXEC);
	if (k->signature_fd < 0)
		return err_sys(errno, "memfd_create");
	snprintf(k->signature_path, sizeof(k->signature_path),
		"/proc/self/fd/%d", k->signature_fd);
	return NULL;
}

static struct err *open_track(struct run *r, struct track *k,
	const struct rendition *rendition)
{
	const struct transcode_input *in = r->in;
	struct output_options o = {
		.rendition = rendition,
		.container = rendition->container,
		.preset = r->t->preset,
		.device = r->t->device,
		.service_provider = r->t->service_provider,
		.threads = r->t->threads,
		.video_time_base = r->input.video->time_base,
		.frame_rate = input_frame_rate(&r->input),
	};
	struct err *e = NULL;

	*k = (struct track){.signature_fd = -1, .failed = &r->failed};
	if (r->input.audio) {
		o.audio = r->input.audio->codecpar;
		o.audio_time_base = r->input.audio->time_base;
	}
	if (in->has_slice) {
		o.from_ms = (uint64_t)bounded_ms(in->slice_from_ms);
		o.to_ms = (uint64_t)bounded_ms(in->slice_to_ms);
	}
	if (in->calc_perceptual_hash) {
		e = open_signature(k);
		o.signature = k->signature_path;
	}
	if (e)
		return e;
	k->output = output_new(&o);
	if (!k->output)
		return ffmpeg_err(AVERROR(ENOMEM));
	k->lane = lane_new(rendition->name, LANE_DEPTH, on_item, k);
	return NULL;
}

static struct err *push_all(struct run *r, enum item_kind kind)
{
	for (size_t i = 0; i < r->n; i++) {
		struct item *item = XNEW(struct item);
		bool ok = true;

		item->kind = kind;
		item->decoded = r->frames;
		item->end_pts = r->end_pts;
		if (kind == ITEM_FRAME)
			ok = (item->frame = av_frame_clone(r->frame));
		else if (kind == ITEM_AUDIO)
			ok = (item->packet = av_packet_clone(r->packet));
		if (!ok) {
			free(item);
			return ffmpeg_err(AVERROR(ENOMEM));
		}
		lane_push(r->tracks[i].lane, item);
	}
	return NULL;
}

static struct err *decode_all(struct run *r)
{
	enum input_event event;
	struct err *e;

	while (!atomic_load(&r->failed)) {
		e = input_next(&r->input, r->frame, r->packet, &event);
		if (e)
			return e;
		switch (event) {
		case INPUT_FRAME:
			r->frames++;
			r->pixels += (int64_t)r->frame->width *
				r->frame->height;
			r->end_pts = r->frame->pts + r->frame->pkt_duration;
			e = push_all(r, ITEM_FRAME);
			break;
		case INPUT_AUDIO:
			e = push_all(r, ITEM_AUDIO);
			break;
		case INPUT_END:
			if (!r->frames)
				return media_err("No keyframes in input");
			return push_all(r, ITEM_END);
		}
		if (e)
			return e;
	}
	return NULL;
}

static struct err *check_slice(const struct transcode_input *in)
{
	if (in->has_slice && in->slice_to_ms &&
		in->slice_from_ms > in->slice_to_ms)
		return media_err("TranscoderInvalidClipConfig");
	return NULL;
}

static struct err *check_ladder(const struct ladder *l)
{
	if (l->n > LADDER_MAX)
		return media_err("Too many outputs");
	for (size_t i = 0; i < l->n; i++) {
		if (l->r[i].gop_ms < GOP_INTRA_ONLY)
			return media_err("TranscoderInvalidGOP");
		if (l->r[i].codec == VIDEO_VP8 || l->r[i].codec == VIDEO_VP9)
			return media_err("Encoder not found");
	}
	return NULL;
}

/* What cannot be opened has no video either: lpms answers the same (ffmpeg.go,
 * ErrTranscoderVid). It is final, so the broadcaster keeps its session. */
static struct err *open_input(struct input *in,
	const struct transcode_input *from)
{
	struct err *e = input_open(in, from->bytes, from->size);

	if (!e || err_kind(e) != ERR_MEDIA)
		return e;
	err_free(e);
	return media_err("TranscoderInvalidVideo");
}

static struct err *open_run(struct run *r)
{
	const struct ladder *l = r->in->ladder;
	struct err *e;

	r->frame = av_frame_alloc();
	r->packet = av_packet_alloc();
	if (!r->frame || !r->packet)
		return ffmpeg_err(AVERROR(ENOMEM));
	if (input_duration_ms(&r->input) > SEGMENT_MS_MAX)
		return media_err("TranscoderInvalidDuration");
	if (!r->input.video)
		return media_err("TranscoderInvalidVideo");
	e = input_open_decoder(&r->input, r->t->threads, r->t->device);
	for (size_t i = 0; !e && i < l->n; i++) {
		r->n = i + 1;
		e = open_track(r, &r->tracks[i], &l->r[i]);
	}
	return e;
}

/* Waits for the lanes; the first rendition's error speaks for all. */
static struct err *join_all(struct run *r, struct err *taken)
{
	if (taken)
		atomic_store(&r->failed, true);
	for (size_t i = 0; i < r->n; i++)
		lane_free(TAKE(r->tracks[i].lane));
	for (size_t i = 0; i < r->n; i++) {
		struct err *e = TAKE(r->tracks[i].err);

		if (taken)
			err_free(e);
		else
			taken = e;
	}
	return taken;
}

static struct err *read_signature(int fd, struct blob **out)
{
	struct stat st;
	uint8_t *bytes;
	ssize_t n;

	if (fstat(fd, &st))
		return err_sys(errno, "signature");
	if (st.st_size <= 0 || st.st_size > SEGMENT_BYTES_MAX)
		return err_new(ERR_MEDIA, "no signature was made");
	bytes = xmalloc((size_t)st.st_size);
	n = pread(fd, bytes, (size_t)st.st_size, 0);
	*out = blob_take(bytes, n > 0 ? (size_t)n : 0);
	return n == st.st_size ? NULL : err_sys(errno, "signature");
}

static struct err *collect(struct run *r, struct transcode_output *out)
{
	struct err *e = NULL;
	struct bytes b;

	out->decoded_pixels = r->pixels;
	for (size_t i = 0; !e && i < r->n; i++) {
		struct track *k = &r->tracks[i];

		output_take(k->output, &b);
		out->n = i + 1;
		out->r[i].data = blob_take(b.data, b.size);
		out->r[i].pixels = output_pixels(k->output);
		if (b.size < OUTPUT_BYTES_MIN)
			e = media_err("ZeroSegments");
		else if (k->signature_fd >= 0)
			e = read_signature(k->signature_fd, &out->r[i].phash);
	}
	return e;
}

static void close_run(struct run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		output_free(r->tracks[i].output);
		if (r->tracks[i].signature_fd >= 0)
			close(r->tracks[i].signature_fd);
	}
	av_frame_free(&r->frame);
	av_packet_free(&r->packet);
	input_close(&r->input);
}

struct err *transcode_run(struct transcode *t, const struct transcode_input *in,
	struct transcode_output *out)
{
	struct run r = {.t = t, .in = in};
	struct err *e;

	*out = (struct transcode_output){0};
	e = check_slice(in);
	if (!e)
		e = check_ladder(in->ladder);
	if (!e)
		e = open_input(&r.input, in);
	if (e)
		return e;
	e = open_run(&r);
	if (!e)
		e = decode_all(&r);
	e = join_all(&r, e);
	if (!e)
		e = collect(&r, out);
	if (e)
		transcode_output_clear(out);
	close_run(&r);
	return e;
}

#include "src/media/output.h"
#include "src/media/encoder.h"
#include "src/media/ffmpeg.h"
#include "src/media/filter.h"
#include "src/media/input.h"
#include "src/media/signature.h"

#include <stdio.h>
#include <stdlib.h>

#define RUNAWAY_FACTOR 25
#define AUDIO_FIRST 16
enum { VIDEO, AUDIO };

struct output {
	struct output_options o;
	struct filter filter;
	struct encoder *encoder;
	struct signature *signature;
	AVFormatContext *mux;
	AVIOContext *io;
	struct bytes bytes;
	AVFrame *frame;	  /* scratch */
	AVPacket *packet; /* scratch */
	AVFifo *early;	  /* AVPacket *, audio before the first frame */
	bool open;
	int64_t last_dts[2], last_pts, frames, pixels;
	int64_t video_start, audio_start; /* of the slice's clocks */
	bool slice_started;
};

struct output *output_new(const struct output_options *opts)
{
	struct output *o = XNEW(struct output);

	o->o = *opts;
	o->bytes.limit = SEGMENT_BYTES_MAX;
	o->frame = av_frame_alloc();
	o->packet = av_packet_alloc();
	o->early = av_fifo_alloc2(AUDIO_FIRST, sizeof(AVPacket *),
		AV_FIFO_FLAG_AUTO_GROW);
	o->last_dts[VIDEO] = o->last_dts[AUDIO] = AV_NOPTS_VALUE;
	o->video_start = o->audio_start = AV_NOPTS_VALUE;
	if (!o->frame || !o->packet || !o->early) {
		output_free(o);
		return NULL;
	}
	return o;
}

void output_free(struct output *o)
{
	AVPacket *p;

	if (!o)
		return;
	filter_close(&o->filter);
	encoder_free(o->encoder);
	signature_free(o->signature);
	avformat_free_context(o->mux);
	bytes_io_close(&o->io);
	while (o->early && av_fifo_read(o->early, &p, 1) >= 0)
		av_packet_free(&p);
	av_fifo_freep2(&o->early);
	av_frame_free(&o->frame);
	av_packet_free(&o->packet);
	free(o->bytes.data);
	free(o);
}

/* --- muxer --- */

/* movflags=faststart reads the file again while it moves the index forward. */
static int on_reopen(AVFormatContext *s, AVIOContext **pb, const char *url,
	int flags, AVDictionary **options)
{
	struct output *o = s->opaque;

	(void)url;
	(void)options;
	if (flags != AVIO_FLAG_READ)
		return AVERROR(EACCES);
	*pb = bytes_rereader_open(&o->bytes);
	return *pb ? 0 : AVERROR(ENOMEM);
}

static int on_reclose(AVFormatContext *s, AVIOContext *pb)
{
	(void)s;
	bytes_io_close(&pb);
	return 0;
}

static int add_streams(struct output *o)
{
	const AVCodecContext *c = encoder_context(o->encoder);
	AVStream *v = avformat_new_stream(o->mux, NULL), *a;
	int rc;

	if (!v)
		return AVERROR(ENOMEM);
	v->time_base = filter_time_base(&o->filter);
	v->avg_frame_rate = c->framerate;
	v->sample_aspect_ratio = c->sample_aspect_ratio;
	rc = avcodec_parameters_from_context(v->codecpar, c);
	if (rc < 0 || !o->o.audio)
		return rc;
	a = avformat_new_stream(o->mux, NULL);
	if (!a)
		return AVERROR(ENOMEM);
	a->time_base = o->o.audio_time_base;
	rc = avcodec_parameters_copy(a->codecpar, o->o.audio);
	a->codecpar->codec_tag = 0; /* the input container's */
	return rc;
}

static void set_metadata(struct output *o, bool mp4)
{
	char comment[256];

	if (!o->o.service_provider)
		return;
	av_dict_set(&o->mux->metadata, "service_provider",
		o->o.service_provider, 0);
	if (!mp4)
		return;
	snprintf(comment, sizeof(comment), "Processed by %s",
		o->o.service_provider);
	av_dict_set(&o->mux->metadata, "comment", comment, 0);
}

static int open_mux(struct output *o)
{
	bool mp4 = o->o.container == CONTAINER_MP4;
	AVDictionary *opts = NULL;
	int rc;

	rc = avformat_alloc_output_context2(&o->mux, NULL,
		mp4 ? "mp4" : "mpegts", NULL);
	if (rc < 0)
		return rc;
	o->io = bytes_writer_open(&o->bytes);
	if (!o->io)
		return AVERROR(ENOMEM);
	o->mux->pb = o->io;
	o->mux->opaque = o;
	o->mux->io_open = on_reopen;
	o->mux->io_close2 = on_reclose;
	o->mux->flags |= AVFMT_FLAG_CUSTOM_IO;
	/* Segments follow each other: nothing may shift their times. */
	o->mux->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
	rc = add_streams(o);
	if (rc < 0)
		return rc;
	set_metadata(o, mp4);
	if (mp4) {
		av_dict_set(&opts, "movflags", "faststart", 0);
		/* Clocks that can say any time an MPEG-TS can. */
		av_dict_set(&opts, "movie_timescale", "90000", 0);
		av_dict_set(&opts, "video_track_timescale", "90000", 0);
	} else {
		/* Continuity counters start anew in each segment: say so, or
		 * players take its first packets for damaged ones. */
		av_dict_set(&opts, "mpegts_flags", "initial_discontinuity", 0);
	}
	rc = avformat_write_header(o->mux, &opts);
	av_dict_free(&opts);
	return rc < 0 ? rc : 0;
}

static int64_t median3(int64_t a, int64_t b, int64_t c)
{
	return a + b + c - FFMIN3(a, b, c) - FFMAX3(a, b, c);
}

/* lpms encoder.c mux(): what muxers insist on. */
static struct err *mux(struct output *o, AVPacket *p, int stream, AVRational tb)
{
	int64_t *last = &o->last_dts[stream], min;
	AVStream *s = o->mux->streams[stream];
	int rc;

	av_packet_rescale_ts(p, tb, s->time_base);
	p->stream_index = stream;
	p->pos = -1;
	if (p->dts != AV_NOPTS_VALUE && p->pts != AV_NOPTS_VALUE &&
		p->dts > p->pts) {
		min = *last == AV_NOPTS_VALUE ? p->pts : *last + 1;
		p->pts = p->dts = median3(p->pts, p->dts, min);
	}
	if (p->dts != AV_NOPTS_VALUE && *last != AV_NOPTS_VALUE) {
		min = *last + !(o->mux->oformat->flags & AVFMT_TS_NONSTRICT);
		if (p->dts < min) {
			if (p->pts >= p->dts)
				p->pts = FFMAX(p->pts, min);
			p->dts = min;
		}
	}
	if (p->dts != AV_NOPTS_VALUE)
		*last = p->dts;
	rc = av_interleaved_write_frame(o->mux, p);
	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

/* --- encoder --- */

static struct err *open_encoder(struct output *o, const AVFrame *like)
{
	AVRational rate = o->o.rendition->fps ? filter_frame_rate(&o->filter) :
						o->o.frame_rate;
	struct encoder_options eo = {
		.rendition = o->o.rendition,
		.preset = o->o.preset,
		.device = o->o.device,
		.threads = o->o.threads,
		.global_header = o->o.container == CONTAINER_MP4,
		.time_base = filter_time_base(&o->filter),
		.frame_rate = rate,
	};

	return encoder_open(&o->encoder, &eo, like);
}

static struct err *drain_encoder(struct output *o)
{
	AVRational tb = filter_time_base(&o->filter);
	struct err *e;
	bool got;

	for (;;) {
		e = encoder_next(o->encoder, o->packet, &got);
		if (e || !got)
			return e;
		e = mux(o, o->packet, VIDEO, tb);
		if (e)
			return e;
	}
}

static struct err *end_encoder(struct output *o)
{
	struct err *e = encoder_feed(o->encoder, NULL);

	if (!e)
		e = drain_encoder(o);
	encoder_free(TAKE(o->encoder));
	return e;
}

static struct err *flush_early(struct output *o)
{
	struct err *e = NULL;
	AVPacket *p;

	while (!e && av_fifo_read(o->early, &p, 1) >= 0)
		e = output_audio(o, p);
	return e;
}

static struct err *open_all(struct output *o, const AVFrame *like)
{
	struct err *e = open_encoder(o, like);
	int rc;

	if (e)
		return e;
	rc = open_mux(o);
	if (rc < 0)
		return ffmpeg_err(rc);
	if (o->o.signature)
		e = signature_open(&o->signature, like,
			filter_time_base(&o->filter), o->o.signature);
	o->open = true;
	return e ? e : flush_early(o);
}

/* False: outside of the slice. Its times then start at zero, as LPMS has it. */
static bool in_slice(struct output *o, AVFrame *f)
{
	AVRational tb = filter_time_base(&o->filter), ms = {1, 1000};
	int64_t from = av_rescale_q((int64_t)o->o.from_ms, ms, tb);
	int64_t to = av_rescale_q((int64_t)o->o.to_ms, ms, tb);

	if (o->video_start == AV_NOPTS_VALUE)
		o->video_start = f->pts;
	if (to && f->pts > o->video_start + to)
		return false;
	if (!from)
		return true;
	if (f->pts < o->video_start + from)
		return false;
	o->slice_started = true;
	f->pts -= o->video_start + from;
	return true;
}

static struct err *encode(struct output *o, AVFrame *f, int64_t decoded)
{
	struct err *e = NULL;

	if (!in_slice(o, f))
		return NULL;
	if (o->frames + 1 > RUNAWAY_FACTOR * decoded)
		return media_err("Encoded frames runaway");
	if (!o->open)
		e = open_all(o, f);
	else if (!encoder_fits(o->encoder, f))
		e = end_encoder(o);
	if (!e && !o->encoder)
		e = open_encoder(o, f);
	if (!e && o->signature)
		e = signature_feed(o->signature, f);
	if (e)
		return e;
	o->frames++;
	o->pixels += (int64_t)f->width * f->height;
	e = encoder_feed(o->encoder, f);
	return e ? e : drain_encoder(o);
}

static struct err *drain_filter(struct output *o, int64_t decoded)
{
	struct err *e;
	bool got;

	for (;;) {
		e = filter_next(&o->filter, o->frame, &got);
		if (e || !got)
			return e;
		e = encode(o, o->frame, decoded);
		av_frame_unref(o->frame);
		if (e)
			return e;
	}
}

/* --- what the lane calls --- */

struct err *output_frame(struct output *o, AVFrame *taken, int64_t decoded)
{
	struct err *e = NULL;

	if (o->filter.graph && !filter_fits(&o->filter, taken)) {
		e = filter_end(&o->filter, taken->pts);
		if (!e)
			e = drain_filter(o, decoded);
		filter_close(&o->filter);
	}
	if (!e && !o->filter.graph)
		e = filter_open(&o->filter, o->o.rendition, taken,
			o->o.video_time_base, o->o.frame_rate);
	o->last_pts = taken->pts;
	if (!e)
		e = filter_feed(&o->filter, taken);
	av_frame_free(&taken);
	return e ? e : drain_filter(o, decoded);
}

static bool audio_in_slice(struct output *o, AVPacket *p)
{
	AVRational tb = o->o.audio_time_base, ms = {1, 1000};
	int64_t from = av_rescale_q((int64_t)o->o.from_ms, ms, tb);
	int64_t to = av_rescale_q((int64_t)o->o.to_ms, ms, tb);

	if (p->pts == AV_NOPTS_VALUE)
		return !from && !to;
	if (o->audio_start == AV_NOPTS_VALUE)
		o->audio_start = p->pts;
	if (to && p->pts > o->audio_start + to)
		return false;
	if (!from)
		return true;
	if (!o->slice_started || p->pts < o->audio_start + from)
		return false;
	p->pts -= o->audio_start + from;
	if (p->dts != AV_NOPTS_VALUE)
		p->dts -= o->audio_start + from;
	return true;
}

struct err *output_audio(struct output *o, AVPacket *taken)
{
	struct err *e = NULL;

	if (!o->open) {
		if (av_fifo_write(o->early, &taken, 1) >= 0)
			return NULL;
		av_packet_free(&taken);
		return ffmpeg_err(AVERROR(ENOMEM));
	}
	if (audio_in_slice(o, taken))
		e = mux(o, taken, AUDIO, o->o.audio_time_base);
	av_packet_free(&taken);
	return e;
}

/* A segment shorter than half a frame of the rendition still gives one. */
static int64_t at_least_one(const struct output *o, int64_t end_pts)
{
	const struct rendition *r = o->o.rendition;
	AVRational frame = {r->fps_den ? (int)r->fps_den : 1, (int)r->fps};

	if (o->frames || !r->fps)
		return end_pts;
	return FFMAX(end_pts, o->last_pts +
		av_rescale_q(1, frame, o->o.video_time_base));
}

struct err *output_end(struct output *o, int64_t end_pts, int64_t decoded)
{
	struct err *e;
	int rc;

	e = filter_end(&o->filter, at_least_one(o, end_pts));
	if (!e)
		e = drain_filter(o, decoded);
	if (!e && !o->open) /* all of it outside of the slice */
		e = media_err("Invalid argument");
	if (!e)
		e = end_encoder(o);
	if (!e && o->signature)
		e = signature_end(o->signature);
	if (e)
		return e;
	rc = av_interleaved_write_frame(o->mux, NULL);
	if (rc >= 0)
		rc = av_write_trailer(o->mux);
	avio_flush(o->io);
	if (rc >= 0 && o->io->error < 0)
		rc = o->io->error;
	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

void output_take(struct output *o, struct bytes *out)
{
	*out = o->bytes;
	o->bytes = (struct bytes){0};
}

int64_t output_pixels(const struct output *o)
{
	return o->pixels;
}

#include "src/media/encoder.h"
#include "src/media/ffmpeg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUALITY_TO_NVENC_CQ 7 /* "similar visual effects", says lpms */
#define NVENC_CQ_MAX 51

/* A frame in the encoder: where it stands on the encoder's clock and what its
 * time really was. NVENC does not carry opaque values in 5.1, so we do. */
struct tick {
	int64_t tick, pts;
};

struct encoder {
	AVCodecContext *codec;
	AVRational time_base; /* the filter's */
	struct tick *ticks;   /* as many as the encoder holds back */
	size_t ticks_n, ticks_cap;
	int64_t last_tick;
	int64_t gop, next_key; /* filter time base; gop 0: the codec's own */
	bool started;
};

static const char *codec_name(enum video_codec codec, bool gpu)
{
	switch (codec) {
	case VIDEO_H264:
		return gpu ? "h264_nvenc" : "libx264";
	case VIDEO_H265:
		return gpu ? "hevc_nvenc" : "libx265";
	case VIDEO_VP8:
	case VIDEO_VP9:
		break; /* cannot go into MPEG-TS; not offered as capability */
	}
	return NULL;
}

static void set_rate(AVCodecContext *c, AVDictionary **opts,
	const struct rendition *r)
{
	if (r->quality) {
		av_dict_set_int(opts, "crf", r->quality, 0);
		if (r->quality + QUALITY_TO_NVENC_CQ <= NVENC_CQ_MAX)
			av_dict_set_int(opts, "cq",
				r->quality + QUALITY_TO_NVENC_CQ, 0);
	}
	if (!r->bitrate)
		return;
	/* A buffer of one second: nearly constant rate, as the network has it. */
	c->rc_max_rate = r->bitrate;
	c->rc_buffer_size = r->bitrate;
	if (r->quality)
		return;
	c->bit_rate = r->bitrate;
	c->rc_min_rate = r->bitrate;
}

static void set_profile(AVDictionary **opts, const struct rendition *r,
	bool gpu)
{
	/* With timestamps passed through, NVENC gets B frames' dts wrong. */
	const char *bf = gpu && !r->fps ? "0" : "3";
	const char *profile = NULL;

	switch (r->profile) {
	case H264_PROFILE_DEFAULT:
		bf = gpu ? "0" : "3";
		break;
	case H264_PROFILE_BASELINE:
		profile = "baseline";
		bf = "0";
		break;
	case H264_PROFILE_MAIN:
		profile = "main";
		break;
	case H264_PROFILE_HIGH:
		profile = "high";
		break;
	case H264_PROFILE_CONSTRAINED_HIGH:
		profile = "high";
		bf = "0";
		break;
	}
	av_dict_set(opts, "bf", bf, 0);
	if (profile && r->codec == VIDEO_H264)
		av_dict_set(opts, "profile", profile, 0);
}

static void set_gop(struct encoder *e, AVDictionary **opts,
	const struct rendition *r)
{
	int64_t den = r->fps_den ? r->fps_den : 1, frames;

	if (r->gop_ms == GOP_INTRA_ONLY) {
		av_dict_set(opts, "g", "0", 0);
	} else if (r->gop_ms > 0 && r->fps) {
		/* The reference forgets fps_den here: no key frames at NTSC
		 * rates. Its integer rates give the same as ours. */
		frames = (int64_t)r->gop_ms * r->fps / (1000 * den);
		av_dict_set_int(opts, "g", frames > 0 ? frames : 1, 0);
	} else if (r->gop_ms > 0) {
		e->gop = av_rescale_q(r->gop_ms, (AVRational){1, 1000},
			e->time_base);
	}
}

static void set_times(AVCodecContext *c, const struct encoder_options *o)
{
	bool known = o->frame_rate.num > 0 && o->frame_rate.den > 0;

	if (known)
		c->framerate = o->frame_rate;
	c->time_base = known ? av_inv_q(o->frame_rate) : o->time_base;
}

static int open_codec(struct encoder *e, const struct encoder_options *o,
	const AVFrame *like, const AVCodec *codec)
{
	AVCodecContext *c = e->codec;
	AVDictionary *opts = NULL;
	bool gpu = o->device;
	int rc;

	c->width = like->width;
	c->height = like->height;
	c->pix_fmt = like->format;
	c->sample_aspect_ratio = like->sample_aspect_ratio;
	c->color_range = like->color_range;
	c->color_primaries = like->color_primaries;
	c->color_trc = like->color_trc;
	c->colorspace = like->colorspace;
	c->thread_count = o->threads;
	if (o->global_header)
		c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	set_times(c, o);
	set_rate(c, &opts, o->rendition);
	set_profile(&opts, o->rendition, gpu);
	set_gop(e, &opts, o->rendition);
	av_dict_set(&opts, "preset", o->preset, 0);
	av_dict_set(&opts, "forced-idr", "1", 0);
	av_dict_set(&opts, "tier", "high", 0);
	if (gpu)
		av_dict_set(&opts, "gpu", o->device, 0);
	rc = avcodec_open2(c, codec, &opts);
	av_dict_free(&opts);
	return rc;
}

struct err *encoder_open(struct encoder **out, const struct encoder_options *o,
	const AVFrame *like)
{
	const char *name = codec_name(o->rendition->codec, o->device);
	const AVCodec *codec = name ? avcodec_find_encoder_by_name(name) : NULL;
	struct encoder *e;
	int rc = AVERROR(ENOMEM);

	if (!codec)
		return ffmpeg_err(AVERROR_ENCODER_NOT_FOUND);
	e = XNEW(struct encoder);
	e->time_base = o->time_base;
	e->codec = avcodec_alloc_context3(codec);
	if (e->codec)
		rc = open_codec(e, o, like, codec);
	if (rc < 0) {
		encoder_free(e);
		return ffmpeg_err(rc);
	}
	*out = e;
	return NULL;
}

void encoder_free(struct encoder *e)
{
	if (!e)
		return;
	avcodec_free_context(&e->codec);
	free(e->ticks);
	free(e);
}

bool encoder_fits(const struct encoder *e, const AVFrame *frame)
{
	return e->codec->width == frame->width &&
		e->codec->height == frame->height;
}

const AVCodecContext *encoder_context(const struct encoder *e)
{
	return e->codec;
}

static int64_t enter(struct encoder *e, int64_t pts)
{
	int64_t tick = av_rescale_q(pts, e->time_base, e->codec->time_base);

	/* Two frames may fall on one tick of a slower clock. */
	if (e->started && tick <= e->last_tick)
		tick = e->last_tick + 1;
	e->last_tick = tick;
	if (e->ticks_n == e->ticks_cap) {
		e->ticks_cap = e->ticks_cap ? 2 * e->ticks_cap : 64;
		e->ticks = xrealloc_array(e->ticks, e->ticks_cap,
			sizeof(*e->ticks));
	}
	e->ticks[e->ticks_n++] = (struct tick){tick, pts};
	return tick;
}

static int64_t leave(struct encoder *e, int64_t tick)
{
	for (size_t i = 0; i < e->ticks_n; i++) {
		int64_t pts = e->ticks[i].pts;

		if (e->ticks[i].tick != tick)
			continue;
		memmove(&e->ticks[i], &e->ticks[i + 1],
			(e->ticks_n - i - 1) * sizeof(*e->ticks));
		e->ticks_n--;
		return pts;
	}
	return av_rescale_q(tick, e->codec->time_base, e->time_base);
}

struct err *encoder_feed(struct encoder *e, AVFrame *frame)
{
	bool key = !e->started;
	int rc;

	if (frame) {
		if (e->gop && (key || frame->pts >= e->next_key)) {
			key = true;
			e->next_key = frame->pts + e->gop;
		}
		frame->pict_type =
			key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
		frame->pts = enter(e, frame->pts);
		e->started = true;
	}
	rc = avcodec_send_frame(e->codec, frame);
	if (frame)
		av_frame_unref(frame);
	return rc < 0 && rc != AVERROR_EOF ? ffmpeg_err(rc) : NULL;
}

struct err *encoder_next(struct encoder *e, AVPacket *packet, bool *got)
{
	int rc = avcodec_receive_packet(e->codec, packet);
	int64_t ahead;

	*got = rc >= 0;
	if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
		return NULL;
	if (rc < 0)
		return ffmpeg_err(rc);
	ahead = av_rescale_q(packet->pts - packet->dts, e->codec->time_base,
		e->time_base);
	packet->pts = leave(e, packet->pts);
	packet->dts = packet->pts - ahead;
	packet->duration = av_rescale_q(packet->duration, e->codec->time_base,
		e->time_base);
	return NULL;
}

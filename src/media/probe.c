#include "src/media/probe.h"
#include "src/media/ffmpeg.h"
#include "src/media/input.h"

#include <string.h>

static void set_text(char *out, size_t size, const char *text)
{
	strncpy(out, text ? text : "", size - 1);
	out[size - 1] = '\0';
}

static void describe_video(const AVStream *s, struct media_info *out)
{
	const AVCodecParameters *p = s->codecpar;
	AVRational rate = s->avg_frame_rate;

	if (p->codec_id != AV_CODEC_ID_NONE)
		set_text(out->video, sizeof(out->video),
			avcodec_get_name(p->codec_id));
	set_text(out->pixel_format, sizeof(out->pixel_format),
		av_get_pix_fmt_name(p->format));
	out->width = p->width;
	out->height = p->height;
	if (rate.num <= 0 || rate.den <= 0)
		rate = s->r_frame_rate;
	if (rate.num > 0 && rate.den > 0)
		out->fps = av_q2d(rate);
	if (s->start_time != AV_NOPTS_VALUE)
		out->start_pts_us = av_rescale_q(s->start_time, s->time_base,
			AV_TIME_BASE_Q);
}

struct err *probe(const uint8_t *bytes, size_t size, struct media_info *out)
{
	struct input in;
	struct err *e = input_open(&in, bytes, size);

	*out = (struct media_info){0};
	if (e)
		return e;
	if (in.video)
		describe_video(in.video, out);
	if (in.audio && in.audio->codecpar->codec_id != AV_CODEC_ID_NONE)
		set_text(out->audio, sizeof(out->audio),
			avcodec_get_name(in.audio->codecpar->codec_id));
	if (input_duration_ms(&in) >= 0)
		out->duration_ms = input_duration_ms(&in);
	out->bitrate = in.format->bit_rate > 0 ? in.format->bit_rate : 0;
	out->needs_bypass = in.video && in.audio && !out->pixel_format[0] &&
		!out->height;
	input_close(&in);
	return NULL;
}

static struct err *count(struct input *in, AVFrame *f, AVPacket *p,
	int64_t *out)
{
	enum input_event event = INPUT_AUDIO;
	struct err *e;

	while (event != INPUT_END) {
		e = input_next(in, f, p, &event);
		if (e)
			return e;
		if (event == INPUT_FRAME)
			*out += (int64_t)f->width * f->height;
	}
	return NULL;
}

struct err *count_pixels(const uint8_t *bytes, size_t size, int64_t *out)
{
	AVFrame *f = av_frame_alloc();
	AVPacket *p = av_packet_alloc();
	struct input in = {0};
	struct err *e = f && p ? NULL : ffmpeg_err(AVERROR(ENOMEM));

	*out = 0;
	if (!e)
		e = input_open(&in, bytes, size);
	if (!e && !in.video)
		e = media_err("TranscoderInvalidVideo");
	if (!e)
		e = input_open_decoder(&in, 0, NULL);
	if (!e)
		e = count(&in, f, p, out);
	input_close(&in);
	av_frame_free(&f);
	av_packet_free(&p);
	return e;
}

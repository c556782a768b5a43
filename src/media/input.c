#include "src/media/input.h"
#include "src/media/bytes_io.h"
#include "src/media/ffmpeg.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_BYTES 5000000
#define ANALYZE_US 5000000
#define STREAMS_MAX 32 /* a segment with 10^5 PIDs must not cost 10^5 streams */
#define TS_PACKET 188
#define TS_SYNC 0x47

static const AVInputFormat *recognise(const uint8_t *b, size_t n)
{
	/* ISO 14496-12: a box is size and type; these start a file. */
	static const char boxes[][5] = {"ftyp", "styp", "moov", "moof", "sidx"};

	if (n >= TS_PACKET && b[0] == TS_SYNC &&
		(n < 2 * TS_PACKET || b[TS_PACKET] == TS_SYNC))
		return av_find_input_format("mpegts");
	for (size_t i = 0; n >= 8 && i < ARRAY_SIZE(boxes); i++) {
		if (!memcmp(b + 4, boxes[i], 4))
			return av_find_input_format("mov");
	}
	return NULL;
}

/* External data references of MOV files would open other files. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url,
	int flags, AVDictionary **options)
{
	(void)s;
	(void)pb;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EACCES);
}

static int find_streams(struct input *in)
{
	unsigned n = in->format->nb_streams;
	AVDictionary **options = NULL;
	int rc;

	/* Its own decoders, opened by FFmpeg for looking at a few frames. */
	options = xcalloc(n ? n : 1, sizeof(AVDictionary *));
	for (unsigned i = 0; i < n; i++) {
		av_dict_set_int(&options[i], "max_pixels", INPUT_PIXELS_MAX, 0);
		av_dict_set(&options[i], "threads", "1", 0);
	}
	rc = avformat_find_stream_info(in->format, options);
	for (unsigned i = 0; i < n; i++)
		av_dict_free(&options[i]);
	free(options);
	return rc;
}

static void choose_streams(struct input *in)
{
	for (unsigned i = 0; i < in->format->nb_streams; i++) {
		AVStream *s = in->format->streams[i];
		enum AVMediaType type = s->codecpar->codec_type;

		if (type == AVMEDIA_TYPE_VIDEO && !in->video &&
			!(s->disposition & AV_DISPOSITION_ATTACHED_PIC))
			in->video = s;
		else if (type == AVMEDIA_TYPE_AUDIO && !in->audio &&
			s->codecpar->sample_rate > 0) /* else: only announced */
			in->audio = s;
		else
			s->discard = AVDISCARD_ALL;
	}
}

struct err *input_open(struct input *in, const uint8_t *bytes, size_t size)
{
	const AVInputFormat *format = recognise(bytes, size);
	int rc;

	*in = (struct input){.last_pts = AV_NOPTS_VALUE};
	if (!format)
		return ffmpeg_err(AVERROR_INVALIDDATA);
	if (size > SEGMENT_BYTES_MAX)
		return err_new(ERR_LIMIT, "segment of %zu bytes", size);
	in->io = bytes_reader_open(bytes, size);
	in->format = avformat_alloc_context();
	in->held = av_packet_alloc();
	if (!in->io || !in->format || !in->held) {
		input_close(in);
		return ffmpeg_err(AVERROR(ENOMEM));
	}
	in->format->pb = in->io;
	in->format->io_open = refuse_open;
	in->format->probesize = PROBE_BYTES;
	in->format->max_analyze_duration = ANALYZE_US;
	in->format->max_streams = STREAMS_MAX;
	in->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	in->format->protocol_whitelist = av_strdup("");
	in->format->format_whitelist = av_strdup("mpegts,mov,mp4");
	rc = avformat_open_input(&in->format, NULL, format, NULL);
	if (rc >= 0)
		rc = find_streams(in);
	if (rc < 0) {
		input_close(in);
		return ffmpeg_err(rc);
	}
	choose_streams(in);
	return NULL;
}

void input_close(struct input *in)
{
	avcodec_free_context(&in->decoder);
	avformat_close_input(&in->format);
	bytes_io_close(&in->io);
	av_packet_free(&in->held);
	*in = (struct input){0};
}

static bool codec_is_supported(enum AVCodecID id)
{
	return id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC ||
		id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9;
}

/* FFmpeg's decoder on NVDEC; its frames come back to system memory as NV12. */
static const AVCodec *nvdec_of(const AVCodecParameters *p)
{
	const char *name = p->codec_id == AV_CODEC_ID_H264 ? "h264_cuvid"
		: p->codec_id == AV_CODEC_ID_HEVC ? "hevc_cuvid"
		: p->codec_id == AV_CODEC_ID_VP8 ? "vp8_cuvid" : "vp9_cuvid";

	if (p->format != AV_PIX_FMT_YUV420P && p->format != AV_PIX_FMT_YUVJ420P)
		return NULL;
	return avcodec_find_decoder_by_name(name);
}

static int open_codec(struct input *in, const AVCodec *codec, int threads,
	const char *device)
{
	AVDictionary *options = NULL;
	int rc;

	in->decoder = avcodec_alloc_context3(codec);
	if (!in->decoder)
		return AVERROR(ENOMEM);
	rc = avcodec_parameters_to_context(in->decoder, in->video->codecpar);
	if (rc < 0)
		return rc;
	in->decoder->pkt_timebase = in->video->time_base;
	in->decoder->max_pixels = INPUT_PIXELS_MAX;
	in->decoder->thread_count = threads;
	if (device)
		av_dict_set(&options, "gpu", device, 0);
	rc = avcodec_open2(in->decoder, codec, &options);
	av_dict_free(&options);
	return rc;
}

struct err *input_open_decoder(struct input *in, int threads,
	const char *device)
{
	const AVCodecParameters *p = in->video->codecpar;
	const AVCodec *codec;
	int rc;

	if (!codec_is_supported(p->codec_id))
		return media_err("Unsupported input codec");
	if (p->width > INPUT_SIDE_MAX || p->height > INPUT_SIDE_MAX ||
		(int64_t)p->width * p->height > INPUT_PIXELS_MAX)
		return media_err("TranscoderInvalidResolution");
	codec = device ? nvdec_of(p) : NULL;
	if (codec && open_codec(in, codec, threads, device) >= 0)
		return NULL;
	avcodec_free_context(&in->decoder);
	codec = avcodec_find_decoder(p->codec_id);
	if (!codec)
		return ffmpeg_err(AVERROR_DECODER_NOT_FOUND);
	rc = open_codec(in, codec, threads, NULL);
	if (rc == AVERROR_UNKNOWN)
		return media_err("Unrecoverable state, restart process");
	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

AVRational input_frame_rate(const struct input *in)
{
	AVRational rate = {0, 1};

	if (in->decoder && in->decoder->framerate.num > 0 &&
		in->decoder->framerate.den > 0)
		rate = in->decoder->framerate;
	else if (in->video && in->video->r_frame_rate.num > 0 &&
		in->video->r_frame_rate.den > 0)
		rate = in->video->r_frame_rate;
	return rate;
}

/* Where the reference has it too: decoder.c fix_video_pts. */
static void repair_times(struct input *in, AVFrame *f)
{
	AVRational rate = in->video->r_frame_rate;
	int64_t step = f->pkt_duration;
	bool made_up = false;

	if (step <= 0 && rate.num > 0 && rate.den > 0)
		step = av_rescale_q(1, av_inv_q(rate), in->video->time_base);
	if (step <= 0)
		step = 1;
	f->pkt_duration = step;
	if (f->pts == AV_NOPTS_VALUE)
		f->pts = f->best_effort_timestamp;
	if (f->pts == AV_NOPTS_VALUE) {
		made_up = true;
		f->pts = in->last_pts == AV_NOPTS_VALUE ? 0 : in->last_pts + step;
	}
	if (in->last_pts != AV_NOPTS_VALUE && f->pts <= in->last_pts)
		f->pts = in->last_pts + (made_up ? step : 1);
	in->last_pts = f->pts;
	f->pict_type = AV_PICTURE_TYPE_NONE;
}

/* Hands the decoder one video packet, or passes an audio packet up. */
static struct err *feed(struct input *in, AVPacket *audio, bool *is_audio)
{
	int rc = 0;

	if (!in->has_held)
		rc = av_read_frame(in->format, in->held);
	if (rc == AVERROR_EOF) {
		in->draining = true;
		rc = avcodec_send_packet(in->decoder, NULL);
		return rc < 0 && rc != AVERROR_EOF ? ffmpeg_err(rc) : NULL;
	}
	if (rc < 0)
		return ffmpeg_err(rc);
	if (in->audio && in->held->stream_index == in->audio->index) {
		av_packet_move_ref(audio, in->held);
		*is_audio = true;
		return NULL;
	}
	if (in->held->stream_index == in->video->index) {
		rc = avcodec_send_packet(in->decoder, in->held);
		in->has_held = rc == AVERROR(EAGAIN);
		if (in->has_held)
			return NULL;
	}
	av_packet_unref(in->held);
	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

struct err *input_next(struct input *in, AVFrame *frame, AVPacket *packet,
	enum input_event *event)
{
	bool is_audio = false;
	struct err *e;
	int rc;

	av_frame_unref(frame);
	av_packet_unref(packet);
	for (;;) {
		rc = avcodec_receive_frame(in->decoder, frame);
		if (rc == AVERROR_EOF) {
			*event = INPUT_END;
			return NULL;
		}
		if (rc >= 0) {
			repair_times(in, frame);
			*event = INPUT_FRAME;
			return NULL;
		}
		if (rc != AVERROR(EAGAIN) || in->draining)
			return ffmpeg_err(rc);
		e = feed(in, packet, &is_audio);
		if (e)
			return e;
		if (is_audio) {
			*event = INPUT_AUDIO;
			return NULL;
		}
	}
}

int64_t input_duration_ms(const struct input *in)
{
	if (in->format->duration != AV_NOPTS_VALUE && in->format->duration >= 0)
		return in->format->duration / 1000;
	return -1;
}

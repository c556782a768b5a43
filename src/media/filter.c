#include "src/media/filter.h"
#include "src/media/ffmpeg.h"

#include <stdio.h>

struct limits {
	int width_min, width_max, height_min, height_max;
};

/* lpms videoprofile.go: NVENC's, used for all encoders. */
static bool codec_limits(enum video_codec codec, struct limits *l)
{
	switch (codec) {
	case VIDEO_H264:
		*l = (struct limits){146, 4096, 50, 4096};
		return true;
	case VIDEO_H265:
		*l = (struct limits){132, 8192, 40, 8192};
		return true;
	case VIDEO_VP8:
	case VIDEO_VP9:
		break;
	}
	return false;
}

static int clamp(int v, int min, int max)
{
	return v < min ? min : v > max ? max : v;
}

/* long * other / by, as libavfilter's scale does it for -2. */
static int follow(int given, int mine, int other)
{
	double v = (double)given * mine / (2.0 * other);

	return 2 * (int)(v + 0.5);
}

bool filter_size(const struct rendition *r, int in_width, int in_height,
	int *width, int *height)
{
	bool portrait = in_height > in_width;
	int lo = portrait ? in_width : in_height;
	int hi = portrait ? in_height : in_width;
	int w, h, side, lo_min, out_lo, out_hi;
	struct limits l;

	if (in_width <= 0 || in_height <= 0 || !codec_limits(r->codec, &l))
		return false;
	w = clamp(r->width, l.width_min, l.width_max);
	h = clamp(r->height, l.height_min, l.height_max);
	side = w > h ? w : h;
	lo_min = portrait ? l.width_min : l.height_min;
	if ((double)side * lo / hi >= lo_min) {
		out_hi = side / 2 * 2;
		out_lo = follow(out_hi, lo, hi);
	} else {
		out_lo = lo_min / 2 * 2;
		out_hi = follow(out_lo, hi, lo);
	}
	*width = portrait ? out_lo : out_hi;
	*height = portrait ? out_hi : out_lo;
	return *width <= l.width_max && *height <= l.height_max;
}

static int make_source(struct filter *f, const AVFrame *like,
	AVRational time_base, AVRational frame_rate)
{
	AVRational sar = like->sample_aspect_ratio;
	char args[256];

	snprintf(args, sizeof(args),
		"video_size=%dx%d:pix_fmt=%d:time_base=%d/%d:frame_rate=%d/%d"
		":pixel_aspect=%d/%d",
		like->width, like->height, like->format, time_base.num,
		time_base.den, frame_rate.num, frame_rate.den, sar.num,
		sar.den ? sar.den : 1);
	return avfilter_graph_create_filter(&f->source,
		avfilter_get_by_name("buffer"), "in", args, NULL, f->graph);
}

static int make_sink(struct filter *f)
{
	static const enum AVPixelFormat formats[] = {
		AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE};
	int rc = avfilter_graph_create_filter(&f->sink,
		avfilter_get_by_name("buffersink"), "out", NULL, NULL, f->graph);

	if (rc < 0)
		return rc;
	return av_opt_set_int_list(f->sink, "pix_fmts", formats,
		AV_PIX_FMT_NONE, AV_OPT_SEARCH_CHILDREN);
}

static int make_chain(struct filter *f, const struct rendition *r, int width,
	int height)
{
	AVFilterContext *scale = NULL, *fps = NULL;
	char args[96];
	int rc;

	snprintf(args, sizeof(args), "w=%d:h=%d", width, height);
	rc = avfilter_graph_create_filter(&scale, avfilter_get_by_name("scale"),
		"scale", args, NULL, f->graph);
	if (rc >= 0)
		rc = avfilter_link(f->source, 0, scale, 0);
	if (rc < 0 || !r->fps)
		return rc < 0 ? rc : avfilter_link(scale, 0, f->sink, 0);
	snprintf(args, sizeof(args), "fps=%u/%u", r->fps,
		r->fps_den ? r->fps_den : 1);
	rc = avfilter_graph_create_filter(&fps, avfilter_get_by_name("fps"),
		"fps", args, NULL, f->graph);
	if (rc >= 0)
		rc = avfilter_link(scale, 0, fps, 0);
	return rc < 0 ? rc : avfilter_link(fps, 0, f->sink, 0);
}

struct err *filter_open(struct filter *f, const struct rendition *r,
	const AVFrame *like, AVRational time_base, AVRational frame_rate)
{
	int width, height, rc;

	*f = (struct filter){.in_width = like->width,
		.in_height = like->height, .in_format = like->format};
	if (!filter_size(r, like->width, like->height, &width, &height))
		return media_err("Error initializing filtergraph");
	f->graph = avfilter_graph_alloc();
	if (!f->graph)
		return ffmpeg_err(AVERROR(ENOMEM));
	/* The renditions run beside each other already. */
	f->graph->nb_threads = 1;
	rc = make_source(f, like, time_base, frame_rate);
	if (rc >= 0)
		rc = make_sink(f);
	if (rc >= 0)
		rc = make_chain(f, r, width, height);
	if (rc >= 0)
		rc = avfilter_graph_config(f->graph, NULL);
	if (rc >= 0)
		return NULL;
	filter_close(f);
	return media_err("Error initializing filtergraph");
}

void filter_close(struct filter *f)
{
	avfilter_graph_free(&f->graph);
	*f = (struct filter){0};
}

bool filter_fits(const struct filter *f, const AVFrame *frame)
{
	return frame->width == f->in_width && frame->height == f->in_height &&
		frame->format == (int)f->in_format;
}

struct err *filter_feed(struct filter *f, AVFrame *frame)
{
	int rc = av_buffersrc_add_frame(f->source, frame);

	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

struct err *filter_end(struct filter *f, int64_t end_pts)
{
	int rc = av_buffersrc_close(f->source, end_pts,
		AV_BUFFERSRC_FLAG_PUSH);

	return rc < 0 ? ffmpeg_err(rc) : NULL;
}

struct err *filter_next(struct filter *f, AVFrame *frame, bool *got)
{
	int rc = av_buffersink_get_frame(f->sink, frame);

	*got = rc >= 0;
	if (rc >= 0 || rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
		return NULL;
	return ffmpeg_err(rc);
}

AVRational filter_time_base(const struct filter *f)
{
	return av_buffersink_get_time_base(f->sink);
}

AVRational filter_frame_rate(const struct filter *f)
{
	return av_buffersink_get_frame_rate(f->sink);
}

#include "src/media/signature.h"
#include "src/media/ffmpeg.h"

#include <stdio.h>
#include <stdlib.h>

struct signature {
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	AVFrame *frame;
};

static int build(struct signature *s, const char *source, const char *options)
{
	AVFilterContext *sign = NULL;
	int rc = avfilter_graph_create_filter(&s->source,
		avfilter_get_by_name("buffer"), "in", source, NULL, s->graph);

	if (rc >= 0)
		rc = avfilter_graph_create_filter(&sign,
			avfilter_get_by_name("signature"), "signature",
			options, NULL, s->graph);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(&s->sink,
			avfilter_get_by_name("buffersink"), "out", NULL, NULL,
			s->graph);
	if (rc >= 0)
		rc = avfilter_link(s->source, 0, sign, 0);
	if (rc >= 0)
		rc = avfilter_link(sign, 0, s->sink, 0);
	return rc >= 0 ? avfilter_graph_config(s->graph, NULL) : rc;
}

struct err *signature_open(struct signature **out, const AVFrame *like,
	AVRational time_base, const char *path)
{
	struct signature *s = XNEW(struct signature);
	char source[160], options[96];
	int rc = AVERROR(ENOMEM);

	snprintf(source, sizeof(source),
		"video_size=%dx%d:pix_fmt=%d:time_base=%d/%d", like->width,
		like->height, like->format, time_base.num, time_base.den);
	snprintf(options, sizeof(options), "format=binary:filename=%s", path);
	s->graph = avfilter_graph_alloc();
	s->frame = av_frame_alloc();
	if (s->graph && s->frame)
		rc = build(s, source, options);
	if (rc < 0) {
		signature_free(s);
		return ffmpeg_err(rc);
	}
	*out = s;
	return NULL;
}

void signature_free(struct signature *s)
{
	if (!s)
		return;
	avfilter_graph_free(&s->graph);
	av_frame_free(&s->frame);
	free(s);
}

static struct err *drain(struct signature *s)
{
	int rc;

	while ((rc = av_buffersink_get_frame(s->sink, s->frame)) >= 0)
		av_frame_unref(s->frame);
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? NULL :
							    ffmpeg_err(rc);
}

struct err *signature_feed(struct signature *s, const AVFrame *frame)
{
	int rc = av_buffersrc_write_frame(s->source, frame);

	return rc < 0 ? ffmpeg_err(rc) : drain(s);
}

struct err *signature_end(struct signature *s)
{
	int rc = av_buffersrc_add_frame(s->source, NULL);

	return rc < 0 ? ffmpeg_err(rc) : drain(s);
}

#ifndef SRC_MEDIA_FILTER_H
#define SRC_MEDIA_FILTER_H
/* Decoded frames to frames of one rendition: scale, then the frame rate. In
 * this order, because two frames far apart in time make thousands of copies,
 * and those must not each be scaled. Single-threaded.
 * Sources: lpms ffmpeg/ffmpeg.go createCOutputParams, filter.c. */
#include "src/base/err.h"
#include "src/media/ffmpeg_calls.h"
#include "src/model/rendition.h"

struct filter {
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	int in_width, in_height;
	enum AVPixelFormat in_format;
};

/* The size a source becomes: the larger side asked for bounds the larger side
 * of the source, the other follows from its shape, both even and within what
 * encoders do. False: this codec has no sizes (VP8, VP9). */
bool filter_size(const struct rendition *r, int in_width, int in_height,
	int *width, int *height);

/* `like`: the first frame. `time_base`: that of the frames' pts.
 * "Error initializing filtergraph". */
struct err *filter_open(struct filter *f, const struct rendition *r,
	const AVFrame *like, AVRational time_base, AVRational frame_rate)
	must_check;
void filter_close(struct filter *f);
bool filter_fits(const struct filter *f, const AVFrame *frame);

/* Takes the frame's reference. */
struct err *filter_feed(struct filter *f, AVFrame *frame) must_check;
/* No more frames; the last one ends at end_pts (its start plus duration),
 * without which a frame-rate change would lose it. */
struct err *filter_end(struct filter *f, int64_t end_pts) must_check;
/* False: nothing now (or, after filter_end(), ever). */
struct err *filter_next(struct filter *f, AVFrame *frame, bool *got) must_check;

AVRational filter_time_base(const struct filter *f);
AVRational filter_frame_rate(const struct filter *f);
#endif

#ifndef SRC_MEDIA_ENCODER_H
#define SRC_MEDIA_ENCODER_H
/* One rendition's video encoder for one segment, which must decode on its own:
 * it is opened afresh and starts with an IDR picture. Times go in and come out
 * in the filter's time base, whatever the encoder counts in. Single-threaded.
 * Sources: lpms ffmpeg/ffmpeg.go, encoder.c. */
#include "src/base/err.h"
#include "src/media/ffmpeg_calls.h"
#include "src/model/rendition.h"

struct encoder;

struct encoder_options {
	const struct rendition *rendition;
	const char *preset; /* of x264 and x265; NVENC knows "medium" too */
	const char *device; /* NULL: software; else the GPU's number */
	int threads;	    /* 0: as many as the codec likes */
	bool global_header; /* MP4 */
	AVRational time_base;  /* of the frames' pts */
	AVRational frame_rate; /* 0/1: unknown */
};
/* `like` tells size and format. "Encoder not found" and FFmpeg's own texts. */
struct err *encoder_open(struct encoder **out, const struct encoder_options *o,
	const AVFrame *like) must_check;
void encoder_free(struct encoder *e);
bool encoder_fits(const struct encoder *e, const AVFrame *frame);
const AVCodecContext *encoder_context(const struct encoder *e);

/* pts must rise. NULL ends it. The frame is unreferenced. */
struct err *encoder_feed(struct encoder *e, AVFrame *frame) must_check;
struct err *encoder_next(struct encoder *e, AVPacket *packet, bool *got)
	must_check;
#endif

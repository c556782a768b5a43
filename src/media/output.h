#ifndef SRC_MEDIA_OUTPUT_H
#define SRC_MEDIA_OUTPUT_H
/* One rendition of one segment: filter, encoder, muxer, bytes. Everything is
 * opened with the first video frame; audio that comes earlier waits. Belongs
 * to the lane that runs it. Source: lpms ffmpeg/encoder.c. */
#include "src/base/err.h"
#include "src/media/bytes_io.h"
#include "src/media/ffmpeg_calls.h"
#include "src/model/rendition.h"

struct output;

struct output_options {
	const struct rendition *rendition;
	enum container container;
	const char *preset, *device; /* see encoder.h */
	const char *service_provider; /* metadata */
	int threads;
	AVRational video_time_base, frame_rate;
	const AVCodecParameters *audio; /* NULL: none */
	AVRational audio_time_base;
	uint64_t from_ms, to_ms; /* slice; 0: none */
	const char *signature;	 /* where to write it; NULL: none */
};

struct output *output_new(const struct output_options *o);
void output_free(struct output *o);

/* `decoded`: how many frames the decoder has given so far, for the guard
 * "Encoded frames runaway". Take their arguments. */
struct err *output_frame(struct output *o, AVFrame *taken, int64_t decoded)
	must_check;
struct err *output_audio(struct output *o, AVPacket *taken) must_check;
/* Flushes and closes. `end_pts`: where the last frame ends. */
struct err *output_end(struct output *o, int64_t end_pts, int64_t decoded)
	must_check;
/* After output_end(): moves the bytes out. */
void output_take(struct output *o, struct bytes *out);
int64_t output_pixels(const struct output *o); /* frames x width x height */
#endif

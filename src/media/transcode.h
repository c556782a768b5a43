#ifndef SRC_MEDIA_TRANSCODE_H
#define SRC_MEDIA_TRANSCODE_H
/* One session's transcoder: a segment comes in as bytes, is decoded once, and
 * leaves as one piece of bytes per rendition. Each rendition has its lane, so
 * that they filter, encode and flush beside each other; the calling thread
 * demuxes and decodes. What lasts from segment to segment is the
 * configuration. Codecs are opened afresh: each segment must decode on its
 * own, and of the 1.4 s that a 1080p segment of 2 s takes on two cores,
 * opening the decoder is 1 ms.
 * One thread at a time. Source: lpms ffmpeg/transcoder.c. */
#include "src/media/pool.h"

struct transcode;

struct transcode_config {
	const char *preset;	      /* x264's */
	const char *device;	      /* GPU number as text; NULL: software */
	const char *service_provider; /* metadata of the outputs; NULL: none */
	int threads;		      /* of each codec; 0: FFmpeg's choice */
};
/* Copies what it needs. */
struct transcode *transcode_new(const struct transcode_config *c);
void transcode_free(struct transcode *t);

struct transcode_input {
	const uint8_t *bytes;
	size_t size;
	const struct ladder *ladder;
	bool has_slice;
	uint64_t slice_from_ms, slice_to_ms;
	bool calc_perceptual_hash;
};
/* Fills `out` (transcode_output_clear() it) but for transcode_us and device.
 * Errors: the wire's texts (media/ffmpeg.h), exactly. */
struct err *transcode_run(struct transcode *t, const struct transcode_input *in,
	struct transcode_output *out) must_check;
void transcode_output_clear(struct transcode_output *o);
#endif

#ifndef SRC_MEDIA_INPUT_H
#define SRC_MEDIA_INPUT_H
/* A peer's segment, opened: demuxer, the one video and the one audio stream
 * that are used, a decoder for the video. Only the MPEG-TS and MP4 demuxers
 * are ever tried, so a playlist or a script dressed up as a segment is refused
 * before anything interprets it. Single-threaded.
 * Sources: lpms ffmpeg/decoder.c, transcoder.c (input repair). */
#include "src/base/err.h"
#include "src/media/ffmpeg_calls.h"

#define SEGMENT_BYTES_MAX 300000000
#define SEGMENT_MS_MAX 300000
#define INPUT_PIXELS_MAX (4096 * 4096) /* 16-bit 4:4:4: 100 MB a frame */
#define INPUT_SIDE_MAX 8192

struct input {
	AVFormatContext *format;
	AVIOContext *io;
	AVStream *video, *audio; /* NULL: none */
	AVCodecContext *decoder; /* NULL until input_open_decoder() */
	AVPacket *held;		 /* what the decoder had no room for */
	bool draining, has_held;
	int64_t last_pts; /* of the frames given out */
};

/* `bytes` must outlive it. Texts: "Invalid data found when processing input"
 * for what is neither MPEG-TS nor MP4. On error nothing needs closing. */
struct err *input_open(struct input *in, const uint8_t *bytes, size_t size)
	must_check;
void input_close(struct input *in);

/* device: the number of the GPU whose NVDEC decodes, where that can be had; the
 * CPU does what it can't, and everything with NULL. "Unsupported input codec",
 * "TranscoderInvalidResolution". */
struct err *input_open_decoder(struct input *in, int threads,
	const char *device) must_check;

enum input_event { INPUT_FRAME, INPUT_AUDIO, INPUT_END };
/* The next decoded frame, pts repaired so that it rises, duration set; or the
 * next audio packet. Unreferences what it fills first. */
struct err *input_next(struct input *in, AVFrame *frame, AVPacket *packet,
	enum input_event *event) must_check;
/* Of the container if it says so, else of the streams; -1 unknown. */
int64_t input_duration_ms(const struct input *in);
AVRational input_frame_rate(const struct input *in); /* 0/1 unknown */
#endif

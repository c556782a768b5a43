#ifndef PROTO_MPEGTS_H
#define PROTO_MPEGTS_H
/* An MPEG-TS muxer for one H.264 and one AAC stream.
 *
 * FFmpeg has one; ours exists because FFmpeg may touch peers' bytes only in
 * sandboxed workers, and a worker and two copies over a pipe for each of 2,000
 * publishers would not fit one core. This one copies each byte once, from the
 * RTMP message into the segment, and parses nothing but NAL lengths.
 *
 * Continuity counters and the PMT version live as long as the muxer does, so
 * that segments put end to end are one valid stream. Source: ISO/IEC 13818-1
 * 2.4.3 (packets, PES), 2.4.4 (PAT, PMT), 2.14 (H.264 in PES). */
#include "proto/flv.h"
#include "proto/h264.h"
#include "src/base/str.h"

#define TS_PACKET 188
#define TS_CLOCK 90 /* ticks per ms */

struct mpegts {
	bool has_video, has_audio;
	uint8_t version; /* of the PMT */
	uint8_t pat_counter, pmt_counter, video_counter, audio_counter;
};

/* What the program consists of from the next mpegts_tables() on. */
void mpegts_program(struct mpegts *t, bool has_video, bool has_audio);
/* PAT and PMT: a segment's first packets. */
void mpegts_tables(struct mpegts *t, struct str *out);

/* One access unit: nals are length-prefixed as `config` says. Its own access
 * unit delimiters are replaced; a key frame gets the parameter sets unless it
 * brings its own. Times are ticks of any size, written modulo 2^33; pts >=
 * dts >= TS_PCR_LEAD. False, nothing written: a length points outside, or
 * nothing is there. */
#define TS_PCR_LEAD (700 * TS_CLOCK)
bool mpegts_video(struct mpegts *t, struct str *out,
	const struct h264_config *config, const uint8_t *nals, size_t n,
	int64_t pts, int64_t dts, bool key) must_check;
/* ADTS frames, whole ones, as many as one PES packet shall have; n <=
 * TS_AUDIO_MAX. Carries the clock if there is no video. */
#define TS_AUDIO_MAX 65000
void mpegts_audio(struct mpegts *t, struct str *out, const uint8_t *adts,
	size_t n, int64_t pts);
#endif

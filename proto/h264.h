#ifndef PROTO_H264_H
#define PROTO_H264_H
/* The little of H.264 that ingest must know: the decoder configuration that
 * FLV carries once and MPEG-TS repeats before each key frame, and the size of
 * the picture for the operator. Decoding is FFmpeg's, in a sandbox.
 * Source: ISO/IEC 14496-15 5.2.4.1 (avcC); ITU-T H.264 7.3.2.1.1, annex E. */
#include "src/base/err.h"
#include <stdint.h>

enum h264_nal {
	H264_NAL_IDR = 5,
	H264_NAL_SPS = 7,
	H264_NAL_PPS = 8,
	H264_NAL_AUD = 9,
};
#define H264_NAL_TYPE(b) ((b) & 0x1f)

/* An avcC record. It owns its bytes. */
struct h264_config {
	uint8_t *headers; /* SPS and PPS, annex B with start codes; NULL: none */
	size_t size;
	unsigned length_size; /* of the prefix of each NAL unit: 1, 2, 4 */
	int32_t width, height; /* pixels after cropping */
	double fps;	       /* 0: the stream doesn't say */
};
/* Bounds: H264_CONFIG_MAX bytes, one SPS at least. */
#define H264_CONFIG_MAX 16384
struct err *h264_config_parse(struct h264_config *out, const uint8_t *avcc,
	size_t n) must_check;
void h264_config_clear(struct h264_config *c);

/* nal: an SPS with its NAL header and emulation prevention bytes. False when
 * it is malformed or beyond 16384 x 16384; *fps is 0 when not stated. */
bool h264_sps_parse(const uint8_t *nal, size_t n, int32_t *width,
	int32_t *height, double *fps) must_check;
#endif

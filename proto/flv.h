#ifndef PROTO_FLV_H
#define PROTO_FLV_H
/* FLV tag bodies, which are also the payload of RTMP's audio and video
 * messages: H.264 and AAC; every other codec is refused by its name.
 * Source: Adobe "Video File Format Specification" 10.1, annex E.4; enhanced
 * RTMP (veovera.org) for recognising what is refused; ISO/IEC 14496-3 1.6.2.1
 * for AudioSpecificConfig, 1.A.2 for ADTS. Nothing is allocated or copied:
 * what is returned points into the body. */
#include "src/base/err.h"
#include <stdint.h>

enum flv_tag {
	FLV_AUDIO = 8,
	FLV_VIDEO = 9,
	FLV_SCRIPT = 18,
};

enum flv_what {
	FLV_CONFIG,  /* data is an avcC record or an AudioSpecificConfig */
	FLV_FRAME,   /* data is length-prefixed NAL units or a raw AAC frame */
	FLV_NOTHING, /* end of sequence, a command, an empty body */
};
struct flv_packet {
	enum flv_what what;
	bool key;	     /* video: says the container */
	int32_t composition; /* video: pts - dts, ms */
	const uint8_t *data;
	size_t size;
};
struct err *flv_video_parse(const uint8_t *body, size_t n,
	struct flv_packet *out) must_check;
struct err *flv_audio_parse(const uint8_t *body, size_t n,
	struct flv_packet *out) must_check;

/* What ADTS can say of an AudioSpecificConfig; HE-AAC is given as its AAC-LC
 * core, whose frames tell the decoder the rest. */
struct aac_config {
	uint8_t object_type;	/* 1..4 */
	uint8_t rate_index;	/* 0..12 */
	uint8_t channel_config; /* 1..7 */
	int32_t sample_rate;
};
#define AAC_FRAME_SAMPLES 1024
#define ADTS_SIZE 7
#define ADTS_FRAME_MAX (0x1fff - ADTS_SIZE) /* payload of one frame */
struct err *aac_config_parse(struct aac_config *out, const uint8_t *asc,
	size_t n) must_check;
/* size <= ADTS_FRAME_MAX */
void adts_encode(const struct aac_config *c, size_t size,
	uint8_t out[static ADTS_SIZE]);

/* onMetaData; what it doesn't say is 0. The peer's word, clamped to what is
 * believable. */
struct flv_meta {
	int32_t width, height;
	double fps;
	bool has_video, has_audio; /* a codec or a rate was declared */
};
/* data: AMF0 from after the name, i.e. an object. False if malformed. */
bool flv_meta_parse(struct flv_meta *out, const uint8_t *data, size_t n)
	must_check;
#endif

#ifndef SRC_MODEL_CAPABILITY_H
#define SRC_MODEL_CAPABILITY_H
/* What a node can do and what a job needs: a bitset, LSB first in 64-bit
 * words. Source: go-livepeer core/capabilities.go at 0.9.1. */
#include "src/model/rendition.h"

enum capability {
	CAP_H264 = 0,
	CAP_MPEGTS = 1,
	CAP_MP4 = 2,
	CAP_FRACTIONAL_FPS = 3,
	CAP_STORAGE_DIRECT = 4,
	CAP_STORAGE_S3 = 5,
	CAP_STORAGE_GCS = 6,
	CAP_H264_BASELINE = 7,
	CAP_H264_MAIN = 8,
	CAP_H264_HIGH = 9,
	CAP_H264_CONSTRAINED_HIGH = 10,
	CAP_GOP = 11,
	CAP_AUTH_TOKEN = 12,
	CAP_MPEG7_SIGNATURE = 14,
	CAP_HEVC_DECODE = 15,
	CAP_HEVC_ENCODE = 16,
	CAP_VP8_DECODE = 17,
	CAP_VP9_DECODE = 18,
	CAP_VP8_ENCODE = 19,
	CAP_VP9_ENCODE = 20,
	CAP_H264_444_8 = 21,
	CAP_H264_422_8 = 22,
	CAP_H264_444_10 = 23,
	CAP_H264_422_10 = 24,
	CAP_H264_420_10 = 25,
	CAP_SEGMENT_SLICING = 26,
};

#define CAPS_WORDS 8	  /* peers' longer bitstrings are refused */
#define CAPS_CAPACITY 128 /* ids with a counted capacity */

struct caps {
	bool present; /* the message carried capabilities at all */
	size_t words; /* as received; trailing zero words count (rule 4) */
	uint64_t bits[CAPS_WORDS];
	uint32_t capacity[CAPS_CAPACITY]; /* 0: none given */
	uint64_t mandatories[CAPS_WORDS];
	char version[64];     /* of the node */
	char min_version[64]; /* the job's constraint */
};

void caps_add(struct caps *c, unsigned bit); /* grows words as needed */
bool caps_has(const struct caps *c, unsigned bit);
/* Bits 0-12, 14, 26: 0x4005fff, capacity 1 each. */
void caps_default(struct caps *c);
/* caps_default plus what libx264 and FFmpeg's decoders do. */
void caps_software(struct caps *c);

/* What a job needs: JobCapabilities. */
struct job_caps_in {
	const struct ladder *ladder;
	bool input_h264, input_hevc, input_vp8, input_vp9;
	unsigned pixel_format_bit; /* CAP_H264_444_8.. or 0 for plain 4:2:0 */
	bool http_push;
	const char *min_version; /* -orchMinLivepeerVersion, NULL or "" none */
};
void caps_for_job(struct caps *out, const struct job_caps_in *in);

/* CompatibleWith, in its order: version, mandatories, bits.
 * `orch` without capabilities takes only jobs
 * within the legacy set. */
bool caps_compatible(const struct caps *job, const struct caps *orch);
/* Bitstring and version only: O choosing a T. */
bool caps_covers(const struct caps *job, const struct caps *transcoder);
/* The version rule alone: LivepeerVersionCompatibleWith. */
bool version_at_least(const char *min, const char *version);

/* Adds / removes a transcoder's capacities to / from an orchestrator's union
 * (AddCapacity, RemoveCapacity). */
void caps_union_add(struct caps *sum, const struct caps *t);
void caps_union_sub(struct caps *sum, const struct caps *t);
#endif

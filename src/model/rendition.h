#ifndef SRC_MODEL_RENDITION_H
#define SRC_MODEL_RENDITION_H
/* What a stream is transcoded into. Pure values, any thread.
 * Source: lpms ffmpeg/videoprofile.go; net.VideoProfile of lp_rpc.proto. */
#include "src/base/err.h"
#include "src/base/str.h"
#include <stdint.h>

/* Values are those of lp_rpc.proto. */
enum container { CONTAINER_MPEGTS = 0, CONTAINER_MP4 = 1 };
enum h264_profile {
	H264_PROFILE_DEFAULT = 0,
	H264_PROFILE_BASELINE = 1,
	H264_PROFILE_MAIN = 2,
	H264_PROFILE_HIGH = 3,
	H264_PROFILE_CONSTRAINED_HIGH = 4,
};
enum video_codec {
	VIDEO_H264 = 0,
	VIDEO_H265 = 1,
	VIDEO_VP8 = 2,
	VIDEO_VP9 = 3,
};
enum chroma { CHROMA_420 = 0, CHROMA_422 = 1, CHROMA_444 = 2 };

#define GOP_INTRA_ONLY (-1)
#define RENDITION_NAME_SIZE 64
/* LPMS's MAX_OUTPUT_SIZE; more is "Too many outputs". */
#define LADDER_MAX 10

struct rendition {
	char name[RENDITION_NAME_SIZE]; /* never empty, safe in a URL path */
	int32_t width, height;		/* pixels, as requested */
	int32_t bitrate;		/* bit/s; 0: by quality */
	uint32_t fps;			/* 0: as the source */
	uint32_t fps_den;		/* 0 means 1 (and says so on the wire) */
	enum container container;
	bool container_is_set; /* false: follows the ingest's container */
	enum h264_profile profile;
	int32_t gop_ms; /* 0 encoder default, GOP_INTRA_ONLY, else ms */
	enum video_codec codec;
	int32_t color_depth; /* bits: 8, 10, 12; 0 means 8 */
	enum chroma chroma;
	uint32_t quality; /* CRF, 0 unset */
};

struct ladder {
	size_t n;
	struct rendition r[LADDER_MAX];
};

/* The 14 presets; P144p25fps16x9 has an id on the wire but, as in the
 * reference, cannot be chosen by name: `selectable` is false for it. */
struct preset {
	struct rendition rendition;
	uint8_t id[4]; /* keccak(name)[0..3] */
	bool selectable;
};
const struct preset *preset_at(size_t i); /* NULL past the end */
const struct preset *preset_find(const char *name); /* NULL if unknown */

/* -transcodingOptions: a comma list of presets (unknown names are an error
 * that names them; the reference drops them silently) or a JSON array (see
 * proto/ladder_json.h, which is also what files and webhooks use). */
struct err *ladder_parse_presets(struct ladder *out, const char *csv)
	must_check;
/* Sizes, rates, names: what the encoder cannot do is refused here, by name.
 * Duplicate and unsafe names too. */
struct err *ladder_validate(const struct ladder *l) must_check;
/* Letters, digits and -._~+@:,=() without "..": what can stand unescaped in a
 * URL, a MIME parameter and a playlist. */
bool rendition_name_is_safe(const char *name);

const char *container_ext(enum container c);  /* ".ts", ".mp4" */
const char *container_mime(enum container c); /* "video/mp2t", "video/mp4" */
/* "1280x720 30fps 4000k" */
void rendition_fmt(const struct rendition *r, struct str *out);
#endif

#ifndef PROTO_M3U8_H
#define PROTO_M3U8_H
/* HLS playlists as a broadcaster serves them. Pure; any thread. Names are
 * written as given when they are safe and percent-encoded otherwise, so that
 * no name can add a line. Sources: livepeer/m3u8 writer; RFC 8216. */
#include "src/base/str.h"

#define M3U8_MIME "application/x-mpegURL"
#define SOURCE_BITRATE 4000000 /* what the reference always claims */

struct m3u8_variant {
	const char *manifest, *rendition; /* "<manifest>/<rendition>.m3u8" */
	int32_t bitrate;		  /* bit/s */
	int32_t width, height;		  /* 0x0: no RESOLUTION */
};
struct m3u8_segment {
	uint64_t seq;
	int32_t duration_ms;
	bool discontinuity;
	const char *ext; /* ".ts", ".mp4" */
};
struct m3u8_media {
	const char *manifest, *rendition;
	uint64_t media_sequence;	 /* of the first segment listed */
	uint64_t discontinuity_sequence; /* tag left out when 0 */
	int32_t target_ms;		 /* the longest ever; rounded up to s */
	bool ended;			 /* writes EXT-X-ENDLIST */
};

void m3u8_write_master(struct str *out, const struct m3u8_variant *v, size_t n);
/* Segment URIs: "/stream/<manifest>/<rendition>/<seq><ext>". */
void m3u8_write_media(struct str *out, const struct m3u8_media *m,
	const struct m3u8_segment *s, size_t n);
#endif

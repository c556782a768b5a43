#ifndef PROTO_SEGMENTER_H
#define PROTO_SEGMENTER_H
/* Cuts a live FLV stream into MPEG-TS segments, without looking deeper into
 * the media than NAL lengths. It stands in proto, not in src/media, because it
 * only turns bytes into other bytes and the network side must reach it.
 *
 * The rules, and where the reference's (lpms segmenter) are kept or left:
 * - A segment ends at the first video key frame segment_ms or more after its
 *   start (kept); a stream without video is cut at any frame (new: the
 *   reference needs both). Everything before the first key frame and every
 *   frame not later than its track's previous one is dropped (kept).
 * - Each segment begins with PAT, PMT and, if there is video, a key frame.
 * - The last, short segment comes out too (the reference loses it).
 * - A jump of the clock beyond 10 s either way, or a new configuration, ends
 *   the segment and marks the next one `discontinuity` (new).
 * - Times are those of the peer, unwrapped past 2^32 ms, in 90 kHz, plus
 *   SEGMENTER_LEAD: so nothing is negative, and the clock reference fits in.
 * - 20 s without a key frame, SEGMENT_BYTES_MAX, or many cuts in a row that no
 *   time justifies are errors: end the stream with the text.
 *
 * Owned and called by one thread. */
#include "proto/flv.h"
#include "src/model/segment.h"

#define SEGMENTER_LEAD (1400 * 90)
#define SEGMENT_BYTES_MAX ((size_t)64 << 20)

struct segmenter;

/* segment_ms: 1..10000 */
struct segmenter *segmenter_new(int32_t segment_ms);
void segmenter_free(struct segmenter *s); /* NULL ok */

/* From onMetaData. A stream that declares video isn't taken for audio-only
 * when its audio comes first; one that declares audio may send it late. */
void segmenter_declare(struct segmenter *s, const struct flv_meta *meta);
/* One tag body; timestamp in ms, modulo 2^32. After an error: end. */
struct err *segmenter_feed(struct segmenter *s, enum flv_tag kind,
	uint32_t timestamp, const uint8_t *body, size_t n) must_check;
/* No more is coming: what is there becomes the last segment. */
void segmenter_end(struct segmenter *s);
/* NULL: none is ready. At most one is after each of the calls above; take it
 * before the next. */
struct segment *segmenter_next(struct segmenter *s);

/* From the parameter sets; 0 where unknown. */
void segmenter_picture(const struct segmenter *s, int32_t *width,
	int32_t *height, double *fps);
#endif

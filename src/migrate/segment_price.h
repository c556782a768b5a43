#ifndef SRC_MIGRATE_SEGMENT_PRICE_H
#define SRC_MIGRATE_SEGMENT_PRICE_H
/* The alpha's price to Streamflow's. There a segment of 4 seconds cost so much
 * for each of the job's profiles, whatever their sizes (livepeer/protocol
 * JobLib.sol calcFees: segments * profiles * price); here a pixel of any output
 * costs so much. Exact fractions, and the arithmetic for people to check. Pure;
 * any thread. */
#include "src/model/amount.h"
#include "src/model/rendition.h"

#define ALPHA_SEGMENT_S 4 /* go-livepeer v0.3.3 server/mediaserver.go */

/* A job's transcodeOptions: ids of presets, 8 hex digits each. The error names
 * what is no id. */
struct err *alpha_options_parse(struct ladder *out, const char *options) must_check;

struct segment_price {
	struct price exact;	/* wei a pixel, reduced */
	struct price wire;	/* what can be asked: two int64 */
	bool rounded;		/* they differ */
	struct pixels pixels;	/* of a segment in all renditions */
	struct str arithmetic;	/* lines; clear it */
};
/* per_segment: pricePerSegment, for one profile. Where a rate follows the source
 * 30 frames a second are taken, and said. ERR_INVALID: no renditions. */
struct err *segment_price_convert(struct wei per_segment, const struct ladder *l,
	struct segment_price *out) must_check;
void segment_price_clear(struct segment_price *p);
#endif

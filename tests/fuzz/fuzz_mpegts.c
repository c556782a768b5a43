/* Tags of any content and time into the segmenter; what comes out must be
 * MPEG-TS by the strict reader. A tag is: kind, 24 bits of time forward, 8 of
 * its sign, 16 of length, body. */
#include <assert.h>
#include <stdlib.h>

#include "proto/bytes.h"
#include "proto/segmenter.h"
#include "tests/unit/ts_reader.h"

#define TAG 7

static struct ts_reader reader;

static void take(struct segmenter *s)
{
	struct segment *seg = segmenter_next(s);

	if (!seg)
		return;
	assert(seg->duration_ms > 0 && seg->start_pts >= 0);
	if (seg->discontinuity)
		ts_jump(&reader);
	ts_read(&reader, blob_data(seg->data), blob_size(seg->data));
	segment_free(seg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segmenter *s = segmenter_new(2000);
	struct err *e = NULL;
	uint32_t now = 0;

	memset(&reader, 0, sizeof(reader));
	while (size >= TAG && !e) {
		size_t n = get_be16(data + 5);
		uint32_t step = get_be24(data + 1);

		now += data[4] & 1 ? -step : step;
		if (n > size - TAG)
			n = size - TAG;
		e = segmenter_feed(s, data[0] & 1 ? FLV_VIDEO : FLV_AUDIO, now,
			data + TAG, n);
		take(s);
		data += TAG + n;
		size -= TAG + n;
	}
	err_free(e);
	segmenter_end(s);
	take(s);
	segmenter_free(s);
	return 0;
}

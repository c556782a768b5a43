#ifndef SRC_MODEL_SEGMENT_H
#define SRC_MODEL_SEGMENT_H
/* A piece of live video, cut on a key frame. */
#include "src/base/blob.h"
#include "src/model/rendition.h"
#include <stdbool.h>
#include <stdlib.h>

struct segment {
	uint64_t seq;
	int32_t duration_ms;
	int64_t start_pts; /* 90 kHz */
	enum container container;
	bool discontinuity; /* time or format jumped before this segment */
	bool has_video, has_audio;
	struct blob *data; /* owned */
};

static inline void segment_free(struct segment *s)
{
	if (s)
		blob_put(s->data);
	free(s);
}
#endif

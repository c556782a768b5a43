#ifndef SRC_MEDIA_PROBE_H
#define SRC_MEDIA_PROBE_H
/* What a segment contains. For the ingest's checks, the console and the
 * broadcaster's recount of pixels. One thread at a time.
 * Source: lpms GetCodecInfo; go-livepeer server/mediaserver.go
 * ("needs bypass"), verification/verify.go (counting). */
#include "src/media/pool.h"

struct err *probe(const uint8_t *bytes, size_t size, struct media_info *out)
	must_check;
/* Decodes everything: frames x width x height. */
struct err *count_pixels(const uint8_t *bytes, size_t size, int64_t *out)
	must_check;
#endif

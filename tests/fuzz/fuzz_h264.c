/* Any bytes as an avcC record and as a sequence parameter set. */
#include <assert.h>

#include "proto/h264.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct h264_config c = {0};
	int32_t width, height;
	double fps;

	err_free(h264_config_parse(&c, data, size));
	h264_config_clear(&c);
	if (h264_sps_parse(data, size, &width, &height, &fps)) {
		assert(width > 0 && width <= 16384);
		assert(height > 0 && height <= 16384);
		assert(fps >= 0 && fps <= 1000);
	}
	return 0;
}

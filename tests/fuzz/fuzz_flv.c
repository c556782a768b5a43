/* Any bytes as tag bodies and as an AudioSpecificConfig. */
#include "proto/flv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flv_packet p;
	struct aac_config c;

	err_free(flv_video_parse(data, size, &p));
	err_free(flv_audio_parse(data, size, &p));
	err_free(aac_config_parse(&c, data, size));
	return 0;
}

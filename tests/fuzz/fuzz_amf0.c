/* Any bytes as AMF0 values and as the keys of onMetaData. */
#include "proto/amf0.h"
#include "proto/flv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct amf0 a = {data, size};
	struct amf0_value v;
	struct flv_meta meta;

	while (amf0_next(&a, &v))
		;
	(void)!flv_meta_parse(&meta, data, size);
	return 0;
}

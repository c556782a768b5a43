#include "proto/h2.h"
#include "tests/fuzz/http_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_limits limits = {.max_header = 2048, .max_fields = 8,
		.max_streams = 10};

	peer_run(h2_new(&limits), data, size);
	return 0;
}

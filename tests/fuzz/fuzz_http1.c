#include "proto/http1.h"
#include "tests/fuzz/http_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_limits limits = {.max_header = 2048, .max_fields = 8};

	peer_run(http1_new(&limits), data, size);
	return 0;
}

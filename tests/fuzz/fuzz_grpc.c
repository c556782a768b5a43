#include "proto/grpc.h"

#include <stdlib.h>
#include <string.h>

static void check_frames(const uint8_t *data, size_t size)
{
	const uint8_t *msg, *at = data, *end = data + size;
	size_t n;

	while (grpc_parse(at, (size_t)(end - at), 1000, &msg, &n) ==
		GRPC_MESSAGE) {
		struct blob *b = grpc_frame(msg, n);

		if (n > 1000 || msg + n > end ||
			memcmp(blob_data(b), at, blob_size(b)))
			abort();
		blob_put(b);
		at = msg + n;
	}
}

/* Whatever the text, encoding and decoding gives it back. */
static void check_text(const uint8_t *data, size_t size)
{
	struct str text = STR_INIT, encoded = STR_INIT, back = STR_INIT;

	grpc_text_decode(&text, (const char *)data, size);
	str_truncate(&text, strlen(str_cstr(&text)));
	grpc_text_encode(&encoded, str_cstr(&text));
	grpc_text_decode(&back, str_cstr(&encoded), encoded.len);
	if (strcmp(str_cstr(&text), str_cstr(&back)))
		abort();
	str_clear(&text);
	str_clear(&encoded);
	str_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_frames(data, size);
	check_text(data, size);
	return 0;
}

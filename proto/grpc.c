#include "proto/grpc.h"

#include <assert.h>
#include <string.h>

struct blob *grpc_frame(const void *msg, size_t n)
{
	uint8_t *bytes;

	assert(n <= UINT32_MAX);
	bytes = xmalloc(GRPC_PREFIX + n);
	bytes[0] = 0;
	bytes[1] = n >> 24;
	bytes[2] = n >> 16;
	bytes[3] = n >> 8;
	bytes[4] = n;
	if (n)
		memcpy(bytes + GRPC_PREFIX, msg, n);
	return blob_take(bytes, GRPC_PREFIX + n);
}

enum grpc_parse grpc_parse(const uint8_t *bytes, size_t n, size_t max,
	const uint8_t **msg, size_t *size)
{
	if (n < GRPC_PREFIX)
		return GRPC_MORE;
	*msg = bytes + GRPC_PREFIX;
	*size = (size_t)bytes[1] << 24 | bytes[2] << 16 | bytes[3] << 8 |
		bytes[4];
	if (bytes[0] > 1)
		return GRPC_MALFORMED;
	if (bytes[0])
		return GRPC_COMPRESSED;
	if (*size > max)
		return GRPC_TOO_LARGE;
	return n - GRPC_PREFIX < *size ? GRPC_MORE : GRPC_MESSAGE;
}

void grpc_text_encode(struct str *out, const char *text)
{
	static const char hex[16] = "0123456789ABCDEF";

	for (const char *p = text; *p; p++) {
		uint8_t c = *p;

		if (c >= ' ' && c <= '~' && c != '%') {
			str_addc(out, c);
			continue;
		}
		str_addc(out, '%');
		str_addc(out, hex[c >> 4]);
		str_addc(out, hex[c & 15]);
	}
}

void grpc_text_decode(struct str *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char hex[3] = {0};
		uint8_t c;

		if (text[i] == '%' && n - i > 2) {
			memcpy(hex, text + i + 1, 2);
			if (hex_decode(&c, 1, hex)) {
				str_addc(out, c);
				i += 2;
				continue;
			}
		}
		str_addc(out, text[i]);
	}
}

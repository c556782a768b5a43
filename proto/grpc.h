#ifndef PROTO_GRPC_H
#define PROTO_GRPC_H
/* What gRPC adds to HTTP/2: the five bytes before each message and the text
 * in the trailer grpc-message. Pure; any thread.
 *
 * Sources: grpc/doc/PROTOCOL-HTTP2.md; limits as in grpc-go's defaults. */
#include "src/base/blob.h"
#include "src/base/str.h"

#define GRPC_PREFIX 5
#define GRPC_MAX_MESSAGE (4u << 20) /* bytes, both directions */

/* Prefix and message in one blob. n: at most UINT32_MAX. */
struct blob *grpc_frame(const void *msg, size_t n);

enum grpc_parse {
	GRPC_MESSAGE,	 /* one message */
	GRPC_MORE,	 /* not all of it is here yet */
	GRPC_COMPRESSED, /* and nobody agreed on that */
	GRPC_TOO_LARGE,	 /* beyond max; *size says how large it would be */
	GRPC_MALFORMED,
};
/* Looks at the beginning of bytes[n]. MESSAGE: it lies at *msg, *size bytes,
 * and the next one begins at *msg + *size. */
enum grpc_parse grpc_parse(const uint8_t *bytes, size_t n, size_t max,
	const uint8_t **msg, size_t *size);

/* grpc-message: bytes outside ' '..'~', and '%', as %XX. */
void grpc_text_encode(struct str *out, const char *text);
/* Never fails: what is no valid %XX stays as it is. */
void grpc_text_decode(struct str *out, const char *text, size_t n);
#endif

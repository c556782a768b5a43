#ifndef PROTO_HEADERS_H
#define PROTO_HEADERS_H
/* The two request headers of POST /segment, and the base64 they travel in.
 * Pure; any thread. Sources: go-livepeer server/segment_rpc.go;
 * RFC 4648 section 4. */
#include "src/model/wire.h"

void base64_encode(const void *bytes, size_t n, struct str *out);
/* Standard alphabet, padding required, CR and LF skipped, as Go decodes.
 * "illegal base64 data at input byte N". Appends; *out is unchanged on error. */
struct err *base64_decode(struct str *out, const char *text, size_t n)
	must_check;

/* Livepeer-Segment. Errors of decode are ERR_DENIED and their texts the bodies
 * of status 403: `ErrorSegEncoding`, `invalid duration`, ... NULL text reads
 * as an empty header. */
void segment_header_encode(const struct segment_creds *m, struct str *out);
struct err *segment_header_decode(struct segment_creds *out, const char *text)
	must_check;

/* Livepeer-Payment. An off-chain broadcaster's is empty, or absent (NULL), and
 * decodes to an empty payment. Texts of decode are the bodies of status 402;
 * payment_clear() what it fills. */
void payment_header_encode(const struct payment *p, struct str *out);
struct err *payment_header_decode(struct payment *out, const char *text)
	must_check;
#endif

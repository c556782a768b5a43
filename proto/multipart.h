#ifndef PROTO_MULTIPART_H
#define PROTO_MULTIPART_H
/* multipart/mixed, read and written: transcoders return renditions in it, and
 * broadcasters hand them to whoever pushed over HTTP. The reader is fed pieces
 * of any size and holds at most one part. Pure; one thread at a time.
 * Sources: RFC 2046 section 5.1; go-livepeer server/ot_rpc.go,
 * mediaserver.go. */
#include "src/base/blob.h"
#include "src/base/err.h"
#include "src/base/str.h"

#define BOUNDARY_SIZE 71 /* RFC 2046: at most 70 characters */
#define PART_HEADERS_MAX 32

struct multipart;

struct multipart_limits {
	size_t parts;	     /* 0: 32 */
	size_t part_bytes;   /* of one body; 0: 300,000,000 */
	size_t total_bytes;  /* of all bodies; 0: 600,000,000 */
	size_t header_bytes; /* of one part's head; 0: 8 KiB */
};

struct part {
	char *headers[PART_HEADERS_MAX]; /* "Name: value" */
	size_t headers_n;
	struct blob *body; /* never NULL */
};
const char *part_header(const struct part *p, const char *name);
void part_free(struct part *p); /* NULL ok */

/* Takes the boundary out of a Content-Type value. false: no such parameter or
 * a malformed one. type gets the media type in lower case. */
bool multipart_boundary(char boundary[static BOUNDARY_SIZE],
	const char *content_type) must_check;
/* "video/mp4; name=x" is "video/mp4"; false: no media type. */
bool media_type(char *out, size_t size, const char *content_type) must_check;

struct multipart *multipart_new(const char *boundary,
	const struct multipart_limits *limits);
void multipart_free(struct multipart *m);
/* ERR_LIMIT or ERR_PROTOCOL; after an error nothing more can be fed. Take the
 * complete parts with next() between feeds, or they pile up (to `parts`). */
struct err *multipart_feed(struct multipart *m, const void *bytes, size_t n)
	must_check;
struct part *multipart_next(struct multipart *m); /* owned; NULL: none yet */
/* The closing boundary was read. Bytes after it are ignored. */
bool multipart_is_complete(const struct multipart *m);

/* --- writing --- */
/* boundary: from random characters, no quoting. headers: NULL-terminated list
 * name, value, ... Content-Length is added. */
void multipart_write_part(struct str *out, const char *boundary,
	const char *const *headers, const void *body, size_t n);
void multipart_write_end(struct str *out, const char *boundary);
#endif

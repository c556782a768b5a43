#ifndef PROTO_HTTP1_PRIVATE_H
#define PROTO_HTTP1_PRIVATE_H
/* An HTTP/1.1 connection from inside: http1.c reads requests, http1_answer.c
 * writes answers. */
#include "proto/http1.h"

#include <sys/queue.h>

#include <http_parser.h>

struct chunk {
	STAILQ_ENTRY(chunk) link;
	struct blob *blob;
};

enum phase {
	PHASE_HEAD,	/* before or inside a request's head */
	PHASE_BODY,	/* inside its body */
	PHASE_COMPLETE, /* all of it is in; the next one has to wait */
};

struct http1 {
	struct http base;
	struct http_limits limits;
	http_parser parser;
	const uint8_t *in; /* the feeder's */
	size_t in_n;
	struct str rest; /* input that had to wait, from rest_at on */
	size_t rest_at;

	/* the request being parsed */
	enum phase phase;
	struct http_head *head;
	struct str target;
	size_t head_bytes, name_at, value_at; /* of the last field, in text */
	unsigned hosts, codings;
	bool in_value, head_begun;
	int refuse; /* the status for what http-parser let pass */
	struct http_event event;
	bool has_event;

	/* the exchange at hand */
	uint32_t stream;
	void *user;
	bool busy;   /* from REQUEST to CLOSED */
	bool expect; /* the peer waits for 100 Continue */
	bool began, finished, bodiless, chunked, keep;
	STAILQ_HEAD(, chunk) out;
	size_t out_at, out_n; /* offset in the first chunk; bytes of all */
	size_t body_n;	      /* of those, the body's */
	struct blob *given;   /* holds what http_pending() returned */

	bool dead;    /* parses no more */
	bool aborted; /* and says no more */
	bool quiesced;
};

static inline struct http1 *http1_self(struct http *m)
{
	return (struct http1 *)m;
}

/* http1_answer.c: what of http_ops concerns the answer. */
void http1_go_on(struct http *m, uint32_t stream);
void http1_begin(struct http *m, uint32_t stream, int status,
	const struct http_field *fields, size_t n, int64_t length);
void http1_write(struct http *m, uint32_t stream, struct blob *taken);
void http1_finish(struct http *m, uint32_t stream,
	const struct http_field *trailers, size_t n);
void http1_reset(struct http *m, uint32_t stream);
size_t http1_queued(const struct http *m, uint32_t stream);
size_t http1_pending(struct http *m, const uint8_t **out);
/* Puts bytes behind those that wait for http_pending(). */
void http1_put(struct http1 *h, struct blob *taken);
void http1_clear_answer(struct http1 *h);
#endif

#ifndef PROTO_H2_PRIVATE_H
#define PROTO_H2_PRIVATE_H
/* An HTTP/2 connection from inside: h2.c reads requests, h2_answer.c writes
 * answers. */
#include "proto/h2.h"

#include <sys/queue.h>

#include <nghttp2/nghttp2.h>

#define TRAILERS_MAX 4
#define FIELDS_MAX 32

struct bucket {
	int64_t milli; /* thousandths left */
	int64_t at_ms;
};

struct chunk {
	STAILQ_ENTRY(chunk) link;
	struct blob *blob;
};

struct stream {
	LIST_ENTRY(stream) link;
	int32_t id;
	void *user;
	struct http_head *head; /* until its event is made */
	size_t head_bytes;
	bool too_large; /* of a head: answered with 431 */
	bool expect;	/* the peer waits for 100 Continue */
	bool is_head; /* the method HEAD: an answer has no body */
	bool request_ended;
	bool began, finished, deferred, answered;
	STAILQ_HEAD(, chunk) out;
	size_t out_at, out_n;
	struct http_field trailers[TRAILERS_MAX]; /* owned strings */
	size_t trailers_n;
};

struct event {
	STAILQ_ENTRY(event) link;
	struct http_event e;
	struct stream *stream;
};

struct h2 {
	struct http base;
	struct http_limits limits;
	nghttp2_session *session;
	LIST_HEAD(, stream) streams; /* those nghttp2 knows */
	STAILQ_HEAD(, event) events;
	STAILQ_HEAD(, event) spare;
	struct stream *current; /* of the last event given out */

	const uint8_t *in; /* the feeder's */
	size_t in_n;
	int64_t now_ms;
	bool paused; /* inside a DATA frame: call again, even without input */
	bool opened; /* preface and SETTINGS are in */
	bool block_open; /* HEADERS without all of its CONTINUATIONs */
	bool dead;
	struct bucket resets, chatter;
};

static inline struct h2 *h2_self(struct http *m)
{
	return (struct h2 *)m;
}

/* NULL: the stream is over. */
struct stream *h2_find(const struct h2 *h, uint32_t id);

/* h2_answer.c: a stream's answer; what of http_ops concerns it. */
void h2_go_on(struct http *m, uint32_t id);
void h2_begin(struct http *m, uint32_t id, int status,
	const struct http_field *fields, size_t n, int64_t length);
void h2_write(struct http *m, uint32_t id, struct blob *taken);
void h2_finish(struct http *m, uint32_t id, const struct http_field *trailers,
	size_t n);
void h2_reset(struct http *m, uint32_t id);
size_t h2_queued(const struct http *m, uint32_t id);
/* Refuses a head beyond the limits. */
void h2_refuse_head(struct h2 *h, struct stream *s);
void h2_clear_answer(struct stream *s);
#endif

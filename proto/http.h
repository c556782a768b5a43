#ifndef PROTO_HTTP_H
#define PROTO_HTTP_H
/* The server side of HTTP without sockets: what HTTP/1.1 (http1.h) and HTTP/2
 * (h2.h) have in common, so that nobody above needs to know which one a peer
 * chose. Bytes go in with http_feed(), requests come out of http_next();
 * answers go in with http_begin/write/finish, bytes come out of
 * http_pending(). A machine belongs to one thread and knows no clock: time is
 * an argument.
 *
 * Requests are numbered within a connection by their stream (HTTP/1.1 counts
 * on its own). Of each stream the events are: REQUEST, DATA..., END, CLOSED,
 * any of the middle ones missing when the stream ends early.
 *
 * Sources: RFC 9110 (HTTP), RFC 9112 (HTTP/1.1), RFC 9113 (HTTP/2). */
#include "src/base/blob.h"
#include "src/base/str.h"

/* --- a request's head --- */
struct http_head {
	struct str text; /* all strings, each with its NUL */
	uint32_t method, path, query, host; /* where they begin in text */
	uint32_t fields; /* where name, value, name, value... begin */
	unsigned fields_n;
	bool host_set;
};

struct http_head *http_head_new(void);
void http_head_free(struct http_head *h);
/* These three in any order, but before the first field is put into text. */
void http_head_set_method(struct http_head *h, const char *method, size_t n);
/* "/path?query" or "http://host/path?query". */
void http_head_set_target(struct http_head *h, const char *target, size_t n);
void http_head_set_host(struct http_head *h, const char *host, size_t n);
const char *http_head_method(const struct http_head *h);
const char *http_head_path(const struct http_head *h);
const char *http_head_query(const struct http_head *h); /* "" without */
const char *http_head_host_name(const struct http_head *h);
/* First value; name in any case. NULL when absent. */
const char *http_head_value(const struct http_head *h, const char *name);

/* --- events --- */
enum http_event_kind {
	HTTP_EVENT_REQUEST, /* the head is in: take it */
	HTTP_EVENT_DATA,    /* a piece of the body, valid until http_next() */
	HTTP_EVENT_END,	    /* the request is complete */
	HTTP_EVENT_CLOSED,  /* the stream is over, the last event of it */
};

struct http_event {
	enum http_event_kind kind;
	uint32_t stream;
	void *user; /* as http_set_user() left it */
	struct http_head *head; /* REQUEST: the receiver's */
	const uint8_t *data;	/* DATA */
	size_t n;
	bool sent; /* CLOSED: the whole answer went out by http_pending() */
};

struct http_limits {
	size_t max_header;    /* bytes of a head: names, values, 32 for each */
	unsigned max_fields;
	unsigned max_streams; /* HTTP/2: concurrent */
};

/* A response header or trailer. Values must satisfy http_value_ok(). */
struct http_field {
	const char *name, *value;
};
bool http_value_ok(const char *value);

/* --- the machine --- */
struct http;
struct http_ops {
	void (*free)(struct http *m);
	void (*feed)(struct http *m, const uint8_t *p, size_t n, int64_t now_ms);
	bool (*next)(struct http *m, struct http_event *out);
	size_t (*pending)(struct http *m, const uint8_t **out);
	void (*set_user)(struct http *m, uint32_t stream, void *user);
	void (*consume)(struct http *m, uint32_t stream, size_t n);
	void (*go_on)(struct http *m, uint32_t stream);
	void (*begin)(struct http *m, uint32_t stream, int status,
		const struct http_field *fields, size_t n, int64_t length);
	void (*write)(struct http *m, uint32_t stream, struct blob *taken);
	void (*finish)(struct http *m, uint32_t stream,
		const struct http_field *trailers, size_t n);
	void (*reset)(struct http *m, uint32_t stream);
	size_t (*queued)(const struct http *m, uint32_t stream);
	void (*quiesce)(struct http *m);
	bool (*in_head)(const struct http *m);
	bool (*held)(const struct http *m);
	bool (*closing)(const struct http *m);
};
struct http {
	const struct http_ops *ops;
};

static inline void http_free(struct http *m)
{
	if (m)
		m->ops->free(m);
}

/* The bytes stay the caller's and must stay valid until http_next() says
 * false; it must say so before more are fed. now_ms: monotonic. */
static inline void http_feed(struct http *m, const uint8_t *p, size_t n,
	int64_t now_ms)
{
	m->ops->feed(m, p, n, now_ms);
}

/* To be drained after http_feed() and after http_pending(). */
static inline bool http_next(struct http *m, struct http_event *out)
{
	return m->ops->next(m, out);
}

/* The next bytes for the peer, which count as sent from here on; valid until
 * the next call to the machine. 0: none now. */
static inline size_t http_pending(struct http *m, const uint8_t **out)
{
	return m->ops->pending(m, out);
}

/* To be called on the stream's REQUEST; later events carry it. */
static inline void http_set_user(struct http *m, uint32_t stream, void *user)
{
	m->ops->set_user(m, stream, user);
}

/* n bytes of the body were taken care of: the peer may send as many more. */
static inline void http_consume(struct http *m, uint32_t stream, size_t n)
{
	m->ops->consume(m, stream, n);
}

/* "100 Continue", if the peer waits for it. */
static inline void http_go_on(struct http *m, uint32_t stream)
{
	m->ops->go_on(m, stream);
}

/* The answer's head. length: of the body, -1 when unknown, HTTP_NO_BODY to end
 * the answer with its head. Calls for a stream that is over do nothing, here
 * and below. */
#define HTTP_NO_BODY (-2)
static inline void http_begin(struct http *m, uint32_t stream, int status,
	const struct http_field *fields, size_t n, int64_t length)
{
	m->ops->begin(m, stream, status, fields, n, length);
}

static inline void http_write(struct http *m, uint32_t stream,
	struct blob *taken)
{
	m->ops->write(m, stream, taken);
}

/* Trailers are for HTTP/2 only; HTTP/1.1 leaves them out. */
static inline void http_finish(struct http *m, uint32_t stream,
	const struct http_field *trailers, size_t n)
{
	m->ops->finish(m, stream, trailers, n);
}

static inline void http_reset(struct http *m, uint32_t stream)
{
	m->ops->reset(m, stream);
}

/* Bytes of the answer's body not yet given out by http_pending(). */
static inline size_t http_queued(const struct http *m, uint32_t stream)
{
	return m->ops->queued(m, stream);
}

/* No further requests: those running go on, then http_closing(). */
static inline void http_quiesce(struct http *m)
{
	m->ops->quiesce(m);
}

/* The peer owes us the rest of a head, of the connection's opening, or of a
 * body nobody waits for any more. */
static inline bool http_in_head(const struct http *m)
{
	return m->ops->in_head(m);
}

/* Enough unparsed input waits here; read no more from the peer for now. */
static inline bool http_held(const struct http *m)
{
	return m->ops->held(m);
}

/* Nothing more will come of it: close once http_pending() is empty. */
static inline bool http_closing(const struct http *m)
{
	return m->ops->closing(m);
}
#endif

#ifndef SRC_NET_FETCH_H
#define SRC_NET_FETCH_H
/* All outgoing HTTP and gRPC: curl_multi on the net actor's loop, connections
 * pooled and reused. TLS certificates of peers are not verified (no node of
 * this network does; authenticity comes from signatures) unless asked.
 * Functions here may be called from any thread. */
#include "src/base/blob.h"
#include "src/net/net.h"

enum fetch_http {
	FETCH_ANY, /* ALPN h2, http/1.1; with a body as FETCH_H1, see fetch.c */
	FETCH_H1,  /* HTTP/1.1 and no ALPN at all, as nodes fetch segments */
	FETCH_H2,  /* HTTP/2 only (prior knowledge on http://) */
};

struct fetch {
	char method[8];	 /* "GET", "POST" */
	char *url;	 /* owned; only http and https are spoken */
	char **headers;	 /* owned list of owned "Name: value" */
	size_t headers_n;
	struct blob *body; /* owned; NULL none */
	enum fetch_http http;
	bool verify_tls;   /* for webhooks */
	bool follow;	   /* redirects, at most 5, http(s) only, never nearer */
	unsigned connect_ms; /* TCP + TLS; 0: 2000 */
	unsigned head_ms;    /* until the response's head; 0: no limit of its own */
	unsigned total_ms;   /* everything; 0: 60000 */
	size_t max_body;     /* of the response; 0: 64 KiB */
};

struct fetch *fetch_new(const char *method, const char *url);
void fetch_header(struct fetch *f, const char *name, const char *fmt, ...)
	printf_like(3, 4);
void fetch_free(struct fetch *f);

struct response {
	int status;
	char **headers; /* "Name: value" */
	size_t headers_n;
	struct blob *body; /* never NULL */
	int64_t head_us, total_us; /* since the fetch began */
};
const char *response_header(const struct response *r, const char *name);
void response_free(struct response *r);

/* Takes f. The reply's result is a struct response (any status), or an err:
 * ERR_TIMEOUT with text "header timeout: ..." or "body timeout: ...", or
 * ERR_UNAVAILABLE, ERR_LIMIT, ERR_PROTOCOL, ERR_CANCELLED. If the peer answers
 * while the body is still being sent, that answer is the result. */
uint64_t fetch_start(struct net *n, struct fetch *taken, struct reply reply);
void fetch_cancel(struct net *n, uint64_t id); /* finished already: no-op */

/* --- gRPC. base: "https://host:port" (or http:// for h2c) --- */
/* Unary. Result: struct blob, the response message. On failure the err's text
 * is the server's grpc-message (percent-decoded) and its kind follows the
 * status: UNAVAILABLE, TIMEOUT, CANCELLED, LIMIT, DENIED; everything else,
 * UNKNOWN included, ERR_INVALID. Takes msg. */
uint64_t grpc_call(struct net *n, const char *base, const char *path,
	struct blob *msg, unsigned connect_ms, unsigned total_ms,
	struct reply reply);

/* Server stream, open for days: kept alive by TCP and HTTP/2 pings (a peer
 * that answers none for 30 s is gone). Callbacks are posted to `to`. */
struct grpc_stream_events {
	struct actor *to;
	void (*message)(void *ctx, struct blob *taken);
	/* Exactly once, last. NULL: the server ended it with status 0. */
	void (*end)(void *ctx, struct err *taken);
	void *ctx;
};
uint64_t grpc_stream(struct net *n, const char *base, const char *path,
	struct blob *msg, const struct grpc_stream_events *ev);
/* fetch_cancel() ends a call or a stream. */
#endif

#ifndef SRC_NET_EXCHANGE_H
#define SRC_NET_EXCHANGE_H
/* One request and its answer, over HTTP/1.1 or HTTP/2 alike, and the table
 * that finds its handler. All of it runs on the net actor. An exchange lives
 * until it is answered in full or its peer goes; other actors keep
 * exchange_id() and look it up again - not finding it is normal. No function here
 * ends one: `gone` comes later, from the loop, so x is good until your handler
 * or task returns. Answering a second time does nothing. */
#include "src/base/blob.h"
#include "src/net/net.h"

struct exchange;

struct handler {
	/* The head is in. Either answer now (the rest of the body is
	 * discarded, within limits), or exchange_want_body(). A handler without
	 * `head` gets bodies up to 64 KiB. */
	void (*head)(void *ctx, struct exchange *x);
	/* Optional: each piece of the body as it comes, before it is collected. */
	void (*data)(void *ctx, struct exchange *x, const uint8_t *p, size_t n);
	/* The request is complete; exchange_body() has it. Not called when an
	 * answer was finished before. */
	void (*end)(void *ctx, struct exchange *x);
	/* The exchange ends here, answered or not (`sent`: its answer left
	 * whole). Optional; always the last call. */
	void (*gone)(void *ctx, struct exchange *x, bool sent);
};

/* --- router: filled at start-up, then read only --- */
struct router *router_new(void);
void router_free(struct router *r);
/* path: exact ("/segment") or a prefix ending in "/" ("/stream/"). The longest
 * match wins; nothing matching answers 404 "404 page not found". */
void router_add(struct router *r, const char *path, const struct handler *h,
	void *ctx);
/* A gRPC method: `call` gets the one request message (<= 4 MiB); it answers
 * with grpc_answer/grpc_fail, or opens a stream. `gone` as above, optional.
 * Unknown gRPC paths answer UNIMPLEMENTED (12). */
struct grpc_handler {
	void (*call)(void *ctx, struct exchange *x, const uint8_t *msg, size_t n);
	void (*gone)(void *ctx, struct exchange *x, bool sent);
};
void router_add_grpc(struct router *r, const char *path,
	const struct grpc_handler *h, void *ctx);

/* --- the request --- */
uint64_t exchange_id(const struct exchange *x); /* never reused */
struct exchange *exchange_find(struct net *n, uint64_t id); /* NULL: gone */
const char *exchange_method(const struct exchange *x);
const char *exchange_path(const struct exchange *x);  /* undecoded, no query */
const char *exchange_query(const struct exchange *x); /* "" without */
const char *exchange_host(const struct exchange *x);  /* Host, :authority */
/* First value of that name (any case); NULL when absent. */
const char *exchange_header(const struct exchange *x, const char *name);
const char *exchange_remote(const struct exchange *x); /* "ip:port" */
bool exchange_is_h2(const struct exchange *x);
bool exchange_is_tls(const struct exchange *x);
/* Accept a body of at most max bytes, to be received within timeout_ms (0: 60
 * s). Beyond max: the handler's end is not called, the answer is 413 unless
 * exchange_too_big() set another status and text. */
void exchange_want_body(struct exchange *x, size_t max, unsigned timeout_ms);
/* The handler takes the body with `data` alone: nothing is collected. */
void exchange_discard_body(struct exchange *x);
void exchange_too_big(struct exchange *x, int status, const char *text);
/* Borrowed; NULL if empty, and until the request is complete. */
struct blob *exchange_body(struct exchange *x);
void exchange_set_user(struct exchange *x, void *user);
void *exchange_user(const struct exchange *x);

/* --- the answer --- */
/* Extra response headers: a NULL-terminated list name, value, name, value. */
/* Whole answer. body may be NULL; taken. */
void exchange_answer(struct exchange *x, int status, const char *type,
	struct blob *body, const char *const *extra);
/* Go's http.Error: text + "\n" as text/plain; charset=utf-8. */
void exchange_error(struct exchange *x, int status, const char *fmt, ...)
	printf_like(3, 4);
/* In pieces: the status line and headers leave at once (flushed). length -1:
 * chunked on HTTP/1.1. */
void exchange_begin(struct exchange *x, int status, const char *type,
	int64_t length, const char *const *extra);
void exchange_write(struct exchange *x, struct blob *taken);
void exchange_finish(struct exchange *x);
/* Break it off: connection closed (h1), RST_STREAM INTERNAL_ERROR (h2). */
void exchange_abort(struct exchange *x);

/* --- gRPC answers --- */
enum grpc_code {
	GRPC_OK = 0,
	GRPC_CANCELLED = 1,
	GRPC_UNKNOWN = 2,
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_DEADLINE_EXCEEDED = 4,
	GRPC_NOT_FOUND = 5,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
};
void grpc_answer(struct exchange *x, const void *msg, size_t n);
void grpc_fail(struct exchange *x, enum grpc_code code, const char *text);
/* Server stream: open sends the headers, then messages, then close. */
void grpc_open(struct exchange *x);
void grpc_send(struct exchange *x, const void *msg, size_t n);
void grpc_close(struct exchange *x, enum grpc_code code, const char *text);
#endif

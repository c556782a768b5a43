#ifndef SRC_NET_FETCH_PRIVATE_H
#define SRC_NET_FETCH_PRIVATE_H
/* One outgoing request in flight, plain or gRPC. Made on any thread, then
 * posted to the net actor and touched there only. */
#include <curl/curl.h>

#include "src/base/str.h"
#include "src/net/fetch.h"
#include "src/net/fetch_pool.h"
#include "src/net/scope.h"

#define FETCH_FOREVER UINT32_MAX /* as total_ms */

struct transfer;

/* What the owner of a transfer does with it. */
struct transfer_ops {
	void (*start)(struct transfer *t); /* now on the net actor. NULL ok */
	/* A line of the head or of the trailers, without its end. NULL ok. */
	void (*header)(struct transfer *t, const char *line);
	/* A piece of the body; an err ends the transfer. */
	struct err *(*data)(struct transfer *t, const uint8_t *p, size_t n);
	/* Exactly once, last. */
	void (*done)(struct transfer *t, struct err *taken);
	void (*free)(struct transfer *t); /* frees t->own. NULL ok */
};

struct transfer {
	LIST_ENTRY(transfer) link;
	struct net *net;
	uint64_t id;
	const struct transfer_ops *ops;
	void *own;
	struct fetch *f;
	struct reply reply;

	struct fetch_pool *pool;
	CURL *easy;
	struct curl_slist *sent; /* request headers */
	char why[CURL_ERROR_SIZE];
	struct timer *head_timer;
	struct err *err; /* why we ended it ourselves */
	bool asked;	    /* a server: what comes after it is a redirect */
	enum scope scope;   /* of that server */

	int status; /* 0 until the head is in */
	char **head;
	size_t head_n, head_bytes;
	struct str in; /* of the body */
	int64_t start_us, head_us;
};

struct transfer *transfer_new(struct net *n, struct fetch *taken,
	const struct transfer_ops *ops, void *own);
/* Posts it to the net actor and returns its id. */
uint64_t transfer_start(struct transfer *taken);
/* Ends it now with an err; not from within curl's callbacks. */
void transfer_fail(struct transfer *t, struct err *taken);
/* Has curl follow redirects, none of them nearer than where it was asked. */
void transfer_follow(struct transfer *t);
struct transfer *transfer_find(struct net *n, uint64_t id);
#endif

#ifndef SRC_NET_EXCHANGE_PRIVATE_H
#define SRC_NET_EXCHANGE_PRIVATE_H
/* The exchange from inside, for exchange.c and grpc.c. */
#include "src/net/conn.h"
#include "src/net/exchange.h"
#include "src/net/router.h"

/* Out of memory ends the process everywhere else, so here too. */
#define uthash_fatal(msg) abort()
#include <uthash.h>

struct exchange {
	TAILQ_ENTRY(exchange) link; /* in its conn: exchanges or leaving */
	UT_hash_handle hh;	    /* in the net, by id */
	uint64_t id;
	struct conn *conn;
	uint32_t stream;
	struct http_head *head;

	const struct handler *handler;
	void *ctx;			 /* the handler's */
	const struct grpc_handler *grpc; /* behind grpc.c's handler */
	void *grpc_ctx;
	void *user;

	struct str body;
	struct blob *body_blob; /* made of it when asked for */
	size_t body_max, body_seen;
	bool discards; /* `data` has it; nothing is collected */
	int64_t body_until; /* ms; 0: the request is complete */
	int too_big_status;
	char *too_big_text;

	bool ended;    /* the request is complete */
	bool began;    /* the answer's head is out of the handler's hands */
	bool finished; /* all of the answer is */
	size_t stuck_n;	     /* bytes of the answer that wait for the peer */
	int64_t stuck_since; /* ms; since it last took some of them */
	uint64_t sent_at; /* leaving: sent when conn->sent_total is this */
};

/* Like exchange_begin(), with fields as they are and the length given. */
void exchange_head(struct exchange *x, int status,
	const struct http_field *fields, size_t n, int64_t length);
void exchange_end(struct exchange *x, const struct http_field *trailers,
	size_t n);

/* grpc.c: finds the method for a gRPC request, or answers UNIMPLEMENTED. */
bool grpc_is_request(const struct exchange *x);
void grpc_route(struct exchange *x);
#endif

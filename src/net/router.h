#ifndef SRC_NET_ROUTER_H
#define SRC_NET_ROUTER_H
/* What exchange.h's router looks like from inside: a short list, since a node
 * serves a dozen paths. Filled at start-up, read only afterwards. */
#include "src/net/exchange.h"

struct route {
	char *path;
	size_t n;
	const struct handler *handler;	/* this or the next */
	const struct grpc_handler *grpc;
	void *ctx;
};

/* NULL: nothing there. */
const struct route *router_find(const struct router *r, const char *path);
const struct route *router_find_grpc(const struct router *r, const char *path);
/* Whether any method begins with path[n], "/net.Orchestrator/". */
bool router_has_service(const struct router *r, const char *path, size_t n);
#endif

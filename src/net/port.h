#ifndef SRC_NET_PORT_H
#define SRC_NET_PORT_H
/* A listening socket and the limits of the connections it accepted. Belongs
 * to the net actor; lives until net_free(). */
#include "proto/http.h"
#include "src/net/net_private.h"
#include "src/net/socket.h"

#include <stdatomic.h>
#include <uv.h>

struct conn;
struct tls;

struct port {
	LIST_ENTRY(port) link;
	struct net *net;
	struct router *router;
	struct tls *tls; /* NULL: clear text */
	uv_tcp_t tcp;
	uv_timer_t watch; /* looks at every connection's deadlines */
	bool closed;
	char address[SOCKET_NAME_SIZE];
	unsigned number;

	unsigned max_conns, head_ms, idle_ms;
	struct http_limits limits;
	LIST_HEAD(, conn) conns;
	atomic_uint conns_n;
};
#endif

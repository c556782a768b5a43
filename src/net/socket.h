#ifndef SRC_NET_SOCKET_H
#define SRC_NET_SOCKET_H
/* Where listening sockets stand: from "host:port" to a bound uv_tcp_t, and
 * back to text. */
#include "src/base/err.h"

#include <sys/socket.h>
#include <uv.h>

#define SOCKET_NAME_SIZE 72

/* "host:port" or ":port". Asks the resolver: not on an actor. */
struct err *socket_resolve(const char *address, struct sockaddr_storage *out)
	must_check;
/* Binds and listens; 0 or a UV_E*. A host without IPv6 gets 0.0.0.0 for [::]. */
int socket_listen(uv_tcp_t *tcp, const struct sockaddr_storage *addr,
	uv_connection_cb on_connection);
/* "127.0.0.1:1935", "[::1]:1935" of our end or the peer's; "?" if unknown. */
void socket_name(const uv_tcp_t *tcp, bool peer,
	char out[static SOCKET_NAME_SIZE]);
#endif

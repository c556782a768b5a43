#ifndef SRC_NET_SCOPE_H
#define SRC_NET_SCOPE_H
/* From how far an address can be reached. A server out in the world that is
 * asked for something may redirect, and would so make this node ask what only it
 * can reach: a cloud's metadata service at 169.254.169.254, a router, the
 * node's own ports (SSRF). Pure; any thread. Sources: RFC 6890, RFC 4291. */
#include <stdbool.h>
#include <sys/socket.h>

enum scope {
	SCOPE_LINK, /* this wire only: where metadata services are */
	SCOPE_HOST, /* this machine only */
	SCOPE_SITE, /* private networks */
	SCOPE_WORLD,
};

/* What is no IP address is of this machine. */
enum scope scope_of(const struct sockaddr *a);
/* "10.0.0.1", "fe80::1%eth0". */
enum scope scope_of_text(const char *ip);
/* Whether a server of scope `from` may send us to one of scope `to`: never
 * nearer than it is itself, and never to a link. */
bool scope_may_redirect(enum scope from, enum scope to);
#endif

#include "src/net/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "src/net/net.h"

#define BACKLOG 512

struct err *socket_resolve(const char *address, struct sockaddr_storage *out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list, *best;
	char host[256], digits[8];
	unsigned number;
	int rc;

	if (!address_split(address, host, &number))
		return err_new(ERR_INVALID, "%s: not an address", address);
	snprintf(digits, sizeof(digits), "%u", number);
	rc = getaddrinfo(*host ? host : NULL, digits, &hints, &list);
	if (rc)
		return err_new(ERR_INVALID, "%s: %s", address,
			gai_strerror(rc));
	/* [::] takes IPv4 too; for a name, IPv4 is what encoders try first. */
	best = list;
	for (struct addrinfo *a = list; a; a = a->ai_next) {
		if (a->ai_family == (*host ? AF_INET : AF_INET6)) {
			best = a;
			break;
		}
	}
	memcpy(out, best->ai_addr, best->ai_addrlen);
	freeaddrinfo(list);
	return NULL;
}

int socket_listen(uv_tcp_t *tcp, const struct sockaddr_storage *addr,
	uv_connection_cb on_connection)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	struct sockaddr_in all = {.sin_family = AF_INET,
		.sin_port = in6->sin6_port};
	int rc = uv_tcp_bind(tcp, (const struct sockaddr *)addr, 0);

	if (rc == UV_EAFNOSUPPORT && addr->ss_family == AF_INET6 &&
		IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		rc = uv_tcp_bind(tcp, (struct sockaddr *)&all, 0);
	return rc ? rc : uv_listen((uv_stream_t *)tcp, BACKLOG, on_connection);
}

void socket_name(const uv_tcp_t *tcp, bool peer,
	char out[static SOCKET_NAME_SIZE])
{
	struct sockaddr_storage addr;
	const struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	const struct sockaddr_in *in = (struct sockaddr_in *)&addr;
	int n = sizeof(addr), rc;
	char host[64];

	rc = peer ? uv_tcp_getpeername(tcp, (struct sockaddr *)&addr, &n)
		  : uv_tcp_getsockname(tcp, (struct sockaddr *)&addr, &n);
	if (rc) {
		snprintf(out, SOCKET_NAME_SIZE, "?");
	} else if (addr.ss_family == AF_INET6) {
		uv_ip6_name(in6, host, sizeof(host));
		snprintf(out, SOCKET_NAME_SIZE, "[%s]:%u", host,
			ntohs(in6->sin6_port));
	} else {
		uv_ip4_name(in, host, sizeof(host));
		snprintf(out, SOCKET_NAME_SIZE, "%s:%u", host,
			ntohs(in->sin_port));
	}
}

#include "src/net/scope.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "src/base/mem.h"

static enum scope scope_of_v4(uint32_t ip)
{
	static const struct {
		uint32_t net;
		unsigned bits;
		enum scope scope;
	} nets[] = {
		{0x00000000, 8, SCOPE_HOST},  /* "this network": Linux goes to itself */
		{0x7f000000, 8, SCOPE_HOST},
		{0xa9fe0000, 16, SCOPE_LINK},
		{0x0a000000, 8, SCOPE_SITE},
		{0xac100000, 12, SCOPE_SITE},
		{0xc0a80000, 16, SCOPE_SITE},
		{0x64400000, 10, SCOPE_SITE}, /* a carrier's, or a cloud's */
		{0xe0000000, 3, SCOPE_LINK},  /* multicast and beyond */
	};

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++)
		if ((ip ^ nets[i].net) >> (32 - nets[i].bits) == 0)
			return nets[i].scope;
	return SCOPE_WORLD;
}

static uint32_t last_four(const uint8_t *ip)
{
	return (uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 |
		ip[15];
}

static enum scope scope_of_v6(const uint8_t ip[static 16])
{
	static const uint8_t zeros[12], mapped[12] = {[10] = 0xff, [11] = 0xff},
		nat64[12] = {0, 0x64, 0xff, 0x9b};

	/* ::1, ::, ::127.0.0.1: the last four bytes are an IPv4 address, or
	 * nearly. */
	if (memcmp(ip, zeros, 12) == 0 || memcmp(ip, mapped, 12) == 0 ||
		memcmp(ip, nat64, 12) == 0)
		return scope_of_v4(last_four(ip));
	if (ip[0] == 0xff || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80))
		return SCOPE_LINK;
	if ((ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0xc0))
		return SCOPE_SITE;
	return SCOPE_WORLD;
}

enum scope scope_of(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof(v4));
		return scope_of_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (a->sa_family == AF_INET6) {
		memcpy(&v6, a, sizeof(v6));
		return scope_of_v6(v6.sin6_addr.s6_addr);
	}
	return SCOPE_HOST;
}

enum scope scope_of_text(const char *ip)
{
	char bare[INET6_ADDRSTRLEN] = "";
	size_t n = strcspn(ip, "%");
	struct in6_addr v6;
	struct in_addr v4;

	if (n < sizeof(bare))
		memcpy(bare, ip, n);
	if (inet_pton(AF_INET, bare, &v4) == 1)
		return scope_of_v4(ntohl(v4.s_addr));
	if (inet_pton(AF_INET6, bare, &v6) == 1)
		return scope_of_v6(v6.s6_addr);
	return SCOPE_HOST;
}

bool scope_may_redirect(enum scope from, enum scope to)
{
	return to != SCOPE_LINK && to >= from;
}

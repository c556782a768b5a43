#ifndef SRC_NET_PUBLISHER_H
#define SRC_NET_PUBLISHER_H
/* One RTMP connection, seen from its port. Net actor only. The public half is
 * src/net/rtmp_port.h. */
#include "src/net/net_private.h"
#include "src/net/rtmp_port.h"
#include "src/net/socket.h"

#include <sys/queue.h>
#include <uthash.h>

struct rtmp_port {
	struct net *net;
	struct rtmp_events events;
	unsigned max_conns, setup_ms, idle_ms;
	int32_t segment_ms;
	char address[SOCKET_NAME_SIZE];

	uv_tcp_t tcp;
	uv_timer_t watch; /* looks at every connection's deadlines */
	unsigned handles; /* open ones of the port's own, and connections */
	bool closed;

	LIST_HEAD(, publisher) conns;
	unsigned conns_n;
	struct publisher *publishers; /* those the role knows, by id */
	uint64_t last_id;
	uint8_t buffer[64 << 10]; /* of the read at hand */
};

void publisher_open(struct rtmp_port *port);
struct publisher *publisher_next(const struct publisher *p); /* of the port */
/* Deadlines and rates; call regularly. */
void publisher_watch(struct publisher *p, int64_t now_ms);
/* Ends it now, without waiting for the peer. */
void publisher_kill(struct publisher *p, const char *reason);
/* A handle of the port is closed; frees the port with the last one. */
void rtmp_port_put(struct rtmp_port *port);
#endif

#include "src/net/rtmp_port.h"
#include "src/net/publisher.h"

#include <assert.h>
#include <stdlib.h>

#define MAX_CONNS 4096
#define SETUP_MS 10000
#define IDLE_MS 20000
#define SEGMENT_MS 2000
#define SEGMENT_MS_MAX 10000
#define WATCH_MAX_MS 500

void rtmp_port_put(struct rtmp_port *port)
{
	if (!--port->handles)
		free(port);
}

static void on_handle_closed(uv_handle_t *h)
{
	rtmp_port_put(h->data);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct rtmp_port *port = stream->data;

	if (status < 0)
		log_unusual(net_log(port->net), "%s: accept: %s",
			port->address, uv_strerror(status));
	else
		publisher_open(port);
}

/* One timer for all: thousands that are set anew with each packet would cost
 * more than the packets. */
static void on_watch(uv_timer_t *t)
{
	struct rtmp_port *port = t->data;
	struct publisher *p, *after;

	/* What is ended stays in the list until its handle is closed. */
	for (p = LIST_FIRST(&port->conns); p; p = after) {
		after = publisher_next(p);
		publisher_watch(p, (int64_t)uv_now(t->loop));
	}
}

struct listening {
	struct rtmp_port *port;
	struct sockaddr_storage addr;
	int rc;
};

static unsigned watch_ms(const struct rtmp_port *port)
{
	unsigned ms = port->setup_ms < port->idle_ms ? port->setup_ms
						     : port->idle_ms;

	ms = ms / 4 + 1;
	return ms < WATCH_MAX_MS ? ms : WATCH_MAX_MS;
}

static void close_own_handles(struct rtmp_port *port)
{
	port->closed = true;
	uv_close((uv_handle_t *)&port->tcp, on_handle_closed);
	uv_close((uv_handle_t *)&port->watch, on_handle_closed);
}

static void on_listen(void *ctx)
{
	struct listening *l = ctx;
	struct rtmp_port *port = l->port;
	uv_loop_t *loop = actor_loop(net_actor(port->net));

	uv_tcp_init(loop, &port->tcp);
	uv_timer_init(loop, &port->watch);
	port->tcp.data = port->watch.data = port;
	port->handles = 2;
	l->rc = socket_listen(&port->tcp, &l->addr, on_connection);
	if (l->rc) {
		close_own_handles(port);
		return;
	}
	socket_name(&port->tcp, false, port->address);
	uv_timer_start(&port->watch, on_watch, watch_ms(port), watch_ms(port));
}

struct err *rtmp_listen(struct net *n, const struct rtmp_options *o,
	const struct rtmp_events *ev, struct rtmp_port **out)
{
	struct listening l = {0};
	struct rtmp_port *port;
	struct err *e;

	if (o->segment_ms < 0 || o->segment_ms > SEGMENT_MS_MAX)
		return err_new(ERR_INVALID,
			"segment length %d ms: must be 1..%d", o->segment_ms,
			SEGMENT_MS_MAX);
	if ((e = socket_resolve(o->address, &l.addr)))
		return e;
	l.port = port = XNEW(struct rtmp_port);
	port->net = n;
	port->events = *ev;
	port->max_conns = o->max_conns ? o->max_conns : MAX_CONNS;
	port->setup_ms = o->setup_ms ? o->setup_ms : SETUP_MS;
	port->idle_ms = o->idle_ms ? o->idle_ms : IDLE_MS;
	port->segment_ms = o->segment_ms ? o->segment_ms : SEGMENT_MS;
	LIST_INIT(&port->conns);
	actor_call(net_actor(n), on_listen, &l);
	if (l.rc)
		return err_new(ERR_IO, "%s: %s", o->address,
			uv_strerror(l.rc));
	*out = port;
	return NULL;
}

const char *rtmp_port_address(const struct rtmp_port *port)
{
	return port->address;
}

static void on_close(void *ctx)
{
	struct rtmp_port *port = ctx;
	struct publisher *p, *after;

	assert(!port->closed);
	for (p = LIST_FIRST(&port->conns); p; p = after) {
		after = publisher_next(p);
		publisher_kill(p, "the node is stopping");
	}
	close_own_handles(port);
}

void rtmp_port_close(struct rtmp_port *port)
{
	struct actor *a = net_actor(port->net);

	if (actor_is_current(a))
		on_close(port);
	else
		actor_call(a, on_close, port);
}

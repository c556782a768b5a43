#include "src/net/port.h"
#include "src/net/conn.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/socket.h"
#include "src/net/tls.h"

#define MAX_CONNS 4096
#define HEAD_MS 10000
#define IDLE_MS 600000
#define MAX_HEADER ((1u << 20) + (64u << 10))
#define MAX_FIELDS 256
#define MAX_STREAMS 250
#define WATCH_MAX_MS 250

#define READ_SIZE (64 * 1024)
#define PLAIN_SIZE (16 * 1024) /* one TLS record */

/* What all ports of a net share: the buffers of the read at hand, and the
 * connections to flush before the loop waits. */
struct acceptor {
	uv_prepare_t prepare;
	TAILQ_HEAD(, conn) touched;
	uint8_t read[READ_SIZE];
	uint8_t plain[PLAIN_SIZE];
};

void acceptor_touch(struct net *n, struct conn *c)
{
	TAILQ_INSERT_TAIL(&n->acceptor->touched, c, touched_link);
}

void acceptor_untouch(struct net *n, struct conn *c)
{
	TAILQ_REMOVE(&n->acceptor->touched, c, touched_link);
}

uint8_t *acceptor_buffer(struct net *n, size_t *size)
{
	*size = READ_SIZE;
	return n->acceptor->read;
}

uint8_t *acceptor_plain(struct net *n, size_t *size)
{
	*size = PLAIN_SIZE;
	return n->acceptor->plain;
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct acceptor *a = prepare->data;
	struct conn *c;

	while ((c = TAILQ_FIRST(&a->touched))) {
		TAILQ_REMOVE(&a->touched, c, touched_link);
		c->touched = false;
		conn_flush(c);
	}
}

static void need_acceptor(struct net *n)
{
	if (n->acceptor)
		return;
	n->acceptor = XNEW(struct acceptor);
	TAILQ_INIT(&n->acceptor->touched);
	uv_prepare_init(actor_loop(n->actor), &n->acceptor->prepare);
	n->acceptor->prepare.data = n->acceptor;
	uv_prepare_start(&n->acceptor->prepare, on_prepare);
}

/* --- listening --- */
struct listening {
	struct port *port;
	struct sockaddr_storage addr;
	struct err *err;
};

static void on_connection(uv_stream_t *stream, int status)
{
	struct port *p = stream->data;

	if (status < 0)
		log_unusual(p->net->log, "%s: accept: %s", p->address,
			uv_strerror(status));
	else
		conn_accept(p);
}

static void on_watch(uv_timer_t *t)
{
	struct port *p = t->data;
	int64_t now = (int64_t)uv_now(t->loop);
	struct conn *c, *after;

	for (c = LIST_FIRST(&p->conns); c; c = after) {
		after = LIST_NEXT(c, link);
		conn_watch(c, now);
	}
}

static void name_port(struct port *p)
{
	char host[256];

	socket_name(&p->tcp, false, p->address);
	if (!address_split(p->address, host, &p->number))
		p->number = 0;
}

static void shut(struct port *p)
{
	if (p->closed)
		return;
	p->closed = true;
	uv_close((uv_handle_t *)&p->tcp, NULL);
}

static void on_listen(void *ctx)
{
	struct listening *l = ctx;
	struct port *p = l->port;
	uv_loop_t *loop = actor_loop(p->net->actor);
	unsigned every = p->head_ms / 4;
	int rc;

	need_acceptor(p->net);
	uv_tcp_init(loop, &p->tcp);
	uv_timer_init(loop, &p->watch);
	p->tcp.data = p->watch.data = p;
	LIST_INSERT_HEAD(&p->net->ports, p, link);
	rc = socket_listen(&p->tcp, &l->addr, on_connection);
	if (rc) {
		l->err = err_new(ERR_IO, "%s", uv_strerror(rc));
		shut(p);
		return;
	}
	name_port(p);
	if (every > WATCH_MAX_MS)
		every = WATCH_MAX_MS;
	uv_timer_start(&p->watch, on_watch, every + 1, every + 1);
}

static struct port *port_new(struct net *n, const struct port_options *o)
{
	struct port *p = XNEW(struct port);

	p->net = n;
	p->router = o->router;
	p->max_conns = o->max_conns ? o->max_conns : MAX_CONNS;
	p->head_ms = o->head_ms ? o->head_ms : HEAD_MS;
	p->idle_ms = o->idle_ms ? o->idle_ms : IDLE_MS;
	p->limits = (struct http_limits){
		.max_header = o->max_header ? o->max_header : MAX_HEADER,
		.max_fields = MAX_FIELDS,
		.max_streams = MAX_STREAMS,
	};
	LIST_INIT(&p->conns);
	return p;
}

struct err *net_listen(struct net *n, const struct port_options *o,
	struct port **out)
{
	struct listening l = {0};
	struct err *err = socket_resolve(o->address, &l.addr);
	struct tls *tls = NULL;

	if (!err && o->kind == PORT_TLS)
		err = tls_new(o->tls_name ? o->tls_name : "", o->tls_dir, &tls);
	if (err)
		return err;
	l.port = port_new(n, o);
	l.port->tls = tls;
	actor_call(n->actor, on_listen, &l);
	if (l.err) /* the port itself is net_free()'s by now */
		return err_wrap(l.err, "listen on %s", o->address);
	log_info(n->log, "listening on %s", l.port->address);
	*out = l.port;
	return NULL;
}

const char *port_address(const struct port *p)
{
	return p->address;
}

unsigned port_number(const struct port *p)
{
	return p->number;
}

unsigned port_conns(const struct port *p)
{
	return atomic_load(&p->conns_n);
}

/* --- closing --- */
static void on_close(void *ctx)
{
	struct port *p = ctx;
	struct conn *c, *after;

	shut(p);
	for (c = LIST_FIRST(&p->conns); c; c = after) {
		after = LIST_NEXT(c, link);
		conn_quiesce(c);
	}
}

void port_close(struct port *p)
{
	if (actor_is_current(p->net->actor))
		on_close(p);
	else
		actor_call(p->net->actor, on_close, p);
}

static void on_end(void *ctx)
{
	struct port *p = ctx;
	struct conn *c;

	shut(p);
	while ((c = LIST_FIRST(&p->conns)))
		conn_close(c, "stopping");
}

void port_end(struct port *p)
{
	if (actor_is_current(p->net->actor))
		on_end(p);
	else
		actor_call(p->net->actor, on_end, p);
}

void ports_stop(struct net *n)
{
	struct port *p;

	LIST_FOREACH(p, &n->ports, link)
		on_end(p);
}

void ports_free(struct net *n)
{
	struct port *p;

	while ((p = LIST_FIRST(&n->ports))) {
		LIST_REMOVE(p, link);
		tls_free(p->tls);
		free(p);
	}
	free(n->acceptor);
}

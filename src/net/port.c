#include "src/net/port.h"
#include "src/net/conn.h"

#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/tls.h"

#define MAX_CONNS 4096
#define HEAD_MS 10000
#define IDLE_MS 600000
#define MAX_HEADER ((1u << 20) + (64u << 10))
#define MAX_FIELDS 256
#define MAX_STREAMS 250
#define BACKLOG 512
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

static struct err *resolve(const char *address, struct sockaddr_storage *out)
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
	/* All addresses: IPv6 covers both. A name: IPv4 first, as Go does. */
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
	struct sockaddr_storage bound;
	int n = sizeof(bound);
	char host[64];

	if (uv_tcp_getsockname(&p->tcp, (struct sockaddr *)&bound, &n))
		return;
	if (bound.ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&bound;

		uv_ip6_name(in6, host, sizeof(host));
		p->number = ntohs(in6->sin6_port);
		snprintf(p->address, sizeof(p->address), "[%s]:%u", host,
			p->number);
	} else {
		struct sockaddr_in *in = (struct sockaddr_in *)&bound;

		uv_ip4_name(in, host, sizeof(host));
		p->number = ntohs(in->sin_port);
		snprintf(p->address, sizeof(p->address), "%s:%u", host,
			p->number);
	}
}

static int bind_and_listen(struct port *p, const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	struct sockaddr_in all = {.sin_family = AF_INET,
		.sin_port = in6->sin6_port};
	int rc;

	rc = uv_tcp_bind(&p->tcp, (const struct sockaddr *)addr, 0);
	/* A host without IPv6 has no [::] to listen on. */
	if (rc == UV_EAFNOSUPPORT && addr->ss_family == AF_INET6 &&
		IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		rc = uv_tcp_bind(&p->tcp, (struct sockaddr *)&all, 0);
	return rc ? rc
		  : uv_listen((uv_stream_t *)&p->tcp, BACKLOG, on_connection);
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
	rc = bind_and_listen(p, &l->addr);
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
	struct err *err = resolve(o->address, &l.addr);
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

void ports_stop(struct net *n)
{
	struct port *p;
	struct conn *c;

	LIST_FOREACH(p, &n->ports, link) {
		shut(p);
		while ((c = LIST_FIRST(&p->conns)))
			conn_close(c, "stopping");
	}
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

#include "src/net/conn.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/h2.h"
#include "proto/http1.h"
#include "src/net/tls.h"

#define OUT_HIGH (256 * 1024) /* bytes ready for the socket at most */
#define KEEP_CAP (32 * 1024)  /* an idle buffer larger than this is freed */
#define LINGER_MS 5000
#define LINGER_MAX (16u << 20) /* bytes */
#define KEEPALIVE_S 30
#define KEEPALIVE_EVERY_S 10
#define KEEPALIVE_TRIES 3

static int64_t now_ms(const struct conn *c)
{
	return (int64_t)uv_now(c->tcp.loop);
}

/* --- the end --- */
static void on_closed(uv_handle_t *h)
{
	struct conn *c = h->data;

	http_free(c->http);
	tls_session_free(c->tls);
	str_clear(&c->out);
	str_clear(&c->inflight);
	free(c);
}

void conn_close(struct conn *c, const char *why)
{
	if (c->state == CONN_CLOSED)
		return;
	log_trace(c->net->log, "%s: closed: %s", c->remote, why);
	c->state = CONN_CLOSED;
	LIST_REMOVE(c, link);
	atomic_fetch_sub(&c->port->conns_n, 1);
	if (c->touched)
		acceptor_untouch(c->net, c);
	c->touched = true; /* and never again */
	exchange_on_conn_closed(c);
	uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void linger(struct conn *c)
{
	/* Closing with input unread makes TCP reset the connection, and the
	 * peer would lose the answer: let it read first. */
	c->state = CONN_LINGERING;
	c->linger_since = now_ms(c);
	c->head_since = 0;
	if (c->tls) {
		tls_close(c->tls);
		tls_drain(c->tls, &c->out);
	}
}

/* --- output --- */
static void on_written(uv_write_t *w, int status)
{
	struct conn *c = w->data;

	c->writing = false;
	if (c->state == CONN_CLOSED)
		return;
	if (status < 0) {
		conn_close(c, uv_strerror(status));
		return;
	}
	c->sent_total += c->inflight.len;
	c->stuck_since = 0;
	str_clear(&c->inflight);
	conn_touch(c);
}

static bool start_write(struct conn *c)
{
	uv_buf_t buf;

	assert(!c->writing && !c->inflight.len);
	c->inflight = c->out;
	c->out = STR_INIT;
	buf = uv_buf_init(c->inflight.s, (unsigned)c->inflight.len);
	c->write.data = c;
	c->writing = true;
	c->stuck_since = now_ms(c);
	c->stuck_n = c->inflight.len;
	if (!uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written))
		return true;
	c->writing = false;
	conn_close(c, "write failed");
	return false;
}

/* Hands out to the socket as far as it takes it. */
static bool write_now(struct conn *c)
{
	uv_buf_t buf = uv_buf_init(c->out.s, (unsigned)c->out.len);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

	if (n < 0 && n != UV_EAGAIN) {
		conn_close(c, uv_strerror(n));
		return false;
	}
	if (n < 0)
		n = 0;
	c->sent_total += (unsigned)n;
	if ((size_t)n == c->out.len) {
		if (c->out.cap > KEEP_CAP)
			str_clear(&c->out);
		str_truncate(&c->out, 0);
		return true;
	}
	memmove(c->out.s, c->out.s + n, c->out.len - (unsigned)n);
	str_truncate(&c->out, c->out.len - (unsigned)n);
	return start_write(c);
}

static void fill_clear(struct conn *c)
{
	const uint8_t *p;
	size_t n;

	while (c->out.len < OUT_HIGH && (n = http_pending(c->http, &p)))
		str_addn(&c->out, p, n);
}

/* Frames are small, records should not be: each costs a MAC and a header. */
static void fill_records(struct conn *c)
{
	size_t size, used = 0, n, part;
	uint8_t *plain = acceptor_plain(c->net, &size);
	const uint8_t *p;

	while (c->out.len < OUT_HIGH && (n = http_pending(c->http, &p))) {
		for (; n; n -= part, p += part) {
			part = n < size - used ? n : size - used;
			memcpy(plain + used, p, part);
			used += part;
			if (used < size)
				continue;
			tls_write(c->tls, plain, used);
			tls_drain(c->tls, &c->out);
			used = 0;
		}
	}
	tls_write(c->tls, plain, used);
}

static void fill(struct conn *c)
{
	size_t before = c->out.len;

	if (c->tls) {
		if (c->http)
			fill_records(c);
		tls_drain(c->tls, &c->out);
	} else if (c->http) {
		fill_clear(c);
	}
	c->out_total += c->out.len - before;
}

static void run_events(struct conn *c)
{
	struct http_event e;

	while (c->state == CONN_RUNNING && http_next(c->http, &e))
		exchange_on_event(c, &e);
	if (c->state != CONN_RUNNING)
		return;
	if (!http_in_head(c->http))
		c->head_since = 0;
	else if (!c->head_since)
		c->head_since = now_ms(c);
}

static void start_reading(struct conn *c);
static void stop_reading(struct conn *c);

static void pace_reading(struct conn *c)
{
	bool slow = c->http && c->state == CONN_RUNNING &&
		    (http_held(c->http) || c->out.len >= OUT_HIGH);

	if (slow)
		stop_reading(c);
	else
		start_reading(c);
}

static void say_end(struct conn *c)
{
	uv_os_fd_t fd;

	/* Not uv_shutdown(): nothing is queued here that it would wait for. */
	if (!uv_fileno((uv_handle_t *)&c->tcp, &fd))
		shutdown(fd, SHUT_WR);
}

/* Two loads at most in one turn: one at once, one through the loop; the other
 * connections want their turn too. */
void conn_flush(struct conn *c)
{
	for (int turn = 0; turn < 2 && c->state != CONN_CLOSED; turn++) {
		fill(c);
		if (c->state == CONN_RUNNING)
			run_events(c);
		fill(c);
		if (c->writing || !c->out.len)
			break;
		if (!(turn ? start_write(c) : write_now(c)))
			return;
	}
	if (c->state == CONN_CLOSED)
		return;
	exchange_on_sent(c);
	if (c->state == CONN_RUNNING && http_closing(c->http) && !c->writing &&
		!c->out.len) {
		linger(c);
		conn_touch(c);
	} else if (c->state == CONN_LINGERING && !c->writing && !c->out.len) {
		say_end(c);
	}
	pace_reading(c);
}

void conn_touch(struct conn *c)
{
	if (c->touched)
		return;
	c->touched = true;
	acceptor_touch(c->net, c);
}

/* --- input --- */
static void feed(struct conn *c, const uint8_t *p, size_t n)
{
	http_feed(c->http, p, n, now_ms(c));
	run_events(c);
}

static void run(struct conn *c, bool h2)
{
	c->state = CONN_RUNNING;
	c->is_h2 = h2;
	c->http = h2 ? h2_new(&c->port->limits) : http1_new(&c->port->limits);
	if (c->quiesced)
		http_quiesce(c->http);
	c->head_since = now_ms(c);
	conn_touch(c);
}

/* "PRI" begins the preface of HTTP/2 and no method of HTTP/1.1. */
static void detect(struct conn *c, const uint8_t *p, size_t n)
{
	static const uint8_t preface[3] = "PRI";
	uint8_t first[3];
	unsigned first_n;

	while (n && c->first_n < sizeof(c->first)) {
		c->first[c->first_n++] = *p++;
		n--;
		if (memcmp(c->first, preface, c->first_n))
			break;
	}
	if (c->first_n < sizeof(c->first) &&
		!memcmp(c->first, preface, c->first_n))
		return;
	first_n = c->first_n;
	memcpy(first, c->first, first_n);
	run(c, !memcmp(first, preface, sizeof(first)) && first_n == 3);
	feed(c, first, first_n);
	if (n && c->state == CONN_RUNNING)
		feed(c, p, n);
}

static void on_plain(struct conn *c, const uint8_t *p, size_t n)
{
	switch (c->state) {
	case CONN_OPENING:
		detect(c, p, n);
		break;
	case CONN_RUNNING:
		feed(c, p, n);
		break;
	case CONN_LINGERING:
	case CONN_CLOSED:
		break;
	}
}

static void on_cipher(struct conn *c, const uint8_t *p, size_t n)
{
	bool was_open = tls_is_open(c->tls);
	size_t size;
	uint8_t *plain = acceptor_plain(c->net, &size);
	int got;

	tls_feed(c->tls, p, n);
	while ((got = tls_read(c->tls, plain, (int)size)) >= 0) {
		if (!was_open && tls_is_open(c->tls)) {
			was_open = true;
			c->head_since = now_ms(c);
			if (tls_alpn(c->tls) != TLS_ALPN_NONE)
				run(c, tls_alpn(c->tls) == TLS_ALPN_H2);
		}
		if (!got)
			return;
		on_plain(c, plain, (size_t)got);
		if (c->state == CONN_CLOSED)
			return;
	}
	/* An alert of ours may still be on its way out. */
	tls_drain(c->tls, &c->out);
	if (c->out.len && !c->writing && !write_now(c))
		return;
	conn_close(c, was_open ? "closed by peer" : "no TLS handshake");
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct conn *c = h->data;
	size_t size;
	uint8_t *p = acceptor_buffer(c->net, &size);

	(void)suggested;
	*buf = uv_buf_init((char *)p, (unsigned)size);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;
	const uint8_t *p = (const uint8_t *)buf->base;

	if (n == 0)
		return;
	if (n < 0) {
		conn_close(c, n == UV_EOF ? "closed by peer"
					  : uv_strerror((int)n));
		return;
	}
	c->active_at = now_ms(c);
	if (c->state == CONN_LINGERING) {
		c->lingered += (size_t)n;
		if (c->lingered > LINGER_MAX)
			conn_close(c, "more input than an answer is worth");
		return;
	}
	if (c->tls)
		on_cipher(c, p, (size_t)n);
	else
		on_plain(c, p, (size_t)n);
	if (c->state != CONN_CLOSED)
		conn_touch(c);
}

static void start_reading(struct conn *c)
{
	if (c->reading)
		return;
	c->reading = !uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

static void stop_reading(struct conn *c)
{
	if (c->reading)
		uv_read_stop((uv_stream_t *)&c->tcp);
	c->reading = false;
}

/* --- deadlines --- */
static bool passed(int64_t since, unsigned ms, int64_t now)
{
	return since && now - since >= (int64_t)ms;
}

static void watch_writing(struct conn *c, int64_t now)
{
	size_t left = uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp);

	if (c->stuck_since && left < c->stuck_n)
		c->stuck_since = now;
	c->stuck_n = left;
}

void conn_watch(struct conn *c, int64_t now)
{
	watch_writing(c, now);
	if (passed(c->head_since, c->port->head_ms, now))
		conn_close(c, "too slow");
	else if (passed(c->stuck_since, CONN_STALL_MS, now))
		conn_close(c, "does not read");
	else if (passed(c->linger_since, LINGER_MS, now))
		conn_close(c, "lingered");
	else if (c->state == CONN_RUNNING && !c->exchanges_n &&
		 passed(c->active_at, c->port->idle_ms, now))
		conn_quiesce(c);
	else
		exchange_watch(c, now);
}

void conn_quiesce(struct conn *c)
{
	if (c->quiesced)
		return;
	c->quiesced = true;
	switch (c->state) {
	case CONN_OPENING:
		conn_close(c, "port closed");
		break;
	case CONN_RUNNING:
		http_quiesce(c->http);
		conn_touch(c);
		break;
	case CONN_LINGERING:
	case CONN_CLOSED:
		break;
	}
}

/* --- the beginning --- */
static void name_peer(struct conn *c)
{
	struct sockaddr_storage peer;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&peer;
	struct sockaddr_in in = {.sin_family = AF_INET};
	int n = sizeof(peer);
	char host[64];

	if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &n))
		return;
	if (peer.ss_family == AF_INET) {
		in = *(struct sockaddr_in *)&peer;
	} else if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(&in.sin_addr, &in6->sin6_addr.s6_addr[12], 4);
		in.sin_port = in6->sin6_port;
	} else {
		uv_ip6_name(in6, host, sizeof(host));
		snprintf(c->remote, sizeof(c->remote), "[%s]:%u", host,
			ntohs(in6->sin6_port));
		return;
	}
	uv_ip4_name(&in, host, sizeof(host));
	snprintf(c->remote, sizeof(c->remote), "%s:%u", host,
		ntohs(in.sin_port));
}

/* A peer whose machine died says nothing: TCP has to ask. */
static void tune_socket(struct conn *c)
{
	int every = KEEPALIVE_EVERY_S, tries = KEEPALIVE_TRIES;
	uv_os_fd_t fd;

	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, KEEPALIVE_S);
	if (uv_fileno((uv_handle_t *)&c->tcp, &fd))
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
}

static void free_refused(uv_handle_t *h)
{
	free(h);
}

static void refuse(struct port *p)
{
	uv_tcp_t *tcp = XNEW(uv_tcp_t);

	uv_tcp_init(p->tcp.loop, tcp);
	(void)uv_accept((uv_stream_t *)&p->tcp, (uv_stream_t *)tcp);
	uv_close((uv_handle_t *)tcp, free_refused);
	log_debug(p->net->log, "%s: %u connections, one more refused",
		p->address, p->max_conns);
}

void conn_accept(struct port *p)
{
	struct conn *c;

	if (atomic_load(&p->conns_n) >= p->max_conns) {
		refuse(p);
		return;
	}
	c = XNEW(struct conn);
	c->port = p;
	c->net = p->net;
	c->tcp.data = c;
	TAILQ_INIT(&c->exchanges);
	TAILQ_INIT(&c->leaving);
	LIST_INSERT_HEAD(&p->conns, c, link);
	atomic_fetch_add(&p->conns_n, 1);
	uv_tcp_init(p->tcp.loop, &c->tcp);
	c->head_since = c->active_at = now_ms(c);
	if (uv_accept((uv_stream_t *)&p->tcp, (uv_stream_t *)&c->tcp)) {
		conn_close(c, "accept");
		return;
	}
	name_peer(c);
	tune_socket(c);
	if (p->tls)
		c->tls = tls_session_new(p->tls);
	start_reading(c);
}

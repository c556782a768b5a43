#ifndef TESTS_UNIT_NET_RIG_H
#define TESTS_UNIT_NET_RIG_H
/* A server on loopback whose handlers count what happens to them, and a client
 * of plain sockets that waits PATIENCE_MS at most. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/str.h"
#include "src/net/exchange.h"

#define PATIENCE_MS 5000

/* --- a server whose handlers count what happens to them --- */
static struct {
	struct log *log;
	struct net *net;
	struct router *router;
	struct port *port;
	atomic_int sent, lost, ended;
	atomic_size_t body_n;
	atomic_ullong held; /* the id of the last exchange of /hold */
} server;

static inline void count_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	assert_true(exchange_id(x) > 0);
	atomic_fetch_add(sent ? &server.sent : &server.lost, 1);
}

static inline void on_hi(void *ctx, struct exchange *x)
{
	static const char *const extra[] = {"X-Extra", "1", "X-Bad", "a\r\nb",
		NULL};
	struct str s = STR_INIT;

	(void)ctx;
	str_printf(&s, "%s %s?%s %s h2=%d tls=%d", exchange_method(x),
		exchange_path(x), exchange_query(x), exchange_host(x),
		exchange_is_h2(x), exchange_is_tls(x));
	exchange_answer(x, 200, "text/plain", blob_from_str(&s), extra);
}

static inline void on_upload_head(void *ctx, struct exchange *x)
{
	(void)ctx;
	if (exchange_header(x, "x-deny")) {
		exchange_error(x, 403, "no %s", exchange_header(x, "X-DENY"));
		return;
	}
	if (exchange_header(x, "x-small")) {
		exchange_too_big(x, 500, "too much");
		exchange_want_body(x, 10, 0);
		return;
	}
	exchange_want_body(x, 50 << 20, exchange_header(x, "x-hurry") ? 100 : 0);
}

static inline void on_upload_data(void *ctx, struct exchange *x, const uint8_t *p,
	size_t n)
{
	(void)ctx;
	(void)x;
	(void)p;
	atomic_fetch_add(&server.body_n, n);
}

static inline void on_upload_end(void *ctx, struct exchange *x)
{
	struct str s = STR_INIT;

	(void)ctx;
	atomic_fetch_add(&server.ended, 1);
	str_printf(&s, "%zu bytes", blob_size(exchange_body(x)));
	exchange_answer(x, 200, NULL, blob_from_str(&s), NULL);
}

static inline void on_hold(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_set_user(x, &server);
	atomic_store(&server.held, exchange_id(x));
}

static inline void on_ping(void *ctx, struct exchange *x, const uint8_t *msg, size_t n)
{
	assert_ptr_equal(ctx, &server);
	grpc_answer(x, msg, n);
}

static inline void on_fail(void *ctx, struct exchange *x, const uint8_t *msg, size_t n)
{
	(void)ctx;
	(void)msg;
	(void)n;
	grpc_fail(x, GRPC_UNKNOWN, "100% busy");
}

static inline void on_stream(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	grpc_open(x);
	grpc_send(x, msg, n);
	grpc_send(x, "", 0);
	grpc_close(x, GRPC_OK, NULL);
}

static inline void start_server(const struct port_options *how)
{
	static const struct handler hi = {.end = on_hi, .gone = count_gone};
	static const struct handler hold = {.end = on_hold, .gone = count_gone};
	static const struct handler upload = {.head = on_upload_head,
		.data = on_upload_data, .end = on_upload_end,
		.gone = count_gone};
	static const struct grpc_handler ping = {.call = on_ping,
		.gone = count_gone};
	static const struct grpc_handler fail = {.call = on_fail};
	static const struct grpc_handler stream = {.call = on_stream};
	struct port_options o = *how;

	memset(&server, 0, sizeof(server));
	log_set_quiet(1);
	server.log = log_new("test", NULL);
	server.net = net_new(server.log);
	server.router = router_new();
	router_add(server.router, "/hi", &hi, NULL);
	router_add(server.router, "/tree/", &hi, NULL);
	router_add(server.router, "/hold", &hold, NULL);
	router_add(server.router, "/upload", &upload, NULL);
	router_add_grpc(server.router, "/net.Test/Ping", &ping, &server);
	router_add_grpc(server.router, "/net.Test/Fail", &fail, NULL);
	router_add_grpc(server.router, "/net.Test/Stream", &stream, NULL);
	o.address = "127.0.0.1:0";
	o.router = server.router;
	assert_null(net_listen(server.net, &o, &server.port));
	assert_true(port_number(server.port) > 0);
}

static inline void stop_server(void)
{
	net_free(server.net);
	router_free(server.router);
	log_free(server.log);
}

static inline bool wait_for(atomic_int *what, int value)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (atomic_load(what) != value && clock_mono_ms() < until)
		usleep(500);
	return atomic_load(what) == value;
}

static inline bool wait_conns(unsigned n)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (port_conns(server.port) != n && clock_mono_ms() < until)
		usleep(500);
	return port_conns(server.port) == n;
}

/* --- a client of plain sockets --- */
static inline int dial(void)
{
	struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port_number(server.port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline void say(int fd, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(write(fd, text, n), n);
}

/* Reads until the text so far contains `mark`, or the end. */
static inline bool hear(int fd, struct str *in, const char *mark)
{
	char buf[4096];
	ssize_t n;

	while (!strstr(str_cstr(in), mark)) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return false;
		str_addn(in, buf, (size_t)n);
	}
	return true;
}

/* The peer closes, by FIN or RST, before patience ends. */
static inline bool hear_end(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

/* --- answers given later, by whoever has the id --- */
static inline void begin_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));

	(void)ctx;
	assert_non_null(x);
	assert_ptr_equal(exchange_user(x), &server);
	exchange_begin(x, 200, "video/mp2t", -1, NULL);
}

static inline void write_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));
	const char *text = ctx;

	assert_non_null(x);
	exchange_write(x, blob_new(text, strlen(text)));
}

static inline void finish_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));

	(void)ctx;
	exchange_finish(x);
	exchange_finish(x); /* nothing more to do, nothing broken */
	exchange_write(x, blob_new("late", 4));
	exchange_error(x, 500, "late");
}

static inline void find_none(void *ctx)
{
	(void)ctx;
	assert_null(exchange_find(server.net, atomic_load(&server.held)));
}

static inline void abort_held(void *ctx)
{
	(void)ctx;
	exchange_abort(exchange_find(server.net, atomic_load(&server.held)));
}

static inline void on_net(task_fn *fn, void *ctx)
{
	actor_call(net_actor(server.net), fn, ctx);
}

static inline int hold(void)
{
	int fd = dial();

	atomic_store(&server.held, 0);
	say(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	while (!atomic_load(&server.held))
		usleep(500);
	return fd;
}
#endif

#include "src/net/exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "src/base/clock.h"
#include "src/base/str.h"

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

static void count_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	assert_true(exchange_id(x) > 0);
	atomic_fetch_add(sent ? &server.sent : &server.lost, 1);
}

static void on_hi(void *ctx, struct exchange *x)
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

static void on_upload_head(void *ctx, struct exchange *x)
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

static void on_upload_data(void *ctx, struct exchange *x, const uint8_t *p,
	size_t n)
{
	(void)ctx;
	(void)x;
	(void)p;
	atomic_fetch_add(&server.body_n, n);
}

static void on_upload_end(void *ctx, struct exchange *x)
{
	struct str s = STR_INIT;

	(void)ctx;
	atomic_fetch_add(&server.ended, 1);
	str_printf(&s, "%zu bytes", blob_size(exchange_body(x)));
	exchange_answer(x, 200, NULL, blob_from_str(&s), NULL);
}

static void on_hold(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_set_user(x, &server);
	atomic_store(&server.held, exchange_id(x));
}

static void on_ping(void *ctx, struct exchange *x, const uint8_t *msg, size_t n)
{
	assert_ptr_equal(ctx, &server);
	grpc_answer(x, msg, n);
}

static void on_fail(void *ctx, struct exchange *x, const uint8_t *msg, size_t n)
{
	(void)ctx;
	(void)msg;
	(void)n;
	grpc_fail(x, GRPC_UNKNOWN, "100% busy");
}

static void on_stream(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	grpc_open(x);
	grpc_send(x, msg, n);
	grpc_send(x, "", 0);
	grpc_close(x, GRPC_OK, NULL);
}

static void start_server(const struct port_options *how)
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

static void stop_server(void)
{
	net_free(server.net);
	router_free(server.router);
	log_free(server.log);
}

static bool wait_for(atomic_int *what, int value)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (atomic_load(what) != value && clock_mono_ms() < until)
		usleep(500);
	return atomic_load(what) == value;
}

static bool wait_conns(unsigned n)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (port_conns(server.port) != n && clock_mono_ms() < until)
		usleep(500);
	return port_conns(server.port) == n;
}

/* --- a client of plain sockets --- */
static int dial(void)
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

static void say(int fd, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(write(fd, text, n), n);
}

/* Reads until the text so far contains `mark`, or the end. */
static bool hear(int fd, struct str *in, const char *mark)
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
static bool hear_end(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

static void test_h1(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "GET /hi?a=b HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "GET /hi?a=b me h2=0 tls=0"));
	assert_non_null(strstr(in.s, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(in.s, "\r\nX-Extra: 1\r\n"));
	assert_null(strstr(in.s, "X-Bad")); /* would split the answer */
	assert_non_null(strstr(in.s, "\r\nDate: "));
	str_truncate(&in, 0);
	say(fd, "GET /tree/x/y HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "GET /tree/x/y? me"));
	str_truncate(&in, 0);
	say(fd, "GET /nope HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "404 page not found\n"));
	assert_non_null(strstr(in.s, "text/plain; charset=utf-8"));
	str_truncate(&in, 0);
	say(fd, "POST /upload HTTP/1.1\r\nHost: me\r\nContent-Length: 2\r\n"
		"Expect: 100-continue\r\n\r\n");
	assert_true(hear(fd, &in, "HTTP/1.1 100 Continue\r\n\r\n"));
	say(fd, "ab");
	assert_true(hear(fd, &in, "2 bytes"));
	str_clear(&in);
	close(fd);
	assert_true(wait_for(&server.sent, 3));
	assert_true(wait_conns(0));
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 0);
}

static void upload(int fd, size_t n)
{
	static char zeros[65536];
	ssize_t put;

	while (n) {
		put = send(fd, zeros, n < sizeof(zeros) ? n : sizeof(zeros),
			MSG_NOSIGNAL);
		if (put <= 0)
			return;
		n -= (size_t)put;
	}
}

static void test_upload(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\n"
		"Content-Length: 20000000\r\n\r\n");
	upload(fd, 20000000);
	assert_true(hear(fd, &in, "20000000 bytes"));
	assert_int_equal(atomic_load(&server.body_n), 20000000);
	str_truncate(&in, 0);

	/* An answer before the upload is over, and it arrives. */
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Deny: way\r\n"
		"Content-Length: 8000000\r\n\r\n");
	upload(fd, 8000000);
	assert_true(hear(fd, &in, "no way\n"));
	assert_non_null(strstr(in.s, "HTTP/1.1 403 Forbidden\r\n"));
	assert_non_null(strstr(in.s, "\r\nConnection: close\r\n"));
	assert_true(hear_end(fd));
	close(fd);
	str_truncate(&in, 0);

	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Small: 1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n");
	say(fd, "world!\r\n");
	assert_true(hear(fd, &in, "too much\n"));
	assert_non_null(strstr(in.s, "HTTP/1.1 500 "));
	close(fd);
	str_truncate(&in, 0);

	fd = dial(); /* no head handler: 64 KiB */
	say(fd, "POST /hi HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n");
	upload(fd, 65537);
	assert_true(hear(fd, &in, "HTTP/1.1 413 "));
	close(fd);
	str_truncate(&in, 0);

	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Hurry: 1\r\n"
		"Content-Length: 5\r\n\r\nab");
	assert_true(hear(fd, &in, "HTTP/1.1 408 "));
	close(fd);
	str_clear(&in);
	assert_int_equal(atomic_load(&server.ended), 1);
	assert_true(wait_for(&server.sent, 5));
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 0);
}

static void test_peer_vanishes(void **state)
{
	struct linger rst = {.l_onoff = 1};
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\n"
		"Content-Length: 20000000\r\n\r\nabc");
	close(fd);
	assert_true(wait_for(&server.lost, 1));
	fd = dial();
	say(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	while (!atomic_load(&server.held))
		usleep(500);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
	close(fd);
	assert_true(wait_for(&server.lost, 2));
	assert_true(wait_conns(0));
	assert_int_equal(atomic_load(&server.ended), 0);
	assert_int_equal(atomic_load(&server.sent), 0);
	stop_server();
}

/* --- answers given later, by whoever has the id --- */
static void begin_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));

	(void)ctx;
	assert_non_null(x);
	assert_ptr_equal(exchange_user(x), &server);
	exchange_begin(x, 200, "video/mp2t", -1, NULL);
}

static void write_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));
	const char *text = ctx;

	assert_non_null(x);
	exchange_write(x, blob_new(text, strlen(text)));
}

static void finish_held(void *ctx)
{
	struct exchange *x = exchange_find(server.net,
		atomic_load(&server.held));

	(void)ctx;
	exchange_finish(x);
	exchange_finish(x); /* nothing more to do, nothing broken */
	exchange_write(x, blob_new("late", 4));
	exchange_error(x, 500, "late");
}

static void find_none(void *ctx)
{
	(void)ctx;
	assert_null(exchange_find(server.net, atomic_load(&server.held)));
}

static void abort_held(void *ctx)
{
	(void)ctx;
	exchange_abort(exchange_find(server.net, atomic_load(&server.held)));
}

static void on_net(task_fn *fn, void *ctx)
{
	actor_call(net_actor(server.net), fn, ctx);
}

static int hold(void)
{
	int fd = dial();

	atomic_store(&server.held, 0);
	say(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	while (!atomic_load(&server.held))
		usleep(500);
	return fd;
}

static void test_later(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = hold();
	on_net(begin_held, NULL);
	assert_true(hear(fd, &in, "\r\n\r\n")); /* before there is a body */
	assert_non_null(strstr(in.s, "200 OK"));
	on_net(write_held, (char[]){"one"});
	assert_true(hear(fd, &in, "3\r\none\r\n"));
	on_net(finish_held, NULL);
	assert_true(hear(fd, &in, "\r\n0\r\n\r\n"));
	assert_null(strstr(in.s, "late"));
	assert_true(wait_for(&server.sent, 1));
	on_net(find_none, NULL);
	close(fd);

	fd = hold();
	on_net(abort_held, NULL);
	assert_true(hear_end(fd));
	assert_true(wait_for(&server.lost, 1));
	on_net(find_none, NULL);
	close(fd);
	str_clear(&in);

	fd = hold(); /* the net goes first */
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 2);
	assert_true(hear_end(fd));
	close(fd);
}

static void test_deadlines(void **state)
{
	struct str in = STR_INIT;
	int64_t since;
	int slow, silent, idle;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP, .head_ms = 100,
		.idle_ms = 100});
	since = clock_mono_ms();
	slow = dial();
	silent = dial();
	idle = dial();
	say(slow, "GET /hi HTTP/1.1\r\nHo");
	say(idle, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(idle, &in, "tls=0"));
	assert_true(hear_end(slow));
	assert_true(hear_end(silent));
	assert_true(hear_end(idle));
	assert_in_range(clock_mono_ms() - since, 90, 2000);
	close(slow);
	close(silent);
	close(idle);
	str_clear(&in);
	assert_true(wait_conns(0));
	stop_server();
	start_server(&(struct port_options){.kind = PORT_TLS, .head_ms = 100,
		.tls_name = "h"});
	silent = dial();
	assert_true(hear_end(silent)); /* TLS half open */
	close(silent);
	stop_server();
}

static void test_max_conns(void **state)
{
	struct str in = STR_INIT;
	int a, b, c;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP, .max_conns = 2});
	a = dial();
	b = dial();
	assert_true(wait_conns(2));
	c = dial();
	assert_true(hear_end(c));
	say(b, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(b, &in, "tls=0"));
	close(a);
	close(b);
	close(c);
	str_clear(&in);
	stop_server();
}

static void test_port_close(void **state)
{
	struct str in = STR_INIT;
	int busy, idle;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	idle = dial();
	say(idle, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(idle, &in, "tls=0"));
	str_truncate(&in, 0);
	busy = hold();
	port_close(server.port);
	port_close(server.port);
	assert_int_equal(dial(), -1);
	assert_true(hear_end(idle));
	on_net(begin_held, NULL);
	on_net(finish_held, NULL);
	assert_true(hear(busy, &in, "0\r\n\r\n"));
	assert_non_null(strstr(in.s, "Connection: close"));
	assert_true(hear_end(busy));
	close(busy);
	close(idle);
	str_clear(&in);
	assert_true(wait_conns(0));
	stop_server();
}

static void test_listen_errors(void **state)
{
	struct port_options o = {.kind = PORT_HTTP, .address = "1.2.3.4.5:x"};
	struct port *p;
	struct err *err;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	o.router = server.router;
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_INVALID);
	err_free(err);
	o.address = port_address(server.port);
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_IO);
	assert_non_null(strstr(err_text(err), o.address));
	err_free(err);
	o.kind = PORT_TLS;
	o.tls_dir = "/nonexistent";
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_IO);
	err_free(err);
	stop_server();
}

static void test_address(void **state)
{
	static const struct {
		const char *text, *host;
		int port; /* -1: refused */
	} t[] = {
		{"a.b:1", "a.b", 1}, {":8935", "", 8935}, {"host", "host", 0},
		{"[::1]:5", "::1", 5}, {"[::1]", "::1", 0}, {"a:65536", "", -1},
		{"a:x", "", -1}, {"a:", "", -1}, {"[::1", "", -1},
		{"[::1]5", "", -1}, {"::1", "", -1},
	};
	char host[256], longest[300];
	unsigned port;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool ok = address_split(t[i].text, host, &port);

		assert_int_equal(ok, t[i].port >= 0);
		if (!ok)
			continue;
		assert_string_equal(host, t[i].host);
		assert_int_equal(port, t[i].port);
	}
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_false(address_split(longest, host, &port));
	longest[255] = '\0';
	assert_true(address_split(longest, host, &port));
}

/* --- TLS --- */
static SSL *dial_tls(SSL_CTX *ctx, const char *alpn, size_t n)
{
	SSL *ssl = SSL_new(ctx);

	if (n)
		SSL_set_alpn_protos(ssl, (const unsigned char *)alpn,
			(unsigned)n);
	SSL_set_fd(ssl, dial());
	return ssl;
}

static void hang_up(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	close(fd);
}

static void check_alpn(SSL_CTX *ctx, const char *offer, size_t n,
	const char *chosen)
{
	SSL *ssl = dial_tls(ctx, offer, n);
	const unsigned char *name;
	unsigned name_n;

	assert_int_equal(SSL_connect(ssl), 1);
	SSL_get0_alpn_selected(ssl, &name, &name_n);
	assert_int_equal(name_n, strlen(chosen));
	if (name_n)
		assert_memory_equal(name, chosen, name_n);
	hang_up(ssl);
}

static void check_cert(SSL_CTX *ctx)
{
	SSL *ssl = dial_tls(ctx, NULL, 0);
	X509 *cert;
	int days, seconds;
	char name[64];

	assert_int_equal(SSL_connect(ssl), 1);
	cert = SSL_get1_peer_certificate(ssl);
	assert_non_null(cert);
	assert_int_equal(X509_check_host(cert, "node.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ca(cert), 1);
	assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(cert)), 0);
	assert_int_equal(X509_get_key_usage(cert),
		KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN);
	assert_int_equal(X509_get_extended_key_usage(cert), XKU_SSL_SERVER);
	assert_int_equal(ASN1_TIME_diff(&days, &seconds,
				 X509_get0_notBefore(cert),
				 X509_get0_notAfter(cert)), 1);
	assert_int_equal(days * 24 + seconds / 3600, 8765);
	assert_int_equal(EVP_PKEY_get_group_name(X509_get0_pubkey(cert), name,
				 sizeof(name), NULL), 1);
	assert_string_equal(name, "prime256v1");
	X509_free(cert);
	hang_up(ssl);
}

static void check_files(const char *dir)
{
	static const char *const names[] = {"cert.pem", "key.pem"};
	static const char *const first[] = {"-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN EC PRIVATE KEY-----\n"};
	char path[256], line[64];
	struct stat st;
	FILE *f;

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		f = fopen(path, "r");
		assert_non_null(fgets(line, sizeof(line), f));
		assert_string_equal(line, first[i]);
		fclose(f);
		unlink(path);
	}
}

static void test_tls(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char dir[] = "build/tls.XXXXXX";
	static const char get[] = "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n";
	struct str in = STR_INIT;
	char buf[4096];
	SSL *ssl;
	int n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	start_server(&(struct port_options){.kind = PORT_TLS,
		.tls_name = "node.example", .tls_dir = dir});
	check_files(dir);
	rmdir(dir);
	check_cert(ctx);
	check_alpn(ctx, "\2h2", 3, "h2");
	check_alpn(ctx, "\x8http/1.1\2h2", 12, "h2");
	check_alpn(ctx, "\x8http/1.1", 9, "http/1.1");
	check_alpn(ctx, NULL, 0, "");

	ssl = dial_tls(ctx, NULL, 0);
	assert_int_equal(SSL_connect(ssl), 1);
	assert_true(SSL_write(ssl, get, (int)strlen(get)));
	while (!strstr(str_cstr(&in), "tls=1") &&
		(n = SSL_read(ssl, buf, sizeof(buf))) > 0)
		str_addn(&in, buf, (size_t)n);
	assert_non_null(strstr(str_cstr(&in), "GET /hi? h h2=0 tls=1"));
	str_clear(&in);
	hang_up(ssl);
	n = dial(); /* not TLS at all */
	say(n, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear_end(n));
	close(n);
	SSL_CTX_free(ctx);
	stop_server();
}

/* --- HTTP/2 and gRPC --- */
struct h2_client {
	int fd;
	nghttp2_session *session;
	struct str heard;
	int open; /* streams */
};

static int on_header(nghttp2_session *s, const nghttp2_frame *f,
	const uint8_t *name, size_t name_n, const uint8_t *value,
	size_t value_n, uint8_t flags, void *ctx)
{
	struct h2_client *c = ctx;

	(void)s, (void)f, (void)name_n, (void)value_n, (void)flags;
	if (strcmp((const char *)name, "date"))
		str_printf(&c->heard, "%s=%s\n", (const char *)name,
			(const char *)value);
	return 0;
}

static int on_data(nghttp2_session *s, uint8_t flags, int32_t id,
	const uint8_t *data, size_t n, void *ctx)
{
	struct h2_client *c = ctx;

	(void)s, (void)flags, (void)id;
	str_addc(&c->heard, '[');
	for (size_t i = 0; i < n; i++)
		str_addc(&c->heard, data[i] < ' ' ? '.' : (char)data[i]);
	str_add(&c->heard, "]\n");
	return 0;
}

static int on_close(nghttp2_session *s, int32_t id, uint32_t error, void *ctx)
{
	struct h2_client *c = ctx;

	(void)s, (void)id;
	str_printf(&c->heard, "close %u\n", error);
	c->open--;
	return 0;
}

static void h2_dial(struct h2_client *c)
{
	nghttp2_session_callbacks *cb;

	*c = (struct h2_client){.fd = dial()};
	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_session_client_new(&c->session, cb, c);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(c->session, 0, NULL, 0);
}

static void h2_hang_up(struct h2_client *c)
{
	nghttp2_session_del(c->session);
	str_clear(&c->heard);
	close(c->fd);
}

static nghttp2_nv nv(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0};
}

static void h2_send(struct h2_client *c)
{
	const uint8_t *p;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(c->session, &p)) > 0)
		assert_int_equal(write(c->fd, p, (size_t)n), n);
}

/* Until all streams are closed, or the connection is. */
static void h2_run(struct h2_client *c)
{
	uint8_t buf[4096];
	ssize_t n;

	h2_send(c);
	while (c->open && (n = read(c->fd, buf, sizeof(buf))) > 0) {
		assert_int_equal(nghttp2_session_mem_recv(c->session, buf,
					 (size_t)n), n);
		h2_send(c);
	}
}

struct bytes {
	const char *p;
	size_t n;
};

static ssize_t read_bytes(nghttp2_session *s, int32_t id, uint8_t *buf,
	size_t n, uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	struct bytes *b = source->ptr;

	(void)s, (void)id, (void)ctx;
	if (n > b->n)
		n = b->n;
	memcpy(buf, b->p, n);
	b->p += n;
	b->n -= n;
	if (!b->n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static const char *h2_post(struct h2_client *c, const char *path,
	const char *type, const char *body, size_t n)
{
	struct bytes b = {body, n};
	nghttp2_data_provider source = {.source.ptr = &b,
		.read_callback = read_bytes};
	nghttp2_nv fields[] = {nv(":method", "POST"), nv(":scheme", "http"),
		nv(":path", path), nv(":authority", "me"),
		nv("content-type", type)};

	str_truncate(&c->heard, 0);
	nghttp2_submit_request(c->session, NULL, fields, 5, &source, NULL);
	c->open++;
	h2_run(c);
	return str_cstr(&c->heard);
}

#define GRPC "application/grpc"
#define GRPC_HEAD ":status=200\ncontent-type=application/grpc\n"

static void test_grpc(void **state)
{
	struct h2_client c;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	h2_dial(&c);
	assert_string_equal(
		h2_post(&c, "/net.Test/Ping", GRPC, "\0\0\0\0\3abc", 8),
		GRPC_HEAD "[.....abc]\ngrpc-status=0\nclose 0\n");
	assert_string_equal(
		h2_post(&c, "/net.Test/Fail", GRPC "+proto", "\0\0\0\0\0", 5),
		GRPC_HEAD "grpc-status=2\ngrpc-message=100%25 busy\nclose 0\n");
	assert_string_equal(
		h2_post(&c, "/net.Test/Stream", GRPC, "\0\0\0\0\1x", 6),
		GRPC_HEAD "[.....x.....]\ngrpc-status=0\nclose 0\n");
	assert_string_equal(
		h2_post(&c, "/net.Test/Nope", GRPC, "\0\0\0\0\0", 5),
		GRPC_HEAD "grpc-status=12\ngrpc-message=unknown method Nope "
		"for service net.Test\nclose 0\n");
	assert_string_equal(
		h2_post(&c, "/net.AIWorker/X", GRPC, "\0\0\0\0\0", 5),
		GRPC_HEAD "grpc-status=12\ngrpc-message=unknown service "
		"net.AIWorker\nclose 0\n");
	assert_non_null(strstr(
		h2_post(&c, "/net.Test/Ping", GRPC, "\1\0\0\0\1x", 6),
		"grpc-status=12\n"));
	assert_non_null(strstr(
		h2_post(&c, "/net.Test/Ping", GRPC, "\0\0\0\0\2x", 6),
		"grpc-status=13\n"));
	assert_non_null(strstr(
		h2_post(&c, "/net.Test/Ping", GRPC, "\0\0\x50\0\0x", 6),
		"grpc-status=8\n"));
	/* The same connection serves everything else as well. */
	assert_non_null(strstr(h2_post(&c, "/hi", "a/b", "x", 1),
		"[POST /hi? me h2=1 tls=0]"));
	assert_non_null(strstr(h2_post(&c, "/net.Test/Ping", "a/b", "x", 1),
		":status=404\n"));
	h2_hang_up(&c);
	assert_true(wait_for(&server.sent, 5));
	stop_server();
}

static void test_grpc_too_large(void **state)
{
	size_t n = (4 << 20) + 100;
	char *body = xcalloc(1, n);
	struct h2_client c;

	(void)state;
	body[2] = 0x40;
	body[4] = 90;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	h2_dial(&c);
	assert_non_null(strstr(h2_post(&c, "/net.Test/Ping", GRPC, body, n),
		GRPC_HEAD "grpc-status=8\n"));
	h2_hang_up(&c);
	free(body);
	stop_server();
}

static void test_h2_early_answer(void **state)
{
	size_t n = 30 << 20;
	char *body = xcalloc(1, n);
	struct h2_client c;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	h2_dial(&c);
	/* 64 KiB are its limit; 30 MB are on their way. */
	assert_string_equal(h2_post(&c, "/hi", "a/b", body, n),
		":status=413\ncontent-type=text/plain; charset=utf-8\n"
		"x-content-type-options=nosniff\ncontent-length=23\n"
		"[request body too large.]\nclose 0\n");
	assert_non_null(strstr(h2_post(&c, "/hi", "a/b", "x", 1), "h2=1"));
	h2_hang_up(&c);
	free(body);
	assert_true(wait_for(&server.sent, 2));
	stop_server();
}

static void test_rapid_reset(void **state)
{
	nghttp2_nv get[] = {nv(":method", "GET"), nv(":scheme", "http"),
		nv(":path", "/hold"), nv(":authority", "me")};
	struct h2_client c;
	const uint8_t *p;
	ssize_t n = 0;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	h2_dial(&c);
	for (int i = 0; i < 1000 && n >= 0; i++) {
		int32_t id = nghttp2_submit_request(c.session, NULL, get, 4,
			NULL, NULL);

		while ((n = nghttp2_session_mem_send(c.session, &p)) > 0)
			(void)!send(c.fd, p, (size_t)n, MSG_NOSIGNAL);
		nghttp2_submit_rst_stream(c.session, 0, id, NGHTTP2_CANCEL);
	}
	assert_true(hear_end(c.fd));
	/* Long before the connection is: the exchanges go with their streams. */
	assert_in_range(atomic_load(&server.lost), 100, 300);
	h2_hang_up(&c);
	assert_true(wait_conns(0));
	stop_server();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_h1),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_peer_vanishes),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_max_conns),
		cmocka_unit_test(test_port_close),
		cmocka_unit_test(test_listen_errors),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_grpc),
		cmocka_unit_test(test_grpc_too_large),
		cmocka_unit_test(test_h2_early_answer),
		cmocka_unit_test(test_rapid_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

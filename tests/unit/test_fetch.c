#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "src/base/str.h"
#include "src/net/exchange.h"
#include "src/net/fetch.h"

#define DEADLINE_S 10

/* What came back, written by the client's net thread. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned answers, messages;
	struct err *err;
	struct response *response;
	struct blob *answer;
	struct str stream;
} got = {.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER};

static struct {
	struct log *log;
	struct net *server, *client;
	struct router *router;
	struct port *clear, *tls;
	char clear_url[128], tls_url[128];
	struct exchange *held; /* of /hold and of the endless stream */
	atomic_uint gone;
} env;

static void lock(void)
{
	pthread_mutex_lock(&got.lock);
}

static void unlock(void)
{
	pthread_cond_broadcast(&got.changed);
	pthread_mutex_unlock(&got.lock);
}

static void wait_for(const unsigned *count, unsigned n)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE_S;
	pthread_mutex_lock(&got.lock);
	while (*count < n) {
		if (pthread_cond_timedwait(&got.changed, &got.lock, &until))
			fail_msg("nothing came within %d s", DEADLINE_S);
	}
	pthread_mutex_unlock(&got.lock);
}

static void forget(void)
{
	err_free(TAKE(got.err));
	response_free(TAKE(got.response));
	blob_put(TAKE(got.answer));
	str_clear(&got.stream);
	got.answers = got.messages = 0;
}

static void on_response(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	lock();
	got.err = taken;
	got.response = result;
	got.answers++;
	unlock();
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	lock();
	got.err = taken;
	got.answer = result;
	got.answers++;
	unlock();
}

static void on_message(void *ctx, struct blob *taken)
{
	(void)ctx;
	lock();
	str_addn(&got.stream, blob_data(taken), blob_size(taken));
	str_addc(&got.stream, '|');
	got.messages++;
	unlock();
	blob_put(taken);
}

static void on_end(void *ctx, struct err *taken)
{
	on_answer(ctx, taken, NULL);
}

static const struct reply to_test = {.fn = on_response};
static const struct reply to_test_grpc = {.fn = on_answer};
static const struct grpc_stream_events to_test_stream = {
	.message = on_message, .end = on_end};

/* --- what the server does --- */

static void echo_head(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_want_body(x, 8 << 20, 0);
}

static void echo_end(void *ctx, struct exchange *x)
{
	const char *payment = exchange_header(x, "Livepeer-Payment");
	const char *type = exchange_header(x, "Content-Type");
	const char *extra[] = {"X-Http", exchange_is_h2(x) ? "2" : "1",
		"X-Payment", payment ? payment : "absent", "X-Type",
		type ? type : "absent", "X-Method", exchange_method(x), NULL};

	(void)ctx;
	exchange_answer(x, 200, "text/plain", blob_ref(exchange_body(x)),
		extra);
}

static void refuse_head(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_error(x, 403, "%s", "invalid auth token");
}

static void hold_end(void *ctx, struct exchange *x)
{
	(void)ctx;
	env.held = x;
}

static void begin_end(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_begin(x, 200, "text/plain", -1, NULL);
}

static void endless_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	(void)x;
	(void)sent;
	atomic_fetch_add(&env.gone, 1);
}

static void big_end(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_answer(x, 200, "text/plain",
		blob_take(xcalloc(1, 100000), 100000), NULL);
}

static void grpc_echo(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	grpc_answer(x, msg, n);
}

static void grpc_refuse(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	(void)msg;
	(void)n;
	grpc_fail(x, GRPC_UNKNOWN, "Invalid \xc3\xa9 request: 100% full");
}

static void grpc_three(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	grpc_open(x);
	grpc_send(x, msg, n);
	grpc_send(x, "", 0);
	grpc_send(x, "last", 4);
	grpc_close(x, GRPC_OK, "");
}

static void grpc_endless(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	(void)ctx;
	grpc_open(x);
	grpc_send(x, msg, n);
}

static const struct handler echo = {.head = echo_head, .end = echo_end},
			    refuse = {.head = refuse_head},
			    hold = {.end = hold_end},
			    begin = {.end = begin_end},
			    big = {.end = big_end};
static const struct grpc_handler g_echo = {.call = grpc_echo},
				 g_refuse = {.call = grpc_refuse},
				 g_three = {.call = grpc_three},
				 g_endless = {.call = grpc_endless,
					 .gone = endless_gone};

static void listen_on(enum port_kind kind, struct port **port, char *url,
	size_t size)
{
	struct port_options o = {.kind = kind, .address = "127.0.0.1:0",
		.tls_name = "127.0.0.1", .router = env.router};

	assert_null(net_listen(env.server, &o, port));
	snprintf(url, size, "http%s://%s", kind == PORT_TLS ? "s" : "",
		port_address(*port));
}

static int setup(void **state)
{
	(void)state;
	env.log = log_new("test", NULL);
	log_set_level(LOG_BROKEN);
	env.server = net_new(env.log);
	env.client = net_new(env.log);
	env.router = router_new();
	router_add(env.router, "/echo", &echo, NULL);
	router_add(env.router, "/refuse", &refuse, NULL);
	router_add(env.router, "/hold", &hold, NULL);
	router_add(env.router, "/begin", &begin, NULL);
	router_add(env.router, "/big", &big, NULL);
	router_add_grpc(env.router, "/t.T/Echo", &g_echo, NULL);
	router_add_grpc(env.router, "/t.T/Refuse", &g_refuse, NULL);
	router_add_grpc(env.router, "/t.T/Three", &g_three, NULL);
	router_add_grpc(env.router, "/t.T/Endless", &g_endless, NULL);
	listen_on(PORT_HTTP, &env.clear, env.clear_url, sizeof(env.clear_url));
	listen_on(PORT_TLS, &env.tls, env.tls_url, sizeof(env.tls_url));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	net_free(env.client);
	net_free(env.server);
	router_free(env.router);
	log_free(env.log);
	forget();
	return 0;
}

/* --- tests --- */

static struct fetch *request(const char *method, const char *base,
	const char *path)
{
	struct str url = STR_INIT;
	struct fetch *f;

	forget();
	str_printf(&url, "%s%s", base, path);
	f = fetch_new(method, url.s);
	str_clear(&url);
	return f;
}

static void run(struct fetch *f)
{
	fetch_start(env.client, f, to_test);
	wait_for(&got.answers, 1);
}

static void expect_error(enum err_kind kind, const char *prefix)
{
	assert_non_null(got.err);
	if (!str_has_prefix(err_text(got.err), prefix) ||
		err_kind(got.err) != kind)
		fail_msg("\"%s\"", err_text(got.err));
	assert_null(got.response);
	assert_null(got.answer);
}

static void no_error(void)
{
	if (got.err)
		fail_msg("%s", err_text(got.err));
}

static void expect_echo(const char *http, size_t n)
{
	no_error();
	assert_int_equal(got.response->status, 200);
	if (http)
		assert_string_equal(response_header(got.response, "x-http"),
			http);
	assert_int_equal(blob_size(got.response->body), n);
	assert_true(got.response->head_us > 0);
	assert_true(got.response->total_us >= got.response->head_us);
}

static void test_versions(void **state)
{
	struct fetch *f;

	(void)state;
	run(request("GET", env.clear_url, "/echo"));
	expect_echo("1", 0);
	assert_string_equal(response_header(got.response, "X-Method"), "GET");
	run(request("GET", env.tls_url, "/echo"));
	expect_echo("2", 0);
	f = request("GET", env.tls_url, "/echo");
	f->http = FETCH_H1;
	run(f);
	expect_echo("1", 0);
	f = request("GET", env.clear_url, "/echo");
	f->http = FETCH_H2;
	run(f);
	expect_echo("2", 0);
	/* Not once a connection without ALPN was there. */
	f = request("GET", env.tls_url, "/echo");
	f->http = FETCH_H2;
	run(f);
	expect_echo("2", 0);
	f = request("GET", env.tls_url, "/echo");
	f->verify_tls = true;
	run(f);
	expect_error(ERR_UNAVAILABLE, "SSL");
}

static void test_upload(void **state)
{
	const size_t size = 5 << 20;
	struct fetch *f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		f = request("POST", i ? env.tls_url : env.clear_url, "/echo");
		f->body = blob_take(xcalloc(1, size), size);
		f->max_body = size;
		fetch_header(f, "Livepeer-Payment", "%s", "");
		fetch_header(f, "Content-Type", "video/%s", "MP2T\r\nX: y");
		run(f);
		expect_echo(NULL, size);
		assert_string_equal(response_header(got.response, "x-payment"),
			"");
		assert_string_equal(response_header(got.response, "x-type"),
			"video/MP2T  X: y");
	}
	f = request("POST", env.clear_url, "/echo");
	run(f);
	expect_echo(NULL, 0);
	assert_string_equal(response_header(got.response, "x-type"), "absent");
}

static void test_early_answer(void **state)
{
	const size_t size = 20 << 20;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fetch *f = request("POST",
			i ? env.tls_url : env.clear_url, "/refuse");

		f->body = blob_take(xcalloc(1, size), size);
		run(f);
		no_error();
		assert_int_equal(got.response->status, 403);
		assert_int_equal(blob_size(got.response->body), 19);
	}
}

static void test_limits(void **state)
{
	struct fetch *f;

	(void)state;
	run(request("GET", env.clear_url, "/big"));
	expect_error(ERR_LIMIT, "response of more than 65536 bytes");
	f = request("GET", env.tls_url, "/hold");
	f->head_ms = 50;
	run(f);
	expect_error(ERR_TIMEOUT, "header timeout: after ");
	f = request("GET", env.tls_url, "/begin");
	f->head_ms = 5000;
	f->total_ms = 100;
	run(f);
	expect_error(ERR_TIMEOUT, "body timeout: after ");
	run(request("GET", "ftp://127.0.0.1", "/"));
	expect_error(ERR_INVALID, "neither http nor https");
	run(request("GET", "http://127.0.0.1:1", "/"));
	expect_error(ERR_UNAVAILABLE, "Failed to connect");
	run(request("GET", env.tls_url, "/missing"));
	assert_int_equal(got.response->status, 404);
}

static void test_cancel(void **state)
{
	uint64_t id;

	(void)state;
	id = fetch_start(env.client, request("GET", env.clear_url, "/hold"),
		to_test);
	fetch_cancel(env.client, id);
	wait_for(&got.answers, 1);
	expect_error(ERR_CANCELLED, "cancelled");
	fetch_cancel(env.client, id);
	run(request("GET", env.clear_url, "/echo"));
	assert_int_equal(got.answers, 1);
}

static void call(const char *base, const char *path, const char *msg)
{
	forget();
	grpc_call(env.client, base, path, blob_new(msg, strlen(msg)), 0, 0,
		to_test_grpc);
	wait_for(&got.answers, 1);
}

static void test_unary(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *base = i ? env.tls_url : env.clear_url;

		call(base, "/t.T/Echo", "hello");
		no_error();
		assert_int_equal(blob_size(got.answer), 5);
		call(base, "/t.T/Echo", "");
		no_error();
		assert_int_equal(blob_size(got.answer), 0);
		call(base, "/t.T/Refuse", "x");
		expect_error(ERR_INVALID, "Invalid \xc3\xa9 request: 100% full");
	}
	call("https://127.0.0.1:1", "/t.T/Echo", "x");
	expect_error(ERR_UNAVAILABLE, "Failed to connect");
}

static uint64_t stream(const char *path)
{
	forget();
	return grpc_stream(env.client, env.tls_url, path, blob_new("one", 3),
		&to_test_stream);
}

static void test_stream(void **state)
{
	unsigned before = atomic_load(&env.gone);
	uint64_t id;

	(void)state;
	stream("/t.T/Three");
	wait_for(&got.answers, 1);
	no_error();
	assert_string_equal(got.stream.s, "one||last|");
	stream("/t.T/Refuse");
	wait_for(&got.answers, 1);
	expect_error(ERR_INVALID, "Invalid \xc3\xa9 request");
	id = stream("/t.T/Endless");
	wait_for(&got.messages, 1);
	assert_int_equal(got.answers, 0);
	fetch_cancel(env.client, id);
	wait_for(&got.answers, 1);
	expect_error(ERR_CANCELLED, "cancelled");
	/* The server learns of it. */
	for (int i = 0; i < 1000 && atomic_load(&env.gone) == before; i++)
		usleep(5000);
	assert_int_equal(atomic_load(&env.gone), before + 1);
	/* Another one over the same connection. */
	call(env.tls_url, "/t.T/Echo", "hello");
	no_error();
}

/* A server of a few lines: reads something, says `answer`, closes. */
struct raw {
	int fd;
	unsigned port;
	const char *answer;
	pthread_t thread;
};

static void *raw_run(void *arg)
{
	struct raw *r = arg;
	char buf[4096];
	int c = accept(r->fd, NULL, NULL);

	if (c >= 0 && read(c, buf, sizeof(buf)) > 0 &&
		write(c, r->answer, strlen(r->answer)) > 0)
		shutdown(c, SHUT_WR);
	if (c >= 0)
		close(c);
	return NULL;
}

static struct fetch *raw_request(struct raw *r, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	char url[64];

	r->answer = answer;
	r->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(r->fd, 1), 0);
	getsockname(r->fd, (struct sockaddr *)&a, &n);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(a.sin_port));
	pthread_create(&r->thread, NULL, raw_run, r);
	return request("GET", url, "/");
}

static void raw_end(struct raw *r)
{
	pthread_join(r->thread, NULL);
	close(r->fd);
}

static void test_odd_servers(void **state)
{
	struct raw r;

	(void)state;
	run(raw_request(&r, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"));
	expect_error(ERR_UNAVAILABLE, "");
	raw_end(&r);
	run(raw_request(&r, "220 smtp.example ready\r\n"));
	expect_error(ERR_PROTOCOL, "");
	raw_end(&r);
	run(raw_request(&r, "HTTP/1.1 103 Early\r\nA: 1\r\n\r\n"
		"HTTP/1.1 200 OK\r\nB: 2\r\n\r\nbody"));
	no_error();
	assert_int_equal(got.response->status, 200);
	assert_null(response_header(got.response, "A"));
	assert_string_equal(response_header(got.response, "b"), "2");
	raw_end(&r);
	/* Redirects are not followed unless asked. */
	run(raw_request(&r, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
		"Location: http://127.0.0.1:1/\r\n\r\n"));
	no_error();
	assert_int_equal(got.response->status, 302);
	raw_end(&r);
}

static struct fetch *followed(struct fetch *f)
{
	f->follow = true;
	return f;
}

static void test_redirects(void **state)
{
	static const char *const near[] = {"169.254.169.254", "[fe80::1]",
		"[::ffff:169.254.169.254]", "224.0.0.1"};
	char answer[256];
	struct raw r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		snprintf(answer, sizeof(answer), "HTTP/1.1 302 Found\r\n"
			"Content-Length: 0\r\nLocation: http://%s/latest\r\n\r\n", near[i]);
		run(followed(raw_request(&r, answer)));
		expect_error(ERR_DENIED, "redirected to an address that only");
		raw_end(&r);
	}
	snprintf(answer, sizeof(answer), "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
		"Location: file:///etc/passwd\r\n\r\n");
	run(followed(raw_request(&r, answer)));
	expect_error(ERR_PROTOCOL, "");
	raw_end(&r);
	/* From here to here is no nearer. */
	snprintf(answer, sizeof(answer), "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
		"Location: %s/echo\r\n\r\n", env.clear_url);
	run(followed(raw_request(&r, answer)));
	no_error();
	assert_int_equal(got.response->status, 200);
	raw_end(&r);
}

static void test_server_dies(void **state)
{
	(void)state;
	stream("/t.T/Endless");
	wait_for(&got.messages, 1);
	net_free(TAKE(env.server));
	wait_for(&got.answers, 1);
	expect_error(ERR_UNAVAILABLE, "");
}

static void test_stop(void **state)
{
	struct raw r;

	(void)state;
	/* The client goes while a request is under way. */
	fetch_start(env.client, raw_request(&r, "HTTP/1.1 100 C\r\n\r\n"),
		to_test);
	net_free(TAKE(env.client));
	assert_int_equal(got.answers, 1);
	expect_error(ERR_CANCELLED, "the node is stopping");
	shutdown(r.fd, SHUT_RDWR);
	raw_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_unary),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_odd_servers),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_server_dies),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

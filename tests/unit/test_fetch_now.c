#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/net/fetch_now.h"
#include "src/net/net.h"
#include "src/net/router.h"
#include "tests/unit/fake_http.h"

/* 200000 zeros, and {"packed":true}. */
#define BOMB                                                                   \
	"1f8b0800000000000203edc13101000000c2a0f54f6d067fa000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000000000" \
	"000000000000000080d7007b58e05c400d0300"
#define PACKED \
	"1f8b0800000000000203ab562a484cce4e4d51b22a292a4dad050089e0b5dc0f000000"

static struct fetch_now *fetcher;
static struct fake_http server;
static struct {
	enum fake_way way;
	int status;
	const char *header, *body, *hex;
	char head[4096], asked[256];
} script;

static void answer(struct fake_http *f, const char *head, const char *body,
	struct fake_answer *out)
{
	uint8_t bytes[512];

	(void)f;
	snprintf(script.head, sizeof(script.head), "%s", head);
	snprintf(script.asked, sizeof(script.asked), "%s", body);
	out->way = script.way;
	out->status = script.status;
	out->header = script.header;
	if (script.hex) {
		assert(hex_decode(bytes, strlen(script.hex) / 2, script.hex));
		str_addn(&out->body, bytes, strlen(script.hex) / 2);
	} else {
		str_add(&out->body, script.body ? script.body : "ok");
	}
}

static struct post post_to(const char *url)
{
	return (struct post){ .url = url, .content_type = "application/json",
		.body = "{}", .body_n = 2, .connect_ms = 2000,
		.total_ms = 5000, .max_body = 100000 };
}

static int setup(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	server = (struct fake_http){ .answer = answer };
	fake_http_start(&server);
	fetcher = fetch_now_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fetch_now_free(fetcher);
	fake_http_stop(&server);
	return 0;
}

static struct err *ask(const struct post *p, struct posted *got)
{
	struct err *e;

	fake_meet(&server);
	e = fetch_now(fetcher, p, got);
	fake_meet(&server);
	return e;
}

static void expect(struct post *p, enum err_kind kind, const char *why)
{
	struct posted got;
	struct err *e = ask(p, &got);

	assert_non_null(e);
	if (err_kind(e) != kind || !strstr(err_text(e), why))
		fail_msg("%s: %s", err_kind_name(err_kind(e)), err_text(e));
	err_free(e);
	posted_clear(&got);
}

static void test_post(void **state)
{
	struct post p = post_to(server.url);
	struct posted got;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_null(ask(&p, &got));
		assert_int_equal(got.status, 200);
		assert_string_equal(str_cstr(&got.body), "ok");
		assert_int_equal(got.retry_after_ms, -1);
		assert_true(got.took_us > 0);
		posted_clear(&got);
	}
	assert_string_equal(script.asked, "{}");
	assert_non_null(strstr(script.head, "POST / HTTP/1.1"));
	assert_non_null(strstr(script.head, "Content-Type: application/json"));
	assert_null(strstr(script.head, "Expect"));
	assert_int_equal(server.conns, 1); /* kept open */
}

static void test_auth_and_path(void **state)
{
	char url[128];
	struct post p;
	struct posted got;

	(void)state;
	snprintf(url, sizeof(url), "http://me:secret@%s/v2/key?a=b",
		server.url + 7);
	p = post_to(url);
	assert_null(ask(&p, &got));
	posted_clear(&got);
	assert_non_null(strstr(script.head, "POST /v2/key?a=b "));
	assert_non_null(strstr(script.head,
		"Authorization: Basic bWU6c2VjcmV0"));
}

static void test_any_status(void **state)
{
	struct post p = post_to(server.url);
	struct posted got;

	(void)state;
	script.status = 429;
	script.header = "Retry-After: 7\r\n";
	script.body = "slow down";
	assert_null(ask(&p, &got));
	assert_int_equal(got.status, 429);
	assert_int_equal(got.retry_after_ms, 7000);
	assert_string_equal(str_cstr(&got.body), "slow down");
	posted_clear(&got);
	script.header = "Retry-After: 99999999\r\n";
	assert_null(ask(&p, &got));
	assert_int_equal(got.retry_after_ms, 86400000);
	posted_clear(&got);
	/* A redirect would take the key elsewhere. */
	script.status = 302;
	script.header = "Location: /elsewhere\r\n";
	assert_null(ask(&p, &got));
	assert_int_equal(got.status, 302);
	posted_clear(&got);
	assert_int_equal(server.requests, 3);
}

static void test_gzip(void **state)
{
	struct post p = post_to(server.url);
	struct posted got;

	(void)state;
	script.header = "Content-Encoding: gzip\r\n";
	script.hex = PACKED;
	assert_null(ask(&p, &got));
	assert_string_equal(str_cstr(&got.body), "{\"packed\":true}");
	posted_clear(&got);
	/* Counted as unpacked. */
	script.hex = BOMB;
	expect(&p, ERR_LIMIT, "more than 100000 bytes");
	script.hex = "00112233";
	expect(&p, ERR_PROTOCOL, "");
}

static void test_flood_is_cut(void **state)
{
	struct post p = post_to(server.url);
	int64_t start = clock_mono_ms();

	(void)state;
	script.way = FAKE_FLOOD;
	expect(&p, ERR_LIMIT, "more than 100000 bytes");
	assert_true(clock_mono_ms() - start < 2000);
}

static void test_no_answer(void **state)
{
	struct post p = post_to(server.url);
	char url[64];

	(void)state;
	script.way = FAKE_CLOSE;
	expect(&p, ERR_UNAVAILABLE, "");
	script.way = FAKE_CUT;
	expect(&p, ERR_UNAVAILABLE, "");
	p.total_ms = 100;
	script.way = FAKE_HANG;
	expect(&p, ERR_TIMEOUT, "within 100 ms");
	script.way = FAKE_DRIP;
	expect(&p, ERR_TIMEOUT, "within 100 ms");
	/* Nobody listens there any more. */
	snprintf(url, sizeof(url), "%s", server.url);
	fake_http_stop(&server);
	p = post_to(url);
	expect(&p, ERR_UNAVAILABLE, "");
	server = (struct fake_http){ .answer = answer };
	fake_http_start(&server);
}

static void test_bad_urls(void **state)
{
	struct post p = post_to("ftp://127.0.0.1/");

	(void)state;
	expect(&p, ERR_INVALID, "");
	p = post_to("http://");
	expect(&p, ERR_INVALID, "");
}

static void *stop_soon(void *arg)
{
	(void)arg;
	while (!atomic_load(&server.requests))
		usleep(1000);
	fetch_now_stop(fetcher);
	return NULL;
}

static void test_stop(void **state)
{
	struct post p = post_to(server.url);
	int64_t start = clock_mono_ms();
	pthread_t thread;

	(void)state;
	script.way = FAKE_HANG;
	p.total_ms = 60000;
	pthread_create(&thread, NULL, stop_soon, NULL);
	expect(&p, ERR_CANCELLED, "stopping");
	pthread_join(thread, NULL);
	assert_true(clock_mono_ms() - start < 900); /* not curl's next turn */
	script.way = FAKE_ANSWER;
	expect(&p, ERR_CANCELLED, "stopping");
}

static void test_certificates_are_verified(void **state)
{
	struct log *log = log_new("test", NULL);
	struct net *net = net_new(log);
	struct router *router = router_new();
	struct port *port;
	struct port_options o = { .kind = PORT_TLS, .address = "127.0.0.1:0",
		.tls_name = "127.0.0.1", .router = router };
	struct post p;
	char url[64];

	(void)state;
	assert_null(net_listen(net, &o, &port));
	snprintf(url, sizeof(url), "https://%s/", port_address(port));
	p = post_to(url);
	expect(&p, ERR_UNAVAILABLE, "certificate");
	net_free(net);
	router_free(router);
	log_free(log);
}

static void assert_shown(const char *url, const char *want)
{
	struct str s = STR_INIT;

	url_fmt_shown(&s, url);
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

static void test_shown(void **state)
{
	(void)state;
	assert_shown("https://me:pw@rpc.example/v2/KEY?k=KEY#x",
		"https://rpc.example");
	assert_shown("http://127.0.0.1:8545/", "http://127.0.0.1:8545");
	assert_shown("http://[::1]:8545", "http://[::1]:8545");
	assert_shown("ftp://a/", "?");
	assert_shown("KEY", "?");
	assert_true(url_is_http("https://a/b"));
	assert_false(url_is_http("wss://a/b"));
	assert_false(url_is_http("a:8545"));
	assert_false(url_is_http("http://"));
	assert_false(url_is_http(""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_post),
		TEST(test_auth_and_path),
		TEST(test_any_status),
		TEST(test_gzip),
		TEST(test_flood_is_cut),
		TEST(test_no_answer),
		TEST(test_bad_urls),
		TEST(test_stop),
		TEST(test_certificates_are_verified),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

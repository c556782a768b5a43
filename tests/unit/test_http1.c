#include "proto/http1.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A peer in memory: what the machine reported and what it said, as text. */
struct peer {
	struct http *m;
	struct str events, out;
	/* When to answer a request: as soon as its head is in, or at its end. */
	bool early;
	bool mute; /* not at all */
	int64_t length;
};

static const struct http_limits limits = {
	.max_header = 4096, .max_fields = 8, .max_streams = 10};

static void answer(struct peer *p, uint32_t stream)
{
	const struct http_field type = {"Content-Type", "text/plain"};

	http_begin(p->m, stream, 200, &type, 1, p->length);
	http_write(p->m, stream, blob_new("hi", 2));
	http_finish(p->m, stream, NULL, 0);
}

static void on_event(struct peer *p, struct http_event *e)
{
	const char *x;

	switch (e->kind) {
	case HTTP_EVENT_REQUEST:
		str_printf(&p->events, "%s %s?%s @%s",
			http_head_method(e->head), http_head_path(e->head),
			http_head_query(e->head), http_head_host_name(e->head));
		x = http_head_value(e->head, "X-A");
		if (x)
			str_printf(&p->events, " x-a=[%s]", x);
		str_addc(&p->events, '\n');
		http_head_free(e->head);
		http_set_user(p->m, e->stream, p);
		if (p->early)
			answer(p, e->stream);
		else
			http_go_on(p->m, e->stream);
		break;
	case HTTP_EVENT_DATA: /* split anyhow: shown as one */
		assert_ptr_equal(e->user, p);
		str_addn(&p->events, e->data, e->n);
		break;
	case HTTP_EVENT_END:
		str_add(&p->events, "|end\n");
		if (!p->early && !p->mute)
			answer(p, e->stream);
		break;
	case HTTP_EVENT_CLOSED:
		assert_ptr_equal(e->user, p);
		str_printf(&p->events, "closed %s\n", e->sent ? "sent" : "");
		break;
	}
}

static void turn(struct peer *p)
{
	const uint8_t *out;
	struct http_event e;
	size_t n;
	bool again;

	do {
		again = false;
		while (http_next(p->m, &e)) {
			on_event(p, &e);
			again = true;
		}
		while ((n = http_pending(p->m, &out))) {
			str_addn(&p->out, out, n);
			again = true;
		}
	} while (again);
}

static void start(struct peer *p)
{
	p->m = http1_new(&limits);
}

static void say(struct peer *p, const char *bytes, size_t n, size_t step)
{
	for (size_t i = 0; i < n; i += step) {
		http_feed(p->m, (const uint8_t *)bytes + i,
			n - i < step ? n - i : step, 0);
		turn(p);
	}
}

static void stop(struct peer *p)
{
	http_free(p->m);
	str_clear(&p->events);
	str_clear(&p->out);
}

/* The same bytes in every split must mean the same. */
static void check(struct peer how, const char *in, const char *events,
	const char *out, bool closing)
{
	static const size_t steps[] = {1, 2, 3, 7, 1000000};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct peer p = how;

		start(&p);
		say(&p, in, strlen(in), steps[i]);
		if (events)
			assert_string_equal(str_cstr(&p.events), events);
		if (out)
			assert_string_equal(str_cstr(&p.out), out);
		assert_int_equal(http_closing(p.m), closing);
		stop(&p);
	}
}

#define OK2 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" \
	"Content-Length: 2\r\n"

static void test_plain(void **state)
{
	struct peer p = {.length = 2};

	(void)state;
	check(p, "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-a:  v w \t\r\n\r\n",
		"GET /a?b=c @h:1 x-a=[v w]\n|end\nclosed sent\n",
		OK2 "\r\nhi", false);
	check(p, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
		"POST /p? @h\nhello|end\nclosed sent\n", OK2 "\r\nhi", false);
	check(p, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n"
		"\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n",
		"POST /? @h\nhello|end\nclosed sent\n", OK2 "\r\nhi", false);
	check(p, "GET http://other/x HTTP/1.1\r\nHost: h\r\nX-A:\r\n\r\n",
		"GET /x? @other x-a=[]\n|end\nclosed sent\n", NULL, false);
	check(p, "GET http://other?q HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /?q @other\n|end\nclosed sent\n", NULL, false);
	check(p, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", NULL, OK2 "\r\n", false);
}

static void test_keep_alive(void **state)
{
	struct peer p = {.length = 2};

	(void)state;
	check(p, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
		"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
		"GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
		"GET /4 HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /1? @h\n|end\nclosed sent\n"
		"POST /2? @h\nx|end\nclosed sent\n"
		"GET /3? @h\n|end\nclosed sent\n",
		OK2 "\r\nhi" OK2 "\r\nhi" OK2 "Connection: close\r\n\r\nhi",
		true);
	check(p, "GET / HTTP/1.0\r\n\r\n", "GET /? @\n|end\nclosed sent\n",
		OK2 "Connection: close\r\n\r\nhi", true);
	check(p, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", NULL,
		OK2 "Connection: keep-alive\r\n\r\nhi", false);
}

static void test_unknown_length(void **state)
{
	struct peer p = {.length = -1};

	(void)state;
	check(p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", NULL,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
		false);
	check(p, "GET / HTTP/1.0\r\n\r\n", NULL,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		"Connection: close\r\n\r\nhi", true);
}

/* The next request waits for the answer to the one before. */
static void test_pipelining_waits(void **state)
{
	struct peer p = {.mute = true, .length = 2};
	static const char two[] = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
				  "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n";

	(void)state;
	start(&p);
	say(&p, two, strlen(two), 1000);
	assert_string_equal(p.events.s, "GET /1? @h\n|end\n");
	answer(&p, 1);
	turn(&p);
	assert_string_equal(p.events.s, "GET /1? @h\n|end\nclosed sent\n"
					"GET /2? @h\n|end\n");
	assert_false(http_held(p.m));
	for (int i = 0; i < 2000; i++)
		say(&p, two, strlen(two), 1000);
	assert_true(http_held(p.m));
	stop(&p);
}

static void test_continue(void **state)
{
	struct peer p = {.length = 2};
	static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\n"
		"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";

	(void)state;
	start(&p);
	say(&p, head, strlen(head), 1);
	assert_string_equal(p.out.s, "HTTP/1.1 100 Continue\r\n\r\n");
	say(&p, "ab", 2, 1);
	assert_string_equal(p.events.s, "POST /? @h\nab|end\nclosed sent\n");
	stop(&p);
	/* Refused before: then nobody knows whether the body will come. */
	p = (struct peer){.early = true, .length = 2};
	check(p, head, "POST /? @h\nclosed sent\n",
		OK2 "Connection: close\r\n\r\nhi", true);
}

static void test_early_answer(void **state)
{
	struct peer p = {.early = true, .length = 2};

	(void)state;
	check(p, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /1? @h\n"
		"|end\nclosed sent\n", OK2 "\r\nhi", false);
	/* A small rest is dropped and the connection lives on. */
	check(p, "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
		"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		NULL, OK2 "\r\nhi" OK2 "\r\nhi", false);
	/* A large one ends it. */
	check(p, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n",
		"POST /? @h\nclosed sent\n", OK2 "Connection: close\r\n\r\nhi",
		true);
	check(p, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked"
		"\r\n\r\n", NULL, OK2 "Connection: close\r\n\r\nhi", true);
}

static void check_refused(const char *in, int status)
{
	struct peer p = {.length = 2};
	char begins[32];

	snprintf(begins, sizeof(begins), "HTTP/1.1 %d ", status);
	for (size_t step = 1; step < 1000000; step *= 1000) {
		start(&p);
		say(&p, in, strlen(in), step);
		assert_memory_equal(str_cstr(&p.out), begins, strlen(begins));
		assert_non_null(strstr(p.out.s, "\r\nConnection: close\r\n"));
		assert_true(http_closing(p.m));
		assert_null(strstr(str_cstr(&p.events), "end"));
		stop(&p);
		p = (struct peer){.length = 2};
	}
}

static void test_smuggling(void **state)
{
	static const char *const bad[] = {
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
		"Content-Length: 3\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
		"Content-Length: 4\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, "
		"chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n"
		"\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
		"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"\x16\x03\x01\x02",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		"xyz\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_refused(bad[i], 400);
	check_refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505);
	check_refused("GET /\r\n\r\n", 505); /* HTTP/0.9 */
	check_refused("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405);
}

static void test_limits(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	str_add(&s, "GET / HTTP/1.1\r\nHost: h\r\nX-A: ");
	for (int i = 0; i < 5000; i++)
		str_addc(&s, 'a');
	check_refused(s.s, 431); /* before its end */
	str_clear(&s);
	str_add(&s, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 8; i++)
		str_add(&s, "A: b\r\n");
	str_add(&s, "\r\n");
	check_refused(s.s, 431);
	str_clear(&s);
	str_add(&s, "GET /");
	for (int i = 0; i < 5000; i++)
		str_addc(&s, 'a');
	check_refused(s.s, 431);
	str_clear(&s);
}

static void test_upgrade_is_ignored(void **state)
{
	struct peer p = {.length = 2};

	(void)state;
	check(p, "GET /1 HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
		"Upgrade: h2c\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /1? @h\n|end\nclosed sent\nGET /2? @h\n|end\nclosed sent\n",
		NULL, false);
}

static void test_broken_body(void **state)
{
	struct peer p = {.length = 2};
	static const char begun[] = "POST / HTTP/1.1\r\nHost: h\r\n"
		"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";

	(void)state;
	start(&p);
	say(&p, begun, strlen(begun), 1);
	http_begin(p.m, 1, 200, NULL, 0, 10);
	turn(&p);
	say(&p, "zz\r\n", 4, 1);
	/* Half an answer is out: nothing else may follow it. */
	assert_string_equal(p.events.s, "POST /? @h\nabclosed \n");
	assert_null(strstr(p.out.s, "400"));
	assert_true(http_closing(p.m));
	stop(&p);
}

static void test_reset_and_quiesce(void **state)
{
	struct peer p = {.mute = true, .length = 2};
	static const char get[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

	(void)state;
	start(&p);
	assert_true(http_in_head(p.m));
	say(&p, get, strlen(get), 1);
	assert_false(http_in_head(p.m));
	http_begin(p.m, 1, 200, NULL, 0, 10);
	http_write(p.m, 1, blob_new("part", 4));
	assert_int_equal(http_queued(p.m, 1), 4);
	http_reset(p.m, 1);
	turn(&p);
	assert_string_equal(p.events.s, "GET /? @h\n|end\nclosed \n");
	assert_string_equal(str_cstr(&p.out), "");
	assert_true(http_closing(p.m));
	stop(&p);

	p = (struct peer){.mute = true, .length = 2};
	start(&p);
	say(&p, get, strlen(get), 1);
	http_quiesce(p.m);
	assert_false(http_closing(p.m));
	answer(&p, 1);
	turn(&p);
	assert_string_equal(p.out.s, OK2 "Connection: close\r\n\r\nhi");
	assert_true(http_closing(p.m));
	stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_unknown_length),
		cmocka_unit_test(test_pipelining_waits),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_smuggling),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_upgrade_is_ignored),
		cmocka_unit_test(test_broken_body),
		cmocka_unit_test(test_reset_and_quiesce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

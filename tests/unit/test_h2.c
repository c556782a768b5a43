#include "proto/h2.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <nghttp2/nghttp2.h>

/* Our machine and nghttp2's client, mouth to mouth. */
struct pair {
	struct http *m;
	nghttp2_session *client;
	struct str events; /* what the machine reported */
	struct str heard;  /* what the client saw */
	size_t body_n;	   /* of requests, bytes */
	size_t step;	   /* bytes fed at a time */
	int64_t now_ms;
	bool early, mute, hold;
	uint32_t last;
};

static const struct http_limits limits = {
	.max_header = 200000, .max_fields = 32, .max_streams = 250};

static nghttp2_nv nv(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0};
}

static void answer(struct pair *p, uint32_t stream)
{
	const struct http_field type = {"Content-Type", "text/plain"};
	const struct http_field status = {"grpc-status", "0"};

	http_begin(p->m, stream, 200, &type, 1, -1);
	http_write(p->m, stream, blob_new("hi", 2));
	http_finish(p->m, stream, &status, 1);
}

static void on_event(struct pair *p, struct http_event *e)
{
	switch (e->kind) {
	case HTTP_EVENT_REQUEST:
		str_printf(&p->events, "%u:%s %s?%s @%s\n", e->stream,
			http_head_method(e->head), http_head_path(e->head),
			http_head_query(e->head), http_head_host_name(e->head));
		http_head_free(e->head);
		http_set_user(p->m, e->stream, p);
		p->last = e->stream;
		if (p->early)
			answer(p, e->stream);
		break;
	case HTTP_EVENT_DATA:
		assert_ptr_equal(e->user, p);
		p->body_n += e->n;
		if (!p->hold)
			http_consume(p->m, e->stream, e->n);
		break;
	case HTTP_EVENT_END:
		str_printf(&p->events, "%u|end\n", e->stream);
		if (!p->early && !p->mute)
			answer(p, e->stream);
		break;
	case HTTP_EVENT_CLOSED:
		str_printf(&p->events, "%u closed %s%s\n", e->stream,
			e->sent ? "sent" : "", e->user ? "" : " of nobody");
		break;
	}
}

static void drain(struct pair *p)
{
	struct http_event e;

	while (http_next(p->m, &e))
		on_event(p, &e);
}

static void feed(struct pair *p, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i += p->step) {
		http_feed(p->m, bytes + i, n - i < p->step ? n - i : p->step,
			p->now_ms);
		drain(p);
	}
}

static void turn(struct pair *p)
{
	const uint8_t *bytes;
	ssize_t n;
	size_t got;
	bool again;

	do {
		again = false;
		while ((n = nghttp2_session_mem_send(p->client, &bytes)) > 0) {
			feed(p, bytes, (size_t)n);
			again = true;
		}
		while ((got = http_pending(p->m, &bytes))) {
			assert_int_equal(nghttp2_session_mem_recv(p->client,
						 bytes, got), got);
			again = true;
		}
		drain(p);
	} while (again);
}

static int on_client_header(nghttp2_session *s, const nghttp2_frame *f,
	const uint8_t *name, size_t name_n, const uint8_t *value,
	size_t value_n, uint8_t flags, void *ctx)
{
	struct pair *p = ctx;

	(void)s;
	(void)name_n;
	(void)value_n;
	(void)flags;
	str_printf(&p->heard, "%d %s=%s\n", f->hd.stream_id, (const char *)name,
		(const char *)value);
	return 0;
}

static int on_client_data(nghttp2_session *s, uint8_t flags, int32_t id,
	const uint8_t *data, size_t n, void *ctx)
{
	struct pair *p = ctx;

	(void)s;
	(void)flags;
	str_printf(&p->heard, "%d [%.*s]\n", id, n > 20 ? 20 : (int)n,
		(const char *)data);
	return 0;
}

static int on_client_frame(nghttp2_session *s, const nghttp2_frame *f,
	void *ctx)
{
	struct pair *p = ctx;

	(void)s;
	if (f->hd.type == NGHTTP2_GOAWAY)
		str_printf(&p->heard, "goaway %u\n", f->goaway.error_code);
	else if (f->hd.type == NGHTTP2_RST_STREAM)
		str_printf(&p->heard, "%d reset %u\n", f->hd.stream_id,
			f->rst_stream.error_code);
	else if (f->hd.type == NGHTTP2_PING)
		str_add(&p->heard, "pong\n");
	return 0;
}

static void start(struct pair *p)
{
	nghttp2_session_callbacks *cb;
	nghttp2_option *opt;

	if (!p->step)
		p->step = SIZE_MAX;
	p->m = h2_new(&limits);
	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_client_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb,
		on_client_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb,
		on_client_frame);
	nghttp2_option_new(&opt);
	nghttp2_option_set_max_send_header_block_length(opt, 1 << 20);
	nghttp2_session_client_new2(&p->client, cb, p, opt);
	nghttp2_option_del(opt);
	nghttp2_session_callbacks_del(cb);
	nghttp2_submit_settings(p->client, 0, NULL, 0);
}

static void stop(struct pair *p)
{
	nghttp2_session_del(p->client);
	http_free(p->m);
	str_clear(&p->events);
	str_clear(&p->heard);
}

static ssize_t read_zeros(nghttp2_session *s, int32_t id, uint8_t *buf,
	size_t n, uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	size_t *left = source->ptr;

	(void)s;
	(void)id;
	(void)ctx;
	if (n > *left)
		n = *left;
	memset(buf, 0, n);
	*left -= n;
	if (!*left)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

/* body: bytes still to send, NULL none. */
static int32_t request(struct pair *p, const char *path, size_t *body,
	const nghttp2_nv *extra)
{
	nghttp2_nv fields[5] = {nv(":method", body ? "POST" : "GET"),
		nv(":scheme", "http"), nv(":path", path),
		nv(":authority", "h:1")};
	nghttp2_data_provider source = {.source.ptr = body,
		.read_callback = read_zeros};

	if (extra)
		fields[4] = *extra;
	return nghttp2_submit_request(p->client, NULL, fields, extra ? 5 : 4,
		body ? &source : NULL, NULL);
}

static void test_exchange(void **state)
{
	static const size_t steps[] = {1, 2, 9, 100, SIZE_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct pair p = {.step = steps[i]};
		size_t body = 70000;

		start(&p);
		request(&p, "/a?b", NULL, NULL);
		request(&p, "/up", &body, NULL);
		turn(&p);
		assert_string_equal(p.heard.s,
			"1 :status=200\n1 content-type=text/plain\n1 [hi]\n"
			"1 grpc-status=0\n"
			"3 :status=200\n3 content-type=text/plain\n3 [hi]\n"
			"3 grpc-status=0\n");
		assert_non_null(strstr(p.events.s, "1:GET /a?b @h:1\n1|end\n"));
		assert_non_null(strstr(p.events.s, "1 closed sent\n"));
		assert_non_null(strstr(p.events.s, "3|end\n3 closed sent\n"));
		assert_int_equal(p.body_n, 70000);
		stop(&p);
	}
}

static void test_trailers_only(void **state)
{
	struct pair p = {.mute = true};
	const struct http_field fields[] = {{"grpc-status", "2"},
		{"grpc-message", "no"}};

	(void)state;
	start(&p);
	request(&p, "/x", NULL, NULL);
	turn(&p);
	http_begin(p.m, 1, 200, fields, 2, HTTP_NO_BODY);
	http_finish(p.m, 1, NULL, 0);
	turn(&p);
	assert_string_equal(p.heard.s,
		"1 :status=200\n1 grpc-status=2\n1 grpc-message=no\n");
	assert_non_null(strstr(p.events.s, "1 closed sent\n"));
	stop(&p);
}

/* A stream that stays open, as a transcoder's registration does. */
static void test_idle_stream(void **state)
{
	struct pair p = {.mute = true};

	(void)state;
	start(&p);
	request(&p, "/s", NULL, NULL);
	turn(&p);
	http_begin(p.m, 1, 200, NULL, 0, -1);
	turn(&p);
	assert_string_equal(p.heard.s, "1 :status=200\n");
	for (int i = 0; i < 3; i++) {
		http_write(p.m, 1, blob_new("m", 1));
		assert_int_equal(http_queued(p.m, 1), 1);
		turn(&p);
		assert_int_equal(http_queued(p.m, 1), 0);
	}
	nghttp2_submit_ping(p.client, 0, NULL);
	turn(&p);
	assert_string_equal(p.heard.s,
		"1 :status=200\n1 [m]\n1 [m]\n1 [m]\npong\n");
	assert_false(http_closing(p.m));
	http_finish(p.m, 1, NULL, 0);
	turn(&p);
	assert_non_null(strstr(p.events.s, "1 closed sent\n"));
	stop(&p);
}

/* RFC 9113 8.1: the answer first, then NO_ERROR, and never CANCEL. */
static void test_early_answer(void **state)
{
	struct pair p = {.early = true};
	size_t body = 50 << 20;

	(void)state;
	start(&p);
	request(&p, "/up", &body, NULL);
	turn(&p);
	assert_string_equal(p.heard.s,
		"1 :status=200\n1 content-type=text/plain\n1 [hi]\n"
		"1 grpc-status=0\n1 reset 0\n");
	assert_true(body > 0);
	assert_non_null(strstr(p.events.s, "1 closed sent\n"));
	assert_false(http_closing(p.m));
	stop(&p);
}

static void test_window(void **state)
{
	struct pair p = {.hold = true};
	size_t body = 50 << 20;

	(void)state;
	start(&p);
	turn(&p);
	request(&p, "/up", &body, NULL);
	turn(&p);
	/* Several MB at once, but no more than somebody took care of. */
	assert_int_equal(p.body_n, 4 << 20);
	http_consume(p.m, 1, 4 << 20);
	p.hold = false;
	turn(&p);
	assert_int_equal(p.body_n, 50 << 20);
	stop(&p);
}

static void test_large_head(void **state)
{
	struct pair p = {0};
	char *value = xmalloc(60001);
	nghttp2_nv many[8] = {nv(":method", "GET"), nv(":scheme", "http"),
		nv(":path", "/"), nv(":authority", "h")};

	(void)state;
	/* Not compressible to less than 100 KiB: takes CONTINUATIONs. */
	memset(value, '~', 60000);
	value[60000] = '\0';
	many[4] = nv("livepeer-payment", value);
	many[5] = nv("livepeer-segment", value);
	many[6] = nv("x-a", value);
	many[7] = nv("x-b", value);
	start(&p);
	nghttp2_submit_request(p.client, NULL, many, 7, NULL, NULL);
	turn(&p);
	assert_non_null(strstr(p.events.s, "1 closed sent\n"));
	nghttp2_submit_request(p.client, NULL, many, 8, NULL, NULL);
	turn(&p);
	assert_non_null(strstr(p.heard.s, "3 :status=431\n"));
	assert_null(strstr(p.events.s, "3:"));
	/* and the connection is as good as before */
	request(&p, "/after", NULL, NULL);
	turn(&p);
	assert_non_null(strstr(p.events.s, "5 closed sent\n"));
	free(value);
	stop(&p);
}

static void test_many_fields(void **state)
{
	struct pair p = {0};
	nghttp2_nv many[40] = {nv(":method", "GET"), nv(":scheme", "http"),
		nv(":path", "/"), nv(":authority", "h")};

	(void)state;
	for (int i = 4; i < 40; i++)
		many[i] = nv("x", "y");
	start(&p);
	nghttp2_submit_request(p.client, NULL, many, 40, NULL, NULL);
	turn(&p);
	assert_string_equal(p.heard.s, "1 :status=431\n");
	stop(&p);
}

static void test_rapid_reset(void **state)
{
	struct pair p = {.mute = true};
	int i;

	(void)state;
	start(&p);
	for (i = 0; i < 1000 && !http_closing(p.m); i++) {
		int32_t id = request(&p, "/", NULL, NULL);

		turn(&p);
		nghttp2_submit_rst_stream(p.client, 0, id, NGHTTP2_CANCEL);
		turn(&p);
	}
	assert_in_range(i, 100, 300);
	assert_non_null(strstr(p.heard.s, "goaway 11\n"));
	stop(&p);
	/* Now and then is fine. */
	p = (struct pair){.mute = true};
	start(&p);
	for (i = 0; i < 1000 && !http_closing(p.m); i++) {
		int32_t id = request(&p, "/", NULL, NULL);

		p.now_ms += 25;
		turn(&p);
		nghttp2_submit_rst_stream(p.client, 0, id, NGHTTP2_CANCEL);
		turn(&p);
	}
	assert_int_equal(i, 1000);
	assert_non_null(strstr(p.events.s, "1 closed \n"));
	stop(&p);
}

/* Request and reset in one read: who began something hears of its end. */
static void test_reset_at_once(void **state)
{
	struct pair p = {.early = true};
	struct str both = STR_INIT;
	const uint8_t *bytes;
	ssize_t n;
	int32_t id;

	(void)state;
	start(&p);
	turn(&p);
	id = request(&p, "/", NULL, NULL);
	for (int i = 0; i < 2; i++) {
		while ((n = nghttp2_session_mem_send(p.client, &bytes)) > 0)
			str_addn(&both, bytes, (size_t)n);
		nghttp2_submit_rst_stream(p.client, 0, id, NGHTTP2_CANCEL);
	}
	feed(&p, (const uint8_t *)both.s, both.len);
	assert_string_equal(p.events.s, "1:GET /? @h:1\n1|end\n1 closed \n");
	str_clear(&both);
	stop(&p);
}

/* Feeds one frame n times until the machine has had enough. */
static unsigned flood(const char *frame, size_t frame_n, bool reads)
{
	struct pair p = {.mute = true};
	const uint8_t *out;
	unsigned i;

	start(&p);
	request(&p, "/", NULL, NULL);
	turn(&p);
	for (i = 0; i < 100000 && !http_closing(p.m); i++) {
		feed(&p, (const uint8_t *)frame, frame_n);
		while (reads && http_pending(p.m, &out))
			;
	}
	while (http_pending(p.m, &out))
		;
	assert_true(http_closing(p.m));
	stop(&p);
	return i;
}

static void test_floods(void **state)
{
	(void)state;
	/* PING and SETTINGS whose acks pile up, then such that do not. */
	assert_in_range(flood("\0\0\x8\6\0\0\0\0\0abcdefgh", 17, false), 900,
		2000);
	assert_in_range(flood("\0\0\0\4\0\0\0\0\0", 9, false), 900, 2000);
	assert_in_range(flood("\0\0\x8\6\0\0\0\0\0abcdefgh", 17, true), 4000,
		6000);
	assert_in_range(flood("\0\0\0\4\0\0\0\0\0", 9, true), 4000, 6000);
	assert_in_range(flood("\0\0\5\2\0\0\0\0\1\0\0\0\0\1", 14, true), 4000,
		6000);
}

static void test_empty_data_flood(void **state)
{
	struct pair p = {.mute = true};
	size_t body = 50 << 20;
	const uint8_t *out;
	unsigned i;

	(void)state;
	start(&p);
	p.hold = true; /* keeps the stream open */
	request(&p, "/", &body, NULL);
	turn(&p);
	for (i = 0; i < 100000 && !http_closing(p.m); i++) {
		feed(&p, (const uint8_t *)"\0\0\0\0\0\0\0\0\1", 9);
		while (http_pending(p.m, &out))
			;
	}
	assert_in_range(i, 4000, 6000);
	stop(&p);
}

static void test_continuation_flood(void **state)
{
	struct pair p = {.mute = true};
	static const uint8_t open[] = "\0\0\0\1\0\0\0\0\1";
	static const uint8_t more[] = "\0\0\0\x9\0\0\0\0\1";
	const uint8_t *out;
	unsigned i;

	(void)state;
	start(&p);
	turn(&p);
	assert_false(http_in_head(p.m));
	feed(&p, open, 9);
	assert_true(http_in_head(p.m));
	for (i = 0; i < 100000 && !http_closing(p.m); i++) {
		feed(&p, more, 9);
		while (http_pending(p.m, &out))
			;
	}
	assert_in_range(i, 100, 300);
	stop(&p);
}

static void test_garbage(void **state)
{
	struct pair p = {.mute = true};

	(void)state;
	start(&p);
	feed(&p, (const uint8_t *)"GET / HTTP/1.1\r\n\r\n12345678", 26);
	assert_true(http_closing(p.m));
	stop(&p);
}

static void test_quiesce(void **state)
{
	struct pair p = {.mute = true};

	(void)state;
	start(&p);
	request(&p, "/1", NULL, NULL);
	turn(&p);
	http_quiesce(p.m);
	turn(&p);
	assert_non_null(strstr(p.heard.s, "goaway 0\n"));
	assert_false(http_closing(p.m));
	answer(&p, 1);
	turn(&p);
	assert_non_null(strstr(p.events.s, "1 closed sent\n"));
	assert_true(http_closing(p.m));
	stop(&p);
}

static void test_reset(void **state)
{
	struct pair p = {.mute = true};

	(void)state;
	start(&p);
	request(&p, "/1", NULL, NULL);
	turn(&p);
	http_begin(p.m, 1, 200, NULL, 0, -1);
	http_reset(p.m, 1);
	turn(&p);
	assert_non_null(strstr(p.heard.s, "1 reset 2\n"));
	assert_non_null(strstr(p.events.s, "1 closed \n"));
	/* The stream is over: nothing of this may matter. */
	answer(&p, 1);
	http_set_user(p.m, 1, &p);
	http_go_on(p.m, 1);
	assert_int_equal(http_queued(p.m, 1), 0);
	turn(&p);
	stop(&p);
}

static void test_head_method(void **state)
{
	struct pair p = {.mute = true};
	nghttp2_nv head[] = {nv(":method", "HEAD"), nv(":scheme", "http"),
		nv(":path", "/"), nv(":authority", "h")};

	(void)state;
	start(&p);
	nghttp2_submit_request(p.client, NULL, head, 4, NULL, NULL);
	turn(&p);
	http_begin(p.m, 1, 200, NULL, 0, 2);
	http_write(p.m, 1, blob_new("hi", 2));
	http_finish(p.m, 1, NULL, 0);
	turn(&p);
	assert_string_equal(p.heard.s, "1 :status=200\n1 content-length=2\n");
	stop(&p);
}

static void test_continue(void **state)
{
	struct pair p = {.mute = true};
	nghttp2_nv post[] = {nv(":method", "POST"), nv(":scheme", "http"),
		nv(":path", "/"), nv(":authority", "h"),
		nv("expect", "100-continue")};

	(void)state;
	start(&p);
	nghttp2_submit_headers(p.client, 0, -1, NULL, post, 5, NULL);
	turn(&p);
	http_go_on(p.m, 1);
	http_go_on(p.m, 1); /* once is enough */
	turn(&p);
	assert_string_equal(p.heard.s, "1 :status=100\n");
	stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_trailers_only),
		cmocka_unit_test(test_idle_stream),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_large_head),
		cmocka_unit_test(test_many_fields),
		cmocka_unit_test(test_rapid_reset),
		cmocka_unit_test(test_reset_at_once),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_empty_data_flood),
		cmocka_unit_test(test_continuation_flood),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_quiesce),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_head_method),
		cmocka_unit_test(test_continue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A connection that speaks HTTP/2: gRPC and everything else on it, and a client
 * that wants none of its answers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <nghttp2/nghttp2.h>

#include "tests/unit/net_rig.h"

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
		cmocka_unit_test(test_grpc),
		cmocka_unit_test(test_grpc_too_large),
		cmocka_unit_test(test_h2_early_answer),
		cmocka_unit_test(test_rapid_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

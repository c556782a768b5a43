/* gRPC on top of an exchange: a message in the body, the status in trailers. */
#include "src/net/exchange.h"
#include "src/net/exchange_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/grpc.h"

#define CALL_MS 60000 /* for the request to be complete */

bool grpc_is_request(const struct exchange *x)
{
	const char *type;

	if (!exchange_is_h2(x))
		return false;
	type = exchange_header(x, "content-type");
	return type && str_has_prefix(type, "application/grpc");
}

static void on_end(void *ctx, struct exchange *x)
{
	struct blob *body = exchange_body(x);
	const uint8_t *msg;
	size_t size;

	(void)ctx;
	switch (grpc_parse(blob_data(body), blob_size(body), GRPC_MAX_MESSAGE,
		&msg, &size)) {
	case GRPC_MESSAGE:
		x->grpc->call(x->grpc_ctx, x, msg, size);
		break;
	case GRPC_TOO_LARGE:
		grpc_fail(x, GRPC_RESOURCE_EXHAUSTED,
			"grpc: received message larger than max");
		break;
	case GRPC_COMPRESSED:
		grpc_fail(x, GRPC_UNIMPLEMENTED,
			"grpc: no decompressor is installed");
		break;
	case GRPC_MORE:
	case GRPC_MALFORMED:
		grpc_fail(x, GRPC_INTERNAL, "grpc: malformed message");
		break;
	}
}

static void on_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	if (x->grpc && x->grpc->gone)
		x->grpc->gone(x->grpc_ctx, x, sent);
}

static const struct handler method = {.end = on_end, .gone = on_gone};

/* In grpc-go's words. */
static void refuse_path(struct exchange *x)
{
	const char *path = exchange_path(x), *end = strrchr(path, '/');
	struct str text = STR_INIT;
	int n;

	if (!end || end == path || *path != '/') {
		str_printf(&text, "malformed method name: \"%s\"", path);
	} else {
		n = (int)(end - path - 1);
		if (router_has_service(x->conn->port->router, path,
			    (size_t)n + 2))
			str_printf(&text, "unknown method %s for service %.*s",
				end + 1, n, path + 1);
		else
			str_printf(&text, "unknown service %.*s", n, path + 1);
	}
	grpc_fail(x, GRPC_UNIMPLEMENTED, text.s);
	str_clear(&text);
}

void grpc_route(struct exchange *x)
{
	const struct route *r = router_find_grpc(x->conn->port->router,
		exchange_path(x));

	x->handler = &method;
	if (!r) {
		refuse_path(x);
		return;
	}
	x->grpc = r->grpc;
	x->grpc_ctx = r->ctx;
	exchange_want_body(x, GRPC_PREFIX + GRPC_MAX_MESSAGE, CALL_MS);
}

/* --- answers --- */
static const struct http_field content_type = {"content-type",
	"application/grpc"};

void grpc_open(struct exchange *x)
{
	if (!x->began)
		exchange_head(x, 200, &content_type, 1, -1);
}

void grpc_send(struct exchange *x, const void *msg, size_t n)
{
	if (x->began && !x->finished)
		exchange_write(x, grpc_frame(msg, n));
}

void grpc_close(struct exchange *x, enum grpc_code code, const char *text)
{
	char digits[12];
	struct str message = STR_INIT;
	struct http_field fields[3] = {content_type,
		{"grpc-status", digits}};
	size_t n = 2;

	if (x->finished)
		return;
	snprintf(digits, sizeof(digits), "%d", (int)code);
	if (text && *text) {
		grpc_text_encode(&message, text);
		fields[n++] = (struct http_field){"grpc-message", message.s};
	}
	/* Nothing sent yet: the status rides in the only header block. */
	if (!x->began) {
		exchange_head(x, 200, fields, n, HTTP_NO_BODY);
		exchange_end(x, NULL, 0);
	} else {
		exchange_end(x, fields + 1, n - 1);
	}
	str_clear(&message);
}

void grpc_answer(struct exchange *x, const void *msg, size_t n)
{
	grpc_open(x);
	grpc_send(x, msg, n);
	grpc_close(x, GRPC_OK, NULL);
}

void grpc_fail(struct exchange *x, enum grpc_code code, const char *text)
{
	grpc_close(x, code, text);
}

#include "src/net/exchange.h"
#include "src/net/exchange_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clock.h"

#define SMALL_BODY (64 * 1024)
#define BODY_MS 60000
/* Of all request bodies together, wherever they come from: uploads are bounded
 * by this rather than by their number, which says little. */
#define BODY_BUDGET ((size_t)4 << 30)
#define EXTRA_MAX 24

/* --- from birth to the end --- */
static void route(struct exchange *x)
{
	static const struct handler nothing_here = {0};
	const struct route *r;

	if (grpc_is_request(x)) {
		grpc_route(x);
		return;
	}
	r = router_find(x->conn->port->router, exchange_path(x));
	x->handler = r ? r->handler : &nothing_here;
	x->ctx = r ? r->ctx : NULL;
	if (!r)
		exchange_error(x, 404, "404 page not found");
}

static void on_request(struct conn *c, struct http_event *e)
{
	struct exchange *x = XNEW(struct exchange);

	x->id = ++c->net->last_exchange;
	x->conn = c;
	x->stream = e->stream;
	x->head = e->head;
	x->body_max = SMALL_BODY;
	x->stuck_since = (int64_t)uv_now(c->tcp.loop);
	x->body_until = x->stuck_since + BODY_MS;
	TAILQ_INSERT_TAIL(&c->exchanges, x, link);
	c->exchanges_n++;
	HASH_ADD(hh, c->net->exchanges, id, sizeof(x->id), x);
	http_set_user(c->http, x->stream, x);
	route(x);
	if (x->handler->head && !x->finished)
		x->handler->head(x->ctx, x);
	if (!x->finished)
		http_go_on(c->http, x->stream);
}

static void drop_body(struct exchange *x)
{
	x->conn->net->body_bytes -= x->body.len;
	str_clear(&x->body);
}

/* The exchange is off its conn's lists already. */
static void end(struct exchange *x, bool sent)
{
	struct conn *c = x->conn;

	c->exchanges_n--;
	c->active_at = (int64_t)uv_now(c->tcp.loop);
	x->began = x->finished = true; /* `gone` can answer no more */
	if (x->handler->gone)
		x->handler->gone(x->ctx, x, sent);
	HASH_DEL(c->net->exchanges, x);
	if (x->body_blob)
		c->net->body_bytes -= blob_size(x->body_blob);
	else
		drop_body(x);
	blob_put(x->body_blob);
	http_head_free(x->head);
	free(x->too_big_text);
	free(x);
}

static void on_closed(struct conn *c, struct exchange *x, bool sent)
{
	TAILQ_REMOVE(&c->exchanges, x, link);
	if (!sent) {
		end(x, false);
		return;
	}
	x->sent_at = c->out_total;
	TAILQ_INSERT_TAIL(&c->leaving, x, link);
}

void exchange_on_sent(struct conn *c)
{
	struct exchange *x;

	while ((x = TAILQ_FIRST(&c->leaving)) && x->sent_at <= c->sent_total) {
		TAILQ_REMOVE(&c->leaving, x, link);
		end(x, true);
	}
}

void exchange_on_conn_closed(struct conn *c)
{
	struct exchange *x;

	exchange_on_sent(c);
	while ((x = TAILQ_FIRST(&c->leaving))) {
		TAILQ_REMOVE(&c->leaving, x, link);
		end(x, false);
	}
	while ((x = TAILQ_FIRST(&c->exchanges))) {
		TAILQ_REMOVE(&c->exchanges, x, link);
		end(x, false);
	}
}

/* --- the body --- */
static void refuse_body(struct exchange *x, int status, const char *text)
{
	drop_body(x);
	x->body_until = 0;
	if (x->grpc)
		grpc_fail(x, status == 408 ? GRPC_DEADLINE_EXCEEDED
					   : GRPC_RESOURCE_EXHAUSTED, text);
	else if (x->began)
		exchange_abort(x);
	else
		exchange_error(x, status, "%s", text);
}

static void collect(struct exchange *x, const uint8_t *p, size_t n)
{
	struct net *net = x->conn->net;

	if (x->finished)
		return;
	if (n > x->body_max - x->body_seen) {
		refuse_body(x, x->too_big_status ? x->too_big_status : 413,
			x->too_big_text ? x->too_big_text
			: x->grpc ? "grpc: received message larger than max"
				  : "request body too large");
		return;
	}
	if (n > BODY_BUDGET - net->body_bytes) {
		refuse_body(x, 503, "too many uploads");
		return;
	}
	if (x->handler->data)
		x->handler->data(x->ctx, x, p, n);
	if (x->finished)
		return;
	x->body_seen += n;
	if (x->discards)
		return;
	str_addn(&x->body, p, n);
	net->body_bytes += n;
}

static void on_complete(struct exchange *x)
{
	x->ended = true;
	x->body_until = 0;
	if (!x->finished && x->handler->end)
		x->handler->end(x->ctx, x);
}

/* HTTP/2 peers can stop one stream and let the others flow. */
static bool is_stuck(struct exchange *x, int64_t now)
{
	size_t left = http_queued(x->conn->http, x->stream);

	if (!left || left < x->stuck_n)
		x->stuck_since = now;
	x->stuck_n = left;
	return left && now - x->stuck_since > CONN_STALL_MS;
}

void exchange_watch(struct conn *c, int64_t now)
{
	struct exchange *x, *after;

	for (x = TAILQ_FIRST(&c->exchanges); x; x = after) {
		after = TAILQ_NEXT(x, link);
		if (x->body_until && now >= x->body_until && !x->finished)
			refuse_body(x, 408, "request body timeout");
		if (is_stuck(x, now))
			exchange_abort(x);
	}
}

void exchange_on_event(struct conn *c, struct http_event *e)
{
	struct exchange *x = e->user;

	if (e->kind == HTTP_EVENT_REQUEST) {
		on_request(c, e);
		return;
	}
	if (!x) /* the machine dealt with it */
		return;
	switch (e->kind) {
	case HTTP_EVENT_REQUEST:
		break;
	case HTTP_EVENT_DATA:
		collect(x, e->data, e->n);
		http_consume(c->http, e->stream, e->n);
		break;
	case HTTP_EVENT_END:
		on_complete(x);
		break;
	case HTTP_EVENT_CLOSED:
		on_closed(c, x, e->sent);
		break;
	}
}

/* --- the request --- */
uint64_t exchange_id(const struct exchange *x)
{
	return x->id;
}

struct exchange *exchange_find(struct net *n, uint64_t id)
{
	struct exchange *x;

	ASSERT_ON(n->actor);
	HASH_FIND(hh, n->exchanges, &id, sizeof(id), x);
	return x;
}

const char *exchange_method(const struct exchange *x)
{
	return http_head_method(x->head);
}

const char *exchange_path(const struct exchange *x)
{
	return http_head_path(x->head);
}

const char *exchange_query(const struct exchange *x)
{
	return http_head_query(x->head);
}

const char *exchange_host(const struct exchange *x)
{
	return http_head_host_name(x->head);
}

const char *exchange_header(const struct exchange *x, const char *name)
{
	return http_head_value(x->head, name);
}

const char *exchange_remote(const struct exchange *x)
{
	return x->conn->remote;
}

bool exchange_is_h2(const struct exchange *x)
{
	return x->conn->is_h2;
}

bool exchange_is_tls(const struct exchange *x)
{
	return x->conn->tls;
}

void exchange_want_body(struct exchange *x, size_t max, unsigned timeout_ms)
{
	if (x->ended)
		return;
	x->body_max = max > x->body_seen ? max : x->body_seen;
	x->body_until = (int64_t)uv_now(x->conn->tcp.loop) +
			(timeout_ms ? timeout_ms : BODY_MS);
	http_go_on(x->conn->http, x->stream);
	conn_touch(x->conn);
}

void exchange_discard_body(struct exchange *x)
{
	x->discards = true;
}

void exchange_too_big(struct exchange *x, int status, const char *text)
{
	x->too_big_status = status;
	free(x->too_big_text);
	x->too_big_text = xstrdup(text);
}

struct blob *exchange_body(struct exchange *x)
{
	if (x->ended && !x->body_blob && x->body.len) {
		/* Doubling may have left half of it empty. */
		x->body.s = xrealloc(x->body.s, x->body.len + 1);
		x->body_blob = blob_from_str(&x->body);
	}
	return x->body_blob;
}

void exchange_set_user(struct exchange *x, void *user)
{
	x->user = user;
}

void *exchange_user(const struct exchange *x)
{
	return x->user;
}

/* --- the answer --- */
void exchange_head(struct exchange *x, int status,
	const struct http_field *fields, size_t n, int64_t length)
{
	x->began = true;
	http_begin(x->conn->http, x->stream, status, fields, n, length);
	conn_touch(x->conn);
}

void exchange_end(struct exchange *x, const struct http_field *trailers,
	size_t n)
{
	x->finished = true;
	http_finish(x->conn->http, x->stream, trailers, n);
	conn_touch(x->conn);
}

static void add_field(struct exchange *x, struct http_field *fields, size_t *n,
	const char *name, const char *value)
{
	assert(*n < EXTRA_MAX);
	if (http_value_ok(value))
		fields[(*n)++] = (struct http_field){name, value};
	else
		log_unusual(x->conn->net->log, "%s: header %s left out: %s",
			exchange_path(x), name, value);
}

static void fmt_date(char buf[static 32])
{
	time_t now = clock_wall_ms() / 1000;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(buf, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

void exchange_begin(struct exchange *x, int status, const char *type,
	int64_t length, const char *const *extra)
{
	struct http_field fields[EXTRA_MAX];
	size_t n = 0;
	char date[32];

	if (x->began)
		return;
	if (type)
		add_field(x, fields, &n, "Content-Type", type);
	for (; extra && *extra; extra += 2)
		add_field(x, fields, &n, extra[0], extra[1]);
	fmt_date(date);
	add_field(x, fields, &n, "Date", date);
	exchange_head(x, status, fields, n, length);
}

void exchange_write(struct exchange *x, struct blob *taken)
{
	if (x->finished) {
		blob_put(taken);
		return;
	}
	http_write(x->conn->http, x->stream, taken);
	conn_touch(x->conn);
}

void exchange_finish(struct exchange *x)
{
	if (x->began && !x->finished)
		exchange_end(x, NULL, 0);
}

void exchange_answer(struct exchange *x, int status, const char *type,
	struct blob *body, const char *const *extra)
{
	if (x->began) {
		blob_put(body);
		return;
	}
	exchange_begin(x, status, type, (int64_t)blob_size(body), extra);
	exchange_write(x, body);
	exchange_finish(x);
}

void exchange_error(struct exchange *x, int status, const char *fmt, ...)
{
	static const char *const nosniff[] = {"X-Content-Type-Options",
		"nosniff", NULL};
	struct str text = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&text, fmt, ap);
	va_end(ap);
	str_addc(&text, '\n');
	exchange_answer(x, status, "text/plain; charset=utf-8",
		blob_from_str(&text), nosniff);
}

void exchange_abort(struct exchange *x)
{
	x->began = x->finished = true;
	http_reset(x->conn->http, x->stream);
	conn_touch(x->conn);
}


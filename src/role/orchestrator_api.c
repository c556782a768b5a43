/* The orchestrator's port: gRPC methods and HTTP paths, on the net actor.
 * Order, statuses and texts: go-livepeer server/rpc.go, segment_rpc.go. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/headers.h"
#include "proto/multipart.h"
#include "proto/rpc_codec.h"
#include "src/base/clock.h"
#include "src/crypto/keccak.h"
#include "src/role/orchestrator_private.h"

#define SEGMENT_MAX_BYTES 300000000 /* common.MaxSegSize */
#define UPLOAD_MS 60000
#define URI_MODE "application/vnd+livepeer.uri"
#define URI_FETCH_MS 8000
#define PING_MAX 4096

static struct reply to_net(struct orchestrator *o,
	void (*fn)(void *ctx, struct err *taken, void *result), void *ctx)
{
	return (struct reply){net_actor(o->net), fn, ctx};
}

/* --- unary gRPC: an answer that comes from the orch actor --- */

struct call {
	struct net *net;
	uint64_t exchange;
	void (*encode)(struct str *out, void *result);
	void (*release)(void *result);
};

static struct call *call_new(struct orchestrator *o, struct exchange *x)
{
	struct call *c = XNEW(struct call);

	c->net = o->net;
	c->exchange = exchange_id(x);
	return c;
}

static void on_called(void *ctx, struct err *taken, void *result)
{
	struct call *c = ctx;
	struct exchange *x = exchange_find(c->net, c->exchange);
	struct str out = STR_INIT;

	if (x && taken) {
		grpc_fail(x, GRPC_UNKNOWN, err_text(taken));
	} else if (x) {
		if (c->encode)
			c->encode(&out, result);
		grpc_answer(x, str_cstr(&out), out.len);
	}
	str_clear(&out);
	err_free(taken);
	free(result);
	free(c);
}

static void encode_info(struct str *out, void *result)
{
	orchestrator_info_encode(result, out);
}

static void on_get_orchestrator(void *ctx, struct exchange *x,
	const uint8_t *msg, size_t n)
{
	struct orchestrator *o = ctx;
	struct orchestrator_request *req = XNEW(struct orchestrator_request);
	struct err *e = orchestrator_request_decode(req, msg, n);
	struct call *c;

	if (e) {
		grpc_fail(x, GRPC_INTERNAL, err_text(e));
		err_free(e);
	} else {
		c = call_new(o, x);
		c->encode = encode_info;
		orchestrator_info(o, req, to_net(o, on_called, c));
	}
	free(req);
}

static void on_end_session(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	struct orchestrator *o = ctx;
	struct auth_token token;
	struct err *e = end_session_decode(&token, msg, n);

	if (e) {
		grpc_fail(x, GRPC_INTERNAL, err_text(e));
		err_free(e);
		return;
	}
	orchestrator_end_session(o, &token,
		to_net(o, on_called, call_new(o, x)));
}

/* Off-chain there is no key to sign the value with: it comes back unsigned,
 * that is empty, as from a go-livepeer node without an Ethereum client. */
static void on_ping(void *ctx, struct exchange *x, const uint8_t *msg, size_t n)
{
	struct orchestrator *o = ctx;
	struct str value = STR_INIT, out = STR_INIT;
	struct signature sig;
	struct err *e = n > PING_MAX
		? err_new(ERR_LIMIT, "ping value too long")
		: ping_decode(&value, msg, n);

	if (e) {
		grpc_fail(x, GRPC_INTERNAL, err_text(e));
		err_free(e);
	} else {
		if (orchestrator_sign(o, &sig, str_cstr(&value), value.len))
			ping_encode(sig.b, sizeof(sig.b), &out);
		grpc_answer(x, str_cstr(&out), out.len);
	}
	str_clear(&value);
	str_clear(&out);
}

/* --- transcoders --- */

static void on_register(void *ctx, struct exchange *x, const uint8_t *msg,
	size_t n)
{
	struct orchestrator *o = ctx;
	struct register_request *req = XNEW(struct register_request);
	struct err *e = register_request_decode(req, msg, n);

	if (!e && !orchestrator_secret_ok(o, req->secret))
		e = err_new(ERR_DENIED, "invalid secret");
	if (!e && req->capacity <= 0)
		e = err_new(ERR_INVALID, "zero capacity");
	if (e) {
		log_unusual(o->log, "transcoder at %s refused: %s",
			exchange_remote(x), err_text(e));
		grpc_fail(x, GRPC_UNKNOWN, err_text(e));
		err_free(e);
	} else {
		exchange_set_user(x, o);
		grpc_open(x);
		orchestrator_register(o, req, exchange_id(x),
			exchange_remote(x));
	}
	free(req);
}

static void on_register_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)sent;
	if (exchange_user(x))
		orchestrator_unregister(ctx, exchange_id(x));
}

/* --- POST /segment --- */

/* What the exchange carries while its body arrives. */
struct upload {
	struct keccak keccak;
	bool by_uri;
	bool body_done;
	uint8_t hash[KECCAK_SIZE];    /* of the segment, once known */
	struct order *order;	      /* here once admitted */
	struct blob *fetched;	      /* by_uri: the segment */
};

static void upload_free(struct upload *u)
{
	if (!u)
		return;
	order_free(u->order);
	blob_put(u->fetched);
	free(u);
}

/* Admitted and whole: check the hash, say 200, hand it over. */
static void upload_go(struct orchestrator *o, struct exchange *x,
	struct upload *u)
{
	struct order *order;

	if (!u->order || !u->body_done)
		return;
	if (memcmp(u->hash, u->order->creds.hash, KECCAK_SIZE)) {
		log_unusual(o->log, "mismatched hash of a segment from %s",
			exchange_remote(x));
		exchange_error(x, 403, "Forbidden");
		return;
	}
	order = TAKE(u->order);
	order->body = u->by_uri ? TAKE(u->fetched)
		: blob_ref(exchange_body(x));
	exchange_begin(x, 200, "text/plain; charset=utf-8", -1, NULL);
	orchestrator_transcode(o, order);
}

struct admitted {
	struct orchestrator *o;
	uint64_t exchange;
};

static void on_admitted(void *ctx, struct err *taken, void *result)
{
	struct admitted *a = ctx;
	struct orchestrator *o = a->o;
	struct order *order = result;
	struct exchange *x = exchange_find(o->net, a->exchange);
	struct upload *u = x ? exchange_user(x) : NULL;

	free(a);
	if (!u || taken) {
		if (u) {
			log_unusual(o->log, "segment from %s refused: %s",
				exchange_remote(x), err_text(taken));
			exchange_error(x, order->refusal, "%s", err_text(taken));
		}
		order_free(order);
		err_free(taken);
		return;
	}
	u->order = order;
	upload_go(o, x, u);
}

static void on_segment_head(void *ctx, struct exchange *x)
{
	struct orchestrator *o = ctx;
	const char *type = exchange_header(x, "Content-Type");
	struct order *order = XNEW(struct order);
	struct upload *u;
	struct admitted *a;
	int status = 402;
	struct err *e = payment_header_decode(&order->payment,
		exchange_header(x, "Livepeer-Payment"));

	if (!e) {
		status = 403;
		e = segment_header_decode(&order->creds,
			exchange_header(x, "Livepeer-Segment"));
	}
	if (e) {
		log_unusual(o->log, "segment from %s refused: %s",
			exchange_remote(x), err_text(e));
		exchange_error(x, status, "%s", err_text(e));
		err_free(e);
		order_free(order);
		return;
	}
	order->sender = order->payment.sender;
	order->exchange = exchange_id(x);
	order->began_ms = clock_mono_ms();
	snprintf(order->remote, sizeof(order->remote), "%s",
		exchange_remote(x));
	u = XNEW(struct upload);
	keccak_init(&u->keccak);
	u->by_uri = type && !strcmp(type, URI_MODE);
	exchange_set_user(x, u);
	exchange_too_big(x, 500, "Internal Server Error");
	exchange_want_body(x, u->by_uri ? URI_SIZE : SEGMENT_MAX_BYTES,
		UPLOAD_MS);
	a = XNEW(struct admitted);
	a->o = o;
	a->exchange = exchange_id(x);
	orchestrator_admit(o, order, to_net(o, on_admitted, a));
}

static void on_segment_data(void *ctx, struct exchange *x, const uint8_t *p,
	size_t n)
{
	struct upload *u = exchange_user(x);

	(void)ctx;
	if (u && !u->by_uri)
		keccak_update(&u->keccak, p, n);
}

static void on_uri_fetched(void *ctx, struct err *taken, void *result)
{
	struct admitted *a = ctx;
	struct response *r = result;
	struct exchange *x = exchange_find(a->o->net, a->exchange);
	struct upload *u = x ? exchange_user(x) : NULL;

	if (u && (taken || r->status != 200)) {
		log_unusual(a->o->log, "segment by URI from %s: %s",
			exchange_remote(x),
			taken ? err_text(taken) : "status is not 200");
		exchange_error(x, 400, "BadRequest");
	} else if (u) {
		u->fetched = blob_ref(r->body);
		keccak_256(u->hash, blob_data(r->body), blob_size(r->body));
		u->body_done = true;
		upload_go(a->o, x, u);
	}
	err_free(taken);
	response_free(r);
	free(a);
}

static void on_segment_end(void *ctx, struct exchange *x)
{
	struct orchestrator *o = ctx;
	struct upload *u = exchange_user(x);
	struct blob *body = exchange_body(x);
	struct admitted *a;
	struct fetch *f;
	char *url;

	if (!u)
		return;
	if (!u->by_uri) {
		keccak_final(&u->keccak, u->hash);
		u->body_done = true;
		upload_go(o, x, u);
		return;
	}
	url = xstrndup((const char *)blob_data(body), blob_size(body));
	f = fetch_new("GET", url);
	free(url);
	f->total_ms = URI_FETCH_MS;
	f->max_body = SEGMENT_MAX_BYTES;
	a = XNEW(struct admitted);
	a->o = o;
	a->exchange = exchange_id(x);
	fetch_start(o->net, f, to_net(o, on_uri_fetched, a));
}

static void on_segment_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	(void)sent;
	upload_free(exchange_user(x));
	exchange_set_user(x, NULL);
}

/* --- POST /transcodeResults --- */

struct results {
	int64_t task_id;
	int64_t decoded_pixels;
	bool is_error;
	char type[64];
	struct multipart *parts;
	struct transcode_output *output;
	struct err *failed; /* of the multipart stream */
};

static void results_free(struct results *r)
{
	if (!r)
		return;
	multipart_free(r->parts);
	transcode_output_free(r->output);
	err_free(r->failed);
	free(r);
}

static const char *header_or(const struct exchange *x, const char *name)
{
	const char *v = exchange_header(x, name);

	return v ? v : "";
}

/* Opens the multipart reader when the type says so. */
static bool open_results(struct results *r, struct exchange *x)
{
	const char *type = header_or(x, "Content-Type");
	char boundary[BOUNDARY_SIZE];

	if (!media_type(r->type, sizeof(r->type), type)) {
		exchange_error(x, 415, "mime: no media type");
		return false;
	}
	if (!parse_i64(header_or(x, "TaskId"), &r->task_id)) {
		exchange_error(x, 400, "Invalid Task ID");
		return false;
	}
	r->is_error = !strcmp(r->type, "livepeer/transcoding-error");
	if (r->is_error)
		return true;
	if (!parse_i64(header_or(x, "Pixels"), &r->decoded_pixels)) {
		exchange_error(x, 400, "Invalid Pixels");
		return false;
	}
	if (str_has_prefix(r->type, "multipart/") &&
		multipart_boundary(boundary, type)) {
		r->parts = multipart_new(boundary,
			&(struct multipart_limits){0});
		r->output = XNEW(struct transcode_output);
	}
	return true;
}

static void on_results_head(void *ctx, struct exchange *x)
{
	struct orchestrator *o = ctx;
	struct results *r;

	if (strcmp(header_or(x, "Authorization"), "Livepeer-Transcoder-1.0") ||
		!orchestrator_secret_ok(o, header_or(x, "Credentials"))) {
		exchange_error(x, 401, "Unauthorized");
		return;
	}
	r = XNEW(struct results);
	if (!open_results(r, x)) {
		results_free(r);
		return;
	}
	exchange_set_user(x, r);
	if (!r->is_error)
		exchange_discard_body(x); /* parts are taken as they come */
	exchange_want_body(x, r->is_error ? 64u << 10 : 2u * SEGMENT_MAX_BYTES,
		UPLOAD_MS);
}

/* A rendition, or - without Pixels - the signature of the one before. */
static struct err *take_part(struct transcode_output *out, struct part *p)
{
	const char *pixels = part_header(p, "Pixels");
	const char *type = part_header(p, "Content-Type");
	int64_t n;

	if (!pixels && type && !strcmp(type, "application/octet-stream") &&
		out->n && !out->r[out->n - 1].phash) {
		out->r[out->n - 1].phash = blob_ref(p->body);
		return NULL;
	}
	if (!pixels || !parse_i64(pixels, &n) || n < 0)
		return err_new(ERR_PROTOCOL, "Invalid Pixels");
	if (out->n == LADDER_MAX)
		return err_new(ERR_LIMIT, "MismatchedSegments");
	out->r[out->n].data = blob_ref(p->body);
	out->r[out->n++].pixels = n;
	return NULL;
}

/* Parts are taken out as they complete, so that the body is held once. */
static void on_results_data(void *ctx, struct exchange *x, const uint8_t *p,
	size_t n)
{
	struct results *r = exchange_user(x);
	struct part *part;

	(void)ctx;
	if (!r || !r->parts || r->failed)
		return;
	r->failed = multipart_feed(r->parts, p, n);
	while (!r->failed && (part = multipart_next(r->parts))) {
		r->failed = take_part(r->output, part);
		part_free(part);
	}
}

static void on_results_end(void *ctx, struct exchange *x)
{
	struct orchestrator *o = ctx;
	struct results *r = exchange_user(x);
	struct blob *body = exchange_body(x);

	if (!r)
		return;
	if (r->is_error) {
		orchestrator_task_done(o, r->task_id, err_new(ERR_MEDIA, "%.*s",
			(int)blob_size(body), (const char *)blob_data(body)),
			NULL);
	} else if (r->parts) {
		if (!r->failed && !multipart_is_complete(r->parts))
			r->failed = err_new(ERR_PROTOCOL, "unexpected EOF");
		if (r->failed) {
			exchange_error(x, 500, "%s", err_text(r->failed));
			orchestrator_task_done(o, r->task_id, TAKE(r->failed),
				NULL);
			return;
		}
		r->output->decoded_pixels = r->decoded_pixels;
		orchestrator_task_done(o, r->task_id, NULL, TAKE(r->output));
	}
	exchange_answer(x, 200, "text/plain; charset=utf-8", blob_new("OK", 2),
		NULL);
}

static void on_results_gone(void *ctx, struct exchange *x, bool sent)
{
	(void)ctx;
	(void)sent;
	results_free(exchange_user(x));
	exchange_set_user(x, NULL);
}

/* --- the rest --- */

/* Payments without a segment are for services that weir does not offer. */
static void on_payment_head(void *ctx, struct exchange *x)
{
	struct orchestrator *o = ctx;

	exchange_error(x, 400, o->cashier
		? "this orchestrator takes payments with segments only"
		: "this orchestrator is off-chain and takes no payments");
}

static void on_healthz(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_answer(x, 200, NULL, NULL, NULL);
}

void orchestrator_routes(struct orchestrator *o, struct router *r)
{
	static const struct grpc_handler get = {.call = on_get_orchestrator};
	static const struct grpc_handler end = {.call = on_end_session};
	static const struct grpc_handler ping = {.call = on_ping};
	static const struct grpc_handler reg = {
		.call = on_register, .gone = on_register_gone};
	static const struct handler segment = {
		.head = on_segment_head, .data = on_segment_data,
		.end = on_segment_end, .gone = on_segment_gone};
	static const struct handler results = {
		.head = on_results_head, .data = on_results_data,
		.end = on_results_end, .gone = on_results_gone};
	static const struct handler payment = {.head = on_payment_head};
	static const struct handler healthz = {.head = on_healthz};

	router_add_grpc(r, "/net.Orchestrator/GetOrchestrator", &get, o);
	router_add_grpc(r, "/net.Orchestrator/EndTranscodingSession", &end, o);
	router_add_grpc(r, "/net.Orchestrator/Ping", &ping, o);
	router_add(r, "/segment", &segment, o);
	router_add(r, "/payment", &payment, o);
	router_add(r, "/stream/", &shelf_handler, o->shelf);
	router_add(r, "/healthz", &healthz, o);
	if (!*o->secret)
		return;
	router_add_grpc(r, "/net.Transcoder/RegisterTranscoder", &reg, o);
	router_add(r, "/transcodeResults", &results, o);
}

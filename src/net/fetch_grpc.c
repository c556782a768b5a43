#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/grpc.h"
#include "src/base/clock.h"
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/net/exchange.h"
#include "src/net/fetch_private.h"

/* The network's liveness call; whatever answers it is alive. curl can send
 * HTTP/2 pings but does not tell whether they are answered. */
#define PING_PATH "/net.Orchestrator/Ping"
#define PING_EVERY_MS 10000
#define PING_MS 20000

struct call {
	bool streams;
	bool answered; /* a message came */
	struct blob *answer;
	int status; /* grpc-status, -1 none */
	struct str text;
	struct grpc_stream_events ev;
	char *base;
	struct timer *ping_timer;
	bool pinging;
	int64_t heard_us; /* last message */
};

static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) || line[n] != ':')
		return NULL;
	return line + n + 1 + strspn(line + n + 1, " ");
}

static void take_header(struct transfer *t, const char *line)
{
	struct call *c = t->own;
	const char *status = value_of(line, "grpc-status"),
		   *text = value_of(line, "grpc-message");
	uint64_t code;

	if (status)
		c->status = parse_u64(status, &code) && code < 1000 ?
			(int)code : GRPC_UNKNOWN;
	if (text) {
		str_truncate(&c->text, 0);
		grpc_text_decode(&c->text, text, strlen(text));
	}
}

/* --- messages --- */

struct delivery {
	struct grpc_stream_events ev;
	struct blob *message;
	struct err *err;
};

static void deliver_message(void *ctx)
{
	struct delivery *d = ctx;

	d->ev.message(d->ev.ctx, d->message);
	free(d);
}

static void deliver_end(void *ctx)
{
	struct delivery *d = ctx;

	d->ev.end(d->ev.ctx, d->err);
	free(d);
}

static void deliver(const struct grpc_stream_events *ev, task_fn *fn,
	struct blob *message, struct err *err)
{
	struct delivery *d = XNEW(struct delivery);

	d->ev = *ev;
	d->message = message;
	d->err = err;
	if (ev->to)
		actor_post(ev->to, fn, d);
	else
		fn(d);
}

static struct err *take_message(struct call *c, const uint8_t *msg, size_t n)
{
	if (c->streams) {
		c->heard_us = clock_mono_us();
		deliver(&c->ev, deliver_message, blob_new(msg, n), NULL);
		return NULL;
	}
	if (c->answered)
		return err_new(ERR_PROTOCOL, "two answers to one call");
	c->answered = true;
	c->answer = blob_new(msg, n);
	return NULL;
}

static struct err *take_data(struct transfer *t, const uint8_t *p, size_t n)
{
	struct call *c = t->own;
	const uint8_t *begin, *at, *msg;
	struct err *e = NULL;
	size_t size;

	str_addn(&t->in, p, n);
	begin = at = (const uint8_t *)t->in.s;
	while (!e) {
		switch (grpc_parse(at, t->in.len - (size_t)(at - begin),
			GRPC_MAX_MESSAGE, &msg, &size)) {
		case GRPC_MESSAGE:
			e = take_message(c, msg, size);
			at = msg + size;
			break;
		case GRPC_MORE:
			size = (size_t)(at - begin);
			memmove(t->in.s, t->in.s + size, t->in.len - size);
			str_truncate(&t->in, t->in.len - size);
			return NULL;
		case GRPC_COMPRESSED:
			return err_new(ERR_PROTOCOL, "compressed message");
		case GRPC_TOO_LARGE:
			return err_new(ERR_LIMIT, "message of %zu bytes, at "
				"most %u", size, GRPC_MAX_MESSAGE);
		case GRPC_MALFORMED:
			return err_new(ERR_PROTOCOL, "malformed message");
		}
	}
	return e;
}

/* --- how it ended --- */

static enum err_kind kind_of(int status)
{
	switch (status) {
	case GRPC_CANCELLED:
		return ERR_CANCELLED;
	case GRPC_DEADLINE_EXCEEDED:
		return ERR_TIMEOUT;
	case GRPC_PERMISSION_DENIED:
	case 16: /* UNAUTHENTICATED */
		return ERR_DENIED;
	case GRPC_RESOURCE_EXHAUSTED:
		return ERR_LIMIT;
	case GRPC_UNAVAILABLE:
		return ERR_UNAVAILABLE;
	}
	return ERR_INVALID;
}

static struct err *outcome(const struct transfer *t, struct err *taken)
{
	const struct call *c = t->own;

	/* A status that arrived counts, however the connection ended after. */
	if (taken && (c->status < 0 || err_kind(taken) != ERR_UNAVAILABLE))
		return taken;
	err_free(taken);
	if (c->status > 0 && c->text.len)
		return err_new(kind_of(c->status), "%s", c->text.s);
	if (c->status > 0)
		return err_new(kind_of(c->status), "gRPC status %d", c->status);
	if (c->status < 0 && t->status != 200)
		return err_new(ERR_UNAVAILABLE, "HTTP status %d", t->status);
	if (c->status < 0)
		return err_new(ERR_UNAVAILABLE, "ended without a gRPC status");
	if (!c->streams && !c->answered)
		return err_new(ERR_PROTOCOL, "no answer in the response");
	return NULL;
}

static void call_done(struct transfer *t, struct err *taken)
{
	struct call *c = t->own;
	struct err *e = outcome(t, taken);

	if (c->streams)
		deliver(&c->ev, deliver_end, NULL, e);
	else if (e || !t->reply.fn)
		reply_send(t->reply, e, NULL);
	else
		reply_send(t->reply, NULL, TAKE(c->answer));
}

static void call_free(struct transfer *t)
{
	struct call *c = t->own;

	timer_free(c->ping_timer);
	blob_put(c->answer);
	str_clear(&c->text);
	free(c->base);
	free(c);
}

static void start_pings(struct transfer *t);

static const struct transfer_ops call_ops = {
	.start = start_pings,
	.header = take_header,
	.data = take_data,
	.done = call_done,
	.free = call_free,
};

static struct transfer *call_new(struct net *n, const char *base,
	const char *path, struct blob *msg, unsigned total_ms)
{
	struct call *c = XNEW(struct call);
	struct str url = STR_INIT;
	struct fetch *f;

	str_printf(&url, "%s%s", base, path);
	f = fetch_new("POST", url.s);
	str_clear(&url);
	f->http = FETCH_H2;
	f->total_ms = total_ms;
	f->body = grpc_frame(blob_data(msg), blob_size(msg));
	blob_put(msg);
	fetch_header(f, "Content-Type", "application/grpc");
	fetch_header(f, "TE", "trailers");
	c->status = -1;
	c->base = xstrdup(base);
	return transfer_new(n, f, &call_ops, c);
}

uint64_t grpc_call(struct net *n, const char *base, const char *path,
	struct blob *msg, unsigned connect_ms, unsigned total_ms,
	struct reply reply)
{
	struct transfer *t = call_new(n, base, path, msg, total_ms);

	t->f->connect_ms = connect_ms;
	t->reply = reply;
	return transfer_start(t);
}

uint64_t grpc_stream(struct net *n, const char *base, const char *path,
	struct blob *msg, const struct grpc_stream_events *ev)
{
	struct transfer *t = call_new(n, base, path, msg, FETCH_FOREVER);
	struct call *c = t->own;

	c->streams = true;
	c->ev = *ev;
	return transfer_start(t);
}

/* --- is the other end of a silent stream still there? --- */

struct ping {
	struct net *net;
	uint64_t stream;
	int64_t sent_us;
};

static void on_ping_answer(void *ctx, struct err *taken, void *result)
{
	struct ping *p = ctx;
	struct transfer *t = transfer_find(p->net, p->stream);
	struct call *c = t ? t->own : NULL;

	if (c)
		c->pinging = false;
	/* A refusal is an answer; only silence is not. */
	if (c && taken && err_kind(taken) == ERR_TIMEOUT &&
		c->heard_us < p->sent_us)
		transfer_fail(t, err_new(ERR_UNAVAILABLE,
			"no answer to a ping for %d s", PING_MS / 1000));
	err_free(taken);
	blob_put(result);
	free(p);
}

static void on_ping_timer(void *ctx)
{
	struct transfer *t = ctx;
	struct call *c = t->own;
	struct ping *p;

	if (c->pinging)
		return;
	p = XNEW(struct ping);
	p->net = t->net;
	p->stream = t->id;
	p->sent_us = clock_mono_us();
	c->pinging = true;
	grpc_call(t->net, c->base, PING_PATH, NULL, PING_MS, PING_MS,
		(struct reply){.fn = on_ping_answer, .ctx = p});
}

static void start_pings(struct transfer *t)
{
	struct call *c = t->own;

	if (!c->streams)
		return;
	c->ping_timer = timer_new(t->net->actor, on_ping_timer, t);
	timer_set(c->ping_timer, PING_EVERY_MS, PING_EVERY_MS);
}

#include "proto/http1.h"
#include "proto/http1_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HELD_MAX (64 * 1024) /* pipelined input that may wait */
/* http-parser's own limit is process-wide; ours is per connection. */
#define PARSER_MAX_HEADER (4u << 20)

static void set_user(struct http *m, uint32_t stream, void *user)
{
	struct http1 *h = http1_self(m);

	if (h->busy && h->stream == stream)
		h->user = user;
}

static void consume(struct http *m, uint32_t stream, size_t n)
{
	(void)m;
	(void)stream;
	(void)n;
}

/* --- input: http-parser's callbacks --- */
static void await_request(struct http1 *h)
{
	h->phase = PHASE_HEAD;
	h->began = h->finished = false;
	if (h->quiesced)
		h->dead = true;
}

static void post(struct http1 *h, enum http_event_kind kind)
{
	assert(!h->has_event);
	h->has_event = true;
	h->event = (struct http_event){.kind = kind, .stream = h->stream};
	http_parser_pause(&h->parser, 1);
}

static int refuse(struct http1 *h, int status)
{
	h->refuse = status;
	return -1;
}

static int grow_head(struct http1 *h, size_t n)
{
	h->head_bytes += n;
	return h->head_bytes > h->limits.max_header ? refuse(h, 431) : 0;
}

static int on_message_begin(http_parser *p)
{
	struct http1 *h = p->data;

	h->head_begun = true;
	h->head = http_head_new();
	h->head_bytes = 0;
	h->hosts = h->codings = 0;
	h->in_value = false;
	h->refuse = 0;
	str_truncate(&h->target, 0);
	return 0;
}

static int on_url(http_parser *p, const char *at, size_t n)
{
	struct http1 *h = p->data;

	str_addn(&h->target, at, n);
	return grow_head(h, n);
}

/* A field is complete: check what others forget to. */
static int end_field(struct http1 *h)
{
	struct str *text = &h->head->text;
	const char *name, *value;

	if (!h->in_value)
		return 0;
	h->in_value = false;
	while (text->len > h->value_at && strchr(" \t", text->s[text->len - 1]))
		str_truncate(text, text->len - 1);
	str_addc(text, '\0');
	h->head->fields_n++;
	name = text->s + h->name_at;
	value = text->s + h->value_at;
	h->name_at = text->len;
	if (!strcasecmp(name, "host")) {
		h->hosts++;
	} else if (!strcasecmp(name, "transfer-encoding")) {
		/* No other coding is known here, and no two of them. */
		if (h->codings++ || strcasecmp(value, "chunked"))
			return refuse(h, 400);
	}
	return 0;
}

static void set_request_line(struct http1 *h)
{
	const char *method = http_method_str(h->parser.method);

	http_head_set_method(h->head, method, strlen(method));
	http_head_set_target(h->head, str_cstr(&h->target), h->target.len);
	h->name_at = h->head->text.len;
}

static int on_header_field(http_parser *p, const char *at, size_t n)
{
	struct http1 *h = p->data;

	if (h->phase != PHASE_HEAD) /* a trailer: counted, not kept */
		return grow_head(h, n);
	if (!*http_head_method(h->head))
		set_request_line(h);
	if (h->in_value) {
		if (end_field(h))
			return -1;
		if (h->head->fields_n >= h->limits.max_fields)
			return refuse(h, 431);
		h->head_bytes += 32;
	}
	str_addn(&h->head->text, at, n);
	return grow_head(h, n);
}

static int on_header_value(http_parser *p, const char *at, size_t n)
{
	struct http1 *h = p->data;

	if (h->phase != PHASE_HEAD)
		return grow_head(h, n);
	if (!h->in_value) {
		h->in_value = true;
		str_addc(&h->head->text, '\0');
		h->value_at = h->head->text.len;
	}
	str_addn(&h->head->text, at, n);
	return grow_head(h, n);
}

static int on_headers_complete(http_parser *p)
{
	struct http1 *h = p->data;
	const char *expect;

	if (!*http_head_method(h->head))
		set_request_line(h);
	if (end_field(h))
		return -1;
	if (p->http_major != 1)
		return refuse(h, 505);
	if (p->method == HTTP_CONNECT)
		return refuse(h, 405);
	if (h->hosts > 1 || (p->http_minor && !h->hosts) ||
		(!p->http_minor && h->codings))
		return refuse(h, 400);
	/* Offers to upgrade may be ignored, and are (RFC 9110 7.8). */
	p->upgrade = 0;
	expect = http_head_value(h->head, "expect");
	h->expect = expect && !strcasecmp(expect, "100-continue") &&
		    p->http_minor;
	h->phase = PHASE_BODY;
	h->head_begun = false;
	h->stream++;
	h->busy = true;
	h->user = NULL;
	h->bodiless = h->chunked = h->keep = false;
	post(h, HTTP_EVENT_REQUEST);
	h->event.head = TAKE(h->head);
	return 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
	struct http1 *h = p->data;

	h->expect = false;
	if (!h->busy) /* answered already: the rest is only drained */
		return 0;
	post(h, HTTP_EVENT_DATA);
	h->event.data = (const uint8_t *)at;
	h->event.n = n;
	return 0;
}

static int on_message_complete(http_parser *p)
{
	struct http1 *h = p->data;

	h->expect = false;
	if (!h->busy) {
		await_request(h);
		return 0;
	}
	h->phase = PHASE_COMPLETE;
	post(h, HTTP_EVENT_END);
	return 0;
}

static const http_parser_settings settings = {
	.on_message_begin = on_message_begin,
	.on_url = on_url,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

/* --- input --- */
static void fail(struct http1 *h, enum http_errno errnum)
{
	int status = h->refuse ? h->refuse
		     : errnum == HPE_HEADER_OVERFLOW ? 431 : 400;
	struct str s = STR_INIT;

	h->dead = true;
	http_head_free(TAKE(h->head));
	h->head_begun = false;
	if (h->began) {
		/* Half an answer must not look like a whole one. */
		h->aborted = h->busy && !h->finished;
		return;
	}
	str_printf(&s, "HTTP/1.1 %d %s\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Connection: close\r\n\r\n%d %s",
		status, http_status_str(status), status,
		http_status_str(status));
	http1_put(h, blob_from_str(&s));
	h->aborted = h->busy;
}

static void parse(struct http1 *h)
{
	const uint8_t *p = h->in;
	size_t n = h->in_n, used;
	enum http_errno errnum;

	if (h->rest_at < h->rest.len) {
		p = (const uint8_t *)h->rest.s + h->rest_at;
		n = h->rest.len - h->rest_at;
	}
	if (HTTP_PARSER_ERRNO(&h->parser) == HPE_PAUSED)
		http_parser_pause(&h->parser, 0);
	used = http_parser_execute(&h->parser, &settings, (const char *)p, n);
	errnum = HTTP_PARSER_ERRNO(&h->parser);
	if (p == h->in) {
		h->in += used;
		h->in_n -= used;
	} else {
		h->rest_at += used;
	}
	if (errnum != HPE_OK && errnum != HPE_PAUSED)
		fail(h, errnum);
}

static void feed(struct http *m, const uint8_t *p, size_t n, int64_t now_ms)
{
	struct http1 *h = http1_self(m);

	(void)now_ms;
	assert(!h->in_n);
	if (h->dead)
		return;
	if (h->rest_at < h->rest.len) {
		str_addn(&h->rest, p, n);
		return;
	}
	str_clear(&h->rest);
	h->rest_at = 0;
	h->in = p;
	h->in_n = n;
}

static bool over(const struct http1 *h)
{
	return h->aborted || (h->finished && !h->out_n);
}

static void close_exchange(struct http1 *h)
{
	h->busy = false;
	if (!h->keep)
		h->dead = true;
	if (h->phase == PHASE_COMPLETE)
		await_request(h);
}

static bool give(struct http1 *h, struct http_event *out)
{
	h->event.user = h->user;
	*out = h->event;
	h->has_event = false;
	return true;
}

static bool next(struct http *m, struct http_event *out)
{
	struct http1 *h = http1_self(m);

	for (;;) {
		if (h->has_event)
			return give(h, out);
		if (h->busy && over(h)) {
			h->event = (struct http_event){
				.kind = HTTP_EVENT_CLOSED,
				.stream = h->stream,
				.sent = !h->aborted,
			};
			close_exchange(h);
			return give(h, out);
		}
		if (h->dead) {
			h->in_n = 0;
			return false;
		}
		if (h->phase == PHASE_COMPLETE ||
			(!h->in_n && h->rest_at == h->rest.len))
			break;
		parse(h);
	}
	if (h->in_n) { /* pipelined: it waits for the answer before it */
		str_addn(&h->rest, h->in, h->in_n);
		h->in_n = 0;
	}
	return false;
}

static void quiesce(struct http *m)
{
	struct http1 *h = http1_self(m);

	h->quiesced = true;
	if (!h->busy && h->phase == PHASE_HEAD && !h->head_begun)
		h->dead = true;
}

static bool in_head(const struct http *m)
{
	const struct http1 *h = (const struct http1 *)m;

	return !h->stream || h->head_begun ||
	       (h->phase == PHASE_BODY && !h->busy);
}

static bool held(const struct http *m)
{
	const struct http1 *h = (const struct http1 *)m;

	return h->rest.len - h->rest_at > HELD_MAX;
}

static bool closing(const struct http *m)
{
	const struct http1 *h = (const struct http1 *)m;

	return h->dead && !h->busy;
}

static void free_machine(struct http *m)
{
	struct http1 *h = http1_self(m);

	if (h->has_event)
		http_head_free(h->event.head);
	http_head_free(h->head);
	http1_clear_answer(h);
	blob_put(h->given);
	str_clear(&h->target);
	str_clear(&h->rest);
	free(h);
}

static const struct http_ops http1_ops = {
	.free = free_machine,
	.feed = feed,
	.next = next,
	.pending = http1_pending,
	.set_user = set_user,
	.consume = consume,
	.go_on = http1_go_on,
	.begin = http1_begin,
	.write = http1_write,
	.finish = http1_finish,
	.reset = http1_reset,
	.queued = http1_queued,
	.quiesce = quiesce,
	.in_head = in_head,
	.held = held,
	.closing = closing,
};

struct http *http1_new(const struct http_limits *limits)
{
	struct http1 *h = XNEW(struct http1);

	assert(limits->max_header < PARSER_MAX_HEADER);
	http_parser_set_max_header_size(PARSER_MAX_HEADER);
	http_parser_init(&h->parser, HTTP_REQUEST);
	h->parser.data = h;
	h->base.ops = &http1_ops;
	h->limits = *limits;
	STAILQ_INIT(&h->out);
	return &h->base;
}

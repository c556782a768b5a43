#include "proto/h2.h"
#include "proto/h2_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STREAM_WINDOW (4 << 20)
#define CONN_WINDOW (16 << 20)
#define MAX_CONTINUATIONS 160 /* 16 KiB each: more than max_header */
#define MAX_ACKS 1000	      /* PING and SETTINGS acks not yet sent */

/* What a peer may do at once, and how much more in each second. */
#define RESETS 200
#define RESETS_PER_S 50
#define CHATTER 5000 /* PING, SETTINGS, PRIORITY, empty DATA */
#define CHATTER_PER_S 1000

/* --- patience --- */
static bool bucket_take(struct bucket *b, int64_t now_ms, int64_t burst,
	int64_t per_s)
{
	b->milli += (now_ms - b->at_ms) * per_s;
	b->at_ms = now_ms;
	if (b->milli > burst * 1000)
		b->milli = burst * 1000;
	if (b->milli < 1000)
		return false;
	b->milli -= 1000;
	return true;
}

static void calm_down(struct h2 *h)
{
	nghttp2_session_terminate_session(h->session,
		NGHTTP2_ENHANCE_YOUR_CALM);
}

static void on_chatter(struct h2 *h)
{
	if (!bucket_take(&h->chatter, h->now_ms, CHATTER, CHATTER_PER_S))
		calm_down(h);
}

/* --- events --- */
static struct http_event *post(struct h2 *h, struct stream *s,
	enum http_event_kind kind)
{
	struct event *e = STAILQ_FIRST(&h->spare);

	if (e)
		STAILQ_REMOVE_HEAD(&h->spare, link);
	else
		e = XNEW(struct event);
	e->e = (struct http_event){.kind = kind, .stream = (uint32_t)s->id};
	e->stream = s;
	STAILQ_INSERT_TAIL(&h->events, e, link);
	return &e->e;
}

static void free_stream(struct stream *s)
{
	h2_clear_answer(s);
	http_head_free(s->head);
	free(s);
}

/* --- nghttp2's callbacks: input --- */
static int on_begin_headers(nghttp2_session *session,
	const nghttp2_frame *frame, void *ctx)
{
	struct h2 *h = ctx;
	struct stream *s;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	s = XNEW(struct stream);
	s->id = frame->hd.stream_id;
	s->head = http_head_new();
	STAILQ_INIT(&s->out);
	LIST_INSERT_HEAD(&h->streams, s, link);
	nghttp2_session_set_stream_user_data(session, s->id, s);
	return 0;
}

static void add_field(struct stream *s, const char *name, size_t name_n,
	const char *value, size_t value_n)
{
	struct http_head *head = s->head;

	if (*name != ':') {
		str_addn(&head->text, name, name_n + 1);
		str_addn(&head->text, value, value_n + 1);
		head->fields_n++;
		if (!strcmp(name, "expect"))
			s->expect = !strcasecmp(value, "100-continue");
	} else if (!strcmp(name, ":method")) {
		http_head_set_method(head, value, value_n);
		s->is_head = !strcmp(value, "HEAD");
	} else if (!strcmp(name, ":path")) {
		http_head_set_target(head, value, value_n);
	} else if (!strcmp(name, ":authority")) {
		http_head_set_host(head, value, value_n);
	}
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
	const uint8_t *name, size_t name_n, const uint8_t *value,
	size_t value_n, uint8_t flags, void *ctx)
{
	struct h2 *h = ctx;
	struct stream *s = nghttp2_session_get_stream_user_data(session,
		frame->hd.stream_id);

	(void)flags;
	if (!s || !s->head || s->too_large) /* trailers are not kept */
		return 0;
	s->head_bytes += name_n + value_n + 32;
	if (s->head_bytes > h->limits.max_header ||
		s->head->fields_n >= h->limits.max_fields) {
		s->too_large = true;
		return 0;
	}
	add_field(s, (const char *)name, name_n, (const char *)value, value_n);
	return 0;
}

static void end_request(struct h2 *h, struct stream *s)
{
	s->request_ended = true;
	post(h, s, HTTP_EVENT_END);
}

static void on_headers(struct h2 *h, struct stream *s,
	const nghttp2_frame *frame)
{
	bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (s && s->head && s->too_large) {
		s->request_ended = ended;
		h2_refuse_head(h, s);
		return;
	}
	if (s && s->head)
		post(h, s, HTTP_EVENT_REQUEST)->head = TAKE(s->head);
	if (s && ended)
		end_request(h, s);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
	void *ctx)
{
	struct h2 *h = ctx;
	struct stream *s = nghttp2_session_get_stream_user_data(session,
		frame->hd.stream_id);
	bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		on_headers(h, s, frame);
		break;
	case NGHTTP2_DATA:
		if (s && ended)
			end_request(h, s);
		else if (!frame->hd.length)
			on_chatter(h);
		break;
	case NGHTTP2_RST_STREAM:
		if (!bucket_take(&h->resets, h->now_ms, RESETS, RESETS_PER_S))
			calm_down(h);
		break;
	case NGHTTP2_SETTINGS:
		h->opened = true;
		on_chatter(h);
		break;
	case NGHTTP2_PING:
	case NGHTTP2_PRIORITY:
		on_chatter(h);
		break;
	}
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
	const uint8_t *data, size_t n, void *ctx)
{
	struct h2 *h = ctx;
	struct stream *s = nghttp2_session_get_stream_user_data(session, id);
	struct http_event *e;

	(void)flags;
	if (!s || s->too_large) {
		nghttp2_session_consume(session, id, n);
		return 0;
	}
	s->expect = false;
	e = post(h, s, HTTP_EVENT_DATA);
	e->data = data;
	e->n = n;
	h->paused = true;
	return NGHTTP2_ERR_PAUSE;
}

static int on_frame_begin(nghttp2_session *session,
	const nghttp2_frame_hd *hd, void *ctx)
{
	struct h2 *h = ctx;

	(void)session;
	if (hd->type == NGHTTP2_HEADERS || hd->type == NGHTTP2_CONTINUATION)
		h->block_open = !(hd->flags & NGHTTP2_FLAG_END_HEADERS);
	return 0;
}

/* --- nghttp2's callbacks: output --- */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame,
	void *ctx)
{
	struct stream *s;

	(void)ctx;
	if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
		(frame->hd.type != NGHTTP2_DATA &&
			frame->hd.type != NGHTTP2_HEADERS))
		return 0;
	s = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (!s)
		return 0;
	s->answered = true;
	/* An answer that needs no more of the request (RFC 9113 8.1). */
	if (!s->request_ended)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, s->id,
			NGHTTP2_NO_ERROR);
	return 0;
}

static int on_not_sent(nghttp2_session *session, const nghttp2_frame *frame,
	int error, void *ctx)
{
	(void)ctx;
	(void)error;
	if (frame->hd.type == NGHTTP2_HEADERS)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
			frame->hd.stream_id, NGHTTP2_INTERNAL_ERROR);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id,
	uint32_t error, void *ctx)
{
	struct h2 *h = ctx;
	struct stream *s = nghttp2_session_get_stream_user_data(session, id);

	(void)error;
	if (!s)
		return 0;
	nghttp2_session_set_stream_user_data(session, id, NULL);
	LIST_REMOVE(s, link);
	/* A peer's reset after our last byte takes nothing back. */
	post(h, s, HTTP_EVENT_CLOSED)->sent = s->answered;
	return 0;
}

/* --- the machine --- */
static void feed(struct http *m, const uint8_t *p, size_t n, int64_t now_ms)
{
	struct h2 *h = h2_self(m);

	assert(!h->in_n && !h->paused);
	if (h->dead)
		return;
	h->in = p;
	h->in_n = n;
	h->now_ms = now_ms;
}

static void parse(struct h2 *h)
{
	ssize_t used;

	h->paused = false;
	used = nghttp2_session_mem_recv(h->session, h->in, h->in_n);
	if (used < 0) {
		/* FLOODED and the like; nghttp2 itself answers the rest. */
		h->dead = true;
		h->in_n = 0;
		h->paused = false;
		return;
	}
	h->in += used;
	h->in_n -= (size_t)used;
}

static bool give(struct h2 *h, struct http_event *out)
{
	struct event *e = STAILQ_FIRST(&h->events);

	STAILQ_REMOVE_HEAD(&h->events, link);
	*out = e->e;
	out->user = e->stream->user;
	h->current = e->stream;
	if (out->kind == HTTP_EVENT_CLOSED)
		free_stream(TAKE(h->current));
	STAILQ_INSERT_HEAD(&h->spare, e, link);
	return true;
}

static bool next(struct http *m, struct http_event *out)
{
	struct h2 *h = h2_self(m);

	for (;;) {
		if (!STAILQ_EMPTY(&h->events))
			return give(h, out);
		if (h->dead || (!h->in_n && !h->paused))
			return false;
		parse(h);
	}
}

static size_t pending(struct http *m, const uint8_t **out)
{
	struct h2 *h = h2_self(m);
	ssize_t n;

	if (h->dead)
		return 0;
	n = nghttp2_session_mem_send(h->session, out);
	if (n < 0) {
		h->dead = true;
		return 0;
	}
	return (size_t)n;
}

static void set_user(struct http *m, uint32_t id, void *user)
{
	struct h2 *h = h2_self(m);

	/* Not find(): a stream that its peer has reset meanwhile is unknown
	 * to nghttp2, but still has its CLOSED before it. */
	if (h->current && h->current->id == (int32_t)id)
		h->current->user = user;
}

static void consume(struct http *m, uint32_t id, size_t n)
{
	nghttp2_session_consume(h2_self(m)->session, (int32_t)id, n);
}

static void quiesce(struct http *m)
{
	struct h2 *h = h2_self(m);

	nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(h->session),
		NGHTTP2_NO_ERROR, NULL, 0);
}

static bool in_head(const struct http *m)
{
	const struct h2 *h = (const struct h2 *)m;

	return !h->opened || h->block_open;
}

static bool held(const struct http *m)
{
	(void)m;
	return false;
}

static bool closing(const struct http *m)
{
	const struct h2 *h = (const struct h2 *)m;

	return h->dead || (!nghttp2_session_want_read(h->session) &&
				  !nghttp2_session_want_write(h->session));
}

static void free_events(struct h2 *h)
{
	struct event *e;

	while ((e = STAILQ_FIRST(&h->events))) {
		STAILQ_REMOVE_HEAD(&h->events, link);
		http_head_free(e->e.head);
		if (e->e.kind == HTTP_EVENT_CLOSED)
			free_stream(e->stream);
		free(e);
	}
	while ((e = STAILQ_FIRST(&h->spare))) {
		STAILQ_REMOVE_HEAD(&h->spare, link);
		free(e);
	}
}

static void free_machine(struct http *m)
{
	struct h2 *h = h2_self(m);
	struct stream *s;

	nghttp2_session_del(h->session);
	free_events(h);
	while ((s = LIST_FIRST(&h->streams))) {
		LIST_REMOVE(s, link);
		free_stream(s);
	}
	free(h);
}

static const struct http_ops h2_ops = {
	.free = free_machine,
	.feed = feed,
	.next = next,
	.pending = pending,
	.set_user = set_user,
	.consume = consume,
	.go_on = h2_go_on,
	.begin = h2_begin,
	.write = h2_write,
	.finish = h2_finish,
	.reset = h2_reset,
	.queued = h2_queued,
	.quiesce = quiesce,
	.in_head = in_head,
	.held = held,
	.closing = closing,
};

static void open_session(struct h2 *h)
{
	nghttp2_session_callbacks *cb;
	nghttp2_option *opt;

	if (nghttp2_session_callbacks_new(&cb) || nghttp2_option_new(&opt))
		abort();
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb,
		on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_begin_frame_callback(cb,
		on_frame_begin);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(cb,
		on_not_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb,
		on_stream_close);
	nghttp2_option_set_no_auto_window_update(opt, 1);
	nghttp2_option_set_no_closed_streams(opt, 1);
	nghttp2_option_set_max_send_header_block_length(opt, 1 << 20);
	nghttp2_option_set_max_continuations(opt, MAX_CONTINUATIONS);
	nghttp2_option_set_max_outbound_ack(opt, MAX_ACKS);
	if (nghttp2_session_server_new2(&h->session, cb, h, opt))
		abort();
	nghttp2_option_del(opt);
	nghttp2_session_callbacks_del(cb);
}

struct http *h2_new(const struct http_limits *limits)
{
	struct h2 *h = XNEW(struct h2);
	nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->max_streams},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits->max_header},
	};

	h->base.ops = &h2_ops;
	h->limits = *limits;
	LIST_INIT(&h->streams);
	STAILQ_INIT(&h->events);
	STAILQ_INIT(&h->spare);
	h->resets.milli = RESETS * 1000;
	h->chatter.milli = CHATTER * 1000;
	open_session(h);
	nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings,
		ARRAY_SIZE(settings));
	nghttp2_session_set_local_window_size(h->session, NGHTTP2_FLAG_NONE, 0,
		CONN_WINDOW);
	return &h->base;
}

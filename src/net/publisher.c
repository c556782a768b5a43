#include "src/net/publisher.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/rtmp.h"
#include "proto/segmenter.h"
#include "src/base/clock.h"

#define LINGER_MS 2000
#define STALL_MS 10000
#define BATCH_MS 100
#define BATCH_MAX (32 << 10)
#define RATE_MS 2000 /* the measured bit rate is of at least so long */

enum stage {
	STAGE_SETUP,  /* handshake and commands, nobody knows it yet */
	STAGE_ASKED,  /* the role was asked; nothing is read */
	STAGE_LIVE,   /* accepted */
	STAGE_LINGER, /* ended; the peer still reads why */
	STAGE_CLOSED,
};
enum goodbye {
	GOODBYE_NOW,
	GOODBYE_LINGER, /* say no more, read until the peer is done */
	GOODBYE_WAIT,	/* the peer says goodbye; rtmp2sink takes it as an
			   error when we hang up first */
};

struct publisher {
	LIST_ENTRY(publisher) link;
	UT_hash_handle hh;
	struct rtmp_port *port;
	uint64_t id;
	void *user;
	char remote[SOCKET_NAME_SIZE];

	uv_tcp_t tcp;
	uv_shutdown_t shutdown;
	bool writing;
	int64_t write_ms; /* when the write under way began */

	enum stage stage;
	int64_t deadline_ms; /* SETUP, LINGER */
	int64_t media_ms;    /* LIVE: when media last came */
	struct rtmp *rtmp;
	struct segmenter *segmenter; /* from acceptance to the end */
	struct str rest;	     /* read before the role answered */

	/* Ends wait until nobody up the stack is using p. */
	unsigned busy;
	char *reason; /* set: it shall end */
	enum goodbye goodbye;

	struct flv_meta meta;
	uint64_t bytes;
	uint64_t rate_bytes; /* bytes at rate_ms */
	int64_t rate_ms;
	int32_t bitrate;
	int batch; /* bytes that wake us; 0: the default, 1 */
};

struct publisher *publisher_next(const struct publisher *p)
{
	return LIST_NEXT(p, link);
}

static int64_t now_ms(const struct publisher *p)
{
	return (int64_t)uv_now(p->tcp.loop);
}

/* --- ending --- */

static void on_closed(uv_handle_t *h)
{
	struct publisher *p = h->data;
	struct rtmp_port *port = p->port;

	rtmp_free(p->rtmp);
	str_clear(&p->rest);
	free(p->reason);
	free(p);
	rtmp_port_put(port);
}

static void close_socket(struct publisher *p)
{
	if (p->stage == STAGE_CLOSED)
		return;
	p->stage = STAGE_CLOSED;
	LIST_REMOVE(p, link);
	p->port->conns_n--;
	uv_close((uv_handle_t *)&p->tcp, on_closed);
}

static void hand_over_segment(struct publisher *p)
{
	struct segment *s = segmenter_next(p->segmenter);

	if (s)
		p->port->events.segment(p->port->events.ctx, p, s);
}

/* The role hears the last of p. */
static void conclude(struct publisher *p)
{
	const struct rtmp_events *ev = &p->port->events;

	p->busy++;
	if (p->segmenter) {
		hand_over_segment(p);
		segmenter_end(p->segmenter);
		hand_over_segment(p);
		segmenter_free(TAKE(p->segmenter));
	}
	HASH_DEL(p->port->publishers, p);
	ev->end(ev->ctx, p, p->reason);
	p->user = NULL;
	p->busy--;
}

static void flush(struct publisher *p);

/* Ends p if something asked for it and nobody is using it. */
static void settle(struct publisher *p)
{
	enum stage was = p->stage;

	if (p->busy || !p->reason || was >= STAGE_LINGER)
		return;
	p->stage = STAGE_LINGER;
	p->deadline_ms = now_ms(p) + LINGER_MS;
	if (was == STAGE_SETUP)
		log_debug(net_log(p->port->net), "%s: %s", p->remote,
			p->reason);
	else
		conclude(p);
	str_clear(&p->rest);
	if (p->goodbye == GOODBYE_NOW) {
		close_socket(p);
		return;
	}
	flush(p);
}

static void finish(struct publisher *p, enum goodbye goodbye,
	const char *reason)
{
	if (p->reason)
		return;
	p->reason = xstrdup(reason);
	p->goodbye = goodbye;
}

void publisher_kill(struct publisher *p, const char *reason)
{
	assert(!p->busy);
	finish(p, GOODBYE_NOW, reason);
	settle(p);
	close_socket(p);
}

/* --- writing --- */

struct write {
	uv_write_t req;
	struct publisher *p;
	char bytes[];
};

static void on_shutdown(uv_shutdown_t *req, int status)
{
	(void)req;
	(void)status;
}

static void on_written(uv_write_t *req, int status)
{
	struct write *w = (struct write *)req;
	struct publisher *p = w->p;

	free(w);
	p->writing = false;
	if (p->stage == STAGE_CLOSED)
		return;
	if (status < 0) {
		finish(p, GOODBYE_NOW, uv_strerror(status));
		settle(p);
		if (p->stage == STAGE_LINGER)
			close_socket(p);
		return;
	}
	flush(p);
}

static void write_later(struct publisher *p, const uint8_t *bytes, size_t n)
{
	struct write *w = xmalloc(sizeof(*w) + n);
	uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)n);

	memcpy(w->bytes, bytes, n);
	w->p = p;
	p->writing = true;
	p->write_ms = now_ms(p);
	if (uv_write(&w->req, (uv_stream_t *)&p->tcp, &buf, 1, on_written)) {
		/* The read side will say so too. */
		p->writing = false;
		free(w);
	}
}

static void flush(struct publisher *p)
{
	const uint8_t *bytes;
	uv_buf_t buf;
	size_t n;
	int sent;

	if (p->writing || p->stage == STAGE_CLOSED)
		return;
	bytes = rtmp_pending(p->rtmp, &n);
	if (n) {
		/* A uv_buf_t has no const; uv_try_write() only reads. */
		buf.base = (char *)(uintptr_t)bytes;
		buf.len = n;
		sent = uv_try_write((uv_stream_t *)&p->tcp, &buf, 1);
		if (sent < 0)
			sent = 0;
		if ((size_t)sent < n)
			write_later(p, bytes + sent, n - (size_t)sent);
		rtmp_sent(p->rtmp, n);
	}
	if (p->stage == STAGE_LINGER && p->goodbye == GOODBYE_LINGER &&
		!p->writing && !p->shutdown.data) {
		p->shutdown.data = p;
		if (uv_shutdown(&p->shutdown, (uv_stream_t *)&p->tcp,
			    on_shutdown))
			close_socket(p);
	}
}

/* --- reading --- */

static void ask(struct publisher *p)
{
	const struct rtmp_events *ev = &p->port->events;
	struct str url = STR_INIT;

	p->stage = STAGE_ASKED;
	p->id = ++p->port->last_id;
	HASH_ADD(hh, p->port->publishers, id, sizeof(p->id), p);
	rtmp_url(p->rtmp, p->port->address, &url);
	ev->publish(ev->ctx, p, url.s);
	str_clear(&url);
}

static void fail(struct publisher *p, struct err *taken)
{
	if (p->stage == STAGE_LIVE && !p->reason)
		rtmp_abort(p->rtmp, err_text(taken));
	finish(p, GOODBYE_LINGER, err_text(taken));
	err_free(taken);
}

static void on_media(struct publisher *p, const struct rtmp_event *ev)
{
	struct err *e = segmenter_feed(p->segmenter, ev->tag, ev->timestamp,
		ev->data, ev->size);

	p->media_ms = now_ms(p);
	hand_over_segment(p);
	if (e)
		fail(p, e);
}

static void on_event(struct publisher *p, const struct rtmp_event *ev)
{
	switch (ev->kind) {
	case RTMP_PUBLISH:
		ask(p);
		return;
	case RTMP_MEDIA:
		on_media(p, ev);
		return;
	case RTMP_META:
		p->meta = ev->meta;
		segmenter_declare(p->segmenter, &ev->meta);
		return;
	case RTMP_UNPUBLISH:
		finish(p, GOODBYE_WAIT, "closed by publisher");
		return;
	}
}

static bool is_fed(const struct publisher *p)
{
	return !p->reason &&
	       (p->stage == STAGE_SETUP || p->stage == STAGE_LIVE);
}

static void feed(struct publisher *p, const uint8_t *bytes, size_t n)
{
	struct rtmp_event ev;
	struct err *e = NULL;
	size_t used;

	p->busy++;
	while (!e && n && is_fed(p)) {
		e = rtmp_feed(p->rtmp, bytes, n, &used);
		bytes += used;
		n -= used;
		if (p->stage == STAGE_LIVE)
			p->bytes += used;
		while (!p->reason && rtmp_next(p->rtmp, &ev))
			on_event(p, &ev);
	}
	if (e)
		fail(p, e);
	if (!p->reason && p->stage == STAGE_ASKED) {
		/* The kernel holds what comes until there is an answer. */
		uv_read_stop((uv_stream_t *)&p->tcp);
		str_addn(&p->rest, bytes, n);
	}
	p->busy--;
	flush(p);
	settle(p);
}

static void feed_rest(struct publisher *p)
{
	struct str rest = p->rest;

	p->rest = STR_INIT;
	feed(p, (const uint8_t *)rest.s, rest.len);
	str_clear(&rest);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
	struct publisher *p = h->data;

	(void)hint;
	buf->base = (char *)p->port->buffer;
	buf->len = sizeof(p->port->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct publisher *p = stream->data;

	if (!n)
		return;
	if (n < 0 && p->stage == STAGE_LINGER) {
		close_socket(p);
		return;
	}
	if (p->rest.len && is_fed(p))
		feed_rest(p);
	if (n > 0 && is_fed(p)) {
		feed(p, (const uint8_t *)buf->base, (size_t)n);
	} else if (n < 0) {
		finish(p, GOODBYE_NOW,
			n == UV_EOF || n == UV_ECONNRESET
				? "closed by publisher"
				: uv_strerror((int)n));
		settle(p);
	}
}

void publisher_open(struct rtmp_port *port)
{
	struct publisher *p = XNEW(struct publisher);

	p->port = port;
	uv_tcp_init(actor_loop(net_actor(port->net)), &p->tcp);
	p->tcp.data = p;
	p->deadline_ms = now_ms(p) + port->setup_ms;
	p->rtmp = rtmp_new((uint64_t)clock_mono_us() * 0x9e3779b97f4a7c15);
	LIST_INSERT_HEAD(&port->conns, p, link);
	port->conns_n++;
	port->handles++;
	if (uv_accept((uv_stream_t *)&port->tcp, (uv_stream_t *)&p->tcp) ||
		port->conns_n > port->max_conns) {
		close_socket(p);
		return;
	}
	socket_name(&p->tcp, true, p->remote);
	uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
}

/* --- time --- */

/* The kernel wakes us for BATCH_MS of the stream, not for each packet: that is
 * most of what a publisher costs. A stream that slows down is measured so
 * within RATE_MS, and its end wakes us at once. */
static void set_batch(struct publisher *p)
{
	int want = 1, most = p->bitrate / (8 * 1000 / BATCH_MS);
	int fd;

	if (most > BATCH_MAX)
		most = BATCH_MAX;
	/* Powers of two, so that a steady stream isn't set again and again. */
	while (want * 2 <= most)
		want *= 2;
	if (want == p->batch || uv_fileno((uv_handle_t *)&p->tcp, &fd))
		return;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &want, sizeof(want)))
		p->batch = want;
}

static void measure(struct publisher *p, int64_t now)
{
	int64_t ms = now - p->rate_ms;
	uint64_t rate;

	if (ms < RATE_MS)
		return;
	rate = (p->bytes - p->rate_bytes) * 8000 / (uint64_t)ms;
	p->bitrate = rate < INT32_MAX ? (int32_t)rate : INT32_MAX;
	p->rate_bytes = p->bytes;
	p->rate_ms = now;
	set_batch(p);
}

void publisher_watch(struct publisher *p, int64_t now)
{
	if (p->writing && now - p->write_ms > STALL_MS) {
		publisher_kill(p, "the peer doesn't read our replies");
		return;
	}
	switch (p->stage) {
	case STAGE_SETUP:
		if (now >= p->deadline_ms)
			publisher_kill(p, "nothing was published in time");
		return;
	case STAGE_LIVE:
		if (p->rest.len)
			feed_rest(p);
		if (p->stage != STAGE_LIVE)
			return;
		measure(p, now);
		if (now - p->media_ms >= p->port->idle_ms)
			publisher_close(p, "idle timeout");
		return;
	case STAGE_LINGER:
		if (now >= p->deadline_ms)
			close_socket(p);
		return;
	case STAGE_ASKED:
	case STAGE_CLOSED:
		return;
	}
}

/* --- the role's side --- */

struct publisher *publisher_find(struct rtmp_port *port, uint64_t id)
{
	struct publisher *p;

	ASSERT_ON(net_actor(port->net));
	HASH_FIND(hh, port->publishers, &id, sizeof(id), p);
	return p;
}

static void assert_owner(const struct publisher *p)
{
	ASSERT_ON(net_actor(p->port->net));
}

uint64_t publisher_id(const struct publisher *p)
{
	return p->id;
}

const char *publisher_remote(const struct publisher *p)
{
	return p->remote;
}

void publisher_set_user(struct publisher *p, void *user)
{
	p->user = user;
}

void *publisher_user(const struct publisher *p)
{
	return p->user;
}

void publisher_accept(struct publisher *p)
{
	assert_owner(p);
	assert(p->stage == STAGE_ASKED && !p->reason);
	p->stage = STAGE_LIVE;
	p->segmenter = segmenter_new(p->port->segment_ms);
	p->media_ms = p->rate_ms = now_ms(p);
	rtmp_accept(p->rtmp);
	flush(p);
	uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
}

void publisher_refuse(struct publisher *p, const char *text)
{
	assert_owner(p);
	assert(p->stage == STAGE_ASKED);
	if (p->reason)
		return;
	rtmp_refuse(p->rtmp, text);
	finish(p, GOODBYE_LINGER, text);
	/* Its end is seen only by reading. */
	uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
	settle(p);
}

void publisher_close(struct publisher *p, const char *reason)
{
	assert_owner(p);
	if (p->reason)
		return;
	if (p->stage == STAGE_LIVE)
		rtmp_abort(p->rtmp, reason);
	finish(p, GOODBYE_LINGER, reason);
	uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
	settle(p);
}

void publisher_stats(const struct publisher *p, struct publisher_stats *out)
{
	*out = (struct publisher_stats){.bytes = p->bytes,
		.bitrate = p->bitrate,
		.width = p->meta.width,
		.height = p->meta.height,
		.fps = p->meta.fps};
	if (p->segmenter) {
		int32_t width, height;
		double fps;

		segmenter_picture(p->segmenter, &width, &height, &fps);
		if (width) {
			out->width = width;
			out->height = height;
		}
		/* The encoder's word is nearer: a VUI may only bound it. */
		if (!(out->fps > 0))
			out->fps = fps;
	}
}

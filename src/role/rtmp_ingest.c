/* From RTMP publishers to streams. Runs on the net actor; the broadcaster
 * answers over there. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/rtmp_port.h"
#include "src/role/broadcaster_private.h"

/* A publisher's user pointer: its stream, once that is open. The publisher has
 * one reference, the broadcaster's answer that is still to come another. */
struct source {
	struct broadcaster *b;
	struct publisher *publisher; /* NULL: gone */
	unsigned refs;
	uint64_t stream; /* 0: not yet */
	int32_t width, height;
	double fps;
};

/* "rtmp://host:port/app/name?query": the path between host and query. */
static void path_of(char out[static 1024], const char *url)
{
	const char *at = strstr(url, "://");
	size_t n;

	at = at ? at + 3 : url;
	at = strchr(at, '/');
	at = at ? at : "";
	n = strcspn(at, "?");
	snprintf(out, 1024, "%.*s", (int)n, at);
}

static void source_put(struct source *src)
{
	if (!--src->refs)
		free(src);
}

static void on_opened(void *ctx, struct err *taken, void *result)
{
	struct source *src = ctx;
	struct stream_handle *h = result;

	if (!taken && src->publisher) {
		src->stream = h->id;
		publisher_accept(src->publisher);
	} else if (!taken) {
		broadcaster_close(src->b, h->id, "publisher left");
	} else if (src->publisher) {
		publisher_refuse(src->publisher, err_text(taken));
	}
	err_free(taken);
	free(h);
	source_put(src);
}

static void on_publish(void *ctx, struct publisher *p, const char *url)
{
	struct broadcaster *b = ctx;
	struct stream_request *q = XNEW(struct stream_request);
	struct source *src = XNEW(struct source);

	snprintf(q->url, sizeof(q->url), "%s", url);
	path_of(q->path, url);
	snprintf(q->remote, sizeof(q->remote), "%s", publisher_remote(p));
	q->ingest = INGEST_RTMP;
	src->b = b;
	src->publisher = p;
	src->refs = 2;
	publisher_set_user(p, src);
	broadcaster_open(b, q,
		(struct reply){net_actor(b->net), on_opened, src});
}

/* Tells the stream of the source's size when that is known or changes. */
static void pass_source(struct broadcaster *b, struct publisher *p,
	struct source *src)
{
	struct publisher_stats st;

	publisher_stats(p, &st);
	if (st.width == src->width && st.height == src->height &&
		st.fps == src->fps)
		return;
	src->width = st.width;
	src->height = st.height;
	src->fps = st.fps;
	broadcaster_source(b, src->stream, st.width, st.height, st.fps);
}

/* Nobody takes its segments any more: the publisher is to know. */
static void on_segment_done(void *ctx, struct err *taken, void *result)
{
	struct source *src = ctx;

	if (taken && err_kind(taken) == ERR_NOT_FOUND && src->publisher)
		publisher_close(src->publisher, err_text(taken));
	err_free(taken);
	push_result_free(result);
	source_put(src);
}

static void on_cut(void *ctx, struct publisher *p, struct segment *taken)
{
	struct broadcaster *b = ctx;
	struct source *src = publisher_user(p);

	pass_source(b, p, src);
	src->refs++;
	broadcaster_segment(b, src->stream, taken, NULL, false,
		(struct reply){net_actor(b->net), on_segment_done, src});
}

static void on_publisher_end(void *ctx, struct publisher *p,
	const char *reason)
{
	struct broadcaster *b = ctx;
	struct source *src = publisher_user(p);

	publisher_set_user(p, NULL);
	if (!src)
		return;
	src->publisher = NULL;
	if (src->stream)
		broadcaster_close(b, src->stream, reason);
	source_put(src);
}

struct err *broadcaster_listen_rtmp(struct broadcaster *b, const char *address,
	struct rtmp_port **out)
{
	struct rtmp_options o = {.address = address};
	struct rtmp_events ev = {
		.publish = on_publish,
		.segment = on_cut,
		.end = on_publisher_end,
		.ctx = b,
	};

	return rtmp_listen(b->net, &o, &ev, out);
}

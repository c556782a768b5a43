#include "proto/http1_private.h"

#include <stdlib.h>
#include <string.h>

/* An answer that is finished before its request: the rest of a body known to
 * be this small is read and dropped, anything else ends the connection. */
#define DRAIN_MAX (256 * 1024)
#define SLICE (64 * 1024)    /* of output, at a time */

void http1_put(struct http1 *h, struct blob *taken)
{
	struct chunk *c;

	if (!blob_size(taken)) {
		blob_put(taken);
		return;
	}
	c = XNEW(struct chunk);
	c->blob = taken;
	h->out_n += blob_size(taken);
	STAILQ_INSERT_TAIL(&h->out, c, link);
}

static void put_text(struct http1 *h, const char *text)
{
	http1_put(h, blob_new(text, strlen(text)));
}

void http1_clear_answer(struct http1 *h)
{
	struct chunk *c;

	while ((c = STAILQ_FIRST(&h->out))) {
		STAILQ_REMOVE_HEAD(&h->out, link);
		blob_put(c->blob);
		free(c);
	}
	h->out_at = h->out_n = h->body_n = 0;
}

static bool is_current(const struct http1 *h, uint32_t stream)
{
	return h->busy && h->stream == stream && !h->aborted;
}

void http1_go_on(struct http *m, uint32_t stream)
{
	struct http1 *h = http1_self(m);

	if (!is_current(h, stream) || !h->expect || h->began)
		return;
	h->expect = false;
	put_text(h, "HTTP/1.1 100 Continue\r\n\r\n");
}

static bool may_keep(const struct http1 *h)
{
	if (h->quiesced || h->dead || !http_should_keep_alive(&h->parser))
		return false;
	if (h->phase == PHASE_COMPLETE)
		return true;
	if (h->parser.flags & F_CHUNKED)
		return false;
	if (!(h->parser.flags & F_CONTENTLENGTH)) /* there is no body */
		return true;
	/* Whoever waits for 100 Continue may or may not send the body now. */
	return !h->expect && h->parser.content_length <= DRAIN_MAX;
}

void http1_begin(struct http *m, uint32_t stream, int status,
	const struct http_field *fields, size_t n, int64_t length)
{
	struct http1 *h = http1_self(m);
	bool old = h->parser.http_minor == 0;
	struct str s = STR_INIT;

	if (!is_current(h, stream) || h->began)
		return;
	h->began = true;
	h->keep = may_keep(h);
	h->bodiless = status == 204 || status == 304;
	str_printf(&s, "HTTP/1.1 %d %s\r\n", status, http_status_str(status));
	for (size_t i = 0; i < n; i++)
		str_printf(&s, "%s: %s\r\n", fields[i].name, fields[i].value);
	if (h->bodiless)
		;
	else if (length >= 0 || length == HTTP_NO_BODY)
		str_printf(&s, "Content-Length: %lld\r\n",
			length < 0 ? 0LL : (long long)length);
	else if (old)
		h->keep = false; /* the end of the body is the end of all */
	else
		h->chunked = true, str_add(&s, "Transfer-Encoding: chunked\r\n");
	if (!h->keep)
		str_add(&s, "Connection: close\r\n");
	else if (old)
		str_add(&s, "Connection: keep-alive\r\n");
	str_add(&s, "\r\n");
	if (h->parser.method == HTTP_HEAD)
		h->bodiless = true;
	http1_put(h, blob_from_str(&s));
}

void http1_write(struct http *m, uint32_t stream, struct blob *taken)
{
	struct http1 *h = http1_self(m);
	size_t n = blob_size(taken);
	struct str s = STR_INIT;

	if (!is_current(h, stream) || !h->began || h->finished ||
		h->bodiless || !n) {
		blob_put(taken);
		return;
	}
	if (h->chunked) {
		str_printf(&s, "%zx\r\n", n);
		http1_put(h, blob_from_str(&s));
	}
	http1_put(h, taken);
	h->body_n += n;
	if (h->chunked)
		put_text(h, "\r\n");
}

void http1_finish(struct http *m, uint32_t stream,
	const struct http_field *trailers, size_t n)
{
	struct http1 *h = http1_self(m);

	(void)trailers;
	(void)n;
	if (!is_current(h, stream) || !h->began || h->finished)
		return;
	h->finished = true;
	if (h->chunked && !h->bodiless)
		put_text(h, "0\r\n\r\n");
}

void http1_reset(struct http *m, uint32_t stream)
{
	struct http1 *h = http1_self(m);

	if (!is_current(h, stream))
		return;
	h->dead = h->aborted = true;
	http1_clear_answer(h);
}

size_t http1_queued(const struct http *m, uint32_t stream)
{
	const struct http1 *h = (const struct http1 *)m;

	return h->busy && h->stream == stream ? h->body_n : 0;
}

size_t http1_pending(struct http *m, const uint8_t **out)
{
	struct http1 *h = http1_self(m);
	struct chunk *c = STAILQ_FIRST(&h->out);
	size_t n;

	blob_put(TAKE(h->given));
	if (!c)
		return 0;
	n = blob_size(c->blob) - h->out_at;
	if (n > SLICE)
		n = SLICE;
	*out = blob_data(c->blob) + h->out_at;
	h->out_at += n;
	h->out_n -= n;
	/* Framing counts as body here until the last byte is out. */
	if (h->body_n > h->out_n)
		h->body_n = h->out_n;
	if (h->out_at == blob_size(c->blob)) {
		STAILQ_REMOVE_HEAD(&h->out, link);
		h->given = c->blob;
		h->out_at = 0;
		free(c);
	}
	return n;
}

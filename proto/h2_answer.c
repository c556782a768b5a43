#include "proto/h2_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream *h2_find(const struct h2 *h, uint32_t id)
{
	return nghttp2_session_get_stream_user_data(h->session, (int32_t)id);
}

static size_t copy_out(struct stream *s, uint8_t *buf, size_t n)
{
	size_t done = 0;
	struct chunk *c;

	while (done < n && (c = STAILQ_FIRST(&s->out))) {
		size_t left = blob_size(c->blob) - s->out_at;
		size_t take = left < n - done ? left : n - done;

		memcpy(buf + done, blob_data(c->blob) + s->out_at, take);
		done += take;
		s->out_at += take;
		if (take < left)
			break;
		STAILQ_REMOVE_HEAD(&s->out, link);
		blob_put(c->blob);
		free(c);
		s->out_at = 0;
	}
	s->out_n -= done;
	return done;
}

static nghttp2_nv make_nv(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name,
		(uint8_t *)(uintptr_t)value, strlen(name), strlen(value),
		NGHTTP2_NV_FLAG_NONE};
}

static ssize_t read_out(nghttp2_session *session, int32_t id, uint8_t *buf,
	size_t n, uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	struct stream *s = source->ptr;
	size_t done = copy_out(s, buf, n);
	nghttp2_nv nv[TRAILERS_MAX];

	(void)ctx;
	if (!done && !s->finished) {
		s->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	if (!s->finished || s->out_n)
		return done;
	*flags |= NGHTTP2_DATA_FLAG_EOF;
	if (s->trailers_n) {
		*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
		for (size_t i = 0; i < s->trailers_n; i++)
			nv[i] = make_nv(s->trailers[i].name,
				s->trailers[i].value);
		nghttp2_submit_trailer(session, id, nv, s->trailers_n);
	}
	return done;
}

void h2_go_on(struct http *m, uint32_t id)
{
	struct h2 *h = h2_self(m);
	struct stream *s = h2_find(h, id);
	nghttp2_nv nv = make_nv(":status", "100");

	if (!s || !s->expect || s->began)
		return;
	s->expect = false;
	nghttp2_submit_headers(h->session, NGHTTP2_FLAG_NONE, s->id, NULL, &nv,
		1, NULL);
}

void h2_begin(struct http *m, uint32_t id, int status,
	const struct http_field *fields, size_t n, int64_t length)
{
	struct h2 *h = h2_self(m);
	struct stream *s = h2_find(h, id);
	nghttp2_nv nv[FIELDS_MAX + 2];
	nghttp2_data_provider body = {.source.ptr = s,
		.read_callback = read_out};
	char code[4], bytes[24];
	bool bodiless;
	size_t nv_n = 0;

	assert(n <= FIELDS_MAX && status >= 200 && status <= 999);
	if (!s || s->began)
		return;
	s->began = true;
	snprintf(code, sizeof(code), "%d", status % 1000);
	nv[nv_n++] = make_nv(":status", code);
	for (size_t i = 0; i < n; i++)
		nv[nv_n++] = make_nv(fields[i].name, fields[i].value);
	bodiless = status == 204 || status == 304;
	if (length >= 0 && !bodiless) {
		snprintf(bytes, sizeof(bytes), "%lld", (long long)length);
		nv[nv_n++] = make_nv("content-length", bytes);
	}
	s->finished = bodiless || s->is_head || !length ||
		      length == HTTP_NO_BODY;
	nghttp2_submit_response(h->session, s->id, nv, nv_n,
		s->finished ? NULL : &body);
}

static void wake(struct h2 *h, struct stream *s)
{
	if (!s->deferred)
		return;
	s->deferred = false;
	nghttp2_session_resume_data(h->session, s->id);
}

void h2_write(struct http *m, uint32_t id, struct blob *taken)
{
	struct h2 *h = h2_self(m);
	struct stream *s = h2_find(h, id);
	struct chunk *c;

	if (!s || !s->began || s->finished || !blob_size(taken)) {
		blob_put(taken);
		return;
	}
	c = XNEW(struct chunk);
	c->blob = taken;
	s->out_n += blob_size(taken);
	STAILQ_INSERT_TAIL(&s->out, c, link);
	wake(h, s);
}

void h2_finish(struct http *m, uint32_t id,
	const struct http_field *trailers, size_t n)
{
	struct h2 *h = h2_self(m);
	struct stream *s = h2_find(h, id);

	assert(n <= TRAILERS_MAX);
	if (!s || !s->began || s->finished)
		return;
	s->finished = true;
	for (size_t i = 0; i < n; i++) {
		s->trailers[i].name = xstrdup(trailers[i].name);
		s->trailers[i].value = xstrdup(trailers[i].value);
	}
	s->trailers_n = n;
	wake(h, s);
}

void h2_reset(struct http *m, uint32_t id)
{
	struct h2 *h = h2_self(m);

	if (h2_find(h, id))
		nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE,
			(int32_t)id, NGHTTP2_INTERNAL_ERROR);
}

size_t h2_queued(const struct http *m, uint32_t id)
{
	const struct stream *s = h2_find((const struct h2 *)m, id);

	return s ? s->out_n : 0;
}

void h2_refuse_head(struct h2 *h, struct stream *s)
{
	nghttp2_nv nv = make_nv(":status", "431");

	http_head_free(TAKE(s->head));
	s->began = s->finished = true;
	nghttp2_submit_response(h->session, s->id, &nv, 1, NULL);
}

void h2_clear_answer(struct stream *s)
{
	struct chunk *c;

	while ((c = STAILQ_FIRST(&s->out))) {
		STAILQ_REMOVE_HEAD(&s->out, link);
		blob_put(c->blob);
		free(c);
	}
	for (size_t i = 0; i < s->trailers_n; i++) {
		free((char *)(uintptr_t)s->trailers[i].name);
		free((char *)(uintptr_t)s->trailers[i].value);
	}
}

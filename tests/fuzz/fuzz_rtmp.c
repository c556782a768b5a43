/* A peer's bytes behind a good handshake, in pieces whose length the first
 * byte says; every publisher is accepted and its media cut. */
#include <assert.h>

#include "proto/rtmp.h"
#include "proto/segmenter.h"

static bool on_event(struct rtmp *r, struct segmenter *s,
	const struct rtmp_event *ev)
{
	struct str url = STR_INIT;
	struct err *e = NULL;

	switch (ev->kind) {
	case RTMP_PUBLISH:
		rtmp_url(r, "127.0.0.1:1935", &url);
		str_clear(&url);
		rtmp_accept(r);
		break;
	case RTMP_META:
		segmenter_declare(s, &ev->meta);
		break;
	case RTMP_MEDIA:
		e = segmenter_feed(s, ev->tag, ev->timestamp, ev->data,
			ev->size);
		segment_free(segmenter_next(s));
		break;
	case RTMP_UNPUBLISH:
		return false;
	}
	err_free(e);
	return !e;
}

static bool feed(struct rtmp *r, struct segmenter *s, const uint8_t *bytes,
	size_t n)
{
	bool on = true;

	while (n && on) {
		struct rtmp_event ev;
		size_t used, out;
		struct err *e = rtmp_feed(r, bytes, n, &used);

		assert(e || used);
		while (rtmp_next(r, &ev))
			on = on && on_event(r, s, &ev);
		rtmp_pending(r, &out);
		rtmp_sent(r, out);
		on = on && !e;
		err_free(e);
		bytes += used;
		n -= used;
	}
	return on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t hello[1 + 2 * 1536] = {3};
	struct rtmp *r = rtmp_new(1);
	struct segmenter *s = segmenter_new(2000);
	bool on = feed(r, s, hello, sizeof(hello));
	size_t piece = size ? data[0] * 16u + 1 : 1;

	for (size_t at = 1; on && at < size; at += piece)
		on = feed(r, s, data + at,
			size - at < piece ? size - at : piece);
	segmenter_end(s);
	segment_free(segmenter_next(s));
	segmenter_free(s);
	rtmp_free(r);
	return 0;
}

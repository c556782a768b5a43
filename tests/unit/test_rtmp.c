#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/rtmp.h"
#include "tests/unit/rtmp_client.h"

/* What a feeding brought about. */
struct heard {
	unsigned publish, video, audio, meta, unpublish;
	uint64_t digest; /* of all media, in order */
	uint32_t last;	 /* timestamp */
	struct flv_meta m;
	struct str url;
	struct str sent;
	struct err *err;
	const char *refuse; /* refuse with this instead of accepting */
};

static void heard_clear(struct heard *h)
{
	str_clear(&h->url);
	str_clear(&h->sent);
	err_free(h->err);
	*h = (struct heard){0};
}

static void on_event(struct rtmp *r, const struct rtmp_event *ev,
	struct heard *h)
{
	switch (ev->kind) {
	case RTMP_PUBLISH:
		h->publish++;
		rtmp_url(r, "127.0.0.1:1935", &h->url);
		if (h->refuse)
			rtmp_refuse(r, h->refuse);
		else
			rtmp_accept(r);
		return;
	case RTMP_MEDIA:
		*(ev->tag == FLV_VIDEO ? &h->video : &h->audio) += 1;
		h->last = ev->timestamp;
		h->digest = h->digest * 31 + ev->timestamp;
		for (size_t i = 0; i < ev->size; i++)
			h->digest = h->digest * 31 + ev->data[i];
		return;
	case RTMP_META:
		h->meta++;
		h->m = ev->meta;
		return;
	case RTMP_UNPUBLISH:
		h->unpublish++;
		return;
	}
}

/* Feeds in pieces of `piece` bytes, each in memory of its own. */
static void feed(struct rtmp *r, const struct str *s, size_t piece,
	struct heard *h)
{
	for (size_t at = 0; at < s->len && !h->err;) {
		size_t n = s->len - at < piece ? s->len - at : piece, used;
		uint8_t *copy = xmemdup(s->s + at, n);
		struct rtmp_event ev;
		const uint8_t *out;
		size_t out_n;

		h->err = rtmp_feed(r, copy, n, &used);
		while (rtmp_next(r, &ev))
			on_event(r, &ev, h);
		out = rtmp_pending(r, &out_n);
		str_addn(&h->sent, out, out_n);
		rtmp_sent(r, out_n);
		free(copy);
		at += used;
	}
}

static void feed_new(const struct str *s, size_t piece, struct heard *h)
{
	struct rtmp *r = rtmp_new(1);

	feed(r, s, piece, h);
	rtmp_free(r);
}

static bool holds(const struct str *s, const char *text)
{
	return s->s && memmem(s->s, s->len, text, strlen(text));
}

static void test_recorded(void **state)
{
	static const size_t pieces[] = {1, 2, 7, 129, 1537, 1 << 20};
	struct str s = recorded();
	uint64_t digest = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct heard h = {0};

		feed_new(&s, pieces[i], &h);
		assert_null(h.err);
		assert_int_equal(h.publish, 1);
		/* With the configurations and the end of sequence. */
		assert_int_equal(h.video, RECORDED_VIDEO + 2);
		assert_int_equal(h.audio, RECORDED_AUDIO + 1);
		assert_int_equal(h.meta, 1);
		assert_int_equal(h.m.width, 128);
		assert_int_equal(h.m.height, 72);
		assert_true(h.m.fps == 25);
		assert_true(h.m.has_video && h.m.has_audio);
		assert_int_equal(h.unpublish, 1);
		assert_string_equal(h.url.s,
			"rtmp://127.0.0.1:19353/live/cam?key=a/b");
		assert_true(holds(&h.sent, "NetConnection.Connect.Success"));
		assert_true(holds(&h.sent, "NetStream.Publish.Start"));
		if (i)
			assert_true(h.digest == digest);
		digest = h.digest;
		heard_clear(&h);
	}
	str_clear(&s);
}

static void test_handshake(void **state)
{
	struct str s = STR_INIT, last;
	struct heard h = {0};
	struct rtmp *r = rtmp_new(1);

	(void)state;
	str_addc(&s, 3);
	for (unsigned i = 0; i < 1536; i++)
		str_addc(&s, (char)(i * 7));
	last = (struct str){.s = s.s + s.len - 1, .len = 1};
	s.len--;
	feed(r, &s, 100, &h);
	assert_int_equal(h.sent.len, 0);
	feed(r, &last, 1, &h);
	/* S0, S1 and S2 at once; S2 is C1. */
	assert_int_equal(h.sent.len, 1 + 2 * 1536);
	assert_int_equal(h.sent.s[0], 3);
	assert_memory_equal(h.sent.s + 1537, s.s + 1, 1536);
	rtmp_free(r);
	heard_clear(&h);

	str_truncate(&s, 1);
	s.s[0] = 6;
	feed_new(&s, 1, &h);
	assert_string_equal(err_text(h.err),
		"encrypted RTMP (RTMPE) is not supported");
	heard_clear(&h);
	s.s[0] = 'G';
	feed_new(&s, 1, &h);
	assert_string_equal(err_text(h.err), "this is not RTMP");
	heard_clear(&h);
	str_clear(&s);
}

/* The reference's way from tcUrl, app and name to a URL. */
static void test_url(void **state)
{
	static const struct {
		const char *app, *tcurl, *name, *url;
	} rows[] = {
		{"live", "rtmp://h:1/live", "x", "rtmp://h:1/live/x"},
		{"/live//", "rtmp://h/live", "/a//b?q=1//2",
			"rtmp://h/live/a/b?q=1//2"},
		{"", "rtmp://h", "Secret/Stream/Key",
			"rtmp://h/Secret/Stream/Key"},
		{"", NULL, "", "rtmp://127.0.0.1:1935/"},
		{"live", "rtmps://user:pw@h:1/live", "x y",
			"rtmps://h:1/live/x y"},
		{"live?k=1", "nonsense", "x",
			"rtmp://127.0.0.1:1935/live?k=1/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str s = STR_INIT;
		struct heard h = {0};

		put_setup(&s, rows[i].app, rows[i].tcurl, rows[i].name);
		feed_new(&s, 1 << 20, &h);
		assert_null(h.err);
		assert_string_equal(h.url.s, rows[i].url);
		heard_clear(&h);
		str_clear(&s);
	}
}

static void test_refuse(void **state)
{
	struct heard h = {.refuse = "no such key"};
	struct str s = STR_INIT;

	(void)state;
	put_setup(&s, "live", NULL, "x");
	feed_new(&s, 1 << 20, &h);
	assert_null(h.err);
	assert_true(holds(&h.sent, "NetStream.Publish.BadName"));
	assert_true(holds(&h.sent, "no such key"));
	assert_false(holds(&h.sent, "Publish.Start"));
	heard_clear(&h);

	/* A name that no URL can hold is refused by itself. */
	str_truncate(&s, 0);
	put_setup(&s, "live", NULL, "x\ny");
	feed_new(&s, 1 << 20, &h);
	assert_non_null(h.err);
	assert_int_equal(h.publish, 0);
	assert_true(holds(&h.sent, "NetStream.Publish.BadName"));
	heard_clear(&h);

	/* A second stream on the connection is; the first goes on. */
	str_truncate(&s, 0);
	put_setup(&s, "live", NULL, "x");
	put_command(&s, "publish", 6, "y");
	feed_new(&s, 1 << 20, &h);
	assert_null(h.err);
	assert_int_equal(h.publish, 1);
	assert_int_equal(h.unpublish, 0);
	assert_true(holds(&h.sent, "publishes already"));
	heard_clear(&h);

	str_truncate(&s, 0);
	put_hello(&s);
	put_chunk_size(&s, 1 << 20);
	put_connect(&s, "live", NULL);
	put_command(&s, "play", 2, "x");
	feed_new(&s, 1 << 20, &h);
	assert_null(h.err);
	assert_true(holds(&h.sent, "NetStream.Play.StreamNotFound"));
	assert_true(holds(&h.sent, "weir serves playback over HLS only"));
	heard_clear(&h);
	str_clear(&s);
}

static void test_aggregate(void **state)
{
	struct str s = STR_INIT, body = STR_INIT;
	struct heard h = {0};

	(void)state;
	put_setup(&s, "live", NULL, "x");
	for (unsigned i = 0; i < 3; i++) {
		uint8_t tag[11] = {i == 1 ? FLV_AUDIO : FLV_VIDEO};

		put_be24(tag + 1, i + 1);
		put_be24(tag + 4, 5000 + 40 * i);
		str_addn(&body, tag, sizeof(tag));
		str_addn(&body, "abc", i + 1);
		str_addn(&body, "\0\0\0\0", 4);
	}
	put_message(&s, 22, &body);
	feed_new(&s, 100, &h);
	assert_null(h.err);
	assert_int_equal(h.video, 2);
	assert_int_equal(h.audio, 1);
	/* The message's time is the first tag's. */
	assert_int_equal(h.last, 80);
	heard_clear(&h);
	/* A tag that claims more than there is ends it. */
	body.s[1] = 1;
	put_message(&s, 22, &body);
	feed_new(&s, 100, &h);
	assert_null(h.err);
	assert_int_equal(h.video, 2);
	heard_clear(&h);
	str_clear(&body);
	str_clear(&s);
}

/* Timestamps beyond 24 bits stand in every chunk of a message. */
static void test_extended_time(void **state)
{
	static const uint8_t messages[] = {
		/* stream 5, type 0, time extended, 130 bytes of video */
		0x05, 0xff, 0xff, 0xff, 0, 0, 130, 9, 1, 0, 0, 0, 0xff, 0xff,
		0xff, 0xf0};
	struct str s = STR_INIT;
	struct heard h = {0};
	uint8_t media[130] = {0};

	(void)state;
	put_setup(&s, "live", NULL, "x");
	put_chunk_size(&s, 128);
	str_addn(&s, messages, sizeof(messages));
	str_addn(&s, media, 128);
	str_addn(&s, "\xc5\xff\xff\xff\xf0", 5);
	str_addn(&s, media, 2);
	/* type 2: a delta of 32, past the end of 32 bits */
	str_addn(&s, "\x85\0\0\x20", 4);
	str_addn(&s, media, 128);
	str_addn(&s, "\xc5", 1);
	str_addn(&s, media, 2);
	/* type 3: the same delta again */
	str_addn(&s, "\xc5", 1);
	str_addn(&s, media, 128);
	str_addn(&s, "\xc5", 1);
	str_addn(&s, media, 2);
	for (size_t piece = 1; piece < 300; piece += 13) {
		feed_new(&s, piece, &h);
		assert_null(h.err);
		assert_int_equal(h.video, 3);
		assert_int_equal(h.last, 0x30);
		heard_clear(&h);
	}
	str_clear(&s);
}

static void expect_error(struct str *s, const char *text)
{
	struct heard h = {0};

	feed_new(s, 1 << 20, &h);
	assert_non_null(h.err);
	if (strcmp(err_text(h.err), text))
		fail_msg("\"%s\" instead of \"%s\"", err_text(h.err), text);
	heard_clear(&h);
	str_truncate(s, 0);
	put_hello(s);
}

static void test_limits(void **state)
{
	struct str s = STR_INIT;
	struct heard h = {0};

	(void)state;
	put_hello(&s);
	put_chunk_size(&s, 0);
	expect_error(&s, "chunk size 0");
	str_addn(&s, "\xc4", 1);
	expect_error(&s, "chunk stream 4 begins without a full header");
	str_addn(&s, "\x04\0\0\0\xff\xff\xff\x14\0\0\0\0", 12);
	expect_error(&s, "a message of 16777215 bytes");
	for (unsigned id = 0; id < 65; id++) {
		str_addc(&s, 0); /* an Acknowledgement on chunk stream 64 + id */
		str_addc(&s, (char)id);
		str_addn(&s, "\0\0\0\0\0\x01\x03\0\0\0\0", 11);
		str_addc(&s, 0);
	}
	expect_error(&s, "more than 64 chunk streams");
	put_connect(&s, "live", NULL);
	put_connect(&s, "live", NULL);
	expect_error(&s, "connect: twice");
	put_command(&s, "publish", 1, "x");
	expect_error(&s, "a command before connect");
	str_addn(&s, "\x04\0\0\0\0\0\x02\x14\0\0\0\0", 12);
	str_addn(&s, "\0\0", 2);
	expect_error(&s, "malformed command");
	/* A message inside another on its chunk stream. */
	str_addn(&s, "\x04\0\0\0\0\x01\0\x14\0\0\0\0", 12);
	for (unsigned i = 0; i < 128; i++)
		str_addc(&s, 0);
	str_addn(&s, "\x04\0\0\0\0\x01\0\x14\0\0\0\0", 12);
	expect_error(&s, "a message begins inside another on chunk stream 4");

	/* Chunks of one byte. */
	put_chunk_size(&s, 1);
	str_addn(&s, "\x04\0\0\0\0\0\x02\x14\0\0\0\0\0\xc4\0", 15);
	expect_error(&s, "malformed command");
	/* An aborted message is forgotten. */
	str_addn(&s, "\x04\0\0\0\0\0\xff\x14\0\0\0\0", 12);
	for (unsigned i = 0; i < 128; i++)
		str_addc(&s, 0);
	str_addn(&s, "\x02\0\0\0\0\0\x04\x02\0\0\0\0\0\0\0\x04", 16);
	put_chunk_size(&s, 1 << 20);
	put_connect(&s, "live", NULL);
	feed_new(&s, 1, &h);
	assert_null(h.err);
	assert_true(holds(&h.sent, "Connect.Success"));
	heard_clear(&h);
	str_clear(&s);
}

/* Unfinished messages hold what has come of them and no more than the limit. */
static void test_held(void **state)
{
	struct str s = STR_INIT;
	struct heard h = {0};
	static const char zeros[60000];

	(void)state;
	put_hello(&s);
	put_chunk_size(&s, 60000);
	for (char id = 4; id < 8; id++) {
		str_addc(&s, id);
		str_addn(&s, "\0\0\0\0\xff\xff\x14\0\0\0\0", 11);
		str_addn(&s, zeros, sizeof(zeros));
	}
	feed_new(&s, 5000, &h);
	assert_non_null(h.err);
	assert_string_equal(err_text(h.err), "too many unfinished messages");
	heard_clear(&h);
	str_clear(&s);
}

static void test_control(void **state)
{
	struct str s = STR_INIT;
	struct heard h = {0};
	static const char big[70000];

	(void)state;
	put_hello(&s);
	put_chunk_size(&s, 1 << 20);
	/* ping; a window of 1 byte becomes 64 KiB */
	str_addn(&s, "\x02\0\0\0\0\0\x06\x04\0\0\0\0\0\x06\1\2\3\4", 18);
	str_addn(&s, "\x02\0\0\0\0\0\x04\x05\0\0\0\0\0\0\0\1", 16);
	feed_new(&s, 1, &h);
	assert_int_equal(h.sent.len, 3073 + 12 + 6);
	assert_memory_equal(h.sent.s + 3073 + 12, "\0\7\1\2\3\4", 6);
	heard_clear(&h);
	for (unsigned i = 0; i < 2; i++) {
		/* an audio message, dropped as nobody publishes */
		str_addn(&s, "\x04\0\0\0\0\xea\x60\x08\0\0\0\0", 12);
		str_addn(&s, big, 60000);
	}
	feed_new(&s, 1 << 20, &h);
	assert_null(h.err);
	assert_int_equal(h.audio, 0);
	/* one Acknowledgement, of all bytes */
	assert_int_equal(h.sent.len, 3073 + 12 + 6 + 16);
	assert_int_equal(get_be32((uint8_t *)h.sent.s + h.sent.len - 4), s.len);
	heard_clear(&h);
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_aggregate),
		cmocka_unit_test(test_extended_time),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

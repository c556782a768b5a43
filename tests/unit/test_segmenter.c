#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/rtmp.h"
#include "proto/segmenter.h"
#include "tests/unit/rtmp_client.h"
#include "tests/unit/ts_reader.h"

#define SEGMENTS 40

/* A segmenter and what came out of it. */
struct cut {
	struct segmenter *s;
	struct ts_reader ts;
	unsigned n;
	struct segment got[SEGMENTS]; /* without data */
	struct err *err;
};

static struct cut *cut_new(void)
{
	struct cut *c = XNEW(struct cut);

	c->s = segmenter_new(2000);
	return c;
}

static void take(struct cut *c)
{
	struct segment *s = segmenter_next(c->s);

	if (!s)
		return;
	assert_true(c->n < SEGMENTS);
	assert_int_equal(s->seq, c->n);
	assert_int_equal(s->container, CONTAINER_MPEGTS);
	if (s->discontinuity)
		ts_jump(&c->ts);
	ts_read(&c->ts, blob_data(s->data), blob_size(s->data));
	assert_int_equal(s->has_video, c->ts.has_video);
	c->got[c->n] = *s;
	c->got[c->n++].data = NULL;
	segment_free(s);
	assert_null(segmenter_next(c->s));
}

static void end(struct cut *c)
{
	segmenter_end(c->s);
	take(c);
}

static void cut_free(struct cut *c)
{
	segmenter_free(c->s);
	err_free(c->err);
	free(c);
}

static void feed(struct cut *c, enum flv_tag tag, int64_t ms,
	const void *body, size_t n)
{
	if (c->err)
		return;
	c->err = segmenter_feed(c->s, tag, (uint32_t)ms, body, n);
	take(c);
}

/* 128x72 and the same in another level: another configuration. */
static void video_config(struct cut *c, unsigned which)
{
	uint8_t b[80] = {0x17};

	assert_true(hex_decode(b + 5, 41,
		"01640009ffe1001967640009acd9420bf97011000003000100000300320f"
		"12259601000568ebecb22c"));
	b[5 + 11] = (uint8_t)(9 + which);
	feed(c, FLV_VIDEO, 0, b, 5 + 41);
}

static void audio_config(struct cut *c, unsigned channels)
{
	uint8_t b[] = {0xaf, 0, 0x12, (uint8_t)(channels << 3)};

	feed(c, FLV_AUDIO, 0, b, sizeof(b));
}

static void video(struct cut *c, int64_t ms, bool key, int composition)
{
	uint8_t b[] = {key ? 0x17 : 0x27, 1, 0, 0, 0, 0, 0, 0, 2,
		key ? 0x65 : 0x41, 0x88};

	put_be24(b + 2, (uint32_t)composition & 0xffffff);
	feed(c, FLV_VIDEO, ms, b, sizeof(b));
}

static void audio(struct cut *c, int64_t ms)
{
	static const uint8_t b[] = {0xaf, 1, 0x21, 0x10, 0x04};

	feed(c, FLV_AUDIO, ms, b, sizeof(b));
}

/* 25 frames/s from `from` to before `to`, a key frame each `gop` ms. */
static void video_run(struct cut *c, int64_t from, int64_t to, int64_t gop)
{
	for (int64_t ms = from; ms < to; ms += 40)
		video(c, ms, (ms - from) % gop == 0, 0);
}

/* The recording of ffmpeg: B-frames, everything comes out, the last too. */
static void test_recorded(void **state)
{
	struct cut *c = cut_new();
	struct rtmp *r = rtmp_new(1);
	struct str s = recorded();
	size_t used;

	(void)state;
	for (size_t at = 0; at < s.len; at += used) {
		struct rtmp_event ev;

		assert_null(rtmp_feed(r, (uint8_t *)s.s + at, s.len - at,
			&used));
		while (rtmp_next(r, &ev)) {
			if (ev.kind == RTMP_PUBLISH)
				rtmp_accept(r);
			else if (ev.kind == RTMP_MEDIA)
				feed(c, ev.tag, ev.timestamp, ev.data, ev.size);
			else if (ev.kind == RTMP_META)
				segmenter_declare(c->s, &ev.meta);
		}
	}
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->ts.video.units, RECORDED_VIDEO);
	assert_int_equal(c->ts.adts_frames, RECORDED_AUDIO);
	assert_int_equal(c->ts.video.keys, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(c->got[i].duration_ms, i < 2 ? 2000 : 1000);
		/* The first picture is shown 80 ms after its decoding. */
		assert_int_equal(c->got[i].start_pts,
			SEGMENTER_LEAD + (80 + 2000 * (int)i) * 90);
		assert_false(c->got[i].discontinuity);
		assert_true(c->got[i].has_audio);
	}
	assert_int_equal(c->ts.video.first_pts, SEGMENTER_LEAD + 80 * 90);
	assert_int_equal(c->ts.version, 1);
	cut_free(c);
	rtmp_free(r);
	str_clear(&s);
}

static void test_cut_at_key(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	/* Nothing before the first key frame. */
	video(c, 0, false, 0);
	video_run(c, 1000, 9000, 1520);
	end(c);
	/* Key frames each 1.52 s: the second is the first at or after 2 s. */
	assert_int_equal(c->n, 3);
	assert_int_equal(c->got[0].start_pts, SEGMENTER_LEAD + 90000);
	assert_int_equal(c->got[0].duration_ms, 3040);
	assert_int_equal(c->got[1].duration_ms, 3040);
	assert_int_equal(c->got[2].duration_ms, 8000 - 6080);
	assert_int_equal(c->ts.video.units, 200);
	assert_false(c->got[0].has_audio);
	cut_free(c);
}

static void test_late_frames(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	video(c, 0, true, 0);
	video(c, 40, false, 0);
	video(c, 40, false, 0);
	video(c, 20, false, 0);
	video(c, 80, false, -30); /* shown before decoded: at once */
	end(c);
	assert_int_equal(c->ts.video.units, 3);
	assert_int_equal(c->ts.video.pts, SEGMENTER_LEAD + 80 * 90);
	cut_free(c);
}

static void test_audio_only(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	audio_config(c, 2);
	for (unsigned i = 0; i < 300; i++)
		audio(c, i * 10240 / 441);
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 4);
	assert_int_equal(c->got[0].duration_ms, 2020);
	assert_false(c->got[0].has_video);
	assert_true(c->got[0].has_audio);
	assert_false(c->got[1].discontinuity);
	assert_int_equal(c->ts.adts_frames, 300);
	/* Several frames share a PES packet. */
	assert_true(c->ts.audio.units < 50);
	cut_free(c);
}

/* Audio that only comes first isn't a stream of its own. */
static void test_audio_first(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	audio_config(c, 2);
	for (unsigned i = 0; i < 20; i++)
		audio(c, i * 23);
	video_config(c, 0);
	video_run(c, 460, 1460, 1000);
	end(c);
	assert_int_equal(c->n, 1);
	assert_true(c->got[0].has_video);
	assert_false(c->got[0].has_audio);
	assert_int_equal(c->got[0].start_pts, SEGMENTER_LEAD + 460 * 90);
	cut_free(c);

	/* Declared, video may come later than a segment's length. */
	c = cut_new();
	segmenter_declare(c->s, &(struct flv_meta){.has_video = true});
	audio_config(c, 2);
	for (int64_t ms = 0; ms < 5000; ms += 23)
		audio(c, ms);
	assert_int_equal(c->n, 0);
	video_config(c, 0);
	video_run(c, 5000, 6000, 1000);
	end(c);
	assert_int_equal(c->n, 1);
	cut_free(c);

	/* ... but not for ever. */
	c = cut_new();
	segmenter_declare(c->s, &(struct flv_meta){.has_video = true});
	audio_config(c, 2);
	for (int64_t ms = 0; ms < 13000; ms += 23)
		audio(c, ms);
	assert_int_equal(c->n, 1);
	assert_false(c->got[0].has_video);
	cut_free(c);
}

/* Silence doesn't hold pictures up. */
static void test_audio_gap(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	audio_config(c, 2);
	for (int64_t ms = 0; ms < 30000; ms += 40) {
		video(c, ms, ms % 2000 == 0, 0);
		if (ms < 1000 || ms >= 29000)
			audio(c, ms);
	}
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 15);
	assert_int_equal(c->ts.video.units, 750);
	assert_int_equal(c->ts.adts_frames, 50);
	assert_false(c->got[5].has_audio);
	assert_true(c->got[14].has_audio);
	for (unsigned i = 0; i < c->n; i++)
		assert_false(c->got[i].discontinuity);
	cut_free(c);
}

/* The second of three segments has no sound: its tables don't promise any, the
 * third one's do again, and it all stays one valid stream. */
static void test_silent_segment(void **state)
{
	struct cut *c = cut_new();
	bool announced[3];

	(void)state;
	video_config(c, 0);
	audio_config(c, 2);
	for (int64_t ms = 0; ms <= 6000; ms += 40) {
		unsigned before = c->n;

		if (ms < 6000)
			video(c, ms, ms % 1000 == 0, 0);
		else
			end(c);
		if (c->n > before)
			announced[before] = c->ts.has_audio;
		if (ms < 1900 || ms > 4000)
			audio(c, ms);
	}
	assert_null(c->err);
	assert_int_equal(c->n, 3);
	assert_true(announced[0] && c->got[0].has_audio);
	assert_false(announced[1] || c->got[1].has_audio);
	assert_true(announced[2] && c->got[2].has_audio);
	assert_int_equal(c->got[1].discontinuity, 0);
	cut_free(c);
}

static void test_new_format(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	video_run(c, 0, 3000, 4000);
	video_config(c, 0); /* encoders repeat it: no news */
	video_run(c, 4000, 5000, 1000);
	video_config(c, 1);
	video(c, 5000, false, 0); /* can't be decoded any more */
	video_run(c, 5040, 6040, 1000);
	audio_config(c, 2);
	audio(c, 6040); /* waits for the next key frame */
	video_run(c, 6040, 7040, 1000);
	audio(c, 7000);
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 4);
	assert_int_equal(c->got[0].duration_ms, 4000);
	assert_int_equal(c->got[1].duration_ms, 1040);
	assert_false(c->got[1].discontinuity);
	assert_true(c->got[2].discontinuity);
	assert_int_equal(c->got[2].start_pts, SEGMENTER_LEAD + 5040 * 90);
	assert_true(c->got[3].discontinuity);
	assert_true(c->got[3].has_audio);
	assert_int_equal(c->ts.version, 3);
	assert_int_equal(c->ts.adts_frames, 1);
	cut_free(c);
}

static void test_jumps(void **state)
{
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	video_run(c, 20000, 21000, 2000);
	video(c, 60000, false, 0); /* 39 s on: no key frame, dropped */
	video_run(c, 60040, 61040, 2000);
	video_run(c, 0, 1000, 2000); /* an hour or a minute back */
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->got[0].duration_ms, 1000);
	assert_false(c->got[0].discontinuity);
	assert_true(c->got[1].discontinuity);
	assert_int_equal(c->got[1].start_pts, SEGMENTER_LEAD + 60040 * 90);
	assert_true(c->got[2].discontinuity);
	assert_int_equal(c->got[2].start_pts, SEGMENTER_LEAD);
	/* To and fro without end is no stream. */
	for (unsigned i = 0; i < 40; i++)
		video(c, i % 2 ? 100000 : 200000, true, 0);
	assert_non_null(c->err);
	assert_true(c->n < 30);
	cut_free(c);
}

/* 49.7 days: the peer's clock starts anew, ours doesn't. */
static void test_wrap(void **state)
{
	int64_t from = ((int64_t)1 << 32) - 3000;
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	video_run(c, from, from + 6000, 2000);
	end(c);
	assert_null(c->err);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->ts.video.units, 150);
	assert_int_equal(c->got[2].start_pts,
		SEGMENTER_LEAD + (from + 4000) * 90);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(c->got[i].duration_ms, 2000);
		assert_false(c->got[i].discontinuity);
	}
	cut_free(c);

	/* Just before 0 is before 0, and still nothing gets negative. */
	c = cut_new();
	video_config(c, 0);
	video(c, 5, false, 0);
	video(c, 0xfffffff0, true, 0);
	end(c);
	assert_true(c->got[0].start_pts >= 0);
	cut_free(c);
}

static void test_no_key(void **state)
{
	static const char text[] = "no key frame for 20 s: set the encoder's "
				   "keyframe interval below 8 s";
	struct cut *c = cut_new();

	(void)state;
	video_config(c, 0);
	video_run(c, 0, 19960, 100000);
	assert_null(c->err);
	video_run(c, 20000, 20100, 1);
	assert_null(c->err);
	assert_int_equal(c->n, 1);
	for (int64_t ms = 20120; ms < 41000; ms += 40)
		video(c, ms, false, 0);
	assert_non_null(c->err);
	assert_string_equal(err_text(c->err), text);
	end(c);
	assert_int_equal(c->n, 2);
	cut_free(c);

	c = cut_new();
	video_config(c, 0);
	for (int64_t ms = 0; ms < 21000; ms += 40)
		video(c, ms, false, 0);
	assert_non_null(c->err);
	assert_string_equal(err_text(c->err), text);
	end(c);
	assert_int_equal(c->n, 0);
	cut_free(c);
}

static void test_malformed(void **state)
{
	static const uint8_t outside[] = {0x17, 1, 0, 0, 0, 0, 0, 1, 0, 0x65};
	static const uint8_t opus[] = "\x90Opus";
	struct cut *c = cut_new();

	(void)state;
	/* Without a configuration nothing can be said of a frame. */
	feed(c, FLV_VIDEO, 0, outside, sizeof(outside));
	assert_null(c->err);
	video_config(c, 0);
	feed(c, FLV_VIDEO, 0, outside, sizeof(outside));
	assert_non_null(c->err);
	assert_string_equal(err_text(c->err), "malformed H.264 frame");
	end(c); /* nothing was in it */
	assert_int_equal(c->n, 0);
	cut_free(c);
	c = cut_new();
	feed(c, FLV_AUDIO, 0, opus, 5);
	assert_non_null(c->err);
	cut_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_cut_at_key),
		cmocka_unit_test(test_late_frames),
		cmocka_unit_test(test_audio_only),
		cmocka_unit_test(test_audio_first),
		cmocka_unit_test(test_audio_gap),
		cmocka_unit_test(test_silent_segment),
		cmocka_unit_test(test_new_format),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

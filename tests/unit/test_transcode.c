#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/media/ffmpeg.h"
#include "src/media/filter.h"
#include "src/media/input.h"
#include "src/media/probe.h"
#include "src/media/transcode.h"
#include "tests/unit/clip.h"

#include <string.h>

#define TICKS 90000 /* MPEG-TS, per second */
#define FRAME (TICKS / 30)
#define AUDIO_MAX (1024 * TICKS / 44100 + 2)

static struct transcode *new_transcode(void)
{
	struct transcode_config c = {.preset = "ultrafast",
		.service_provider = "Livepeer Transcoder test (offchain)"};

	return transcode_new(&c);
}

static struct ladder presets(const char *names)
{
	struct ladder l;

	assert_null(ladder_parse_presets(&l, names));
	return l;
}

static struct transcode_input input_of(const struct blob *b,
	const struct ladder *l)
{
	return (struct transcode_input){.bytes = blob_data(b),
		.size = blob_size(b), .ladder = l};
}

static struct transcode_output good(struct transcode *t,
	const struct transcode_input *in)
{
	struct transcode_output out;

	assert_string_equal(err_text(transcode_run(t, in, &out)), "ok");
	return out;
}

static void expect_error(const struct transcode_input *in, const char *text)
{
	struct transcode *t = new_transcode();
	struct transcode_output out;
	struct err *e = transcode_run(t, in, &out);

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	assert_int_equal(out.n, 0);
	err_free(e);
	transcode_free(t);
}

/* What a player sees: decoded frames and audio packets, in 90 kHz. */
struct seen {
	int frames, keys, audio;
	int width, height;
	int64_t first, last;		 /* video pts */
	int64_t audio_first, audio_last; /* pts */
	int64_t step_max, audio_step_max;
	bool first_is_key;
};

static int64_t ticks(int64_t pts, AVRational tb)
{
	return av_rescale_q(pts, tb, (AVRational){1, TICKS});
}

static void see_frame(struct seen *s, const AVFrame *f, AVRational tb)
{
	int64_t pts = ticks(f->pts, tb);

	if (!s->frames) {
		s->first = pts;
		s->first_is_key = f->key_frame;
	} else if (pts - s->last > s->step_max) {
		s->step_max = pts - s->last;
	}
	s->last = pts;
	s->frames++;
	s->keys += f->key_frame;
	s->width = f->width;
	s->height = f->height;
}

static void see_audio(struct seen *s, const AVPacket *p, AVRational tb)
{
	int64_t pts = ticks(p->pts, tb);

	if (!s->audio)
		s->audio_first = pts;
	else if (pts - s->audio_last > s->audio_step_max)
		s->audio_step_max = pts - s->audio_last;
	s->audio_last = pts;
	s->audio++;
}

/* device: as for a GPU worker; NULL: the CPU. */
static struct seen see_on(const struct blob *b, const char *device)
{
	enum input_event event = INPUT_AUDIO;
	AVFrame *f = av_frame_alloc();
	AVPacket *p = av_packet_alloc();
	struct seen s = {0};
	struct input in;

	assert_null(input_open(&in, blob_data(b), blob_size(b)));
	assert_non_null(in.video);
	assert_null(input_open_decoder(&in, 1, device));
	while (event != INPUT_END) {
		assert_null(input_next(&in, f, p, &event));
		if (event == INPUT_FRAME)
			see_frame(&s, f, in.video->time_base);
		else if (event == INPUT_AUDIO)
			see_audio(&s, p, in.audio->time_base);
	}
	input_close(&in);
	av_frame_free(&f);
	av_packet_free(&p);
	return s;
}

static struct seen see(const struct blob *b)
{
	return see_on(b, NULL);
}

/* A GPU that isn't there, or cannot decode this: the CPU decodes. */
static void test_decoder_falls_back(void **state)
{
	struct blob *b = clip_ts();

	(void)state;
	assert_int_equal(see_on(b, "0").frames, CLIP_FRAMES);
	blob_put(b);
}

/* --- what comes out --- */

static void test_renditions(void **state)
{
	struct ladder l = presets("P240p30fps16x9,P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);
	struct transcode *t = new_transcode();
	struct transcode_output out = good(t, &in);
	struct seen source = see(b);

	(void)state;
	assert_int_equal(out.n, 2);
	assert_int_equal(out.decoded_pixels,
		CLIP_FRAMES * CLIP_WIDTH * CLIP_HEIGHT);
	for (size_t i = 0; i < 2; i++) {
		struct seen s = see(out.r[i].data);
		int64_t counted = 0;

		assert_int_equal(s.frames, CLIP_FRAMES);
		assert_true(s.first_is_key);
		assert_int_equal(s.first, source.first);
		assert_int_equal(s.last, source.last);
		assert_int_equal(s.audio, source.audio);
		assert_int_equal(s.audio_first, source.audio_first);
		assert_int_equal(s.width, i ? 256 : 426);
		assert_int_equal(s.height, i ? 144 : 240);
		assert_null(count_pixels(blob_data(out.r[i].data),
			blob_size(out.r[i].data), &counted));
		assert_int_equal(out.r[i].pixels, counted);
		assert_null(out.r[i].phash);
	}
	transcode_output_clear(&out);
	transcode_free(t);
	blob_put(b);
}

static void check_joint(const struct ladder *l)
{
	static const char *const clips[] = {"tests/data/clip-0.ts",
		"tests/data/clip-1.ts"};
	struct transcode *t = new_transcode();
	struct str joined = STR_INIT;
	struct blob *whole;
	struct seen s;

	for (size_t i = 0; i < 2; i++) {
		struct blob *b = clip(clips[i]);
		struct transcode_input in = input_of(b, l);
		struct transcode_output out = good(t, &in);

		str_addn(&joined, blob_data(out.r[0].data),
			blob_size(out.r[0].data));
		transcode_output_clear(&out);
		blob_put(b);
	}
	whole = blob_from_str(&joined);
	s = see(whole);
	assert_int_equal(s.frames, 2 * CLIP_FRAMES);
	assert_int_equal(s.step_max, FRAME);
	assert_int_equal(s.last - s.first, (2 * CLIP_FRAMES - 1) * FRAME);
	assert_true(s.audio_step_max <= AUDIO_MAX);
	blob_put(whole);
	transcode_free(t);
}

static void test_segments_join(void **state)
{
	struct ladder l = presets("P144p30fps16x9");

	(void)state;
	check_joint(&l);
	l.r[0].fps = 0;
	check_joint(&l);
	l.r[0].profile = H264_PROFILE_CONSTRAINED_HIGH;
	check_joint(&l);
}

static void test_frame_rates(void **state)
{
	static const struct { uint32_t fps, den; int frames; } rates[] = {
		{15, 1, 15}, {60, 1, 60}, {1, 1, 1}, {30000, 1001, 30},
		{0, 0, CLIP_FRAMES}};
	struct ladder l = presets("P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);
	struct transcode *t = new_transcode();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct transcode_output out;

		l.r[0].fps = rates[i].fps;
		l.r[0].fps_den = rates[i].den;
		out = good(t, &in);
		assert_int_equal(see(out.r[0].data).frames, rates[i].frames);
		assert_int_equal(out.r[0].pixels,
			rates[i].frames * 256 * 144);
		transcode_output_clear(&out);
	}
	transcode_free(t);
	blob_put(b);
}

static int keys_with(struct transcode *t, const struct blob *b, int32_t gop_ms,
	uint32_t fps, uint32_t den)
{
	struct ladder l = presets("P144p30fps16x9");
	struct transcode_input in = input_of(b, &l);
	struct transcode_output out;
	int keys;

	l.r[0].gop_ms = gop_ms;
	l.r[0].fps = fps;
	l.r[0].fps_den = den;
	out = good(t, &in);
	keys = see(out.r[0].data).keys;
	transcode_output_clear(&out);
	return keys;
}

static void test_gop(void **state)
{
	struct transcode *t = new_transcode();
	struct blob *b = clip_ts();

	(void)state;
	assert_int_equal(keys_with(t, b, 0, 30, 0), 1);
	assert_int_equal(keys_with(t, b, 500, 30, 0), 2);
	assert_int_equal(keys_with(t, b, 500, 0, 0), 2);
	/* Where the reference forgets the denominator. */
	assert_true(keys_with(t, b, 500, 30000, 1001) >= 2);
	assert_int_equal(keys_with(t, b, GOP_INTRA_ONLY, 30, 0), CLIP_FRAMES);
	blob_put(b);
	transcode_free(t);
}

static void test_mp4(void **state)
{
	struct ladder l = presets("P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);
	struct transcode *t = new_transcode();
	struct seen source = see(b), s;
	struct transcode_output out, again;
	struct blob *mp4;

	(void)state;
	l.r[0].container = CONTAINER_MP4;
	out = good(t, &in);
	assert_memory_equal(blob_data(out.r[0].data) + 4, "ftyp", 4);
	s = see(out.r[0].data);
	assert_int_equal(s.frames, CLIP_FRAMES);
	assert_int_equal(s.audio, source.audio);
	assert_int_equal(s.first, source.first);
	assert_int_equal(s.last, source.last);
	/* And back: MP4 in, MPEG-TS out. */
	mp4 = blob_ref(out.r[0].data);
	l.r[0].container = CONTAINER_MPEGTS;
	in = input_of(mp4, &l);
	again = good(t, &in);
	s = see(again.r[0].data);
	assert_int_equal(s.frames, CLIP_FRAMES);
	assert_int_equal(s.first, source.first);
	blob_put(mp4);
	transcode_output_clear(&out);
	transcode_output_clear(&again);
	transcode_free(t);
	blob_put(b);
}

static void test_signature(void **state)
{
	struct ladder l = presets("P240p30fps16x9,P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);
	struct transcode *t = new_transcode();
	struct transcode_output out;

	(void)state;
	in.calc_perceptual_hash = true;
	out = good(t, &in);
	assert_true(blob_size(out.r[0].phash) > 100);
	assert_true(blob_size(out.r[1].phash) > 100);
	transcode_output_clear(&out);
	transcode_free(t);
	blob_put(b);
}

static void test_slice(void **state)
{
	struct ladder l = presets("P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);
	struct transcode *t = new_transcode();
	struct transcode_output out;
	struct seen s;

	(void)state;
	in.has_slice = true;
	in.slice_from_ms = 200;
	in.slice_to_ms = 500;
	out = good(t, &in);
	s = see(out.r[0].data);
	assert_int_equal(s.frames, 10); /* 6 to 15, both included */
	assert_int_equal(s.first, 0);
	assert_true(s.audio > 5 && s.audio < 20);
	assert_int_equal(out.r[0].pixels, 10 * 256 * 144);
	transcode_output_clear(&out);
	transcode_free(t);
	in.slice_from_ms = 600;
	expect_error(&in, "TranscoderInvalidClipConfig");
	blob_put(b);
}

/* --- sizes --- */

static void expect_size(struct rendition r, int in_w, int in_h, int w, int h)
{
	int got_w = 0, got_h = 0;

	assert_true(filter_size(&r, in_w, in_h, &got_w, &got_h));
	assert_int_equal(got_w, w);
	assert_int_equal(got_h, h);
}

static void test_sizes(void **state)
{
	struct rendition hd = {.width = 1280, .height = 720};
	struct rendition odd = {.width = 0, .height = 123};
	struct rendition vp9 = {.width = 64, .height = 64, .codec = VIDEO_VP9};
	int w, h;

	(void)state;
	expect_size(hd, 1920, 1080, 1280, 720);
	expect_size(hd, 1080, 1920, 720, 1280);
	expect_size(hd, 640, 480, 1280, 960);
	expect_size(odd, 1920, 1080, 146, 82); /* lpms's own vector */
	expect_size((struct rendition){.width = 426, .height = 240}, 1280, 720,
		426, 240);
	/* So wide that the height would fall below what encoders take. */
	expect_size(hd, 4000, 100, 2000, 50);
	assert_false(filter_size(&vp9, 1920, 1080, &w, &h));
}

/* --- what is refused --- */

static void test_no_media(void **state)
{
	static const char hls[] = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
		"#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
	struct ladder l = presets("P144p30fps16x9");
	char ts[188 * 64] = {0};
	struct blob *b;
	struct transcode_input in;

	(void)state;
	in = (struct transcode_input){.bytes = (const uint8_t *)hls,
		.size = sizeof(hls) - 1, .ladder = &l};
	expect_error(&in, "TranscoderInvalidVideo");
	in.size = 0;
	expect_error(&in, "TranscoderInvalidVideo");
	/* Sync bytes, and a playlist between them. */
	for (size_t i = 0; i < 64; i++) {
		ts[188 * i] = 0x47;
		memcpy(ts + 188 * i + 4, hls, sizeof(hls) - 1);
	}
	in = (struct transcode_input){.bytes = (const uint8_t *)ts,
		.size = sizeof(ts), .ladder = &l};
	expect_error(&in, "TranscoderInvalidVideo");
	b = clip("tests/data/audio.ts");
	in = input_of(b, &l);
	expect_error(&in, "TranscoderInvalidVideo");
	blob_put(b);
	b = clip("tests/data/huge.ts");
	in = input_of(b, &l);
	expect_error(&in, "TranscoderInvalidResolution");
	blob_put(b);
	b = clip("tests/data/mpeg2.ts");
	in = input_of(b, &l);
	expect_error(&in, "Unsupported input codec");
	blob_put(b);
}

static void test_ladders_refused(void **state)
{
	struct ladder l = presets("P144p30fps16x9");
	struct blob *b = clip_ts();
	struct transcode_input in = input_of(b, &l);

	(void)state;
	l.r[0].gop_ms = -2;
	expect_error(&in, "TranscoderInvalidGOP");
	l.r[0].gop_ms = 0;
	l.r[0].codec = VIDEO_VP9;
	expect_error(&in, "Encoder not found");
	l.r[0].codec = VIDEO_H264;
	l.n = LADDER_MAX + 1;
	expect_error(&in, "Too many outputs");
	blob_put(b);
}

/* Two frames 200 s apart would become 6000 of them. */
static void test_runaway(void **state)
{
	struct ladder l = presets("P144p30fps16x9,P240p30fps16x9");
	struct blob *b = clip("tests/data/gap.ts");
	struct transcode_input in = input_of(b, &l);

	(void)state;
	expect_error(&in, "Encoded frames runaway");
	blob_put(b);
}

static void test_probe(void **state)
{
	struct blob *b = clip("tests/data/clip-1.ts");
	struct media_info i;
	int64_t pixels;
	struct err *e;

	(void)state;
	assert_null(probe(blob_data(b), blob_size(b), &i));
	assert_string_equal(i.video, "h264");
	assert_string_equal(i.audio, "aac");
	assert_string_equal(i.pixel_format, "yuv420p");
	assert_int_equal(i.width, CLIP_WIDTH);
	assert_true(i.fps > 29.9 && i.fps < 30.1);
	assert_true(i.duration_ms > 950 && i.duration_ms < 1150);
	assert_int_equal(i.start_pts_us, 2466667); /* 222000 / 90 kHz */
	assert_false(i.needs_bypass);
	e = count_pixels(blob_data(b), 100, &pixels);
	assert_string_equal(err_text(e),
		"Invalid data found when processing input");
	err_free(e);
	blob_put(b);
}

static int load(void **state)
{
	(void)state;
	assert_null(ffmpeg_load());
	ffmpeg_log_to(NULL, NULL, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoder_falls_back),
		cmocka_unit_test(test_renditions),
		cmocka_unit_test(test_segments_join),
		cmocka_unit_test(test_frame_rates),
		cmocka_unit_test(test_gop),
		cmocka_unit_test(test_mp4),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_media),
		cmocka_unit_test(test_ladders_refused),
		cmocka_unit_test(test_runaway),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}

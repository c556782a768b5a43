#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/amf0.h"
#include "proto/flv.h"

static void test_video(void **state)
{
	static const uint8_t config[] = {0x17, 0, 0, 0, 0, 1, 2};
	static const uint8_t frame[] = {0x27, 1, 0xff, 0xff, 0xd8, 9};
	struct flv_packet p;

	(void)state;
	assert_null(flv_video_parse(config, sizeof(config), &p));
	assert_int_equal(p.what, FLV_CONFIG);
	assert_int_equal(p.size, 2);
	assert_null(flv_video_parse(frame, sizeof(frame), &p));
	assert_int_equal(p.what, FLV_FRAME);
	assert_false(p.key);
	assert_int_equal(p.composition, -40);
	assert_ptr_equal(p.data, frame + 5);
	assert_int_equal(p.size, 1);
	assert_null(flv_video_parse(frame, 0, &p));
	assert_int_equal(p.what, FLV_NOTHING);
}

static void expect_refusal(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void test_refusals(void **state)
{
	struct flv_packet p;

	(void)state;
#define VIDEO(s) flv_video_parse((const uint8_t *)(s), sizeof(s) - 1, &p)
#define AUDIO(s) flv_audio_parse((const uint8_t *)(s), sizeof(s) - 1, &p)
	expect_refusal(VIDEO("\x90hvc1"),
		"H.265 over RTMP is not supported: use H.264");
	expect_refusal(VIDEO("\x91" "av01"),
		"AV1 over RTMP is not supported: use H.264");
	expect_refusal(VIDEO("\x1c\x01\x00\x00\x00"),
		"H.265 over RTMP is not supported: use H.264");
	expect_refusal(VIDEO("\x17"), "malformed video message");
	expect_refusal(VIDEO("\x80"), "malformed video message");
	expect_refusal(AUDIO("\x2f\x01"),
		"MP3 over RTMP is not supported: use AAC");
	expect_refusal(AUDIO("\x90Opus"),
		"Opus over RTMP is not supported: use AAC");
	expect_refusal(AUDIO("\xaf"), "malformed audio message");
#undef VIDEO
#undef AUDIO
}

static void test_aac(void **state)
{
	static const uint8_t lc[] = {0x12, 0x10};	    /* LC 44100 2 */
	static const uint8_t he[] = {0x2b, 0x92, 0x08, 0}; /* SBR 22050 */
	static const uint8_t main960[] = {0x12, 0x14};
	static const uint8_t pce[] = {0x12, 0x00};
	/* A frame of 100 bytes: 107 with its header. */
	static const uint8_t adts[] = {0xff, 0xf1, 0x50, 0x80, 0x0d, 0x7f,
		0xfc};
	struct aac_config c;
	uint8_t header[ADTS_SIZE];

	(void)state;
	assert_null(aac_config_parse(&c, lc, sizeof(lc)));
	assert_int_equal(c.object_type, 2);
	assert_int_equal(c.sample_rate, 44100);
	assert_int_equal(c.channel_config, 2);
	adts_encode(&c, 100, header);
	assert_memory_equal(header, adts, sizeof(adts));
	assert_null(aac_config_parse(&c, he, sizeof(he)));
	assert_int_equal(c.object_type, 2);
	assert_int_equal(c.sample_rate, 22050);
	expect_refusal(aac_config_parse(&c, main960, sizeof(main960)),
		"AAC frames of 960 samples are not supported");
	expect_refusal(aac_config_parse(&c, pce, sizeof(pce)),
		"unusual AAC channel layout: use mono, stereo or 5.1");
	expect_refusal(aac_config_parse(&c, lc, 1),
		"malformed AAC configuration");
	/* The largest frame that 13 bits can say. */
	assert_null(aac_config_parse(&c, lc, sizeof(lc)));
	adts_encode(&c, ADTS_FRAME_MAX, header);
	assert_int_equal(header[3] & 3, 3);
	assert_int_equal(header[4], 0xff);
	assert_int_equal(header[5] >> 5, 7);
}

static void test_meta(void **state)
{
	struct str s = STR_INIT;
	struct flv_meta m;

	(void)state;
	amf0_put_object(&s);
	amf0_put_key(&s, "width");
	amf0_put_number(&s, 1920);
	amf0_put_key(&s, "height");
	amf0_put_number(&s, -3e300);
	amf0_put_key(&s, "framerate");
	amf0_put_number(&s, 29.97);
	amf0_put_key(&s, "videocodecid");
	amf0_put_string(&s, "avc1");
	amf0_put_end(&s);
	assert_true(flv_meta_parse(&m, (const uint8_t *)s.s, s.len));
	assert_int_equal(m.width, 1920);
	assert_int_equal(m.height, 0);
	assert_true(m.fps == 29.97);
	assert_true(m.has_video);
	assert_false(m.has_audio);
	assert_false(flv_meta_parse(&m, (const uint8_t *)s.s, s.len - 1));
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_video),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_aac),
		cmocka_unit_test(test_meta),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

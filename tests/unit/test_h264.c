#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/h264.h"
#include "src/base/str.h"

/* SPS that x264 r3108 writes. */
static const struct {
	const char *hex;
	int32_t width, height;
	double fps;
} golden[] = {
	{"67640028acd940780227e5c04400000fa40003a9803c60c658", 1920, 1080,
		29.97},
	{"6764001facd9405005bb011000003e90000ea600f1831960", 1280, 720, 29.97},
	{"6764000aacd9420bf9701100000303e90000ea600f122596", 128, 72, 29.97},
	{"67640015acd941b1fe4f011000003e90000ea600f162d960", 426, 240, 29.97},
	/* interlaced */
	{"6764001eacd940b424d8088000000300800000190f8a14cb", 720, 576, 25},
	/* 4:4:4, odd multiples of a macroblock */
	{"67f4000d919b282a10f1f1f808800000030080000019078a14cb", 322, 242, 25},
};

static size_t unhex(const char *hex, uint8_t *out)
{
	assert_true(hex_decode(out, strlen(hex) / 2, hex));
	return strlen(hex) / 2;
}

static void test_sps(void **state)
{
	uint8_t sps[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		size_t n = unhex(golden[i].hex, sps);
		int32_t width, height;
		double fps;

		assert_true(h264_sps_parse(sps, n, &width, &height, &fps));
		assert_int_equal(width, golden[i].width);
		assert_int_equal(height, golden[i].height);
		assert_true(fabs(fps - golden[i].fps) < 0.01);
		/* Any cut is harmless, most are refused. */
		while (n--)
			(void)!h264_sps_parse(sps, n, &width, &height, &fps);
		assert_false(h264_sps_parse(sps, 8, &width, &height, &fps));
	}
}

/* Writes the bits of a text such as "1 010 00101". */
static size_t from_bits(const char *text, uint8_t *out)
{
	size_t n = 0;

	memset(out, 0, 64);
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		out[n / 8] |= (uint8_t)((*text == '1') << (7 - n % 8));
		n++;
	}
	return n / 8 + 1;
}

/* A baseline SPS: nal, profile 66, level, then what is given. */
#define BASELINE "01100111 01000010 00000000 00010100 "
/* id, frame number bits, order type 0 and its bits, references, no gaps */
#define BEFORE_SIZE "1 1 1 1 1 0 "
#define SIDE_1024 "0000000000 1 0000000000 " /* macroblocks */
#define SIDE_1025 "0000000000 1 0000000001 "

static void test_sps_bounds(void **state)
{
	uint8_t sps[64];
	int32_t width, height;
	double fps;
	size_t n;

	(void)state;
	n = from_bits(BASELINE BEFORE_SIZE SIDE_1024 SIDE_1024 "1 1 0 0", sps);
	assert_true(h264_sps_parse(sps, n, &width, &height, &fps));
	assert_int_equal(width, 16384);
	assert_int_equal(height, 16384);
	n = from_bits(BASELINE BEFORE_SIZE SIDE_1024 SIDE_1025 "1 1 0 0", sps);
	assert_false(h264_sps_parse(sps, n, &width, &height, &fps));
	n = from_bits(BASELINE BEFORE_SIZE SIDE_1025 "1 1 1 0 0", sps);
	assert_false(h264_sps_parse(sps, n, &width, &height, &fps));
	/* 32 zeros: no exp-Golomb code is so long. */
	n = from_bits(BASELINE
		"00000000 00000001 00000000 00000001 1111 1111 1111 1111", sps);
	assert_false(h264_sps_parse(sps, n, &width, &height, &fps));
	n = from_bits(BASELINE BEFORE_SIZE "1 1 1 1 0 0", sps);
	assert_true(h264_sps_parse(sps, n, &width, &height, &fps));
	assert_int_equal(width, 16);
	assert_int_equal(height, 16);
	assert_true(fps == 0);
	/* Cropped to nothing. */
	n = from_bits(BASELINE BEFORE_SIZE "1 1 1 1 1 "
		      "000010000 1 1 1 0", sps);
	assert_false(h264_sps_parse(sps, n, &width, &height, &fps));
	/* Another NAL unit. */
	sps[0] = 0x68;
	assert_false(h264_sps_parse(sps, n, &width, &height, &fps));
}

static void test_config(void **state)
{
	static const char avcc[] =
		"01640009ffe1001967640009acd9420bf97011000003000100000300320f"
		"12259601000568ebecb22c";
	struct h264_config c = {0};
	uint8_t bytes[80];
	size_t n = unhex(avcc, bytes);
	struct err *e;

	(void)state;
	assert_null(h264_config_parse(&c, bytes, n));
	assert_int_equal(c.width, 128);
	assert_int_equal(c.height, 72);
	assert_int_equal(c.length_size, 4);
	assert_int_equal(c.size, 4 + 25 + 4 + 5);
	assert_memory_equal(c.headers, "\0\0\0\1\x67", 5);
	assert_memory_equal(c.headers + 29, "\0\0\0\1\x68", 5);
	/* Every cut is refused, and what was there stays. */
	for (size_t cut = 0; cut < n; cut++) {
		if (cut == 33) /* before the count of PPS: allowed */
			continue;
		e = h264_config_parse(&c, bytes, cut);
		assert_non_null(e);
		err_free(e);
		assert_int_equal(c.width, 128);
	}
	bytes[4] = 0xfe; /* lengths of 3 bytes don't exist */
	e = h264_config_parse(&c, bytes, n);
	assert_non_null(e);
	err_free(e);
	h264_config_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sps),
		cmocka_unit_test(test_sps_bounds),
		cmocka_unit_test(test_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/m3u8.h"

static void test_master(void **state)
{
	static const struct m3u8_variant v[] = {
		{"movie", "source", SOURCE_BITRATE, 1920, 1080},
		{"movie", "P240p30fps16x9", 600000, 426, 240},
		{"movie", "x", 1, 0, 0},
	};
	struct str s = STR_INIT;

	(void)state;
	m3u8_write_master(&s, v, 3);
	assert_string_equal(s.s, "#EXTM3U\n#EXT-X-VERSION:3\n"
		"#EXT-X-STREAM-INF:PROGRAM-ID=0,BANDWIDTH=4000000,"
		"RESOLUTION=1920x1080\nmovie/source.m3u8\n"
		"#EXT-X-STREAM-INF:PROGRAM-ID=0,BANDWIDTH=600000,"
		"RESOLUTION=426x240\nmovie/P240p30fps16x9.m3u8\n"
		"#EXT-X-STREAM-INF:PROGRAM-ID=0,BANDWIDTH=1\nmovie/x.m3u8\n");
	str_clear(&s);
}

static void test_media(void **state)
{
	static const struct m3u8_segment segs[] = {
		{.seq = 9, .duration_ms = 2000, .ext = ".ts"},
		{.seq = 10, .duration_ms = 45, .ext = ".ts",
			.discontinuity = true},
	};
	struct m3u8_media m = {.manifest = "movie", .rendition = "source",
		.media_sequence = 3, .target_ms = 2001};
	struct str s = STR_INIT;

	(void)state;
	m3u8_write_media(&s, &m, segs, 2);
	assert_string_equal(s.s, "#EXTM3U\n#EXT-X-VERSION:3\n"
		"#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-TARGETDURATION:3\n"
		"#EXTINF:2.000,\n/stream/movie/source/9.ts\n"
		"#EXT-X-DISCONTINUITY\n"
		"#EXTINF:0.045,\n/stream/movie/source/10.ts\n");
	str_truncate(&s, 0);
	m.discontinuity_sequence = 2;
	m.target_ms = 2000;
	m.ended = true;
	m3u8_write_media(&s, &m, segs, 0);
	assert_string_equal(s.s, "#EXTM3U\n#EXT-X-VERSION:3\n"
		"#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n"
		"#EXT-X-TARGETDURATION:2\n#EXT-X-ENDLIST\n");
	str_clear(&s);
}

static void test_hostile_names(void **state)
{
	static const struct m3u8_variant v = {"a\n#EXT-X-ENDLIST", "../%2e\xff",
		1, 0, 0};
	struct str s = STR_INIT;

	(void)state;
	m3u8_write_master(&s, &v, 1);
	assert_non_null(strstr(s.s,
		"\na%0A%23EXT-X-ENDLIST/..%2F%252e%FF.m3u8\n"));
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_master),
		cmocka_unit_test(test_media),
		cmocka_unit_test(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

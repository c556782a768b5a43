#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/ladder_json.h"
#include "proto/webhook_json.h"

static void refuse(const char *json, const char *text)
{
	struct ladder l;
	struct err *e = ladder_json_parse(&l, json, strlen(json));

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void test_fields(void **state)
{
	static const char json[] =
		"[{\"NAME\":\"a\",\"width\":1280,\"Height\":720,\"bitrate\":"
		"3000000,\"fps\":30000,\"fpsDen\":1001,\"profile\":"
		"\"H264ConstrainedHigh\",\"gop\":\"1.5\",\"encoder\":\"HEVC\","
		"\"colorDepth\":2,\"chromaFormat\":1,\"quality\":23,\"x\":[]},"
		"{\"width\":426,\"height\":240,\"bitrate\":250000,\"gop\":"
		"\"intra\",\"fps\":null}]";
	struct ladder l, again;
	struct err *e;
	struct str s = STR_INIT;

	(void)state;
	/* A profile of H.264 for another codec is refused. */
	e = ladder_json_parse(&l, json, strlen(json));
	assert_string_equal(err_text(e),
		"rendition a: an H.264 profile without H.264");
	err_free(e);
	assert_int_equal(l.r[0].profile, H264_PROFILE_CONSTRAINED_HIGH);
	assert_int_equal(l.r[0].codec, VIDEO_H265);
	assert_int_equal(l.r[0].gop_ms, 1500);
	assert_int_equal(l.r[0].fps, 30000);
	assert_int_equal(l.r[0].fps_den, 1001);
	assert_int_equal(l.r[0].color_depth, 10);
	assert_int_equal(l.r[0].chroma, CHROMA_422);
	assert_int_equal(l.r[0].quality, 23);
	assert_false(l.r[0].container_is_set);
	assert_string_equal(l.r[1].name, "custom_426x240_250000");
	assert_int_equal(l.r[1].gop_ms, GOP_INTRA_ONLY);

	l.r[0].codec = VIDEO_H264;
	ladder_json_write(&l, &s);
	assert_null(ladder_json_parse(&again, s.s, s.len));
	assert_memory_equal(&again, &l, sizeof(l));
	str_clear(&s);
}

static void test_gop(void **state)
{
	static const struct {
		const char *text;
		int32_t ms;
	} v[] = {{"", 0}, {"0", 0}, {"0.0", 0}, {"2", 2000}, {"0.5", 500},
		{"0.0019", 1}, {"10.", 10000}};
	struct ladder l;
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		str_printf(&s, "[{\"width\":1,\"height\":1,\"gop\":\"%s\"}]",
			v[i].text);
		assert_null(ladder_json_parse(&l, s.s, s.len));
		assert_int_equal(l.r[0].gop_ms, v[i].ms);
		str_truncate(&s, 0);
	}
	str_clear(&s);
	refuse("[{\"gop\":\"x\\u001b\"}]", "cannot parse the GOP value in the "
		"transcoding options: \"x\\x1b\"");
	refuse("[{\"gop\":\"1e3\"}]", "cannot parse the GOP value in the "
		"transcoding options: \"1e3\"");
	refuse("[{\"gop\":\"99999999999\"}]", "cannot parse the GOP value in "
		"the transcoding options: \"99999999999\"");
	refuse("[{\"gop\":\"-1.5\"}]", "invalid gop value -1.500000. Please "
		"set it to a positive value");
}

static void test_refusals(void **state)
{
	struct ladder l;
	struct str s = STR_INIT;
	struct err *e;

	(void)state;
	refuse("[{\"profile\":\"h264best\"}]", "unable to parse the H264 "
		"encoder profile: unknown VideoProfile profile name");
	refuse("[{\"encoder\":\"h264\"}]", "Unable to parse encoder profile, "
		"unknown encoder: h264 unknown codec name");
	refuse("{}", "unable to unmarshal the passed transcoding option: not "
		"an array");
	refuse("[1]", "unable to unmarshal the passed transcoding option: not "
		"an object");
	refuse("[{\"width\":\"1\"}]", "unable to unmarshal the passed "
		"transcoding option: width: not an integer");
	refuse("[{\"fps\":-1}]", "unable to unmarshal the passed transcoding "
		"option: fps: -1 is not within 0 and 2147483647");
	refuse("[{\"width\":9,\"height\":9,\"name\":\"a\"},"
		"{\"width\":9,\"height\":9,\"name\":\"a\"}]",
		"two renditions are named \"a\"");
	refuse("[{},{},{},{},{},{},{},{},{},{},{}]", "more than 10 renditions");
	for (int i = 0; i < 100; i++)
		str_addc(&s, '[');
	refuse(s.s, "unable to unmarshal the passed transcoding option: JSON "
		"nested deeper than 32");
	str_clear(&s);
	assert_null(ladder_json_parse(&l, "[]", 2));
	assert_int_equal(l.n, 0);
	e = ladder_json_parse(&l, "[", 1);
	assert_true(str_has_prefix(err_text(e), "unable to unmarshal the "
		"passed transcoding option: "));
	err_free(e);
}

static void test_option(void **state)
{
	struct ladder l;
	struct err *e;

	(void)state;
	assert_null(ladder_option_parse(&l, "P144p30fps16x9"));
	assert_int_equal(l.n, 1);
	assert_null(ladder_option_parse(&l,
		" [{\"width\":256,\"height\":144,\"bitrate\":1}]"));
	assert_string_equal(l.r[0].name, "custom_256x144_1");
	e = ladder_option_parse(&l, "P144p30fps16x9,P9");
	assert_non_null(strstr(err_text(e), "\"P9\" (presets: P720p60fps16x9 "));
	err_free(e);
	e = ladder_option_parse(&l, "[]");
	assert_string_equal(err_text(e), "No transcoding profiles found");
	err_free(e);
}

static void refuse_auth(const char *json, const char *text)
{
	struct stream_auth a;
	struct err *e = stream_auth_parse(&a, json, strlen(json));

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void allow_auth(struct stream_auth *a, const char *json)
{
	assert_null(stream_auth_parse(a, json, strlen(json)));
}

static void test_auth(void **state)
{
	struct stream_auth a;
	struct str s = STR_INIT;

	(void)state;
	allow_auth(&a, "{\"manifestID\":\"m\",\"streamKey\":\"k\",\"streamID\""
		":\"s\",\"sessionID\":\"t\",\"presets\":[\"P144p30fps16x9\"],"
		"\"profiles\":[{\"name\":\"p\",\"width\":9,\"height\":9}],"
		"\"verificationFreq\":3,\"timeoutMultiplier\":2,"
		"\"forceSessionReinit\":true,\"objectStore\":\"\","
		"\"previousSessions\":null}");
	assert_string_equal(a.stream_key, "k");
	assert_int_equal(a.ladder.n, 2);
	assert_string_equal(a.ladder.r[1].name, "p");
	assert_int_equal(a.verification_freq, 3);
	assert_int_equal(a.timeout_multiplier, 2);
	assert_true(a.force_session_reinit);

	allow_auth(&a, "{\"manifestID\":\"m\"}");
	assert_false(a.has_ladder);
	allow_auth(&a, "{\"manifestID\":\"m\",\"profiles\":null,"
		"\"presets\":[]}");
	assert_false(a.has_ladder);
	allow_auth(&a, "{\"manifestID\":\"m\",\"profiles\":[]}");
	assert_true(a.has_ladder);
	assert_int_equal(a.ladder.n, 0);

	refuse_auth("{}", "empty manifest id not allowed");
	refuse_auth("[]", "not a JSON object");
	refuse_auth("{\"manifestID\":\"m\",\"recordObjectStore\":\"s3://x\"}",
		"recordObjectStore: object stores and recording are not "
		"supported");
	refuse_auth("{\"manifestID\":\"m\",\"presets\":[\"P9\"]}",
		"unknown preset \"P9\"");
	refuse_auth("{\"manifestID\":7}", "manifestID: not a string");
	assert_null(stream_config_parse(&a, "{}", 2));

	stream_auth_request_write("rtmp://h/a\"b?c\xff", &s);
	assert_string_equal(s.s,
		"{\"url\":\"rtmp://h/a\\\"b?c\\\\xff\"}");
	str_clear(&s);
}

static void test_discovery(void **state)
{
	static const char json[] = "[{\"address\":\"https://a:1/\",\"score\":1},"
		"{\"address\":\"\"},{},{\"address\":\"ftp://x\"},7,"
		"{\"Address\":\"b\",\"score\":0.5,\"x\":{}}]";
	struct discovered *d;
	size_t n, skipped;
	struct err *e;

	(void)state;
	assert_null(discovery_parse(&d, &n, &skipped, json, strlen(json)));
	assert_int_equal(n, 2);
	assert_int_equal(skipped, 2);
	assert_string_equal(d[0].uri, "https://a:1");
	assert_true(d[0].score == 1.0);
	assert_string_equal(d[1].uri, "https://b:8935");
	assert_true(d[1].score == 0.5);
	free(d);
	e = discovery_parse(&d, &n, NULL, "{}", 2);
	assert_string_equal(err_text(e), "not a JSON array");
	err_free(e);
	free(d);
}

static void test_uris(void **state)
{
	static const char *const good[][2] = {
		{"o.example", "https://o.example:8935"},
		{"o.example:1", "https://o.example:1"},
		{"http://o:80", "http://o:80"},
		{"https://o", "https://o:8935"},
		{"https://[::1]", "https://[::1]:8935"},
		{"https://[::1]:9//", "https://[::1]:9"},
	};
	static const char *const bad[] = {"", "/", "https://", "ftp://o",
		"https://a b", "https://u@o", "o?x", "o\r\nX: y", "https:///x"};
	char uri[URI_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(orchestrator_uri(uri, good[i][0]));
		assert_string_equal(uri, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(orchestrator_uri(uri, bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_gop),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

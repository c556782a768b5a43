/* A rendition in words: what reads back as it was written, and what is refused. */
#include "proto/rendition_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void reads_as(const char *text, const char *want)
{
	struct str s = STR_INIT;
	struct rendition r;
	struct err *e = rendition_text_parse(&r, text);

	if (e)
		fail_msg("%s: %s", text, err_text(e));
	rendition_text_write(&r, &s);
	assert_string_equal(s.s, want);
	str_clear(&s);
}

static void what_is_written_reads_back(void **state)
{
	(void)state;
	reads_as("P720p30fps16x9", "P720p30fps16x9");
	reads_as("  mine   1280x720 30fps 4000k ", "mine 1280x720 30fps 4000k");
	reads_as("mine 1280x720 30000/1001fps crf23", "mine 1280x720 30000/1001fps crf23");
	reads_as("1280x720 4000k", "1280x720_4000k 1280x720 4000k");
	reads_as("640x360", "640x360");
	/* A preset's name for something else keeps its numbers. */
	reads_as("P720p30fps16x9 640x360", "P720p30fps16x9 640x360");
	/* What words cannot say is its object. */
	reads_as("{\"name\":\"a\",\"width\":640,\"height\":360,\"bitrate\":1234,\"gop\":\"2\"}",
		"{\"name\":\"a\",\"width\":640,\"height\":360,\"bitrate\":1234,\"gop\":\"2.000\"}");
	reads_as("{\"name\":\"P240p30fps16x9\",\"width\":426,\"height\":240,\"fps\":30,"
		"\"bitrate\":600000}", "P240p30fps16x9");
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"P721p", "no preset and has no size"},
		{"P144p25fps16x9", "no preset and has no size"},
		{"", "no preset"},
		{"mine 1280x720 fast", "\"fast\" is no size, rate, bitrate or quality"},
		{"mine 1280x720 0fps", "\"0fps\" is no"},
		{"mine 1280x720 99999999999999999999k", "is no size"},
		{"mine 99999x720", "sides must be within"},
		{"mine 1280x720 30/0fps", "is no size"},
		{"mine 1280x720 1000fps", "fps: more than 240"},
		{"mi/ne 1280x720", "cannot stand in a URL"},
		{"source 1280x720", "the stream's own"},
		{"{\"width\":1}", ""},
		{"{},{}", ""},
		{"{", ""},
		{"a\x1b[2J", "\\x1b"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rendition r;
		struct err *e = rendition_text_parse(&r, bad[i].text);

		if (!e || !strstr(err_text(e), bad[i].why))
			fail_msg("\"%s\": %s", bad[i].text, err_text(e));
		err_free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

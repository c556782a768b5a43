#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/model/rendition.h"

static void test_presets(void **state)
{
	const struct preset *p;
	struct str hex = STR_INIT;
	size_t n = 0;

	(void)state;
	while (preset_at(n))
		n++;
	assert_int_equal(n, 14);
	p = preset_find("P240p30fps16x9");
	assert_non_null(p);
	assert_int_equal(p->rendition.width, 426);
	assert_int_equal(p->rendition.bitrate, 600000);
	str_add_hex(&hex, p->id, sizeof(p->id));
	assert_string_equal(hex.s, "c0a6517a");
	str_clear(&hex);
	assert_false(preset_find("P144p25fps16x9")->selectable);
	assert_null(preset_find("P9"));
}

static void test_parse(void **state)
{
	struct ladder l;
	struct err *e;

	(void)state;
	assert_null(ladder_parse_presets(&l,
		" P720p30fps16x9 ,, P240p30fps16x9,"));
	assert_int_equal(l.n, 2);
	assert_string_equal(l.r[1].name, "P240p30fps16x9");
	e = ladder_parse_presets(&l, "P720p30fps16x9,P1\x1bx");
	assert_string_equal(err_text(e), "unknown preset \"P1\\x1bx\"");
	err_free(e);
	e = ladder_parse_presets(&l, "P144p25fps16x9");
	assert_non_null(e);
	err_free(e);
	e = ladder_parse_presets(&l, " , ");
	assert_string_equal(err_text(e), "No transcoding profiles found");
	err_free(e);
	e = ladder_parse_presets(&l, "P144p30fps16x9,P144p30fps16x9");
	assert_string_equal(err_text(e),
		"two renditions are named \"P144p30fps16x9\"");
	err_free(e);
}

static void refuse(struct rendition r, const char *text)
{
	struct ladder l = {.n = 1, .r = {r}};
	struct err *e = ladder_validate(&l);

	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void test_validate(void **state)
{
	struct rendition r = preset_at(0)->rendition;
	struct ladder l = {.n = 1, .r = {r}};

	(void)state;
	assert_null(ladder_validate(&l));
	r.gop_ms = -2;
	refuse(r, "rendition P720p60fps16x9: gop of -2 ms: not within 0 and "
		"300000");
	r.gop_ms = GOP_INTRA_ONLY;
	r.width = 0;
	refuse(r, "rendition P720p60fps16x9: 0x720: sides must be within 1 "
		"and 8192");
	r.width = 16;
	r.fps = 30000;
	r.fps_den = 1001;
	l.r[0] = r;
	assert_null(ladder_validate(&l));
	r.fps_den = 0;
	refuse(r, "rendition P720p60fps16x9: 30000/1 fps: more than 240");
	snprintf(r.name, sizeof(r.name), "source");
	refuse(r, "rendition name \"source\" is the stream's own");
	snprintf(r.name, sizeof(r.name), "a/b");
	refuse(r, "rendition name \"a/b\" cannot stand in a URL");
}

static void test_names(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a..b", "a/b", "a%41",
		"a?b", "a b", "a\nb", "a\"b", "a#b", "a\\b", "\xc3\xa9"};
	char name[RENDITION_NAME_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(rendition_name_is_safe(bad[i]));
	assert_true(rendition_name_is_safe("net_426x240_600000"));
	assert_true(rendition_name_is_safe("720p0-high.v2"));
	memset(name, 'a', sizeof(name) - 1);
	name[RENDITION_NAME_SIZE] = '\0';
	assert_false(rendition_name_is_safe(name));
	name[RENDITION_NAME_SIZE - 1] = '\0';
	assert_true(rendition_name_is_safe(name));
}

static void test_fmt(void **state)
{
	struct rendition r = preset_at(1)->rendition;
	struct str s = STR_INIT;

	(void)state;
	rendition_fmt(&r, &s);
	assert_string_equal(s.s, "1280x720 30fps 4000k");
	str_truncate(&s, 0);
	r.fps = 30000;
	r.fps_den = 1001;
	rendition_fmt(&r, &s);
	assert_string_equal(s.s, "1280x720 29.97fps 4000k");
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_validate),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_fmt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

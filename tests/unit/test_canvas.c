#include "ui/canvas.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void shows(const struct canvas *c, const char *text)
{
	struct str s = STR_INIT;

	canvas_dump(c, &s);
	assert_string_equal(s.s, text);
	str_clear(&s);
}

static void test_clips(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 5, 2, GLYPHS_UNICODE);
	assert_int_equal(canvas_text(&c, 3, 0, 10, STYLE_NORMAL, "abc"), 2);
	assert_int_equal(canvas_text(&c, 0, 1, 3, STYLE_NORMAL, "abcd"), 3);
	canvas_text(&c, 0, 5, 3, STYLE_NORMAL, "off");
	canvas_text(&c, 7, 0, 3, STYLE_NORMAL, "off");
	canvas_put(&c, -1, -1, STYLE_NORMAL, 'x');
	canvas_fill(&c, (struct rect){4, 1, 9, 9}, STYLE_NORMAL, '#');
	canvas_box(&c, (struct rect){-3, -3, 1, 1}, "x");
	shows(&c, "   a\xe2\x80\xa6\nab\xe2\x80\xa6 #\n");
	canvas_clear(&c);
}

static void test_wide(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 1, GLYPHS_UNICODE);
	assert_int_equal(canvas_width(&c, "\xe6\x9d\xb1x"), 3);
	canvas_text(&c, 0, 0, 6, STYLE_NORMAL, "\xe6\x9d\xb1\xe4\xba\xac");
	assert_int_equal(c.cells[1].ch, 0);
	/* Half of a wide character takes the other half with it. */
	canvas_put(&c, 1, 0, STYLE_NORMAL, 'x');
	canvas_put(&c, 2, 0, STYLE_NORMAL, 'y');
	shows(&c, " xy\n");
	/* Combining marks take no cell; a cut falls between characters. */
	canvas_blank(&c);
	canvas_text(&c, 0, 0, 4, STYLE_NORMAL,
		"e\xcc\x81\xe6\x9d\xb1\xe4\xba\xac");
	shows(&c, "e\xe6\x9d\xb1\xe2\x80\xa6\n");
	/* No half at the right edge. */
	canvas_blank(&c);
	canvas_text(&c, 5, 0, 9, STYLE_NORMAL, "\xe6\x9d\xb1");
	assert_int_not_equal(c.cells[5].ch, 0x6771);
	canvas_clear(&c);
}

static void test_nothing_dangerous(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 20, 1, GLYPHS_UNICODE);
	canvas_text(&c, 0, 0, 20, STYLE_NORMAL,
		"\x1b[m\r\n\x7f\xc2\x9b\xe2\x80\xae\xff\xe2\x82\xc0\xaf");
	/* ESC CR LF DEL CSI RLO, then bytes that are no UTF-8. */
	shows(&c, "?[m??????????\n");
	canvas_clear(&c);
}

static void test_ascii(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 9, 3, GLYPHS_ASCII);
	canvas_box(&c, (struct rect){0, 0, 9, 3}, "caf\xc3\xa9 table");
	shows(&c, "+- ca~ -+\n|       |\n+-------+\n");
	canvas_clear(&c);
}

static void test_field(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 9, 1, GLYPHS_ASCII);
	canvas_fill(&c, (struct rect){0, 0, 9, 1}, STYLE_NORMAL, '.');
	canvas_field(&c, 1, 0, 6, STYLE_OK, ALIGN_RIGHT, "42");
	shows(&c, ".    42..\n");
	assert_int_equal(c.cells[1].style, STYLE_OK);
	canvas_restyle(&c, (struct rect){0, 0, 99, 99}, STYLE_SELECTED);
	assert_int_equal(c.cells[8].style, STYLE_SELECTED);
	canvas_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clips),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_nothing_dangerous),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_field),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

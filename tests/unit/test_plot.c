#include "ui/plot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void shows(struct canvas *c, const char *text)
{
	struct str s = STR_INIT;

	canvas_dump(c, &s);
	assert_string_equal(s.s, text);
	str_clear(&s);
	canvas_clear(c);
}

static void test_history(void **state)
{
	static const double v[] = {9, 1, 0, 0.01, 3, 6, -1, 2};
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 2, GLYPHS_ASCII);
	/* The newest at the right; a trace shows, zero and unknown do not. */
	plot_history(&c, (struct rect){0, 0, 6, 2}, STYLE_GRAPH, v, 8, 6);
	shows(&c, "   |\n .|| :\n");
	canvas_init(&c, 6, 2, GLYPHS_ASCII);
	plot_history(&c, (struct rect){0, 0, 6, 2}, STYLE_GRAPH, v, 1, 9);
	shows(&c, "     |\n     |\n");
	canvas_init(&c, 2, 1, GLYPHS_UNICODE);
	plot_history(&c, (struct rect){0, 0, 2, 1}, STYLE_GRAPH,
		(double[]){4, 1, 4}, 3, 4);
	shows(&c, "\xe2\xa2\xb8\xe2\xa3\xb8\n");
	canvas_init(&c, 2, 1, GLYPHS_UNICODE);
	plot_history(&c, (struct rect){0, 0, 0, 0}, STYLE_GRAPH, v, 8, 4);
	plot_history(&c, (struct rect){0, 0, 2, 1}, STYLE_GRAPH, NULL, 0, 4);
	shows(&c, "\n");
}

static void test_chart(void **state)
{
	static const double v[] = {0, 0, -1, -1, 6, 3, 0.01, 0};
	struct chart k = {STYLE_GRAPH, v, 8, 6, "6", {"-1h", "-30m", "now"}};
	struct canvas c;

	(void)state;
	/* Ground for zero, nothing for unknown; the few values fill the width. */
	canvas_init(&c, 14, 3, GLYPHS_ASCII);
	chart_draw(&c, (struct rect){0, 0, 14, 3}, &k);
	shows(&c, "    6     |\n    0 __  ||._\n      -1h  now\n");
	canvas_init(&c, 22, 2, GLYPHS_ASCII);
	chart_draw(&c, (struct rect){0, 0, 22, 2}, &k);
	shows(&c, "    6         ||\n    0 ____    ||||..__\n");
	canvas_init(&c, 12, 2, GLYPHS_UNICODE);
	chart_draw(&c, (struct rect){0, 0, 12, 2}, &k);
	assert_int_equal(chart_columns(&c, (struct rect){0, 0, 12, 2}), 12);
	shows(&c, "    6    \xe2\xa3\xbf\n    0 \xe2\xa3\x80\xe2\xa1\x80 "
		"\xe2\xa3\xbf\xe2\xa3\x87\xe2\xa3\x80\n");
	/* No room, no chart; nothing known, none either. */
	canvas_init(&c, 11, 1, GLYPHS_ASCII);
	assert_int_equal(chart_columns(&c, (struct rect){0, 0, 11, 1}), 0);
	chart_draw(&c, (struct rect){0, 0, 11, 1}, &k);
	k.n = 0;
	chart_draw(&c, (struct rect){0, 0, 30, 1}, &k);
	shows(&c, "\n");
}

static void test_bar(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 8, 3, GLYPHS_ASCII);
	plot_bar(&c, 0, 0, 8, STYLE_OK, 0.5);
	plot_bar(&c, 0, 1, 8, STYLE_OK, 7);
	plot_bar(&c, 0, 2, 8, STYLE_OK, 0);
	shows(&c, "[###...]\n[######]\n[......]\n");
}

static void test_top(void **state)
{
	static const double v[] = {3, -1, 170};

	(void)state;
	assert_true(plot_top(v, 3, 10) == 200);
	assert_true(plot_top(v, 2, 10) == 10);
	assert_true(plot_top(v, 0, 1) == 1);
	assert_true(plot_top((double[]){0.9}, 1, 0.5) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_chart),
		cmocka_unit_test(test_bar),
		cmocka_unit_test(test_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Pixels and money of a ladder. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/model/ladder_cost.h"

static void pixels_of_ladders(void **state)
{
	struct ladder l;

	(void)state;
	assert_null(ladder_parse_presets(&l, "P720p30fps16x9,P240p30fps16x9"));
	assert_int_equal(ladder_pixels_per_s(&l).v, (1280 * 720 + 426 * 240) * 30);
	l.r[0].fps = 30000;
	l.r[0].fps_den = 1001;
	l.n = 1;
	assert_int_equal(ladder_pixels_per_s(&l).v, 27620380); /* 27620379.6, up */
	l.r[0].fps = l.r[0].fps_den = 0;
	assert_int_equal(ladder_pixels_per_s(&l).v, 1280 * 720 * 30);
}

static void an_hour_of_it(void **state)
{
	struct price p;
	struct wei hour;

	(void)state;
	assert_null(price_parse(&p, "1200", "1000"));
	assert_true(price_per_hour(&hour, p, (struct pixels){ 27648000 }));
	assert_int_equal(wei_cmp(hour, wei_from(119439360000)), 0);
	assert_true(hours_per_win(hour, wei_from(238878720000)) == 2);
	assert_true(hours_per_win(WEI_ZERO, hour) == -1);
	assert_true(redeem_share_pct(wei_from(1), wei_from(100)) == 1);
	assert_true(redeem_share_pct(wei_from(1), WEI_ZERO) == -1);
}

static void as_people_say_it(void **state)
{
	static const struct {
		double hours;
		const char *text;
	} cases[] = {{0, "0 seconds"}, {0.05, "180 seconds"}, {0.2, "12 minutes"}, {21, "21 hours"},
		{528, "528 hours"}, {1000, "41.7 days"}, {558000, "63.7 years"},
		{1e9, "over 1000 years"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str s = STR_INIT;

		hours_fmt(&s, cases[i].hours);
		assert_string_equal(s.s, cases[i].text);
		str_clear(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_of_ladders),
		cmocka_unit_test(an_hour_of_it),
		cmocka_unit_test(as_people_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

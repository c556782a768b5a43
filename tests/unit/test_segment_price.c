/* A price per segment as one per pixel: exact, by the alpha's rule, and with the
 * arithmetic that anybody can do again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "src/migrate/segment_price.h"
#include "tests/unit/outcome.h"

#define DEFAULT "c0a6517a93c717e7" /* P240p30fps16x9, P360p30fps16x9 */

static void options_are_presets_by_their_ids(void **state)
{
	struct ladder l;

	(void)state;
	ok(alpha_options_parse(&l, DEFAULT));
	assert_int_equal(l.n, 2);
	assert_string_equal(l.r[0].name, "P240p30fps16x9");
	assert_string_equal(l.r[1].name, "P360p30fps16x9");
	ok(alpha_options_parse(&l, "A7AC137A"));
	assert_string_equal(l.r[0].name, "P720p60fps16x9");
	refuses(alpha_options_parse(&l, ""), "there are none");
	refuses(alpha_options_parse(&l, "c0a6517a93c7"), "\"93c7\" is no profile");
	refuses(alpha_options_parse(&l, "c0a6517adeadbeef"), "\"deadbeef\" is no profile");
	refuses(alpha_options_parse(&l, "0xa6517a"), "is no profile");
	refuses(alpha_options_parse(&l, DEFAULT DEFAULT DEFAULT DEFAULT DEFAULT "c0a6517a"),
		"more than 10");
}

static void the_default_job_comes_to_this(void **state)
{
	struct segment_price p;
	struct ladder l;

	(void)state;
	ok(alpha_options_parse(&l, DEFAULT));
	ok(segment_price_convert(wei_from(150000000000), &l, &p));
	/* 426x240x30x4 + 640x360x30x4; 300 gwei for both. */
	assert_int_equal(p.pixels.v, 12268800 + 27648000);
	assert_true(price_eq(p.exact, (struct price){ wei_from(300000000000), { 39916800 } }));
	assert_true(price_eq(p.wire, p.exact));
	assert_false(p.rounded);
	assert_string_equal(p.arithmetic.s,
		"P240p30fps16x9: 426 x 240 x 30 frames/s x 4 s = 12268800 pixels\n"
		"P360p30fps16x9: 640 x 360 x 30 frames/s x 4 s = 27648000 pixels\n"
		"a segment: 39916800 pixels\n"
		"150000000000 wei a profile x 2 profiles = 300000000000 wei a segment\n"
		"300000000000 wei / 39916800 pixels = 15625000/2079"
		" = 7515.632515.. wei a pixel\n");
	segment_price_clear(&p);
}

/* What the new price makes of the old work is what the old one made of it. */
static void the_same_work_costs_the_same(void **state)
{
	static const uint64_t prices[] = { 1, 7, 150000000000ull, 1000000000000000000ull };
	static const char *const jobs[] = { "c0a6517a", DEFAULT, "a7ac137afca40bf95ecf4b52" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		for (size_t k = 0; k < ARRAY_SIZE(prices); k++) {
			struct credit fee, old;
			struct segment_price p;
			struct ladder l;

			ok(alpha_options_parse(&l, jobs[i]));
			ok(segment_price_convert(wei_from(prices[k]), &l, &p));
			assert_true(credit_of_pixels(&fee, p.exact, p.pixels, 1, 1, ROUND_DOWN));
			assert_true(credit_from_wei(&old, wei_from(prices[k])));
			assert_true(credit_times(&old, old, l.n));
			assert_int_equal(credit_cmp(fee, old), 0);
			segment_price_clear(&p);
		}
}

static void nothing_and_too_much_are_told_apart(void **state)
{
	struct ladder l = { .n = 0 };
	struct segment_price p;
	struct wei most = { U256_MAX }, large;

	(void)state;
	refuses(segment_price_convert(wei_from(1), &l, &p), "no renditions");
	ok(alpha_options_parse(&l, DEFAULT));
	ok(segment_price_convert(WEI_ZERO, &l, &p));
	assert_true(price_is_free(p.exact));
	segment_price_clear(&p);
	refuses(segment_price_convert(most, &l, &p), "no price");
	/* 2^70 + 1 wei: more than an int64, but less than one of them a pixel. */
	assert_true(wei_mul(&large, wei_from(1ull << 35), 1ull << 35));
	assert_true(wei_add(&large, large, wei_from(1)));
	ok(segment_price_convert(large, &l, &p));
	assert_true(p.rounded);
	assert_true(price_cmp(p.wire, p.exact) < 0);
	/* By less than a millionth. */
	assert_true(wei_mul(&p.wire.per, p.wire.per, 1000001));
	p.wire.unit.v *= 1000000;
	assert_true(price_cmp(p.wire, p.exact) > 0);
	assert_non_null(strstr(p.arithmetic.s, "rounded down to "));
	segment_price_clear(&p);
	assert_true(wei_mul(&large, large, 1ull << 30));
	assert_true(wei_mul(&large, large, 1ull << 30));
	refuses(segment_price_convert(large, &l, &p), "2^63 wei for a pixel");
}

static void what_is_assumed_or_rounded_is_said(void **state)
{
	struct ladder l = { .n = 2, .r = {
		{ .name = "ntsc", .width = 3, .height = 1, .fps = 30000, .fps_den = 1001 },
		{ .name = "source", .width = 10, .height = 10 } } };
	struct segment_price p;

	(void)state;
	ok(segment_price_convert(wei_from(5), &l, &p));
	assert_int_equal(p.pixels.v, 360 + 12000);
	assert_non_null(strstr(p.arithmetic.s, "30000/1001 frames/s x 4 s = 360 pixels, rounded"));
	assert_non_null(strstr(p.arithmetic.s, "follows the source, and is taken as 30"));
	segment_price_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_presets_by_their_ids),
		cmocka_unit_test(the_default_job_comes_to_this),
		cmocka_unit_test(the_same_work_costs_the_same),
		cmocka_unit_test(nothing_and_too_much_are_told_apart),
		cmocka_unit_test(what_is_assumed_or_rounded_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

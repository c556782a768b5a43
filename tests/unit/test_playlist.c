#include "src/role/playlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_sorted_window(void **state)
{
	static const uint64_t order[] = {5, 7, 6, 8, 9, 10};
	struct playlist p = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_true(playlist_add(&p, order[i], 2000, false));
	for (size_t i = 0; i < p.n; i++)
		assert_int_equal(p.e[i].seq, 5 + i);
	assert_false(playlist_add(&p, 7, 2000, false));
	assert_true(playlist_add(&p, 11, 3100, false));
	assert_int_equal(p.n, PLAYLIST_WINDOW);
	assert_int_equal(p.e[0].seq, 6);
	assert_int_equal(p.dropped, 1);
	assert_false(playlist_add(&p, 5, 2000, false));
	assert_int_equal(p.target_ms, 3100);
}

static void test_discontinuities_slide_out(void **state)
{
	struct playlist p = {0};
	struct str out = STR_INIT;

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		playlist_add(&p, i, 2000, i == 1);
	assert_int_equal(p.discontinuities, 1);
	playlist_write(&p, "m", "source", CONTAINER_MPEGTS, false, &out);
	assert_non_null(strstr(out.s, "#EXT-X-MEDIA-SEQUENCE:2\n"));
	assert_non_null(strstr(out.s, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
	assert_null(strstr(out.s, "#EXT-X-DISCONTINUITY\n"));
	assert_non_null(strstr(out.s, "#EXTINF:2.000,\n/stream/m/source/7.ts"));
	str_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted_window),
		cmocka_unit_test(test_discontinuities_slide_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

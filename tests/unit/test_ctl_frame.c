#include "proto/ctl_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Every frame of the bytes, fed `step` at a time, as "type:payload;". */
static char *frames(const struct str *wire, size_t step, size_t max)
{
	struct ctl_reader *r = ctl_reader_new(max);
	struct str out = STR_INIT;
	struct ctl_frame f;
	struct err *e = NULL;
	bool got;

	for (size_t i = 0; i < wire->len && !e; i += step) {
		size_t n = wire->len - i < step ? wire->len - i : step;

		ctl_reader_feed(r, wire->s + i, n);
		while (!(e = ctl_reader_next(r, &f, &got)) && got) {
			str_printf(&out, "%d:", f.type);
			str_addn(&out, f.payload, f.n);
			str_addc(&out, ';');
		}
	}
	if (e)
		str_add(&out, err_text(e));
	err_free(e);
	ctl_reader_free(r);
	return str_take(&out);
}

static void test_any_split(void **state)
{
	struct str wire = STR_INIT;
	size_t begun;

	(void)state;
	ctl_frame_write(&wire, CTL_HELLO, "{}", 2);
	ctl_frame_write(&wire, CTL_LOG, "", 0);
	begun = ctl_frame_begin(&wire, CTL_VIEW);
	str_add(&wire, "built in place");
	ctl_frame_end(&wire, begun);
	for (size_t step = 1; step <= wire.len; step++) {
		char *got = frames(&wire, step, 100);

		assert_string_equal(got, "1:{};3:;2:built in place;");
		free(got);
	}
	str_clear(&wire);
}

static void test_bytes(void **state)
{
	struct str wire = STR_INIT;

	(void)state;
	ctl_frame_write(&wire, CTL_BYE, "abc", 3);
	assert_int_equal(wire.len, 8);
	assert_memory_equal(wire.s, "\0\0\0\3\7abc", 8);
	str_clear(&wire);
}

static void test_limits(void **state)
{
	struct str wire = STR_INIT;
	char *got;

	(void)state;
	ctl_frame_write(&wire, CTL_VIEW, "12345", 5);
	got = frames(&wire, 1, 5);
	assert_string_equal(got, "2:12345;");
	free(got);
	got = frames(&wire, 1, 4);
	assert_non_null(strstr(got, "frame of 5 bytes, at most 4"));
	free(got);
	wire.s[4] = CTL_SECRET + 1;
	got = frames(&wire, 1, 5);
	assert_non_null(strstr(got, "unknown frame type 10"));
	free(got);
	str_clear(&wire);
}

static void test_error_is_for_good(void **state)
{
	struct ctl_reader *r = ctl_reader_new(10);
	struct ctl_frame f;
	struct err *e;
	bool got;

	(void)state;
	ctl_reader_feed(r, "\0\0\0\0\xff", 5);
	e = ctl_reader_next(r, &f, &got);
	assert_non_null(e);
	err_free(e);
	ctl_reader_feed(r, "\0\0\0\0\1", 5);
	e = ctl_reader_next(r, &f, &got);
	assert_non_null(e);
	assert_false(got);
	err_free(e);
	ctl_reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_split),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_error_is_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

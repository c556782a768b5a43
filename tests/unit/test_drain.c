/* What a drained node does, and when. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/node/drain.h"

static void decisions(void **state)
{
	static const struct {
		struct drain_state s;
		enum drain_step want;
	} cases[] = {
		{{false, DRAIN_STOP, 0}, DRAIN_WAIT},
		{{false, DRAIN_RESTART, 0}, DRAIN_WAIT},
		{{true, DRAIN_STAY, 0}, DRAIN_WAIT},
		{{true, DRAIN_STOP, 1}, DRAIN_WAIT},
		{{true, DRAIN_RESTART, 1}, DRAIN_WAIT},
		{{true, DRAIN_STOP, 0}, DRAIN_END},
		{{true, DRAIN_RESTART, 0}, DRAIN_AGAIN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(drain_decide(&cases[i].s), cases[i].want);
}

static void described(const struct drain_state *s, const char *want)
{
	struct str out = STR_INIT;

	drain_describe(&out, s);
	assert_string_equal(out.s, want);
	str_clear(&out);
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(drain_then_of(NULL), DRAIN_STAY);
	assert_int_equal(drain_then_of("nonsense"), DRAIN_STAY);
	for (enum drain_then t = DRAIN_STAY; t <= DRAIN_RESTART; t++)
		assert_int_equal(drain_then_of(drain_then_name(t)), t);
	described(&(struct drain_state){false, DRAIN_STOP, 3}, "running");
	described(&(struct drain_state){true, DRAIN_STAY, 3}, "draining: 3 left");
	described(&(struct drain_state){true, DRAIN_RESTART, 1},
		"draining, then restart: 1 left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ui/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* In no context do two actions fight over a key. */
static void test_no_conflicts(void **state)
{
	(void)state;
	for (enum context c = 0; c < CONTEXT_LIST; c++) {
		for (enum action a = 0; a < ACTION_COUNT; a++) {
			const struct action_def *d = action_def(a);

			if (!context_has(c, d->context))
				continue;
			assert_int_not_equal(d->keys[0], K_NONE);
			for (int k = 0; k < ACTION_KEYS_MAX && d->keys[k]; k++)
				if (keys_find(c, d->keys[k]) != a)
					fail_msg("%s: key %d of \"%s\" does "
						"\"%s\"", context_title(c),
						d->keys[k], d->help,
						action_def(keys_find(c,
							d->keys[k]))->help);
		}
	}
	assert_int_equal(keys_find(CONTEXT_LOG, K_NONE), ACTION_NONE);
	assert_int_equal(keys_find(CONTEXT_OVERVIEW, 's'), ACTION_NONE);
	assert_int_equal(keys_find(CONTEXT_SESSIONS, 's'), ACTION_SORT_NEXT);
}

static void test_names(void **state)
{
	(void)state;
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		struct str s = STR_INIT;

		key_text(action_def(a)->keys[0], &s);
		assert_true(s.len > 0);
		assert_int_equal(key_by_name(s.s), action_def(a)->keys[0]);
		str_clear(&s);
	}
	assert_int_equal(key_by_name("word"), K_NONE);
	assert_int_equal(key_by_name(""), K_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_conflicts),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

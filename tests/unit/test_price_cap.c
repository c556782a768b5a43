/* Which caps are known, and of which chains. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/model/price_cap.h"

static void caps_are_those_of_a_chain(void **state)
{
	const char *whose = NULL;
	struct price cap;

	(void)state;
	assert_true(price_cap_known(&cap, &whose, 42161));
	assert_true(price_eq(cap, (struct price){ .per = wei_from(600), .unit = { 2 } }));
	assert_non_null(whose);
	assert_false(price_cap_known(&cap, &whose, 1));
	assert_false(price_cap_known(&cap, &whose, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caps_are_those_of_a_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

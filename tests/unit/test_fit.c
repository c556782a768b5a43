/* That an amount never loses its unit to a narrow cell. */
#include "ui/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void fits(const char *text, size_t w, const char *want)
{
	struct str s = STR_INIT;

	assert_true(fit_amounts(&s, text, strlen(text) - w, "~"));
	assert_string_equal(str_cstr(&s), want);
	assert_true(s.len <= w && s.len + 1 >= w);
	str_clear(&s);
}

static void does_not(const char *text, size_t w)
{
	struct str s = STR_INIT;

	assert_false(fit_amounts(&s, text, strlen(text) - w, "~"));
	assert_int_equal(s.len, 0);
	str_clear(&s);
}

static void one_amount(void **state)
{
	(void)state;
	fits("0.035000000245 ETH", 12, "0.03500~ ETH");
	fits("46207.000323449 gwei", 13, "46207.0~ gwei");
	fits("46207.000323449 gwei", 12, "46207~ gwei");
	fits("1.25 LPT", 8, "1.25 LPT");
	fits("1.25 LPT", 7, "1~ LPT");
	fits("1.2 LPT", 6, "1~ LPT");
	fits("-15.900108026 wei", 12, "-15.900~ wei");
	fits("0.00351234 ETH", 11, "0.0035~ ETH");
	does_not("0.00351234 ETH", 9);
	does_not("0.0123 ETH", 9);
	does_not("46207.000323449 gwei", 10);
	does_not("123456789 gwei", 10);
}

static void among_words(void **state)
{
	(void)state;
	fits("50000 LPT, 999999.999507281996550974 ETH", 34, "50000 LPT, 999999.99950728199~ ETH");
	fits("0.123456789 ETH of 0.12345 ETH, at most", 33, "0.123~ ETH of 0.123~ ETH, at most");
	fits("1.234567 wei/px (adjusted)", 24, "1.234~ wei/px (adjusted)");
}

/* Neither versions nor addresses are amounts. */
static void others_stay(void **state)
{
	(void)state;
	does_not("weir 0.1.123456", 10);
	does_not("127.0.0.1:8935 ETH", 10);
	does_not("", 0 - (size_t)1);
	does_not("3.14159", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_amount),
		cmocka_unit_test(among_words),
		cmocka_unit_test(others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Text that troff shows as it was. */
#include "src/model/man.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void check(const char *in, const char *out)
{
	struct str s = STR_INIT;

	man_text(&s, in);
	assert_string_equal(str_cstr(&s), out);
	str_clear(&s);
}

static void troff(void **state)
{
	(void)state;
	check("", "");
	check("plain text.", "plain text.");
	check("-flag a-b", "\\-flag a\\-b");
	check(".TH x", "\\&.TH x");
	check("'quoted'", "\\&'quoted'");
	check("a\\b", "a\\eb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(troff)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ui/script.h"

#include "ui/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_parse(void **state)
{
	struct script s;

	(void)state;
	assert_null(script_parse(&s, "# remark\n2 PgDn abc\n\n"
		":wait some text\n:save-screen a file\n:size 120x40\n"
		": q Enter"));
	assert_int_equal(s.n, 11);
	assert_int_equal(s.steps[0].key, '2');
	assert_int_equal(s.steps[1].key, K_PAGE_DOWN);
	assert_int_equal(s.steps[4].key, 'c');
	assert_int_equal(s.steps[5].op, SCRIPT_WAIT);
	assert_string_equal(s.steps[5].text, "some text");
	assert_string_equal(s.steps[6].text, "a file");
	assert_int_equal(s.steps[7].w, 120);
	assert_int_equal(s.steps[8].key, ':');
	assert_int_equal(s.steps[10].key, K_ENTER);
	s.at = 11;
	assert_int_equal(script_step(&s)->op, SCRIPT_END);
	script_clear(&s);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {":dance", ":size 5", ":size axb",
		":wait"};
	struct script s;
	struct err *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		e = script_parse(&s, bad[i]);

		assert_non_null(e);
		assert_null(s.steps);
		err_free(e);
	}
	e = script_load(&s, "/no/such");
	assert_non_null(strstr(err_text(e), "/no/such"));
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

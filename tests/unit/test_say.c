/* What a terminal would obey is shown, and JSON means the same as before. */
#include "ui/say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/str.h"

static void check(bool json, const char *in, const char *out)
{
	char *said = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&said, &n);

	assert_non_null(f);
	if (json)
		say_json(f, in, strlen(in));
	else
		say_lines(f, in);
	fclose(f);
	assert_string_equal(said, out);
	free(said);
}

static void lines(void **state)
{
	(void)state;
	check(false, "", "");
	check(false, "a\nb", "a\nb\n");
	check(false, "a\n\nb\n", "a\n\nb\n");
	check(false, "caf\303\251 \346\235\261", "caf\303\251 \346\235\261\n");
	check(false, "\033[2J\r\t", "\\x1b[2J\\x0d\\x09\n");
	check(false, "\302\233m\342\200\256\377", "\\xc2\\x9bm\\xe2\\x80\\xae\\xff\n");
}

static void json(void **state)
{
	(void)state;
	check(true, "{\n\t\"a\": 1\n}\n", "{\n\t\"a\": 1\n}\n");
	check(true, "\"\302\233m\342\200\256\"", "\"\\u009bm\\u202e\"");
	check(true, "\"\363\240\200\201\377\300\200\"",
		"\"\\udb40\\udc01\\ufffd\\ufffd\\ufffd\"");
	check(true, "\"caf\303\251 \\u001b\"", "\"caf\303\251 \\u001b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

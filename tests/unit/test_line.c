/* Editing a line: whole characters, words, both ends, and the bound. */
#include "ui/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void after_keys_is(const char *keys, const char *want)
{
	char *copy = xstrdup(keys), *at = copy, *word;
	struct line l = {0};
	bool changed;

	line_set(&l, "one caf\xc3\xa9 three");
	while ((word = strsep(&at, " ")))
		line_key(&l, key_by_name(word), &changed);
	assert_string_equal(line_text(&l), want);
	free(copy);
	line_clear(&l);
}

static void test_editing(void **state)
{
	(void)state;
	after_keys_is("^W", "one caf\xc3\xa9 ");
	after_keys_is("^W ^W x", "one x");
	after_keys_is("^W Left Backspace", "one caf ");
	after_keys_is("^A x", "xone caf\xc3\xa9 three");
	after_keys_is("Home ^D ^D End y", "e caf\xc3\xa9 threey");
	after_keys_is("Home Right Right Right ^K", "one");
	after_keys_is("Home Right Right Right ^U", " caf\xc3\xa9 three");
	after_keys_is("^U Backspace ^W ^K Del Left Right a", "a");
}

static void test_bounds(void **state)
{
	char *long_one = xcalloc(1, LINE_BYTES + 9);
	struct line l = {0};
	bool changed;

	(void)state;
	memset(long_one, 'x', LINE_BYTES - 1);
	strncat(long_one, "\xc3\xa9zz", 5);
	line_set(&l, long_one);
	assert_int_equal(l.text.len, LINE_BYTES - 1);
	assert_true(line_key(&l, 'y', &changed) && changed);
	assert_true(line_key(&l, 'y', &changed) && !changed);
	/* Keys of others are left to them. */
	assert_false(line_key(&l, K_UP, &changed));
	assert_false(line_key(&l, K_ENTER, &changed));
	line_clear(&l);
	assert_string_equal(line_text(&l), "");
	free(long_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_editing),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "src/node/listing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static const char *const columns[] = {"id", "note", "end", NULL};

static void written(const struct listing *l, enum listing_format f, const char *want)
{
	struct str s = STR_INIT;

	listing_write(l, f, &s);
	assert_string_equal(s.s, want);
	str_clear(&s);
}

static void test_formats(void **state)
{
	struct listing *l = listing_new(columns);

	(void)state;
	written(l, LISTING_TEXT, "id  note  end\n");
	written(l, LISTING_CSV, "id,note,end\n");
	written(l, LISTING_JSON, "[]\n");
	listing_addf(l, "%d", 1);
	listing_add(l, "bond 1.5 LPT, \"more\"");
	listing_add(l, "");
	listing_add(l, "22");
	listing_add(l, "two\nlines");
	listing_add(l, "x");
	assert_int_equal(listing_rows(l), 2);
	written(l, LISTING_CSV, "id,note,end\n1,\"bond 1.5 LPT, \"\"more\"\"\",\n"
		"22,two\\x0alines,x\n");
	written(l, LISTING_JSON, "[\n{\"id\":\"1\",\"note\":\"bond 1.5 LPT, \\\"more\\\"\","
		"\"end\":\"\"},\n{\"id\":\"22\",\"note\":\"two\\u000alines\",\"end\":\"x\"}\n]\n");
	listing_free(l);
}

static void test_text(void **state)
{
	struct listing *l = listing_new(columns);
	char wide[200];

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	for (int i = 9; i < 11; i++) {
		listing_addf(l, "%d", i);
		listing_add(l, i == 9 ? "short" : wide);
		listing_add(l, "e");
	}
	{
		struct str s = STR_INIT;

		listing_write(l, LISTING_TEXT, &s);
		assert_non_null(strstr(s.s, "\n9   short  "));
		assert_non_null(strstr(s.s, "ww~  e\n"));
		for (const char *p = s.s; *p; p = strchr(p, '\n') + 1)
			assert_true(strcspn(p, "\n") < 80);
		str_clear(&s);
	}
	listing_free(l);
	assert_int_equal(listing_format(NULL), LISTING_TEXT);
	assert_int_equal(listing_format("csv"), LISTING_CSV);
	assert_int_equal(listing_format("json"), LISTING_JSON);
}

/* What an operator is to do is never cut. */
static void test_last_column(void **state)
{
	struct listing *l = listing_new(columns);
	char wide[200];
	struct str want = STR_INIT;

	(void)state;
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	listing_add(l, "1");
	listing_add(l, wide);
	listing_add(l, wide);
	listing_add(l, "2");
	listing_add(l, "well");
	listing_add(l, "");
	str_printf(&want, "id  note%58send\n1   %.59s~  %s\n2   well\n", "", wide, wide);
	written(l, LISTING_TEXT, want.s);
	listing_last_below(l);
	str_truncate(&want, 0);
	str_printf(&want, "id  note\n1   %s\n    -> %s\n2   well\n", wide, wide);
	written(l, LISTING_TEXT, want.s);
	str_clear(&want);
	listing_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_last_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

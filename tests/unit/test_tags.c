/* Marks on ids. */
#include "ui/tags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "src/base/mem.h"

static bool has(const struct tags *t, const char *id)
{
	return tags_find(t, id) < t->n;
}

static void marks_come_and_go(void **state)
{
	static const char *const ids[] = {"b", "a", "", "c", "aa"};
	bool seen[5] = {false};
	struct tags t = {0};

	(void)state;
	assert_false(has(&t, "a"));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		tags_toggle(&t, ids[i]);
	assert_int_equal(t.n, 5);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_true(has(&t, ids[i]));
	assert_false(has(&t, "ab"));
	tags_toggle(&t, "aa");
	assert_false(has(&t, "aa"));
	assert_true(has(&t, "a"));
	/* Those whose rows are there still. */
	seen[tags_find(&t, "c")] = true;
	seen[tags_find(&t, "a")] = true;
	tags_keep(&t, seen);
	assert_int_equal(t.n, 2);
	assert_true(has(&t, "a") && has(&t, "c"));
	tags_clear(&t);
	assert_int_equal(t.n, 0);
	tags_toggle(&t, "x");
	assert_true(has(&t, "x"));
	tags_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(marks_come_and_go)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/base/lane.h"

#include <stdint.h>
#include <unistd.h>

#define ITEMS 1000

struct seen {
	size_t n;
	uintptr_t v[ITEMS];
};

static void on_item(void *ctx, void *item)
{
	struct seen *s = ctx;

	s->v[s->n++] = (uintptr_t)item;
}

static void test_order_and_end(void **state)
{
	struct seen s = {0};
	struct lane *l = lane_new("test", 3, on_item, &s);

	(void)state;
	for (uintptr_t i = 1; i <= ITEMS; i++)
		lane_push(l, (void *)i);
	lane_free(l);
	assert_int_equal(s.n, ITEMS);
	for (uintptr_t i = 0; i < ITEMS; i++)
		assert_int_equal(s.v[i], i + 1);
}

static void test_nothing(void **state)
{
	struct seen s = {0};

	(void)state;
	lane_free(lane_new("test", 1, on_item, &s));
	lane_free(NULL);
	assert_int_equal(s.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_end),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every room there is has its screens in tests/tui/golden, which the tests of
 * the rooms compare: at 80x24, 120x40 and 200x60, in ASCII as well, and
 * how they look in colours and without. */
#include "ui/panel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* "Price" is price-80x24.txt. */
static void look_for(const char *room, const char *size)
{
	char path[128];

	snprintf(path, sizeof(path), "tests/tui/golden/%c%s-%s",
		*room | 0x20, room + 1, size);
	if (access(path, R_OK) != 0)
		fail_msg("no %s: a room needs its screens at every size "
			"(make golden, once its test draws them)", path);
}

static void every_room_has_its_screens(void **state)
{
	static const char *const sizes[] = {"80x24.txt", "80x24-ascii.txt", "80x24.look",
		"120x40.txt", "120x40-ascii.txt", "120x40.look", "200x60.txt",
		"200x60-ascii.txt", "200x60.look"};

	(void)state;
	for (size_t i = 0; i < PANELS; i++)
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++)
			look_for(panel_ops(i)->name, sizes[k]);
}

/* What desk.c and room.c call without asking. */
static void every_room_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANELS; i++) {
		const struct panel_ops *p = panel_ops(i);

		assert_non_null(p->name);
		assert_true(p->size > 0);
		assert_true(p->init && p->context && p->draw && p->act);
		assert_int_equal(p->filter != NULL, p->set_filter != NULL);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(p->name, panel_ops(k)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_room_has_its_screens),
		cmocka_unit_test(every_room_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Only what differs is sent, what changed last first, and how much that is. */
#include "ui/front.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

struct pair {
	struct canvas c;
	struct front f;
};

static void begin(struct pair *p)
{
	canvas_init(&p->c, 40, 10, GLYPHS_ASCII);
	p->f = (struct front){0};
	front_resize(&p->f, 40, 10);
}

static void end(struct pair *p)
{
	canvas_clear(&p->c);
	front_clear(&p->f);
}

static int take_row(struct pair *p, int y)
{
	int n = 0;

	for (int x = 0; x < p->c.w; x++)
		n += front_take(&p->f, &p->c, x, y);
	return n;
}

static int take_all(struct pair *p)
{
	int y, n = 0;

	front_note(&p->f, &p->c);
	while ((y = front_next(&p->f, &p->c)) >= 0)
		n += take_row(p, y);
	return n;
}

static void only_what_differs(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	assert_int_equal(take_all(&p), 400);
	assert_int_equal(take_all(&p), 0);
	canvas_text(&p.c, 3, 4, 20, STYLE_NORMAL, "hello");
	assert_int_equal(take_all(&p), 5);
	canvas_restyle(&p.c, (struct rect){3, 4, 2, 1}, STYLE_FAIL);
	assert_int_equal(take_all(&p), 2);
	front_forget(&p.f);
	assert_int_equal(take_all(&p), 400);
	end(&p);
}

static void newest_first(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	take_all(&p);
	for (int y = 0; y < 10; y++)
		canvas_text(&p.c, 0, y, 20, STYLE_NORMAL, "data");
	front_note(&p.f, &p.c);
	assert_int_equal(front_next(&p.f, &p.c), 0);
	take_row(&p, 0);
	assert_int_equal(front_next(&p.f, &p.c), 1);
	/* A key, while the rest is still to go. */
	canvas_text(&p.c, 0, 8, 20, STYLE_NORMAL, ":key");
	front_note(&p.f, &p.c);
	assert_int_equal(front_next(&p.f, &p.c), 8);
	take_row(&p, 8);
	for (int y = 1; y < 10; y++) {
		if (y == 8)
			continue;
		assert_int_equal(front_next(&p.f, &p.c), y);
		take_row(&p, y);
	}
	assert_int_equal(front_next(&p.f, &p.c), -1);
	end(&p);
}

static void scrolling_is_cheap(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	for (int step = 0; step < 2; step++) {
		for (int y = 0; y < 10; y++)
			canvas_textf(&p.c, 0, y, 40, STYLE_NORMAL,
				"%d is the number of this record", 777 * (y + 2 * step));
		if (step) {
			assert_true(front_fits(&p.f, &p.c, 140));
			assert_false(front_fits(&p.f, &p.c, 30));
		}
		take_all(&p);
	}
	assert_true(front_fits(&p.f, &p.c, 0));
	for (int y = 0; y < 10; y++)
		canvas_textf(&p.c, 0, y, 40, STYLE_NORMAL, "%d", 1234567 * (y + 99));
	assert_false(front_fits(&p.f, &p.c, 60));
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_differs),
		cmocka_unit_test(newest_first),
		cmocka_unit_test(scrolling_is_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

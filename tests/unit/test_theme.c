/* How each style looks, as a table: tests/tui/golden/theme.txt. */
#include "ui/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/scene.h"

static void add_look(struct str *out, const char *scheme, struct look k)
{
	str_printf(out, "  %s %3d %3d %c%c%c%c", scheme, k.fg, k.bg,
		k.attrs & LOOK_BOLD ? 'B' : '-', k.attrs & LOOK_DIM ? 'D' : '-',
		k.attrs & LOOK_REVERSE ? 'R' : '-', k.attrs & LOOK_UNDERLINE ? 'U' : '-');
}

static void every_style(void **state)
{
	struct str now = STR_INIT;

	(void)state;
	str_add(&now, "# The letter in *.look, its style, and how that looks in each scheme:\n"
		"# colours of text and ground, Bold, Dim, Reverse, Underlined.\n");
	for (enum style s = 0; s < STYLE_COUNT; s++) {
		assert_int_not_equal(style_marks[s].mark, 0);
		for (enum style t = 0; t < s; t++)
			assert_int_not_equal(style_marks[s].mark, style_marks[t].mark);
		str_printf(&now, "%c %-11s", style_marks[s].mark, style_marks[s].name);
		add_look(&now, "mono", theme_look(SCHEME_MONO, s));
		add_look(&now, "16", theme_look(SCHEME_16, s));
		add_look(&now, "256", theme_look(SCHEME_256, s));
		str_add(&now, "\n");
	}
	golden_is("theme.txt", &now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_style),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

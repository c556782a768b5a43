/* The ladder picker: presets and one's own, checked together, with their cost. */
#include "ui/ladder_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto/command.h"
#include "tests/unit/scene.h"

static void begin(struct mirror *m)
{
	mirror_init(m);
	put(m, SECTION_PRICING, "{\"advertised\":\"1000 wei/px\",\"renditions\":["
		"{\"name\":\"P720p30fps16x9\",\"text\":\"P720p30fps16x9\"},"
		"{\"name\":\"own\",\"text\":\"own 640x360 30fps 900k\"}]}");
}

static void keys(struct form *f, const char *text)
{
	for (; *text; text++)
		form_key(f, *text == '\t' ? K_TAB : (unsigned char)*text);
}

static void gives(struct form *f, const char *ladder)
{
	struct command c = {0};
	struct intent i;

	assert_int_equal(form_key(f, K_ENTER), FORM_READY);
	i = form_done(f);
	assert_int_equal(i.kind, INTENT_COMMAND);
	assert_null(command_parse_line(i.text, &c));
	assert_int_equal(c.def->id, CMD_set_ladder);
	assert_string_equal(c.text[0], ladder);
	command_clear(&c);
	free(i.text);
}

static void shows(struct form *f, const struct mirror *m, const char *text)
{
	struct str s = STR_INIT;
	struct canvas c;
	int x, y;

	canvas_init(&c, 100, 24, GLYPHS_ASCII);
	form_draw(f, m, &c, (struct rect){0, 0, 100, 24}, &x, &y);
	canvas_dump(&c, &s);
	if (!strstr(s.s, text))
		fail_msg("no \"%s\" in\n%s", text, s.s);
	str_clear(&s);
	canvas_clear(&c);
}

static void it_begins_with_what_is(void **state)
{
	struct mirror m;
	struct form *f;

	(void)state;
	begin(&m);
	f = ladder_form(&m.pricing);
	gives(f, "[{\"name\":\"P720p30fps16x9\",\"width\":1280,\"height\":720,"
		"\"bitrate\":4000000,\"fps\":30},{\"name\":\"own\",\"width\":640,"
		"\"height\":360,\"bitrate\":900000,\"fps\":30}]");
	/* Presets alone are told by name. */
	keys(f, "\t");
	form_key(f, K_CTRL('U'));
	form_key(f, K_PAGE_DOWN);
	assert_string_equal(form_value(f, "1"), "P720p60fps16x9");
	gives(f, "P720p30fps16x9,P720p60fps16x9");
	form_free(f);
	mirror_clear(&m);
}

static void it_says_what_it_costs(void **state)
{
	struct mirror m;
	struct form *f;

	(void)state;
	begin(&m);
	f = ladder_form(&m.pricing);
	/* 1280 * 720 * 30 * 3600 * 1000 wei */
	shows(f, &m, "27.6 Mpx/s  99532 gwei/h");
	shows(f, &m, "2 renditions: 34.6 Mpx/s  124416 gwei/h, at 1000 wei/px (asked)");
	keys(f, "\t\tmore 256x144 30fps 200k");
	shows(f, &m, "3 renditions: 35.7 Mpx/s");
	put(&m, SECTION_PRICING, "{}");
	shows(f, &m, "no price is known");
	form_free(f);
	mirror_clear(&m);
}

static void what_does_not_go_together_is_told(void **state)
{
	struct mirror m;
	struct form *f;

	(void)state;
	begin(&m);
	f = ladder_form(&m.pricing);
	keys(f, "\t\town 320x240");
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	shows(f, &m, "two renditions are named \"own\"");
	form_key(f, K_CTRL('U'));
	keys(f, "nonsense");
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	shows(f, &m, "wrong: \"nonsense\" is no preset and has no size");
	form_key(f, K_CTRL('U'));
	form_key(f, K_BACK_TAB);
	form_key(f, K_CTRL('U'));
	form_key(f, K_BACK_TAB);
	form_key(f, K_CTRL('U'));
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	shows(f, &m, "a ladder has one rendition at least");
	form_free(f);
	mirror_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_what_is),
		cmocka_unit_test(it_says_what_it_costs),
		cmocka_unit_test(what_does_not_go_together_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

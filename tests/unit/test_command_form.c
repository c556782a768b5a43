/* Forms made of rows of commands.def: every one of them, and what comes out. */
#include "ui/command_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/keys.h"

static void type(struct form *f, const char *text)
{
	for (; *text; text++)
		form_key(f, *text == '\t' ? K_TAB : *text);
}

/* Enter; the line that comes out is one that the node's parser takes. */
static void gives(struct form *f, const char *want)
{
	struct command c = {0};
	struct intent i;
	struct err *e;

	assert_int_equal(form_key(f, K_ENTER), FORM_READY);
	i = form_done(f);
	assert_int_equal(i.kind, INTENT_COMMAND);
	assert_string_equal(i.text, want);
	e = command_parse_line(i.text, &c);
	if (e)
		fail_msg("%s: %s", i.text, err_text(e));
	command_clear(&c);
	free(i.text);
	form_free(f);
}

static void amounts_of_what_is_there(void **state)
{
	const struct seed three = {"amount", NULL, "3.2 LPT", NULL, false, NULL};
	struct form *f = command_form(CMD_bond, &three, 1);

	(void)state;
	type(f, "%");
	assert_string_equal(form_value(f, "amount"), "0.8 LPT");
	type(f, "%");
	assert_string_equal(form_value(f, "amount"), "1.6 LPT");
	type(f, "m");
	assert_string_equal(form_value(f, "amount"), "3.2 LPT");
	gives(f, "bond amount=\"3.2 LPT\"");
	f = command_form(CMD_bond, NULL, 0);
	type(f, "m%");
	assert_string_equal(form_value(f, "amount"), "m%");
	form_free(f);
}

static void wrong_amounts_are_refused(void **state)
{
	struct form *f = command_form(CMD_bond, NULL, 0);

	(void)state;
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	type(f, "12.5");
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	type(f, " LPT\t0x12");
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	type(f, "34567890123456789012345678901234567890");
	gives(f, "bond amount=\"12.5 LPT\" "
		"delegate=0x1234567890123456789012345678901234567890");
}

/* What is registered stays: it is not sent again. */
static void what_is_not_changed_is_not_said(void **state)
{
	const struct seed now[] = {{"reward_cut", "10 %", NULL, NULL, false, NULL},
		{"service_uri", "https://o.example:8935", NULL, NULL, false, NULL}};
	struct form *f = command_form(CMD_set_orchestrator, now, 2);

	(void)state;
	assert_int_equal(form_key(f, K_ENTER), FORM_WAIT);
	form_key(f, K_CTRL('U'));
	type(f, "12.5\t5");
	gives(f, "set_orchestrator reward_cut=12.5 fee_share=5");
}

static void what_it_is_about_stays(void **state)
{
	const struct seed who = {"broadcaster", "0x1234567890123456789012345678901234567890",
		NULL, NULL, true, NULL};
	struct form *f = command_form(CMD_set_price, &who, 1);

	(void)state;
	type(f, "2 gwei\tx");
	gives(f, "set_price price=\"2 gwei\" "
		"broadcaster=0x1234567890123456789012345678901234567890");
}

/* Quotes and blanks of a value are the value's. */
static void texts_come_out_as_they_went_in(void **state)
{
	static const char *const texts[] = {"[{\"name\":\"a b\"}]", "a\\b", "\\\"", "\"", "x",
		"two  words", "tail\\"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct form *f = command_form(CMD_set_ladder, NULL, 0);
		struct command c = {0};
		struct intent in;

		type(f, texts[i]);
		assert_int_equal(form_key(f, K_ENTER), FORM_READY);
		in = form_done(f);
		assert_null(command_parse_line(in.text, &c));
		assert_string_equal(c.text[0], texts[i]);
		command_clear(&c);
		free(in.text);
		form_free(f);
	}
}

static void every_command_has_one(void **state)
{
	(void)state;
	for (enum command_id id = 0; id < CMD_COUNT; id++) {
		struct form *f = command_form(id, NULL, 0);
		struct canvas c;
		int x, y;

		canvas_init(&c, 80, 20, GLYPHS_ASCII);
		form_draw(f, NULL, &c, (struct rect){0, 0, 80, 20}, &x, &y);
		canvas_clear(&c);
		form_key(f, K_ENTER);
		form_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_of_what_is_there),
		cmocka_unit_test(wrong_amounts_are_refused),
		cmocka_unit_test(what_is_not_changed_is_not_said),
		cmocka_unit_test(what_it_is_about_stays),
		cmocka_unit_test(texts_come_out_as_they_went_in),
		cmocka_unit_test(every_command_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

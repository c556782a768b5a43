/* A form without a terminal: what keys do to it, what it says is wrong, and how
 * changes go back. */
#include "ui/form.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/keys.h"

static struct err *is_small(const void *ctx, const char *text)
{
	uint64_t n;

	(void)ctx;
	if (parse_u64(text, &n) && n <= 10)
		return NULL;
	return err_new(ERR_INVALID, "is a number from 0 to 10");
}

static void share(const void *ctx, unsigned percent, struct str *out)
{
	(void)ctx;
	str_printf(out, "%u.%02u", percent * 8 / 100, percent * 8 % 100);
}

static struct err *not_both(const struct form *f, size_t *at)
{
	if (strcmp(form_value(f, "count"), "7") || strcmp(form_value(f, "colour"), "red"))
		return NULL;
	*at = 1;
	return err_new(ERR_INVALID, "seven is never red");
}

static void tell(const struct form *f, const struct mirror *m, struct str *out)
{
	(void)m;
	str_printf(out, "%s of %s", form_value(f, "count"), form_value(f, "colour"));
}

static struct intent done(const struct form *f)
{
	return intentf(INTENT_COMMAND, "paint %s %s", form_value(f, "count"),
		form_value(f, "colour"));
}

static bool freed;

static void on_free(void *ctx)
{
	*(bool *)ctx = true;
}

static const struct form_ops ops = {
	.check = not_both, .tell = tell, .done = done, .free_ctx = on_free};

static struct form *begin(void)
{
	struct form *f = form_new(&ops, "Paint", &freed);

	freed = false;
	form_add(f, &(struct field){.name = "count", .label = "How many", .unit = "pots",
		.bounds = "0 to 10", .help = "Pots of paint.", .value = "3", .needed = true,
		.check = is_small});
	form_add(f, &(struct field){.name = "colour", .label = "Colour",
		.kind = FIELD_CHOICE, .words = "red|green|grey", .value = "green"});
	form_add(f, &(struct field){.name = "price", .label = "Price", .group = "Money",
		.share = share});
	form_add(f, &(struct field){.name = "note", .label = "Note", .words = "soon|late"});
	form_add(f, &(struct field){.name = "shop", .label = "Shop", .value = "corner",
		.fixed = true});
	return f;
}

/* Names of keys separated by blanks; the last event. */
static enum form_event type(struct form *f, const char *keys)
{
	enum form_event last = FORM_WAIT;
	char *copy = xstrdup(keys), *at = copy, *word;

	while ((word = strsep(&at, " "))) {
		assert_int_not_equal(key_by_name(word), K_NONE);
		last = form_key(f, key_by_name(word));
	}
	free(copy);
	return last;
}

static void drawn(struct form *f, int w, int h, struct str *out)
{
	struct canvas c;
	int x = -1, y = -1;

	canvas_init(&c, w, h, GLYPHS_ASCII);
	form_draw(f, NULL, &c, (struct rect){0, 0, w, h}, &x, &y);
	str_truncate(out, 0);
	canvas_dump(&c, out);
	canvas_clear(&c);
}

static void shows(struct form *f, const char *text, bool is_there)
{
	struct str s = STR_INIT;

	drawn(f, 70, 20, &s);
	if (!strstr(s.s, text) == is_there)
		fail_msg("\"%s\" is %s in\n%s", text, is_there ? "not" : "still", s.s);
	str_clear(&s);
}

static void fields_take_what_is_typed(void **state)
{
	struct form *f = begin();
	struct intent i;

	(void)state;
	assert_int_equal(type(f, "Backspace 5 Tab g Tab x Down y Left z"), FORM_WAIT);
	assert_string_equal(form_value(f, "count"), "5");
	assert_string_equal(form_value(f, "price"), "x");
	assert_string_equal(form_value(f, "note"), "zy");
	assert_true(form_changed(f, "count"));
	assert_false(form_changed(f, "shop"));
	assert_string_equal(form_value(f, "nonsense"), "");
	assert_string_equal(form_text(f, 0), "5");
	assert_string_equal(form_text(f, 99), "");
	assert_int_equal(type(f, "Enter"), FORM_READY);
	i = form_done(f);
	assert_int_equal(i.kind, INTENT_COMMAND);
	assert_string_equal(i.text, "paint 5 grey");
	free(i.text);
	assert_false(freed);
	form_free(f);
	assert_true(freed);
}

/* Round and round, both ways; letters choose; nothing else is typed. */
static void a_choice_is_one_of_its_words(void **state)
{
	struct form *f = begin();

	(void)state;
	type(f, "Tab Right");
	assert_string_equal(form_value(f, "colour"), "grey");
	type(f, "Space");
	assert_string_equal(form_value(f, "colour"), "red");
	type(f, "Left Left");
	assert_string_equal(form_value(f, "colour"), "green");
	type(f, "g");
	assert_string_equal(form_value(f, "colour"), "grey");
	type(f, "g PgUp Backspace x Del");
	assert_string_equal(form_value(f, "colour"), "red");
	/* A text may take what is offered, and anything else. */
	type(f, "Tab Tab PgDn");
	assert_string_equal(form_value(f, "note"), "soon");
	type(f, "PgDn PgDn PgUp");
	assert_string_equal(form_value(f, "note"), "late");
	type(f, "! PgDn");
	assert_string_equal(form_value(f, "note"), "soon");
	form_free(f);
}

/* What stands there may come from a node, and be none of the words. */
static void a_choice_that_is_none_of_its_words(void **state)
{
	struct form *f = form_new(&ops, "Paint", &freed);

	(void)state;
	form_add(f, &(struct field){.name = "colour", .label = "Colour",
		.kind = FIELD_CHOICE, .words = "red|green|grey", .value = "0.5 ETH"});
	type(f, "x");
	assert_string_equal(form_value(f, "colour"), "0.5 ETH");
	type(f, "g");
	assert_string_equal(form_value(f, "colour"), "green");
	type(f, "g g");
	assert_string_equal(form_value(f, "colour"), "green");
	/* One key, one change to take back. */
	type(f, "^T ^T ^T");
	assert_string_equal(form_value(f, "colour"), "0.5 ETH");
	form_free(f);
}

static void what_is_wrong_is_said_at_the_field(void **state)
{
	struct form *f = begin();

	(void)state;
	/* Not while it is being typed for the first time. */
	type(f, "1");
	assert_string_equal(form_value(f, "count"), "31");
	shows(f, "wrong", false);
	type(f, "Tab");
	shows(f, "wrong: is a number from 0 to 10", true);
	shows(f, "!", true);
	/* From then on at once. */
	type(f, "S-Tab Backspace");
	shows(f, "wrong", false);
	type(f, "9");
	shows(f, "wrong", true);
	/* Enter goes to what is wrong, and is not taken. */
	type(f, "Tab Tab");
	assert_int_equal(type(f, "Enter"), FORM_WAIT);
	type(f, "^U");
	assert_string_equal(form_value(f, "count"), "");
	assert_int_equal(type(f, "Enter"), FORM_WAIT);
	shows(f, "wrong: is needed", true);
	/* The fields together. */
	type(f, "7 Tab Right Right");
	assert_string_equal(form_value(f, "colour"), "red");
	assert_int_equal(type(f, "Enter"), FORM_WAIT);
	shows(f, "wrong: seven is never red", true);
	type(f, "Right");
	shows(f, "seven is never", false);
	assert_int_equal(type(f, "Enter"), FORM_READY);
	/* What the node said. */
	form_blame(f, "count", "out of \x1b[31mpaint");
	shows(f, "out of ?[31mpaint", true);
	type(f, "Backspace 2");
	shows(f, "out of", false);
	form_blame(f, "elsewhere", "no brush");
	shows(f, "wrong: no brush", true);
	form_free(f);
}

static void changes_go_back(void **state)
{
	struct form *f = begin();

	(void)state;
	/* A run of typing is one change. */
	type(f, "Backspace 1 0 Tab Right Tab a b c");
	type(f, "^T");
	assert_string_equal(form_value(f, "price"), "");
	type(f, "^_");
	assert_string_equal(form_value(f, "colour"), "green");
	type(f, "^T");
	assert_string_equal(form_value(f, "count"), "3");
	assert_int_equal(type(f, "^T"), FORM_WAIT);
	/* One is where the change was. */
	type(f, "0");
	assert_string_equal(form_value(f, "count"), "30");
	/* A field as it was; that can be taken back, too. */
	type(f, "^R");
	assert_string_equal(form_value(f, "count"), "3");
	type(f, "^T");
	assert_string_equal(form_value(f, "count"), "30");
	/* All of it at once, and back at once. */
	type(f, "Tab Right ^X");
	assert_string_equal(form_value(f, "count"), "3");
	assert_string_equal(form_value(f, "colour"), "green");
	type(f, "^T");
	assert_string_equal(form_value(f, "count"), "30");
	assert_string_equal(form_value(f, "colour"), "grey");
	/* And forth again, piece by piece, until something else is done. */
	type(f, "^Y");
	assert_string_equal(form_value(f, "count"), "3");
	assert_string_equal(form_value(f, "colour"), "green");
	type(f, "^Y ^Y ^T");
	assert_string_equal(form_value(f, "count"), "30");
	assert_string_equal(form_value(f, "colour"), "grey");
	type(f, "^T ^T ^T");
	assert_string_equal(form_value(f, "count"), "3");
	type(f, "^Y ^Y");
	assert_string_equal(form_value(f, "colour"), "grey");
	type(f, "^T Left ^Y");
	assert_string_equal(form_value(f, "colour"), "red");
	type(f, "^T Right");
	assert_string_equal(form_value(f, "colour"), "grey");
	/* What is remembered is bounded. */
	for (int i = 0; i < 1000; i++)
		type(f, "Right");
	for (int i = 0; i < 1000; i++)
		type(f, "^T");
	assert_string_equal(form_value(f, "count"), "30");
	form_free(f);
}

static void amounts_can_be_had_in_shares(void **state)
{
	struct form *f = begin();

	(void)state;
	type(f, "Tab Tab m");
	assert_string_equal(form_value(f, "price"), "8.00");
	type(f, "%");
	assert_string_equal(form_value(f, "price"), "2.00");
	type(f, "% %");
	assert_string_equal(form_value(f, "price"), "8.00");
	type(f, "^U 1 0 %");
	assert_string_equal(form_value(f, "price"), "0.80");
	/* Elsewhere they are characters. */
	type(f, "Tab m %");
	assert_string_equal(form_value(f, "note"), "m%");
	form_free(f);
}

static void help_and_leaving(void **state)
{
	struct form *f = begin();

	(void)state;
	assert_int_equal(type(f, "F1"), FORM_ASKS);
	assert_int_equal(type(f, "?"), FORM_WAIT);
	assert_string_equal(form_value(f, "count"), "3?");
	assert_int_equal(type(f, "Home ?"), FORM_ASKS);
	assert_int_equal(type(f, "Tab ?"), FORM_ASKS);
	assert_int_equal(type(f, "S-Tab S-Tab x ?"), FORM_ASKS);
	assert_string_equal(form_value(f, "shop"), "corner");
	assert_int_equal(type(f, "Esc"), FORM_LEFT);
	assert_int_equal(type(f, "^C"), FORM_LEFT);
	form_free(f);
	f = form_new(&ops, "Empty", &freed);
	assert_int_equal(type(f, "x"), FORM_ASKS);
	form_free(f);
}

static void it_looks_like_this(void **state)
{
	struct form *f = begin();
	struct str s = STR_INIT;

	(void)state;
	type(f, "1 Tab Right Tab");
	drawn(f, 70, 15, &s);
	assert_string_equal(s.s,
		"+- Paint ------------------------------------------------------------+\n"
		"|  ! How many [31                                   ]  pots  0 to 10 |\n"
		"|             wrong: is a number from 0 to 10                        |\n"
		"|  * Colour   <grey                                 >                |\n"
		"| Money                                                              |\n"
		"| >  Price    [                                     ]                |\n"
		"|    Note     [                                     ]                |\n"
		"|    Shop      corner                                                |\n"
		"|                                                                    |\n"
		"|                                                                    |\n"
		"| ------------------------------------------------------------------ |\n"
		"| 31 of grey                                                         |\n"
		"|                                                                    |\n"
		"|                                                                    |\n"
		"+--------------------------------------------------------------------+\n");
	/* Where one is stays in sight. */
	for (int h = 3; h < 15; h++) {
		for (int w = 10; w < 70; w += 7)
			drawn(f, w, h, &s);
	}
	drawn(f, 70, 9, &s);
	assert_non_null(strstr(s.s, "> *Price") ? s.s : strstr(s.s, ">  Price"));
	str_clear(&s);
	form_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_take_what_is_typed),
		cmocka_unit_test(a_choice_is_one_of_its_words),
		cmocka_unit_test(a_choice_that_is_none_of_its_words),
		cmocka_unit_test(what_is_wrong_is_said_at_the_field),
		cmocka_unit_test(changes_go_back),
		cmocka_unit_test(amounts_can_be_had_in_shares),
		cmocka_unit_test(help_and_leaving),
		cmocka_unit_test(it_looks_like_this),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ui/prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct mirror mirror;

/* Names of keys separated by blanks; the last event. */
static enum prompt_event type(struct prompt *p, const char *keys)
{
	enum prompt_event last = PROMPT_NOTHING;
	char *copy = xstrdup(keys), *at = copy, *word;

	while ((word = strsep(&at, " ")))
		last = prompt_key(p, &mirror, key_by_name(word));
	free(copy);
	return last;
}

static void test_editing(void **state)
{
	struct prompt p = {0};

	(void)state;
	prompt_open(&p, PROMPT_FILTER, "");
	assert_int_equal(type(&p, "a b d"), PROMPT_CHANGED);
	type(&p, "Left c Home x End e");
	assert_string_equal(prompt_text(&p), "xabcde");
	type(&p, "Left Backspace Del");
	assert_string_equal(prompt_text(&p), "xabc");
	prompt_key(&p, &mirror, 0x6771);
	assert_string_equal(prompt_text(&p), "xabc\xe6\x9d\xb1");
	type(&p, "Left y Right Backspace");
	assert_string_equal(prompt_text(&p), "xabcy");
	type(&p, "Left Left ^U");
	assert_string_equal(prompt_text(&p), "cy");
	assert_int_equal(type(&p, "Del Del Del"), PROMPT_NOTHING);
	assert_int_equal(type(&p, "Backspace"), PROMPT_GONE);
	assert_false(p.active);
	prompt_clear(&p);
}

static void test_bounded(void **state)
{
	struct prompt p = {0};

	(void)state;
	prompt_open(&p, PROMPT_COMMAND, "");
	for (int i = 0; i < LINE_BYTES + 10; i++)
		prompt_key(&p, &mirror, 'x');
	assert_int_equal(strlen(prompt_text(&p)), LINE_BYTES);
	for (int i = 0; i < LINE_HISTORY_MAX * 2; i++) {
		prompt_open(&p, PROMPT_COMMAND, i % 2 ? "a" : "b");
		type(&p, "Enter");
	}
	assert_int_equal(p.history[PROMPT_COMMAND].n, LINE_HISTORY_MAX);
	prompt_clear(&p);
}

static void test_history(void **state)
{
	struct prompt p = {0};

	(void)state;
	prompt_open(&p, PROMPT_COMMAND, "");
	assert_int_equal(type(&p, "o n e Enter"), PROMPT_DONE);
	prompt_open(&p, PROMPT_COMMAND, "");
	type(&p, "t w o Enter");
	prompt_open(&p, PROMPT_FILTER, "");
	type(&p, "Up"); /* each kind has its own */
	assert_string_equal(prompt_text(&p), "");
	prompt_open(&p, PROMPT_COMMAND, "");
	type(&p, "Up Up Up");
	assert_string_equal(prompt_text(&p), "one");
	type(&p, "Down");
	assert_string_equal(prompt_text(&p), "two");
	type(&p, "Down Down");
	assert_string_equal(prompt_text(&p), "");
	prompt_clear(&p);
}

/* ^R goes back through the lines with what was typed. */
static void test_seek(void **state)
{
	struct prompt p = {0};

	(void)state;
	for (const char *const *l = (const char *const[]){"drain", "set_price 1", "resume",
		"set_price 2", "stake", NULL}; *l; l++)
		line_history_add(&p.history[PROMPT_COMMAND], *l);
	prompt_open(&p, PROMPT_COMMAND, "");
	type(&p, "p r i ^R");
	assert_string_equal(prompt_text(&p), "set_price 2");
	type(&p, "^R");
	assert_string_equal(prompt_text(&p), "set_price 1");
	type(&p, "^R");
	assert_string_equal(prompt_text(&p), "set_price 1");
	assert_non_null(strstr(p.hint, "no line before has \"pri\""));
	/* Editing it begins anew; Up and Down go on from there. */
	type(&p, "Up");
	assert_string_equal(prompt_text(&p), "drain");
	assert_null(p.hint);
	type(&p, "^U r e s ^R");
	assert_non_null(strstr(p.hint, "no line before"));
	prompt_clear(&p);
}

static void test_completion(void **state)
{
	struct prompt p = {0};

	(void)state;
	prompt_open(&p, PROMPT_COMMAND, "");
	type(&p, "r e s Tab");
	assert_string_equal(prompt_text(&p), "resume");
	assert_non_null(strstr(p.hint, "resume_transcoder"));
	type(&p, "^U s e t _ l o Tab");
	assert_string_equal(prompt_text(&p), "set_log_level ");
	assert_null(p.hint);
	type(&p, "b Tab");
	assert_string_equal(prompt_text(&p), "set_log_level broken ");
	prompt_open(&p, PROMPT_COMMAND, "set_max_sessions 5");
	type(&p, "Tab"); /* nothing to offer: what the command wants */
	assert_non_null(strstr(p.hint, "set_max_sessions N"));
	prompt_open(&p, PROMPT_COMMAND, "nonsense x");
	type(&p, "Tab");
	assert_string_equal(prompt_text(&p), "nonsense x");
	prompt_clear(&p);
}

static void test_long_line_shows_its_end(void **state)
{
	struct prompt p = {0};
	struct canvas c;
	struct str s = STR_INIT;

	(void)state;
	canvas_init(&c, 10, 1, GLYPHS_ASCII);
	prompt_open(&p, PROMPT_COMMAND, "abcdefghijklmnop");
	assert_int_equal(prompt_draw(&p, &c, (struct rect){0, 0, 10, 1}), 8);
	canvas_dump(&c, &s);
	assert_string_equal(s.s, ":jklmnop\n");
	str_clear(&s);
	canvas_clear(&c);
	prompt_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_editing),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_long_line_shows_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* OSC 52 and its wrappings. */
#include "ui/clipboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void who_stands_between(void **state)
{
	(void)state;
	assert_int_equal(multiplexer_of("xterm-256color", NULL, NULL), MULTIPLEXER_NONE);
	assert_int_equal(multiplexer_of(NULL, NULL, ""), MULTIPLEXER_NONE);
	assert_int_equal(multiplexer_of("screen", NULL, NULL), MULTIPLEXER_SCREEN);
	assert_int_equal(multiplexer_of("xterm", NULL, "123.pts"), MULTIPLEXER_SCREEN);
	/* tmux often calls itself screen. */
	assert_int_equal(multiplexer_of("screen-256color", "/tmp/x", NULL), MULTIPLEXER_TMUX);
	assert_int_equal(multiplexer_of("tmux-256color", NULL, NULL), MULTIPLEXER_TMUX);
}

static void becomes(const char *text, enum multiplexer through, const char *want)
{
	struct str s = STR_INIT;

	clipboard_sequence(&s, text, through);
	assert_string_equal(s.s, want);
	str_clear(&s);
}

static void it_is_wrapped(void **state)
{
	(void)state;
	becomes("1f2e0000", MULTIPLEXER_NONE, "\033]52;c;MWYyZTAwMDA=\a");
	becomes("1f2e0000", MULTIPLEXER_SCREEN, "\033P\033]52;c;MWYyZTAwMDA=\a\033\\");
	becomes("1f2e0000", MULTIPLEXER_TMUX, "\033]52;c;MWYyZTAwMDA=\a"
		"\033Ptmux;\033\033]52;c;MWYyZTAwMDA=\a\033\\");
	/* Nothing of the text itself is sent. */
	becomes("\033]0;x\a", MULTIPLEXER_NONE, "\033]52;c;G10wO3gH\a");
}

/* screen's strings end where it says; put together they are the sequence. */
static void screen_gets_pieces(void **state)
{
	struct str s = STR_INIT, whole = STR_INIT, plain = STR_INIT;
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	clipboard_sequence(&plain, text, MULTIPLEXER_NONE);
	clipboard_sequence(&s, text, MULTIPLEXER_SCREEN);
	for (char *at = s.s; *at;) {
		char *end = strstr(at, "\033\\");

		assert_memory_equal(at, "\033P", 2);
		assert_non_null(end);
		assert_true(end - at < 768);
		str_addn(&whole, at + 2, (size_t)(end - at - 2));
		at = end + 2;
	}
	assert_string_equal(whole.s, plain.s);
	str_clear(&s);
	str_clear(&whole);
	str_clear(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_stands_between),
		cmocka_unit_test(it_is_wrapped),
		cmocka_unit_test(screen_gets_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every key and every word of the console is in its help and its manual. */
#include "ui/keys_help.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "src/model/man.h"
#include "ui/keys.h"
#include "ui/words.h"

static void has(const struct str *s, const char *part)
{
	if (!strstr(s->s, part))
		fail_msg("\"%s\" is not in:\n%s", part, s->s);
}

static void every_row(void **state)
{
	struct str help = STR_INIT, man = STR_INIT, want = STR_INIT;

	(void)state;
	keys_help(&help);
	keys_man(&man);
	for (enum action a = 0; a < ACTION_COUNT; a++) {
		const struct action_def *d = action_def(a);

		has(&help, d->help);
		str_truncate(&want, 0);
		man_text(&want, d->help);
		has(&man, want.s);
		has(&help, context_title(d->context));
		has(&man, context_title(d->context));
		for (size_t k = 0; k < ACTION_KEYS_MAX && d->keys[k]; k++) {
			str_truncate(&want, 0);
			key_text(d->keys[k], &want);
			assert_true(want.len > 0);
			has(&help, want.s);
		}
	}
	for (enum word w = 0; w < WORD_COUNT; w++) {
		has(&help, word_def(w)->name);
		has(&help, word_def(w)->help);
		str_truncate(&want, 0);
		man_text(&want, word_def(w)->name);
		has(&man, want.s);
	}
	str_clear(&help);
	str_clear(&man);
	str_clear(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

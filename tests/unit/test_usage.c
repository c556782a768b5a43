/* That help, manual page and completion name everything there is, and that
 * none of them is broken text: the shell and man are asked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/command.h"
#include "src/model/options.h"
#include "src/node/usage.h"

static const struct usage_row rows[] = {{"run", "run a node"}, {"help", "print this"}};

static void has(const struct str *s, const char *part)
{
	if (!strstr(s->s, part))
		fail_msg("\"%s\" is not in:\n%s", part, s->s);
}

static void help_names_all(void **state)
{
	struct str s = STR_INIT, all = STR_INIT;

	(void)state;
	usage_help(&s, rows, ARRAY_SIZE(rows), false);
	has(&s, "\n  run        run a node\n");
	has(&s, "\n  -serviceAddr <host:port>\n");
	for (size_t i = 0; i < CMD_COUNT; i++)
		has(&s, command_def((enum command_id)i)->name);
	usage_help(&all, rows, ARRAY_SIZE(rows), true);
	assert_true(all.len > s.len);
	has(&all, "\n  -ethUrl <URL,...>\n");
	str_clear(&s);
	str_clear(&all);
	usage_start(&s);
	has(&s, "weir -broadcaster -orchAddr");
	str_clear(&s);
}

/* What `command` says on its output and errors to `text` on its input. */
static int feed(const char *command, const struct str *text, char *said, size_t size)
{
	char line[256];
	FILE *in, *out = tmpfile();
	size_t n;
	int status;

	assert_non_null(out);
	snprintf(line, sizeof(line), "%s >&%d 2>&1", command, fileno(out));
	in = popen(line, "w");
	assert_non_null(in);
	fwrite(text->s, 1, text->len, in);
	status = pclose(in);
	rewind(out);
	n = fread(said, 1, size - 1, out);
	said[n] = '\0';
	fclose(out);
	return status;
}

static void completion_is_bash(void **state)
{
	struct str s = STR_INIT;
	char said[4096];

	(void)state;
	usage_completion(&s, rows, ARRAY_SIZE(rows));
	str_add(&s, "COMP_WORDS=(weir run -orchS); COMP_CWORD=2; _weir; "
		    "echo \"[${COMPREPLY[*]}]\"\n"
		    "COMP_WORDS=(weir drain_); COMP_CWORD=1; _weir; "
		    "echo \"[${COMPREPLY[*]}]\"\n");
	assert_int_equal(feed("bash -s", &s, said, sizeof(said)), 0);
	assert_string_equal(said, "[-orchSecret]\n[drain_transcoder]\n");
	str_clear(&s);
}

static void manual_page_is_troff(void **state)
{
	struct str s = STR_INIT;
	char said[4096];

	(void)state;
	usage_man(&s, rows, ARRAY_SIZE(rows));
	has(&s, ".TH WEIR 1");
	has(&s, ".B stop");
	has(&s, "\\-serviceAddr");
	/* groff speaks up about what it does not understand. */
	if (access("/usr/bin/groff", X_OK) == 0) {
		assert_int_equal(feed("groff -man -Tutf8 -ww -z", &s, said, sizeof(said)), 0);
		assert_string_equal(said, "");
	}
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_all),
		cmocka_unit_test(completion_is_bash),
		cmocka_unit_test(manual_page_is_troff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

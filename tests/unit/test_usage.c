/* That help and manual page name everything there is, and that neither is broken
 * text: man is asked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/command.h"
#include "src/model/man.h"
#include "src/model/options.h"
#include "src/node/usage.h"

static const struct usage_row rows[] = {{"run", "run a node", NULL},
	{"help", "print this", NULL}};

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

/* Of each argument what it may be, and of money that it is asked about. */
static void one_command(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		str_truncate(&s, 0);
		usage_command(&s, c);
		has(&s, c->help);
		for (size_t a = 0; a < c->args_n; a++) {
			has(&s, c->args[a].name);
			has(&s, c->args[a].help);
		}
		assert_int_equal(c->tier == TIER_MONEY, strstr(s.s, "--dry-run") != NULL);
	}
	str_truncate(&s, 0);
	usage_command(&s, command_def(CMD_fund));
	has(&s, "Usage: weir fund [DEPOSIT] [RESERVE] [-datadir DIR] [--yes | --dry-run]\n");
	has(&s, "reserve=VALUE");
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

static void console(struct str *out)
{
	str_add(out, ".SH CONSOLE\nof the console\n");
}

/* Names and texts of every row of the tables, as troff shows them. */
static void manual_page_has_all(void **state)
{
	struct str page = STR_INIT, want = STR_INIT;

	(void)state;
	usage_man(&page, rows, ARRAY_SIZE(rows), console);
	has(&page, ".SH CONSOLE\nof the console\n");
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		str_truncate(&want, 0);
		str_printf(&want, "\n.B %s", c->name);
		has(&page, want.s);
		str_truncate(&want, 0);
		man_text(&want, c->help);
		has(&page, want.s);
		for (size_t a = 0; a < c->args_n; a++) {
			str_truncate(&want, 0);
			str_printf(&want, ".IR %s :\n", c->args[a].name);
			man_text(&want, c->args[a].help);
			has(&page, want.s);
		}
	}
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (o->support == OPTION_UNSUPPORTED)
			continue;
		str_truncate(&want, 0);
		str_printf(&want, "\n.BI \\-%s", o->name);
		has(&page, want.s);
		str_truncate(&want, 0);
		man_text(&want, o->prose);
		has(&page, want.s);
	}
	str_clear(&page);
	str_clear(&want);
}

static void manual_page_is_troff(void **state)
{
	struct str s = STR_INIT;
	char said[4096];

	(void)state;
	usage_man(&s, rows, ARRAY_SIZE(rows), console);
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
		cmocka_unit_test(one_command),
		cmocka_unit_test(manual_page_has_all),
		cmocka_unit_test(manual_page_is_troff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "proto/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_table(void **state)
{
	(void)state;
	for (enum command_id i = 0; i < CMD_COUNT; i++) {
		const struct command_def *d = command_def(i);

		assert_int_equal(d->id, i);
		assert_ptr_equal(command_find(d->name), d);
		assert_true(d->args_n <= COMMAND_ARGS_MAX);
		assert_true(strlen(d->help) > 10);
	}
	assert_int_equal(command_find("end-session")->tier, TIER_DANGER);
	assert_null(command_find("drai"));
	assert_null(command_find("drain_"));
	assert_null(command_find(""));
}

static void test_usage(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	command_usage(command_def(CMD_drain_transcoder), &s);
	assert_string_equal(s.s, "drain_transcoder ID");
	str_clear(&s);
	command_usage(command_def(CMD_set_log_level), &s);
	assert_string_equal(s.s,
		"set_log_level trace|debug|info|unusual|broken");
	str_clear(&s);
}

static void refused(const char *line, const char *why)
{
	struct command c;
	struct err *e = command_parse_line(line, &c);

	if (!e || !strstr(err_text(e), why))
		fail_msg("%s: %s", line, err_text(e));
	assert_null(c.text[0]);
	err_free(e);
}

static void test_lines(void **state)
{
	struct command c;
	char line[400] = "end_session ";

	(void)state;
	assert_null(command_parse_line("\t drain_transcoder  gpu0 ", &c));
	assert_string_equal(c.text[0], "gpu0");
	command_clear(&c);
	assert_null(command_parse_line("set_log_level broken", &c));
	command_clear(&c);
	refused("", "no command \"\"");
	refused("   ", "no command \"\"");
	refused("dance", "no command \"dance\"");
	refused("drain now", "usage: drain");
	refused("drain_transcoder", "usage: drain_transcoder ID");
	refused("a b c d e f g h", "no command \"a\"");
	refused("set_max_sessions 100001", "from 0 to 100000");
	refused("set_max_sessions ten", "from 0 to 100000");
	refused("set_log_level |", "one of");
	refused("set_log_level trace|debug", "one of");
	memset(line + 12, 'x', 300);
	refused(line, "1 to 256 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "proto/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
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
	char line[5000] = "end_session ";

	(void)state;
	assert_null(command_parse_line("\t drain_transcoder  gpu0 ", &c));
	assert_string_equal(c.text[0], "gpu0");
	command_clear(&c);
	assert_null(command_parse_line("set_log_level broken", &c));
	command_clear(&c);
	refused("", "no command \"\"");
	refused("   ", "no command \"\"");
	refused("dance", "no command \"dance\"");
	refused("resume now", "usage: resume");
	refused("drain_transcoder", "usage: drain_transcoder ID");
	refused("a b c d e f g h", "no command \"a\"");
	refused("set_max_sessions 100001", "from 0 to 100000");
	refused("set_max_sessions ten", "from 0 to 100000");
	refused("set_log_level |", "one of");
	refused("set_log_level trace|debug", "one of");
	memset(line + 12, 'x', COMMAND_TEXT_MAX + 1);
	refused(line, "1 to 4096 bytes");
}

/* A command of every type, as no real one is. */
static const struct command_def feast = {
	.name = "feast",
	.tier = TIER_MONEY,
	.args = {{"eth", ARG_TYPE_WEI, false, 0, 0, NULL, ""},
		{"lpt", ARG_TYPE_LPT, false, 0, 0, NULL, ""},
		{"to", ARG_TYPE_ADDR, true, 0, 0, NULL, ""},
		{"cut", ARG_TYPE_PERCENT, true, 0, 0, NULL, ""},
		{"price", ARG_TYPE_PRICE, true, 0, 0, NULL, ""},
		{"n", ARG_TYPE_INT, true, 1, 9, NULL, ""}},
	.args_n = 6,
};
#define ADDR "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65"

static void check(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

static char *show(const struct command *c)
{
	struct str s = STR_INIT;

	wei_fmt(&s, command_value(c, "eth")->wei);
	str_addc(&s, ' ');
	lpt_fmt(&s, command_value(c, "lpt")->lpt);
	if (command_value(c, "to")) {
		str_addc(&s, ' ');
		addr_fmt(&s, command_value(c, "to")->addr);
	}
	if (command_value(c, "cut")) {
		str_addc(&s, ' ');
		ppm_fmt(&s, command_value(c, "cut")->ppm);
	}
	if (command_value(c, "price")) {
		str_addc(&s, ' ');
		price_fmt(&s, command_value(c, "price")->price);
	}
	if (command_value(c, "n"))
		str_printf(&s, " n%d", (int)command_value(c, "n")->number);
	return str_take(&s);
}

static void test_values(void **state)
{
	static const struct {
		const char *words[10], *shown;
	} good[] = {
		{{"0.1 ETH", "1.5 LPT"}, "0.1 ETH 1.5 LPT"},
		{{"0.1", "eth", "1.5", "lpt"}, "0.1 ETH 1.5 LPT"},
		{{"20gwei", "1lptu", ADDR, "10.5", "1200"},
			"20 gwei 0.000000000000000001 LPT " ADDR
			" 10.5 % 1200 wei/px"},
		{{"n=4", "lpt=2 LPT", "eth=1", "wei", "price=0.5", "gwei/px"},
			"1 wei 2 LPT 500000000 wei/px n4"},
		{{"1 wei", "price=7/3", "1 LPT", "cut=100", "%"},
			"1 wei 1 LPT 100 % 7/3 wei/px"},
		{{"1 wei", "1 LPT", "cut=0%", "price=0.3 wei/px"},
			"1 wei 1 LPT 0 % 0.3 wei/px"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct command c;
		size_t n = 0;
		char *words[10], *shown;

		for (; good[i].words[n]; n++)
			words[n] = xstrdup(good[i].words[n]);
		check(command_parse(&feast, words, n, &c));
		shown = show(&c);
		assert_string_equal(shown, good[i].shown);
		free(shown);
		command_clear(&c);
		while (n)
			free(words[--n]);
	}
}

static void test_bad_values(void **state)
{
	static const struct {
		const char *words[6], *why;
	} bad[] = {
		{{"0.1", "1 LPT"}, "feast: eth: \"0.1\" has no unit"},
		{{"0.1 ETH", "1 ETH"}, "feast: lpt: \"1 ETH\" has a unit"},
		{{"0.1 ETH", "-1 LPT"}, "is not an amount"},
		{{"0.1 ETH"}, "usage: feast ETH LPT [TO] [CUT] [PRICE] [N]"},
		{{"0.1 ETH", "1 LPT", "0x15d34"}, "feast: to is an Ethereum address"},
		{{"0.1 ETH", "1 LPT", "cut=101"}, "not a percentage"},
		{{"0.1 ETH", "1 LPT", "price=free"}, "\"free\" is not a price"},
		{{"0.1 ETH", "1 LPT", "n=0"}, "feast: n is a number from 1 to 9"},
		{{"0.1 ETH", "1 LPT", "n=1", "n=2"}, "usage: "},
		{{"1.5 wei", "1 LPT"}, "cannot be had exactly"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct command c;
		size_t n = 0;
		char *words[6];
		struct err *e;

		for (; bad[i].words[n]; n++)
			words[n] = xstrdup(bad[i].words[n]);
		e = command_parse(&feast, words, n, &c);
		if (!e || !strstr(err_text(e), bad[i].why))
			fail_msg("%s: %s", bad[i].words[0], err_text(e));
		assert_null(c.text[0]);
		err_free(e);
		while (n)
			free(words[--n]);
	}
}

/* Texts may have blanks, between quotes. */
static void test_quotes(void **state)
{
	struct command c;

	(void)state;
	check(command_parse_line("end_session \"a b\"", &c));
	assert_string_equal(c.text[0], "a b");
	command_clear(&c);
	check(command_parse_line("end_session id=\"a=b c\"", &c));
	assert_string_equal(command_text(&c, "id"), "a=b c");
	command_clear(&c);
	refused("end_session \"\"", "1 to 4096 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

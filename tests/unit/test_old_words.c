/* What a program was started with, out of units, scripts and /proc. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/migrate/old_words.h"
#include "tests/unit/outcome.h"

typedef struct err *reader(const char *text, size_t n, struct old_words *out);

/* The words between bars. */
static void reads(reader *read, const char *text, const char *want)
{
	struct old_words w;
	struct str s = STR_INIT;

	ok(read(text, strlen(text), &w));
	for (size_t i = 0; i < w.n; i++)
		str_printf(&s, "%s|", w.v[i]);
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
	old_words_clear(&w);
}

static void cannot(reader *read, const char *text, const char *why)
{
	struct old_words w;

	refuses(read(text, strlen(text), &w), why);
	assert_int_equal(w.n, 0);
}

static void a_process_tells_its_words(void **state)
{
	static const char bytes[] = "/usr/bin/livepeer\0-datadir\0/my dir\0-v\0\0";
	struct old_words w;

	(void)state;
	ok(old_words_of_cmdline(bytes, sizeof(bytes) - 1, &w));
	assert_int_equal(w.n, 5);
	assert_string_equal(w.v[2], "/my dir");
	assert_string_equal(w.v[4], "");
	old_words_clear(&w);
	ok(old_words_of_cmdline("a\0b", 3, &w));
	assert_string_equal(w.v[1], "b");
	old_words_clear(&w);
	refuses(old_words_of_cmdline("", 0, &w), "no livepeer");
}

static void a_unit_is_read_as_systemd_reads_it(void **state)
{
	(void)state;
	reads(old_words_of_unit, "[Service]\nExecStart=/opt/livepeer -transcoder\n",
		"/opt/livepeer|-transcoder|");
	reads(old_words_of_unit, "ExecStart = -/opt/livepeer \\\n  -a 'one two' \\\n"
		"# a comment within\n  -b \"x\\ty\" c\\x41\\s\n",
		"/opt/livepeer|-a|one two|-b|x\ty|cA |");
	reads(old_words_of_unit, "ExecStart=@/opt/livepeer-0.3.3 lp -x\n",
		"/opt/livepeer-0.3.3|-x|");
	reads(old_words_of_unit, "ExecStart=/usr/bin/nice -n 5 /opt/livepeer -x\n",
		"/opt/livepeer|-x|");
	reads(old_words_of_unit,
		"ExecStart=/bin/bash -c 'exec /opt/livepeer -x >/var/log/lp 2>&1'\n",
		"/opt/livepeer|-x|");
	cannot(old_words_of_unit, "[Service]\nExecStart=/usr/sbin/nginx\n", "no livepeer");
	cannot(old_words_of_unit, "ExecStart=/opt/livepeer 'open\n", "not closed");
}

static void the_last_start_counts_unless_it_is_taken_back(void **state)
{
	(void)state;
	reads(old_words_of_unit, "ExecStart=/opt/livepeer -a\nExecStart=/opt/livepeer -b\n",
		"/opt/livepeer|-b|");
	reads(old_words_of_unit, "ExecStart=/opt/livepeer -a\nExecStart=\nExecStart=livepeer -b\n",
		"livepeer|-b|");
	cannot(old_words_of_unit, "ExecStart=/opt/livepeer -a\nExecStart=\n", "no livepeer");
	reads(old_words_of_unit, "ExecStartPre=/opt/livepeer -no\nExecStart=livepeer -b\n",
		"livepeer|-b|");
}

static void a_units_variables_are_put_in(void **state)
{
	(void)state;
	reads(old_words_of_unit, "ExecStart=livepeer $FLAGS ${FLAGS} -c $NONE\n"
		"Environment=\"FLAGS=-a b\" ACCT=1\n", "livepeer|-a|b|-a b|-c|$NONE|");
}

static void a_script_is_read_as_a_shell_reads_it(void **state)
{
	(void)state;
	reads(old_words_of_shell, "#!/bin/sh\nmkdir -p /data/livepeer\ncd /data; "
		"nohup ./livepeer -a \"x y\" 'z\\' \\\n  -b >log 2>&1 &\n./livepeer -second\n",
		"./livepeer|-a|x y|z\\|-b|");
	reads(old_words_of_shell, "DIR=/data\nexport NET='-rinkeby -v 6'\n"
		"while true; do\n  $DIR/livepeer $NET -datadir \"$DIR/lp\" '$DIR' # -no\ndone\n",
		"/data/livepeer|-rinkeby|-v|6|-datadir|/data/lp|$DIR|");
	reads(old_words_of_shell, "LOG=1 sudo -u lp /opt/livepeer -x | tee lp.log\n",
		"/opt/livepeer|-x|");
	reads(old_words_of_shell, "bash -c \"livepeer -x $UNSET $(date)\"",
		"livepeer|-x|$UNSET|$|");
	reads(old_words_of_shell, "livepeer_cli -transcoder\nlivepeer_linux -x",
		"livepeer_linux|-x|");
	cannot(old_words_of_shell, "livepeer_cli -transcoder; systemctl start livepeer.service",
		"no livepeer");
	cannot(old_words_of_shell, "livepeer \"-x", "not closed");
	cannot(old_words_of_shell, "", "no livepeer");
}

static void flags_alone_may_be_typed(void **state)
{
	(void)state;
	reads(old_words_of_shell, "  -transcoder -ethAcctAddr 0xA",
		"|-transcoder|-ethAcctAddr|0xA|");
}

static void endless_text_is_refused(void **state)
{
	struct old_words w;
	struct str s = STR_INIT;

	(void)state;
	/* Each variable is the one before it, twice. */
	str_add(&s, "V0=livepeer_is_long\n");
	for (int i = 1; i < 30; i++)
		str_printf(&s, "V%d=$V%d$V%d\n", i, i - 1, i - 1);
	str_add(&s, "livepeer $V29\n");
	refuses(old_words_of_shell(s.s, s.len, &w), "a word has more than");
	str_truncate(&s, 0);
	str_add(&s, "livepeer");
	for (int i = 0; i < OLD_WORDS_MAX; i++)
		str_add(&s, " x");
	refuses(old_words_of_shell(s.s, s.len, &w), "more than 512 words");
	for (int i = 0; i < OLD_TEXT_MAX; i++)
		str_addc(&s, 'x');
	refuses(old_words_of_shell(s.s, s.len, &w), "bytes");
	refuses(old_words_of_unit(s.s, s.len, &w), "bytes");
	refuses(old_words_of_cmdline(s.s, s.len, &w), "bytes");
	refuses(old_words_of_shell("a\0b", 3, &w), "no text");
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_tells_its_words),
		cmocka_unit_test(a_unit_is_read_as_systemd_reads_it),
		cmocka_unit_test(the_last_start_counts_unless_it_is_taken_back),
		cmocka_unit_test(a_units_variables_are_put_in),
		cmocka_unit_test(a_script_is_read_as_a_shell_reads_it),
		cmocka_unit_test(flags_alone_may_be_typed),
		cmocka_unit_test(endless_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

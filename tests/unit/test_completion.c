/* What the shells complete is everything there is, and the shells are asked:
 * bash, zsh and fish. */
#include "src/node/completion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "proto/command.h"
#include "src/model/options.h"
#include "tests/unit/scratch.h"

static const struct usage_row rows[] = {{"run", "run a node", NULL},
	{"account", "it's: keys \\ and more", "new|list"}};

/* What `shell` says to the script for `name` and then `text`. */
static char *ask(const char *shell, const char *name, const struct str *text)
{
	struct str script = STR_INIT;
	FILE *in, *out = tmpfile();
	char line[256], *said = xcalloc(1, 1 << 16);

	assert_non_null(out);
	assert_true(completion_script(name, &script, rows, ARRAY_SIZE(rows)));
	str_addn(&script, text->s, text->len);
	snprintf(line, sizeof(line), "%s >&%d 2>&1", shell, fileno(out));
	in = popen(line, "w");
	assert_non_null(in);
	fwrite(script.s, 1, script.len, in);
	if (pclose(in) != 0)
		str_clear(&script);
	rewind(out);
	said[fread(said, 1, (1 << 16) - 1, out)] = '\0';
	fclose(out);
	if (!script.len)
		fail_msg("%s: %s", shell, said);
	str_clear(&script);
	return said;
}

static void is_said(char *said, const char *want)
{
	if (!strstr(said, want))
		fail_msg("no %s in: %s", want, said);
}

/* q: defines a shell function of this name, which says "[word]" for each word
 * that its argument can be completed to. */
static void all_names(const char *shell, const char *name, const char *q)
{
	struct str text = STR_INIT, want = STR_INIT;
	char *said;

	str_add(&text, q);
	for (size_t i = 0; i < CMD_COUNT; i++)
		str_printf(&text, "q %s\n", command_def((enum command_id)i)->name);
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (o->support != OPTION_UNSUPPORTED)
			str_printf(&text, "q -%s\n", o->name);
	}
	said = ask(shell, name, &text);
	for (size_t i = 0; i < CMD_COUNT; i++) {
		str_truncate(&want, 0);
		str_printf(&want, "[%s]", command_def((enum command_id)i)->name);
		is_said(said, want.s);
	}
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		str_truncate(&want, 0);
		str_printf(&want, "[-%s]", o->name);
		if (o->support != OPTION_UNSUPPORTED)
			is_said(said, want.s);
	}
	free(said);
	str_clear(&text);
	str_clear(&want);
}

static void in_bash(void **state)
{
	struct str text = STR_INIT;
	char *said;

	(void)state;
	all_names("bash -s", "bash", "q() { COMP_WORDS=(weir \"$1\"); COMP_CWORD=1; _weir; "
		"printf '[%s]\\n' \"${COMPREPLY[@]}\"; }\n");
	str_add(&text, "w() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _weir; "
		"echo \"[${COMPREPLY[*]}]\"; }\n"
		"w weir run -orchS\nw weir drain_\nw weir account l\n"
		"w weir set_log_level ''\nw weir run -color n\nw weir run --color ''\n"
		"cd /; w weir run -datadir et\nw weir acco\n");
	said = ask("bash -s", "bash", &text);
	assert_string_equal(said, "[-orchSecret]\n[drain_transcoder]\n[list]\n"
		"[trace debug info unusual broken]\n[never]\n[auto never 16 256]\n"
		"[etc]\n[account]\n");
	free(said);
	str_clear(&text);
}

/* Its widgets are for a line editor: what they would be given is printed. */
#define ZSH "compdef() { }\n_files() { echo FILES; }\n" \
	"compadd() { shift; printf '[%s]\\n' $@; }\n" \
	"_describe() { local w; for w in ${(P)${@[-1]}}; printf '[%s]\\n' ${w%%:*}; }\n" \
	"w() { PREFIX=${@[-1]}; words=($@); CURRENT=$#; _weir; }\n"

static void in_zsh(void **state)
{
	struct str text = STR_INIT;
	char *said;

	(void)state;
	str_add(&text, ZSH "w weir ''\nw weir run -\n");
	said = ask("zsh -f -s", "zsh", &text);
	for (size_t i = 0; i < CMD_COUNT; i++)
		is_said(said, command_def((enum command_id)i)->name);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_get((enum option_id)i)->support != OPTION_UNSUPPORTED)
			is_said(said, option_get((enum option_id)i)->name);
	is_said(said, "[account]");
	free(said);
	str_truncate(&text, 0);
	str_add(&text, ZSH "w weir account ''\nw weir run -color ''\n"
		"w weir run -datadir ''\nw weir set_log_level ''\n");
	said = ask("zsh -f -s", "zsh", &text);
	assert_string_equal(said, "[new]\n[list]\n[auto]\n[never]\n[16]\n[256]\nFILES\n"
		"[trace]\n[debug]\n[info]\n[unusual]\n[broken]\n");
	free(said);
	str_clear(&text);
}

static void in_fish(void **state)
{
	struct str text = STR_INIT;
	char *said, home[] = "/tmp/weir-completion-XXXXXX", fish[80];

	(void)state;
	assert_non_null(mkdtemp(home)); /* it writes there, whatever it is told */
	snprintf(fish, sizeof(fish), "HOME=%s fish --no-config", home);
	all_names(fish, "fish", "function q; "
		"for w in (complete -C \"weir $argv\"); "
		"echo '['(string split \\t -- $w)[1]']'; end; end\n");
	str_add(&text, "function w; for x in (complete -C $argv); "
		"echo -n (string split \\t -- $x)[1]' '; end; echo; end\n"
		"w 'weir account '\nw 'weir run -color n'\nw 'weir set_log_level b'\n"
		"complete -C 'weir accoun'\n");
	said = ask(fish, "fish", &text);
	assert_string_equal(said, "list new \nnever \nbroken \n"
		"account\tit's: keys \\ and more\n");
	free(said);
	str_clear(&text);
	assert_int_equal(scratch_drop(home), 0);
}

static void no_other_shell(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_false(completion_script("tcsh", &s, rows, ARRAY_SIZE(rows)));
	assert_false(completion_script("", &s, rows, ARRAY_SIZE(rows)));
	assert_int_equal(s.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_bash),
		cmocka_unit_test(in_zsh),
		cmocka_unit_test(in_fish),
		cmocka_unit_test(no_other_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

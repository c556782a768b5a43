/* What becomes of the alpha's flags: every one is accounted for, and every place
 * where it meant something else is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/migrate/old_flags.h"
#include "src/migrate/old_flags_private.h"
#include "tests/unit/outcome.h"

static struct old_flags *of(const char *line)
{
	struct old_flags *f;

	ok(old_flags_from_shell(line, strlen(line), OLD_LINE_ALPHA, &f));
	return f;
}

/* "name value" a line; ? is for the operator to say. */
static void becomes(const char *line, const char *want)
{
	struct old_flags *f = of(line);
	struct str s = STR_INIT;

	for (size_t i = 0; i < f->n_settings; i++)
		str_printf(&s, "%s %s\n", option_get(f->settings[i].id)->name,
			*f->settings[i].value ? f->settings[i].value : "?");
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
	old_flags_free(f);
}

static bool bites(const struct old_flags *f, enum old_trap trap)
{
	for (size_t i = 0; i < f->n_findings; i++)
		if (f->findings[i].trap == trap)
			return true;
	return false;
}

static void the_documented_example_comes_out(void **state)
{
	struct old_flags *f = of("livepeer -transcoder -ethAcctAddr "
		"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf -ethIpcPath ~/.ethereum/geth.ipc"
		" -serviceAddr 1.2.3.4:8935 -initializeRound");

	(void)state;
	assert_int_equal(f->roles, OPTION_O | OPTION_T);
	assert_string_equal(f->network, "mainnet");
	assert_true(bites(f, OLD_TRAP_NETWORK));
	assert_true(bites(f, OLD_TRAP_TRANSCODER));
	assert_true(bites(f, OLD_TRAP_PRICE));
	assert_true(bites(f, OLD_TRAP_RPC));
	assert_true(bites(f, OLD_TRAP_DATADIR));
	assert_true(bites(f, OLD_TRAP_KEYSTORE));
	assert_false(bites(f, OLD_TRAP_ACCOUNT));
	assert_false(bites(f, OLD_TRAP_ROLE));
	old_flags_free(f);
	becomes("livepeer -transcoder -ethAcctAddr 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
		" -ethIpcPath ~/.ethereum/geth.ipc -serviceAddr 1.2.3.4:8935 -initializeRound",
		"network mainnet\norchestrator true\ntranscoder true\n"
		"ethAcctAddr 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\nethUrl ?\n"
		"serviceAddr 1.2.3.4:8935\ninitializeRound true\npricePerUnit ?\n");
}

static void a_broadcaster_is_one_by_saying_nothing(void **state)
{
	struct old_flags *f = of("livepeer -maxPricePerSegment 5 -ethUrl https://a.example"
		" -ethAcctAddr 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");

	(void)state;
	assert_int_equal(f->roles, OPTION_B);
	assert_true(bites(f, OLD_TRAP_ROLE));
	assert_true(bites(f, OLD_TRAP_ANY_PRICE));
	assert_true(bites(f, OLD_TRAP_PORT));
	assert_false(bites(f, OLD_TRAP_RPC));
	assert_false(bites(f, OLD_TRAP_PRICE));
	assert_int_equal(f->flags[0].fate, OLD_ASKS);
	old_flags_free(f);
	becomes("livepeer -offchain -transcodingOptions P240p30fps16x9",
		"network offchain\nbroadcaster true\ntranscodingOptions P240p30fps16x9\n"
		"httpAddr 127.0.0.1:8935\n");
}

static void transcoder_changed_its_meaning_twice(void **state)
{
	struct old_flags *f = of("livepeer -standaloneTranscoder -orchAddr a:8935 -orchSecret s");

	(void)state;
	assert_int_equal(f->line, OLD_LINE_0_4);
	assert_int_equal(f->roles, OPTION_T);
	assert_true(f->flags[2].secret);
	assert_string_equal(f->network, "offchain");
	old_flags_free(f);
	becomes("livepeer -standaloneTranscoder -orchAddr a:8935 -orchSecret s",
		"network offchain\ntranscoder true\norchAddr a:8935\norchSecret s\n");
	becomes("livepeer -offchain -orchestrator -orchSecret s",
		"network offchain\norchestrator true\norchSecret s\n");
	becomes("livepeer -offchain -transcoder -maxSessions 4",
		"network offchain\norchestrator true\ntranscoder true\nmaxSessions 4\n");
	/* Streamflow's own: nothing changes. */
	becomes("livepeer -network offchain -transcoder -orchAddr a:8935 -orchSecret s",
		"transcoder true\nnetwork offchain\norchAddr a:8935\norchSecret s\n");
}

static void networks_have_names_now(void **state)
{
	struct old_flags *f = of("livepeer -rinkeby -transcoder");

	(void)state;
	assert_string_equal(f->network, "rinkeby");
	assert_true(bites(f, OLD_TRAP_RINKEBY));
	assert_false(bites(f, OLD_TRAP_NETWORK));
	old_flags_free(f);
	becomes("livepeer -devenv -controllerAddr 0x00000000000000000000000000000000000000aA"
		" -ethUrl http://127.0.0.1:8545 -transcoder -ethAcctAddr"
		" 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
		"network devenv\norchestrator true\ntranscoder true\n"
		"ethController 0x00000000000000000000000000000000000000aA\n"
		"ethUrl http://127.0.0.1:8545\n"
		"ethAcctAddr 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\npricePerUnit ?\n");
	f = of("livepeer -offchain -rinkeby");
	assert_string_equal(f->network, "offchain");
	old_flags_free(f);
}

static enum old_fate fate(const char *line, size_t i)
{
	struct old_flags *f = of(line);
	enum old_fate is = f->flags[i].fate;

	old_flags_free(f);
	return is;
}

static void what_has_no_successor_says_why(void **state)
{
	(void)state;
	assert_int_equal(fate("livepeer -ipfsPath /x", 0), OLD_GONE);
	assert_int_equal(fate("livepeer -monitorhost /x", 0), OLD_GONE);
	assert_int_equal(fate("livepeer -s3bucket eu/x", 0), OLD_LOST);
	assert_int_equal(fate("livepeer -nonsense 1", 0), OLD_UNKNOWN);
	assert_int_equal(fate("livepeer -gasPrice 0", 0), OLD_GONE);
	assert_int_equal(fate("livepeer -gasPrice 20000000000", 0), OLD_BECOMES);
	assert_int_equal(fate("livepeer -offchain -gasPrice 20000000000", 1), OLD_GONE);
	assert_int_equal(fate("livepeer -serviceAddr a:1", 0), OLD_GONE);
	assert_int_equal(fate("livepeer -transcodingOptions P1,P2", 0), OLD_ASKS);
	assert_int_equal(fate("livepeer -ethUrl wss://x", 0), OLD_ASKS);
	assert_int_equal(fate("livepeer -transcoder -gasLimit much", 1), OLD_ASKS);
	assert_int_equal(fate("livepeer -ethAcctAddr $ACCT", 0), OLD_ASKS);
	assert_int_equal(fate("livepeer -ethPassword ~/pw", 0), OLD_ASKS);
	assert_int_equal(fate("livepeer -v 4 -v 6", 0), OLD_GONE);
	assert_int_equal(fate("livepeer -v 4 -v 6", 1), OLD_KEPT);
}

static void every_flag_is_accounted_for(void **state)
{
	static const char *const names[] = {
#define FLAG(name, kind, line, fate, option, comment) name,
#include "src/migrate/old_flags.def"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct old_flag_row *row = old_flag_row(names[i]);
		char line[128];
		struct old_flags *f;

		snprintf(line, sizeof(line), "livepeer -%s%s", names[i],
			row->is_switch ? "" : "=1");
		f = of(line);
		assert_int_equal(f->n_flags, 1);
		assert_string_equal(f->flags[0].name, names[i]);
		assert_true(*f->flags[0].comment);
		assert_int_not_equal(f->flags[0].fate, OLD_UNKNOWN);
		old_flags_free(f);
	}
}

static void passwords_go_no_further(void **state)
{
	struct old_flags *f = of("livepeer -ethPassword hunter2");

	(void)state;
	assert_true(bites(f, OLD_TRAP_PASSWORD));
	assert_true(f->flags[0].secret);
	for (size_t i = 0; i < f->n_settings; i++)
		assert_null(strstr(f->settings[i].value, "hunter2"));
	old_flags_free(f);
	f = of("livepeer -ethPassword /root/pw");
	assert_false(bites(f, OLD_TRAP_PASSWORD));
	assert_int_equal(f->flags[0].fate, OLD_KEPT);
	old_flags_free(f);
}

static void addresses_of_0_2_are_put_together(void **state)
{
	(void)state;
	becomes("livepeer -offchain -rtmp 1936 -rtmpIP 0.0.0.0 -http 8936",
		"network offchain\nbroadcaster true\nrtmpAddr 0.0.0.0:1936\n"
		"httpAddr 127.0.0.1:8936\n");
	becomes("livepeer -offchain -transcoder -publicIP 2001:db8::1",
		"network offchain\norchestrator true\ntranscoder true\n"
		"serviceAddr [2001:db8::1]:8935\n");
}

static void a_tickets_value_is_its_chance_of_it(void **state)
{
	struct old_flags *f = of("livepeer -orchestrator -faceValue 0.3 -winProb 5.3");

	(void)state;
	for (size_t i = 0; i < f->n_settings; i++)
		if (f->settings[i].id == OPT_TICKET_EV)
			assert_string_equal(f->settings[i].value, "15900000000000000");
	assert_int_equal(f->flags[1].fate, OLD_BECOMES);
	old_flags_free(f);
	assert_int_equal(fate("livepeer -orchestrator -faceValue 0.3", 1), OLD_GONE);
	assert_int_equal(fate("livepeer -orchestrator -faceValue x -winProb 5", 1), OLD_GONE);
}

/* Go's flag package stops at the first word that is no flag. */
static void what_the_alpha_never_read_is_not_taken(void **state)
{
	struct old_flags *f = of("livepeer -rinkeby true -transcoder");

	(void)state;
	assert_int_equal(f->roles, OPTION_B);
	assert_int_equal(f->n_flags, 2);
	assert_true(bites(f, OLD_TRAP_STRAY));
	old_flags_free(f);
	f = of("livepeer -transcoder=false -rinkeby=0 --v=6");
	assert_int_equal(f->roles, OPTION_B);
	assert_string_equal(f->network, "mainnet");
	assert_string_equal(old_flags_value(f, "v"), "6");
	assert_null(old_flags_value(f, "datadir"));
	old_flags_free(f);
}

static void its_directory_is_told(void **state)
{
	static const struct {
		const char *line, *dir;
	} cases[] = {
		{ "livepeer -rinkeby", "/home/a/.lpData" },
		{ "livepeer -datadir /d", "/d" },
		{ "livepeer -datadir /d -orchestrator", "/d/mainnet" },
		{ "livepeer -rinkeby -orchestrator", "/home/a/.lpData/rinkeby" },
		{ "livepeer -network rinkeby", "/home/a/.lpData/rinkeby" },
		{ "livepeer -network rinkeby -datadir /d", "/d" },
		{ "livepeer -datadir ~/lp", "/home/a/lp" },
		{ "livepeer -datadir $HOME/lp", "/home/a/lp" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct old_flags *f = of(cases[i].line);
		char *dir = old_flags_datadir(f, "/home/a");

		assert_string_equal(dir, cases[i].dir);
		free(dir);
		old_flags_free(f);
	}
}

static void arguments_come_as_they_are(void **state)
{
	char program[] = "livepeer", flag[] = "-ethAcctAddr", value[] = "$X";
	char *argv[] = { program, flag, value };
	struct old_flags *f;

	(void)state;
	ok(old_flags_from_args(3, argv, OLD_LINE_ALPHA, &f));
	assert_string_equal(f->flags[0].value, "$X");
	old_flags_free(f);
	ok(old_flags_from_cmdline("livepeer\0-transcoder", 21, OLD_LINE_ALPHA, &f));
	assert_int_equal(f->roles, OPTION_O | OPTION_T);
	old_flags_free(f);
	ok(old_flags_from_unit("ExecStart=livepeer -offchain", 28, OLD_LINE_ALPHA, &f));
	assert_string_equal(f->network, "offchain");
	old_flags_free(f);
	refuses(old_flags_from_unit("ExecStart=other", 15, OLD_LINE_ALPHA, &f), "no livepeer");
	assert_null(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_example_comes_out),
		cmocka_unit_test(a_broadcaster_is_one_by_saying_nothing),
		cmocka_unit_test(transcoder_changed_its_meaning_twice),
		cmocka_unit_test(networks_have_names_now),
		cmocka_unit_test(what_has_no_successor_says_why),
		cmocka_unit_test(every_flag_is_accounted_for),
		cmocka_unit_test(passwords_go_no_further),
		cmocka_unit_test(addresses_of_0_2_are_put_together),
		cmocka_unit_test(a_tickets_value_is_its_chance_of_it),
		cmocka_unit_test(what_the_alpha_never_read_is_not_taken),
		cmocka_unit_test(its_directory_is_told),
		cmocka_unit_test(arguments_come_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Who wins over whom, and what each source takes and refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/node/config.h"
#include "tests/unit/outcome.h"

static void error_is(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

#define ARGS(c, ...) \
	({ \
		char *argv_[] = {__VA_ARGS__}; \
		config_read_args(c, ARRAY_SIZE(argv_), argv_); \
	})

static void args_as_go(void **state)
{
	struct config *c = config_new();
	char a0[] = "-orchestrator", a1[] = "--transcoder=f", a2[] = "-serviceAddr",
	     a3[] = "h:1", a4[] = "--orchSecret=a=b", a5[] = "-httpAddr", a6[] = "-x",
	     a7[] = "-cliAddr=", a8[] = "--";

	(void)state;
	ok(ARGS(c, a0, a1, a2, a3, a4, a5, a6, a7, a8));
	assert_true(config_bool(c, OPT_ORCHESTRATOR));
	assert_false(config_bool(c, OPT_TRANSCODER));
	assert_string_equal(config_text(c, OPT_SERVICE_ADDR), "h:1");
	assert_string_equal(config_text(c, OPT_ORCH_SECRET), "a=b");
	/* A value may begin with a dash. */
	assert_string_equal(config_text(c, OPT_HTTP_ADDR), "-x");
	assert_string_equal(config_text(c, OPT_CLI_ADDR), "");
	assert_int_equal(config_origin(c, OPT_CLI_ADDR), ORIGIN_FLAG);
	assert_int_equal(config_roles(c), OPTION_O);
	config_free(c);
}

static void args_refused(void **state)
{
	struct config *c = config_new();
	char unknown[] = "-frobnicate", near[] = "-serviceaddr=x", on[] = "-broadcaster",
	     yes[] = "true", last[] = "-orchAddr", bad[] = "---v", eq[] = "-=3", dash[] = "-",
	     end[] = "--", range[] = "-maxSessions=0", esc[] = "-\x1b[31mx";

	(void)state;
	error_is(ARGS(c, unknown), "flag provided but not defined: -frobnicate; "
		"`weir help` lists the flags");
	error_is(ARGS(c, near), "flag provided but not defined: -serviceaddr; "
		"is it -serviceAddr?");
	error_is(ARGS(c, on, yes), "unexpected argument \"true\": -broadcaster is a "
		"switch, write -broadcaster=true");
	error_is(ARGS(c, yes), "unexpected argument \"true\": flags begin with a dash");
	error_is(ARGS(c, end, on), "unexpected argument \"-broadcaster\": flags begin "
		"with a dash");
	error_is(ARGS(c, last), "flag needs an argument: -orchAddr");
	error_is(ARGS(c, bad), "bad flag syntax: ---v");
	error_is(ARGS(c, eq), "bad flag syntax: -=3");
	error_is(ARGS(c, dash), "unexpected argument \"-\": flags begin with a dash");
	error_is(ARGS(c, range), "invalid value \"0\" for flag -maxSessions: allowed "
		"are 1 to 100000, or auto");
	error_is(ARGS(c, esc), "flag provided but not defined: -\\x1b[31mx; "
		"`weir help` lists the flags");
	config_free(c);
}

static void notes_text(void *ctx, const char *note)
{
	str_printf(ctx, "%s\n", note);
}

static void environment(void **state)
{
	struct config *c = config_new();
	char secret[] = "LP_ORCHSECRET=s", empty[] = "LP_ORCHADDR=", odd[] = "LP_NOFLAG=1",
	     other[] = "HOME=/x", bad[] = "LP_MAXATTEMPTS=many";
	char *good[] = {secret, empty, odd, other, NULL}, *broken[] = {bad, NULL};
	struct str notes = STR_INIT;

	(void)state;
	ok(config_read_env(c, good));
	assert_string_equal(config_text(c, OPT_ORCH_SECRET), "s");
	assert_int_equal(config_origin(c, OPT_ORCH_SECRET), ORIGIN_ENV);
	assert_false(config_is_set(c, OPT_ORCH_ADDR));
	config_notes(c, notes_text, &notes);
	assert_string_equal(notes.s, "environment variable LP_NOFLAG names no flag and "
		"is not used\n");
	str_clear(&notes);
	error_is(config_read_env(c, broken), "environment variable LP_MAXATTEMPTS: "
		"invalid value \"many\" for flag -maxAttempts: write a whole number");
	config_free(c);
}

static struct err *text(struct config *c, const char *s)
{
	return config_read_text(c, "f", s, strlen(s));
}

static void file(void **state)
{
	struct config *c = config_new();

	(void)state;
	ok(text(c, "# comment\n\n  orchestrator\r\nserviceAddr   h:8935  # here\n"
		   "\torchSecret\ta b#c\n-maxSessions 7\nstartupAvailabilityCheck false"));
	assert_true(config_bool(c, OPT_ORCHESTRATOR));
	assert_string_equal(config_text(c, OPT_SERVICE_ADDR), "h:8935");
	assert_string_equal(config_text(c, OPT_ORCH_SECRET), "a b#c");
	assert_int_equal(config_int(c, OPT_MAX_SESSIONS), 7);
	assert_false(config_bool(c, OPT_TEST_ORCH_AVAIL));
	error_is(text(c, "v 3\nnoSuchFlag 1"), "f line 2: flag provided but not defined: "
		"-noSuchFlag; `weir help` lists the flags");
	error_is(text(c, "config other"), "f line 1: a config file may not name another one");
	error_is(text(c, "orchestrator maybe"), "f line 1: invalid boolean value \"maybe\" "
		"for -orchestrator: write true or false");
	error_is(config_read_text(c, "f", "v\0 3", 4), "f is not a text file");
	error_is(config_read_file(c, "/nonexistent/weir.conf"), "config file "
		"/nonexistent/weir.conf: No such file or directory");
	config_free(c);
}

static void precedence(void **state)
{
	struct config *c = config_new();
	char flag[] = "-maxAttempts=5", env[] = "LP_MAXATTEMPTS=4";
	char *envs[] = {env, NULL};
	struct str report = STR_INIT;

	(void)state;
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 3);
	ok(text(c, "maxAttempts 1"));
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 1);
	ok(config_set(c, OPT_MAX_ATTEMPTS, ORIGIN_KV, "2"));
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 2);
	ok(config_read_env(c, envs));
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 4);
	ok(ARGS(c, flag));
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 5);
	/* A weaker origin that comes later does not win. */
	ok(text(c, "maxAttempts 9"));
	assert_int_equal(config_int(c, OPT_MAX_ATTEMPTS), 5);
	ok(config_set(c, OPT_ORCH_SECRET, ORIGIN_KV, "hunter2"));
	config_report(c, &report);
	assert_string_equal(report.s, "orchSecret *** (live)\nmaxAttempts 5 (flag)\n");
	str_clear(&report);
	/* Providers' URLs are keys. */
	assert_null(config_set(c, OPT_ETH_URL, ORIGIN_FLAG,
		"https://me:pw@a.example/v3/s3cret,http://b.example:8545"));
	config_report(c, &report);
	assert_non_null(strstr(report.s, "ethUrl https://a.example,http://b.example:8545"));
	assert_null(strstr(report.s, "s3cret"));
	str_clear(&report);
	config_free(c);
}

static void refused_together(void **state)
{
	struct config *c = config_new();
	char chain[] = "-ethUrl=http://h", none[] = "-monitor", same[] = "-reward=false",
	     net[] = "-network=../x", *env[] = {NULL}, *argv[] = {chain, none, same};
	char *bad[] = {net};

	(void)state;
	error_is(config_load(c, ARRAY_SIZE(argv), argv, env),
		"flag -ethUrl needs a chain: give -network, or leave it out offchain\n"
		"flag -monitor is not supported: weir exports no metrics yet; "
		"`weir status --json` has the numbers");
	config_free(c);
	c = config_new();
	error_is(config_load(c, 1, bad, env),
		"flag -network ../x: a name of letters, digits, - and _");
	config_free(c);
}

/* What a node on a chain needs is told all at once, with the remedies. */
static void chain_needs(void **state)
{
	struct config *c = config_new();
	struct price p;
	struct err *e;

	(void)state;
	ok(config_check_start(c));
	ok(text(c, "network devnet\norchestrator"));
	ok(config_check(c));
	error_is(config_check_start(c),
		"-network devnet is a chain: give -ethUrl, the JSON-RPC address of an "
		"Ethereum node of it\n"
		"-network devnet is none that weir knows: give -ethController, the address "
		"of its Controller contract\n"
		"an orchestrator on a chain must be told its price: give -pricePerUnit, in "
		"wei for -pixelsPerUnit pixels, if only 0");
	ok(text(c, "ethUrl http://h\nethController "
		"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65\n"
		"pricePerUnit 0.5\npixelsPerUnit 1e3\nmaxGasPrice 40 gwei"));
	ok(config_check(c));
	ok(config_check_start(c));
	ok(config_price(c, OPT_PRICE_PER_UNIT, &p));
	assert_int_equal(p.unit.v, 2000);
	assert_int_equal(wei_cmp(config_wei(c, OPT_MAX_GAS_PRICE), wei_from_gwei(40)), 0);
	assert_int_equal(config_addr(c, OPT_ETH_CONTROLLER).b[0], 0x15);
	ok(text(c, "pixelsPerUnit 0.5\nethController "
		"0x15d34AAf54267DB7D7c367839AAf71A00a2C6a65"));
	e = config_check(c);
	assert_non_null(strstr(err_text(e), "flag -ethController: "));
	assert_non_null(strstr(err_text(e), "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"));
	err_free(e);
	error_is(config_check_start(c), "-pixelsPerUnit 0.5: write a whole number over 0");
	config_free(c);
	c = config_new();
	ok(text(c, "network arbitrum-one-mainnet\nbroadcaster\nethUrl http://h"));
	ok(config_check_start(c));
	config_free(c);
}

static void auto_sessions(void **state)
{
	struct config *c = config_new();

	(void)state;
	ok(text(c, "orchestrator\nmaxSessions auto"));
	ok(config_check(c));
	ok(text(c, "transcoder"));
	error_is(config_check(c), "flag -maxSessions auto follows remote transcoders: with "
		"-orchestrator and -transcoder together, give a number");
	config_free(c);
}

static void lists(void **state)
{
	struct config *c = config_new();
	static const char *const want[] = {"a:1", "b", "c d"};

	(void)state;
	ok(config_set(c, OPT_ORCH_ADDR, ORIGIN_FLAG, " a:1 ,,b,\tc d ,"));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		char *item = config_item(c, OPT_ORCH_ADDR, i);

		assert_string_equal(item, want[i]);
		free(item);
	}
	assert_null(config_item(c, OPT_ORCH_ADDR, 3));
	assert_null(config_item(c, OPT_NVIDIA, 0));
	config_free(c);
}

static void data_directory(void **state)
{
	struct config *c = config_new();
	struct str roles = STR_INIT;
	char *dir;

	(void)state;
	setenv("HOME", "/home/op", 1);
	dir = config_datadir(c);
	assert_string_equal(dir, "/home/op/.lpData/offchain");
	free(dir);
	ok(text(c, "dataDir /from/file"));
	ok(config_set(c, OPT_DATADIR, ORIGIN_FLAG, "/from/flag//"));
	dir = config_datadir(c);
	assert_string_equal(dir, "/from/flag");
	free(dir);
	ok(config_set(c, OPT_GATEWAY, ORIGIN_FLAG, "1"));
	ok(config_set(c, OPT_ORCHESTRATOR, ORIGIN_FLAG, "1"));
	config_roles_text(&roles, c);
	assert_string_equal(roles.s, "orchestrator, broadcaster");
	str_clear(&roles);
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(args_as_go),
		cmocka_unit_test(args_refused),
		cmocka_unit_test(environment),
		cmocka_unit_test(file),
		cmocka_unit_test(precedence),
		cmocka_unit_test(refused_together),
		cmocka_unit_test(chain_needs),
		cmocka_unit_test(auto_sessions),
		cmocka_unit_test(lists),
		cmocka_unit_test(data_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

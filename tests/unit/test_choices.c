#include "src/wizard/choices.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/wizard/wizard.h"
#include "tests/unit/outcome.h"

static struct choices c;

static void drop_words(void);

static int teardown(void **state)
{
	(void)state;
	choices_clear(&c);
	drop_words();
	return 0;
}

static void test_text(void **state)
{
	(void)state;
	ok(choices_read_text(&c, "answers", "# what I want\n"
		"network devnet\n"
		"  orchestrator   \n"
		"--serviceAddr = 1.2.3.4:8935  # mine\n"
		"deposit=0.1 ETH\r\n"
		"\n"
		"chainSteps no"));
	assert_string_equal(choices_get(&c, "network"), "devnet");
	assert_string_equal(choices_get(&c, "orchestrator"), "true");
	assert_string_equal(choices_get(&c, "serviceAddr"), "1.2.3.4:8935");
	assert_string_equal(choices_own(&c, CHOICE_DEPOSIT), "0.1 ETH");
	assert_false(choices_yes(&c, CHOICE_CHAIN_STEPS, true));
	assert_true(choices_yes(&c, CHOICE_CONFIRM, true));
	ok(choices_set(&c, "network", "other"));
	assert_string_equal(choices_get(&c, "network"), "other");
	assert_null(choices_get(&c, "ethUrl"));
}

static void test_refusals(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{"deposit 5", "deposit"},
		{"deposit 5 LPT", "deposit"},
		{"bond x LPT", "bond"},
		{"rewardCut 101", "rewardCut"},
		{"confirm maybe", "neither yes nor no"},
		{"refunder 0x12", "is no address"},
		{"pricPerUnit 1", "neither a choice of `weir migrate`"},
		{"datadir /x", "--to says where"},
		{"config /x", "--to says where"},
		{"ethPassword s3cret", "names no file"},
		{"orchSecret s3cret", "names no file"},
		{"maxSessions many", "maxSessions"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err *e = choices_read_text(&c, "answers", rows[i].line);

		assert_non_null(e);
		assert_null(strstr(err_text(e), "s3cret"));
		if (!strstr(err_text(e), rows[i].why) || !strstr(err_text(e), "answers line 1"))
			fail_msg("%s: %s", rows[i].line, err_text(e));
		err_free(e);
	}
	assert_int_equal(c.n, 0);
	refuses(choices_read_file(&c, "/nonexistent/answers"), "No such file");
	refuses(choices_read_file(&c, "/dev/null"), "not a regular file");
}

static void test_wish(void **state)
{
	struct migrate_wish w;
	struct config *config = config_new();

	(void)state;
	ok(config_read_text(config, "x", "orchestrator\nbroadcaster\n", 24));
	ok(choices_read_text(&c, "answers", "rewardCut 12.5\nbond 3 LPT\nreserve 2 ETH\n"));
	choices_wish(&c, config, "https://o:1", &w);
	assert_true(w.orchestrator && w.broadcaster && w.chain_steps && w.has_cut);
	assert_false(w.has_share);
	assert_int_equal(w.reward_cut.v, 125000);
	assert_true(wei_is_zero(w.deposit));
	assert_false(wei_is_zero(w.reserve));
	assert_false(lpt_is_zero(w.bond));
	assert_string_equal(w.uri, "https://o:1");
	config_free(config);
}

/* --- the command line --- */

/* The options point into it. */
static char *words[16];

static void drop_words(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		free(TAKE(words[i]));
}

static struct err *args(struct migrate_options *o, const char *const *argv,
	enum migrate_report *report, bool *help)
{
	int n = 0;

	drop_words();
	while (argv[n]) {
		words[n] = xstrdup(argv[n]);
		n++;
	}
	*report = REPORT_TEXT;
	*help = false;
	*o = (struct migrate_options){.from = NULL};
	return migrate_read_args(o, n, words, report, help);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_args(void **state)
{
	struct migrate_options o;
	enum migrate_report report;
	bool help;

	(void)state;
	ok(args(&o, ARGS("--from", "/a", "-to=/b", "--dry-run", "--report", "json",
		"-orchestrator", "--network", "devnet", "--pricePerUnit=7"), &report, &help));
	assert_string_equal(o.from, "/a");
	assert_string_equal(o.to, "/b");
	assert_true(o.dry_run && report == REPORT_JSON && !help && !o.yes && !o.resume);
	assert_string_equal(choices_get(&o.choices, "orchestrator"), "true");
	assert_string_equal(choices_get(&o.choices, "network"), "devnet");
	assert_string_equal(choices_get(&o.choices, "pricePerUnit"), "7");
	choices_clear(&o.choices);
	ok(args(&o, ARGS("--help"), &report, &help));
	assert_true(help);
	refuses(args(&o, ARGS("--from", "/a", "--to"), &report, &help), "needs a value");
	refuses(args(&o, ARGS("/a"), &report, &help), "unexpected argument");
	refuses(args(&o, ARGS("--report", "xml"), &report, &help), "text, json or lines");
	refuses(args(&o, ARGS("--from", "/a", "--to", "/b", "--resume", "--rollback"), &report,
		&help), "which is it?");
	refuses(args(&o, ARGS("--from", "/a", "--to", "/b", "--mystery", "1"), &report, &help),
		"mystery");
	refuses(args(&o, ARGS("--answers", "/nonexistent"), &report, &help), "No such file");
}

/* What is typed is stronger than the file, wherever it stands. */
static void test_typed_beats_file(void **state)
{
	char path[] = "/tmp/weir-answers-XXXXXX";
	struct migrate_options o;
	enum migrate_report report;
	bool help;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "network one\nethUrl http://x:1\n", 30), 30);
	close(fd);
	ok(args(&o, ARGS("--from", "/a", "--to", "/b", "--network", "two", "--answers", path),
		&report, &help));
	assert_string_equal(choices_get(&o.choices, "network"), "two");
	assert_string_equal(choices_get(&o.choices, "ethUrl"), "http://x:1");
	choices_clear(&o.choices);
	unlink(path);
}

static void test_left_out(void **state)
{
	bool out[MIGRATE_STEPS];
	struct choices chosen = {.n = 0};

	(void)state;
	choices_left_out(&chosen, out);
	for (enum migrate_step s = 0; s < MIGRATE_STEPS; s++)
		assert_false(out[s]);
	ok(choices_set(&chosen, "leaveOut", "refund, archive"));
	choices_left_out(&chosen, out);
	for (enum migrate_step s = 0; s < MIGRATE_STEPS; s++)
		assert_int_equal(out[s], s == MIGRATE_REFUND || s == MIGRATE_ARCHIVE);
	refuses(choices_set(&chosen, "leaveOut", "archive keys"), "keys cannot be left out");
	refuses(choices_set(&chosen, "leaveOut", "everything"), "is no step");
	ok(choices_set(&chosen, "unit", "/etc/systemd/system/lp.service"));
	ok(choices_set(&chosen, "unit", "none"));
	refuses(choices_set(&chosen, "unit", "lp.service"), "a path from /");
	refuses(choices_set(&chosen, "unit", "/etc/passwd"), "ends in .service");
	choices_clear(&chosen);
}

static void test_help(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	migrate_help(&s);
	assert_non_null(strstr(s.s, "--rollback"));
	assert_non_null(strstr(s.s, "  refunder"));
	for (const char *p = s.s; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 80);
	str_truncate(&s, 0);
	migrate_man(&s);
	assert_non_null(strstr(s.s, ".B \\-\\-from\\-process PID\n"));
	assert_non_null(strstr(s.s, ".B tryOut\n"));
	str_clear(&s);
}

#define T(f) cmocka_unit_test_teardown(f, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_text), T(test_refusals), T(test_wish), T(test_args),
		T(test_typed_beats_file), T(test_help), T(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

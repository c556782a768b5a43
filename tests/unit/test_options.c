/* The table itself: that each default is a value of its row, that no name is
 * twice; and how values read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/model/options.h"

static void table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get(i);
		struct option_value v;
		struct err *e = option_parse(o, o->def, &v);

		if (e)
			fail_msg("%s", err_text(e));
		assert_ptr_equal(option_find(o->name), o);
		assert_int_equal(o->id, i);
		assert_true(o->roles != 0);
		assert_true(*o->prose);
		/* Its default is what weir does: never a refusal. */
		assert_null(option_refusal(o, o->def, false));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(o->name, option_get(j)->name);
	}
}

/* What a form shows beside a row. */
static void forms(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_string_equal(option_subject(option_get(0)), "Roles");
	assert_string_equal(option_subject(option_get(OPT_GATEWAY)), "Roles");
	assert_string_equal(option_subject(option_get(OPT_NETWORK)), "The node");
	assert_string_equal(option_subject(option_get(OPT_REWARD)), "Stake");
	for (size_t i = 1; i < OPT_COUNT; i++)
		if (option_get(i)->support == OPTION_UNSUPPORTED)
			assert_string_equal(option_subject(option_get(i)), "Not supported");
	assert_string_equal(option_choices(option_get(OPT_REWARD)), "true|false");
	assert_non_null(strstr(option_choices(option_get(OPT_X264_PRESET)), "|medium|"));
	assert_null(option_choices(option_get(OPT_NETWORK)));
	assert_non_null(option_fixed(option_get(OPT_DATADIR)));
	assert_null(option_fixed(option_get(OPT_MAX_SESSIONS)));
	option_bounds(option_get(OPT_MAX_SESSIONS), &s);
	assert_string_equal(s.s, "1 to 100000, or auto");
	str_clear(&s);
	option_bounds(option_get(OPT_TX_TIMEOUT), &s);
	assert_string_equal(s.s, "10000 ms to 86400000 ms");
	str_clear(&s);
	option_bounds(option_get(OPT_ORCHESTRATOR), &s);
	assert_string_equal(str_cstr(&s), "");
}

static int64_t duration(const char *text)
{
	int64_t ms;

	return parse_duration_ms(text, &ms) ? ms : -1;
}

static void durations(void **state)
{
	(void)state;
	assert_int_equal(duration("0"), 0);
	assert_int_equal(duration("0s"), 0);
	assert_int_equal(duration("500ms"), 500);
	assert_int_equal(duration("1m30s"), 90000);
	assert_int_equal(duration("1h2m3.5s"), 3723500);
	assert_int_equal(duration("0.1s"), 100);
	assert_int_equal(duration(".5s"), 500);
	assert_int_equal(duration("1500us"), 1);
	assert_int_equal(duration("1500µs"), 1);
	assert_int_equal(duration("25m0s"), 1500000);
	assert_int_equal(duration(""), -1);
	assert_int_equal(duration("5"), -1);
	assert_int_equal(duration("s"), -1);
	assert_int_equal(duration("."), -1);
	assert_int_equal(duration(".s"), -1);
	assert_int_equal(duration("1..2s"), -1);
	assert_int_equal(duration("1 s"), -1);
	assert_int_equal(duration("1d"), -1);
	assert_int_equal(duration("99999999999999h"), -1);
}

static void error_is(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void values(void **state)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
	static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
	const struct option *sw = option_get(OPT_ORCHESTRATOR);
	const struct option *max = option_get(OPT_MAX_SESSIONS);
	struct option_value v = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		assert_null(option_parse(sw, yes[i], &v));
		assert_true(v.b);
		assert_null(option_parse(sw, no[i], &v));
		assert_false(v.b);
	}
	error_is(option_parse(sw, "yes", &v), "invalid boolean value \"yes\" for "
		"-orchestrator: write true or false");
	assert_null(option_parse(max, "auto", &v));
	assert_int_equal(v.i, 0);
	assert_null(option_parse(max, "0x10", &v));
	assert_int_equal(v.i, 16);
	error_is(option_parse(max, "0", &v), "invalid value \"0\" for flag -maxSessions: "
		"allowed are 1 to 100000, or auto");
	error_is(option_parse(max, "ten", &v), "invalid value \"ten\" for flag "
		"-maxSessions: write a whole number, or auto");
	error_is(option_parse(max, " 5", &v), "invalid value \" 5\" for flag "
		"-maxSessions: write a whole number, or auto");
	error_is(option_parse(max, "5 ", &v), "invalid value \"5 \" for flag "
		"-maxSessions: write a whole number, or auto");
	error_is(option_parse(max, "99999999999999999999", &v), "invalid value "
		"\"99999999999999999999\" for flag -maxSessions: write a whole number, or auto");
	error_is(option_parse(option_get(OPT_DISCOVERY_TIMEOUT), "5m", &v), "invalid value "
		"\"5m\" for flag -discoveryTimeout: allowed are 1 ms to 60000 ms");
	error_is(option_parse(option_get(OPT_SERVICE_ADDR), "\xff", &v),
		"value of flag -serviceAddr is not valid UTF-8");
}

static void amounts(void **state)
{
	const struct option *ev = option_get(OPT_TICKET_EV);
	const struct option *price = option_get(OPT_PRICE_PER_UNIT);
	const struct option *addr = option_get(OPT_ETH_CONTROLLER);
	struct option_value v;

	(void)state;
	assert_null(option_parse(ev, "8000000000", &v));
	assert_int_equal(wei_cmp(v.wei, wei_from(8000000000)), 0);
	assert_null(option_parse(ev, "3e12", &v));
	assert_int_equal(wei_cmp(v.wei, wei_from_gwei(3000)), 0);
	assert_null(option_parse(ev, "20 gwei", &v));
	assert_int_equal(wei_cmp(v.wei, wei_from_gwei(20)), 0);
	error_is(option_parse(ev, "0.5", &v), "invalid value \"0.5\" for flag -ticketEV: "
		"write a whole number of wei, or an amount such as \"20 gwei\"");
	error_is(option_parse(ev, "-1", &v), "invalid value \"-1\" for flag -ticketEV: "
		"write a whole number of wei, or an amount such as \"20 gwei\"");
	assert_null(option_parse(price, "7/3", &v));
	assert_null(option_parse(price, "0.5", &v));
	error_is(option_parse(price, "0.50USD", &v), "invalid value \"0.50USD\" for flag "
		"-pricePerUnit: write a number such as 1200, 0.5 or 7/3; other "
		"currencies than wei are not known");
	assert_null(option_parse(addr, "", &v));
	assert_true(addr_is_zero(v.addr));
	assert_null(option_parse(addr, "0xf96d54e490317c557a967abfa5d6e33006be69b3", &v));
	assert_int_equal(v.addr.b[19], 0xb3);
	error_is(option_parse(addr, "0x12", &v), "invalid value \"0x12\" for flag "
		"-ethController: write an Ethereum address: 0x and 40 hexadecimal digits");
}

static void refusals(void **state)
{
	(void)state;
	assert_null(option_refusal(option_get(OPT_MONITOR), "F", false));
	assert_null(option_refusal(option_get(OPT_LIVE_OUT_TIMEOUT), "0", false));
	assert_null(option_refusal(option_get(OPT_SELECT_RAND), "0.30", false));
	assert_null(option_refusal(option_get(OPT_TICKET_EV), "8e9", false));
	assert_null(option_refusal(option_get(OPT_SERVICE_ADDR), "h:1", false));
	assert_null(option_refusal(option_get(OPT_ETH_URL), "http://h", true));
	error_is(option_refusal(option_get(OPT_ETH_URL), "http://h", false),
		"flag -ethUrl needs a chain: give -network, or leave it out offchain");
	error_is(option_refusal(option_get(OPT_NETINT), "all", true), "flag -netint is not "
		"supported: weir transcodes on the CPU and on NVIDIA GPUs (-nvidia)");
}

static void secrets_are_not_shown(void **state)
{
	const struct option *o = option_get(OPT_ORCH_SECRET);

	(void)state;
	assert_string_equal(option_shown(o, "hunter2"), "***");
	assert_string_equal(option_shown(o, ""), "");
	assert_string_equal(option_shown(option_get(OPT_SERVICE_ADDR), "x"), "x");
}

static void nearest(void **state)
{
	(void)state;
	assert_int_equal(option_nearest("orchaddr")->id, OPT_ORCH_ADDR);
	assert_int_equal(option_nearest("orchestator")->id, OPT_ORCHESTRATOR);
	assert_int_equal(option_nearest("maxSession")->id, OPT_MAX_SESSIONS);
	assert_null(option_nearest("frobnicate"));
	assert_null(option_nearest("x"));
	assert_null(option_nearest(""));
	assert_null(option_nearest("a-name-that-is-longer-than-any-flag-of-the-table"));
}

static void texts(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	option_env_name(&s, option_get(OPT_ORCH_SECRET));
	assert_string_equal(s.s, "LP_ORCHSECRET");
	str_clear(&s);
	options_help(&s, false);
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get(i);
		struct str row = STR_INIT;

		/* Each supported one appears once, in the group of its roles. */
		str_printf(&row, "\n  -%s", o->name);
		if (o->support != OPTION_UNSUPPORTED && !strstr(s.s, row.s))
			fail_msg("%s is not in the help", o->name);
		str_clear(&row);
	}
	assert_null(strstr(s.s, "-netint"));
	for (const char *p = s.s; *p; p = strchr(p, '\n') + 1)
		assert_true(strcspn(p, "\n") <= 80);
	str_clear(&s);
	options_help(&s, true);
	assert_non_null(strstr(s.s, "  -netint\n"));
	str_clear(&s);
	options_man(&s);
	assert_non_null(strstr(s.s, ".BI \\-orchSecret \" secret\"\n"));
	assert_non_null(strstr(s.s, ".BI \\-ethUrl \" URL,...\"\n"));
	assert_null(strstr(s.s, "netint"));
	str_clear(&s);
	options_names(&s);
	assert_non_null(strstr(s.s, "\n-serviceAddr\n"));
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(forms),
		cmocka_unit_test(durations),
		cmocka_unit_test(values),
		cmocka_unit_test(amounts),
		cmocka_unit_test(refusals),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(nearest),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

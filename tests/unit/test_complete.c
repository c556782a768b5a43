/* What the last word of a line can become. */
#include "ui/complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/scene.h"

static struct mirror m;

/* The line after Tab, or with several candidates these. */
static void becomes(const char *line, const char *want, const char *list)
{
	struct str s = STR_INIT;
	struct completion x;

	completion_find(&x, &m, line);
	str_printf(&s, "%s%s%s", line, str_cstr(&x.rest), x.ends ? " " : "");
	assert_string_equal(s.s, want);
	if (list)
		assert_string_equal(x.count > 1 ? str_cstr(&x.list) : str_cstr(&x.usage), list);
	completion_clear(&x);
	str_clear(&s);
}

static void commands_and_words(void **state)
{
	(void)state;
	becomes("set_l", "set_l", "set_log_level  set_ladder");
	becomes("set_lo", "set_log_level ", NULL);
	becomes("save-c", "save-csv ", NULL);
	becomes("nonsense ", "nonsense ", "");
	becomes("set_log_level b", "set_log_level broken ", NULL);
	becomes("set_max_sessions ", "set_max_sessions ",
		"set_max_sessions N: change how many sessions the orchestrator takes at once");
}

static void what_the_node_has(void **state)
{
	(void)state;
	becomes("drain_transcoder g", "drain_transcoder gpu0 ", NULL);
	becomes("end_session s", "end_session sess", "sess1  sess2");
	becomes("unset_price 0xa", "unset_price 0xaa ", NULL);
	becomes("set_price 5 ", "set_price 5 ", "0xaa  0xbb  broadcaster=");
	becomes("set_price 5 broadcaster=0xb", "set_price 5 broadcaster=0xbb ", NULL);
	becomes("bond 5 0xc", "bond 5 0xcc ", NULL);
	becomes("speed_up ", "speed_up 7 ", NULL); /* 8 can no longer be replaced */
	becomes("rebond ", "rebond ", "3  lock=  delegate=");
	becomes("rebond lo", "rebond lock=", NULL);
	becomes("rebond lock=", "rebond lock=3 ", NULL);
	becomes("set orch", "set orchAddr ", NULL);
	becomes("tickets format=c", "tickets format=csv ", NULL);
	becomes("tickets sender=0xa", "tickets sender=0xaa ", NULL);
}

static void presets_between_commas(void **state)
{
	(void)state;
	becomes("set_ladder P144", "set_ladder P144p30fps16x9", NULL);
	becomes("set_ladder P144p30fps16x9,P576p25", "set_ladder P144p30fps16x9,P576p25fps16x9",
		NULL);
	becomes("set_ladder x,P576", "set_ladder x,P576p", "P576p30fps16x9  P576p25fps16x9");
	becomes("calc ladder=P144", "calc ladder=P144p30fps16x9", NULL);
}

/* A name with a blank in it would come out as two words. */
static void odd_names_are_not_offered(void **state)
{
	(void)state;
	put(&m, SECTION_TRANSCODERS, "{\"rows\":[{\"id\":\"odd one\"},{\"id\":\"\"}]}");
	becomes("drain_transcoder o", "drain_transcoder o", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_and_words),
		cmocka_unit_test(what_the_node_has),
		cmocka_unit_test(presets_between_commas),
		cmocka_unit_test(odd_names_are_not_offered),
	};
	int rc;

	mirror_init(&m);
	put(&m, SECTION_TRANSCODERS, "{\"rows\":[{\"id\":\"cpu0\"},{\"id\":\"gpu0\"}]}");
	put(&m, SECTION_SESSIONS, "{\"rows\":[{\"id\":\"sess1\"},{\"id\":\"sess2\"}]}");
	put(&m, SECTION_PRICING, "{\"senders\":[{\"address\":\"0xaa\"},{\"address\":\"0xbb\"}]}");
	put(&m, SECTION_STAKING, "{\"locks\":[{\"id\":3}],\"pool\":[{\"address\":\"0xcc\"}]}");
	put(&m, SECTION_TXS, "{\"rows\":[{\"id\":7,\"can_replace\":true},{\"id\":8}]}");
	put(&m, SECTION_SETTINGS, "{\"rows\":[{\"name\":\"orchAddr\"},{\"name\":\"gpu\"}]}");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	mirror_clear(&m);
	return rc;
}

/* Changing a line of a config file leaves the others to their author. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/rewrite_law.h"
#include "tests/unit/outcome.h"

static void becomes(const char *before, enum option_id id, const char *value,
	const char *after)
{
	struct config_change change = {id, value};
	struct str out = STR_INIT;

	ok(config_rewrite(before, strlen(before), &change, 1, &out));
	assert_string_equal(str_cstr(&out), after);
	str_clear(&out);
}

static void lines(void **state)
{
	(void)state;
	becomes("# mine\n\n  maxSessions   7  # the cap\nv 4\n", OPT_MAX_SESSIONS, "20",
		"# mine\n\n  maxSessions   20  # the cap\nv 4\n");
	/* The last one holds. */
	becomes("v 1\nv 2\n", OPT_VERBOSITY, "3", "v 1\nv 3\n");
	becomes("--v 1", OPT_VERBOSITY, "3", "--v 3");
	becomes("broadcaster\r\nv 2\r\n", OPT_BROADCASTER, "false",
		"broadcaster false\r\nv 2\r\n");
	becomes("v 1\r\n", OPT_MAX_SESSIONS, "5", "v 1\r\nmaxSessions 5\r\n");
	becomes("", OPT_MAX_SESSIONS, "5", "maxSessions 5\n");
	becomes("v 1", OPT_MAX_SESSIONS, "5", "v 1\nmaxSessions 5\n");
	/* Where an operator would look for it. */
	becomes("# maxSessions 10\nv 1\n", OPT_MAX_SESSIONS, "5",
		"# maxSessions 10\nmaxSessions 5\nv 1\n");
	becomes("v 1\n #-maxSessions", OPT_MAX_SESSIONS, "5",
		"v 1\n #-maxSessions\nmaxSessions 5\n");
	/* Taken out, it is a comment; and can come back. */
	becomes("v 1\n  v 2 # two\nmaxSessions 3\n", OPT_VERBOSITY, NULL,
		"# v 1\n  # v 2 # two\nmaxSessions 3\n");
	becomes("# v 1\n  # v 2 # two\nmaxSessions 3\n", OPT_VERBOSITY, "4",
		"# v 1\n  # v 2 # two\nv 4\nmaxSessions 3\n");
	becomes("v 1\n", OPT_MAX_SESSIONS, NULL, "v 1\n");
	becomes("orchAddr a, b\n", OPT_ORCH_ADDR, "c, d", "orchAddr c, d\n");
	/* A name that another begins with. */
	becomes("orchAddrs x\n# orchAddress\n", OPT_ORCH_ADDR, "c",
		"orchAddrs x\n# orchAddress\norchAddr c\n");
}

static void values(void **state)
{
	static const char *const bad[] = {"", " a", "a ", "a\nb", "a #b", "\va"};
	struct str out = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct config_change change = {OPT_SERVICE_ADDR, bad[i]};

		refuses(config_rewrite("v 1\n", 4, &change, 1, &out), "cannot say");
		assert_int_equal(out.len, 0);
	}
}

static void several(void **state)
{
	struct config_change change[] = {
		{OPT_VERBOSITY, "5"}, {OPT_BROADCASTER, NULL}, {OPT_ORCH_SECRET, "/run/s"}};
	const char *before = "v 1\nbroadcaster\n# the end\n";
	struct str out = STR_INIT, diff = STR_INIT;

	(void)state;
	ok(config_rewrite(before, strlen(before), change, 3, &out));
	assert_string_equal(out.s, "v 5\n# broadcaster\n# the end\norchSecret /run/s\n");
	config_diff(before, out.s, &diff);
	assert_string_equal(diff.s, "-v 1\n+v 5\n-broadcaster\n+# broadcaster\n"
		"+orchSecret ***\n");
	str_truncate(&diff, 0);
	config_diff(before, before, &diff);
	assert_int_equal(diff.len, 0);
	str_clear(&out);
	str_clear(&diff);
}

/* --- any file --- */

static uint64_t seed = 1;
static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static void add_random_line(struct str *out)
{
	static const char *const some[] = {"v 3", "maxSessions 7", "# maxSessions 9", "",
		"-v 4 # four", "\t v\t5", "broadcaster", "--broadcaster false ", "#", "# v",
		"orchAddr a,b #c", "orchAddr x y", "serviceAddr #h", " # v 6 # 7",
		"transcodingOptions P1#2 # P3", "v 8\r", "orchSecret s"};

	str_add(out, some[dice(ARRAY_SIZE(some))]);
	str_add(out, dice(9) ? "\n" : "\r\n");
}

static void any_file(void **state)
{
	static const struct {
		enum option_id id;
		const char *value;
	} edits[] = {{OPT_VERBOSITY, "9"}, {OPT_VERBOSITY, NULL}, {OPT_MAX_SESSIONS, "auto"},
		{OPT_MAX_SESSIONS, NULL}, {OPT_BROADCASTER, "true"}, {OPT_BROADCASTER, NULL},
		{OPT_ORCH_ADDR, "h:1, i:2"}, {OPT_SERVICE_ADDR, "#x"}, {OPT_SERVICE_ADDR, NULL},
		{OPT_TRANSCODING_OPTIONS, "a#b"}, {OPT_ORCH_SECRET, "t # u"}};
	unsigned held = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t i = dice(ARRAY_SIZE(edits));
		struct str text = STR_INIT;

		for (unsigned n = dice(8); n; n--)
			add_random_line(&text);
		if (text.len && !dice(3))
			str_truncate(&text, text.len - 1); /* an unfinished last line */
		held += law_holds(str_cstr(&text), text.len, edits[i].id, edits[i].value);
		str_clear(&text);
	}
	assert_in_range(held, 10000, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(values),
		cmocka_unit_test(several),
		cmocka_unit_test(any_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

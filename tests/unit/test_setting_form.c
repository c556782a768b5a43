/* The room of settings and its forms: what is drawn from a fixed mirror, and what
 * command a filled-in form is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/scene.h"
#include "ui/setting_form.h"

static void put_settings(struct mirror *m)
{
	put(m, SECTION_NODE, "{\"version\":\"0.1.0\",\"network\":\"offchain\",\"state\":"
		"\"running\",\"now_ms\":1790000000000,\"max_sessions\":20}");
	put(m, SECTION_SETTINGS, "{\"file\":\"/etc/weir.conf\",\"diff\":\"-maxSessions 7 # cap\\n"
		"+maxSessions 20 # cap\\n-x264Preset fast\\n+x264Preset slow\\n\",\"rows\":["
		"{\"name\":\"broadcaster\",\"subject\":\"Roles\",\"value\":\"true\","
		"\"origin\":\"flag\",\"next\":\"true\",\"def\":\"false\","
		"\"pinned\":true,\"drift\":true},"
		"{\"name\":\"datadir\",\"subject\":\"The node\",\"value\":\"/srv/weir\",\"origin\":"
		"\"file\",\"file\":\"/srv/weir\",\"in_file\":true,\"next\":\"/srv/weir\",\"fixed\":"
		"\"what is set here is kept in it\"},"
		"{\"name\":\"maxSessions\",\"subject\":\"The node\",\"value\":\"20\",\"origin\":"
		"\"live\",\"file\":\"7\",\"in_file\":true,\"next\":\"20\",\"def\":\"10\",\"live\":"
		"true,\"drift\":true},"
		"{\"name\":\"v\",\"subject\":\"The node\",\"value\":\"3\",\"origin\":\"default\","
		"\"next\":\"3\",\"def\":\"3\",\"live\":true},"
		"{\"name\":\"orchSecret\",\"subject\":\"Orchestrator and transcoder\",\"value\":"
		"\"set\",\"origin\":\"environment\",\"next\":\"set\",\"def\":\"not set\","
		"\"secret\":true,\"pinned\":true,\"drift\":true},"
		"{\"name\":\"x264Preset\",\"subject\":\"Orchestrator and transcoder\",\"value\":"
		"\"fast\",\"origin\":\"file\",\"file\":\"fast\",\"in_file\":true,\"next\":\"slow\","
		"\"def\":\"medium\",\"waits\":true,\"drift\":true},"
		"{\"name\":\"orchAddr\",\"subject\":\"Orchestrator and transcoder\",\"value\":"
		"\"\",\"origin\":\"default\",\"next\":\"\"},"
		"{\"name\":\"ethUrl\",\"subject\":\"The chain, and gas\",\"value\":"
		"\"https://rpc.example/...\",\"origin\":\"file\","
		"\"file\":\"https://rpc.example/...\","
		"\"in_file\":true,\"next\":\"https://rpc.example/...\",\"secret\":true},"
		"{\"name\":\"fromTheFuture\",\"subject\":\"Stake\",\"value\":\"\\u001b[2J\","
		"\"origin\":\"default\"}]}");
}

static void begin(struct scene *s, int w, int h, enum glyphs glyphs)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put_settings(&s->m);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static void golden(void **state)
{
	static const struct {
		const char *name, *keys;
	} screens[] = {
		{ "settings", "O j j" }, { "settings-drift", "O d j j" },
		{ "settings-number", "O j j Enter" }, { "settings-choice", "O d j j j Enter PgDn" },
		{ "settings-save", "O S" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size = &scene_sizes[i];

		for (size_t k = 0; k < ARRAY_SIZE(screens); k++) {
			struct scene s;
			struct wish w;

			begin(&s, size->w, size->h, size->glyphs);
			w = type(&s, screens[k].keys);
			assert_int_equal(w.kind, WISH_NONE);
			compare_room(&s, screens[k].name, size);
			end(&s);
		}
	}
}

/* The line of what the keys ask for once it is confirmed; "" nothing. */
static void sends(const char *keys, const char *line)
{
	struct scene s;
	struct wish w;

	begin(&s, 80, 24, GLYPHS_ASCII);
	w = type(&s, keys);
	if (strcmp(view_text(w.text), line) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", keys, view_text(w.text), line);
	wish_clear(&w);
	end(&s);
}

static void commands(void **state)
{
	(void)state;
	sends("O j j Enter ^U 2 5 Enter Enter", "set maxSessions 25");
	sends("O j j Enter ^U a u t o Enter Enter", "set maxSessions auto");
	sends("O j j Enter ^U Enter Enter", "unset maxSessions");
	sends("O j j u Enter", "unset maxSessions");
	sends("O d j j j Enter PgDn Enter Enter", "set x264Preset slower");
	/* Of a value that is not shown whole, nothing is offered to begin with. */
	sends("O j j j j j j j Enter h t t p Enter Enter", "set ethUrl http");
	sends("O S Enter Enter", "save_config");
	sends("O r Enter", "stop_role broadcaster");
	sends("O j r Enter", "");
	/* Nothing: out of bounds, unchanged, pinned, fixed, unknown. */
	sends("O j j Enter ^U 0 Enter Enter", "");
	sends("O j j Enter Enter Enter", "");
	sends("O Enter 1 Enter", "");
	sends("O j Enter 1 Enter", "");
	sends("O G Enter 1 Enter", "");
	/* Esc goes back, a step at a time, and quits nothing. */
	sends("O j j Enter ^U 2 Esc Esc Esc Esc", "");
}

static void says_why_not(void **state)
{
	struct scene s;
	struct str text = STR_INIT;
	struct wish w;

	(void)state;
	begin(&s, 120, 40, GLYPHS_ASCII);
	w = type(&s, "O Enter");
	canvas_dump(&s.c, &text);
	assert_non_null(strstr(text.s, "-broadcaster is pinned by the node's command line"));
	str_truncate(&text, 0);
	w = type(&s, "j Enter");
	canvas_dump(&s.c, &text);
	assert_non_null(strstr(text.s, "-datadir cannot be set here: what is set here is kept"));
	str_truncate(&text, 0);
	w = type(&s, "j Enter ^U 0 Tab");
	canvas_dump(&s.c, &text);
	assert_non_null(strstr(text.s, "allowed are 1 to 100000, or auto"));
	assert_int_equal(w.kind, WISH_NONE);
	str_clear(&text);
	end(&s);
}

/* Without a node, or with one that knows other flags. */
static void empty(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	s = (struct scene){.typed = STR_INIT};
	mirror_init(&s.m);
	s.desk = desk_new(&s.m);
	canvas_init(&s.c, 60, 16, GLYPHS_ASCII);
	w = type(&s, "O Enter j u d G s > Esc S Esc");
	assert_int_equal(w.kind, WISH_NONE);
	/* Where no file was read, a new one has to be named. */
	w = type(&s, "S Enter x Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, "^U / x Enter Enter");
	assert_string_equal(w.text, "save_config /x");
	wish_clear(&w);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(commands),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

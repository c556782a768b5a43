/* The list of alarms in the console: its screens, what it asks the node for, and
 * when it rings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>

#include "tests/unit/scene.h"
#include "ui/panels/alarms.h"

#define ALARM_JSON(id, level, state, seen, text, remedy, ago, more) \
	"{\"id\":\"" id "\",\"level\":\"" level "\",\"state\":\"" state "\",\"seen\":" seen \
	",\"title\":\"title of " id "\",\"text\":\"" text "\",\"remedy\":\"" remedy "\"," \
	"\"since_ms\":" ago ",\"first_ms\":1789900000000" more "}"

static void put_alarms(struct mirror *m, const char *alarms, const char *past, long long rang)
{
	struct str j = STR_INIT;

	str_printf(&j, "{\"version\":\"0.1.0\",\"network\":\"offchain\",\"state\":\"running\","
		"\"started_ms\":%lld,\"now_ms\":%lld,\"max_sessions\":8,\"sessions\":3,"
		"\"roles\":[{\"name\":\"orchestrator\",\"state\":\"running\"}],"
		"\"alarms\":[%s],\"past_alarms\":[%s],\"rang_ms\":%lld}", NOW - 86400000, NOW,
		alarms, past, rang);
	put(m, SECTION_NODE, j.s);
	str_clear(&j);
}

static const char some[] =
	ALARM_JSON("chain-late", "broken", "on", "false", "no new block for 75 s: look at "
		"-ethUrl; streams go on", "look at -ethUrl, or give a second one; streams go on "
		"meanwhile", "1789999925000", ",\"count\":3") ","
	ALARM_JSON("transcoder-gone:10.0.0.2", "unusual", "over", "false", "the transcoder at "
		"10.0.0.2 is gone for 45 s", "look at its machine and its log", "1789999000000",
		",\"over_ms\":1789999500000,\"count\":1") ","
	ALARM_JSON("slow:gpu0", "unusual", "on", "true", "gpu0 took longer than the video lasts "
		"for 3 of its last 40 segments \\u001b[31m", "fewer sessions", "1789990000000",
		",\"seen_ms\":1789999990000,\"count\":12");
static const char past[] =
	ALARM_JSON("paused", "broken", "over", "true", "the protocol is paused: nothing can be "
		"sent", "wait", "1789950000000",
		",\"over_ms\":1789960000000,\"seen_ms\":1789970000000,\"count\":2");

static void begin(struct scene *s, int w, int h, enum glyphs glyphs)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put_alarms(&s->m, some, past, NOW - 75000);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static void test_screens(void **state)
{
	static const struct scene_size small = {60, 16, GLYPHS_ASCII, "60x16-ascii"};
	static const struct {
		const char *name, *keys;
	} screens[] = {{"overview-alarms", ""}, {"alarms", "a"}, {"alarms-past", "a G"}};

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size =
			i < ARRAY_SIZE(scene_sizes) ? &scene_sizes[i] : &small;

		for (size_t k = 0; k < ARRAY_SIZE(screens); k++) {
			struct scene s;

			begin(&s, size->w, size->h, size->glyphs);
			assert_int_equal(type(&s, screens[k].keys).kind, WISH_NONE);
			compare_room(&s, screens[k].name, size);
			end(&s);
		}
	}
}

static void put_draining(struct mirror *m, const char *then, int left)
{
	struct str j = STR_INIT;

	str_printf(&j, "{\"version\":\"0.1.0\",\"network\":\"offchain\",\"state\":\"draining\","
		"\"started_ms\":%lld,\"now_ms\":%lld,\"max_sessions\":8,\"sessions\":%d,"
		"\"drain_then\":\"%s\",\"drain_since_ms\":%lld,\"drain_left\":%d,"
		"\"roles\":[{\"name\":\"orchestrator\",\"state\":\"draining\"}]}",
		NOW - 86400000, NOW, left, then, NOW - 65000, left);
	put(m, SECTION_NODE, j.s);
	str_truncate(&j, 0);
	str_add(&j, "{\"rows\":[");
	for (int i = 0; i < left; i++)
		str_printf(&j, "%s{\"id\":\"s%d\",\"role\":\"O\",\"manifest\":\"stream-%03d "
			"\\u001b[2J\",\"started_ms\":%lld,\"last_ms\":%lld}", i ? "," : "", i, i,
			NOW - 100000 * (i + 1), NOW - 2000 * (i + 1));
	str_add(&j, "]}");
	put(m, SECTION_SESSIONS, j.s);
	str_clear(&j);
}

static void test_draining(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct scene_size *size = &scene_sizes[i];
		struct scene s;
		struct wish w;

		begin(&s, size->w, size->h, size->glyphs);
		put_draining(&s.m, "restart", 7);
		desk_draw(s.desk, &s.c);
		compare_room(&s, "draining", size);
		put_draining(&s.m, "stay", 0);
		desk_draw(s.desk, &s.c);
		compare_room(&s, "drained", size);
		type(&s, "D");
		compare_room(&s, "drain-then", size);
		type(&s, "Esc");
		w = type(&s, "d Enter");
		assert_int_equal(w.kind, WISH_COMMAND);
		assert_string_equal(w.text, "drain");
		wish_clear(&w);
		w = type(&s, "r Enter");
		assert_string_equal(w.text, "resume");
		wish_clear(&w);
		end(&s);
	}
}

static void asks_for(struct scene *s, const char *keys, const char *line)
{
	struct wish w = type(s, keys);

	assert_int_equal(w.kind, WISH_COMMAND);
	assert_string_equal(w.text, line);
	wish_clear(&w);
}

static void test_acknowledging(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	asks_for(&s, "A", "ack");
	asks_for(&s, "Enter a", "ack chain-late");
	asks_for(&s, "j a", "ack transcoder-gone:10.0.0.2");
	/* It was seen; the message line says so. */
	assert_int_equal(type(&s, "j a").kind, WISH_NONE);
	asks_for(&s, "A", "ack");
	/* The selection stays with its alarm when another comes. */
	type(&s, "g");
	put_alarms(&s.m, ALARM_JSON("eth", "unusual", "on", "false", "x", "y", "1789999999000",
		",\"count\":1"), past, NOW - 1000);
	desk_draw(s.desk, &s.c);
	asks_for(&s, "g a", "ack eth");
	/* The filter is the list's, and Esc leads back. */
	asks_for(&s, "/ p a u s Enter A", "ack");
	type(&s, "\\ Esc");
	assert_int_equal(type(&s, "Esc").kind, WISH_NONE);
	asks_for(&s, "A", "ack");
	end(&s);
}

static void test_read_only(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	s.m.readonly = true;
	w = type(&s, "A");
	assert_int_equal(w.kind, WISH_NONE);
	end(&s);
}

static void test_the_bell(void **state)
{
	struct mirror m;

	(void)state;
	mirror_init(&m);
	assert_false(mirror_rings(&m)); /* nothing was heard of the node yet */
	put_alarms(&m, some, past, NOW - 75000);
	assert_false(mirror_rings(&m)); /* what was there is on the screen */
	put_alarms(&m, some, past, NOW - 75000);
	assert_false(mirror_rings(&m));
	put_alarms(&m, some, past, NOW - 10);
	assert_true(mirror_rings(&m)); /* however many, and however late */
	assert_false(mirror_rings(&m));
	put_alarms(&m, "", past, 0); /* all seen */
	assert_false(mirror_rings(&m));
	put_alarms(&m, some, past, NOW - 10); /* a lost connection, and the same again */
	assert_false(mirror_rings(&m));
	put_alarms(&m, some, past, NOW);
	assert_true(mirror_rings(&m));
	mirror_clear(&m);
	mirror_init(&m);
	put_alarms(&m, "", "", 0);
	assert_false(mirror_rings(&m));
	put_alarms(&m, some, "", NOW);
	assert_true(mirror_rings(&m)); /* the first of this console's time */
	mirror_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens),
		cmocka_unit_test(test_draining),
		cmocka_unit_test(test_acknowledging),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_the_bell),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The room of the migration from the alpha, drawn from a fixed mirror: steps,
 * and the archive with what nobody should believe. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/scene.h"
#include "ui/panel.h"

static void put_migration(struct mirror *m)
{
	put(m, SECTION_NODE, "{\"version\":\"0.1.0\",\"network\":\"mainnet\","
		"\"state\":\"running\",\"now_ms\":1790000000000,\"max_sessions\":8}");
	put(m, SECTION_MIGRATION, "{\"id\":\"1f2e3d4c5b6a\",\"state\":\"done\","
		"\"from\":\"/home/o/.lpData\",\"to\":\"/home/o/weir\","
		"\"backup\":\"/home/o/.local/state/weir/migration/1f2e3d4c5b6a.backup\","
		"\"generation\":\"0.3.0 to 0.3.3\",\"jobs\":3,\"receipts\":9,\"claims\":1,"
		"\"steps\":[{\"number\":1,\"name\":\"backup\","
		"\"title\":\"back up the old data directory\","
		"\"state\":\"done\",\"why\":\"the old directory stays as it is\","
		"\"counter\":\"nothing\",\"reversible\":true,\"detail\":\"/backup\"},"
		"{\"number\":2,\"name\":\"activate\","
		"\"title\":\"join the new pool of orchestrators\","
		"\"state\":\"running\",\"chain\":true,\"cost\":\"0.0002 ETH\","
		"\"why\":\"stake stayed where it was, but the pool started empty\","
		"\"counter\":\"`weir unbond` of all stake\",\"tx\":\"0x12ab\","
		"\"detail\":\"become an orchestrator; reward cut 10 %\"},"
		"{\"number\":3,\"name\":\"verify\",\"title\":\"look whether all of it is so\","
		"\"state\":\"todo\",\"reversible\":true}],"
		"\"history\":[{\"id\":1,\"kind\":\"job\",\"job\":\"17\",\"at\":"
		"\"2019-05-01 10:00:00\",\"what\":\"stream s17\",\"who\":\"0xbb01\"},"
		"{\"id\":2,\"kind\":\"receipt\",\"job\":\"17\",\"at\":\"2019-05-01 10:00:04\","
		"\"what\":\"segment 0\",\"state\":\"never claimed\"},{\"id\":3,\"kind\":"
		"\"claim\",\"job\":\"16 \\u001b[2J\",\"state\":\"Complete\",\"doubts\":"
		"\"claimRoot\"}]}");
}

static void begin(struct scene *s, int w, int h, enum glyphs glyphs)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put_migration(&s->m);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static void screens(void **state)
{
	static const struct {
		const char *name, *keys;
	} rooms[] = {{ "migration", "M j" }, { "migration-history", "M v j" }};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size = &scene_sizes[i];

		for (size_t k = 0; k < ARRAY_SIZE(rooms); k++) {
			struct scene s;
			struct wish w;

			begin(&s, size->w, size->h, size->glyphs);
			w = type(&s, rooms[k].keys);
			assert_int_equal(w.kind, WISH_NONE);
			compare_room(&s, rooms[k].name, size);
			end(&s);
		}
	}
}

/* Without a migration the room is not in the row, and says what it is for. */
static void without_one(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	s = (struct scene){.typed = STR_INIT};
	mirror_init(&s.m);
	s.m.link = LINK_UP;
	s.desk = desk_new(&s.m);
	for (int h = 1; h < 40; h += 3) {
		canvas_init(&s.c, h * 3, h, GLYPHS_UNICODE);
		desk_draw(s.desk, &s.c);
		w = type(&s, "M v j k v G g");
		assert_int_equal(w.kind, WISH_NONE);
		canvas_clear(&s.c);
	}
	canvas_init(&s.c, 80, 24, GLYPHS_UNICODE);
	desk_draw(s.desk, &s.c);
	compare(&s, "migration-none-80x24");
	end(&s);
}

/* --- driven from here --- */

static void put_wizard(struct mirror *m, const char *state, const char *rest)
{
	struct str json = STR_INIT;

	str_printf(&json, "{\"state\":\"%s\",\"order\":\"start\",\"from\":\"/home/o/.lpData\","
		"\"to\":\"/home/o/weir/mainnet\",\"now\":\"the end of round 1611 is locked; "
		"waiting another 37 blocks\",\"places\":\"/home/o/.lpData|/srv/lp\","
		"\"records\":[{\"id\":\"1f2e3d4c5b6a\",\"state\":\"under way\",\"from\":"
		"\"/home/o/.lpData\",\"to\":\"/home/o/weir/mainnet\",\"at_ms\":1789999970000},"
		"{\"id\":\"00aa\",\"state\":\"undone\",\"from\":\"/srv/lp\",\"to\":"
		"\"/srv/weir\",\"at_ms\":1789999000000}],\"said\":[{\"number\":1,\"text\":"
		"\"ok   generation: 0.3.0 to 0.3.3\"},{\"number\":2,\"text\":\"\\u001b[2J\"}],"
		"\"report\":[{\"account\":\"0xaa01\",\"cost\":\"0.0004 ETH\",\"remarks\":["
		"{\"level\":\"ok\",\"name\":\"generation\",\"text\":\"0.3.0 to 0.3.3\"},"
		"{\"level\":\"warn\",\"name\":\"flags\",\"text\":\"Without a flag the alpha was "
		"on mainnet; now that is offchain.\"}],\"steps\":[{\"number\":1,\"name\":"
		"\"backup\",\"title\":\"back up the old data directory\",\"state\":\"done\","
		"\"why\":\"all of it is copied\",\"counter\":\"nothing\",\"reversible\":true},"
		"{\"number\":2,\"name\":\"archive\",\"title\":\"archive jobs\",\"state\":"
		"\"todo\",\"why\":\"what they were can be looked up\",\"optional\":true,"
		"\"reversible\":true,\"counter\":\"--rollback\"},{\"number\":3,\"name\":"
		"\"activate\",\"title\":\"join the new pool of orchestrators\",\"state\":"
		"\"todo\",\"chain\":true,\"optional\":true,\"cost\":\"0.0004 ETH\","
		"\"value\":\"1 ETH\",\"why\":\"the pool started empty\",\"counter\":"
		"\"`weir unbond`\"}]}]%s}", state, rest);
	put(m, SECTION_WIZARD, json.s);
	str_clear(&json);
}

#define PLAN ",\"question\":7,\"kind\":\"plan\",\"name\":\"plan\",\"word\":\"yes\"," \
	"\"ask\":\"Do all of this? Type yes to go on\""
#define SEND ",\"question\":8,\"kind\":\"word\",\"name\":\"activate\",\"word\":\"aa01\"," \
	"\"ask\":\"Send it? Type aa01 to go on\",\"about\":\"become an orchestrator\\n" \
	"  reward cut 10 %, fee share 50 %\\n  gas at most 0.0004 ETH\""
#define SECRET ",\"question\":3,\"kind\":\"secret\",\"name\":\"password\"," \
	"\"ask\":\"Passphrase of 0xaa01\""
#define LINE ",\"question\":4,\"kind\":\"line\",\"name\":\"network\",\"otherwise\":" \
	"\"mainnet\",\"ask\":\"Network (mainnet, arbitrum-one-mainnet, offchain, or a name of " \
	"your own) [mainnet]\""

static void begin_driven(struct scene *s, int w, int h, enum glyphs glyphs, const char *state,
	const char *rest)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put(&s->m, SECTION_NODE, "{\"version\":\"0.1.0\",\"network\":\"offchain\","
		"\"state\":\"running\",\"now_ms\":1790000000000,\"max_sessions\":8}");
	put_wizard(&s->m, state, rest);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static void driven_screens(void **state)
{
	static const struct {
		const char *name, *keys, *state, *rest;
	} rooms[] = {
		{ "wizard-plan", "M j", "asks", PLAN },
		{ "wizard-runs", "M j j", "running", "" },
		{ "wizard-checks", "M v", "running", "" },
		{ "wizard-said", "M v v", "running", "" },
		{ "wizard-records", "M", "", "" },
		{ "wizard-send", "M Enter a a", "asks", SEND },
		{ "wizard-secret", "M Enter p w", "asks", SECRET },
		{ "wizard-line", "M Enter", "asks", LINE },
		{ "wizard-start", "M S", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct scene_size *size = &scene_sizes[i];

		for (size_t k = 0; k < ARRAY_SIZE(rooms); k++) {
			struct scene s;
			struct wish w;

			begin_driven(&s, size->w, size->h, size->glyphs, rooms[k].state,
				rooms[k].rest);
			w = type(&s, rooms[k].keys);
			assert_int_equal(w.kind, WISH_NONE);
			compare_room(&s, rooms[k].name, size);
			end(&s);
		}
	}
}

static void expect_line(const char *state, const char *rest, const char *keys,
	const char *line)
{
	struct scene s;
	struct wish w;

	begin_driven(&s, 80, 24, GLYPHS_ASCII, state, rest);
	w = type(&s, keys);
	if (line) {
		assert_int_equal(w.kind, WISH_COMMAND);
		assert_string_equal(w.text, line);
	} else {
		assert_int_equal(w.kind, WISH_NONE);
	}
	wish_clear(&w);
	end(&s);
}

static void answers(void **state)
{
	(void)state;
	expect_line("asks", PLAN, "M Enter y e s Enter",
		"migration_answer question=7 text=yes");
	/* Ticks: what others need stays, what is ticked again, too. */
	expect_line("asks", PLAN, "M Space j Space j Space k Space k j j Enter y e s Enter",
		"migration_answer question=7 text=\"yes -activate\"");
	/* Nothing goes before the word is there. */
	expect_line("asks", PLAN, "M Enter n o Enter", NULL);
	expect_line("asks", SEND, "M Enter y e s Enter", NULL);
	expect_line("asks", SEND, "M Enter A A 0 1 Enter",
		"migration_answer question=8 text=AA01");
	expect_line("asks", LINE, "M Enter Enter",
		"migration_answer question=4 text=mainnet");
	expect_line("asks", LINE, "M Enter ^U Enter", "migration_answer question=4");
	expect_line("running", "", "M Enter", NULL);
	expect_line("running", "", "M S", NULL);
	expect_line("", "", "M r Enter", "migration_resume id=1f2e3d4c5b6a");
	expect_line("", "", "M j b", "migration_rollback id=00aa");
	expect_line("running", "", "M e Enter", "migration_halt");
	expect_line("", "", "M S Enter",
		"migration_start from=/home/o/.lpData to=/home/o/weir/mainnet");
}

/* It is neither shown nor in any command, and a read-only console has none. */
static void a_password(void **state)
{
	struct str screen = STR_INIT;
	struct scene s;
	struct wish w;

	(void)state;
	begin_driven(&s, 80, 24, GLYPHS_ASCII, "asks", SECRET);
	w = type(&s, "M Enter z q z ? Backspace");
	assert_int_equal(w.kind, WISH_NONE);
	canvas_dump(&s.c, &screen);
	assert_null(strstr(screen.s, "zqz"));
	w = type(&s, "q Enter");
	assert_int_equal(w.kind, WISH_SECRET);
	assert_int_equal(w.number, 3);
	assert_string_equal(w.text, "zqzq");
	wish_clear(&w);
	s.m.readonly = true;
	w = type(&s, "Enter z Enter");
	assert_int_equal(w.kind, WISH_NONE);
	str_clear(&screen);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens),
		cmocka_unit_test(without_one),
		cmocka_unit_test(driven_screens),
		cmocka_unit_test(answers),
		cmocka_unit_test(a_password),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

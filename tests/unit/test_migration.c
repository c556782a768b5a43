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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens),
		cmocka_unit_test(without_one),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

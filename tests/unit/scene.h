#ifndef TESTS_UNIT_SCENE_H
#define TESTS_UNIT_SCENE_H
/* A desk over a mirror that the test fills, keys typed by name, and what the
 * canvas then shows beside tests/tui/golden/NAME.txt; for rooms, NAME.look has
 * the style of every cell beside it (tests/unit/looks.h). After a change that is
 * meant, `make golden` writes those anew; read the diff. Included after cmocka.
 *
 * With SCENES=DIR each scene is also written to DIR/NAME.scene, as the frames
 * that a node sends: tests/tui/test_golden.py shows them to a real console. First
 * its size and the keys, then the screen before the keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/trend_codec.h"
#include "proto/view_codec.h"
#include "src/model/trend.h"
#include "tests/unit/looks.h"
#include "ui/desk.h"
#include "ui/keys.h"

#define NOW 1790000000000LL

__attribute__((unused)) static void put(struct mirror *m, enum section s, const char *json)
{
	struct ctl_view v = {s, 1, json, strlen(json)};
	struct err *e;
	bool more;

	mirror_put_view(m, &v);
	do
		e = mirror_settle(m, &more);
	while (!e && more);
	if (e)
		fail_msg("%s: %s", section_name(s), err_text(e));
}

/* A day of five hours' work, with a pause in it and half an hour that nobody
 * watched; the last slot ends at NOW. */
static inline void put_trend(struct mirror *m)
{
	for (int64_t i = 0; i < 1800; i++) {
		struct sample s = {.slot = NOW / TREND_FINE_MS - 1800 + i,
			.observed_ms = 10000, .cpu_ms = 7000 + i % 60 * 300,
			.session_ms = (i / 200 % 5) * 10000};

		if (i % 700 >= 150 && i % 700 < 330) /* not running */
			continue;
		if (i / 40 % 4) {
			s.segments = 4 + i / 30 % 7;
			s.failed = i % 97 == 0;
			s.pixels = s.segments * 8000000;
			s.media_ms = s.segments * 2000;
			s.busy_ms = s.media_ms * (3 + i / 50 % 7) / 10;
			s.earned = wei_from_gwei((uint64_t)(s.segments * 900));
			s.spent = wei_from_gwei((uint64_t)(s.segments * 40));
		}
		if (i % 311 == 0)
			s.redeemed = wei_from_gwei(70000000);
		if (i % 311 == 0 || i % 900 == 0)
			s.gas = wei_from_gwei(600000);
		trend_add(&m->trend, &s);
	}
}

struct scene {
	struct mirror m;
	struct desk *desk;
	struct canvas c;
	struct str typed; /* all the keys so far */
};

/* What every room is drawn at. */
struct scene_size {
	int w, h;
	enum glyphs glyphs;
	const char *name;
};
static const struct scene_size scene_sizes[] __attribute__((unused)) = {
	{80, 24, GLYPHS_UNICODE, "80x24"}, {80, 24, GLYPHS_ASCII, "80x24-ascii"},
	{120, 40, GLYPHS_UNICODE, "120x40"}, {120, 40, GLYPHS_ASCII, "120x40-ascii"},
	{200, 60, GLYPHS_UNICODE, "200x60"}, {200, 60, GLYPHS_ASCII, "200x60-ascii"},
};

__attribute__((unused)) static void end(struct scene *s)
{
	desk_free(s->desk);
	canvas_clear(&s->c);
	mirror_clear(&s->m);
	str_clear(&s->typed);
}

/* Names of keys separated by blanks; the last wish that was not NONE. */
__attribute__((unused)) static struct wish type(struct scene *s, const char *keys)
{
	struct wish last = {0};
	char *copy = xstrdup(keys), *at = copy, *word;

	str_printf(&s->typed, "%s ", keys);
	while ((word = strsep(&at, " "))) {
		int key = key_by_name(word);
		struct wish w;

		if (!*word)
			continue;
		assert_int_not_equal(key, K_NONE);
		w = desk_key(s->desk, key);
		if (w.kind != WISH_NONE) {
			wish_clear(&last);
			last = w;
		} else {
			wish_clear(&w);
		}
		desk_draw(s->desk, &s->c);
	}
	free(copy);
	return last;
}

static inline void scene_log(const struct mirror *m, struct str *out)
{
	struct ctl_log_writer w;

	ctl_log_begin(&w, out, 0);
	for (size_t i = 0; i < m->log.n; i++) {
		const struct backlog_record *b = backlog_get(&m->log, i);
		struct journal_record r = {b->seq, b->at_ms, b->level, b->name, b->text};

		ctl_log_add(&w, &r);
	}
	ctl_log_end(&w);
}

/* The mirror as the frames that fill one. */
static inline void scene_frames(const struct mirror *m, struct str *out)
{
	const void *const views[SECTION_COUNT] = {
		[SECTION_NODE] = &m->node, [SECTION_STREAMS] = &m->streams,
		[SECTION_SESSIONS] = &m->sessions, [SECTION_TRANSCODERS] = &m->transcoders,
		[SECTION_ORCHESTRATORS] = &m->orchestrators, [SECTION_CHAIN] = &m->chain,
		[SECTION_STAKING] = &m->staking, [SECTION_PRICING] = &m->pricing,
		[SECTION_FUNDS] = &m->funds, [SECTION_TICKETS] = &m->tickets,
		[SECTION_TXS] = &m->txs, [SECTION_DOCTOR] = &m->doctor,
		[SECTION_SETTINGS] = &m->settings, [SECTION_DEVICES] = &m->devices,
		[SECTION_MIGRATION] = &m->migration, [SECTION_WIZARD] = &m->wizard,
	};
	struct str rows = STR_INIT;
	size_t frame;

	for (enum section i = 0; i < SECTION_COUNT; i++)
		assert_non_null(views[i]);
	for (enum section i = 0; i < SECTION_COUNT; i++)
		ctl_write_view(out, i, m->published[i], m->published[i] ? views[i] : NULL);
	scene_log(m, out);
	trend_write(&rows, &m->trend, -1);
	frame = ctl_frame_begin(out, CTL_TREND);
	str_addn(out, rows.s, rows.len);
	ctl_frame_end(out, frame);
	str_clear(&rows);
}

static inline void scene_keep(struct scene *s, const char *dir, const char *name)
{
	struct desk *fresh = desk_new(&s->m);
	struct str out = STR_INIT;
	struct canvas c;
	char path[256];
	FILE *f;

	str_printf(&out, "%d %d %s\n", s->c.w, s->c.h, str_cstr(&s->typed));
	canvas_init(&c, s->c.w, s->c.h, s->c.glyphs);
	desk_draw(fresh, &c);
	canvas_dump(&c, &out);
	canvas_clear(&c);
	desk_free(fresh);
	scene_frames(&s->m, &out);
	snprintf(path, sizeof(path), "%s/%s.scene", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(out.s, 1, out.len, f), out.len);
	fclose(f);
	str_clear(&out);
}

/* Beside tests/tui/golden/FILE, or into it; takes the text. */
static inline void golden_is(const char *file, struct str *now)
{
	bool write = getenv("GOLDEN") && !strcmp(getenv("GOLDEN"), "write");
	char path[128], *was;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "tests/tui/golden/%s", file);
	if (write) {
		f = fopen(path, "w");
		assert_non_null(f);
		fwrite(now->s, 1, now->len, f);
		fclose(f);
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("no %s (make golden); it would be\n%s", path, now->s);
	was = xcalloc(1, 1 << 18);
	n = fread(was, 1, (1 << 18) - 1, f);
	fclose(f);
	if (n != now->len || strcmp(was, now->s))
		fail_msg("%s differs; now it is\n%s", path, now->s);
	free(was);
	str_clear(now);
}

__attribute__((unused)) static void compare(struct scene *s, const char *name)
{
	struct str now = STR_INIT;
	char file[128];

	if (getenv("SCENES"))
		scene_keep(s, getenv("SCENES"), name);
	canvas_dump(&s->c, &now);
	snprintf(file, sizeof(file), "%s.txt", name);
	golden_is(file, &now);
}

/* A room's screen at a size, and how it looks: in ASCII as well, but for plots. */
__attribute__((unused)) static void compare_room(struct scene *s, const char *room,
	const struct scene_size *size)
{
	struct str now = STR_INIT;
	char name[96];

	snprintf(name, sizeof(name), "%s-%s", room, size->name);
	compare(s, name);
	if (size->glyphs != GLYPHS_UNICODE)
		return;
	snprintf(name, sizeof(name), "%s-%s.look", room, size->name);
	looks_dump(&s->c, &now);
	golden_is(name, &now);
}
#endif

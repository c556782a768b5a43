#ifndef TESTS_UNIT_SCENE_H
#define TESTS_UNIT_SCENE_H
/* A desk over a mirror that the test fills, keys typed by name, and what the
 * canvas then shows beside tests/tui/golden/NAME.txt. After a change that is
 * meant, GOLDEN=write writes those anew; read the diff. Included after cmocka. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/model/trend.h"
#include "ui/desk.h"
#include "ui/keys.h"

#define NOW 1790000000000LL

static void put(struct mirror *m, enum section s, const char *json)
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
};

__attribute__((unused)) static void end(struct scene *s)
{
	desk_free(s->desk);
	canvas_clear(&s->c);
	mirror_clear(&s->m);
}

/* Names of keys separated by blanks; the last wish that was not NONE. */
__attribute__((unused)) static struct wish type(struct scene *s, const char *keys)
{
	struct wish last = {0};
	char *copy = xstrdup(keys), *at = copy, *word;

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

__attribute__((unused)) static void compare(const struct scene *s, const char *name)
{
	bool write = getenv("GOLDEN") && !strcmp(getenv("GOLDEN"), "write");
	struct str now = STR_INIT;
	char path[128], *was;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "tests/tui/golden/%s.txt", name);
	canvas_dump(&s->c, &now);
	if (write) {
		f = fopen(path, "w");
		assert_non_null(f);
		fwrite(now.s, 1, now.len, f);
		fclose(f);
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("no %s; it would be\n%s", path, now.s);
	was = xcalloc(1, 1 << 18);
	n = fread(was, 1, (1 << 18) - 1, f);
	fclose(f);
	if (n != now.len || strcmp(was, now.s))
		fail_msg("%s differs; now it is\n%s", path, now.s);
	free(was);
	str_clear(&now);
}
#endif

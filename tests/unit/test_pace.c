/* A line is learnt from its answers: a fast one gets a large window, a slow one
 * a third of a second, and data waits while anything is under way. */
#include "ui/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A line of `rate` bytes a second and a round trip of `rtt` ms. */
struct line {
	int64_t rate, rtt, free_at, now;
	int64_t due[PACE_PIECES]; /* answers */
	size_t n;
};

/* Sends what there is room for, up to n bytes; when it will be answered. */
static int64_t send(struct pace *p, struct line *l, size_t n)
{
	size_t room = pace_room(p);

	n = n < room ? n : room;
	if (l->free_at < l->now)
		l->free_at = l->now;
	l->free_at += (int64_t)n * 1000 / l->rate;
	pace_sent(p, n, l->now);
	return l->free_at + l->rtt;
}

/* Sends all that it may for so many answers. */
static void run(struct pace *p, struct line *l, int answers)
{
	while (answers-- > 0) {
		while (pace_room(p) > 0) {
			assert_true(l->n < PACE_PIECES);
			l->due[l->n++] = send(p, l, 4000);
		}
		if (l->due[0] > l->now)
			l->now = l->due[0];
		pace_answered(p, l->now);
		l->n--;
		for (size_t i = 0; i < l->n; i++)
			l->due[i] = l->due[i + 1];
	}
}

static void start(struct pace *p, struct line *l)
{
	pace_init(p, true, l->now);
	pace_sent(p, 4, l->now);
	l->now += l->rtt;
	pace_answered(p, l->now);
}

static void fast_line(void **state)
{
	struct line l = {.rate = 10 << 20, .rtt = 20};
	struct pace p;

	(void)state;
	start(&p, &l);
	assert_int_equal(p.terminal, PACE_ANSWERS);
	run(&p, &l, 30);
	assert_int_equal(p.window, PACE_MOST);
}

static void slow_line(void **state)
{
	struct line l = {.rate = 960, .rtt = 500};
	struct pace p;

	(void)state;
	start(&p, &l);
	run(&p, &l, 60);
	/* The line is busy, and never more than a second behind. */
	assert_true(p.window >= PACE_LEAST && p.window < 960);
	assert_true(l.free_at - l.now < 1000);
}

static void window_follows_the_line(void **state)
{
	struct line l = {.rate = 960, .rtt = 500};
	struct pace p;
	size_t slow;

	(void)state;
	start(&p, &l);
	run(&p, &l, 60);
	slow = p.window;
	l.rate = 1 << 20;
	run(&p, &l, 60);
	assert_true(p.window > 10 * slow);
	l.rate = 2000;
	run(&p, &l, 60);
	assert_true(p.window < 2000);
}

static void data_waits(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, true, 0);
	pace_sent(&p, 4, 0);
	pace_answered(&p, 500);
	assert_false(pace_is_idle(&p, 999)); /* rests as long as it was busy */
	assert_int_equal(pace_next(&p, 999), 1000);
	assert_true(pace_is_idle(&p, 1000));
	pace_sent(&p, 300, 1000);
	assert_false(pace_is_idle(&p, 1000));
	assert_true(pace_room(&p) > 0); /* but a key does not */
	pace_answered(&p, 1800);
	assert_false(pace_is_idle(&p, 2599));
	assert_true(pace_is_idle(&p, 2600));
}

static void silent_terminal(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, false, 0);
	assert_false(pace_asks(&p));
	assert_true(pace_is_idle(&p, 0));
	pace_init(&p, true, 0);
	pace_sent(&p, 4, 0);
	assert_true(pace_room(&p) == SIZE_MAX);
	assert_true(pace_is_idle(&p, 0)); /* the first screens don't wait */
	for (int i = 0; i < 3; i++)
		pace_sent(&p, 100, 1);
	assert_false(pace_is_idle(&p, 1));
	assert_int_equal(pace_next(&p, 1), PACE_SILENCE_MS);
	pace_tick(&p, PACE_SILENCE_MS);
	assert_false(pace_asks(&p));
	assert_true(pace_is_idle(&p, PACE_SILENCE_MS));
	assert_true(pace_next(&p, PACE_SILENCE_MS) == INT64_MAX);
	pace_answered(&p, 9000); /* it was only far away */
	assert_true(pace_asks(&p));
}

static void lost_answer(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, true, 0);
	pace_sent(&p, 4, 0);
	pace_answered(&p, 10);
	pace_sent(&p, 240, 100);
	assert_int_equal(pace_next(&p, 200), 100 + 3000 + 1000);
	pace_tick(&p, 4099);
	assert_int_equal(p.pieces, 1);
	pace_tick(&p, 4100);
	assert_int_equal(p.pieces, 0);
	assert_true(pace_asks(&p));
	for (int i = 0; i < PACE_PIECES; i++)
		pace_sent(&p, 1, 5000);
	assert_int_equal(pace_room(&p), 0);
	pace_sent(&p, 1, 5000); /* not asked about */
	assert_int_equal(p.pieces, PACE_PIECES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fast_line),
		cmocka_unit_test(slow_line),
		cmocka_unit_test(window_follows_the_line),
		cmocka_unit_test(data_waits),
		cmocka_unit_test(silent_terminal),
		cmocka_unit_test(lost_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which orchestrator gets the next segment: go-livepeer
 * server/broadcast.go, selection.go, suspensions.go. */
#include "src/role/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DUR 2000

static void add(struct selection *s, const char *uri, int64_t latency_ms)
{
	struct orchestrator_info info = {0};

	snprintf(info.transcoder, sizeof(info.transcoder), "%s", uri);
	selection_add(s, &info, latency_ms, 0);
}

/* Picks, sends at now, and has it back after wall_ms. */
static const char *once(struct selection *s, int64_t now_ms, int64_t wall_ms)
{
	static char uri[URI_SIZE];
	struct orch_session *o = selection_pick(s, now_ms, 0);

	if (!o)
		return NULL;
	memcpy(uri, o->uri, sizeof(uri));
	selection_sent(o, now_ms, DUR);
	selection_succeeded(s, o, wall_ms, DUR);
	orch_session_put(o);
	return uri;
}

static void test_untried_by_latency(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	add(&s, "slow", 30);
	add(&s, "fast", 10);
	add(&s, "fast", 1); /* there already */
	assert_string_equal(once(&s, 0, 100), "fast");
	selection_clear(&s);
}

static void test_good_session_is_kept(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	add(&s, "a", 1);
	add(&s, "b", 2);
	for (int i = 0; i < 5; i++)
		assert_string_equal(once(&s, i * DUR, 500), "a");
	assert_int_equal(s.swaps, 0);
	selection_clear(&s);
}

static void test_slow_session_is_swapped(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	add(&s, "a", 1);
	add(&s, "b", 2);
	assert_string_equal(once(&s, 0, 3000), "a"); /* score 1.5 */
	assert_string_equal(once(&s, 4000, 500), "b"); /* untried before slow */
	assert_int_equal(s.swaps, 1);
	assert_string_equal(once(&s, 8000, 2600), "b");
	/* Both known and slow now: the less slow one. */
	assert_string_equal(once(&s, 12000, 500), "b");
	selection_clear(&s);
}

static void test_in_flight_patience(void **state)
{
	struct selection s;
	struct orch_session *a, *b, *c;

	(void)state;
	selection_init(&s, 1, 1);
	add(&s, "a", 1);
	a = selection_pick(&s, 0, 0);
	selection_sent(a, 0, DUR);
	b = selection_pick(&s, DUR - 1, 0); /* out for less than one duration */
	assert_ptr_equal(a, b);
	c = selection_pick(&s, 2 * DUR - 1, 0); /* nobody else: less than two */
	assert_ptr_equal(a, c);
	assert_null(selection_pick(&s, 2 * DUR, 0));
	orch_session_put(a);
	orch_session_put(b);
	orch_session_put(c);
	selection_clear(&s);
}

static void test_short_segments_have_a_floor(void **state)
{
	struct selection s;
	struct orch_session *a, *b;

	(void)state;
	selection_init(&s, 1, 1);
	add(&s, "a", 1);
	a = selection_pick(&s, 0, 0);
	selection_sent(a, 0, 500);
	b = selection_pick(&s, 1499, 0);
	assert_ptr_equal(a, b);
	assert_null(selection_pick(&s, 1500, 0));
	orch_session_put(a);
	orch_session_put(b);
	selection_clear(&s);
}

static void test_failure_suspends_and_removes(void **state)
{
	struct selection s;
	struct orch_session *a;

	(void)state;
	selection_init(&s, 4, 2);
	add(&s, "a", 1);
	selection_refresh_begin(&s); /* counter 1 */
	selection_refresh_end(&s);
	a = selection_pick(&s, 0, 0);
	selection_sent(a, 0, DUR);
	selection_failed(&s, a);
	orch_session_put(a);
	assert_null(selection_pick(&s, 1, 0));
	assert_int_equal(selection_suspended(&s, "a"), 2); /* ceil(4 / 2) */
	selection_refresh_begin(&s);
	assert_int_equal(selection_suspended(&s, "a"), 2);
	selection_refresh_begin(&s);
	assert_int_equal(selection_suspended(&s, "a"), 0);
	selection_clear(&s);
}

/* server/suspensions_test.go: 5, again 10, at counter 11 none. */
static void test_suspension_vector(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 5, 1);
	for (int i = 1; i <= 2; i++) {
		struct orch_session *a;

		add(&s, "orch", 1);
		a = selection_pick(&s, 0, 0);
		selection_failed(&s, a);
		orch_session_put(a);
		assert_int_equal(selection_suspended(&s, "orch"), 5 * i);
	}
	s.refreshes = 11;
	assert_int_equal(selection_suspended(&s, "orch"), 0);
	assert_int_equal(s.suspended_n, 0);
	selection_clear(&s);
}

static void test_refresh_threshold(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	assert_true(selection_wants_refresh(&s));
	add(&s, "a", 1);
	assert_true(selection_wants_refresh(&s));
	add(&s, "b", 1);
	assert_false(selection_wants_refresh(&s)); /* ceil(3 / 2) are there */
	selection_clear(&s);
	selection_init(&s, 0, 0);
	assert_false(selection_wants_refresh(&s));
}

/* --- on a chain --- */

static void join(struct selection *s, uint8_t who, const char *uri, int64_t price,
	double stake)
{
	struct orchestrator_info *info = XNEW(struct orchestrator_info);

	snprintf(info->transcoder, sizeof(info->transcoder), "%s", uri);
	info->params.recipient.b[0] = who;
	info->has_price = price >= 0;
	info->price_per_unit = price;
	info->pixels_per_unit = 1;
	selection_add(s, info, 100 - who, stake);
	free(info);
}

/* Who is drawn, of three that are put back. */
static uint8_t drawn(struct selection *s, double draw)
{
	struct orch_session *o = selection_pick(s, 0, draw);
	uint8_t who = 0;

	if (o) {
		who = o->info.params.recipient.b[0];
		o->in_selector = true;
		s->last = NULL;
		orch_session_put(o);
	}
	return who;
}

/* selection_algorithm_test.go, expFactor 100 */
static void draws_by_stake_and_price(void **state)
{
	struct selection_rule r = { .max_price = PRICE_FREE, .stake_weight = 0.3,
		.price_weight = 0.7, .price_exp = 100 };
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	s.rule = &r;
	join(&s, 1, "a", 400, 100);
	join(&s, 2, "b", 700, 100000);
	join(&s, 3, "c", 1000, 300);
	/* .665530, .331925, .002545 */
	assert_int_equal(drawn(&s, 0), 1);
	assert_int_equal(drawn(&s, 0.665525), 1);
	assert_int_equal(drawn(&s, 0.665535), 2);
	assert_int_equal(drawn(&s, 0.997450), 2);
	assert_int_equal(drawn(&s, 0.997460), 3);
	assert_int_equal(drawn(&s, 0.999999), 3);
	selection_clear(&s);
}

static void draws_by_stake_alone(void **state)
{
	struct selection_rule r = { .max_price = PRICE_FREE, .stake_weight = 1,
		.price_exp = 100 };
	struct selection s;

	(void)state;
	selection_init(&s, 4, 4);
	s.rule = &r;
	join(&s, 1, "a", 0, 100);
	join(&s, 2, "b", 0, 100);
	/* Two nodes of one orchestrator have its stake together. */
	join(&s, 3, "c", 0, 800);
	join(&s, 3, "d", 0, 800);
	assert_int_equal(drawn(&s, 0.0999), 1);
	assert_int_equal(drawn(&s, 0.1001), 2);
	assert_int_equal(drawn(&s, 0.2001), 3);
	assert_int_equal(drawn(&s, 0.9999), 3);
	selection_clear(&s);
}

static void chance_alone(void **state)
{
	struct selection_rule r = { .max_price = PRICE_FREE, .random_weight = 1,
		.price_exp = 100 };
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	s.rule = &r;
	join(&s, 1, "a", 5, 1);
	join(&s, 2, "b", 7, 999);
	assert_int_equal(drawn(&s, 0.4999), 1);
	assert_int_equal(drawn(&s, 0.5001), 2);
	selection_clear(&s);
}

static void without_stake_the_first_to_answer(void **state)
{
	struct selection_rule r = { .max_price = PRICE_FREE, .stake_weight = 0.7,
		.random_weight = 0.3, .price_exp = 100 };
	struct selection s;

	(void)state;
	selection_init(&s, 2, 2);
	s.rule = &r;
	join(&s, 1, "a", 5, 0);
	join(&s, 2, "b", 7, 0); /* 98 ms */
	assert_int_equal(drawn(&s, 0), 2);
	assert_int_equal(drawn(&s, 0.99), 2);
	selection_clear(&s);
}

static void nobody_too_dear(void **state)
{
	struct selection_rule r = { .max_price = { wei_from(6), { 1 } },
		.random_weight = 1, .price_exp = 100 };
	struct selection s;

	(void)state;
	selection_init(&s, 3, 3);
	s.rule = &r;
	join(&s, 1, "a", 7, 1);
	join(&s, 2, "b", -1, 1); /* names no price */
	assert_int_equal(drawn(&s, 0.2), 0);
	join(&s, 3, "c", 6, 1);
	assert_int_equal(drawn(&s, 0), 3);
	assert_int_equal(drawn(&s, 0.99), 3);
	r.max_price = (struct price){ wei_from(1), { 1 } };
	assert_int_equal(drawn(&s, 0.2), 0);
	r.ignore_max_price = true;
	assert_int_not_equal(drawn(&s, 0.2), 0);
	selection_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untried_by_latency),
		cmocka_unit_test(test_good_session_is_kept),
		cmocka_unit_test(test_slow_session_is_swapped),
		cmocka_unit_test(test_in_flight_patience),
		cmocka_unit_test(test_short_segments_have_a_floor),
		cmocka_unit_test(test_failure_suspends_and_removes),
		cmocka_unit_test(test_suspension_vector),
		cmocka_unit_test(test_refresh_threshold),
		cmocka_unit_test(draws_by_stake_and_price),
		cmocka_unit_test(draws_by_stake_alone),
		cmocka_unit_test(chance_alone),
		cmocka_unit_test(without_stake_the_first_to_answer),
		cmocka_unit_test(nobody_too_dear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "src/base/actor.h"
#include "src/base/board.h"
#include "src/base/str.h"
#include "src/model/view.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_err_text(void **state)
{
	struct err *e = err_new(ERR_BUSY, "Orchestrator%s", "Busy");

	(void)state;
	assert_string_equal(err_text(e), "OrchestratorBusy");
	e = err_wrap(e, "segment %d", 7);
	assert_string_equal(err_text(e), "segment 7: OrchestratorBusy");
	assert_int_equal(err_kind(e), ERR_BUSY);
	err_free(e);
	assert_null(err_wrap(NULL, "nothing"));
}

static void test_str_safe(void **state)
{
	static const char hostile[] = "a\x1b[2J\xc3\xa9\xff\xe2\x80\xae";
	struct str s = STR_INIT;

	(void)state;
	str_add_safe(&s, hostile, sizeof(hostile) - 1, 100);
	assert_string_equal(s.s,
		"a\\x1b[2J\xc3\xa9\\xff\\xe2\\x80\\xae");
	str_clear(&s);
	str_add_safe(&s, "abcdef", 6, 3);
	assert_string_equal(s.s, "abc...");
	str_clear(&s);
}

static void test_numbers(void **state)
{
	uint64_t u;
	int64_t i;
	uint8_t h[2];

	(void)state;
	assert_true(parse_u64("18446744073709551615", &u));
	assert_false(parse_u64("18446744073709551616", &u));
	assert_false(parse_u64("-1", &u));
	assert_false(parse_u64(" 1", &u));
	assert_false(parse_u64("", &u));
	assert_true(parse_i64("-9", &i));
	assert_int_equal(i, -9);
	assert_false(parse_i64("-", &i));
	assert_true(hex_decode(h, 2, "0xAbcd"));
	assert_int_equal(h[0], 0xab);
	assert_false(hex_decode(h, 2, "abc"));
	assert_false(hex_decode(h, 2, "abcg"));
}

static void test_percent(void **state)
{
	char out[8];

	(void)state;
	assert_true(percent_decode(out, sizeof(out), "a%20b%2f"));
	assert_string_equal(out, "a b/");
	assert_false(percent_decode(out, sizeof(out), "%00"));
	assert_false(percent_decode(out, sizeof(out), "%4"));
	assert_false(percent_decode(out, sizeof(out), "%zz"));
	assert_true(percent_decode(out, sizeof(out), "1234567"));
	assert_false(percent_decode(out, sizeof(out), "12345678"));
}

/* 8 threads post to one actor; every task runs, in each thread's order. */
struct poster {
	struct actor *a;
	pthread_t thread;
	int next; /* touched on the actor only */
	bool ordered;
};
struct numbered {
	struct poster *p;
	int i;
};

static void on_numbered(void *ctx)
{
	struct numbered *n = ctx;

	ASSERT_ON(n->p->a);
	if (n->i != n->p->next++)
		n->p->ordered = false;
	free(n);
}

static void *post_many(void *arg)
{
	struct poster *p = arg;

	for (int i = 0; i < 2000; i++) {
		struct numbered *n = XNEW(struct numbered);

		n->p = p;
		n->i = i;
		actor_post(p->a, on_numbered, n);
	}
	return NULL;
}

static void test_actor_order(void **state)
{
	struct actor *a = actor_new("test", 10);
	struct poster p[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		p[i] = (struct poster){.a = a, .ordered = true};
		assert_false(
			pthread_create(&p[i].thread, NULL, post_many, &p[i]));
	}
	for (int i = 0; i < 8; i++)
		pthread_join(p[i].thread, NULL);
	actor_free(a);
	for (int i = 0; i < 8; i++) {
		assert_true(p[i].ordered);
		assert_int_equal(p[i].next, 2000);
	}
}

static atomic_int gate;

static void wait_gate(void *ctx)
{
	(void)ctx;
	while (!atomic_load(&gate))
		;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void test_actor_bound(void **state)
{
	struct actor *a = actor_new("test", 2);
	int taken = 0;

	(void)state;
	atomic_store(&gate, 0);
	actor_post(a, wait_gate, NULL);
	for (int i = 0; i < 10; i++)
		taken += actor_offer(a, nothing, NULL);
	/* The first may have been fetched together with wait_gate or not. */
	assert_in_range(taken, 2, 4);
	atomic_store(&gate, 1);
	actor_free(a);
}

struct ticker {
	struct actor *a;
	struct timer *t;
	atomic_int ticks;
};

static void on_tick(void *ctx)
{
	struct ticker *t = ctx;

	if (atomic_fetch_add(&t->ticks, 1) == 2)
		timer_free(t->t);
}

static void start_ticker(void *ctx)
{
	struct ticker *t = ctx;

	t->t = timer_new(t->a, on_tick, t);
	timer_set(t->t, 1, 1);
}

static void test_timer(void **state)
{
	struct ticker t = {.a = actor_new("test", 2)};

	(void)state;
	actor_call(t.a, start_ticker, &t);
	while (atomic_load(&t.ticks) < 3)
		;
	actor_free(t.a);
	assert_int_equal(atomic_load(&t.ticks), 3);
}

static void test_board(void **state)
{
	struct board *b = board_new(2);
	uint64_t version;
	struct blob *blob;

	(void)state;
	assert_null(board_get(b, 0, &version));
	board_publish(b, 0, blob_new("one", 3));
	board_publish(b, 0, blob_new("two", 3));
	blob = board_get(b, 0, &version);
	assert_int_equal(version, 2);
	assert_memory_equal(blob_data(blob), "two", 3);
	board_free(b);
	assert_int_equal(blob_size(blob), 3);
	blob_put(blob);
}

static void test_view(void **state)
{
	struct view_streams v = {0};
	struct session_row *r = VIEW_ADD(&v.rows);

	(void)state;
	view_set(&r->manifest, "movie");
	view_setf(&VIEW_ADD(&r->renditions)->name, "P%dp", 240);
	assert_string_equal(section_name(SECTION_STREAMS), "streams");
	view_clear(section_desc(SECTION_STREAMS), &v);
	assert_int_equal(v.rows.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err_text),
		cmocka_unit_test(test_str_safe),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_actor_order),
		cmocka_unit_test(test_actor_bound),
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_board),
		cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A trend as JSON: whole, what follows, and what no node of ours wrote. */
#include "proto/trend_codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FIRST 178900000

static struct trend *trend_of(int64_t slots)
{
	struct trend *t = calloc(1, sizeof(*t));

	for (int64_t i = 0; i < slots; i++) {
		struct sample s = {.slot = FIRST + i, .observed_ms = 10000, .segments = i % 3,
			.cpu_ms = i % 5 ? 0 : i, .gas = wei_from((uint64_t)i % 4)};

		trend_add(t, &s);
	}
	return t;
}

static void copy(struct trend *to, const struct trend *from, int64_t after)
{
	struct str s = STR_INIT;

	trend_write(&s, from, after);
	assert_null(trend_read(to, s.s, s.len));
	str_clear(&s);
}

static void same(const struct trend *a, const struct trend *b)
{
	for (enum span s = 0; s < SPANS; s++) {
		assert_int_equal(a->ring[s].n, b->ring[s].n);
		for (size_t i = 0; i < a->ring[s].n; i++)
			assert_memory_equal(trend_at(a, s, i), trend_at(b, s, i),
				sizeof(struct sample));
	}
}

static void test_whole(void **state)
{
	static const int64_t sizes[] = {0, 1, 29, 31, 5000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct trend *a = trend_of(sizes[i]), *b = trend_of(77);

		copy(b, a, -1);
		same(a, b);
		free(a);
		free(b);
	}
}

/* A console that has some of it gets the rest alone, and has the same day. */
static void test_follows(void **state)
{
	struct trend *a = trend_of(400), *b = trend_of(395), *old = trend_of(3);
	struct str s = STR_INIT;

	(void)state;
	copy(b, a, trend_end(b) - 1);
	same(a, b);
	trend_write(&s, a, trend_end(a) - 2);
	assert_string_equal(s.s, "{\"fine\":[[178900399,10000,0,0,0,0,0,0,0,"
		"\"0\",\"0\",\"3\"]]}");
	str_truncate(&s, 0);
	trend_write(&s, a, trend_end(a) - 1);
	assert_string_equal(s.s, "{\"fine\":[]}");
	/* What fell out of the hour must come whole. */
	copy(old, a, trend_end(old) - 1);
	same(a, old);
	/* A slot that the node has not reached: another node's. */
	copy(old, a, FIRST + 9999);
	same(a, old);
	str_clear(&s);
	free(a);
	free(b);
	free(old);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", "[]", "{\"fine\":[[]]}", "{\"fine\":[[-1]]}", "{\"fine\":[[1,2,\"x\"]]}",
		"{\"fine\":[[9007199254740993]]}", "{\"fine\":[[1.5]]}", "{\"fine\":3}",
		"{\"whole\":1}", "{\"whole\":true,\"coarse\":[[1]", "{\"fine\":[[1]]}x",
		"{\"fine\":[[1,0,0,0,0,0,0,0,0,7]]}",
		"{\"fine\":[[1,0,0,0,0,0,0,0,0,\"0x7\"]]}",
		"{\"fine\":[[1,0,0,0,0,0,0,0,0,\"1\",\"1\",\"1\",\"1\",\"1\"]]}",
		"{\"fine\":[[1,0,0,0,0,0,0,0,0,\"9999999999999999999999999999999999999999"
		"9999999999999999\"]]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct trend *t = trend_of(10);
		struct err *e = trend_read(t, bad[i], strlen(bad[i]));

		if (!e)
			fail_msg("taken: %s", bad[i]);
		err_free(e);
		assert_int_equal(trend_end(t), 0);
		free(t);
	}
}

/* Members of a later version are passed over, rows out of order dropped. */
static void test_tolerated(void **state)
{
	static const char text[] = "{\"later\":{\"a\":[1]},\"whole\":true,"
		"\"fine\":[[5,1],[4],[5],[6]],\"coarse\":[[2],[2]]}";
	struct trend *t = trend_of(10);

	(void)state;
	assert_null(trend_read(t, text, strlen(text)));
	assert_int_equal(t->ring[SPAN_HOUR].n, 2);
	assert_int_equal(t->ring[SPAN_DAY].n, 1);
	assert_int_equal(trend_end(t), 7);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_follows),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tolerated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto/amf0.h"

static struct amf0 reader(const struct str *s)
{
	return (struct amf0){(const uint8_t *)s->s, s->len};
}

struct seen {
	double width;
	unsigned keys, texts;
};

static void on_key(void *ctx, const char *key, size_t len,
	const struct amf0_value *v)
{
	struct seen *seen = ctx;

	seen->keys++;
	if (amf0_is(key, len, "width") && v->type == AMF0_NUMBER)
		seen->width = v->number;
	seen->texts += v->type == AMF0_STRING && amf0_is(v->s, v->len, "obs");
}

static void test_round_trip(void **state)
{
	struct str s = STR_INIT;
	struct seen seen = {0};
	struct amf0_value v;
	struct amf0 a;
	const char *text;
	double number;
	size_t len;

	(void)state;
	amf0_put_string(&s, "connect");
	amf0_put_number(&s, -1.5);
	amf0_put_null(&s);
	amf0_put_bool(&s, true);
	amf0_put_object(&s);
	amf0_put_key(&s, "width");
	amf0_put_number(&s, 1280);
	amf0_put_key(&s, "encoder");
	amf0_put_string(&s, "obs");
	amf0_put_end(&s);
	a = reader(&s);
	assert_true(amf0_next_string(&a, &text, &len));
	assert_true(amf0_is(text, len, "connect"));
	assert_false(amf0_is(text, len, "connec"));
	assert_false(amf0_next_string(&a, &text, &len));
	assert_true(amf0_next_number(&a, &number));
	assert_true(number == -1.5);
	assert_true(amf0_next(&a, &v) && v.type == AMF0_NULL);
	assert_true(amf0_next(&a, &v) && v.type == AMF0_BOOLEAN);
	assert_true(v.number == 1);
	assert_true(amf0_next_object(&a, on_key, &seen));
	assert_true(seen.width == 1280);
	assert_int_equal(seen.keys, 2);
	assert_int_equal(seen.texts, 1);
	assert_false(amf0_next(&a, &v));
	assert_int_equal(a.n, 0);
	str_clear(&s);
}

/* What ffmpeg 5.1 writes for "connect", 1. */
static void test_golden(void **state)
{
	static const uint8_t bytes[] = {2, 0, 7, 'c', 'o', 'n', 'n', 'e', 'c',
		't', 0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0};
	struct str s = STR_INIT;

	(void)state;
	amf0_put_string(&s, "connect");
	amf0_put_number(&s, 1);
	assert_int_equal(s.len, sizeof(bytes));
	assert_memory_equal(s.s, bytes, sizeof(bytes));
	str_clear(&s);
}

/* Every prefix of a value is no value, and the place stays. */
static void test_truncated(void **state)
{
	struct str s = STR_INIT;
	struct amf0_value v;

	(void)state;
	amf0_put_object(&s);
	amf0_put_key(&s, "a");
	amf0_put_object(&s);
	amf0_put_key(&s, "b");
	amf0_put_string(&s, "text");
	amf0_put_end(&s);
	amf0_put_key(&s, "c");
	amf0_put_number(&s, 1);
	amf0_put_end(&s);
	for (size_t n = 0; n < s.len; n++) {
		struct amf0 a = {(const uint8_t *)s.s, n};

		assert_false(amf0_next(&a, &v));
		assert_int_equal(a.n, n);
		assert_false(amf0_next_object(&a, NULL, NULL));
		assert_int_equal(a.n, n);
	}
	str_clear(&s);
}

static void nest(struct str *s, unsigned depth)
{
	static const char array_of_one[] = {AMF0_STRICT_ARRAY, 0, 0, 0, 1};

	for (unsigned i = 1; i < depth; i++)
		str_addn(s, array_of_one, sizeof(array_of_one));
	amf0_put_null(s);
}

static void test_limits(void **state)
{
	static const unsigned depths[] = {AMF0_DEPTH_MAX, AMF0_DEPTH_MAX + 1,
		100000};
	static const char huge_array[] = {
		AMF0_STRICT_ARRAY, (char)0xff, (char)0xff, (char)0xff,
		(char)0xff, AMF0_NULL};
	struct str s = STR_INIT;
	struct amf0_value v;
	struct amf0 a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(depths); i++) {
		str_truncate(&s, 0);
		nest(&s, depths[i]);
		a = reader(&s);
		assert_int_equal(amf0_next(&a, &v), i == 0);
	}
	a = (struct amf0){(const uint8_t *)huge_array, sizeof(huge_array)};
	assert_false(amf0_next(&a, &v));
	for (unsigned keys = AMF0_KEYS_MAX; keys <= AMF0_KEYS_MAX + 2;
		keys += 2) {
		str_truncate(&s, 0);
		amf0_put_object(&s);
		for (unsigned i = 0; i < keys; i++) {
			amf0_put_key(&s, "k");
			amf0_put_null(&s);
		}
		amf0_put_end(&s);
		a = reader(&s);
		assert_int_equal(amf0_next(&a, &v), keys == AMF0_KEYS_MAX);
	}
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

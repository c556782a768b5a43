#include "proto/view_codec.h"
#include "proto/json_scan.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct view_sessions *sample(void)
{
	struct view_sessions *v = XNEW(struct view_sessions);
	struct session_row *r = VIEW_ADD(&v->rows);
	struct rendition_row *rr;
	struct attempt *a;

	v->max_sessions = 10;
	view_set(&r->id, "1f2e");
	view_set(&r->manifest, "caf\xc3\xa9 \"quoted\"\n\x1b[2J");
	r->started_ms = INT64_MAX;
	r->last_ms = INT64_MIN;
	r->fps = 29.97;
	r->realtime_ratio = 0.45;
	rr = VIEW_ADD(&r->renditions);
	view_set(&rr->name, "P360p30fps16x9");
	rr->bitrate = 1200000;
	a = VIEW_ADD(&r->recent);
	a->seq = 7;
	view_set(&a->outcome, "ok");
	view_set(&VIEW_ADD(&v->rows)->id, "second");
	return v;
}

static void drop(struct view_sessions *v)
{
	view_clear(view_sessions_desc(), v);
	free(v);
}

static void test_round_trip(void **state)
{
	struct view_sessions *v = sample(), back = {0};
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e;

	(void)state;
	view_encode(view_sessions_desc(), v, &a);
	e = view_decode(view_sessions_desc(), a.s, a.len, &back);
	assert_string_equal(err_text(e), "ok");
	assert_int_equal(back.rows.n, 2);
	assert_string_equal(back.rows.v[0].manifest, v->rows.v[0].manifest);
	assert_true(back.rows.v[0].started_ms == INT64_MAX);
	assert_true(back.rows.v[0].last_ms == INT64_MIN);
	assert_true(fabs(back.rows.v[0].fps - 29.97) < 1e-6);
	assert_int_equal(back.rows.v[0].renditions.v[0].bitrate, 1200000);
	assert_int_equal(back.rows.v[0].recent.v[0].seq, 7);
	view_encode(view_sessions_desc(), &back, &b);
	assert_string_equal(a.s, b.s);
	view_clear(view_sessions_desc(), &back);
	drop(v);
	str_clear(&a);
	str_clear(&b);
}

/* A parser nobody here wrote agrees that it is JSON, and what it says. */
static void test_jansson_reads_it(void **state)
{
	struct view_sessions *v = sample();
	struct str s = STR_INIT;
	json_t *o, *row;

	(void)state;
	v->rows.v[1].fps = NAN;
	view_encode(view_sessions_desc(), v, &s);
	o = json_loadb(s.s, s.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	row = json_array_get(json_object_get(o, "rows"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "manifest")),
		v->rows.v[0].manifest);
	row = json_array_get(json_object_get(o, "rows"), 1);
	assert_int_equal(json_integer_value(json_object_get(row, "fps")), -1);
	json_decref(o);
	str_clear(&s);
	drop(v);
}

/* JSON and what decoding says: NULL for fine. */
static const struct {
	const char *json, *error;
} cases[] = {
	{"{}", NULL},
	{" { } ", NULL},
	{"{\"rows\":[]}", NULL},
	{"{\"rows\":null}", NULL},
	{"{\"new\":{\"a\":[1,-2.5e3,true,false,null,\"x\"]},\"rows\":[{}]}",
		NULL},
	{"{\"rows\":[{\"fps\":30,\"id\":\"\\u00e9\\ud83d\\ude00\\ud800\"}]}",
		NULL},
	{"", "no object"},
	{"[]", "no object"},
	{"{", "no text"},
	{"{\"rows\"", "no colon"},
	{"{\"rows\":{}}", "no list"},
	{"{\"rows\":[{}}", "no comma"},
	{"{\"rows\":[{}],\"rows\":[{}]}", "list given twice"},
	{"{\"max_sessions\":\"5\"}", "no number"},
	{"{\"max_sessions\":5.5}", "no whole number"},
	{"{\"max_sessions\":99999999999999999999}", "no whole number"},
	{"{\"rows\":[{\"id\":5}]}", "no text"},
	{"{\"rows\":[{\"id\":\"\\u0000\"}]}", "NUL in text"},
	{"{\"rows\":[{\"id\":\"\\q\"}]}", "bad escape"},
	{"{\"rows\":[{\"id\":\"\xff\"}]}", "not UTF-8"},
	{"{\"rows\":[{\"id\":\"a", "cut off"},
	{"{\"rows\":[{\"fps\":1e999}]}", "bad number"},
	{"{\"rows\":[{\"fps\":1.2.3}]}", "bad number"},
	{"{} x", "more after the end"},
	{"{\"x\":tru}", "no true or false"},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view_sessions v = {0};
		/* An exact copy, so that ASan sees one byte too many. */
		size_t n = strlen(cases[i].json);
		char *copy = xmemdup(cases[i].json, n ? n : 1);
		struct err *e = view_decode(view_sessions_desc(), copy, n, &v);

		if (!cases[i].error)
			assert_string_equal(err_text(e), "ok");
		else if (!e || !strstr(err_text(e), cases[i].error))
			fail_msg("%s: %s, not %s", cases[i].json, err_text(e),
				cases[i].error);
		if (i == 5)
			assert_string_equal(v.rows.v[0].id,
				"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd");
		err_free(e);
		view_clear(view_sessions_desc(), &v);
		free(copy);
	}
}

/* Cut anywhere, it is an error and nothing leaks. */
static void test_truncation(void **state)
{
	struct view_sessions *v = sample();
	struct str s = STR_INIT;

	(void)state;
	view_encode(view_sessions_desc(), v, &s);
	for (size_t n = 0; n < s.len; n++) {
		struct view_sessions back = {0};
		char *copy = xmemdup(s.s, n ? n : 1);
		struct err *e =
			view_decode(view_sessions_desc(), copy, n, &back);

		assert_non_null(e);
		assert_null(back.rows.v);
		err_free(e);
		free(copy);
	}
	str_clear(&s);
	drop(v);
}

static void test_limits(void **state)
{
	struct view_sessions v = {0};
	struct str s = STR_INIT;
	struct err *e;

	(void)state;
	str_add(&s, "{\"x\":");
	for (int i = 0; i < 100; i++)
		str_addc(&s, '[');
	e = view_decode(view_sessions_desc(), s.s, s.len, &v);
	assert_non_null(strstr(err_text(e), "nested too deeply"));
	err_free(e);
	str_truncate(&s, 0);
	str_add(&s, "{\"rows\":[{}");
	for (int i = 0; i < VIEW_MAX_ITEMS; i++)
		str_add(&s, ",{}");
	str_add(&s, "]}");
	e = view_decode(view_sessions_desc(), s.s, s.len, &v);
	assert_non_null(strstr(err_text(e), "too many items"));
	err_free(e);
	str_clear(&s);
}

static void test_bad_utf8_is_replaced(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	json_add_text(&s, "a\xff\xc3\xa9\xe2\x82z");
	assert_string_equal(s.s,
		"\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz\"");
	str_clear(&s);
}

/* Every section has a name and survives being empty. */
static void test_all_sections(void **state)
{
	(void)state;
	for (enum section k = 0; k < SECTION_COUNT; k++) {
		const struct view_desc *d = section_desc(k);
		void *a = xcalloc(1, d->size), *b = xcalloc(1, d->size);
		struct str s = STR_INIT;
		struct err *e;

		view_encode(d, a, &s);
		e = view_decode(d, s.s, s.len, b);
		assert_string_equal(err_text(e), "ok");
		view_clear(d, b);
		free(a);
		free(b);
		str_clear(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_jansson_reads_it),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bad_utf8_is_replaced),
		cmocka_unit_test(test_all_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/multipart.h"

/* Feeds in pieces of `step` and writes down what came out. */
static struct err *read_all(struct str *out, const char *text, size_t n,
	size_t step, const struct multipart_limits *limits)
{
	struct multipart *m = multipart_new("BB", limits);
	struct err *e = NULL;
	struct part *p;

	for (size_t i = 0; i < n && !e; i += step) {
		e = multipart_feed(m, text + i, n - i < step ? n - i : step);
		while ((p = multipart_next(m))) {
			for (size_t h = 0; h < p->headers_n; h++)
				str_printf(out, "[%s]", p->headers[h]);
			str_addc(out, '<');
			str_addn(out, blob_data(p->body), blob_size(p->body));
			str_addc(out, '>');
			part_free(p);
		}
	}
	if (!e && multipart_is_complete(m))
		str_add(out, ".");
	multipart_free(m);
	return e;
}

static void expect(const char *text, const char *want)
{
	const struct multipart_limits limits = {0};
	struct str got = STR_INIT;

	for (size_t step = 1; step <= strlen(text); step++) {
		assert_null(read_all(&got, text, strlen(text), step, &limits));
		assert_string_equal(str_cstr(&got), want);
		str_truncate(&got, 0);
	}
	str_clear(&got);
}

static void expect_error(const char *text, struct multipart_limits limits,
	const char *want)
{
	struct str got = STR_INIT;

	for (size_t step = 1; step <= strlen(text); step += 5) {
		struct err *e = read_all(&got, text, strlen(text), step,
			&limits);

		assert_non_null(e);
		assert_string_equal(err_text(e), want);
		err_free(e);
	}
	str_clear(&got);
}

static void test_read(void **state)
{
	(void)state;
	expect("--BB\r\nA: 1\r\nB:  two \r\n\r\nbody\r\n--BB\r\n\r\nx\r\n"
	       "--BB--\r\nepilogue",
		"[A: 1][B: two]<body><x>.");
	/* Preamble, padding, an empty body with and without its own line end,
	 * near misses of the boundary inside bodies. */
	expect("pre\r\namble\r\n--BB \t\r\nA: 1\r\n\r\n\r\n--BB\r\nA: 2\r\n"
	       "\r\n--BB\r\n\r\n\r\n--BBC\r\n-\r\n--B\r\n--BB--",
		"[A: 1]<>[A: 2]<><\r\n--BBC\r\n-\r\n--B>.");
	expect("--BB--", ".");
	expect("--BB\r\nA: 1\r\n\r\ncut off", "");
}

static void test_round_trip(void **state)
{
	static const char *const h[] = {"Content-Type", "video/mp2t",
		"Pixels", "999", NULL};
	const struct multipart_limits limits = {0};
	struct multipart *m = multipart_new("BB", &limits);
	struct str s = STR_INIT;
	struct part *p;

	(void)state;
	multipart_write_part(&s, "BB", h, "G\0\r\n", 4);
	multipart_write_part(&s, "BB", NULL, NULL, 0);
	multipart_write_end(&s, "BB");
	assert_null(multipart_feed(m, s.s, s.len));
	assert_true(multipart_is_complete(m));
	p = multipart_next(m);
	assert_string_equal(part_header(p, "pixels"), "999");
	assert_string_equal(part_header(p, "content-length"), "4");
	assert_null(part_header(p, "Pixel"));
	assert_int_equal(blob_size(p->body), 4);
	assert_memory_equal(blob_data(p->body), "G\0\r\n", 4);
	part_free(p);
	p = multipart_next(m);
	assert_int_equal(blob_size(p->body), 0);
	part_free(p);
	assert_null(multipart_next(m));
	multipart_free(m);
	str_clear(&s);
}

/* A zero behind a near miss is body as well. */
static void test_binary(void **state)
{
	static const char text[] = "--BB\r\n\r\na\r\n--BB\0\r\n--BB--";
	const struct multipart_limits limits = {0};

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		struct str got = STR_INIT;

		assert_null(read_all(&got, text, sizeof(text) - 1, step,
			&limits));
		assert_int_equal(got.len, 11);
		assert_memory_equal(got.s, "<a\r\n--BB\0>.", 11);
		str_clear(&got);
	}
}

static void test_limits(void **state)
{
	(void)state;
	expect_error("--BB\r\n\r\n123456789012345\r\n--BB--",
		(struct multipart_limits){.part_bytes = 14},
		"input bigger than max buffer size");
	expect_error("--BB\r\n\r\n12345678\r\n--BB\r\n\r\n1234567\r\n--BB--",
		(struct multipart_limits){.total_bytes = 14},
		"input bigger than max buffer size");
	expect_error("--BB\r\n\r\n1\r\n--BB\r\n\r\n2\r\n--BB--",
		(struct multipart_limits){.parts = 1},
		"multipart: more than 1 parts");
	expect_error("--BB\r\nName: 678901234567890123456789\r\n\r\n",
		(struct multipart_limits){.header_bytes = 20},
		"multipart: headers of more than 20 bytes");
	expect_error("no boundary here, not even after a while",
		(struct multipart_limits){.header_bytes = 20},
		"multipart: no boundary");
	expect_error("--BB\r\nno colon\r\n\r\n--BB--",
		(struct multipart_limits){0}, "multipart: malformed header");
	expect_error("--BB\r\nA: 1\r\n folded\r\n\r\n--BB--",
		(struct multipart_limits){0}, "multipart: malformed header");
	expect_error("--BB\r\nA: \x01\r\n\r\n--BB--",
		(struct multipart_limits){0},
		"multipart: control character in a header");
	expect_error("--BB \tx\r\n\r\n--BB--", (struct multipart_limits){0},
		"multipart: text behind a boundary");
}

static void test_boundary(void **state)
{
	static const char *const good[][2] = {
		{"multipart/mixed; boundary=abc", "abc"},
		{"multipart/mixed;BOUNDARY=\"a b\"", "a b"},
		{"Multipart/Mixed ; x=1; boundary=a-b ; y=2", "a-b"},
	};
	static const char *const bad[] = {"", "multipart/mixed",
		"multipart/mixed; boundary=", "multipart/mixed; boundary=\"a",
		"multipart/mixed; boundary=\"a\r\nb\"", "mixed; boundary=a",
		"multipart/mixed boundary=a", "multipart/mixed; boundary=\"a \""};
	char b[BOUNDARY_SIZE], type[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(multipart_boundary(b, good[i][0]));
		assert_string_equal(b, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(multipart_boundary(b, bad[i]));
	assert_false(multipart_boundary(b, NULL));
	assert_true(media_type(type, sizeof(type), "Video/MP2T; x=y"));
	assert_string_equal(type, "video/mp2t");
	assert_false(media_type(type, sizeof(type), "video"));
	assert_false(media_type(type, sizeof(type), NULL));
	assert_false(media_type(type, 5, "video/mp4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

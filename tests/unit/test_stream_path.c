/* go-livepeer server/mediaserver_test.go: its vectors, less its "live/" anywhere. */
#include "src/role/stream_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void expect(const char *path, const char *manifest, const char *key)
{
	struct stream_path p;

	assert_null(stream_path_parse(&p, path));
	assert_string_equal(p.manifest, manifest);
	assert_string_equal(p.key, key);
}

static void test_vectors(void **state)
{
	(void)state;
	expect("/live/x", "x", "");
	expect("/stream/movie/k", "movie", "k");
	expect("stream/", "", "");
	expect("/stream///", "", "");
	expect("stream/.m3u8", "", "");
	expect("/stream/stream/stream/stream", "stream", "stream/stream");
	expect("abc/def.m3u8/ghi.ts", "abc", "def.m3u8/ghi");
	expect("/stream", "stream", "");
	expect("/Secret/Stream/Key", "Secret", "Stream/Key");
	expect("  //movie.m3u8", "movie", "");
	expect("/my movie/k", "my movie", "k");
	expect("", "", "");
}

static void test_names_ending_in_live_work(void **state)
{
	(void)state;
	expect("/stream/olive/source/1.ts", "olive", "source/1");
	expect("/live/mylive/foo", "mylive", "foo");
}

static void test_hostile_names(void **state)
{
	static const char *const bad[] = {"/live/..", "/live/a..b/k",
		"/live/a\nb", "/live/a?b", "/live/a\"b", "/live/\xff"};
	struct stream_path p;
	char lengthy[2 * MANIFEST_SIZE];
	struct err *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		e = stream_path_parse(&p, bad[i]);
		/* "/live/.." strips to "": no name, not an escape. */
		if (!e)
			assert_null(strstr(p.manifest, ".."));
		else
			err_free(e);
		if (i)
			assert_non_null(e);
	}
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	e = stream_path_parse(&p, lengthy);
	assert_non_null(e);
	assert_int_equal(err_kind(e), ERR_LIMIT);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_names_ending_in_live_work),
		cmocka_unit_test(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

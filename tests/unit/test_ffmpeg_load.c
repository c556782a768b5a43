#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/media/ffmpeg.h"
#include "src/media/ffmpeg_calls.h"

#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int count(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	*(int *)ctx += strstr(info->dlpi_name, "/libav") != NULL;
	return 0;
}

static int libraries_in_process(void)
{
	int n = 0;

	dl_iterate_phdr(count, &n);
	return n;
}

/* Tests are linked as the program is. */
static void test_not_linked(void **state)
{
	(void)state;
	assert_int_equal(libraries_in_process(), 0);
}

static bool says_what_to_install(const struct err *e)
{
	char file[64], package[64];

	snprintf(file, sizeof(file), "libavutil.so.%d",
		LIBAVUTIL_VERSION_MAJOR);
	snprintf(package, sizeof(package), "libavutil%d",
		LIBAVUTIL_VERSION_MAJOR);
	return e && strstr(err_text(e), file) && strstr(err_text(e), package);
}

/* A process that can open no files finds no library. */
static void test_missing(void **state)
{
	const struct rlimit none = {0, 0};
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		struct err *e;

		if (setrlimit(RLIMIT_NOFILE, &none))
			_exit(2);
		e = ffmpeg_load();
		status = says_what_to_install(e) ? 0 : 1;
		err_free(e);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_load(void **state)
{
	struct err *e;

	(void)state;
	assert_null(ffmpeg_load());
	assert_true(libraries_in_process() >= 4);
#define CALL(library, function) assert_non_null(ffmpeg.function##_);
#include "src/media/ffmpeg_calls.def"
#undef CALL
	e = ffmpeg_err(AVERROR_INVALIDDATA);
	assert_string_equal(err_text(e),
		"Invalid data found when processing input");
	err_free(e);
	assert_null(ffmpeg_load());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_linked),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/media/worker_proto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int memfd_with(const char *text, bool seal)
{
	int fd = worker_memfd_new("test");

	assert_true(fd >= 0);
	assert_null(worker_memfd_write(fd, text, strlen(text)));
	if (seal)
		assert_null(worker_memfd_seal(fd));
	return fd;
}

static void test_send_and_receive(void **state)
{
	struct worker_request q = {.task = WORKER_PROBE, .id = 7}, got;
	int pair[2], fd = memfd_with("bytes", true), passed;
	char text[5];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(worker_send(pair[0], &q, sizeof(q), fd), 0);
	assert_int_equal(worker_send(pair[0], &q, sizeof(q), -1), 0);
	assert_int_equal(worker_receive(pair[1], &got, sizeof(got), &passed),
		sizeof(got));
	assert_int_equal(got.id, 7);
	assert_true(passed >= 0);
	assert_int_equal(pread(passed, text, 5, 0), 5);
	assert_memory_equal(text, "bytes", 5);
	close(passed);
	assert_int_equal(worker_receive(pair[1], &got, sizeof(got), &passed),
		sizeof(got));
	assert_int_equal(passed, -1);

	/* Too long a message is an error, not half a message. */
	assert_int_equal(worker_send(pair[0], &q, sizeof(q), fd), 0);
	assert_int_equal(worker_receive(pair[1], &got, 8, &passed), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(passed, -1);

	close(pair[0]);
	assert_int_equal(worker_receive(pair[1], &got, sizeof(got), &passed), 0);
	close(pair[1]);
	close(fd);
}

static void test_map(void **state)
{
	struct worker_answer a = {.word = WORKER_DONE, .n = 2,
		.decoded_pixels = 5};
	struct transcode_output out;
	int fd = memfd_with("oneHtwo", true);

	(void)state;
	a.r[0].size = 3;
	a.r[0].phash_size = 1;
	a.r[0].pixels = 10;
	a.r[1].size = 3;
	assert_true(worker_answer_check(&a, sizeof(a)));
	assert_null(worker_answer_map(&a, fd, &out));
	close(fd);
	assert_int_equal(out.n, 2);
	assert_int_equal(out.decoded_pixels, 5);
	assert_int_equal(out.r[0].pixels, 10);
	assert_memory_equal(blob_data(out.r[0].data), "one", 3);
	assert_memory_equal(blob_data(out.r[0].phash), "H", 1);
	blob_put(out.r[0].data);
	blob_put(out.r[0].phash);
	/* The mapping lives as long as any part. */
	assert_memory_equal(blob_data(out.r[1].data), "two", 3);
	assert_null(out.r[1].phash);
	blob_put(out.r[1].data);
}

static void expect_refused(const struct worker_answer *a, int fd)
{
	struct transcode_output out;
	struct err *e = worker_answer_map(a, fd, &out);

	assert_non_null(e);
	assert_int_equal(err_kind(e), ERR_PROTOCOL);
	assert_int_equal(out.n, 0);
	err_free(e);
	if (fd >= 0)
		close(fd);
}

static void test_map_refuses(void **state)
{
	struct worker_answer a = {.word = WORKER_DONE, .n = 1};

	(void)state;
	a.r[0].size = 3;
	expect_refused(&a, -1);
	expect_refused(&a, memfd_with("abc", false));
	expect_refused(&a, memfd_with("ab", true));
	expect_refused(&a, memfd_with("abcd", true));
	a.r[0].size = 0;
	expect_refused(&a, memfd_with("", true));
}

static void test_check(void **state)
{
	struct worker_answer good = {.word = WORKER_DONE, .n = 1}, a;

	(void)state;
	assert_true(worker_answer_check(&good, sizeof(good)));
	assert_false(worker_answer_check(&good, sizeof(good) - 1));
	a = good;
	a.word = WORKER_WORDS;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.n = LADDER_MAX + 1;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.failed = 1; /* and yet renditions */
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.err_kind = ERR_INTERNAL + 1;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	memset(a.text, 'x', sizeof(a.text));
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.r[0].size = UINT64_MAX;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.r[0].pixels = -1;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	memset(a.info.video, 'x', sizeof(a.info.video));
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.info.needs_bypass = 2;
	assert_false(worker_answer_check(&a, sizeof(a)));
	a = good;
	a.info.fps = 0.0 / 0.0;
	assert_false(worker_answer_check(&a, sizeof(a)));
}

static void test_error(void **state)
{
	struct worker_answer a = {.failed = 1, .err_kind = ERR_MEDIA,
		.text = "No keyframes in input"};
	struct err *e = worker_answer_err(&a);

	(void)state;
	assert_int_equal(err_kind(e), ERR_MEDIA);
	assert_string_equal(err_text(e), "No keyframes in input");
	err_free(e);
	a.failed = 0;
	assert_null(worker_answer_err(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send_and_receive),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_refuses),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/media/ffmpeg_calls.h"
#include "src/media/gpu_watch.h"
#include "src/media/pool.h"
#include "src/model/view.h"
#include "tests/unit/clip.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 30000

struct fixture {
	struct log *log;
	struct pool *pool;
};

/* An answer, waited for: replies go to a mailbox that the test reads. */
struct answer {
	atomic_bool there;
	struct err *err;
	void *result;
};

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct answer *a = ctx;

	a->err = taken;
	a->result = result;
	atomic_store(&a->there, true);
}

static struct reply reply_to(struct answer *a)
{
	*a = (struct answer){0};
	return (struct reply){.fn = on_answer, .ctx = a};
}

static void wait_for(struct answer *a)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;

	while (!atomic_load(&a->there)) {
		assert_true(clock_mono_ms() < end);
		usleep(1000);
	}
}

static struct pool *new_pool(const struct log *log, unsigned workers,
	unsigned capacity)
{
	struct pool_options o = {.exe = "/proc/self/exe",
		.cpu_workers = workers, .capacity = capacity,
		.preset = "ultrafast"};
	struct pool *p;

	assert_null(pool_new(log, &o, &p));
	return p;
}

static int setup(void **state)
{
	struct fixture *f = XNEW(struct fixture);

	f->log = log_new("test", NULL);
	f->pool = new_pool(f->log, 1, 3);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pool_free(f->pool);
	log_free(f->log);
	free(f);
	return 0;
}

static struct transcode_job *new_job(const char *session, struct blob *taken)
{
	struct transcode_job *j = XNEW(struct transcode_job);

	snprintf(j->session, sizeof(j->session), "%s", session);
	j->duration_ms = 1000;
	j->input = taken;
	assert_null(ladder_parse_presets(&j->ladder,
		"P240p30fps16x9,P144p30fps16x9"));
	return j;
}

static void transcode(struct fixture *f, const char *session,
	struct blob *taken, struct answer *a)
{
	pool_transcode(f->pool, new_job(session, taken), reply_to(a));
}

/* Transcodes a good clip, which a sound pool does. */
static void expect_good(struct fixture *f, const char *session)
{
	struct transcode_output *out;
	struct answer a;

	transcode(f, session, clip_ts(), &a);
	wait_for(&a);
	assert_string_equal(err_text(a.err), "ok");
	out = a.result;
	assert_int_equal(out->n, 2);
	assert_int_equal(out->r[0].pixels, CLIP_FRAMES * 426 * 240);
	assert_int_equal(out->r[1].pixels, CLIP_FRAMES * 256 * 144);
	assert_string_equal(out->device, "cpu0");
	assert_int_equal(blob_data(out->r[0].data)[0], 0x47);
	transcode_output_free(out);
}

/* The row of the one worker, or NULL before `state` is reached. */
static bool wait_state(struct fixture *f, const char *wanted)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;
	struct view_transcoders v = {0};
	bool reached = false;

	while (!reached && clock_mono_ms() < end) {
		pool_view(f->pool, &v);
		reached = v.rows.n &&
			!strcmp(view_text(v.rows.v[0].state), wanted);
		view_clear(view_transcoders_desc(), &v);
		usleep(2000);
	}
	return reached;
}

/* Our child whose name is `name`; workers call themselves so. */
static pid_t find_worker(const char *name)
{
	char text[512], line[8192];
	FILE *f;
	pid_t found = 0;

	f = popen("cat /proc/[0-9]*/stat 2>/dev/null", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		int pid, parent;
		char state;

		if (sscanf(line, "%d (%511[^)]) %c %d", &pid, text, &state,
			    &parent) == 4 &&
			parent == getpid() && !strcmp(text, name))
			found = pid;
	}
	pclose(f);
	return found;
}

static void test_transcode(void **state)
{
	expect_good(*state, "s1");
	expect_good(*state, "s1");
	expect_good(*state, "s2");
}

static void test_garbage(void **state)
{
	struct answer a;

	transcode(*state, "s1", blob_new("garbage", 7), &a);
	wait_for(&a);
	assert_int_equal(err_kind(a.err), ERR_MEDIA);
	assert_string_equal(err_text(a.err), "TranscoderInvalidVideo");
	err_free(a.err);
	expect_good(*state, "s1");
}

static void test_probe(void **state)
{
	struct fixture *f = *state;
	struct media_info *info;
	struct answer a;

	pool_probe(f->pool, clip_ts(), CONTAINER_MPEGTS, reply_to(&a));
	wait_for(&a);
	assert_null(a.err);
	info = a.result;
	assert_string_equal(info->video, "h264");
	assert_string_equal(info->audio, "aac");
	assert_string_equal(info->pixel_format, "yuv420p");
	assert_int_equal(info->width, CLIP_WIDTH);
	assert_int_equal(info->height, CLIP_HEIGHT);
	assert_false(info->needs_bypass);
	free(info);

	pool_count_pixels(f->pool, clip_ts(), CONTAINER_MPEGTS, reply_to(&a));
	wait_for(&a);
	assert_null(a.err);
	assert_int_equal(*(int64_t *)a.result,
		CLIP_FRAMES * CLIP_WIDTH * CLIP_HEIGHT);
	free(a.result);
}

static void test_signature(void **state)
{
	struct fixture *f = *state;
	struct transcode_job *j = new_job("s1", clip_ts());
	struct transcode_output *out;
	struct answer a;

	j->calc_perceptual_hash = true;
	pool_transcode(f->pool, j, reply_to(&a));
	wait_for(&a);
	assert_string_equal(err_text(a.err), "ok");
	out = a.result;
	assert_true(blob_size(out->r[0].phash) > 100);
	assert_true(blob_size(out->r[1].phash) > 100);
	transcode_output_free(out);
}

static void test_killed_worker_costs_one_segment(void **state)
{
	struct fixture *f = *state;
	struct answer lost, next;
	pid_t pid;

	assert_true(wait_state(f, "idle"));
	pid = find_worker("cpu0");
	assert_true(pid > 0);
	kill(pid, SIGSTOP);
	transcode(f, "s1", clip_ts(), &lost);
	transcode(f, "s2", clip_ts(), &next);
	assert_true(wait_state(f, "busy"));
	kill(pid, SIGKILL);
	wait_for(&lost);
	assert_int_equal(err_kind(lost.err), ERR_UNAVAILABLE);
	assert_string_equal(err_text(lost.err),
		"session s1: worker cpu0 died (signal 9, Killed)");
	err_free(lost.err);
	wait_for(&next);
	assert_string_equal(err_text(next.err), "ok");
	transcode_output_free(next.result);
	expect_good(f, "s1");
}

static void test_hanging_worker_is_killed(void **state)
{
	struct fixture *f = *state;
	struct transcode_job *j = new_job("s1", clip_ts());
	struct answer a;
	pid_t pid;

	j->timeout_ms = 100;
	assert_true(wait_state(f, "idle"));
	pid = find_worker("cpu0");
	assert_true(pid > 0);
	kill(pid, SIGSTOP);
	pool_transcode(f->pool, j, reply_to(&a));
	wait_for(&a);
	assert_int_equal(err_kind(a.err), ERR_TIMEOUT);
	assert_non_null(strstr(err_text(a.err), "session s1"));
	assert_non_null(strstr(err_text(a.err), "signal 9"));
	err_free(a.err);
	expect_good(f, "s1");
}

static void test_queue_and_capacity(void **state)
{
	struct fixture *f = *state;
	struct answer a[8];
	pid_t pid;

	assert_true(wait_state(f, "idle"));
	pid = find_worker("cpu0");
	kill(pid, SIGSTOP);
	for (int i = 0; i < 6; i++)
		transcode(f, "s1", clip_ts(), &a[i]);
	wait_for(&a[5]); /* 1 at work, 4 wait */
	assert_string_equal(err_text(a[5].err), "TranscoderBusy");
	assert_int_equal(err_kind(a[5].err), ERR_BUSY);
	err_free(a[5].err);
	transcode(f, "s2", clip_ts(), &a[5]);
	transcode(f, "s3", blob_new("x", 1), &a[6]);
	transcode(f, "s4", clip_ts(), &a[7]);
	wait_for(&a[7]);
	assert_string_equal(err_text(a[7].err), "no capacity");
	err_free(a[7].err);
	pool_end_session(f->pool, "s1");
	for (int i = 1; i < 5; i++) {
		wait_for(&a[i]);
		assert_int_equal(err_kind(a[i].err), ERR_CANCELLED);
		err_free(a[i].err);
	}
	kill(pid, SIGCONT);
	wait_for(&a[0]);
	wait_for(&a[5]);
	assert_null(a[0].err);
	assert_null(a[5].err);
	transcode_output_free(a[0].result);
	transcode_output_free(a[5].result);
	wait_for(&a[6]);
	assert_int_equal(err_kind(a[6].err), ERR_MEDIA);
	err_free(a[6].err);
}

static void test_drain(void **state)
{
	struct fixture *f = *state;
	struct answer a;

	pool_drain(f->pool, "cpu9", true, reply_to(&a));
	wait_for(&a);
	assert_int_equal(err_kind(a.err), ERR_NOT_FOUND);
	err_free(a.err);

	assert_true(wait_state(f, "idle"));
	pool_drain(f->pool, "cpu0", true, reply_to(&a));
	wait_for(&a);
	assert_null(a.err);
	assert_true(wait_state(f, "drained"));
	transcode(f, "s1", clip_ts(), &a);
	wait_for(&a);
	assert_string_equal(err_text(a.err), "no capacity");
	err_free(a.err);
	pool_drain(f->pool, "cpu0", false, reply_to(&a));
	wait_for(&a);
	assert_null(a.err);
	expect_good(f, "s1");
}

static void test_no_gpu(void **state)
{
	struct fixture *f = *state;
	struct pool_options o = {.exe = "/proc/self/exe", .nvidia = "63"};
	struct pool *p;
	struct err *e = pool_new(f->log, &o, &p);

	assert_non_null(e);
	assert_true(str_has_prefix(err_text(e), "no NVIDIA device found"));
	err_free(e);
}

static char *last_error(struct pool *p)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;
	struct view_transcoders v = {0};
	char *text = NULL;

	while (!text && clock_mono_ms() < end) {
		pool_view(p, &v);
		if (v.rows.n && v.rows.v[0].restarts)
			text = xstrdup(v.rows.v[0].last_error);
		view_clear(view_transcoders_desc(), &v);
		usleep(5000);
	}
	return text;
}

/* A worker that cannot load FFmpeg: the operator reads what to install. */
static void test_no_ffmpeg(void **state)
{
	struct fixture *f = *state;
	char dir[] = "/tmp/weir-test-XXXXXX", path[64];
	struct pool *p;
	char *text;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/libavutil.so.%d", dir,
		LIBAVUTIL_VERSION_MAJOR);
	file = fopen(path, "w"); /* empty, and found first */
	assert_non_null(file);
	fclose(file);
	setenv("LD_LIBRARY_PATH", dir, 1);
	p = new_pool(f->log, 1, 1);
	text = last_error(p);
	pool_free(p);
	unsetenv("LD_LIBRARY_PATH");
	unlink(path);
	rmdir(dir);
	assert_non_null(text);
	assert_true(str_has_prefix(text, "FFmpeg does not load"));
	assert_non_null(strstr(text, "(Debian has it in libavutil"));
	free(text);
}

static void test_view(void **state)
{
	struct fixture *f = *state;
	struct view_transcoders v = {0};
	int64_t end = clock_mono_ms() + DEADLINE_MS;

	expect_good(f, "s1");
	while (clock_mono_ms() < end) {
		view_clear(view_transcoders_desc(), &v);
		pool_view(f->pool, &v);
		if (v.rows.n && v.rows.v[0].segments == 1 &&
			v.rows.v[0].rss > 0)
			break;
		usleep(5000);
	}
	assert_int_equal(v.rows.n, 1);
	assert_string_equal(v.rows.v[0].id, "cpu0");
	assert_string_equal(v.rows.v[0].kind, "cpu");
	assert_int_equal(v.rows.v[0].segments, 1);
	assert_int_equal(v.rows.v[0].pixels,
		CLIP_FRAMES * (426 * 240 + 256 * 144));
	assert_int_equal(v.rows.v[0].load, 1);
	assert_int_equal(v.rows.v[0].capacity, 3);
	assert_true(v.rows.v[0].speed > 0);
	assert_true(v.rows.v[0].rss > 0);
	view_clear(view_transcoders_desc(), &v);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_transcode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_garbage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signature, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_killed_worker_costs_one_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hanging_worker_is_killed,
			setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_and_capacity, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_drain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_gpu, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_ffmpeg, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_view, setup, teardown),
	};

	/* The pool starts its workers from the program it is in. */
	if (argc > 1 && !strcmp(argv[1], "worker"))
		return worker_main(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "gpus"))
		return gpu_watch_main(argc, argv);
	log_set_quiet(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

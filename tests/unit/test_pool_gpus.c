/* What is known of GPUs, with a driver's library that the test owns
 * (tests/peers/fake_nvml.c, which `make unit` builds): figures, those it will
 * not give, none at all, and calls that never return. */
#include "src/media/pool_gpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/media/gpu_watch.h"
#include "tests/unit/outcome.h"

#define DEADLINE_MS 40000
#define PATIENCE ((struct gpus_patience){1500, 1500, 2500, 500})
#define SELF "/proc/self/exe"

static char script[64]; /* what the library reads */

static void behave(const char *mode)
{
	char next[80];
	FILE *f;

	snprintf(next, sizeof(next), "%s.new", script);
	f = fopen(next, "w");
	assert_non_null(f);
	fputs(mode, f);
	fclose(f);
	assert_int_equal(rename(next, script), 0);
}

static void test_figures(void **state)
{
	struct gpus *g;
	const struct gpu_reading *r;

	(void)state;
	behave("ok");
	ok(gpus_open(SELF, "all", PATIENCE, &g));
	assert_int_equal(gpus_n(g), 2);
	r = gpus_reading(g, 0);
	assert_string_equal(r->name, "Fake A2000");
	assert_int_equal(r->known, GPU_BUSY | GPU_ENCODER | GPU_DECODER | GPU_MEMORY |
		GPU_TEMPERATURE | GPU_POWER);
	assert_int_equal(r->busy, 87);
	assert_int_equal(r->encoder, 55);
	assert_int_equal(r->decoder, 21);
	assert_int_equal(r->temperature, 71);
	assert_int_equal(r->power, 63500);
	assert_int_equal(r->memory_used, 4ull << 30);
	assert_int_equal(r->memory_total, 12ull << 30);
	/* What the driver refuses is not zero, it is unknown. */
	r = gpus_reading(g, 1);
	assert_int_equal(r->number, 1);
	assert_int_equal(r->known, GPU_BUSY | GPU_MEMORY);
	assert_int_equal(r->busy, 9);
	gpus_free(g);

	ok(gpus_open(SELF, "1", PATIENCE, &g));
	assert_int_equal(gpus_n(g), 1);
	assert_int_equal(gpus_reading(g, 0)->number, 1);
	gpus_free(g);
}

static void test_refusals(void **state)
{
	struct gpus *g;

	(void)state;
	behave("none");
	refuses(gpus_open(SELF, "all", PATIENCE, &g), "the driver knows none");
	assert_null(g);
	behave("ill");
	refuses(gpus_open(SELF, "all", PATIENCE, &g), "NVML does not start");
	behave("ok");
	refuses(gpus_open(SELF, "0,2", PATIENCE, &g), "none with number 2");
	refuses(gpus_open(SELF, "0,x", PATIENCE, &g), "\"x\" is not the number of a device");
	refuses(gpus_open(SELF, "64", PATIENCE, &g), "is not the number");
	refuses(gpus_open("/no/such/program", "all", PATIENCE, &g), "/no/such/program");
	assert_int_equal(gpus_n(NULL), 0);
	gpus_free(NULL);
}

/* A driver that hangs at the start costs its time, once. */
static void test_hangs_at_start(void **state)
{
	int64_t began_ms = clock_mono_ms();
	struct gpus *g;

	(void)state;
	behave("hang");
	refuses(gpus_open(SELF, "all", PATIENCE, &g), "does not answer");
	assert_true(clock_mono_ms() - began_ms >= 1500);
}

struct world {
	struct actor *actor;
	struct log *log;
	struct gpus *gpus;
	uint32_t known; /* as of the last call of look() */
	int64_t silent_ms;
	int changes;
};

static void on_change(void *ctx)
{
	struct world *w = ctx;

	w->changes++;
}

static void follow(void *ctx)
{
	struct world *w = ctx;

	gpus_follow(w->gpus, w->actor, w->log, on_change, w);
}

static void unfollow(void *ctx)
{
	struct world *w = ctx;

	gpus_stop(w->gpus);
}

static void look(void *ctx)
{
	struct world *w = ctx;

	w->known = gpus_reading(w->gpus, 0)->known;
	w->silent_ms = gpus_silent_ms(w->gpus);
}

/* Every look gets through at once: the actor has waited for nobody. */
static void wait_until(struct world *w, bool silent)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	do {
		actor_call(w->actor, look, w);
		if ((w->silent_ms > 0) == silent && (w->known != 0) == !silent)
			return;
		usleep(10000);
	} while (clock_mono_ms() < end_ms);
	fail_msg("known %x, silent for %lld ms", w->known, (long long)w->silent_ms);
}

/* While the node runs: the figures become unknown, the node goes on, and all is
 * well when the driver is. */
static void test_hangs_and_recovers(void **state)
{
	struct world w = {.actor = actor_new("test", 0), .log = log_new("test", NULL)};

	(void)state;
	behave("ok");
	ok(gpus_open(SELF, "all", PATIENCE, &w.gpus));
	actor_call(w.actor, follow, &w);
	wait_until(&w, false);
	behave("hang");
	wait_until(&w, true);
	assert_true(w.changes > 0);
	assert_string_equal(gpus_reading(w.gpus, 0)->name, "Fake A2000");
	/* The process in that call is given up, and another one asks. */
	behave("ok");
	wait_until(&w, false);
	actor_call(w.actor, unfollow, &w);
	actor_free(w.actor);
	gpus_free(w.gpus);
	log_free(w.log);
}

static void test_report_check(void **state)
{
	struct gpu_report r = {.n = 2, .i = 1};

	(void)state;
	assert_true(gpu_report_check(&r, sizeof(r)));
	assert_false(gpu_report_check(&r, sizeof(r) - 1));
	r.i = 2;
	assert_false(gpu_report_check(&r, sizeof(r)));
	r = (struct gpu_report){.n = GPUS_MAX + 1};
	assert_false(gpu_report_check(&r, sizeof(r)));
	r = (struct gpu_report){.n = 0};
	assert_false(gpu_report_check(&r, sizeof(r)));
	r.error[0] = 'x';
	assert_true(gpu_report_check(&r, sizeof(r)));
	memset(r.error, 'x', sizeof(r.error));
	assert_false(gpu_report_check(&r, sizeof(r)));
	r = (struct gpu_report){.n = 1};
	memset(r.device.name, 'x', sizeof(r.device.name));
	assert_false(gpu_report_check(&r, sizeof(r)));
	r = (struct gpu_report){.n = 1, .device = {.memory_used = UINT64_MAX}};
	assert_false(gpu_report_check(&r, sizeof(r)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_hangs_at_start),
		cmocka_unit_test(test_hangs_and_recovers),
		cmocka_unit_test(test_report_check),
	};
	int failed;

	if (argc > 1 && !strcmp(argv[1], "gpus"))
		return gpu_watch_main(argc, argv);
	log_set_quiet(1);
	snprintf(script, sizeof(script), "/tmp/weir-nvml-%d", (int)getpid());
	setenv("NVIDIA_FAKE", script, 1);
	setenv("LD_LIBRARY_PATH", "build/nvml", 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(script);
	return failed;
}

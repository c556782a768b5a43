#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/model/capability.h"

static struct caps bits(const unsigned *list, size_t n)
{
	struct caps c = {.present = true};

	for (size_t i = 0; i < n; i++)
		caps_add(&c, list[i]);
	return c;
}
#define BITS(...)                                                            \
	bits((const unsigned[]){__VA_ARGS__},                                \
		sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static void test_bitstring(void **state) /* G9 */
{
	struct caps c = BITS(0, 1, 2, 3, 4, 5);

	(void)state;
	assert_int_equal(c.words, 1);
	assert_int_equal(c.bits[0], 63);
	c = BITS(192, 193);
	assert_int_equal(c.words, 4);
	assert_int_equal(c.bits[2], 0);
	assert_int_equal(c.bits[3], 3);
	c = BITS(193, 54, 192, 79);
	assert_true(c.bits[0] == UINT64_C(1) << 54);
	assert_int_equal(c.bits[1], 1 << 15);
	assert_int_equal(c.bits[2], 0);
	assert_int_equal(c.bits[3], 3);
	assert_true(caps_has(&c, 79));
	assert_false(caps_has(&c, 80));
	assert_false(caps_has(&c, 100000));
}

static void test_versions(void **state) /* G10 */
{
	(void)state;
	assert_true(version_at_least("0.4.1", "0.4.1"));
	assert_false(version_at_least("0.4.2", "0.4.1"));
	assert_true(version_at_least("0.4.1", "0.4.1-b3278dce-dirty"));
	assert_false(version_at_least("0.4.2", "0.4.1-b3278dce-dirty"));
	assert_true(version_at_least("", "junk"));
	assert_false(version_at_least("0.4.0", ""));
	assert_false(version_at_least("0.4.0", "undefined"));
	assert_true(version_at_least("junk", "0.4.1"));
	assert_false(version_at_least("0.4.1", "junk"));
	assert_true(version_at_least("0.4.9", "0.10.0"));
}

static void test_sets(void **state)
{
	struct caps c;

	(void)state;
	caps_default(&c);
	assert_int_equal(c.bits[0], 0x4005fff);
	assert_int_equal(c.capacity[CAP_SEGMENT_SLICING], 1);
	assert_int_equal(c.capacity[13], 0);
	caps_software(&c);
	assert_true(caps_has(&c, CAP_VP8_DECODE));
	assert_true(caps_has(&c, CAP_H264_420_10));
	assert_false(caps_has(&c, CAP_HEVC_ENCODE));
}

static void test_jobs(void **state)
{
	struct ladder l = {.n = 1, .r = {preset_at(0)->rendition}};
	struct job_caps_in in = {.ladder = &l, .input_h264 = true};
	struct caps c;

	(void)state;
	caps_for_job(&c, &in);
	assert_int_equal(c.words, 1);
	assert_int_equal(c.bits[0], 4099);
	in.http_push = true;
	caps_for_job(&c, &in);
	assert_int_equal(c.bits[0], 67112963);

	l.r[0].container = CONTAINER_MP4;
	l.r[0].fps_den = 1;
	l.r[0].profile = H264_PROFILE_CONSTRAINED_HIGH;
	l.r[0].gop_ms = GOP_INTRA_ONLY;
	in = (struct job_caps_in){.ladder = &l, .input_vp9 = true,
		.min_version = "0.7.5"};
	caps_for_job(&c, &in);
	assert_int_equal(c.bits[0], 1 | 1 << CAP_MP4 | 1 << CAP_GOP |
		1 << CAP_FRACTIONAL_FPS | 1 << CAP_H264_CONSTRAINED_HIGH |
		1 << CAP_AUTH_TOKEN | 1 << CAP_VP9_DECODE);
	assert_string_equal(c.min_version, "0.7.5");
}

static void test_compatible(void **state)
{
	struct caps job = BITS(0, 1, 12), orch, none = {0};

	(void)state;
	caps_default(&orch);
	assert_true(caps_compatible(&job, &orch));
	assert_false(caps_compatible(&none, &orch));
	/* Bit 12 is beyond the legacy set. */
	assert_false(caps_compatible(&job, &none));
	job = BITS(0, 1);
	assert_true(caps_compatible(&job, &none));

	orch.mandatories[0] = 1 << 12;
	assert_false(caps_compatible(&job, &orch));
	caps_add(&job, 12);
	assert_true(caps_compatible(&job, &orch));
	/* Zero words at the end count. */
	job.words = 2;
	assert_false(caps_compatible(&job, &orch));
	job.words = 1;

	snprintf(job.min_version, sizeof(job.min_version), "0.5.0");
	assert_false(caps_compatible(&job, &orch));
	snprintf(orch.version, sizeof(orch.version), "0.5.1-abc");
	assert_true(caps_compatible(&job, &orch));
	caps_add(&job, CAP_HEVC_DECODE);
	assert_false(caps_compatible(&job, &orch));
	/* What a transcoder demands is no matter of covering. */
	job = BITS(0, 1);
	assert_true(caps_covers(&job, &orch));
}

static void test_union(void **state)
{
	struct caps sum = {.present = true}, a = BITS(0, 1), b = BITS(1, 26);

	(void)state;
	a.capacity[0] = 3;
	a.capacity[1] = 3;
	caps_union_add(&sum, &a);
	caps_union_add(&sum, &b); /* no counts: 1 each */
	assert_int_equal(sum.capacity[0], 3);
	assert_int_equal(sum.capacity[1], 4);
	assert_int_equal(sum.capacity[26], 1);
	caps_union_sub(&sum, &a);
	assert_false(caps_has(&sum, 0));
	assert_true(caps_has(&sum, 1));
	caps_union_sub(&sum, &b);
	caps_union_sub(&sum, &b);
	assert_false(caps_has(&sum, 1));
	assert_int_equal(sum.capacity[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bitstring),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_compatible),
		cmocka_unit_test(test_union),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

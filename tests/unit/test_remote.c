/* The list of registered transcoders: who is picked, what is counted. */
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "src/role/remote.h"

static struct remote *add(struct remotes *r, uint64_t exchange,
	int64_t capacity)
{
	struct register_request q = {.capacity = capacity};

	caps_default(&q.caps);
	snprintf(q.caps.version, sizeof(q.caps.version), "%s", "0.7.0");
	return remotes_add(r, &q, exchange, "192.0.2.1:4711", 1000);
}

static void names_and_finds(void **state)
{
	struct remotes r = {0};
	struct remote *a = add(&r, 11, 2), *b = add(&r, 12, 3), *c;

	(void)state;
	assert_string_equal(a->id, "t1");
	assert_string_equal(b->id, "t2");
	assert_ptr_equal(remotes_by_exchange(&r, 12), b);
	assert_null(remotes_by_exchange(&r, 13));
	assert_ptr_equal(remotes_by_id(&r, "t1"), a);
	assert_null(remotes_by_id(&r, "t3"));
	assert_int_equal(remotes_capacity(&r), 5);
	remotes_remove(&r, a);
	assert_null(remotes_by_id(&r, "t1"));
	assert_int_equal(remotes_capacity(&r), 3);
	/* A name is never given twice. */
	c = add(&r, 14, 1);
	assert_string_equal(c->id, "t3");
	remotes_clear(&r);
	assert_null(r.list);
}

static void picks_the_least_loaded(void **state)
{
	struct remotes r = {0};
	struct remote *big = add(&r, 1, 10), *small = add(&r, 2, 2);
	struct caps job = {.present = true};
	bool any;

	(void)state;
	caps_add(&job, CAP_H264);
	big->load = 4; /* 40 % */
	small->load = 1; /* 50 % */
	assert_ptr_equal(remotes_pick(&r, &job, NULL, &any), big);
	big->load = 6;
	assert_ptr_equal(remotes_pick(&r, &job, NULL, &any), small);
	assert_ptr_equal(remotes_pick(&r, &job, small, &any), big);
	small->draining = true;
	assert_ptr_equal(remotes_pick(&r, &job, NULL, &any), big);
	big->load = 10;
	assert_null(remotes_pick(&r, &job, NULL, &any));
	assert_true(any); /* they could, had they room */
	caps_add(&job, CAP_HEVC_ENCODE);
	assert_null(remotes_pick(&r, &job, NULL, &any));
	assert_false(any);
	remotes_clear(&r);
}

static void version_of_the_job_counts(void **state)
{
	struct remotes r = {0};
	struct caps job = {.present = true};
	bool any;

	(void)state;
	add(&r, 1, 1);
	caps_add(&job, CAP_H264);
	snprintf(job.min_version, sizeof(job.min_version), "%s", "0.7.0");
	assert_non_null(remotes_pick(&r, &job, NULL, &any));
	snprintf(job.min_version, sizeof(job.min_version), "%s", "0.7.1");
	assert_null(remotes_pick(&r, &job, NULL, &any));
	assert_false(any);
	remotes_clear(&r);
}

static void counts_and_shows(void **state)
{
	struct remotes r = {0};
	struct remote *t = add(&r, 1, 2);
	struct transcoder_row row = {0};

	(void)state;
	assert_true(t->speed < 0);
	remote_done(t, 2000, 1000, 500);
	assert_true(t->speed == 2.0);
	remote_done(t, 2000, 0, 500); /* no division by zero */
	assert_true(t->speed > 2.0);
	remote_note(t, 5000, "first");
	remote_note(t, 6000, "MediaStats Failure");
	t->load = 1;
	t->draining = true;
	snprintf(t->current, sizeof(t->current), "%s", "c0ffee00");
	remote_row(t, &row);
	assert_string_equal(row.id, "t1");
	assert_string_equal(row.kind, "remote");
	assert_string_equal(row.address, "192.0.2.1:4711");
	assert_string_equal(row.version, "0.7.0");
	assert_string_equal(row.state, "draining");
	assert_string_equal(row.current, "c0ffee00");
	assert_string_equal(row.last_error, "MediaStats Failure");
	assert_int_equal(row.last_error_ms, 6000);
	assert_int_equal(row.segments, 2);
	assert_int_equal(row.failed, 2);
	assert_int_equal(row.pixels, 1000);
	t->load = 0;
	remote_row(t, &row);
	assert_string_equal(row.state, "drained");
	t->draining = false;
	remote_row(t, &row);
	assert_string_equal(row.state, "idle");
	view_clear(transcoder_row_desc(), &row);
	remotes_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_finds),
		cmocka_unit_test(picks_the_least_loaded),
		cmocka_unit_test(version_of_the_job_counts),
		cmocka_unit_test(counts_and_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

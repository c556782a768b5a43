/* Which orchestrators are known and which of them answer, on an actor of the
 * test's own. Source: go-livepeer discovery/. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/role/discovery.h"
#include "tests/unit/role_rig.h"

static struct orch first, second;
static struct actor *self;
static struct net *net;
static struct discovery *d;

static int open_all(void **state)
{
	(void)state;
	rig_open();
	orch_open(&first, fake_pool_new("cpu0", 1), "", 10, 0);
	orch_open(&second, fake_pool_new("cpu0", 1), "", 10, 0);
	self = actor_new("self", 16);
	net = net_new(rig_log);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	net_stop(net);
	actor_free(self);
	discovery_free(d);
	net_free(net);
	orch_close(&first);
	orch_close(&second);
	rig_close();
	return 0;
}

/* --- on the actor --- */

struct errand {
	enum trust trust;
	size_t want, size;
	struct caps job;
	const char *suspended;
	struct box box;
	struct view_orchestrators rows;
};

static int penalty(void *ctx, const char *uri)
{
	const char *suspended = ctx;

	return suspended && !strcmp(uri, suspended);
}

static void on_errand(void *ctx)
{
	struct errand *q = ctx;

	q->size = discovery_size(d, q->trust);
	discovery_find(d, q->trust, q->want, &q->job, penalty,
		(char *)(uintptr_t)q->suspended, into(&q->box));
}

static struct found *find(struct errand *q)
{
	q->job.present = true;
	caps_add(&q->job, CAP_H264);
	actor_call(self, on_errand, q);
	return unbox(&q->box);
}

static void on_rows(void *ctx)
{
	discovery_rows(d, ctx);
}

static void on_ready(void *ctx)
{
	discovery_ready(d, into(ctx));
}

static void start(const char *const *uris, size_t n, const char *blocklist,
	const char *webhook)
{
	struct discovery_options o = {.uris = uris, .uris_n = n,
		.blocklist = blocklist, .webhook = webhook};

	d = discovery_new(rig_log, self, net, &o);
}

static void finds_those_that_answer(void **state)
{
	const char *uris[] = {first.uri, "https://127.0.0.1:1", second.uri};
	struct errand q = {.trust = TRUST_FULL, .want = 3};
	struct view_orchestrators rows = {0};
	struct found *f;

	(void)state;
	start(uris, 3, NULL, NULL);
	f = find(&q);
	assert_int_equal(q.size, 3);
	assert_int_equal(f->n, 2);
	assert_true(f->o[0].latency_ms <= f->o[1].latency_ms);
	assert_true(f->o[0].info.token.present);
	assert_string_not_equal(f->o[0].info.transcoder,
		f->o[1].info.transcoder);
	free(f);
	actor_call(self, on_rows, &rows);
	assert_int_equal(rows.rows.n, 3);
	assert_string_equal(view_text(rows.rows.v[0].last_error), "");
	assert_string_not_equal(view_text(rows.rows.v[1].last_error), "");
	view_clear(view_orchestrators_desc(), &rows);
	/* They are all of one level of trust. */
	f = find(&(struct errand){.trust = TRUST_NONE, .want = 3});
	assert_int_equal(f->n, 0);
	free(f);
}

static void takes_no_more_than_wanted(void **state)
{
	const char *uris[] = {first.uri, second.uri};
	struct found *f;

	(void)state;
	start(uris, 2, NULL, NULL);
	f = find(&(struct errand){.trust = TRUST_FULL, .want = 1});
	assert_int_equal(f->n, 1);
	free(f);
}

static void suspended_come_last(void **state)
{
	const char *uris[] = {first.uri, second.uri};
	struct found *f;

	(void)state;
	start(uris, 2, NULL, NULL);
	f = find(&(struct errand){.trust = TRUST_FULL, .want = 1,
		.suspended = first.uri});
	assert_int_equal(f->n, 1);
	assert_string_equal(f->o[0].info.transcoder, second.uri);
	free(f);
	f = find(&(struct errand){.trust = TRUST_FULL, .want = 2,
		.suspended = first.uri});
	assert_int_equal(f->n, 2);
	assert_string_equal(f->o[1].info.transcoder, first.uri);
	free(f);
}

static void blocked_and_unable_are_left_out(void **state)
{
	const char *uris[] = {first.uri};
	struct errand q = {.trust = TRUST_FULL, .want = 1};
	struct found *f;

	(void)state;
	/* Off-chain everybody's address is zero. */
	start(uris, 1, "beef,0x0000000000000000000000000000000000000000", NULL);
	f = find(&q);
	assert_int_equal(f->n, 0);
	free(f);
	discovery_free(TAKE(d));
	start(uris, 1, "", NULL);
	caps_add(&q.job, CAP_HEVC_ENCODE);
	f = find(&q);
	assert_int_equal(f->n, 0);
	free(f);
}

static void failing_webhook_lets_streams_go_on(void **state)
{
	struct errand q = {.trust = TRUST_FULL, .want = 1};
	struct box box;

	(void)state;
	start(NULL, 0, NULL, "http://127.0.0.1:1/list");
	actor_call(self, on_ready, &box);
	assert_null(unbox(&box));
	free(find(&q));
	assert_int_equal(q.size, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_those_that_answer),
		TEST(takes_no_more_than_wanted),
		TEST(suspended_come_last),
		TEST(blocked_and_unable_are_left_out),
		TEST(failing_webhook_lets_streams_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Registered transcoders and their orchestrator, each in a net of its own:
 * who gets a segment, what becomes of it when a transcoder fails, dies or says
 * nothing. Time that would be waited for is given to assign_tick(). Source:
 * go-livepeer server/ot_rpc.go. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/role/transcoder.h"
#include "tests/unit/role_rig.h"

#define SECRET "sesame"

struct worker {
	struct net *net;
	struct pool *pool;
	struct board *board;
	struct transcoder *t;
};

static struct orch orch;
static struct worker one, two;
static struct auth_token token;
static _Atomic(const char *) fatal; /* points into refusal */
static char refusal[64];

static void on_fatal(void *ctx, const char *reason)
{
	(void)ctx;
	snprintf(refusal, sizeof(refusal), "%s", reason);
	atomic_store(&fatal, refusal);
}

static void enlist(struct worker *w, const char *device, const char *secret,
	unsigned capacity)
{
	struct transcoder_options o = {.orchestrator = orch.uri,
		.secret = secret, .capacity = capacity, .version = "0.9.1",
		.publishes = true, .fatal = on_fatal};

	w->net = net_new(rig_log);
	w->pool = fake_pool_new(device, capacity);
	w->board = board_new(SECTION_COUNT);
	w->t = transcoder_new(rig_log, w->net, w->pool, w->board, &o);
}

static void dismiss(struct worker *w)
{
	if (!w->t)
		return;
	transcoder_stop(w->t);
	pool_free(w->pool);
	net_stop(w->net);
	transcoder_free(w->t);
	net_free(w->net);
	board_free(w->board);
	*w = (struct worker){0};
}

static int open_all(void **state)
{
	(void)state;
	atomic_store(&fatal, NULL);
	rig_open();
	orch_open(&orch, NULL, SECRET, 10, 0);
	enlist(&one, "one", SECRET, 2);
	WAIT_FOR(look(&orch).remotes == 1);
	token_of(&orch, &token);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	dismiss(&one);
	dismiss(&two);
	orch_close(&orch);
	rig_close();
	return 0;
}

static void join_two(void)
{
	enlist(&two, "two", SECRET, 2);
	WAIT_FOR(look(&orch).remotes == 2);
}

static unsigned jobs(const struct worker *w)
{
	return atomic_load(&w->pool->jobs);
}

/* As if `ms` had passed. */
struct later {
	int64_t ms;
};

static void on_later(void *ctx)
{
	struct later *l = ctx;

	assign_tick(orch.o, clock_mono_ms() + l->ms);
}

static void later(int64_t ms)
{
	actor_call(orch.o->actor, on_later, &(struct later){ms});
}

static void registers_and_serves(void **state)
{
	struct transcode_result *r = XNEW(struct transcode_result);
	struct box box;

	(void)state;
	assert_true(caps_has(&orch.o->caps, CAP_SEGMENT_SLICING));
	post_segment(&orch, &token, 3, &box);
	take_result(&box, r);
	assert_null(r->error);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->r[0].pixels, FAKE_PIXELS);
	get(r->r[0].url, &box);
	response_is(&box, 200, rig_segment);
	assert_int_equal(jobs(&one), 1);
	assert_string_equal(one.pool->last_session, token.session_id);
	transcode_result_clear(r);
	free(r);
}

static void error_text_passes_through(void **state)
{
	struct box box;

	(void)state;
	fake_fail_with(one.pool, ERR_MEDIA, "MediaStats Failure");
	post_segment(&orch, &token, 0, &box);
	result_is(&box, "MediaStats Failure");
	assert_int_equal(look(&orch).load, 0); /* errors release the session */
	atomic_store(&one.pool->mode, FAKE_SERVE);
	atomic_store(&one.pool->outputs, 2);
	post_segment(&orch, &token, 1, &box);
	result_is(&box, "segment / profile mismatch");
}

static void wrong_secret_is_fatal(void **state)
{
	(void)state;
	enlist(&two, "two", "open", 2);
	WAIT_FOR(atomic_load(&fatal));
	assert_string_equal(refusal, "invalid secret");
	assert_int_equal(look(&orch).remotes, 1);
}

static void no_capacity_is_fatal(void **state)
{
	(void)state;
	enlist(&two, "two", SECRET, 0);
	WAIT_FOR(atomic_load(&fatal));
	assert_string_equal(refusal, "zero capacity");
}

static void results_need_the_secret(void **state)
{
	char url[URI_SIZE + 32];
	struct fetch *f;
	struct box box;

	(void)state;
	snprintf(url, sizeof(url), "%s/transcodeResults", orch.uri);
	f = fetch_new("POST", url);
	/* Over HTTP/1.1, where curl reports an answer that comes before the
	 * body has been read. */
	f->http = FETCH_H1;
	fetch_header(f, "Authorization", "Livepeer-Transcoder-1.0");
	fetch_header(f, "Credentials", "open");
	f->body = blob_new("x", 1);
	fetch_start(client, f, into(&box));
	response_is(&box, 401, "Unauthorized\n");
}

static void sessions_stick(void **state)
{
	struct auth_token other;
	struct box box;
	unsigned first;

	(void)state;
	join_two();
	token_of(&orch, &other);
	for (int i = 0; i < 3; i++) {
		post_segment(&orch, &token, i, &box);
		result_is(&box, NULL);
	}
	first = jobs(&one);
	assert_true(first == 0 || first == 3);
	/* The other session goes where there is less to do, and stays. */
	for (int i = 0; i < 3; i++) {
		post_segment(&orch, &other, i, &box);
		result_is(&box, NULL);
	}
	assert_int_equal(jobs(&one), 3);
	assert_int_equal(jobs(&two), 3);
	assert_int_equal(look(&orch).load, 2);
}

static void session_end_is_told(void **state)
{
	struct box box;

	(void)state;
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	end_session(&orch, &token, &box);
	blob_put(unbox(&box));
	WAIT_FOR(atomic_load(&one.pool->ended) == 1);
	assert_int_equal(look(&orch).load, 0);
	assert_int_equal(jobs(&one), 1); /* the notice was not taken for a task */
}

static void full_is_full(void **state)
{
	struct auth_token t;
	struct box box;

	(void)state;
	for (int i = 0; i < 2; i++) {
		token_of(&orch, &t);
		post_segment(&orch, &t, 0, &box);
		result_is(&box, NULL);
	}
	token_of(&orch, &t);
	post_segment(&orch, &t, 0, &box);
	result_is(&box, "no transcoders available");
}

static void drained_gets_nothing_new(void **state)
{
	struct auth_token other;
	struct box box;

	(void)state;
	token_of(&orch, &other);
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	orchestrator_drain_transcoder(orch.o, "t1", true, into(&box));
	assert_null(unbox(&box));
	post_segment(&orch, &other, 0, &box);
	result_is(&box, "no transcoders available");
	post_segment(&orch, &token, 1, &box); /* what it has, it keeps */
	result_is(&box, NULL);
	orchestrator_drain_transcoder(orch.o, "t1", false, into(&box));
	assert_null(unbox(&box));
	post_segment(&orch, &other, 1, &box);
	result_is(&box, NULL);
	orchestrator_drain_transcoder(orch.o, "t7", true, into(&box));
	unbox_error(&box, "no transcoder t7");
}

/* Which of the two holds the segment; both are told to hold. */
static struct worker *holder(struct worker **idle)
{
	WAIT_FOR(atomic_load(&one.pool->holding) +
		atomic_load(&two.pool->holding) == 1);
	*idle = atomic_load(&one.pool->holding) ? &two : &one;
	return *idle == &two ? &one : &two;
}

static void hold_both(void)
{
	join_two();
	atomic_store(&one.pool->mode, FAKE_HOLD);
	atomic_store(&two.pool->mode, FAKE_HOLD);
}

static void another_takes_over_from_the_dead(void **state)
{
	struct worker *busy, *idle;
	struct box box;

	(void)state;
	hold_both();
	post_segment(&orch, &token, 0, &box);
	busy = holder(&idle);
	dismiss(busy);
	WAIT_FOR(atomic_load(&idle->pool->holding) == 1);
	fake_release(idle->pool, NULL);
	result_is(&box, NULL);
	WAIT_FOR(look(&orch).remotes == 1);
	assert_int_equal(look(&orch).load, 1);
}

static void nobody_takes_over(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&one.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box);
	WAIT_FOR(atomic_load(&one.pool->holding) == 1);
	dismiss(&one);
	result_is(&box, "Transcoder terminated");
	assert_int_equal(look(&orch).jobs, 0);
	assert_false(caps_has(&orch.o->caps, CAP_H264));
}

static void the_stalled_are_overtaken(void **state)
{
	struct worker *busy, *idle;
	struct box box;

	(void)state;
	hold_both();
	post_segment(&orch, &token, 0, &box);
	busy = holder(&idle);
	later(3900); /* half of 8 s has not passed */
	assert_int_equal(look(&orch).runs, 1);
	later(4000);
	assert_int_equal(look(&orch).runs, 2);
	later(4500); /* no third */
	assert_int_equal(look(&orch).runs, 2);
	WAIT_FOR(atomic_load(&idle->pool->holding) == 1);
	fake_release(idle->pool, NULL);
	result_is(&box, NULL);
	/* The late answer changes nothing; the next one is served as ever, by
	 * the one that was quicker. */
	fake_release(busy->pool, NULL);
	atomic_store(&idle->pool->mode, FAKE_SERVE);
	post_segment(&orch, &token, 1, &box);
	result_is(&box, NULL);
	assert_int_equal(jobs(idle), 2);
	assert_int_equal(look(&orch).jobs, 0);
}

static void first_answer_of_two_wins(void **state)
{
	struct worker *busy, *idle;
	struct box box;

	(void)state;
	hold_both();
	post_segment(&orch, &token, 0, &box);
	busy = holder(&idle);
	later(4000);
	WAIT_FOR(atomic_load(&idle->pool->holding) == 1);
	/* An error of one leaves it to the other. */
	fake_release(idle->pool, err_new(ERR_MEDIA, "Invalid argument"));
	WAIT_FOR(look(&orch).running == 1);
	assert_false(atomic_load(&box.full));
	fake_release(busy->pool, NULL);
	result_is(&box, NULL);
}

static void silence_has_an_end(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&one.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box);
	WAIT_FOR(atomic_load(&one.pool->holding) == 1);
	later(8100);
	result_is(&box, "Remote transcoder took too long");
	/* It is sent away, and comes back. */
	WAIT_FOR(look(&orch).named == 2);
	atomic_store(&one.pool->mode, FAKE_SERVE);
	WAIT_FOR(look(&orch).remotes == 1);
	post_segment(&orch, &token, 1, &box);
	result_is(&box, NULL);
}

static void leaves_when_drained(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&one.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box);
	WAIT_FOR(atomic_load(&one.pool->holding) == 1);
	transcoder_drain(one.t);
	WAIT_FOR(look(&orch).remotes == 0);
	/* The segment is done all the same; and it can come back. */
	atomic_store(&one.pool->mode, FAKE_SERVE);
	transcoder_return(one.t);
	WAIT_FOR(look(&orch).remotes == 1);
	transcoder_drain(one.t);
	transcoder_return(one.t);
	WAIT_FOR(look(&orch).remotes == 1);
	(void)unbox(&box);
	response_free(box.result);
}

static void registers_anew(void **state)
{
	unsigned port = port_number(orch.port);
	struct box box;

	(void)state;
	orch_close(&orch);
	transcoder_state(one.t, into(&box));
	free(unbox(&box));
	orch_open(&orch, NULL, SECRET, 10, port);
	WAIT_FOR(look(&orch).remotes == 1);
	token_of(&orch, &token);
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
}

static void says_where_it_is(void **state)
{
	struct totals *t;
	char *text, expected[URI_SIZE + 8];
	struct box box;

	(void)state;
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	transcoder_state(one.t, into(&box));
	text = unbox(&box);
	snprintf(expected, sizeof(expected), "with %s", orch.uri);
	assert_string_equal(text, expected);
	free(text);
	transcoder_totals(one.t, into(&box));
	t = unbox(&box);
	assert_int_equal(t->ok, 1);
	assert_int_equal(t->pixels, FAKE_PIXELS);
	assert_int_equal(t->orchestrators, 1);
	free(t);
}

static void orchestrator_stops_first(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&one.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box);
	WAIT_FOR(atomic_load(&one.pool->holding) == 1);
	orch_close(&orch);
	WAIT_FOR(atomic_load(&box.full));
	err_free(box.err);
	response_free(box.result);
	dismiss(&one);
	orch_open(&orch, NULL, SECRET, 10, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registers_and_serves),
		TEST(error_text_passes_through),
		TEST(wrong_secret_is_fatal),
		TEST(no_capacity_is_fatal),
		TEST(results_need_the_secret),
		TEST(sessions_stick),
		TEST(session_end_is_told),
		TEST(full_is_full),
		TEST(drained_gets_nothing_new),
		TEST(another_takes_over_from_the_dead),
		TEST(nobody_takes_over),
		TEST(the_stalled_are_overtaken),
		TEST(first_answer_of_two_wins),
		TEST(silence_has_an_end),
		TEST(leaves_when_drained),
		TEST(registers_anew),
		TEST(says_where_it_is),
		TEST(orchestrator_stops_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

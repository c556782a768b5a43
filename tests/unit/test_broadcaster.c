/* The broadcaster between a publisher that pushes over HTTP, orchestrators on
 * loopback with scripted pools, and webhooks the test answers. Source:
 * go-livepeer server/broadcast.go, mediaserver.go. */
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "proto/multipart.h"
#include "proto/view_codec.h"
#include "src/role/broadcaster_private.h"
#include "tests/unit/role_rig.h"

static struct orch first, second;

static struct {
	struct net *net;
	struct pool *pool;
	struct board *board;
	struct router *router;
	struct port *port;
	struct broadcaster *b;
	const char *uris[2];
} bc;

/* --- a webhook: what it answers, and what it was last asked --- */
static struct {
	struct net *net;
	struct router *router;
	struct port *port;
	_Atomic(const char *) body; /* literals */
	atomic_int status;
	atomic_uint asked;
	char url[128], question[512];
} hook;

static void on_hook(void *ctx, struct exchange *x)
{
	struct blob *b = exchange_body(x);
	const char *body = atomic_load(&hook.body);

	(void)ctx;
	snprintf(hook.question, sizeof(hook.question), "%.*s",
		(int)blob_size(b), (const char *)blob_data(b));
	exchange_answer(x, atomic_load(&hook.status), "application/json",
		blob_new(body, strlen(body)), NULL);
	atomic_fetch_add(&hook.asked, 1);
}

static void open_hook(void)
{
	static const struct handler h = {.end = on_hook};
	struct port_options p = {.kind = PORT_HTTP, .address = "127.0.0.1:0"};

	hook.net = net_new(rig_log);
	p.router = hook.router = router_new();
	router_add(hook.router, "/hook", &h, NULL);
	assert_null(net_listen(hook.net, &p, &hook.port));
	snprintf(hook.url, sizeof(hook.url), "http://%s/hook",
		port_address(hook.port));
	atomic_store(&hook.status, 200);
	atomic_store(&hook.body, "");
	atomic_store(&hook.asked, 0);
}

static void close_hook(void)
{
	net_free(hook.net);
	router_free(hook.router);
}

/* --- the broadcaster --- */

static struct broadcaster_options options(size_t orchs)
{
	struct broadcaster_options o = {.max_attempts = 3, .max_streams = 2,
		.playback = "http://127.0.0.1:1"};

	bc.uris[0] = first.uri;
	bc.uris[1] = second.uri;
	o.discovery.uris = bc.uris;
	o.discovery.uris_n = orchs;
	assert_null(ladder_parse_presets(&o.ladder,
		"P240p30fps16x9,P144p30fps16x9"));
	return o;
}

static void start(const struct broadcaster_options *o)
{
	struct port_options p = {.kind = PORT_HTTP, .address = "127.0.0.1:0"};

	bc.net = net_new(rig_log);
	bc.pool = fake_pool_new("none", 0);
	bc.board = board_new(SECTION_COUNT);
	bc.b = broadcaster_new(rig_log, bc.net, bc.pool, bc.board, NULL, o);
	p.router = bc.router = router_new();
	broadcaster_routes(bc.b, bc.router, true);
	assert_null(net_listen(bc.net, &p, &bc.port));
}

static void start_with(size_t orchs)
{
	struct broadcaster_options o = options(orchs);

	start(&o);
}

static int open_all(void **state)
{
	(void)state;
	rig_open();
	orch_open(&first, fake_pool_new("cpu0", 10), "", 10, 0);
	orch_open(&second, fake_pool_new("cpu0", 10), "", 10, 0);
	open_hook();
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	broadcaster_stop(bc.b);
	pool_free(bc.pool);
	net_stop(bc.net);
	broadcaster_free(bc.b);
	net_free(bc.net);
	router_free(bc.router);
	board_free(bc.board);
	if (first.o)
		orch_close(&first);
	orch_close(&second);
	close_hook();
	rig_close();
	return 0;
}

static struct fetch *push_fetch(const char *path)
{
	char url[256];
	struct fetch *f;

	snprintf(url, sizeof(url), "http://%s%s", port_address(bc.port), path);
	f = fetch_new("POST", url);
	f->body = blob_new(rig_segment, strlen(rig_segment));
	f->total_ms = PATIENCE_MS;
	f->max_body = 1 << 20;
	return f;
}

static struct response *push(const char *path)
{
	struct box box;

	fetch_start(client, push_fetch(path), into(&box));
	return unbox(&box);
}

static void push_is(const char *path, int status, const char *part)
{
	struct response *r = push(path);
	char *body = xstrndup((const char *)blob_data(r->body),
		blob_size(r->body));

	if (r->status != status || !strstr(body, part))
		fail_msg("%s: %d %s", path, r->status, body);
	free(body);
	response_free(r);
}

static char *play(const char *path, int *status)
{
	char url[256], *body;
	struct response *r;
	struct box box;

	snprintf(url, sizeof(url), "http://%s/stream/%s",
		port_address(bc.port), path);
	get(url, &box);
	r = unbox(&box);
	*status = r->status;
	body = xstrndup((const char *)blob_data(r->body), blob_size(r->body));
	response_free(r);
	return body;
}

static void plays(const char *path, const char *part)
{
	int status;
	char *body = play(path, &status);

	if (status != 200 || !strstr(body, part))
		fail_msg("%s: %d %s", path, status, body);
	free(body);
}

static void plays_not(const char *path)
{
	int status;

	free(play(path, &status));
	assert_int_equal(status, 404);
}

/* --- what it knows --- */

static void on_row(void *ctx)
{
	struct stream *s = bc.b->streams;

	if (s)
		stream_row(s, ctx);
}

static struct session_row row_of_stream(void)
{
	struct session_row row = {0};

	actor_call(bc.b->actor, on_row, &row);
	return row;
}

static void on_streams(void *ctx)
{
	*(unsigned *)ctx = HASH_COUNT(bc.b->streams);
}

static unsigned streams(void)
{
	unsigned n;

	actor_call(bc.b->actor, on_streams, &n);
	return n;
}

static unsigned jobs(const struct orch *n)
{
	return atomic_load(&n->pool->jobs);
}

/* --- segments through --- */

static void renditions_play(void **state)
{
	struct session_row row;

	(void)state;
	start_with(1);
	push_is("/live/movie/0.ts", 200, "");
	push_is("/live/movie/1.ts", 200, "");
	plays("movie.m3u8", "movie/source.m3u8");
	plays("movie.m3u8", "movie/P240p30fps16x9.m3u8");
	plays("movie.m3u8", "movie/P144p30fps16x9.m3u8");
	plays("movie/P240p30fps16x9.m3u8", "1.ts");
	plays("movie/P240p30fps16x9/1.ts", rig_segment);
	plays("movie/source/0.ts", rig_segment);
	assert_int_equal(jobs(&first), 2);
	row = row_of_stream();
	assert_string_equal(row.id, "movie");
	assert_string_equal(row.ingest, "http");
	assert_string_equal(row.orchestrator, first.uri);
	assert_int_equal(row.segments_in, 2);
	assert_int_equal(row.segments_out, 2);
	assert_int_equal(row.width, 640);
	view_clear(session_row_desc(), &row);
}

static size_t parts_of(struct response *r)
{
	char boundary[BOUNDARY_SIZE];
	struct multipart *m;
	struct part *p;
	size_t n = 0;

	if (!multipart_boundary(boundary, response_header(r, "Content-Type")))
		fail_msg("no boundary");
	m = multipart_new(boundary, &(struct multipart_limits){0});
	assert_null(multipart_feed(m, blob_data(r->body), blob_size(r->body)));
	while ((p = multipart_next(m))) {
		assert_string_equal(part_header(p, "Rendition-Name"),
			n ? "P144p30fps16x9" : "P240p30fps16x9");
		assert_int_equal(blob_size(p->body), strlen(rig_segment));
		part_free(p);
		n++;
	}
	assert_true(multipart_is_complete(m));
	multipart_free(m);
	return n;
}

static void multipart_for_those_who_ask(void **state)
{
	struct fetch *f;
	struct response *r;
	struct box box;

	(void)state;
	start_with(1);
	f = push_fetch("/live/movie/0.ts");
	fetch_header(f, "Accept", "multipart/mixed");
	fetch_start(client, f, into(&box));
	r = unbox(&box);
	assert_int_equal(r->status, 200);
	assert_int_equal(parts_of(r), 2);
	response_free(r);
	f = push_fetch("/live/movie/1.ts");
	fetch_header(f, "Accept", "multipart/mixed, */*");
	fetch_start(client, f, into(&box));
	response_is(&box, 200, "");
}

static void nobody_to_ask(void **state)
{
	(void)state;
	start_with(0);
	push_is("/live/movie/0.ts", 503, "No sessions available");
	plays("movie/source/0.ts", rig_segment); /* the source plays */
}

static void errors_go_elsewhere(void **state)
{
	struct session_row row;

	(void)state;
	fake_fail_with(first.pool, ERR_UNAVAILABLE, "out of order");
	fake_fail_with(second.pool, ERR_UNAVAILABLE, "out of order");
	start_with(2);
	/* Either is asked; then, for want of others, a suspended one. */
	push_is("/live/movie/0.ts", 422, "hit max transcode attempts");
	assert_true(jobs(&first) >= 1);
	assert_true(jobs(&second) >= 1);
	assert_int_equal(jobs(&first) + jobs(&second), 3);
	atomic_store(&second.pool->mode, FAKE_SERVE);
	for (int i = 1; i < 4; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/live/movie/%d.ts", i);
		push_is(path, 200, "");
	}
	row = row_of_stream();
	assert_true(row.segments_retried >= 2);
	assert_true(row.swaps >= 1);
	assert_int_equal(row.segments_failed, 1);
	view_clear(session_row_desc(), &row);
}

static void blame_of_the_segment_is_final(void **state)
{
	struct session_row row;

	(void)state;
	fake_fail_with(first.pool, ERR_MEDIA, "No keyframes in input");
	start_with(1);
	push_is("/live/movie/0.ts", 422, "err=\"No keyframes in input\"");
	assert_int_equal(jobs(&first), 1);
	atomic_store(&first.pool->mode, FAKE_SERVE);
	push_is("/live/movie/1.ts", 200, "");
	row = row_of_stream();
	assert_int_equal(row.swaps, 0);
	assert_int_equal(row.segments_retried, 0);
	view_clear(session_row_desc(), &row);
	assert_int_equal(look(&first).sessions, 1); /* the same one */
}

static void attempts_are_counted(void **state)
{
	struct broadcaster_options o = options(2);

	(void)state;
	o.max_attempts = 2;
	fake_fail_with(first.pool, ERR_UNAVAILABLE, "out of order");
	fake_fail_with(second.pool, ERR_UNAVAILABLE, "out of order");
	start(&o);
	push_is("/live/movie/0.ts", 422,
		"err=\"hit max transcode attempts: out of order\"");
	assert_int_equal(jobs(&first) + jobs(&second), 2);
}

static void no_attempts_no_transcoding(void **state)
{
	struct broadcaster_options o = options(1);

	(void)state;
	o.max_attempts = 0;
	start(&o);
	push_is("/live/movie/0.ts", 200, "");
	assert_int_equal(jobs(&first), 0);
}

static void wrong_pixels_are_noticed(void **state)
{
	struct broadcaster_options o = options(1);
	struct session_row row;

	(void)state;
	o.verify_pixels = true;
	o.max_attempts = 1;
	start(&o);
	push_is("/live/movie/0.ts", 200, "");
	atomic_store(&bc.pool->counted, FAKE_PIXELS + 1);
	push_is("/live/movie/1.ts", 422, "PixelMismatch");
	row = row_of_stream();
	assert_int_equal(row.segments_out, 1);
	assert_int_equal(row.segments_failed, 1);
	view_clear(session_row_desc(), &row);
	plays_not("movie/P240p30fps16x9/1.ts");
}

static void audio_first_is_passed_on(void **state)
{
	(void)state;
	start_with(1);
	bc.pool->media.needs_bypass = true;
	push_is("/live/movie/0.ts", 200, "");
	plays("movie/P240p30fps16x9/0.ts", rig_segment);
	assert_int_equal(jobs(&first), 0);
}

static void format_change_restarts_encoders(void **state)
{
	(void)state;
	start_with(1);
	push_is("/live/movie/0.ts", 200, "");
	bc.pool->media.width = 1280;
	push_is("/live/movie/1.ts", 200, "");
	assert_int_equal(atomic_load(&first.pool->reinits), 1);
	push_is("/live/movie/2.ts", 200, "");
	assert_int_equal(atomic_load(&first.pool->reinits), 1);
}

static void refuses_what_is_no_push(void **state)
{
	(void)state;
	start_with(1);
	push_is("/live/movie/0.mkv", 400, "ignoring file extension: .mkv");
	push_is("/live/0.ts", 400, "Bad URL");
	snprintf(bc.pool->media.video, sizeof(bc.pool->media.video), "%s", "mpeg2video");
	push_is("/live/movie/0.ts", 422,
		"Unknown input stream codec=mpeg2video");
	assert_int_equal(streams(), 0);
}

static void too_many_streams(void **state)
{
	(void)state;
	start_with(1);
	push_is("/live/a/0.ts", 200, "");
	push_is("/live/b/0.ts", 200, "");
	push_is("/live/c/0.ts", 500, "Could not create stream ID");
	push_is("/live/a/1.ts", 200, "");
	broadcaster_set_max_streams(bc.b, 3);
	push_is("/live/c/0.ts", 200, "");
	broadcaster_drain(bc.b, true);
	push_is("/live/d/0.ts", 503, "the node is draining");
	push_is("/live/c/1.ts", 200, "");
}

static void rtmp_open(const char *path, struct box *box)
{
	struct stream_request *q = XNEW(struct stream_request);

	q->ingest = INGEST_RTMP;
	snprintf(q->path, sizeof(q->path), "%s", path);
	broadcaster_open(bc.b, q, into(box));
}

static void one_publisher_a_name(void **state)
{
	struct stream_handle *h;
	struct box box;

	(void)state;
	start_with(1);
	rtmp_open("/live/movie/key", &box);
	h = unbox(&box);
	assert_string_equal(h->manifest, "movie");
	rtmp_open("/live/movie/other", &box);
	unbox_error(&box, "manifest id movie is being published");
	push_is("/live/movie/0.ts", 500, "Could not create stream ID");
	broadcaster_close(bc.b, h->id, "closed by publisher");
	free(h);
	rtmp_open("/live/movie", &box);
	free(unbox(&box));
}

static void ended_streams_free_their_sessions(void **state)
{
	struct box box;

	(void)state;
	start_with(1);
	push_is("/live/movie/0.ts", 200, "");
	assert_int_equal(look(&first).sessions, 1);
	broadcaster_drop_stream(bc.b, "opera", into(&box));
	unbox_error(&box, "no stream opera");
	broadcaster_drop_stream(bc.b, "movie", into(&box));
	assert_null(unbox(&box));
	assert_int_equal(streams(), 0);
	WAIT_FOR(look(&first).sessions == 0);
}

static void on_age(void *ctx)
{
	(void)ctx;
	bc.b->streams->used_ms -= 61000;
}

static void idle_pushes_end(void **state)
{
	(void)state;
	start_with(1);
	push_is("/live/movie/0.ts", 200, "");
	actor_call(bc.b->actor, on_age, NULL);
	WAIT_FOR(streams() == 0);
	push_is("/live/movie/0.ts", 200, "");
}

/* --- webhooks --- */

static void start_with_auth(const char *answer, int status)
{
	struct broadcaster_options o = options(1);

	o.auth_webhook = hook.url;
	atomic_store(&hook.body, answer);
	atomic_store(&hook.status, status);
	start(&o);
}

static void auth_refuses(void **state)
{
	(void)state;
	start_with_auth("not you", 403);
	push_is("/live/movie/0.ts", 403, "Could not create stream ID");
	assert_non_null(strstr(hook.question, "/live/movie/0.ts"));
	assert_int_equal(streams(), 0);
	atomic_store(&hook.status, 200);
	atomic_store(&hook.body, "{\"manifestID\":");
	push_is("/live/movie/0.ts", 500, "Could not create stream ID");
}

static void auth_empty_allows(void **state)
{
	(void)state;
	start_with_auth("", 200);
	push_is("/live/movie/0.ts", 200, "");
	push_is("/live/movie/1.ts", 200, "");
	plays("movie/P240p30fps16x9/1.ts", rig_segment);
	assert_int_equal(atomic_load(&hook.asked), 1); /* once a stream */
}

static void auth_renames_and_asks_for_more(void **state)
{
	(void)state;
	start_with_auth("{\"manifestID\":\"secret\",\"profiles\":[{\"name\":"
		"\"tiny\",\"width\":64,\"height\":36,\"bitrate\":1000}]}", 200);
	push_is("/live/movie/0.ts", 200, "");
	plays("secret/tiny/0.ts", rig_segment);
	plays_not("movie.m3u8");
	plays_not("secret/P240p30fps16x9.m3u8");
}

static void auth_asks_for_none(void **state)
{
	(void)state;
	start_with_auth("{\"manifestID\":\"movie\",\"profiles\":[]}", 200);
	push_is("/live/movie/0.ts", 200, "");
	assert_int_equal(jobs(&first), 0);
	plays("movie/source/0.ts", rig_segment);
}

static void on_sizes(void *ctx)
{
	size_t *n = ctx;

	n[0] = discovery_size(bc.b->discovery, TRUST_NONE);
	n[1] = discovery_size(bc.b->discovery, TRUST_FULL);
}

static void webhook_lists_orchestrators(void **state)
{
	static char list[2048];
	struct broadcaster_options o = options(0);
	size_t n[2];

	(void)state;
	o.discovery.webhook = hook.url;
	/* What is between the scores is in no pool; junk is passed over. */
	snprintf(list, sizeof(list), "[{\"address\":\"%s\",\"score\":0,\"x\":1},"
		"{\"address\":\"https://127.0.0.1:1\",\"score\":0.5},"
		"{\"address\":\"ftp://x\"},{\"address\":\"\"},"
		"{\"address\":\"%s\",\"score\":1}]", first.uri, second.uri);
	atomic_store(&hook.body, list);
	start(&o);
	push_is("/live/movie/0.ts", 200, "");
	actor_call(bc.b->actor, on_sizes, n);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 1);
	assert_int_equal(jobs(&first) + jobs(&second), 1);
	push_is("/live/other/0.ts", 200, "");
	assert_int_equal(atomic_load(&hook.asked), 1); /* kept for 60 s */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(renditions_play),
		TEST(multipart_for_those_who_ask),
		TEST(nobody_to_ask),
		TEST(errors_go_elsewhere),
		TEST(blame_of_the_segment_is_final),
		TEST(attempts_are_counted),
		TEST(no_attempts_no_transcoding),
		TEST(wrong_pixels_are_noticed),
		TEST(audio_first_is_passed_on),
		TEST(format_change_restarts_encoders),
		TEST(refuses_what_is_no_push),
		TEST(too_many_streams),
		TEST(one_publisher_a_name),
		TEST(ended_streams_free_their_sessions),
		TEST(idle_pushes_end),
		TEST(auth_refuses),
		TEST(auth_empty_allows),
		TEST(auth_renames_and_asks_for_more),
		TEST(auth_asks_for_none),
		TEST(webhook_lists_orchestrators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

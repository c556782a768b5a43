/* The orchestrator as its broadcasters see it, over real sockets, with a pool
 * whose behaviour the test scripts. Texts and statuses: go-livepeer server/rpc.go,
 * segment_rpc.go. */
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/role_rig.h"

static struct orch orch;
static struct auth_token token;

static int open_orch(void **state)
{
	(void)state;
	rig_open();
	orch_open(&orch, fake_pool_new("cpu0", 10), "", 2, 0);
	token_of(&orch, &token);
	return 0;
}

static int close_orch(void **state)
{
	(void)state;
	orch_close(&orch);
	rig_close();
	return 0;
}

static void gives_token_and_caps(void **state)
{
	struct orchestrator_info *info = XNEW(struct orchestrator_info);
	struct err *e = get_orchestrator(&orch, info);

	(void)state;
	assert_null(e);
	assert_string_equal(info->transcoder, orch.uri);
	assert_string_equal(info->caps.version, "0.9.1");
	assert_true(caps_has(&info->caps, CAP_H264));
	assert_true(caps_has(&info->caps, CAP_SEGMENT_SLICING));
	assert_true(info->token.present);
	assert_int_equal(strlen(info->token.session_id), 8);
	assert_int_equal(info->token.token_len, 32);
	assert_in_range(info->token.expiration, clock_wall_ms() / 1000 + 1700,
		clock_wall_ms() / 1000 + 1800);
	/* Each asker has a session of its own; none of them takes a slot. */
	assert_string_not_equal(info->token.session_id, token.session_id);
	assert_int_equal(look(&orch).sessions, 0);
	free(info);
}

/* --- refusals before the body is of interest --- */

static void refused(struct fetch *taken, int status, const char *body)
{
	struct box box;

	fetch_start(client, taken, into(&box));
	response_is(&box, status, body);
}

static struct fetch *with_headers(const char *segment, const char *payment)
{
	char url[URI_SIZE + 16];
	struct fetch *f;

	snprintf(url, sizeof(url), "%s/segment", orch.uri);
	f = fetch_new("POST", url);
	fetch_header(f, "Livepeer-Segment", "%s", segment);
	fetch_header(f, "Livepeer-Payment", "%s", payment);
	f->body = blob_new(rig_segment, strlen(rig_segment));
	return f;
}

static void refuses_by_rule(void **state)
{
	struct segment_creds *c;

	(void)state;
	refused(with_headers("", "%%%"), 402, "base64 decode error: illegal "
		"base64 data at input byte 0\n");
	refused(with_headers("%%%", ""), 403, "ErrorSegEncoding\n");
	c = creds_new(&token, 0);
	c->duration_ms = 300001;
	refused(segment_fetch(&orch, c), 403, "invalid duration\n");
	c = creds_new(&token, 0);
	c->duration_ms = -1;
	refused(segment_fetch(&orch, c), 403, "invalid duration\n");
	c = creds_new(&token, 0);
	caps_add(&c->caps, CAP_HEVC_ENCODE);
	refused(segment_fetch(&orch, c), 403, "incompatible capabilities\n");
	c = creds_new(&token, 0);
	snprintf(c->caps.min_version, sizeof(c->caps.min_version), "%s", "99.0.0");
	refused(segment_fetch(&orch, c), 403, "incompatible capabilities\n");
	c = creds_new(&token, 0);
	c->token = (struct auth_token){0};
	refused(segment_fetch(&orch, c), 403, "missing auth token\n");
	c = creds_new(&token, 0);
	c->token.token[0] ^= 1;
	refused(segment_fetch(&orch, c), 403, "invalid auth token\n");
	c = creds_new(&token, 0);
	c->token.expiration++;
	refused(segment_fetch(&orch, c), 403, "invalid auth token\n");
	c = creds_new(&token, 0);
	auth_token_make(&c->token, orch.o->token_key, "0badcafe",
		clock_wall_ms() / 1000 - 1);
	refused(segment_fetch(&orch, c), 403, "expired auth token\n");
	c = creds_new(&token, 0);
	c->hash[0] ^= 1;
	refused(segment_fetch(&orch, c), 403, "Forbidden\n");
	assert_int_equal(look(&orch).sessions, 0);
	assert_int_equal(atomic_load(&orch.pool->jobs), 0);
}

static void refuses_at_the_cap(void **state)
{
	struct auth_token second, third;
	struct orchestrator_info *info = XNEW(struct orchestrator_info);
	struct err *e;
	struct box box;

	(void)state;
	token_of(&orch, &second);
	token_of(&orch, &third);
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	post_segment(&orch, &second, 0, &box);
	result_is(&box, NULL);
	post_segment(&orch, &third, 0, &box);
	response_is(&box, 403, "OrchestratorCapped\n");
	e = get_orchestrator(&orch, info);
	assert_non_null(e);
	assert_string_equal(err_text(e),
		"Invalid orchestrator request: OrchestratorCapped");
	err_free(e);
	/* The ones inside go on. */
	post_segment(&orch, &second, 1, &box);
	result_is(&box, NULL);
	/* A higher cap counts at once, and so does a lower one. */
	orchestrator_set_max_sessions(orch.o, 3);
	post_segment(&orch, &third, 1, &box);
	result_is(&box, NULL);
	orchestrator_set_max_sessions(orch.o, 1);
	e = get_orchestrator(&orch, info);
	assert_non_null(e);
	err_free(e);
	post_segment(&orch, &third, 2, &box);
	result_is(&box, NULL);
	free(info);
}

static void drains(void **state)
{
	struct auth_token late;
	struct box box;

	(void)state;
	token_of(&orch, &late);
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	orchestrator_drain(orch.o, true);
	post_segment(&orch, &late, 0, &box);
	response_is(&box, 403, "OrchestratorCapped\n");
	post_segment(&orch, &token, 1, &box);
	result_is(&box, NULL);
	orchestrator_drain(orch.o, false);
	post_segment(&orch, &late, 1, &box);
	result_is(&box, NULL);
}

/* --- the answer --- */

static int connect_to(struct orch *n)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port_number(n->port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Reads until `end` has been seen. */
static void read_until(int fd, struct str *in, const char *end)
{
	char buf[512];
	ssize_t n;

	while (!strstr(str_cstr(in), end)) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			fail_msg("no %s in: %s", end, str_cstr(in));
		str_addn(in, buf, (size_t)n);
	}
}

static void write_all(int fd, const char *s, size_t n)
{
	assert_int_equal(send(fd, s, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* A port in clear text of the same orchestrator, to look at the bytes. */
static void open_clear_port(void)
{
	struct port_options p = {.kind = PORT_HTTP,
		.address = "127.0.0.1:0", .router = orch.router};

	assert_null(net_listen(orch.net, &p, &orch.port));
}

static void says_200_before_the_work_is_done(void **state)
{
	struct segment_creds *c = creds_new(&token, 7);
	struct str head = STR_INIT, in = STR_INIT;
	int fd;

	(void)state;
	open_clear_port();
	fd = connect_to(&orch);
	atomic_store(&orch.pool->mode, FAKE_HOLD);
	str_add(&head, "POST /segment HTTP/1.1\r\nHost: h\r\n"
		"Livepeer-Payment: \r\nLivepeer-Segment: ");
	segment_header_encode(c, &head);
	free(c);
	str_printf(&head, "\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(rig_segment), rig_segment);
	write_all(fd, str_cstr(&head), head.len);
	read_until(fd, &in, "\r\n\r\n");
	assert_true(str_has_prefix(str_cstr(&in), "HTTP/1.1 200 "));
	WAIT_FOR(atomic_load(&orch.pool->holding) == 1);
	fake_release(orch.pool, NULL);
	read_until(fd, &in, "/P240p30fps16x9/7.ts");
	close(fd);
	str_clear(&head);
	str_clear(&in);
}

static void serves_renditions(void **state)
{
	struct transcode_result *r = XNEW(struct transcode_result);
	char expected[URI_SIZE + 128];
	struct response *resp;
	struct box box;

	(void)state;
	post_segment(&orch, &token, 5, &box);
	take_result(&box, r);
	assert_null(r->error);
	assert_int_equal(r->seq, 5);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->r[0].pixels, FAKE_PIXELS);
	assert_int_equal(r->sig_len, 0);
	assert_true(r->has_info);
	assert_string_equal(r->info.token.session_id, token.session_id);
	assert_string_equal(r->info.transcoder, orch.uri);
	snprintf(expected, sizeof(expected), "%s/stream/%s/%s/5.ts", orch.uri,
		token.session_id, "P240p30fps16x9");
	assert_string_equal(r->r[0].url, expected);
	get(r->r[0].url, &box);
	resp = unbox(&box);
	assert_int_equal(resp->status, 200);
	assert_int_equal(blob_size(resp->body), strlen(rig_segment));
	assert_memory_equal(blob_data(resp->body), rig_segment,
		strlen(rig_segment));
	assert_string_equal(response_header(resp, "Content-Type"), "video/mp2t");
	assert_string_equal(response_header(resp, "Content-Length"), "40");
	assert_string_equal(response_header(resp,
		"Access-Control-Allow-Origin"), "*");
	assert_string_equal(response_header(resp,
		"Access-Control-Expose-Headers"), "Content-Length");
	assert_string_equal(response_header(resp, "Cache-Control"), "max-age=5");
	response_free(resp);
	snprintf(expected + strlen(expected),
		sizeof(expected) - strlen(expected), "x");
	get(expected, &box);
	response_is(&box, 404, "ErrNotFound\n");
	transcode_result_clear(r);
	free(r);
}

static int status_of(int seq)
{
	char url[URI_SIZE + 128];
	struct response *r;
	struct box box;
	int status;

	snprintf(url, sizeof(url), "%s/stream/%s/P240p30fps16x9/%d.ts",
		orch.uri, token.session_id, seq);
	get(url, &box);
	r = unbox(&box);
	status = r->status;
	response_free(r);
	return status;
}

static void keeps_twelve(void **state)
{
	struct box box;

	(void)state;
	for (int i = 0; i < 13; i++) {
		post_segment(&orch, &token, i, &box);
		result_is(&box, NULL);
	}
	assert_int_equal(status_of(0), 404);
	assert_int_equal(status_of(1), 200);
	assert_int_equal(status_of(12), 200);
}

static void ends_sessions(void **state)
{
	struct auth_token forged = token;
	struct box box;

	(void)state;
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	forged.token[3] ^= 1;
	end_session(&orch, &forged, &box);
	unbox_error(&box, "Invalid auth token");
	assert_int_equal(look(&orch).sessions, 1);
	assert_int_equal(status_of(0), 200);
	end_session(&orch, &token, &box);
	blob_put(unbox(&box));
	assert_int_equal(look(&orch).sessions, 0);
	assert_int_equal(status_of(0), 404);
	assert_int_equal(atomic_load(&orch.pool->ended), 1);
	/* Without a session: as if it had been there. Without token: refused. */
	end_session(&orch, &token, &box);
	blob_put(unbox(&box));
	end_session(&orch, &(struct auth_token){0}, &box);
	unbox_error(&box, "Invalid auth token");
}

static void operator_ends_sessions(void **state)
{
	struct box box;

	(void)state;
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	orchestrator_drop_session(orch.o, "nobody", into(&box));
	unbox_error(&box, "no session nobody");
	orchestrator_drop_session(orch.o, token.session_id, into(&box));
	assert_null(unbox(&box));
	assert_int_equal(look(&orch).sessions, 0);
}

static void errors_in_the_band(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&orch.pool->outputs, 0);
	post_segment(&orch, &token, 0, &box);
	result_is(&box, "MismatchedSegments");
	atomic_store(&orch.pool->outputs, 2);
	post_segment(&orch, &token, 1, &box);
	result_is(&box, "MismatchedSegments");
	atomic_store(&orch.pool->outputs, -1);
	atomic_store(&orch.pool->cut, 24);
	post_segment(&orch, &token, 2, &box);
	result_is(&box, "ZeroSegments");
	atomic_store(&orch.pool->cut, 25);
	post_segment(&orch, &token, 3, &box);
	result_is(&box, NULL);
	fake_fail_with(orch.pool, ERR_MEDIA, "No keyframes in input");
	post_segment(&orch, &token, 4, &box);
	result_is(&box, "No keyframes in input");
}

static void fifth_waiting_is_busy(void **state)
{
	struct box box[6];

	(void)state;
	atomic_store(&orch.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box[0]);
	WAIT_FOR(atomic_load(&orch.pool->holding) == 1);
	for (int i = 1; i < 6; i++)
		post_segment(&orch, &token, i, &box[i]);
	/* Whichever came last. */
	WAIT_FOR(atomic_load(&box[1].full) + atomic_load(&box[2].full) +
		atomic_load(&box[3].full) + atomic_load(&box[4].full) +
		atomic_load(&box[5].full) == 1);
	for (int i = 0; i < 5; i++) {
		WAIT_FOR(atomic_load(&orch.pool->holding) == 1);
		fake_release(orch.pool, NULL);
		WAIT_FOR(atomic_load(&orch.pool->jobs) == (unsigned)i + 2 ||
			i == 4);
	}
	for (int i = 0, busy = 0; i < 6; i++) {
		struct transcode_result *r = XNEW(struct transcode_result);

		take_result(&box[i], r);
		if (r->error) {
			assert_string_equal(r->error, "OrchestratorBusy");
			busy++;
		}
		assert_true(busy <= 1);
		assert_true(i < 5 || busy == 1);
		transcode_result_clear(r);
		free(r);
	}
}

static void waiting_ones_end_with_the_session(void **state)
{
	struct box first, second;

	(void)state;
	atomic_store(&orch.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &first);
	WAIT_FOR(atomic_load(&orch.pool->holding) == 1);
	post_segment(&orch, &token, 1, &second);
	WAIT_FOR(look(&orch).queued == 1);
	orchestrator_drop_session(orch.o, token.session_id,
		(struct reply){0});
	result_is(&second, "TranscoderStopped");
	fake_release(orch.pool, NULL);
	result_is(&first, "TranscoderStopped");
}

static void totals_count(void **state)
{
	struct totals *t;
	struct box box;

	(void)state;
	post_segment(&orch, &token, 0, &box);
	result_is(&box, NULL);
	fake_fail_with(orch.pool, ERR_UNAVAILABLE, "gone");
	post_segment(&orch, &token, 1, &box);
	result_is(&box, "gone");
	orchestrator_totals(orch.o, into(&box));
	t = unbox(&box);
	assert_int_equal(t->ok, 1);
	assert_int_equal(t->failed, 1);
	assert_int_equal(t->pixels, FAKE_PIXELS);
	assert_int_equal(t->in_flight, 0);
	assert_int_equal(t->transcoders, 10);
	free(t);
}

static void drains_a_worker(void **state)
{
	struct box box;

	(void)state;
	orchestrator_drain_transcoder(orch.o, "cpu0", true, into(&box));
	assert_null(unbox(&box));
	assert_int_equal(atomic_load(&orch.pool->drained), 1);
	orchestrator_drain_transcoder(orch.o, "cpu9", true, into(&box));
	unbox_error(&box, "no transcoder cpu9");
}

/* The teardown itself is the test: nothing may be answered into a net that is
 * no more. */
static void stops_with_work_in_hand(void **state)
{
	struct box box;

	(void)state;
	atomic_store(&orch.pool->mode, FAKE_HOLD);
	post_segment(&orch, &token, 0, &box);
	WAIT_FOR(atomic_load(&orch.pool->holding) == 1);
	orch_close(&orch);
	WAIT_FOR(atomic_load(&box.full));
	err_free(box.err);
	response_free(box.result);
	orch_open(&orch, fake_pool_new("cpu0", 10), "", 2, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_orch, close_orch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_token_and_caps),
		TEST(refuses_by_rule),
		TEST(refuses_at_the_cap),
		TEST(drains),
		TEST(says_200_before_the_work_is_done),
		TEST(serves_renditions),
		TEST(keeps_twelve),
		TEST(ends_sessions),
		TEST(operator_ends_sessions),
		TEST(errors_in_the_band),
		TEST(fifth_waiting_is_busy),
		TEST(waiting_ones_end_with_the_session),
		TEST(totals_count),
		TEST(drains_a_worker),
		TEST(stops_with_work_in_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The page over a real socket: what it tells, whom it tells nothing, and that
 * it takes no orders. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/blob.h"
#include "src/node/status_page.h"

struct world {
	struct log *log;
	struct net *net;
	struct board *board;
	struct status_page *page;
};

static int setup(void **state)
{
	struct world *w = XNEW(struct world);
	struct err *e;

	log_set_quiet(1);
	w->log = log_new("test", NULL);
	w->board = board_new(SECTION_COUNT);
	w->net = net_new(w->log);
	e = status_page_start(w->net, w->board, "127.0.0.1:0", &w->page);
	if (e)
		fail_msg("%s", err_text(e));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	net_free(w->net);
	status_page_free(w->page);
	board_free(w->board);
	log_free(w->log);
	free(w);
	return 0;
}

static void publish(struct world *w, enum section s, void *view)
{
	struct str json = STR_INIT;

	view_encode(section_desc(s), view, &json);
	board_publish(w->board, s, blob_from_str(&json));
	view_clear(section_desc(s), view);
}

/* The whole answer, head and body. */
static void ask(struct world *w, const char *request, char *answer, size_t size)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct timeval patience = {5, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *port = strrchr(status_page_address(w->page), ':') + 1;
	size_t n = 0;
	ssize_t got;

	to.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
	while (n < size - 1 && (got = recv(fd, answer + n, size - 1 - n, 0)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(fd);
}

static void get(struct world *w, const char *path, const char *host, const char *status,
	const char *body)
{
	char request[256], answer[16384];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n"
		"Connection: close\r\n\r\n", path, host);
	ask(w, request, answer, sizeof(answer));
	if (!strstr(answer, status) || !strstr(answer, "\r\n\r\n"))
		fail_msg("%s: %s", path, answer);
	if (!strstr(strstr(answer, "\r\n\r\n"), body))
		fail_msg("%s: \"%s\" is not in %s", path, body, answer);
}

static void tells_of_the_node(void **state)
{
	struct world *w = *state;
	struct view_node node = {0};
	struct view_streams streams = {0};
	struct view_transcoders transcoders = {0};
	struct view_orchestrators orchestrators = {0};
	struct session_row *s;
	struct rendition_row *r;
	struct transcoder_row *t;
	struct orchestrator_row *o;

	get(w, "/status", "localhost:7935", " 200 ", "\"Manifests\":{}"); /* early */
	get(w, "/manifestID", "localhost", " 200 ", "\r\n\r\n");
	get(w, "/IsOrchestrator", "localhost", " 200 ", "false");
	view_set(&node.version, "1.2.3");
	view_set(&VIEW_ADD(&node.roles)->name, "orchestrator");
	publish(w, SECTION_NODE, &node);
	s = VIEW_ADD(&streams.rows);
	view_set(&s->id, "movie");
	s->started_ms = 5;
	r = VIEW_ADD(&s->renditions);
	view_set(&r->name, "P240p30fps16x9");
	r->width = 426;
	r->height = 240;
	r->bitrate = 600000;
	r->bytes = 1000;
	s = VIEW_ADD(&streams.rows);
	view_set(&s->id, "newer");
	s->started_ms = 6;
	publish(w, SECTION_STREAMS, &streams);
	t = VIEW_ADD(&transcoders.rows);
	view_set(&t->kind, "cpu");
	t = VIEW_ADD(&transcoders.rows);
	view_set(&t->kind, "remote");
	view_set(&t->address, "10.0.0.1");
	t->capacity = 4;
	publish(w, SECTION_TRANSCODERS, &transcoders);
	o = VIEW_ADD(&orchestrators.rows);
	view_set(&o->uri, "https://o:8935");
	o->latency_ms = 12;
	publish(w, SECTION_ORCHESTRATORS, &orchestrators);

	get(w, "/status", "127.0.0.1", " 200 ",
		"\r\n\r\n{\"Manifests\":{\"movie\":{\"Variants\":[{\"URI\":\"P240p30fps16x9\","
		"\"Bandwidth\":600000,\"Resolution\":\"426x240\"}]},\"newer\":{\"Variants\":[]}},"
		"\"InternalManifests\":{},\"StreamInfo\":{\"movie\":{\"TranscodedBytes\":1000},"
		"\"newer\":{\"TranscodedBytes\":0}},\"OrchestratorPool\":[\"https://o:8935\"],"
		"\"OrchestratorPoolInfos\":[{\"Url\":\"https://o:8935\",\"Score\":0.0,"
		"\"Latency\":12000000}],\"Version\":\"1.2.3\",");
	get(w, "/status", "[::1]:7935", " 200 ", "\"RegisteredTranscodersNumber\":1,"
		"\"RegisteredTranscoders\":[{\"Address\":\"10.0.0.1\",\"Capacity\":4}],"
		"\"LocalTranscoding\":true}");
	get(w, "/manifestID", "localhost", " 200 ", "\r\n\r\nnewer");
	get(w, "/IsOrchestrator", "localhost", " 200 ", "true");
	get(w, "/healthz", "localhost", " 200 ", "");
	get(w, "/getLogLevel", "localhost", " 200 ", "3");
	get(w, "/getAvailableTranscodingOptions", "localhost", " 200 ", "[\"P720p60fps16x9\",");
	get(w, "/localStreams", "localhost", " 200 ", "[]");
	get(w, "/EthChainID", "localhost", " 200 ", "0");
}

static void takes_no_orders(void **state)
{
	struct world *w = *state;
	char answer[4096];

	get(w, "/setMaxSessions?maxSessions=1", "localhost", " 403 ", "changes nothing");
	get(w, "/bond?amount=1", "localhost", " 404 ", "404 page not found");
	ask(w, "POST /setLogLevel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
	       "Connection: close\r\n\r\nloglevel=6", answer, sizeof(answer));
	assert_non_null(strstr(answer, " 405 "));
	assert_non_null(strstr(answer, "weir <command>"));
}

static void turns_rebinding_away(void **state)
{
	get(*state, "/status", "evil.example", " 403 ", "does not answer to that Host");
	get(*state, "/status", "localhost.evil.example:7935", " 403 ", "");
}

static void hosts(void **state)
{
	(void)state;
	assert_true(status_page_host_is_ours("127.0.0.1:7935", "127.0.0.1:7935"));
	assert_true(status_page_host_is_ours("LOCALHOST", "127.0.0.1:7935"));
	assert_true(status_page_host_is_ours("[::1]", "127.0.0.1:7935"));
	assert_true(status_page_host_is_ours("192.168.1.2:7935", ":7935"));
	assert_true(status_page_host_is_ours("node.lan:7935", "node.lan:7935"));
	assert_false(status_page_host_is_ours("node.lan", ":7935"));
	assert_false(status_page_host_is_ours("", ":7935"));
	assert_false(status_page_host_is_ours("127.0.0.1.evil", "127.0.0.1:1"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(tells_of_the_node),
		TEST(takes_no_orders),
		TEST(turns_rebinding_away),
		cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

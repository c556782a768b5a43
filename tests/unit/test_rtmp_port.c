#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/net/rtmp_port.h"
#include "tests/unit/rtmp_client.h"

#define DEADLINE_MS 20000

enum answer { ACCEPT, ACCEPT_LATER, REFUSE, CLOSE_AT_SEGMENT };

/* A node with a port, and what its role heard. Written on the net actor, read
 * there by actor_call(). */
struct rig {
	struct log *log;
	struct net *net;
	struct rtmp_port *port;
	enum answer answer;
	unsigned publish, segments, ends;
	uint64_t id;
	int64_t duration_ms;
	char url[256], reason[256];
	struct publisher_stats stats;
};

static void on_publish(void *ctx, struct publisher *p, const char *url)
{
	struct rig *rig = ctx;

	rig->publish++;
	rig->id = publisher_id(p);
	snprintf(rig->url, sizeof(rig->url), "%s", url);
	assert_ptr_equal(publisher_find(rig->port, rig->id), p);
	publisher_set_user(p, rig);
	if (rig->answer == REFUSE)
		publisher_refuse(p, "wrong key");
	else if (rig->answer != ACCEPT_LATER)
		publisher_accept(p);
}

static void on_segment(void *ctx, struct publisher *p, struct segment *taken)
{
	struct rig *rig = ctx;

	assert_ptr_equal(publisher_user(p), rig);
	assert_int_equal(taken->seq, rig->segments);
	rig->segments++;
	rig->duration_ms += taken->duration_ms;
	publisher_stats(p, &rig->stats);
	segment_free(taken);
	if (rig->answer == CLOSE_AT_SEGMENT)
		publisher_close(p, "enough");
}

static void on_end(void *ctx, struct publisher *p, const char *reason)
{
	struct rig *rig = ctx;

	assert_ptr_equal(publisher_user(p), rig);
	rig->ends++;
	snprintf(rig->reason, sizeof(rig->reason), "%s", reason);
}

static struct rig *rig_new(const struct rtmp_options *options)
{
	struct rtmp_options o = *options;
	struct rig *rig = XNEW(struct rig);
	struct rtmp_events ev = {on_publish, on_segment, on_end, rig};

	log_set_quiet(1);
	o.address = "127.0.0.1:0";
	rig->log = log_new("test", NULL);
	rig->net = net_new(rig->log);
	assert_null(rtmp_listen(rig->net, &o, &ev, &rig->port));
	return rig;
}

static void rig_free(struct rig *rig)
{
	if (rig->port)
		rtmp_port_close(rig->port);
	net_free(rig->net);
	log_free(rig->log);
	free(rig);
}

struct look {
	const struct rig *rig;
	struct rig out;
};

static void on_look(void *ctx)
{
	struct look *l = ctx;

	l->out = *l->rig;
}

static struct rig look(const struct rig *rig)
{
	struct look l = {.rig = rig};

	actor_call(net_actor(rig->net), on_look, &l);
	return l.out;
}

/* Waits until `count` (a field of the rig) has become n. */
#define WAIT(rig, count, n)                                                    \
	do {                                                                   \
		int64_t until_ = clock_mono_ms() + DEADLINE_MS;                \
		while (look(rig).count < (n)) {                                \
			assert_true(clock_mono_ms() < until_);                 \
			poll(NULL, 0, 2);                                      \
		}                                                              \
		assert_int_equal(look(rig).count, n);                          \
	} while (0)

static int dial(const struct rig *rig)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t port;

	assert_true(parse_u64(strchr(rtmp_port_address(rig->port), ':') + 1,
		&port));
	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void send_all(int fd, const struct str *s)
{
	for (size_t at = 0; at < s->len;) {
		ssize_t n = send(fd, s->s + at, s->len - at, MSG_NOSIGNAL);

		assert_true(n > 0);
		at += (size_t)n;
	}
}

/* Everything until the server hangs up; false if it takes too long. */
static bool read_to_end(int fd, struct str *out)
{
	int64_t until = clock_mono_ms() + DEADLINE_MS;
	char part[4096];

	while (clock_mono_ms() < until) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, 100) <= 0)
			continue;
		n = recv(fd, part, sizeof(part), 0);
		if (n <= 0)
			return n == 0 || errno == ECONNRESET;
		str_addn(out, part, (size_t)n);
	}
	return false;
}

static bool holds(const struct str *s, const char *text)
{
	return s->s && memmem(s->s, s->len, text, strlen(text));
}

static void on_accept(void *ctx)
{
	struct rig *rig = ctx;
	struct publisher *p = publisher_find(rig->port, rig->id);

	assert_non_null(p);
	publisher_accept(p);
}

/* All at once, though the role takes its time: nothing is lost. */
static void publish_recording(enum answer answer)
{
	struct rig *rig = rig_new(&(struct rtmp_options){0});
	struct str s = recorded(), replies = STR_INIT;
	struct rig seen;
	int fd;

	rig->answer = answer;
	fd = dial(rig);
	send_all(fd, &s);
	if (answer == ACCEPT_LATER) {
		WAIT(rig, publish, 1);
		actor_call(net_actor(rig->net), on_accept, rig);
	}
	WAIT(rig, ends, 1);
	shutdown(fd, SHUT_WR);
	assert_true(read_to_end(fd, &replies));
	close(fd);
	assert_true(holds(&replies, "NetStream.Publish.Start"));
	seen = look(rig);
	assert_int_equal(seen.segments, 3);
	assert_int_equal(seen.duration_ms, 5000);
	assert_string_equal(seen.reason, "closed by publisher");
	assert_string_equal(seen.url,
		"rtmp://127.0.0.1:19353/live/cam?key=a/b");
	assert_int_equal(seen.stats.width, 128);
	assert_int_equal(seen.stats.height, 72);
	assert_true(seen.stats.fps == 25);
	assert_true(seen.stats.bytes > 50000);
	rig_free(rig);
	str_clear(&s);
	str_clear(&replies);
}

static void test_publish(void **state)
{
	(void)state;
	publish_recording(ACCEPT);
	publish_recording(ACCEPT_LATER);
}

static void test_refuse(void **state)
{
	struct rig *rig = rig_new(&(struct rtmp_options){0});
	struct str s = STR_INIT, replies = STR_INIT;
	int fd = dial(rig);

	(void)state;
	rig->answer = REFUSE;
	put_setup(&s, "live", NULL, "x");
	send_all(fd, &s);
	assert_true(read_to_end(fd, &replies));
	assert_true(holds(&replies, "NetStream.Publish.BadName"));
	assert_true(holds(&replies, "wrong key"));
	close(fd);
	WAIT(rig, ends, 1);
	assert_string_equal(look(rig).reason, "wrong key");
	assert_int_equal(look(rig).segments, 0);
	rig_free(rig);
	str_clear(&s);
	str_clear(&replies);
}

/* Out of its own event, a publisher ends when the event returns; the last
 * segment still comes. */
static void test_close(void **state)
{
	struct rig *rig = rig_new(&(struct rtmp_options){0});
	struct str s = recorded(), replies = STR_INIT;
	int fd = dial(rig);

	(void)state;
	rig->answer = CLOSE_AT_SEGMENT;
	send_all(fd, &s);
	WAIT(rig, ends, 1);
	assert_string_equal(look(rig).reason, "enough");
	assert_int_equal(look(rig).segments, 2);
	shutdown(fd, SHUT_WR);
	assert_true(read_to_end(fd, &replies));
	assert_true(holds(&replies, "NetStream.Failed"));
	close(fd);
	rig_free(rig);
	str_clear(&s);
	str_clear(&replies);
}

/* Vanishing, stopping half-way: the node hears of it. */
static void test_lost(void **state)
{
	struct rig *rig = rig_new(&(struct rtmp_options){0});
	struct str s = recorded();
	int fd = dial(rig);

	(void)state;
	s.len /= 2;
	send_all(fd, &s);
	WAIT(rig, publish, 1);
	close(fd);
	WAIT(rig, ends, 1);
	assert_string_equal(look(rig).reason, "closed by publisher");
	assert_int_equal(look(rig).segments, 2);

	fd = dial(rig);
	rig->segments = 0;
	send_all(fd, &s);
	WAIT(rig, publish, 2);
	WAIT(rig, segments, 1);
	rtmp_port_close(TAKE(rig->port));
	assert_int_equal(look(rig).ends, 2);
	assert_int_equal(look(rig).segments, 2);
	assert_string_equal(look(rig).reason, "the node is stopping");
	close(fd);
	rig_free(rig);
	str_clear(&s);
}

/* Silent peers, before and after they publish, and garbage. */
static void test_deadlines(void **state)
{
	struct rig *rig = rig_new(&(struct rtmp_options){
		.setup_ms = 150, .idle_ms = 150});
	struct str s = STR_INIT, replies = STR_INIT;
	int64_t began = clock_mono_ms();
	int fd = dial(rig);

	(void)state;
	assert_true(read_to_end(fd, &replies));
	assert_true(clock_mono_ms() - began >= 140);
	assert_int_equal(replies.len, 0);
	close(fd);
	assert_int_equal(look(rig).publish, 0);

	fd = dial(rig);
	str_add(&s, "GET / HTTP/1.1\r\n\r\n");
	send_all(fd, &s);
	assert_true(read_to_end(fd, &replies));
	close(fd);
	str_truncate(&s, 0);

	fd = dial(rig);
	put_setup(&s, "live", NULL, "x");
	send_all(fd, &s);
	WAIT(rig, ends, 1);
	assert_string_equal(look(rig).reason, "idle timeout");
	assert_true(read_to_end(fd, &replies));
	assert_true(holds(&replies, "NetStream.Failed"));
	close(fd);
	rig_free(rig);
	str_clear(&s);
	str_clear(&replies);
}

static void test_max_conns(void **state)
{
	struct rig *rig = rig_new(&(struct rtmp_options){.max_conns = 1});
	struct str s = STR_INIT, replies = STR_INIT;
	int first = dial(rig), second;

	(void)state;
	put_setup(&s, "live", NULL, "x");
	send_all(first, &s);
	WAIT(rig, publish, 1);
	second = dial(rig);
	assert_true(read_to_end(second, &replies));
	assert_int_equal(replies.len, 0);
	assert_int_equal(look(rig).ends, 0);
	close(second);
	close(first);
	rig_free(rig);
	str_clear(&s);
}

static void test_options(void **state)
{
	struct log *log = log_new("test", NULL);
	struct net *net = net_new(log);
	struct rtmp_events ev = {on_publish, on_segment, on_end, NULL};
	struct rtmp_options o = {.address = "127.0.0.1:0",
		.segment_ms = 20000};
	struct rtmp_port *port = NULL;
	struct err *e = rtmp_listen(net, &o, &ev, &port);

	(void)state;
	assert_int_equal(err_kind(e), ERR_INVALID);
	err_free(e);
	o = (struct rtmp_options){.address = "192.0.2.1:1935"};
	e = rtmp_listen(net, &o, &ev, &port);
	assert_int_equal(err_kind(e), ERR_IO);
	err_free(e);
	assert_null(port);
	net_free(net);
	log_free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_max_conns),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

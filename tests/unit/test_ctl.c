/* The console socket's server with real sockets and a board of its own:
 * greeting, views, log, commands, and consoles that misbehave. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/ctl_codec.h"
#include "src/base/blob.h"
#include "src/base/clock.h"
#include "src/base/secret.h"
#include "src/model/trend.h"
#include "src/node/chronicle.h"
#include "src/node/ctl.h"
#include "tests/unit/outcome.h"

#define PATIENCE_MS 5000

struct world {
	char dir[64], path[96];
	struct board *board;
	struct journal *journal;
	struct log *log;
	struct ctl *ctl;
	struct actor *role; /* answers commands, as a role would */
	struct reply held[16]; /* of command "drain", not answered by itself */
	size_t held_n;
};

struct console {
	int fd;
	struct ctl_reader *reader;
};

/* --- the node's side --- */

struct order {
	char text[64];
	struct reply reply;
};

static void on_order(void *ctx)
{
	struct order *o = ctx;

	if (strcmp(o->text, "gpu9") == 0)
		reply_send(o->reply, err_new(ERR_NOT_FOUND, "no transcoder gpu9"), NULL);
	else
		reply_send(o->reply, NULL,
			ctl_answer_new(CTL_DONE, xstrdup(o->text)));
	free(o);
}

static void run(void *ctx, const struct command *c, struct reply reply)
{
	struct world *w = ctx;
	struct order *o;

	if (c->def->id == CMD_drain) {
		w->held[w->held_n++] = reply;
		return;
	}
	o = XNEW(struct order);
	o->reply = reply;
	snprintf(o->text, sizeof(o->text), "%s", c->text[0]);
	actor_post(w->role, on_order, o);
}

/* Not logged, not kept: the answer says only how long it was. */
static void take_secret(void *ctx, uint64_t number, char *taken, struct reply reply)
{
	struct str text = STR_INIT;

	(void)ctx;
	str_printf(&text, "%zu bytes for question %llu", strlen(taken),
		(unsigned long long)number);
	secret_free(taken, CTL_SECRET_MAX + 1);
	reply_send(reply, NULL, ctl_answer_new(CTL_DONE, str_take(&text)));
}

static int setup(void **state)
{
	struct world *w = XNEW(struct world);
	struct ctl_options o = {.run = run, .secret = take_secret, .ctx = w};

	log_set_quiet(1);
	snprintf(w->dir, sizeof(w->dir), "/tmp/weir-ctl-XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	snprintf(w->path, sizeof(w->path), "%s/weir.sock", w->dir);
	w->journal = journal_new(100);
	w->log = log_new("test", w->journal);
	w->board = board_new(BOARD_SLOTS);
	w->role = actor_new("role", 0);
	o.path = w->path;
	o.board = w->board;
	o.journal = w->journal;
	ok(ctl_new(w->log, &o, &w->ctl));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (w->ctl)
		ctl_stop(w->ctl, "over");
	actor_free(w->role);
	ctl_free(w->ctl);
	board_free(w->board);
	log_free(w->log);
	journal_free(w->journal);
	assert_int_not_equal(access(w->path, F_OK), 0);
	rmdir(w->dir);
	free(w);
	return 0;
}

/* --- the console's side --- */

static struct console attach(struct world *w)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct console c = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};

	memcpy(to.sun_path, w->path, strlen(w->path));
	assert_int_equal(connect(c.fd, (struct sockaddr *)&to, sizeof(to)), 0);
	c.reader = ctl_reader_new(CTL_MAX_FROM_NODE);
	return c;
}

static void detach(struct console *c)
{
	close(c->fd);
	ctl_reader_free(c->reader);
}

static void send_all(struct console *c, struct str *frames)
{
	assert_int_equal(send(c->fd, frames->s, frames->len, MSG_NOSIGNAL), frames->len);
	str_clear(frames);
}

/* The next frame; type 0 at the end of the stream. */
static struct ctl_frame next(struct console *c)
{
	struct ctl_frame f = {0};
	bool got;

	for (;;) {
		struct pollfd p = {c->fd, POLLIN, 0};
		char buf[4096];
		ssize_t n;

		ok(ctl_reader_next(c->reader, &f, &got));
		if (got)
			return f;
		if (poll(&p, 1, PATIENCE_MS) != 1)
			fail_msg("nothing came from the node");
		n = read(c->fd, buf, sizeof(buf));
		if (n <= 0)
			return (struct ctl_frame){0};
		ctl_reader_feed(c->reader, buf, (size_t)n);
	}
}

static void hello(struct console *c)
{
	struct str out = STR_INIT;
	struct ctl_frame f;
	struct ctl_hello h;

	ctl_write_hello(&out, getpid());
	send_all(c, &out);
	f = next(c);
	assert_int_equal(f.type, CTL_HELLO);
	ok(ctl_hello_decode(&f, &h));
	assert_int_equal(h.protocol, CTL_PROTOCOL);
	assert_int_equal(h.pid, getpid());
	assert_string_equal(h.version, WEIR_VERSION);
	ctl_hello_clear(&h);
}

static void subscribe(struct console *c, uint32_t sections, bool log, uint64_t after)
{
	struct ctl_subscribe s = {.sections = sections, .log = log, .log_after = after};
	struct str out = STR_INIT;

	ctl_write_subscribe(&out, &s);
	send_all(c, &out);
}

static void publish(struct world *w, enum section s, const char *json)
{
	board_publish(w->board, s, blob_new(json, strlen(json)));
}

static void view_is(struct console *c, enum section s, uint64_t version, const char *json)
{
	struct ctl_frame f = next(c);
	struct ctl_view v;

	assert_int_equal(f.type, CTL_VIEW);
	ok(ctl_view_decode(&f, &v));
	assert_int_equal(v.section, s);
	assert_int_equal(v.version, version);
	assert_int_equal(v.n, strlen(json));
	assert_memory_equal(v.json, json, v.n);
}

static void no_secret_in_log(void *ctx, const struct journal_record *r)
{
	assert_null(strstr(r->text, ctx));
}

static void order(struct console *c, uint64_t id, const char *line)
{
	struct command command;
	struct str out = STR_INIT;

	ok(command_parse_line(line, &command));
	ctl_write_command(&out, id, &command);
	send_all(c, &out);
	command_clear(&command);
}

static void answer_is(struct console *c, uint64_t id, enum ctl_outcome outcome, const char *text)
{
	struct ctl_frame f = next(c);
	struct ctl_answer a;

	assert_int_equal(f.type, CTL_ANSWER);
	ok(ctl_answer_decode(&f, &a));
	assert_int_equal(a.id, id);
	assert_int_equal(a.outcome, outcome);
	assert_string_equal(a.text, text);
	ctl_answer_clear(&a);
}

static void bye_has(struct console *c, const char *part)
{
	struct ctl_frame f = next(c);
	char *reason;

	assert_int_equal(f.type, CTL_BYE);
	ok(ctl_bye_decode(&f, &reason));
	if (!strstr(reason, part))
		fail_msg("\"%s\" is not in \"%s\"", part, reason);
	free(reason);
	assert_int_equal(next(c).type, 0);
}

/* --- tests --- */

static void socket_is_private(void **state)
{
	struct world *w = *state;
	struct stat st;

	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void views_at_once_and_when_new(void **state)
{
	struct world *w = *state;
	struct console c = attach(w);

	publish(w, SECTION_NODE, "{\"pid\":1}");
	hello(&c);
	subscribe(&c, 1u << SECTION_NODE | 1u << SECTION_SESSIONS, false, 0);
	view_is(&c, SECTION_NODE, 1, "{\"pid\":1}");
	view_is(&c, SECTION_SESSIONS, 0, "{}"); /* nobody published it */
	publish(w, SECTION_STREAMS, "{}"); /* not asked for */
	publish(w, SECTION_SESSIONS, "{\"a\":1}");
	view_is(&c, SECTION_SESSIONS, 1, "{\"a\":1}");
	/* Again from the start, whatever was sent before. */
	subscribe(&c, 1u << SECTION_SESSIONS, false, 0);
	view_is(&c, SECTION_SESSIONS, 1, "{\"a\":1}");
	detach(&c);
}

static void publish_trend(struct world *w, int64_t slots)
{
	struct trend *t = xcalloc(1, sizeof(*t));

	for (int64_t i = 1; i <= slots; i++)
		trend_add(t, &(struct sample){.slot = i, .segments = i});
	board_publish(w->board, BOARD_TREND, blob_take(t, sizeof(*t)));
}

static void trend_is(struct console *c, const char *json)
{
	struct ctl_frame f = next(c);

	assert_int_equal(f.type, CTL_TREND);
	if (f.n != strlen(json) || memcmp(f.payload, json, f.n) != 0)
		fail_msg("%.*s", (int)f.n, f.payload);
}

/* The whole once, then what is new; a console that comes back says where it
 * was, and nobody gets what was not asked for. */
static void trend_follows(void **state)
{
	struct world *w = *state;
	struct ctl_subscribe s = {.trend = true, .trend_after = -1};
	struct str out = STR_INIT;
	struct console c = attach(w), other = attach(w);

	publish_trend(w, 2);
	hello(&c);
	hello(&other);
	subscribe(&other, 1u << SECTION_NODE, false, 0);
	view_is(&other, SECTION_NODE, 0, "{}");
	ctl_write_subscribe(&out, &s);
	send_all(&c, &out);
	trend_is(&c, "{\"whole\":true,\"fine\":[[1,0,1],[2,0,2]],\"coarse\":[[0,0,3]]}");
	publish_trend(w, 3);
	trend_is(&c, "{\"fine\":[[3,0,3]]}");
	detach(&c);
	publish_trend(w, 5);
	c = attach(w);
	hello(&c);
	s.trend_after = 3;
	ctl_write_subscribe(&out, &s);
	send_all(&c, &out);
	trend_is(&c, "{\"fine\":[[4,0,4],[5,0,5]]}");
	publish(w, SECTION_NODE, "{\"pid\":1}");
	view_is(&other, SECTION_NODE, 1, "{\"pid\":1}");
	detach(&c);
	detach(&other);
}

/* However often a section moves, a console sees the latest and few of them. */
static void views_are_paced(void **state)
{
	struct world *w = *state;
	struct console c = attach(w);
	int64_t began = clock_mono_ms(), lasted;
	uint64_t version = 0;
	int views = 0;

	hello(&c);
	subscribe(&c, 1u << SECTION_NODE, false, 0);
	view_is(&c, SECTION_NODE, 0, "{}");
	for (int i = 0; i < 2000; i++)
		publish(w, SECTION_NODE, "{}");
	while (version < 2000) {
		struct ctl_frame f = next(&c);
		struct ctl_view v;

		ok(ctl_view_decode(&f, &v));
		assert_true(v.version > version);
		version = v.version;
		views++;
	}
	lasted = clock_mono_ms() - began;
	assert_true(views <= 3 + lasted / 200);
	detach(&c);
}

/* A console that does not read holds one buffer, and no one else up. */
static void slow_console_skips(void **state)
{
	struct world *w = *state;
	struct console slow = attach(w), quick = attach(w);
	struct str big = STR_INIT;
	uint64_t version = 0, frames = 0;

	str_add(&big, "{\"x\":\"");
	for (int i = 0; i < 100000; i++)
		str_add(&big, "0123456789");
	str_add(&big, "\"}");
	hello(&slow);
	hello(&quick);
	subscribe(&slow, 1u << SECTION_NODE, false, 0);
	subscribe(&quick, 1u << SECTION_STREAMS, false, 0);
	view_is(&quick, SECTION_STREAMS, 0, "{}");
	for (uint64_t i = 1; i <= 4; i++) {
		char json[32];

		publish(w, SECTION_NODE, big.s);
		snprintf(json, sizeof(json), "{\"i\":%d}", (int)i);
		publish(w, SECTION_STREAMS, json);
		view_is(&quick, SECTION_STREAMS, i, json);
	}
	for (; version < 4; frames++) {
		struct ctl_frame f = next(&slow);
		struct ctl_view v;

		ok(ctl_view_decode(&f, &v));
		version = v.version;
	}
	assert_true(frames <= 3); /* {} or 1, and the latest: not all five */
	str_clear(&big);
	detach(&slow);
	detach(&quick);
}

static void seq_of(void *ctx, const struct journal_record *r)
{
	uint64_t *seen = ctx;

	if (!seen[0])
		seen[0] = r->seq;
	seen[1] = r->seq;
	if (strcmp(r->text, "the last") == 0)
		seen[2]++;
}

static void log_from_a_number(void **state)
{
	struct world *w = *state;
	struct console c = attach(w);
	uint64_t seen[3] = {0}, after;
	struct ctl_frame f;

	for (int i = 0; i < 150; i++) /* the ring holds 100 */
		log_info(w->log, "line %d", i);
	hello(&c);
	subscribe(&c, 0, true, 5);
	f = next(&c);
	assert_int_equal(f.type, CTL_LOG);
	ok(ctl_log_decode(&f, &after, seq_of, seen));
	assert_int_equal(after, 5);
	assert_true(seen[0] > 6); /* a gap, to be seen as one */
	log_info(w->log, "the last");
	while (!seen[2]) {
		uint64_t last = seen[1];

		f = next(&c);
		assert_int_equal(f.type, CTL_LOG);
		ok(ctl_log_decode(&f, &after, seq_of, seen));
		assert_int_equal(after, last);
	}
	detach(&c);
}

static void commands(void **state)
{
	struct world *w = *state;
	struct console c = attach(w), other = attach(w);

	hello(&c);
	hello(&other);
	order(&c, 7, "drain_transcoder gpu0");
	answer_is(&c, 7, CTL_DONE, "gpu0");
	order(&c, 8, "drain_transcoder gpu9");
	answer_is(&c, 8, CTL_REFUSED, "no transcoder gpu9");
	order(&other, 8, "end_session m");
	answer_is(&other, 8, CTL_DONE, "m");
	detach(&c);
	detach(&other);
}

static void unknown_command_is_refused(void **state)
{
	struct console c = attach(*state);
	static const char text[] = "{\"id\":9,\"name\":\"fly\",\"args\":{}}";
	struct str out = STR_INIT;
	struct ctl_frame f;
	struct ctl_answer a;

	hello(&c);
	ctl_frame_write(&out, CTL_COMMAND, text, sizeof(text) - 1);
	send_all(&c, &out);
	f = next(&c);
	assert_int_equal(f.type, CTL_ANSWER);
	ok(ctl_answer_decode(&f, &a));
	assert_int_equal(a.id, 9);
	assert_int_equal(a.outcome, CTL_REFUSED);
	ctl_answer_clear(&a);
	detach(&c);
}

static void answer_held(struct world *w)
{
	while (w->held_n)
		reply_send(w->held[--w->held_n], NULL, NULL);
}

/* The console goes before its answer comes: that is normal. */
static void answer_to_the_gone(void **state)
{
	struct world *w = *state;
	struct console c = attach(w), d;

	hello(&c);
	for (int i = 0; i < 16; i++)
		order(&c, 1, "drain");
	order(&c, 2, "drain"); /* one too many */
	answer_is(&c, 2, CTL_REFUSED, "too many commands wait for their answers");
	detach(&c);
	d = attach(w);
	hello(&d);
	answer_held(w);
	order(&d, 3, "end_session m");
	answer_is(&d, 3, CTL_DONE, "m");
	detach(&d);
}

static void other_protocol_is_told(void **state)
{
	struct console c = attach(*state);
	static const char text[] = "{\"protocol\":99,\"version\":\"9\",\"pid\":1}";
	struct str out = STR_INIT;

	ctl_frame_write(&out, CTL_HELLO, text, sizeof(text) - 1);
	send_all(&c, &out);
	bye_has(&c, "speaks protocol 1; the console speaks 99");
	detach(&c);
}

static void rude_consoles(void **state)
{
	struct world *w = *state;
	struct console c = attach(w);
	struct str out = STR_INIT;

	ctl_frame_write(&out, CTL_SUBSCRIBE, "{}", 2);
	send_all(&c, &out);
	bye_has(&c, "begins with HELLO");
	detach(&c);

	c = attach(w);
	str_addn(&out, "\xff\xff\xff\xff\x01", 5); /* 4 GiB */
	send_all(&c, &out);
	assert_int_equal(next(&c).type, CTL_BYE);
	detach(&c);

	c = attach(w);
	hello(&c);
	ctl_frame_write(&out, CTL_VIEW, "\0", 1);
	send_all(&c, &out);
	bye_has(&c, "does not send this frame");
	detach(&c);
}

static void too_many_consoles(void **state)
{
	struct world *w = *state;
	struct console c[33];

	for (int i = 0; i < 32; i++) {
		c[i] = attach(w);
		hello(&c[i]);
	}
	c[32] = attach(w);
	bye_has(&c[32], "too many consoles");
	for (int i = 0; i < 33; i++)
		detach(&c[i]);
}

static void stop_says_bye(void **state)
{
	struct world *w = *state;
	struct console c = attach(w);

	hello(&c);
	order(&c, 1, "drain");
	order(&c, 2, "end_session m");
	answer_is(&c, 2, CTL_DONE, "m");
	ctl_stop(w->ctl, "the node has stopped");
	bye_has(&c, "the node has stopped");
	answer_held(w); /* late, and nobody there */
	detach(&c);
}

static void a_secret(void **state)
{
	char word[] = "xyzzy-plugh";
	struct world *w = *state;
	struct console c = attach(w);
	struct str out = STR_INIT;

	hello(&c);
	ctl_write_secret(&out, 9, 4, word);
	send_all(&c, &out);
	answer_is(&c, 9, CTL_DONE, "11 bytes for question 4");
	ctl_write_secret(&out, 10, 4, "two\nlines");
	send_all(&c, &out);
	answer_is(&c, 10, CTL_REFUSED, "a password is one line");
	/* What an operator answers is not for the log, either. */
	order(&c, 11, "migration_answer question=3 text=xyzzy-plugh");
	answer_is(&c, 11, CTL_DONE, "3");
	journal_read(w->journal, 0, 100, no_secret_in_log, word);
	detach(&c);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(socket_is_private),
		TEST(views_at_once_and_when_new),
		TEST(trend_follows),
		TEST(views_are_paced),
		TEST(slow_console_skips),
		TEST(log_from_a_number),
		TEST(commands),
		TEST(a_secret),
		TEST(unknown_command_is_refused),
		TEST(answer_to_the_gone),
		TEST(other_protocol_is_told),
		TEST(rude_consoles),
		TEST(too_many_consoles),
		TEST(stop_says_bye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "src/node/ctl.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "proto/ctl_codec.h"
#include "proto/trend_codec.h"
#include "src/base/clock.h"
#include "src/base/secret.h"
#include "src/base/str.h"
#include "src/node/chronicle.h"

#define CONSOLES_MAX 32
#define COMMANDS_MAX 16	 /* of one console, unanswered */
#define PACE_MS 200	 /* views are sent at most this often */
#define READ_BYTES 16384

struct console {
	LIST_ENTRY(console) link;
	struct ctl *ctl;
	uint64_t id;
	uv_pipe_t pipe;
	uv_write_t write;
	struct ctl_reader *reader;
	struct str answers; /* whole frames that wait for the socket */
	struct str out;	    /* on its way */
	bool writing, greeted, leaving;
	bool due;    /* views: the pace allows some, or it has just subscribed */
	bool behind; /* there is more log than went out at once */
	unsigned commands; /* unanswered */
	struct ctl_subscribe wants;
	uint64_t sent[SECTION_COUNT]; /* versions */
	uint32_t unsent;	      /* sections to send whatever their version */
	uint64_t trend_sent;	      /* version */
	char chunk[READ_BYTES];
};

struct ctl {
	struct actor *actor;
	struct log *log;
	char *path;
	struct board *board;
	struct journal *journal;
	void (*run)(void *ctx, const struct command *c, struct reply reply);
	void (*secret)(void *ctx, uint64_t number, char *taken, struct reply reply);
	void *ctx;
	atomic_bool woken; /* something is new; a task to look is on its way */

	uv_pipe_t server; /* from here on: on the actor */
	struct timer *pace;
	int64_t paced_ms;
	LIST_HEAD(, console) consoles;
	size_t consoles_n;
	uint64_t last_id;
	bool stopping;
};

struct answer { /* a command under way; its console may have gone */
	struct ctl *ctl;
	uint64_t console, command;
};

static void console_pump(struct console *con);

/* --- the end of a console --- */

static void on_closed(uv_handle_t *handle)
{
	struct console *con = handle->data;

	ctl_reader_free(con->reader);
	str_clear(&con->answers);
	str_clear(&con->out);
	free(con);
}

static void console_close(struct console *con)
{
	if (uv_is_closing((uv_handle_t *)&con->pipe))
		return;
	LIST_REMOVE(con, link);
	con->ctl->consoles_n--;
	uv_close((uv_handle_t *)&con->pipe, on_closed);
}

/* The reason leaves with what waits, then the console is closed. */
static void console_dismiss(struct console *con, const char *reason)
{
	if (con->leaving)
		return;
	con->leaving = true;
	uv_read_stop((uv_stream_t *)&con->pipe);
	ctl_write_bye(&con->answers, reason);
	console_pump(con);
}

/* --- sending --- */

static void on_written(uv_write_t *req, int status)
{
	struct console *con = req->data;

	con->writing = false;
	str_truncate(&con->out, 0);
	if (uv_is_closing((uv_handle_t *)&con->pipe))
		return;
	if (status < 0)
		console_close(con);
	else
		console_pump(con);
}

static void add_views(struct console *con)
{
	for (unsigned s = 0; s < SECTION_COUNT; s++) {
		uint64_t version = 0;
		struct blob *json;

		if (!(con->wants.sections & 1u << s))
			continue;
		if (!(con->unsent & 1u << s) && board_version(con->ctl->board, s) == con->sent[s])
			continue;
		json = board_get(con->ctl->board, s, &version);
		if (json)
			ctl_write_view_json(&con->out, s, version,
				(const char *)blob_data(json), blob_size(json));
		else
			ctl_write_view_json(&con->out, s, 0, "{}", 2);
		con->sent[s] = json ? version : 0;
		con->unsent &= ~(1u << s);
		blob_put(json);
	}
}

static void add_record(void *ctx, const struct journal_record *r)
{
	ctl_log_add(ctx, r);
}

static void add_log(struct console *con)
{
	struct ctl_log_writer w;
	uint64_t before = con->wants.log_after;

	con->behind = false;
	if (!con->wants.log || journal_last(con->ctl->journal) <= con->wants.log_after)
		return;
	ctl_log_begin(&w, &con->out, con->wants.log_after);
	con->wants.log_after = journal_read(con->ctl->journal, con->wants.log_after,
		CTL_LOG_RECORDS, add_record, &w);
	ctl_log_end(&w);
	con->behind = con->wants.log_after - before >= CTL_LOG_RECORDS;
}

/* Only what the console has not: a slow line gets no hour twice. */
static void add_trend(struct console *con)
{
	struct blob *trend;
	size_t begun;

	if (!con->wants.trend ||
		board_version(con->ctl->board, BOARD_TREND) == con->trend_sent)
		return;
	trend = board_get(con->ctl->board, BOARD_TREND, &con->trend_sent);
	begun = ctl_frame_begin(&con->out, CTL_TREND);
	trend_write(&con->out, (const void *)blob_data(trend), con->wants.trend_after);
	ctl_frame_end(&con->out, begun);
	con->wants.trend_after = trend_end((const void *)blob_data(trend)) - 1;
	blob_put(trend);
}

/* One buffer at a time: what became due meanwhile goes when this one has left;
 * a fast reader doesn't get views faster than the pace. */
static void console_pump(struct console *con)
{
	uv_buf_t buf;

	if (con->writing || uv_is_closing((uv_handle_t *)&con->pipe))
		return;
	if (con->answers.len) {
		str_addn(&con->out, con->answers.s, con->answers.len);
		str_truncate(&con->answers, 0);
	} else if (con->leaving) {
		console_close(con);
		return;
	}
	if (con->greeted && !con->leaving) {
		if (con->due) {
			add_views(con);
			add_trend(con);
		}
		if (con->due || con->behind)
			add_log(con);
		con->due = false;
	}
	if (!con->out.len)
		return;
	buf = uv_buf_init(con->out.s, (unsigned)con->out.len);
	con->write.data = con;
	con->writing = true;
	if (uv_write(&con->write, (uv_stream_t *)&con->pipe, &buf, 1, on_written) != 0) {
		con->writing = false;
		console_close(con);
	}
}

static void pump_all(struct ctl *c)
{
	struct console *con, *next;

	for (con = LIST_FIRST(&c->consoles); con; con = next) {
		next = LIST_NEXT(con, link);
		con->due = true;
		console_pump(con);
	}
}

static void on_pace(void *ctx)
{
	struct ctl *c = ctx;

	ASSERT_ON(c->actor);
	c->paced_ms = clock_mono_ms();
	pump_all(c);
}

/* Something was published or logged. */
static void on_news(void *ctx)
{
	struct ctl *c = ctx;
	int64_t due = c->paced_ms + PACE_MS - clock_mono_ms();

	ASSERT_ON(c->actor);
	atomic_store(&c->woken, false);
	if (c->consoles_n && !c->stopping && !timer_is_set(c->pace))
		timer_set(c->pace, due > 0 ? (uint64_t)due : 0, 0);
}

static void wake(void *ctx) /* any thread */
{
	struct ctl *c = ctx;

	if (!atomic_exchange(&c->woken, true))
		actor_post(c->actor, on_news, c);
}

/* --- commands --- */

static struct console *console_find(struct ctl *c, uint64_t id)
{
	struct console *con;

	LIST_FOREACH(con, &c->consoles, link)
		if (con->id == id)
			return con;
	return NULL;
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct answer *a = ctx;
	struct console *con = console_find(a->ctl, a->console);
	struct ctl_answer *answer = taken
		? ctl_answer_new(CTL_REFUSED, xstrdup(err_text(taken)))
		: result ? result : ctl_answer_new(CTL_DONE, xstrdup("done"));

	ASSERT_ON(a->ctl->actor);
	if (con) {
		con->commands--;
		answer->id = a->command;
		ctl_write_answer(&con->answers, answer);
		console_pump(con);
	}
	err_free(taken);
	ctl_answer_free(answer);
	free(a);
}

static void refuse(struct console *con, uint64_t id, const char *why)
{
	struct ctl_answer *answer = ctl_answer_new(CTL_REFUSED, xstrdup(why));

	answer->id = id;
	ctl_write_answer(&con->answers, answer);
	ctl_answer_free(answer);
	console_pump(con);
}

/* A flag's value may be a secret: `set` says itself what can be said of it. So may
 * be what an operator answers. */
static void log_command(const struct console *con, const struct command *c)
{
	struct str text = STR_INIT;

	for (size_t i = 0; i < c->def->args_n; i++)
		if (c->text[i] && ((c->def->id != CMD_set && c->def->id != CMD_migration_answer) ||
			i == 0))
			str_printf(&text, " %s=%s", c->def->args[i].name, c->text[i]);
	log_info(con->ctl->log, "command %s%s%s from console %llu", c->def->name,
		str_cstr(&text), *c->token ? ", confirmed," : "",
		(unsigned long long)con->id);
	str_clear(&text);
}

static struct reply await(struct console *con, uint64_t id)
{
	struct answer *a = XNEW(struct answer);

	con->commands++;
	*a = (struct answer){con->ctl, con->id, id};
	return (struct reply){con->ctl->actor, on_answer, a};
}

static void run_command(struct console *con, const struct ctl_frame *f)
{
	struct ctl *c = con->ctl;
	struct command command;
	uint64_t id = 0;
	struct err *e = ctl_command_decode(f, &id, &command);

	if (e) {
		refuse(con, id, err_text(e));
		err_free(e);
		return;
	}
	if (con->commands == COMMANDS_MAX) {
		refuse(con, id, "too many commands wait for their answers");
	} else {
		log_command(con, &command);
		c->run(c->ctx, &command, await(con, id));
	}
	command_clear(&command);
}

/* What it came in is wiped behind it. */
static void take_secret(struct console *con, const struct ctl_frame *f)
{
	struct ctl *c = con->ctl;
	struct ctl_secret s;
	struct err *e = ctl_secret_decode(f, &s);
	char *copy;

	if (!e && (!c->secret || con->commands == COMMANDS_MAX))
		e = err_new(ERR_BUSY, "nothing asks for a password here");
	if (e) {
		refuse(con, s.id, err_text(e));
		err_free(e);
	} else {
		copy = secret_alloc(CTL_SECRET_MAX + 1);
		memcpy(copy, s.bytes, s.n);
		c->secret(c->ctx, s.number, copy, await(con, s.id));
	}
	ctl_reader_wipe(con->reader);
	secret_wipe(con->chunk, sizeof(con->chunk));
}

/* --- receiving --- */

static struct err *greet(struct console *con, const struct ctl_frame *f)
{
	struct ctl_hello hello;
	struct str why = STR_INIT;
	struct err *e;

	if (f->type != CTL_HELLO)
		return err_new(ERR_PROTOCOL, "a console begins with HELLO");
	e = ctl_hello_decode(f, &hello);
	if (e)
		return e;
	if (hello.protocol != CTL_PROTOCOL) {
		str_printf(&why, "this node is weir %s and speaks protocol %d; the console "
			"speaks %lld: use the same version for both", WEIR_VERSION,
			CTL_PROTOCOL, (long long)hello.protocol);
		console_dismiss(con, why.s);
		str_clear(&why);
	} else {
		con->greeted = true;
		log_debug(con->ctl->log, "console %llu attached, pid %lld",
			(unsigned long long)con->id, (long long)hello.pid);
		ctl_write_hello(&con->answers, getpid());
	}
	ctl_hello_clear(&hello);
	return NULL;
}

static struct err *on_frame(struct console *con, const struct ctl_frame *f)
{
	struct err *e = NULL;

	if (!con->greeted)
		return greet(con, f);
	switch (f->type) {
	case CTL_SUBSCRIBE:
		e = ctl_subscribe_decode(f, &con->wants);
		con->unsent = con->wants.sections;
		/* Of the node before this one, which numbered its records itself. */
		if (con->wants.log_after > journal_last(con->ctl->journal))
			con->wants.log_after = 0;
		con->trend_sent = 0;
		con->due = true;
		break;
	case CTL_COMMAND:
		run_command(con, f);
		break;
	case CTL_SECRET:
		take_secret(con, f);
		break;
	case CTL_BYE:
		console_dismiss(con, "");
		break;
	case CTL_HELLO:
	case CTL_VIEW:
	case CTL_LOG:
	case CTL_ANSWER:
	case CTL_TREND:
		e = err_new(ERR_PROTOCOL, "a console does not send this frame");
		break;
	}
	return e;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct console *con = stream->data;
	struct ctl_frame f;
	struct err *e = NULL;
	bool got = true;

	if (n < 0) {
		log_debug(con->ctl->log, "console %llu left", (unsigned long long)con->id);
		console_close(con);
		return;
	}
	ctl_reader_feed(con->reader, buf->base, (size_t)n);
	while (!e && !con->leaving && !uv_is_closing((uv_handle_t *)stream)) {
		e = ctl_reader_next(con->reader, &f, &got);
		if (e || !got)
			break;
		e = on_frame(con, &f);
	}
	if (e) {
		log_unusual(con->ctl->log, "console %llu: %s", (unsigned long long)con->id,
			err_text(e));
		console_dismiss(con, err_text(e));
		err_free(e);
	} else {
		console_pump(con);
	}
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct console *con = handle->data;

	(void)size;
	*buf = uv_buf_init(con->chunk, sizeof(con->chunk));
}

static bool is_ours(const struct console *con)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);
	uv_os_fd_t fd;

	return uv_fileno((const uv_handle_t *)&con->pipe, &fd) == 0 &&
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
		(peer.uid == geteuid() || peer.uid == 0);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct ctl *c = server->data;
	struct console *con;

	if (status < 0)
		return;
	con = XNEW(struct console);
	con->ctl = c;
	con->id = ++c->last_id;
	con->reader = ctl_reader_new(CTL_MAX_FROM_CONSOLE);
	uv_pipe_init(actor_loop(c->actor), &con->pipe, 0);
	con->pipe.data = con;
	LIST_INSERT_HEAD(&c->consoles, con, link);
	c->consoles_n++;
	if (uv_accept(server, (uv_stream_t *)&con->pipe) != 0 || !is_ours(con)) {
		log_unusual(c->log, "a console of another user was turned away");
		console_close(con);
	} else if (c->consoles_n > CONSOLES_MAX) {
		console_dismiss(con, "too many consoles are attached");
	} else if (uv_read_start((uv_stream_t *)&con->pipe, on_alloc, on_read) != 0) {
		console_close(con);
	}
}

/* --- start and stop --- */

struct start {
	struct ctl *ctl;
	int rc;
};

static void on_start(void *ctx)
{
	struct start *s = ctx;
	struct ctl *c = s->ctl;

	c->pace = timer_new(c->actor, on_pace, c);
	uv_pipe_init(actor_loop(c->actor), &c->server, 0);
	c->server.data = c;
	unlink(c->path);
	s->rc = uv_pipe_bind(&c->server, c->path);
	/* Nobody listens yet: the mode is right before the first connect. */
	if (!s->rc && chmod(c->path, 0600) != 0)
		s->rc = -errno;
	if (!s->rc)
		s->rc = uv_listen((uv_stream_t *)&c->server, CONSOLES_MAX, on_connection);
}

struct err *ctl_new(const struct log *log, const struct ctl_options *o, struct ctl **out)
{
	struct ctl *c = XNEW(struct ctl);
	struct start s = {c, 0};

	/* A console that vanishes is an error of write(), never a signal. */
	signal(SIGPIPE, SIG_IGN);
	c->log = log_child(log, "ctl");
	c->path = xstrdup(o->path);
	c->board = o->board;
	c->journal = o->journal;
	c->run = o->run;
	c->secret = o->secret;
	c->ctx = o->ctx;
	c->paced_ms = clock_mono_ms() - PACE_MS;
	LIST_INIT(&c->consoles);
	c->actor = actor_new("ctl", 0);
	actor_call(c->actor, on_start, &s);
	*out = NULL;
	if (s.rc) {
		struct err *e = err_new(ERR_IO, "console socket %s: %s", c->path,
			uv_strerror(s.rc));

		ctl_free(c);
		return e;
	}
	board_on_publish(c->board, wake, c);
	journal_on_add(c->journal, wake, c);
	*out = c;
	return NULL;
}

struct stop {
	struct ctl *ctl;
	const char *reason;
};

static void on_stop(void *ctx)
{
	struct stop *s = ctx;
	struct ctl *c = s->ctl;
	struct console *con, *next;

	if (c->stopping)
		return;
	c->stopping = true;
	timer_stop(c->pace);
	uv_close((uv_handle_t *)&c->server, NULL);
	for (con = LIST_FIRST(&c->consoles); con; con = next) {
		next = LIST_NEXT(con, link);
		console_dismiss(con, s->reason);
	}
}

void ctl_stop(struct ctl *c, const char *reason)
{
	struct stop s = {c, reason};

	board_on_publish(c->board, NULL, NULL);
	journal_on_add(c->journal, NULL, NULL);
	actor_call(c->actor, on_stop, &s);
}

static void on_free(void *ctx)
{
	struct ctl *c = ctx;

	while (!LIST_EMPTY(&c->consoles))
		console_close(LIST_FIRST(&c->consoles));
	timer_free(c->pace);
}

void ctl_free(struct ctl *c)
{
	if (!c)
		return;
	ctl_stop(c, "");
	actor_call(c->actor, on_free, c);
	actor_free(c->actor);
	unlink(c->path);
	log_free(c->log);
	free(c->path);
	free(c);
}

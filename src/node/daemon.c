#include "src/node/daemon.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "db/kv.h"
#include "src/base/clock.h"
#include "src/crypto/ec.h"
#include "src/migrate/record.h"
#include "src/model/view.h"
#include "src/node/chronicle.h"
#include "src/node/command.h"
#include "src/node/ctl.h"
#include "src/node/datadir.h"
#include "src/node/migrator.h"
#include "src/node/money.h"
#include "src/node/node.h"
#include "src/node/restart.h"
#include "src/node/settings.h"
#include "src/node/systemd.h"
#include "src/node/unlock.h"

#define JOURNAL_RECORDS 10000
#define LOG_FILE_MAX (32 << 20)
#define POLL_MS 250	/* between looks at a role's failure */
#define IDLE_POLL_MS 50 /* between looks for the end of the drain */
#define READY "ready"	/* what a launched node says when it listens */

/* Everything a process with a node has, in the order of its making. */
struct daemon {
	struct config *config;
	struct signer *signer; /* NULL off-chain */
	struct datadir *datadir;
	struct journal *journal;
	struct board *board;
	struct log *log;
	struct db *settings;
	struct node *node;
	struct command_target target;
	struct ctl *ctl;
};

/* --- settings: the live edits of the last run --- */

static struct err *use_setting(void *ctx, const char *key, const char *value)
{
	struct daemon *d = ctx;
	const char *name = strchr(key, '.') + 1;
	const struct option *o = option_find(name);
	struct err *e = o && !option_fixed(o) ? config_set(d->config, o->id, ORIGIN_KV, value) :
		err_new(ERR_INVALID, "this weir has no such setting");

	/* An old setting is no reason not to start. */
	if (e)
		log_unusual(d->log, "setting %s is not used: %s", key, err_text(e));
	err_free(e);
	return NULL;
}

static struct err *open_settings(struct daemon *d)
{
	char *path = datadir_file(datadir_path(d->datadir), DATADIR_DB);
	struct err *e = db_open(path, DB_FULL, &d->settings);

	free(path);
	return e ? e : kv_each(d->settings, "option.", use_setting, d);
}

/* --- start --- */

static void set_log_level(const struct config *c)
{
	log_set_level(config_log_level(c));
	log_set_systemd(systemd_has_journal());
}

static void log_note(void *ctx, const char *note)
{
	log_unusual((struct log *)ctx, "%s", note);
}

static void log_lines(const struct log *log, const char *what, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		log_info(log, "%s%.*s", what, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void log_config(const struct daemon *d)
{
	struct str text = STR_INIT;

	config_roles_text(&text, d->config);
	log_info(d->log, "weir %s, pid %d, %s, data in %s", WEIR_VERSION, (int)getpid(),
		str_cstr(&text), datadir_path(d->datadir));
	str_clear(&text);
	config_report(d->config, &text);
	log_lines(d->log, "option ", str_cstr(&text));
	str_clear(&text);
	config_notes(d->config, log_note, d->log);
}

static void run_command(void *ctx, const struct command *c, struct reply reply)
{
	command_run(ctx, c, reply);
}

static void take_secret(void *ctx, uint64_t number, char *taken, struct reply reply)
{
	struct command_target *t = ctx;

	migrator_secret(t->migrator, (int64_t)(number & INT64_MAX), taken, reply);
}

static struct migrator *make_migrator(const struct daemon *d)
{
	const char *home = getenv("HOME");
	char *records = record_directory();
	struct migrator *m = migrator_new(d->log, &(struct migrator_options){
		.records = records, .home = home ? home : "/root", .board = d->board});

	free(records);
	return m;
}

static struct err *start_ctl(struct daemon *d)
{
	char *path = datadir_file(datadir_path(d->datadir), DATADIR_SOCKET);
	struct ctl_options o = {
		.path = path,
		.board = d->board,
		.journal = d->journal,
		.run = run_command,
		.secret = take_secret,
		.ctx = &d->target,
	};
	struct err *e = datadir_check_socket(path);

	d->target = (struct command_target){
		.node = d->node,
		.db = d->settings,
		.log = d->log,
		.board = d->board,
		.config = d->config,
		.settings = settings_new(d->config, d->settings, d->board, d->log),
		.migrator = make_migrator(d),
		.money = money_new(),
	};
	if (!e)
		e = ctl_new(d->log, &o, &d->ctl);
	free(path);
	return e;
}

/* The flags are looked at first: nobody types a password to hear then that one is
 * missing. */
static struct err *open_account(struct config *c, struct remarks r, struct signer **out)
{
	struct err *e = config_check_start(c);

	if (!e)
		e = unlock_signer(c, r, out);
	config_wipe(c, OPT_ETH_PASSWORD);
	return e;
}

static void log_account(const struct daemon *d)
{
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, signer_address(d->signer).b);
	log_info(d->log, "account %s", name);
}

/* What does not start by something that was set, starts without it. */
static struct err *with_edits(const struct daemon *d, struct err *taken)
{
	struct str edits = STR_INIT;
	struct err *e;

	settings_edited(d->config, &edits);
	if (!edits.len)
		return taken;
	e = err_new(err_kind(taken), "%s (%s was set while the node ran before; `weir unset "
		"FLAG` takes that back)", err_text(taken), edits.s);
	str_clear(&edits);
	err_free(taken);
	return e;
}

static struct err *daemon_start(struct daemon *d)
{
	char *path = config_datadir(d->config);
	struct str ports = STR_INIT;
	int64_t began_ms = clock_mono_ms();
	struct err *e = datadir_take(path, &d->datadir);

	free(path);
	if (e)
		return e;
	d->journal = journal_new(JOURNAL_RECORDS);
	d->board = board_new(BOARD_SLOTS);
	d->log = log_new("weir", d->journal);
	e = open_settings(d);
	if (e)
		return e;
	set_log_level(d->config);
	log_config(d);
	if (!d->signer)
		e = open_account(d->config, (struct remarks){log_note, d->log}, &d->signer);
	if (!e && d->signer)
		log_account(d);
	if (!e)
		e = node_start(d->config, d->signer, d->log, d->board, &d->node);
	if (!e)
		e = start_ctl(d);
	if (e)
		return with_edits(d, e);
	node_ports(d->node, &ports);
	log_lines(d->log, "listens: ", str_cstr(&ports));
	str_clear(&ports);
	log_info(d->log, "ready after %lld ms", (long long)(clock_mono_ms() - began_ms));
	return NULL;
}

/* --- waiting and stop --- */

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

/* true: one came within ms. */
static bool wait_signal(const sigset_t *set, long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	return sigtimedwait(set, NULL, &t) > 0;
}

/* systemd shows it; only what is new. */
static void tell_status(struct str *last, const struct drain_state *s)
{
	struct str now = STR_INIT;

	str_add(&now, "STATUS=");
	drain_describe(&now, s);
	if (strcmp(str_cstr(last), now.s) != 0)
		systemd_notify(now.s);
	str_clear(last);
	*last = now;
}

/* *again: the node is to start anew. */
static enum exit_code wait_for_end(struct daemon *d, const sigset_t *set, bool *again)
{
	struct str status = STR_INIT;
	enum exit_code code = EXIT_OK;

	while (!wait_signal(set, node_attend(d->node) ? IDLE_POLL_MS : POLL_MS)) {
		const char *failure = node_failure(d->node);
		struct drain_state s = node_drain_state(d->node);
		enum drain_step step = drain_decide(&s);

		tell_status(&status, &s);
		if (failure) {
			log_broken(d->log, "cannot go on: %s", failure);
			code = EXIT_FAILED;
		}
		if (failure || step != DRAIN_WAIT) {
			*again = !failure && step == DRAIN_AGAIN;
			break;
		}
	}
	str_clear(&status);
	return code;
}

/* A signal now means the end, whatever was planned. */
static enum exit_code drain(struct daemon *d, const sigset_t *set, bool *again)
{
	int64_t end_ms = clock_mono_ms() + DRAIN_SECONDS * 1000;

	log_info(d->log, "stopping: new work is refused, running work has %d s",
		DRAIN_SECONDS);
	node_drain(d->node);
	while (!node_is_idle(d->node)) {
		if (wait_signal(set, IDLE_POLL_MS)) {
			log_unusual(d->log, "told to stop again: stopping at once");
			*again = false;
			return EXIT_FORCED;
		}
		if (clock_mono_ms() >= end_ms) {
			log_unusual(d->log, "work is not done after %d s: stopping",
				DRAIN_SECONDS);
			return EXIT_FORCED;
		}
	}
	return EXIT_OK;
}

/* Consoles hear of it before the roles go; replies that roles still owe to
 * commands find the ctl actor alive. */
static void daemon_stop(struct daemon *d, bool again)
{
	if (d->ctl)
		ctl_stop(d->ctl, again ? "the node starts anew" : "the node has stopped");
	migrator_free(d->target.migrator);
	node_stop(d->node);
	ctl_free(d->ctl);
	settings_free(d->target.settings);
	money_free(d->target.money);
	signer_free(d->signer);
	db_close(d->settings);
	log_free(d->log);
	if (d->board)
		board_free(d->board);
	if (d->journal)
		journal_free(d->journal);
	datadir_release(d->datadir);
}

/* For systemd a restart is a service that reloads itself: READY=1 ends it. */
static void notify_end(bool again)
{
	struct str s = STR_INIT;

	if (again)
		str_printf(&s, "RELOADING=1\nMONOTONIC_USEC=%lld",
			(long long)clock_mono_us());
	else
		str_add(&s, "STOPPING=1");
	systemd_notify(s.s);
	str_clear(&s);
}

/* ready(ctx, NULL) when it listens, or with the error that it did not. Takes the
 * account when it was opened before. *again: all is given back, and this process is
 * to execute weir anew. */
static enum exit_code live(struct config *c, struct signer *signer,
	void (*ready)(void *ctx, const struct err *e), void *ctx, bool *again)
{
	struct daemon d = {.config = c, .signer = signer};
	enum exit_code code = EXIT_FAILED, drained;
	sigset_t set;
	struct err *e;

	/* Before the first thread, which inherits it: only main is woken. */
	stop_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	e = daemon_start(&d);
	ready(ctx, e);
	if (!e) {
		systemd_notify("READY=1");
		code = wait_for_end(&d, &set, again);
		notify_end(*again);
		drained = drain(&d, &set, again);
		if (code == EXIT_OK)
			code = drained;
		log_info(d.log, *again ? "stopped, to start anew" : "stopped");
	}
	err_free(e);
	daemon_stop(&d, *again);
	return code;
}

static void say_error(void *ctx, const struct err *e)
{
	struct str text = STR_INIT;

	(void)ctx;
	if (!e)
		return;
	str_printf(&text, "weir: %s\n", err_text(e));
	(void)!write(STDERR_FILENO, text.s, text.len);
	str_clear(&text);
}

/* A life, and if need be another one, in this process. */
static enum exit_code live_on(struct config *c, struct signer *signer,
	void (*ready)(void *ctx, const struct err *e), void *ctx)
{
	bool again = false;
	enum exit_code code = live(c, signer, ready, ctx, &again);
	struct err *e;

	if (!again)
		return code;
	e = restart_exec();
	say_error(NULL, e);
	err_free(e);
	return EXIT_FAILED;
}

enum exit_code daemon_run(struct config *c)
{
	return live_on(c, NULL, say_error, NULL);
}

/* --- a node of its own --- */

static void tell_parent(void *ctx, const struct err *e)
{
	int *fd = ctx;
	const char *text = e ? err_text(e) : READY;

	(void)!write(*fd, text, strlen(text));
	close(*fd);
	say_error(NULL, e); /* in the log too */
}

/* One file and one before it: a node that runs for years fills no disk. */
static struct err *open_log(const char *datadir, int *fd)
{
	char *path = datadir_file(datadir, DATADIR_LOG);
	char *old = datadir_file(datadir, DATADIR_LOG ".1");
	struct err *e = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size > LOG_FILE_MAX)
		rename(path, old);
	*fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (*fd < 0)
		e = err_sys(errno, "log file %s", path);
	free(path);
	free(old);
	return e;
}

/* The second child: no terminal can become its own again, and init reaps it. */
static void become_daemon(struct config *c, struct signer *signer, int log, int ready)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (setsid() < 0 || null < 0)
		_exit(EXIT_FAILED);
	switch (fork()) {
	case -1:
		_exit(EXIT_FAILED);
	case 0:
		break;
	default:
		_exit(EXIT_OK);
	}
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(null);
	close(log);
	if (signer)
		signer_adopt(signer);
	exit(live_on(c, signer, tell_parent, &ready));
}

static struct err *read_outcome(int fd, const char *datadir)
{
	struct str text = STR_INIT;
	struct err *e = NULL;
	char buf[1024];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			str_addn(&text, buf, (size_t)n);
	if (!text.len)
		e = err_new(ERR_INTERNAL, "the node ended while it started; see %s/%s",
			datadir, DATADIR_LOG);
	else if (strcmp(text.s, READY) != 0)
		e = err_new(ERR_INVALID, "%s", text.s);
	str_clear(&text);
	return e;
}

/* Both to the person who is there and, from the child, to the log. */
static void say_note(void *ctx, const char *note)
{
	struct str text = STR_INIT;

	config_note(ctx, "%s", note);
	str_printf(&text, "weir: %s\n", note);
	(void)!write(STDERR_FILENO, text.s, text.len);
	str_clear(&text);
}

struct err *daemon_launch(struct config *c)
{
	char *path = config_datadir(c);
	struct signer *signer = NULL;
	struct datadir *taken;
	struct err *e = datadir_take(path, &taken);
	int log = -1, fds[2];
	pid_t pid;

	/* Made and free; between this and the child's own lock another may get
	 * in, and then that one's error is told. */
	if (!e)
		e = open_log(path, &log);
	if (!e)
		e = open_account(c, (struct remarks){say_note, c}, &signer);
	datadir_release(taken);
	if (!e && pipe2(fds, O_CLOEXEC) != 0)
		e = err_sys(errno, "pipe");
	if (e) {
		if (log >= 0)
			close(log);
		signer_free(signer);
		free(path);
		return e;
	}
	/* The key goes with the child, in memory that is neither written anywhere
	 * nor readable by others; here it ends. */
	if (signer)
		signer_keep(signer);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		become_daemon(c, signer, log, fds[1]);
	}
	signer_free(signer);
	close(fds[1]);
	close(log);
	if (pid < 0) {
		e = err_sys(errno, "fork");
	} else {
		waitpid(pid, NULL, 0);
		e = read_outcome(fds[0], path);
	}
	close(fds[0]);
	free(path);
	return e;
}

/* One temporary database for each test: schema, settings, history; a file of
 * the first released schema; a process killed in the middle of writing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/alarms.h"
#include "db/db.h"
#include "db/history.h"
#include "db/kv.h"
#include "db/migrations.h"
#include "db/segments.h"
#include "db/sessions.h"
#include "db/tickets.h"
#include "src/base/str.h"
#include "tests/unit/outcome.h"

struct place {
	char dir[64];
	char path[96];
};

static void error_has(struct err *e, const char *part)
{
	assert_non_null(e);
	if (!strstr(err_text(e), part))
		fail_msg("\"%s\" is not in \"%s\"", part, err_text(e));
	err_free(e);
}

static int setup(void **state)
{
	struct place *p = XNEW(struct place);

	snprintf(p->dir, sizeof(p->dir), "/tmp/weir-db-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/weir.sqlite", p->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	static const char *const suffix[] = {"", "-wal", "-shm", "-journal"};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", p->path, suffix[i]);
		unlink(path);
	}
	rmdir(p->dir);
	free(p);
	return 0;
}

static struct db *open_db(void **state)
{
	struct place *p = *state;
	struct db *db;

	ok(db_open(p->path, DB_FULL, &db));
	return db;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void makes_a_private_file(void **state)
{
	struct place *p = *state;
	struct stat st;

	umask(0);
	db_close(open_db(state));
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(open_db(state));
}

static struct err *list_kv(void *ctx, const char *key, const char *value)
{
	str_printf(ctx, "%s=%s ", key, value);
	return NULL;
}

static struct err *refuse_kv(void *ctx, const char *key, const char *value)
{
	(void)ctx;
	return err_new(ERR_INVALID, "not %s %s", key, value);
}

static void settings(void **state)
{
	struct db *db = open_db(state);
	struct str list = STR_INIT;
	char *value;

	ok(kv_get(db, "option.v", &value));
	assert_null(value);
	ok(kv_put(db, "option.v", "3"));
	ok(kv_put(db, "option.v", "6"));
	ok(kv_put(db, "option.maxSessions", "7"));
	ok(kv_put(db, "other", "x"));
	ok(kv_get(db, "option.v", &value));
	assert_string_equal(value, "6");
	free(value);
	ok(kv_each(db, "option.", list_kv, &list));
	assert_string_equal(list.s, "option.maxSessions=7 option.v=6 ");
	str_clear(&list);
	error_has(kv_each(db, "oth", refuse_kv, NULL), "not other x");
	ok(kv_delete(db, "option.v"));
	db_close(db);
	db = open_db(state);
	ok(kv_get(db, "option.v", &value));
	assert_null(value);
	db_close(db);
}

static void rollback_undoes(void **state)
{
	struct db *db = open_db(state);
	char *value;

	ok(db_begin(db));
	ok(kv_put(db, "k", "v"));
	error_has(db_begin(db), "within a transaction");
	db_rollback(db);
	db_rollback(db); /* none open: nothing happens */
	ok(kv_get(db, "k", &value));
	assert_null(value);
	db_close(db);
}

static void print_session(void *ctx, const struct session_record *r)
{
	str_printf(ctx, "%s %s %s %lld-%lld %lld/%lld [%s]\n", r->role, r->session,
		r->manifest, (long long)r->started_ms, (long long)r->ended_ms,
		(long long)r->segments_ok, (long long)r->segments_failed, r->last_error);
}

static void print_segment(void *ctx, const struct segment_record *r)
{
	str_printf(ctx, "%lld@%lld %lld+%lld %lld [%s]\n", (long long)r->seq,
		(long long)r->at_ms, (long long)r->duration_ms, (long long)r->latency_ms,
		(long long)r->bytes, r->error ? r->error : "ok");
}

static void sessions_are(struct db *db, const char *want)
{
	struct str got = STR_INIT;

	ok(sessions_each(db, 100, print_session, &got));
	assert_string_equal(str_cstr(&got), want);
	str_clear(&got);
}

static void history_of_sessions(void **state)
{
	struct db *db = open_db(state);

	ok(sessions_start(db, "B", "m1", "m1", 100));
	ok(sessions_start(db, "O", "s1", NULL, 101));
	ok(sessions_end(db, "B", "m1", 200, 5, 1, "no orchestrator"));
	ok(sessions_end(db, "B", "m1", 300, 9, 9, NULL)); /* has ended: no row */
	sessions_are(db, "O s1  101-0 0/0 []\nB m1 m1 100-200 5/1 [no orchestrator]\n");
	/* An open session outlives the pruning. */
	for (int i = 0; i < 5; i++) {
		ok(sessions_start(db, "B", "x", "x", 400 + i));
		ok(sessions_end(db, "B", "x", 500 + i, 0, 0, NULL));
	}
	ok(sessions_prune(db, 2));
	sessions_are(db, "B x x 404-504 0/0 []\nB x x 403-503 0/0 []\nO s1  101-0 0/0 []\n");
	db_close(db);
}

static void two_connections(void **state)
{
	struct db *a = open_db(state), *b = open_db(state);
	char *value;

	ok(kv_put(a, "k", "1"));
	ok(kv_put(b, "k", "2"));
	ok(kv_get(a, "k", &value));
	assert_string_equal(value, "2");
	free(value);
	db_close(a);
	db_close(b);
}

static void refuses_others(void **state)
{
	struct place *p = *state;
	struct db *db = open_db(state);

	ok(db_exec(db, "PRAGMA user_version = 99"));
	db_close(db);
	error_has(db_open(p->path, DB_FULL, &db), "is of a newer weir (schema 99");
	assert_null(db);

	write_file(p->path, "", 0);
	db = open_db(state);
	ok(db_exec(db, "PRAGMA application_id = 0"));
	db_close(db);
	error_has(db_open(p->path, DB_FULL, &db), "is not weir's");

	write_file(p->path, "this is not a database, only some text in its place\n", 52);
	error_has(db_open(p->path, DB_FULL, &db), "is not a database; move it away");
	error_has(db_open("/nonexistent/weir.sqlite", DB_FULL, &db),
		"database /nonexistent/weir.sqlite: No such file");
}

static void says_what_is_damaged(void **state)
{
	struct place *p = *state;
	struct db *db = open_db(state);
	char noise[4096];
	int fd;

	db_close(db);
	/* The schema's page, past the file's header. */
	memset(noise, 0xee, sizeof(noise));
	fd = open(p->path, O_WRONLY);
	assert_int_equal(pwrite(fd, noise, 3900, 100), 3900);
	close(fd);
	error_has(db_open(p->path, DB_FULL, &db), "is damaged (");
}

/* A file of a released schema, opened with today's. */
static struct db *upgraded(void **state, const char *fixture)
{
	struct place *p = *state;
	char old[65536];
	int fd = open(fixture, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, old, sizeof(old));
	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof(old));
	write_file(p->path, old, (size_t)n);
	return open_db(state);
}

static void upgrades_the_first_schema(void **state)
{
	struct db *db = upgraded(state, "tests/data/db_v1.sqlite");
	char *value;

	ok(kv_get(db, "option.maxSessions", &value));
	assert_string_equal(value, "25");
	free(value);
	sessions_are(db, "O 1f2e3d4c movie 1700000100000-0 0/0 []\n"
		"B movie movie 1700000000000-1700000060000 29/1 [OrchestratorBusy]\n");
	ok(sessions_end_all(db, "killed"));
	sessions_are(db, "O 1f2e3d4c movie 1700000100000-1700000100000 0/0 [killed]\n"
		"B movie movie 1700000000000-1700000060000 29/1 [OrchestratorBusy]\n");
	db_close(db);
}

static void upgrades_the_second_schema(void **state)
{
	struct db *db = upgraded(state, "tests/data/db_v2.sqlite");
	char *value;

	ok(kv_get(db, "option.maxSessions", &value));
	assert_string_equal(value, "31");
	free(value);
	sessions_are(db, "B movie movie 1700000000000-1700000060000 30/0 []\n");
	ok(db_exec(db, "SELECT hash, sig, state FROM tickets"));
	db_close(db);
}

static struct err *on_ticket(void *ctx, const struct ticket_record *r)
{
	str_printf(ctx, "%lld %s %u ", (long long)r->id, ticket_state_name(r->state),
		r->won.ticket.nonce);
	wei_fmt(ctx, r->paid);
	str_add(ctx, wei_is_zero(r->from_reserve) ? "\n" : "?\n");
	return NULL;
}

/* Before it was told what of a payment came out of the reserve. */
static void upgrades_the_fifth_schema(void **state)
{
	struct db *db = upgraded(state, "tests/data/db_v5.sqlite");
	struct ticket_record r;
	struct str s = STR_INIT;
	bool found;

	ok(tickets_each(db, &(struct ticket_filter){ .limit = 0 }, on_ticket, &s));
	assert_string_equal(s.s, "2 won 4294967294 0 wei\n1 redeemed 4294967295 0.01 ETH\n");
	str_clear(&s);
	ok(tickets_get(db, 2, &r, &found));
	r.state = TICKET_REDEEMED;
	r.from_reserve = wei_from(5);
	ok(tickets_move(db, TICKET_WON, &r));
	ok(tickets_get(db, 2, &r, &found));
	assert_int_equal(wei_cmp(r.from_reserve, wei_from(5)), 0);
	db_close(db);
}

/* Waits in the kernel, not on a clock: the child ends by its own SIGKILL. */
static void killed_child(void (*work)(struct db *db), const char *path)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct db *db;
		struct err *e = db_open(path, DB_NORMAL, &db);

		if (e)
			_exit(1);
		work(db);
		raise(SIGKILL);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void write_and_half_write(struct db *db)
{
	err_free(kv_put(db, "kept", "yes"));
	err_free(sessions_start(db, "B", "m", "m", 10));
	err_free(db_begin(db));
	err_free(kv_put(db, "half", "written"));
	err_free(sessions_end(db, "B", "m", 20, 1, 0, NULL));
}

static void survives_kill(void **state)
{
	struct place *p = *state;
	struct db *db;
	char *value;

	for (int i = 0; i < 3; i++) {
		killed_child(write_and_half_write, p->path);
		db = open_db(state);
		ok(kv_get(db, "kept", &value));
		assert_string_equal(value, "yes");
		free(value);
		ok(kv_get(db, "half", &value));
		assert_null(value);
		sessions_are(db, "B m m 10-0 0/0 []\n");
		ok(db_exec(db, "DELETE FROM sessions"));
		db_close(db);
	}
}

static void history_writes(void **state)
{
	struct log *log = log_new("test", NULL);
	struct db *db = open_db(state);
	struct history *h;
	struct str got = STR_INIT;

	/* What a killed node left behind. */
	ok(sessions_start(db, "B", "old", "old", 1));
	h = history_new(log, db);
	history_session_started(h, "B", "m", "m", 1000);
	for (int i = 0; i < 2500; i++)
		history_segment(h, "B", "m", i, 1000 + i, 2000, 300, 4096, NULL);
	history_segment(h, "B", "m", 2500, 4000, 2000, 300, 4096, "bad \x1b[31m thing");
	history_session_ended(h, "B", "m", 5000, 2500, 1, "bad");
	history_session_started(h, "T", "m", NULL, 1000);
	history_free(h); /* writes what waits */
	history_session_started(NULL, "B", "m", "m", 1000);
	history_free(NULL);

	db = open_db(state);
	sessions_are(db, "T m  1000-0 0/0 []\nB m m 1000-5000 2500/1 [bad]\n"
		"B old old 1-1 0/0 [the node was killed]\n");
	ok(segments_each(db, "B", "m", 2, print_segment, &got));
	assert_string_equal(got.s, "2499@3499 2000+300 4096 [ok]\n"
		"2500@4000 2000+300 4096 [bad \\x1b[31m thing]\n");
	str_clear(&got);
	ok(segments_prune(db, 1));
	ok(segments_each(db, "B", "m", 10, print_segment, &got));
	assert_string_equal(got.s, "2500@4000 2000+300 4096 [bad \\x1b[31m thing]\n");
	str_clear(&got);
	/* The open session of T ends with its last segment, counted. */
	ok(sessions_start(db, "B", "m", "m", 3000));
	ok(sessions_end_all(db, "killed"));
	ok(sessions_each(db, 1, print_session, &got));
	assert_string_equal(got.s, "B m m 3000-4000 0/1 [killed]\n");
	str_clear(&got);
	db_close(db);
	log_free(log);
}

static void history_outlives_its_disk(void **state)
{
	struct log *log = log_new("test", NULL);
	struct db *db = open_db(state);
	struct history *h;

	log_set_quiet(1);
	ok(db_exec(db, "DROP TABLE segments"));
	h = history_new(log, db);
	history_segment(h, "B", "m", 1, 1, 1, 1, 1, NULL);
	history_free(h);
	log_set_quiet(0);
	log_free(log);
}

/* The lock that tells other programs that somebody is in the database. A child
 * asks: a process does not see its own. */
static bool is_locked(const char *path)
{
	const off_t shared_first = 0x40000002; /* SQLite, os.h: SHARED_FIRST */
	pid_t child = fork();
	int status;

	if (!child) {
		struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET,
			.l_start = shared_first, .l_len = 510};
		int fd = open(path, O_RDWR);

		_exit(fd < 0 || fcntl(fd, F_GETLK, &l) < 0 || l.l_type == F_UNLCK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Another program's last look would delete the log under us. */
static void second_connection_keeps_the_lock(void **state)
{
	struct place *p = *state;
	struct db *a, *b;

	ok(db_open(p->path, DB_FULL, &a));
	ok(kv_put(a, "x", "1"));
	assert_true(is_locked(p->path));
	ok(db_open(p->path, DB_NORMAL, &b));
	ok(kv_put(b, "x", "2"));
	assert_true(is_locked(p->path));
	db_close(b);
	assert_true(is_locked(p->path));
	db_close(a);
}

static void add_alarm(void *ctx, const struct alarm_record *a)
{
	str_printf(ctx, "%s \"%s\" %d%d %lld %lld-%lld raised %lld over %lld seen %lld of %lld\n",
		a->key, a->text, a->on, a->seen, (long long)a->count, (long long)a->first_ms,
		(long long)a->last_ms, (long long)a->raised_ms, (long long)a->over_ms,
		(long long)a->seen_ms, (long long)a->mark);
}

static void alarms_outlive_the_node(void **state)
{
	struct place *p = *state;
	struct str all = STR_INIT;
	struct db *db;
	struct alarm_record a = {.key = "slow:gpu0", .text = "it's slow", .on = true,
		.count = 2, .first_ms = 1, .last_ms = 5, .raised_ms = 4};

	ok(db_open(p->path, DB_NORMAL, &db));
	ok(alarms_put(db, &a));
	ok(alarms_put(db, &(struct alarm_record){.key = "ticket-lost", .text = "", .seen = true,
		.count = 1, .first_ms = 2, .raised_ms = 2, .over_ms = 3, .seen_ms = 3,
		.mark = 7}));
	ok(alarms_put(db, &(struct alarm_record){.key = "gone", .text = "x"}));
	a.last_ms = 6;
	ok(alarms_put(db, &a));
	ok(alarms_delete(db, "gone"));
	ok(alarms_delete(db, "never there"));
	db_close(db);
	ok(db_open(p->path, DB_NORMAL, &db));
	ok(alarms_each(db, add_alarm, &all));
	assert_string_equal(all.s,
		"ticket-lost \"\" 01 1 2-0 raised 2 over 3 seen 3 of 7\n"
		"slow:gpu0 \"it's slow\" 10 2 1-6 raised 4 over 0 seen 0 of 0\n");
	str_clear(&all);
	db_close(db);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(makes_a_private_file),
		TEST(settings),
		TEST(rollback_undoes),
		TEST(history_of_sessions),
		TEST(two_connections),
		TEST(second_connection_keeps_the_lock),
		TEST(refuses_others),
		TEST(says_what_is_damaged),
		TEST(upgrades_the_first_schema),
		TEST(upgrades_the_second_schema),
		TEST(upgrades_the_fifth_schema),
		TEST(survives_kill),
		TEST(history_writes),
		TEST(history_outlives_its_disk),
		TEST(alarms_outlive_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

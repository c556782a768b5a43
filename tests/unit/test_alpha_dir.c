/* What lies in a data directory: every generation by its tables, keys by what
 * they say, and whatever else there is; and not a byte, mode, owner or time of
 * it changes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "db/archive.h"
#include "src/migrate/alpha_dir.h"
#include "tests/unit/alpha_tree.h"

static const struct {
	const char *name;
	enum alpha_generation is;
	size_t keys;
} all[] = {
	{ "0.1", ALPHA_KEYS, 1 },
	{ "0.2", ALPHA_0_2, 1 },
	{ "0.3", ALPHA_0_3, 4 },
	{ "0.3-journal", ALPHA_0_3, 1 },
	{ "0.3-wal", ALPHA_0_3, 1 },
	{ "0.4", ALPHA_0_4, 1 },
	{ "0.5.0", ALPHA_0_5_0, 1 },
	{ "0.5.2", ALPHA_0_5_2, 1 },
	{ "0.5.3", ALPHA_LPDB, 1 },
	{ "0.5.9", ALPHA_LPDB, 1 },
	{ "mixed", ALPHA_0_3, 1 },
	{ "damaged", ALPHA_UNREADABLE, 1 },
	{ "text", ALPHA_UNREADABLE, 1 },
	{ "empty", ALPHA_KEYS, 1 },
	{ "no-keys", ALPHA_0_3, 0 },
};

static struct alpha_dir *look(const char *name)
{
	struct alpha_dir *d;

	ok(alpha_dir_read(tree_path(name), NULL, tree_tmp(), &d));
	tree_tmp_is_empty();
	return d;
}

static bool remarks(const struct alpha_dir *d, enum alpha_remark_kind kind, const char *part)
{
	for (size_t i = 0; i < d->n_remarks; i++)
		if (d->remarks[i].kind == kind && strstr(d->remarks[i].text, part))
			return true;
	return false;
}

static int64_t rows(struct alpha_dir *d, enum alpha_table t)
{
	int64_t n;

	ok(alpha_db_count(d->db, t, &n));
	return n;
}

static void every_generation_is_known_by_its_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct alpha_dir *d = look(all[i].name);

		if (d->generation != all[i].is)
			fail_msg("%s: %s", all[i].name, alpha_generation_name(d->generation));
		if (d->n_keys != all[i].keys)
			fail_msg("%s: %zu keys", all[i].name, d->n_keys);
		assert_int_equal(d->generation == ALPHA_UNREADABLE, d->db_problem != NULL);
		alpha_dir_free(d);
	}
}

static struct err *pass_lock(void *ctx, const struct lpdb_lock *k)
{
	(void)ctx;
	return k->problem ? err_new(ERR_INVALID, "%s", k->problem) : NULL;
}

/* As the wizard does. */
static void read_it_all(struct alpha_dir *d, const char *source)
{
	struct archive_counts n;
	struct alpha_losses l;
	struct archive *a;
	char path[96];

	snprintf(path, sizeof(path), "%s/" ARCHIVE_FILE, tree);
	ok(archive_open(path, &a));
	ok(archive_put(a, d->db, source, &n));
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		assert_int_equal(n.rows[t], rows(d, t));
	ok(alpha_db_losses(d->db, &l));
	ok(alpha_db_each_lock(d->db, pass_lock, NULL));
	archive_close(a);
}

static void nothing_changes_by_looking(void **state)
{
	char *before, *after;
	struct timespec past[2] = { { 1000000000, 5 }, { 1100000000, 7 } };

	(void)state;
	assert_int_equal(utimensat(AT_FDCWD, tree_path("0.3/lp.sqlite3"), past, 0), 0);
	assert_int_equal(chmod(tree_path("0.3/lp.sqlite3"), 0440), 0);
	free(tree_take_picture(tree_path("")));
	before = tree_take_picture(tree_path(""));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct alpha_dir *d = look(all[i].name);

		if (d->db)
			read_it_all(d, all[i].name);
		alpha_dir_free(d);
	}
	after = tree_take_picture(tree_path(""));
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void keys_are_found_and_judged(void **state)
{
	struct alpha_dir *d = look("0.3");
	struct eth_addr first, second, none = { { 9 } };

	(void)state;
	assert_true(addr_parse(&first, "7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
	assert_true(addr_parse(&second, "2b5ad5c4795c026514f8317c7a215e218dccd6cf"));
	assert_non_null(strstr(alpha_dir_find_key(d, first)->path, "UTC--2018-05-03"));
	assert_non_null(alpha_dir_find_key(d, second));
	assert_null(alpha_dir_find_key(d, none));
	assert_true(remarks(d, REMARK_SEVERAL_KEYS, "2 accounts"));
	assert_true(remarks(d, REMARK_SAME_KEY, "UTC--2019-01-01"));
	assert_true(remarks(d, REMARK_KEY_BROKEN, "UTC--2018-01-01"));
	assert_false(remarks(d, REMARK_KEY_OPEN, ""));
	alpha_dir_free(d);
}

static void what_is_odd_is_said(void **state)
{
	struct alpha_dir *d = look("0.3");

	(void)state;
	assert_true(remarks(d, REMARK_SHARED, "two networks"));
	assert_true(remarks(d, REMARK_FOREIGN, "lp.sqlite3.old, notes.txt"));
	alpha_dir_free(d);
	d = look("mixed");
	assert_true(remarks(d, REMARK_MIXED, "Streamflow"));
	assert_false(alpha_dir_has_remark(d, REMARK_SHARED));
	alpha_dir_free(d);
	d = look("0.1");
	assert_true(alpha_dir_has_remark(d, REMARK_NO_DB));
	alpha_dir_free(d);
	d = look("no-keys");
	assert_true(remarks(d, REMARK_NO_KEYS, "keystore"));
	alpha_dir_free(d);
	d = look("text");
	assert_true(remarks(d, REMARK_DB_PROBLEM, "no SQLite database"));
	alpha_dir_free(d);
	d = look("damaged");
	assert_true(remarks(d, REMARK_DB_PROBLEM, "is damaged"));
	alpha_dir_free(d);
}

static void journals_count(void **state)
{
	struct alpha_dir *d = look("0.3-journal");
	struct alpha_losses l;

	(void)state;
	/* What the killed process had written of its change, this takes back. */
	ok(alpha_db_losses(d->db, &l));
	assert_int_equal(l.receipts, 2);
	assert_int_equal(wei_cmp(l.receipts_value, wei_from(600000000000)), 0);
	assert_true(alpha_dir_has_remark(d, REMARK_JOURNAL));
	assert_int_equal(rows(d, ALPHA_CLAIMS), 3);
	alpha_dir_free(d);
	d = look("0.3-wal");
	assert_true(alpha_dir_has_remark(d, REMARK_WAL));
	assert_int_equal(rows(d, ALPHA_JOBS), 4);
	alpha_dir_free(d);
}

/* Where a link leads, there SQLite would look for the journal. */
static void a_linked_databases_journal_counts(void **state)
{
	struct alpha_losses l;
	struct alpha_dir *d;

	(void)state;
	assert_int_equal(symlink("../0.3-journal/lp.sqlite3", tree_path("0.1/lp.sqlite3")), 0);
	d = look("0.1");
	assert_true(alpha_dir_has_remark(d, REMARK_LINK));
	assert_true(alpha_dir_has_remark(d, REMARK_JOURNAL));
	ok(alpha_db_losses(d->db, &l));
	assert_int_equal(l.receipts, 2);
	alpha_dir_free(d);
}

static void pipes_links_and_strangers_keys_are_no_trouble(void **state)
{
	struct alpha_dir *d;

	(void)state;
	assert_int_equal(mkfifo(tree_path("0.1/keystore/UTC--pipe"), 0600), 0);
	assert_int_equal(mkfifo(tree_path("0.1/pipe"), 0600), 0);
	assert_int_equal(symlink("/proc/self/nowhere", tree_path("0.1/keystore/UTC--lost")), 0);
	assert_int_equal(symlink("../../0.3/keystore/"
		"UTC--2018-06-01T00-00-00.000000000Z--2b5ad5c4795c026514f8317c7a215e218dccd6cf",
		tree_path("0.1/keystore/UTC--there")), 0);
	assert_int_equal(mkdir(tree_path("0.1/rinkeby"), 0700), 0);
	assert_int_equal(mkfifo(tree_path("0.1/lp.sqlite3"), 0600), 0);
	d = look("0.1");
	assert_int_equal(d->generation, ALPHA_UNREADABLE);
	assert_non_null(strstr(d->db_problem, "not a regular file"));
	assert_int_equal(d->n_keys, 2);
	assert_true(d->keys[1].link);
	assert_true(remarks(d, REMARK_SPECIAL, "UTC--pipe"));
	assert_true(remarks(d, REMARK_SPECIAL, "pipe is no file"));
	assert_true(remarks(d, REMARK_LINK, "UTC--lost"));
	assert_true(remarks(d, REMARK_SUBDIR, "rinkeby"));
	alpha_dir_free(d);
}

static void names_cannot_speak_to_a_terminal(void **state)
{
	struct alpha_dir *d;
	FILE *f = fopen(tree_path("0.1/\033[31mred"), "w");

	(void)state;
	assert_non_null(f);
	fclose(f);
	d = look("0.1");
	assert_true(remarks(d, REMARK_FOREIGN, "\\x1b[31mred"));
	alpha_dir_free(d);
}

static void keys_may_lie_elsewhere(void **state)
{
	struct alpha_dir *d;

	(void)state;
	ok(alpha_dir_read(tree_path("no-keys"), tree_path("0.3/keystore/UTC--2018-06-01T00-00-"
		"00.000000000Z--2b5ad5c4795c026514f8317c7a215e218dccd6cf"), tree_tmp(), &d));
	assert_string_equal(d->keystore, tree_path("0.3/keystore"));
	assert_int_equal(d->n_keys, 4);
	alpha_dir_free(d);
	refuses(alpha_dir_read(tree_path("none"), NULL, NULL, &d), "no directory");
	refuses(alpha_dir_read(tree_path("0.3/lp.sqlite3"), NULL, NULL, &d), "lp.sqlite3");
}

static void weirs_own_is_not_opened(void **state)
{
	struct alpha_dir *d;

	(void)state;
	assert_int_equal(mkdir(tree_path("w"), 0700), 0);
	assert_int_equal(mkfifo(tree_path("w/weir.sqlite"), 0600), 0);
	d = look("w");
	assert_int_equal(d->generation, ALPHA_WEIR);
	assert_true(d->weir);
	alpha_dir_free(d);
}

/* Another process that has the database open; until it is let go. */
static pid_t hold(const char *path, int lock[2], bool locked)
{
	int told[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(lock), 0);
	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (!pid) {
		sqlite3 *s;

		close(lock[1]);
		if (sqlite3_open(path, &s) != SQLITE_OK || sqlite3_exec(s, locked ?
				"BEGIN IMMEDIATE" : "SELECT count(*) FROM jobs", NULL, NULL, NULL))
			_exit(1);
		if (write(told[1], "x", 1) != 1)
			_exit(1);
		(void)!read(lock[0], &byte, 1);
		_exit(0);
	}
	close(lock[0]);
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	return pid;
}

static void a_running_node_is_noticed(void **state)
{
	int lock[2];

	(void)state;
	for (int locked = 0; locked < 2; locked++) {
		pid_t pid = hold(tree_path("0.3/lp.sqlite3"), lock, locked);
		struct alpha_dir *d = look("0.3");

		assert_int_equal(d->holder, pid);
		assert_true(alpha_dir_has_remark(d, REMARK_RUNNING));
		assert_int_equal(d->generation, ALPHA_0_3);
		alpha_dir_free(d);
		close(lock[1]);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		d = look("0.3");
		assert_int_equal(d->holder, 0);
		alpha_dir_free(d);
	}
}

static void candidates_are_those_that_are_there(void **state)
{
	struct alpha_candidates c;
	char home[128], path[256];

	(void)state;
	snprintf(home, sizeof(home), "%s/home", tree);
	assert_int_equal(mkdir(home, 0700), 0);
	alpha_candidates_find(home, NULL, &c);
	assert_int_equal(c.n, 0);
	snprintf(path, sizeof(path), "%s/.lpData", home);
	tree_copy("tests/data/alpha/0.3", path);
	snprintf(path, sizeof(path), "%s/.lpData/mainnet", home);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.lpData/again", home);
	assert_int_equal(symlink("mainnet", path), 0);
	alpha_candidates_find(home, tree_path("0.4"), &c);
	assert_int_equal(c.n, 3);
	assert_string_equal(c.v[0], tree_path("0.4"));
	assert_non_null(strstr(c.v[1], "/home/.lpData"));
	assert_non_null(strstr(c.v[2], "/home/.lpData/mainnet"));
	alpha_candidates_clear(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_generation_is_known_by_its_tables),
		TEST(nothing_changes_by_looking),
		TEST(keys_are_found_and_judged),
		TEST(what_is_odd_is_said),
		TEST(journals_count),
		TEST(a_linked_databases_journal_counts),
		TEST(pipes_links_and_strangers_keys_are_no_trouble),
		TEST(names_cannot_speak_to_a_terminal),
		TEST(keys_may_lie_elsewhere),
		TEST(weirs_own_is_not_opened),
		TEST(a_running_node_is_noticed),
		TEST(candidates_are_those_that_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The alpha's history in an archive of ours: all of it, once, marked where the
 * original was in doubt, and read page by page. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/archive.h"
#include "tests/unit/alpha_tree.h"

static char path[96];

static int setup(void **state)
{
	int rc = tree_setup(state);

	snprintf(path, sizeof(path), "%s/alpha.sqlite", tree);
	return rc;
}

static struct archive_counts put(const char *name)
{
	struct archive_counts n;
	struct archive *a;
	struct alpha_db *from;
	char file[128];

	snprintf(file, sizeof(file), "%s/lp.sqlite3", name);
	ok(alpha_db_open(tree_path(file), &from));
	ok(archive_open(path, &a));
	ok(archive_put(a, from, name, &n));
	archive_close(a);
	alpha_db_close(from);
	return n;
}

static void sql(const char *file, const char *text)
{
	char *why = NULL;
	sqlite3 *s;

	assert_int_equal(sqlite3_open(file, &s), SQLITE_OK);
	if (sqlite3_exec(s, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_close(s);
}

static struct err *list(void *ctx, const struct archive_row *r)
{
	str_printf(ctx, "%lld %s %s|%s|%s [%s]\n", (long long)r->id, r->source,
		r->v[0] ? r->v[0] : "-", r->v[2] ? r->v[2] : "-", r->v[3] ? r->v[3] : "-",
		r->doubts);
	return NULL;
}

static void page_is(enum alpha_table t, int64_t before, size_t limit, const char *want)
{
	struct str s = STR_INIT;
	struct archive *a;

	ok(archive_open_existing(path, &a));
	ok(archive_page(a, t, before, limit, list, &s));
	assert_string_equal(str_cstr(&s), want);
	archive_close(a);
	str_clear(&s);
}

static void all_rows_come_once(void **state)
{
	struct archive_counts n = put("0.3");

	(void)state;
	assert_int_equal(n.rows[ALPHA_JOBS], 7);
	assert_int_equal(n.fresh[ALPHA_JOBS], 7);
	assert_int_equal(n.fresh[ALPHA_RECEIPTS], 18);
	assert_int_equal(n.fresh[ALPHA_BROADCASTS], 4);
	assert_int_equal(n.fresh[ALPHA_LOCKS], 4);
	n = put("0.3");
	assert_int_equal(n.rows[ALPHA_JOBS], 7);
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		assert_int_equal(n.fresh[t], 0);
	n = put("0.4");
	assert_int_equal(n.fresh[ALPHA_LOCKS], 4);
	assert_int_equal(n.fresh[ALPHA_WINNING_TICKETS], 4);
	assert_int_equal(n.fresh[ALPHA_ORCHESTRATORS], 2);
}

static void what_went_on_is_brought_up_to_date(void **state)
{
	(void)state;
	put("0.3");
	page_is(ALPHA_CLAIMS, 0, 1, "4 0.3 0|0x00000000000000000000000000000000000000000000000"
		"00000000000000093|4100340 []\n");
	sql(tree_path("0.3/lp.sqlite3"), "UPDATE claims SET claimBlock = 5 WHERE jobID = 21");
	assert_int_equal(put("0.3").fresh[ALPHA_CLAIMS], 0);
	page_is(ALPHA_CLAIMS, 0, 1, "4 0.3 0|0x00000000000000000000000000000000000000000000000"
		"00000000000000093|5 []\n");
}

static void pages_are_newest_first_and_say_doubts(void **state)
{
	(void)state;
	put("0.3");
	page_is(ALPHA_JOBS, 0, 2, "7 0.3 800|Inf|- [streamID, segmentPrice \"a lot\","
		" transcodeOptions, startBlock \"soon\"]\n"
		"6 0.3 103|1230000|150000000000 [streamID]\n");
	page_is(ALPHA_JOBS, 2, 5, "1 0.3 20|123|150000000000 [streamID]\n");
	page_is(ALPHA_JOBS, 1, 5, "");
}

static struct err *stop(void *ctx, const struct archive_row *r)
{
	(void)ctx;
	(void)r;
	return err_new(ERR_CANCELLED, "enough");
}

static void a_page_can_be_given_up(void **state)
{
	struct archive *a;

	(void)state;
	put("0.3");
	ok(archive_open(path, &a));
	refuses(archive_page(a, ALPHA_JOBS, 0, 5, stop, NULL), "enough");
	archive_close(a);
}

/* Half of a directory in the archive would look like all of it. */
static void it_is_all_or_nothing(void **state)
{
	struct archive_counts n;
	struct archive *a;
	struct alpha_db *from;
	int64_t count;

	(void)state;
	ok(archive_open(path, &a));
	archive_close(a);
	sql(path, "DROP TABLE alpha_unbondingLocks");
	ok(alpha_db_open(tree_path("0.3/lp.sqlite3"), &from));
	ok(archive_open(path, &a));
	refuses(archive_put(a, from, "0.3", &n), "alpha_unbondingLocks");
	assert_int_equal(n.rows[ALPHA_JOBS], 0);
	ok(archive_count(a, ALPHA_JOBS, &count));
	assert_int_equal(count, 0);
	archive_close(a);
	alpha_db_close(from);
}

static void the_file_is_private_and_ours(void **state)
{
	struct archive *a;
	struct err *e;
	struct stat st;

	(void)state;
	e = archive_open_existing(path, &a);
	assert_int_equal(err_kind(e), ERR_NOT_FOUND);
	assert_null(a);
	err_free(e);
	put("0.3");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	refuses(archive_open(tree_path("0.3/lp.sqlite3"), &a), "is not an archive of weir's");
	sql(path, "PRAGMA user_version = 99");
	refuses(archive_open(path, &a), "newer weir");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_rows_come_once),
		TEST(what_went_on_is_brought_up_to_date),
		TEST(pages_are_newest_first_and_say_doubts),
		TEST(a_page_can_be_given_up),
		TEST(it_is_all_or_nothing),
		TEST(the_file_is_private_and_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

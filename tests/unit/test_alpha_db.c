/* The alpha's rows: as they were written, or marked where SQLite has changed
 * them; and nothing that a hostile file holds is believed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "db/alpha_db.h"
#include "tests/unit/alpha_tree.h"

static void sql(const char *name, const char *text)
{
	char *why = NULL;
	sqlite3 *s;

	assert_int_equal(sqlite3_open(tree_path(name), &s), SQLITE_OK);
	if (sqlite3_exec(s, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_close(s);
}

static struct alpha_db *opened(const char *name)
{
	struct alpha_db *a;

	ok(alpha_db_open(tree_path(name), &a));
	return a;
}

/* "key:value,value!" a line; ! is lossy, - is NULL. */
static struct err *list(void *ctx, const struct alpha_row *r)
{
	str_printf(ctx, "%s:", r->key);
	for (size_t i = 0; i < 4; i++)
		str_printf(ctx, "%s%s%s", i ? "," : "", r->v[i].null ? "-" : r->v[i].text,
			r->v[i].lossy ? "!" : "");
	str_addc(ctx, '\n');
	return NULL;
}

static void rows_are(const char *name, enum alpha_table t, const char *want)
{
	struct alpha_db *a = opened(name);
	struct str s = STR_INIT;

	ok(alpha_db_each(a, t, list, &s));
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
	alpha_db_close(a);
}

static void rows_are_as_they_were_written(void **state)
{
	(void)state;
	rows_are("0.3/lp.sqlite3", ALPHA_LOCKS,
		"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf/0:"
		"0,0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf,1000000000000000000000,1580\n"
		"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf/1:"
		"1,0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf,250000000000000000000,1617\n"
		"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf/2:"
		"2,0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf,333333333333333333333333,1615\n"
		"0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF/0:"
		"0,0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF,1,1616\n");
	rows_are("0.4/lp.sqlite3", ALPHA_JOBS, "");
}

static void what_sqlite_made_numbers_of_is_marked(void **state)
{
	struct alpha_db *a = opened("0.3/lp.sqlite3");
	struct str s = STR_INIT;

	(void)state;
	ok(alpha_db_each(a, ALPHA_JOBS, list, &s));
	assert_non_null(strstr(s.s, "\n21:21,2019-03-28 01:15:00,0000"));
	assert_non_null(strstr(s.s, "20:20,2019-03-28 00:15:00,123!,150000000000\n"));
	assert_non_null(strstr(s.s, "103:103,2019-03-27 03:15:00,1230000!,150000000000\n"));
	assert_non_null(strstr(s.s, "800:800,"));
	assert_non_null(strstr(s.s, ",Inf!,a lot!\n"));
	str_clear(&s);
	alpha_db_close(a);
}

static struct err *tickets(void *ctx, const struct alpha_row *r)
{
	str_printf(ctx, "%s %s%s\n", r->v[3].text, r->v[9].text, r->v[9].lossy ? "!" : "");
	return NULL;
}

static void blobs_are_hex(void **state)
{
	struct alpha_db *a = opened("0.4/lp.sqlite3");
	struct str s = STR_INIT;

	(void)state;
	ok(alpha_db_each(a, ALPHA_WINNING_TICKETS, tickets, &s));
	assert_string_equal(s.s, "0x0de0b6b3a7640000 123!\n0x0de0b6b3a7640000 1230000!\n"
		"0x0de0b6b3a7640000 f00dcafe\n0x0de0b6b3a7640000 a session\n");
	str_clear(&s);
	alpha_db_close(a);
}

static struct err *first_text(void *ctx, const struct alpha_row *r)
{
	struct str *s = ctx;

	if (r->v[0].i != 1)
		return NULL;
	str_add(s, r->v[2].text);
	assert_true(r->v[2].lossy);
	return NULL;
}

static void texts_are_bounded(void **state)
{
	struct str s = STR_INIT;
	struct alpha_db *a;

	(void)state;
	sql("0.3/lp.sqlite3", "INSERT INTO jobs (id, streamID) VALUES"
		" (1, 'x' || hex(zeroblob(10000))), (2, 'nul' || char(0) || 'more')");
	a = opened("0.3/lp.sqlite3");
	ok(alpha_db_each(a, ALPHA_JOBS, first_text, &s));
	assert_int_equal(s.len, ALPHA_TEXT_MAX);
	str_clear(&s);
	ok(alpha_db_each(a, ALPHA_JOBS, list, &s));
	assert_non_null(strstr(s.s, "2:2,"));
	assert_non_null(strstr(s.s, ",nul!,-"));
	str_clear(&s);
	alpha_db_close(a);
}

static void what_was_never_paid_is_summed(void **state)
{
	struct alpha_losses l;
	struct alpha_db *a = opened("0.3/lp.sqlite3");

	(void)state;
	/* Jobs 100 and 103: claimed, unpaid, as is Rinkeby's 22 ... by i % 3. */
	ok(alpha_db_losses(a, &l));
	assert_int_equal(l.claims, 2);
	assert_int_equal(l.claim_receipts, 6);
	/* 150 gwei for each of two profiles, six segments. */
	assert_int_equal(wei_cmp(l.claims_value, wei_from(150000000000ull * 2 * 6)), 0);
	/* Jobs 20 and 101: two of three segments, the last one failed. */
	assert_int_equal(l.receipts, 4);
	assert_int_equal(wei_cmp(l.receipts_value, wei_from(150000000000ull * 2 * 4)), 0);
	assert_int_equal(l.unpriced, 0);
	alpha_db_close(a);

	sql("0.3/lp.sqlite3", "UPDATE jobs SET segmentPrice = -1 WHERE id = 20;"
		"UPDATE jobs SET transcodeOptions = 'c0a6517a93c7' WHERE id = 101;"
		"DELETE FROM jobs WHERE id = 100");
	a = opened("0.3/lp.sqlite3");
	ok(alpha_db_losses(a, &l));
	assert_int_equal(l.receipts, 4);
	assert_int_equal(l.unpriced, 4 + 3);
	assert_true(wei_is_zero(l.receipts_value));
	assert_int_equal(wei_cmp(l.claims_value, wei_from(150000000000ull * 2 * 3)), 0);
	alpha_db_close(a);

	a = opened("0.4/lp.sqlite3");
	ok(alpha_db_losses(a, &l));
	assert_int_equal(l.receipts + l.claims, 0);
	alpha_db_close(a);
}

static struct err *locks(void *ctx, const struct lpdb_lock *k)
{
	str_printf(ctx, "%llu:", (unsigned long long)k->id);
	lpt_fmt(ctx, k->amount);
	str_printf(ctx, ":%lld:%lld%s\n", (long long)k->withdraw_round.v,
		(long long)k->used_block, k->problem ? k->problem : "");
	return NULL;
}

static void locks_are_read_by_value(void **state)
{
	static const char want[] = "0:0.000000000000000001 LPT:1616:0\n"
		"0:1000 LPT:1580:7400000\n1:250 LPT:1617:0\n"
		"2:333333.333333333333333333 LPT:1615:0\n";
	static const char *const with[] = { "0.3/lp.sqlite3", "0.4/lp.sqlite3",
		"0.5.2/lp.sqlite3" };
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		struct alpha_db *a = opened(with[i]);

		str_truncate(&s, 0);
		ok(alpha_db_each_lock(a, locks, &s));
		assert_string_equal(str_cstr(&s), want);
		alpha_db_close(a);
	}
	str_clear(&s);
}

static void the_last_block_is_a_number_or_unknown(void **state)
{
	struct alpha_db *a = opened("0.3/lp.sqlite3");
	int64_t block;

	(void)state;
	assert_true(alpha_db_last_block(a, &block));
	assert_int_equal(block, 7436000);
	alpha_db_close(a);
	sql("0.3/lp.sqlite3", "UPDATE kv SET value = 'soon' WHERE key = 'lastBlock'");
	a = opened("0.3/lp.sqlite3");
	assert_false(alpha_db_last_block(a, &block));
	alpha_db_close(a);
	a = opened("0.5.0/lp.sqlite3");
	assert_false(alpha_db_last_block(a, &block));
	alpha_db_close(a);
}

/* A view is a program of the file's author. */
static void views_are_no_tables(void **state)
{
	struct alpha_db *a;
	int64_t n;

	(void)state;
	sql("0.3/lp.sqlite3", "DROP TABLE jobs; CREATE VIEW jobs AS WITH RECURSIVE r (n) AS"
		" (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS id FROM r");
	a = opened("0.3/lp.sqlite3");
	assert_false(alpha_db_schema(a)->table[ALPHA_JOBS]);
	ok(alpha_db_count(a, ALPHA_JOBS, &n));
	assert_int_equal(n, 0);
	assert_false(alpha_db_is_shared(a));
	alpha_db_close(a);
}

static void a_column_that_is_missing_reads_as_null(void **state)
{
	(void)state;
	sql("0.3/lp.sqlite3", "DELETE FROM claims; DELETE FROM receipts; DELETE FROM jobs;"
		"DROP INDEX idx_jobs_endblock_stopreason;"
		"ALTER TABLE jobs DROP COLUMN streamID;"
		"INSERT INTO jobs (id, recordedAt, segmentPrice) VALUES (5, NULL, 6)");
	rows_are("0.3/lp.sqlite3", ALPHA_JOBS, "5:5,-,-,6\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_as_they_were_written),
		TEST(what_sqlite_made_numbers_of_is_marked),
		TEST(blobs_are_hex),
		TEST(texts_are_bounded),
		TEST(what_was_never_paid_is_summed),
		TEST(locks_are_read_by_value),
		TEST(the_last_block_is_a_number_or_unknown),
		TEST(views_are_no_tables),
		TEST(a_column_that_is_missing_reads_as_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

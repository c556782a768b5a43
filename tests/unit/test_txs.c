/* Transactions in the database: what is stored comes back, no ticket and no
 * nonce is promised twice, and a row moves only from where it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/kv.h"
#include "db/migrations.h"
#include "db/txs.h"
#include "src/base/str.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[64], path[96];
static struct db *db;
static const struct eth_addr me = { { 1, 2, 3 } }, other = { { 9 } };

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-txs-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	ok(db_open(path, DB_FULL, &db));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(db);
	scratch_unlink_db(path);
	return rmdir(dir);
}

static struct tx_record make_row(int64_t ticket)
{
	struct tx_record r = {
		.account = me,
		.kind = "redeem",
		.note = "redeem ticket 7",
		.job = "auto",
		.to = { { 0xaa } },
		.value = wei_from(5),
		.data = blob_new("\0\1\2", 3),
		.max_cost = wei_from(1000),
		.ticket = ticket,
		.created_ms = 1700000000000,
		.state = TX_PREPARED,
		.gas = { 300000 },
	};

	return r;
}

static struct tx_attempt make_attempt(uint64_t nonce, uint8_t tag)
{
	struct tx_attempt a = {
		.nonce = nonce,
		.hash = { { tag, 0xff } },
		.raw = blob_new("raw", 3),
		.is_1559 = true,
		.gas_price = wei_from_gwei(20),
		.tip = wei_from_gwei(1),
		.made_ms = 1700000000001,
	};

	return a;
}

static struct tx_record last_row;
static int rows;
static struct tx_attempt last_attempt;
static int attempts;

static void take_row(void *ctx, struct tx_record *r)
{
	(void)ctx;
	tx_record_clear(&last_row);
	last_row = *r;
	rows++;
}

static void take_attempt(void *ctx, struct tx_attempt *a)
{
	(void)ctx;
	tx_attempt_clear(&last_attempt);
	last_attempt = *a;
	attempts++;
}

static int live(int64_t since)
{
	rows = 0;
	ok(txs_each_live(db, me, (struct l2_block){ since }, take_row, NULL));
	return rows;
}

static int tries(int64_t id)
{
	attempts = 0;
	ok(txs_each_attempt(db, id, take_attempt, NULL));
	return attempts;
}

static void forget(void)
{
	tx_record_clear(&last_row);
	tx_attempt_clear(&last_attempt);
}

static void comes_back(void **state)
{
	struct tx_record r = make_row(7);
	struct tx_attempt a = make_attempt(41, 1);
	bool taken;

	(void)state;
	r.has_nonce = true;
	r.nonce = 41;
	r.hash = a.hash;
	r.gas_price = a.gas_price;
	ok(txs_put(db, &r, &a, &taken));
	assert_false(taken);
	assert_true(r.id > 0 && a.id > 0);
	assert_int_equal(live(1), 1);
	assert_int_equal(last_row.id, r.id);
	assert_string_equal(last_row.kind, "redeem");
	assert_string_equal(last_row.note, "redeem ticket 7");
	assert_string_equal(last_row.job, "auto");
	assert_true(addr_eq(last_row.to, r.to));
	assert_int_equal(wei_cmp(last_row.value, r.value), 0);
	assert_int_equal(wei_cmp(last_row.max_cost, r.max_cost), 0);
	assert_int_equal(wei_cmp(last_row.gas_price, r.gas_price), 0);
	assert_int_equal(blob_size(last_row.data), 3);
	assert_memory_equal(blob_data(last_row.data), "\0\1\2", 3);
	assert_int_equal(last_row.gas.v, 300000);
	assert_int_equal(last_row.ticket, 7);
	assert_true(last_row.has_nonce);
	assert_int_equal(last_row.nonce, 41);
	assert_int_equal(last_row.state, TX_PREPARED);
	assert_true(hash_eq(last_row.hash, a.hash));
	assert_int_equal(tries(r.id), 1);
	assert_true(hash_eq(last_attempt.hash, a.hash));
	assert_int_equal(last_attempt.nonce, 41);
	assert_true(last_attempt.is_1559);
	assert_int_equal(wei_cmp(last_attempt.tip, a.tip), 0);
	assert_memory_equal(blob_data(last_attempt.raw), "raw", 3);
	forget();
	tx_record_clear(&r);
	tx_attempt_clear(&a);
}

static void no_ticket_twice(void **state)
{
	struct tx_record r = make_row(7), again = make_row(7), none = make_row(0);
	bool taken;

	(void)state;
	ok(txs_put(db, &r, NULL, &taken));
	assert_false(taken);
	ok(txs_put(db, &again, NULL, &taken));
	assert_true(taken);
	assert_int_equal(again.id, 0);
	for (int i = 0; i < 2; i++) { /* no ticket: no limit */
		ok(txs_put(db, &none, NULL, &taken));
		assert_false(taken);
	}
	/* Confirmed: still taken. Failed: another try is allowed, and then the
	 * first may not come back. */
	r.state = TX_CONFIRMED;
	r.block.v = 5;
	ok(txs_move(db, TX_PREPARED, &r, NULL));
	ok(txs_put(db, &again, NULL, &taken));
	assert_true(taken);
	r.state = TX_FAILED;
	ok(txs_move(db, TX_CONFIRMED, &r, NULL));
	ok(txs_put(db, &again, NULL, &taken));
	assert_false(taken);
	r.state = TX_SENT;
	ok(txs_move(db, TX_FAILED, &r, &taken));
	assert_true(taken);
	tx_record_clear(&r);
	tx_record_clear(&again);
	tx_record_clear(&none);
}

static void no_nonce_twice(void **state)
{
	struct tx_record r = make_row(0), rival = make_row(0);
	bool taken;

	(void)state;
	r.has_nonce = rival.has_nonce = true;
	r.nonce = rival.nonce = 3;
	ok(txs_put(db, &r, NULL, &taken));
	ok(txs_put(db, &rival, NULL, &taken));
	assert_true(taken);
	rival.account = other; /* counts its own */
	ok(txs_put(db, &rival, NULL, &taken));
	assert_false(taken);
	tx_record_clear(&r);
	tx_record_clear(&rival);
}

static void moves_from_where_it_is(void **state)
{
	struct tx_record r = make_row(0);
	struct tx_attempt a = make_attempt(8, 1), b = make_attempt(8, 2),
		same = make_attempt(8, 2);
	bool taken;
	struct err *e;

	(void)state;
	ok(txs_put(db, &r, NULL, &taken));
	r.has_nonce = true;
	r.nonce = 8;
	r.hash = a.hash;
	ok(txs_put_attempt(db, &r, &a));
	r.state = TX_SENT;
	ok(txs_move(db, TX_PREPARED, &r, NULL));
	e = txs_move(db, TX_PREPARED, &r, NULL);
	assert_int_equal(err_kind(e), ERR_BUSY);
	err_free(e);
	r.hash = b.hash;
	ok(txs_put_attempt(db, &r, &b));
	/* All or nothing: not the row either. */
	snprintf(r.error, sizeof(r.error), "not to be seen");
	e = txs_put_attempt(db, &r, &same);
	assert_non_null(e);
	err_free(e);
	assert_int_equal(tries(r.id), 2);
	assert_int_equal(live(1), 1);
	assert_true(hash_eq(last_row.hash, b.hash));
	assert_string_equal(last_row.error, "");
	/* Over, but in a block that may still go. */
	r.state = TX_CONFIRMED;
	r.error[0] = '\0';
	r.block.v = 100;
	r.final_ms = 1700000001000;
	ok(txs_move(db, TX_SENT, &r, NULL));
	assert_int_equal(live(101), 0);
	assert_int_equal(live(100), 1);
	assert_int_equal(last_row.final_ms, 1700000001000);
	forget();
	tx_record_clear(&r);
	tx_attempt_clear(&a);
	tx_attempt_clear(&b);
	tx_attempt_clear(&same);
}

static void take_job(void *ctx, const struct tx_job *j)
{
	struct str *s = ctx;

	str_printf(s, "%lld %s %s %u; ", (long long)j->id, j->kind,
		tx_state_name(j->state), j->attempts);
}

static void lists_the_newest(void **state)
{
	struct str s = STR_INIT;
	bool taken;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct tx_record r = make_row(0);
		struct tx_attempt a = make_attempt(i, (uint8_t)(i + 1));

		ok(txs_put(db, &r, i % 2 ? &a : NULL, &taken));
		tx_record_clear(&r);
		tx_attempt_clear(&a);
	}
	ok(txs_each(db, me, 3, take_job, &s));
	assert_string_equal(str_cstr(&s), "4 redeem prepared 1; "
		"3 redeem prepared 0; 2 redeem prepared 1; ");
	str_truncate(&s, 0);
	ok(txs_each(db, other, 3, take_job, &s));
	assert_string_equal(str_cstr(&s), "");
	ok(txs_of_job(db, me, "auto", take_job, &s));
	assert_string_equal(str_cstr(&s), "1 redeem prepared 0; 2 redeem prepared 1; "
		"3 redeem prepared 0; 4 redeem prepared 1; ");
	str_truncate(&s, 0);
	ok(txs_of_job(db, me, "", take_job, &s));
	ok(txs_of_job(db, other, "auto", take_job, &s));
	assert_string_equal(str_cstr(&s), "");
	str_clear(&s);
}

/* The schema before transactions, with a ticket in it. */
static void upgrades(void **state)
{
	static char old[65536];
	int fd = open("tests/data/db_v3.sqlite", O_RDONLY);
	struct tx_record r = make_row(7);
	ssize_t n;
	char *value;
	bool taken;

	(void)state;
	assert_true(fd >= 0);
	n = read(fd, old, sizeof(old));
	close(fd);
	assert_true(n > 0 && n < (ssize_t)sizeof(old));
	db_close(db);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, old, (size_t)n), n);
	close(fd);
	ok(db_open(path, DB_FULL, &db));
	ok(kv_get(db, "option.maxSessions", &value));
	assert_string_equal(value, "32");
	free(value);
	ok(txs_put(db, &r, NULL, &taken));
	assert_int_equal(live(1), 1);
	forget();
	tx_record_clear(&r);
}

static void names_are_states(void **state)
{
	enum tx_state s;

	(void)state;
	for (int i = 0; i < TX_STATES; i++) {
		assert_true(tx_state_parse(&s, tx_state_name((enum tx_state)i)));
		assert_int_equal(s, i);
		assert_int_equal(tx_state_is_final(s), i >= TX_CONFIRMED);
	}
	assert_false(tx_state_parse(&s, "lost"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(no_ticket_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(no_nonce_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(moves_from_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_the_newest, setup, teardown),
		cmocka_unit_test_setup_teardown(upgrades, setup, teardown),
		cmocka_unit_test(names_are_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The rows that are money: kept once, moved by one hand, summed exactly. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/tickets.h"
#include "src/base/str.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define DAY_MS 86400000ll

static char dir[64], path[96];
static struct db *db;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-tickets-XXXXXX");
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

static struct ticket_record record(uint8_t n)
{
	struct ticket_record r = { .won = { .rand = U256_MAX }, .session = "s1",
		.manifest = "movie", .won_ms = 100 * DAY_MS + n };
	struct ticket *t = &r.won.ticket;

	memset(r.hash.b, n, sizeof(r.hash.b));
	memset(r.won.sig.b, n + 100, sizeof(r.won.sig.b));
	memset(t->sender.b, n % 2, sizeof(t->sender.b));
	t->recipient.b[3] = 9;
	t->face_value = wei_from_gwei(1000000 + n);
	t->win_prob = PROB_MAX;
	t->nonce = UINT32_MAX;
	t->rand_hash.b[7] = n;
	t->created = (struct ticket_expiration){ { 1610 }, { { 5, 6 } } };
	t->params_expiration.v = 9274600;
	return r;
}

static int64_t put(uint8_t n)
{
	struct ticket_record r = record(n);
	bool fresh;

	ok(tickets_put_won(db, &r, &fresh));
	assert_true(fresh);
	return r.id;
}

static struct ticket_record get(int64_t id)
{
	struct ticket_record r;
	bool found;

	ok(tickets_get(db, id, &r, &found));
	assert_true(found);
	return r;
}

static void what_goes_in_comes_out(void **state)
{
	struct ticket_record want = record(3), got;
	bool found;

	(void)state;
	got = get(put(3));
	want.id = got.id;
	assert_memory_equal(&want.won, &got.won, sizeof(want.won));
	assert_memory_equal(want.hash.b, got.hash.b, 32);
	assert_string_equal(got.session, "s1");
	assert_string_equal(got.manifest, "movie");
	assert_int_equal(got.won_ms, want.won_ms);
	assert_int_equal(got.state, TICKET_WON);
	ok(tickets_get(db, got.id + 1, &got, &found));
	assert_false(found);
}

static void the_same_ticket_is_one_row(void **state)
{
	struct ticket_record r = record(1), again = record(1);
	struct ticket_totals t;
	bool fresh;

	(void)state;
	ok(tickets_put_won(db, &r, &fresh));
	assert_true(fresh);
	ok(tickets_put_won(db, &again, &fresh));
	assert_false(fresh);
	assert_int_equal(again.id, r.id);
	/* Another form of the same signature, or another hash with it. */
	again = record(1);
	again.won.sig.b[0] ^= 1;
	ok(tickets_put_won(db, &again, &fresh));
	assert_false(fresh);
	again = record(1);
	again.hash.b[0] ^= 1;
	ok(tickets_put_won(db, &again, &fresh));
	assert_false(fresh);
	ok(tickets_totals(db, &(struct ticket_filter){ 0 }, &t));
	assert_int_equal(t.n[TICKET_WON], 1);
}

/* Two hands, each on a connection of its own: one acts. */
static void one_hand_moves_it(void **state)
{
	struct ticket_record mine, theirs;
	struct db *other;
	struct err *e;

	(void)state;
	mine = theirs = get(put(1));
	ok(db_open(path, DB_FULL, &other));
	mine.state = TICKET_SUBMITTED;
	mine.tx = 7;
	mine.attempts = 1;
	ok(tickets_move(db, TICKET_WON, &mine));
	theirs.state = TICKET_SUBMITTED;
	theirs.tx = 8;
	e = tickets_move(other, TICKET_WON, &theirs);
	assert_int_equal(err_kind(e), ERR_BUSY);
	err_free(e);
	assert_int_equal(get(mine.id).tx, 7);
	mine.state = TICKET_REDEEMED;
	mine.tx_hash.b[0] = 0xab;
	mine.paid = mine.won.ticket.face_value;
	mine.from_reserve = wei_from(99);
	mine.gas_cost = wei_from(12345);
	mine.redeemed_ms = 99;
	mine.block = 5;
	snprintf(mine.reason, sizeof(mine.reason), "%s", "");
	ok(tickets_move(other, TICKET_SUBMITTED, &mine));
	theirs = get(mine.id);
	assert_int_equal(theirs.state, TICKET_REDEEMED);
	assert_memory_equal(theirs.tx_hash.b, mine.tx_hash.b, 32);
	assert_int_equal(wei_cmp(theirs.paid, mine.paid), 0);
	assert_int_equal(wei_cmp(theirs.from_reserve, wei_from(99)), 0);
	assert_int_equal(wei_cmp(theirs.gas_cost, mine.gas_cost), 0);
	assert_int_equal(theirs.block, 5);
	db_close(other);
}

static struct err *list(void *ctx, const struct ticket_record *r)
{
	str_printf(ctx, "%lld ", (long long)r->id);
	return NULL;
}

static void are(const struct ticket_filter *f, const char *ids)
{
	struct str s = STR_INIT;

	ok(tickets_each(db, f, list, &s));
	assert_string_equal(str_cstr(&s), ids);
	str_clear(&s);
}

static void filters_and_pages(void **state)
{
	struct ticket_record r;

	(void)state;
	for (uint8_t n = 1; n <= 5; n++)
		put(n);
	r = get(2);
	r.state = TICKET_FAILED;
	ok(tickets_move(db, TICKET_WON, &r));
	are(&(struct ticket_filter){ 0 }, "5 4 3 2 1 ");
	are(&(struct ticket_filter){ .oldest_first = true, .limit = 2, .offset = 1 }, "2 3 ");
	are(&(struct ticket_filter){ .open = true }, "5 4 3 1 ");
	are(&(struct ticket_filter){ .by_state = true, .state = TICKET_FAILED }, "2 ");
	are(&(struct ticket_filter){ .by_state = true, .state = TICKET_WON, .by_sender = true,
		.sender = r.won.ticket.sender }, "4 ");
	are(&(struct ticket_filter){ .by_sender = true, .sender = r.won.ticket.sender },
		"4 2 ");
	are(&(struct ticket_filter){ .session = "s2" }, "");
	are(&(struct ticket_filter){ .since_ms = 100 * DAY_MS + 4,
		.until_ms = 100 * DAY_MS + 5 }, "4 ");
	ok(tickets_note(db, 3, "waits"));
	assert_string_equal(get(3).reason, "waits");
}

static void what_lapsed_may_come_back(void **state)
{
	static const enum ticket_state ends[] = { TICKET_LAPSED, TICKET_LAPSED, TICKET_FAILED,
		TICKET_REDEEMED };
	struct ticket_record r;
	bool fresh;
	int64_t n;

	(void)state;
	for (uint8_t i = 0; i < ARRAY_SIZE(ends); i++) {
		r = record(i + 1);
		r.won.ticket.created.round.v = i ? 11 : 10;
		ok(tickets_put_won(db, &r, &fresh));
		r.state = ends[i];
		ok(tickets_move(db, TICKET_WON, &r));
	}
	ok(tickets_reopen(db, (struct round_no){ 11 }, &n));
	assert_int_equal(n, 0);
	ok(tickets_reopen(db, (struct round_no){ 10 }, &n));
	assert_int_equal(n, 1);
	are(&(struct ticket_filter){ .open = true }, "2 ");
	assert_int_equal(get(2).state, TICKET_WON);
	assert_int_equal(get(1).state, TICKET_LAPSED);
}

static void on_group(void *ctx, const struct ticket_group *g)
{
	str_printf(ctx, "%d/%lld:%lld,", g->sender.b[0], (long long)g->day,
		(long long)g->totals.n[TICKET_WON]);
	u256_fmt(ctx, g->totals.face[TICKET_WON].v);
	str_add(ctx, " ");
}

static void sums_are_exact(void **state)
{
	struct ticket_record r = record(9);
	struct str s = STR_INIT;
	bool fresh;

	(void)state;
	put(1);
	put(2);
	put(3);
	r.won_ms += 2 * DAY_MS;
	ok(tickets_put_won(db, &r, &fresh));
	ok(tickets_by_sender(db, on_group, &s));
	assert_string_equal(s.s, "0/100:1,1000002000000000 1/100:3,3000013000000000 ");
	str_clear(&s);
	ok(tickets_by_day(db, 2, on_group, &s));
	assert_string_equal(s.s, "1/102:1,1000009000000000 ");
	str_clear(&s);
	ok(tickets_by_day(db, 3, on_group, &s));
	assert_string_equal(s.s, "1/100:3,3000006000000000 1/102:1,1000009000000000 ");
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(what_goes_in_comes_out),
		T(the_same_ticket_is_one_row),
		T(one_hand_moves_it),
		T(filters_and_pages),
		T(what_lapsed_may_come_back),
		T(sums_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

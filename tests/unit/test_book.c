/* The book of alarms: when one is raised, over, seen, and what of it survives. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "src/alarm/book.h"
#include "src/base/str.h"

#define WALL 1790000000000LL

static struct alarm_book *book;
static struct str news;
static int64_t now_ms;

static void listen_to(void *ctx, const struct alarm *a, enum alarm_news what)
{
	static const char *const names[] = {"+", "-", "seen ", "forgot "};

	(void)ctx;
	str_printf(&news, "%s%s ", names[what], a->key);
}

static int setup(void **state)
{
	(void)state;
	book = alarm_book_new(&(struct alarm_listener){listen_to, NULL});
	now_ms = 1000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alarm_book_free(book);
	str_clear(&news);
	return 0;
}

/* `seconds` of rounds, one a second, in which these hold (NULL: none). */
static void live(int seconds, enum alarm_id id, const char *subject, bool holds)
{
	for (int i = 0; i < seconds; i++) {
		now_ms += 1000;
		alarm_book_begin(book, now_ms, WALL + now_ms);
		if (holds)
			alarm_see(book, id, subject, "it holds at %lld", (long long)now_ms);
		alarm_book_settle(book);
	}
}

static void news_are(const char *want)
{
	assert_string_equal(str_cstr(&news), want);
	str_truncate(&news, 0);
}

static const struct alarm *only(void)
{
	const struct alarm *list[4];

	assert_int_equal(alarm_book_list(book, list, 4), 1);
	return list[0];
}

static void it_is_raised_after_its_time_and_once(void **state)
{
	(void)state;
	/* not-registered: 30 s */
	live(30, ALARM_NOT_REGISTERED, NULL, true);
	news_are("");
	live(1, ALARM_NOT_REGISTERED, NULL, true);
	news_are("+not-registered ");
	live(100, ALARM_NOT_REGISTERED, NULL, true);
	news_are("");
	assert_int_equal(only()->count, 1);
	assert_true(only()->on);
	assert_int_equal(only()->last_ms, WALL + now_ms);
	assert_non_null(strstr(only()->text, "132000"));
}

static void what_comes_and_goes_too_fast_is_nothing(void **state)
{
	const struct alarm *list[4];

	(void)state;
	for (int i = 0; i < 20; i++) {
		live(20, ALARM_NOT_REGISTERED, NULL, true);
		live(1, ALARM_NOT_REGISTERED, NULL, false);
	}
	news_are("");
	assert_int_equal(alarm_book_list(book, list, 4), 0);
}

static void it_does_not_flap(void **state)
{
	(void)state;
	/* chain-late: at once, over after 10 s */
	live(1, ALARM_HEAD_LATE, NULL, true);
	news_are("+chain-late ");
	for (int i = 0; i < 50; i++) {
		live(9, ALARM_HEAD_LATE, NULL, false);
		live(1, ALARM_HEAD_LATE, NULL, true);
	}
	news_are("");
	live(11, ALARM_HEAD_LATE, NULL, false);
	news_are("-chain-late ");
	assert_int_equal(only()->count, 1);
}

static void it_stays_until_it_is_seen(void **state)
{
	(void)state;
	live(1, ALARM_PAUSED, NULL, true);
	live(1000, ALARM_PAUSED, NULL, false);
	news_are("+paused -paused ");
	assert_false(alarm_is_past(only()));
	assert_int_equal(alarm_book_ack(book, "other", WALL), 0);
	assert_int_equal(alarm_book_ack(book, "paused", WALL + now_ms), 1);
	news_are("seen paused ");
	assert_true(alarm_is_past(only()));
	assert_int_equal(alarm_book_ack(book, NULL, WALL), 0);
	/* Again is news, and counted. */
	live(1, ALARM_PAUSED, NULL, true);
	news_are("+paused ");
	assert_int_equal(only()->count, 2);
	assert_false(only()->seen);
	assert_true(only()->first_ms < only()->raised_ms);
}

static void one_that_was_seen_is_quiet_while_it_lasts(void **state)
{
	(void)state;
	live(1, ALARM_REWARD, NULL, true);
	alarm_book_ack(book, NULL, WALL);
	news_are("+reward seen reward ");
	live(500, ALARM_REWARD, NULL, true);
	news_are("");
	live(1, ALARM_REWARD, NULL, false);
	news_are("-reward ");
	assert_true(alarm_is_past(only()));
}

static void subjects_are_alarms_of_their_own(void **state)
{
	const struct alarm *list[4];

	(void)state;
	live(32, ALARM_SLOW, "gpu0", true);
	live(32, ALARM_SLOW, "gpu1", true);
	news_are("+slow:gpu0 +slow:gpu1 ");
	assert_int_equal(alarm_book_list(book, list, 4), 2);
	assert_string_equal(list[0]->key, "slow:gpu1"); /* the newest first */
	assert_true(alarm_is_on(book, ALARM_SLOW, "gpu1"));
	assert_false(alarm_is_on(book, ALARM_SLOW, "gpu2"));
	alarm_book_ack(book, "slow:gpu0", WALL);
	assert_true(alarm_is_seen(book, ALARM_SLOW, "gpu0"));
	assert_false(alarm_is_seen(book, ALARM_SLOW, "gpu1"));
}

static void count(int64_t n)
{
	now_ms += 1000;
	alarm_book_begin(book, now_ms, WALL + now_ms);
	alarm_count(book, ALARM_TICKET_LOST, n, "%lld lost", (long long)n);
	alarm_book_settle(book);
}

static void a_count_is_over_when_it_was_seen(void **state)
{
	(void)state;
	count(0);
	news_are("");
	count(2);
	count(2);
	news_are("+ticket-lost ");
	count(3);
	news_are("");
	assert_string_equal(only()->text, "3 lost");
	alarm_book_ack(book, NULL, WALL);
	news_are("seen ticket-lost ");
	assert_false(only()->on);
	count(3);
	news_are("");
	count(4);
	news_are("+ticket-lost ");
}

static void a_restart_forgets_nothing_and_rings_for_nothing(void **state)
{
	struct alarm kept;

	(void)state;
	live(1, ALARM_REWARD, NULL, true);
	alarm_book_ack(book, NULL, WALL);
	kept = *only();
	teardown(NULL);
	setup(NULL);
	alarm_book_restore(book, &kept, now_ms);
	live(100, ALARM_REWARD, NULL, false); /* the facts take a moment */
	live(5, ALARM_REWARD, NULL, true);
	news_are("");
	assert_true(only()->seen);
	assert_int_equal(only()->count, 1);
	live(2, ALARM_REWARD, NULL, false);
	news_are("-reward ");

	/* What was mended while the node was down is over by and by. */
	teardown(NULL);
	setup(NULL);
	kept.seen = false;
	alarm_book_restore(book, &kept, now_ms);
	live(122, ALARM_REWARD, NULL, false);
	news_are("-reward ");
	assert_false(alarm_is_past(only()));
}

static void a_count_that_was_seen_stays_so(void **state)
{
	struct alarm kept;

	(void)state;
	count(5);
	alarm_book_ack(book, NULL, WALL);
	kept = *only();
	teardown(NULL);
	setup(NULL);
	alarm_book_restore(book, &kept, now_ms);
	count(5);
	news_are("");
	/* Another account's database: fewer. */
	count(1);
	news_are("");
	count(2);
	news_are("+ticket-lost ");
}

static void history_is_bounded(void **state)
{
	const struct alarm *list[200];
	char host[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(host, sizeof(host), "h%d", i);
		live(32, ALARM_TRANSCODER_GONE, host, true);
		live(1, ALARM_TRANSCODER_GONE, host, false);
		alarm_book_ack(book, NULL, WALL);
	}
	assert_non_null(strstr(str_cstr(&news), "forgot transcoder-gone:h0 "));
	assert_null(strstr(str_cstr(&news), "forgot transcoder-gone:h99 "));
	assert_true(alarm_book_list(book, list, 200) <= 33);
	str_truncate(&news, 0);
	/* A flood of those that nobody has seen is cut off, not run over. */
	now_ms += 1000;
	alarm_book_begin(book, now_ms, WALL);
	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof(host), "t%d", i);
		alarm_see(book, ALARM_THREAD, host, "x");
	}
	alarm_book_settle(book);
	assert_int_equal(alarm_book_list(book, list, 200), 128);
}

static void texts_of_any_length_are_cut(void **state)
{
	char longer[1000];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	alarm_book_begin(book, 5000, WALL);
	alarm_see(book, ALARM_THREAD, longer, "%s", longer);
	alarm_see(book, ALARM_THREAD, longer, "%s", longer);
	alarm_book_settle(book);
	assert_int_equal(strlen(only()->key), ALARM_KEY_SIZE - 1);
	assert_int_equal(strlen(only()->text), ALARM_TEXT_SIZE - 1);
}

static void the_table_is_whole(void **state)
{
	(void)state;
	for (enum alarm_id i = 0; i < ALARM_COUNT; i++) {
		const struct alarm_def *d = alarm_def(i);

		assert_true(*d->name && *d->title && *d->remedy);
		assert_null(strchr(d->name, ':'));
		assert_int_equal(alarm_find(d->name, strlen(d->name)), i);
	}
	assert_int_equal(alarm_find("no-such", 7), ALARM_COUNT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_is_raised_after_its_time_and_once),
		T(what_comes_and_goes_too_fast_is_nothing),
		T(it_does_not_flap),
		T(it_stays_until_it_is_seen),
		T(one_that_was_seen_is_quiet_while_it_lasts),
		T(subjects_are_alarms_of_their_own),
		T(a_count_is_over_when_it_was_seen),
		T(a_restart_forgets_nothing_and_rings_for_nothing),
		T(a_count_that_was_seen_stays_so),
		T(history_is_bounded),
		T(texts_of_any_length_are_cut),
		T(the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

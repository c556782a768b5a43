/* The ring against a list that forgets nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/journal.h"

static void sum_up(void *ctx, const struct journal_record *r)
{
	uint64_t *sum = ctx;

	*sum += r->seq;
}

static void gaps_are_seen(void **state)
{
	struct journal *j = journal_new(4);
	uint64_t sum = 0;

	(void)state;
	assert_int_equal(journal_last(j), 0);
	assert_int_equal(journal_read(j, 0, 100, sum_up, &sum), 0);
	for (int i = 0; i < 10; i++)
		journal_add(j, LOG_INFO, i, "t", "x");
	assert_int_equal(journal_last(j), 10);
	assert_int_equal(journal_read(j, 2, 100, sum_up, &sum), 10);
	assert_int_equal(sum, 7 + 8 + 9 + 10);
	sum = 0;
	assert_int_equal(journal_read(j, 8, 1, sum_up, &sum), 9);
	assert_int_equal(sum, 9);
	assert_int_equal(journal_read(j, 10, 9, sum_up, &sum), 10);
	journal_free(j);
}

/* Record `seq` of the test: any of its sizes, its text made of its number. */
static char *text_of(uint64_t seq, size_t longest)
{
	size_t n = (size_t)(seq * 2654435761u % (longest + 1));
	char *text = xmalloc(n + 1);

	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + (seq + i) % 26);
	text[n] = '\0';
	return text;
}

struct reader {
	size_t longest, bytes, n;
	uint64_t next;
};

static void compare(void *ctx, const struct journal_record *r)
{
	struct reader *reader = ctx;
	char *text = text_of(r->seq, reader->longest);
	char name[32];

	snprintf(name, sizeof(name), "n%llu", (unsigned long long)r->seq);
	if (reader->next)
		assert_int_equal(r->seq, reader->next);
	reader->next = r->seq + 1;
	assert_string_equal(r->name, name);
	assert_string_equal(r->text, text);
	assert_int_equal(r->wall_ms, (int64_t)r->seq * 10);
	assert_int_equal(r->level, r->seq % 5);
	reader->bytes += strlen(name) + strlen(text) + 2;
	reader->n++;
	free(text);
}

/* What is there is the newest, in order and whole; and as much as fits. */
static void check(size_t max, size_t longest, unsigned records)
{
	struct journal *j = journal_new(max);

	for (uint64_t seq = 1; seq <= records; seq++) {
		struct reader reader = {.longest = longest};
		char *text = text_of(seq, longest), name[32];

		snprintf(name, sizeof(name), "n%llu", (unsigned long long)seq);
		journal_add(j, (enum log_level)(seq % 5), (int64_t)seq * 10, name, text);
		free(text);
		if (seq % 17 && seq < records - 100)
			continue;
		assert_int_equal(journal_read(j, 0, SIZE_MAX, compare, &reader), seq);
		assert_int_equal(reader.next, seq + 1);
		/* All but two records' worth at the seam of the ring. */
		if (reader.n < max && reader.n < seq)
			assert_true(reader.bytes + 2 * (longest + 32) > (64 << 10));
		assert_true(reader.n <= max);
	}
	journal_free(j);
}

static void the_newest_are_there(void **state)
{
	(void)state;
	check(1, 10, 300);
	check(7, 3000, 1000);	/* the count is the limit */
	check(300, 20, 3000);
	check(300, 1500, 3000);	/* the bytes are */
	check(300, 30000, 1000);
}

static void long_ones_are_cut(void **state)
{
	struct journal *j = journal_new(2);
	size_t n = 1 << 20;
	char *text = xmalloc(n + 1);
	uint64_t sum = 0;

	(void)state;
	memset(text, 'x', n);
	text[n] = '\0';
	for (int i = 0; i < 5; i++)
		journal_add(j, LOG_INFO, i, text, text);
	journal_read(j, 0, 10, sum_up, &sum);
	assert_true(sum == 5);
	free(text);
	journal_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_seen),
		cmocka_unit_test(the_newest_are_there),
		cmocka_unit_test(long_ones_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

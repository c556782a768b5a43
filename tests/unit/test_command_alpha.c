/* The alpha's history, asked for as an operator does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "db/archive.h"
#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "tests/unit/alpha_tree.h"

static struct config *config;
static struct err *err;
static struct ctl_answer *answer;

static int setup(void **state)
{
	int rc = tree_setup(state);

	config = config_new();
	ok(config_set(config, OPT_DATADIR, ORIGIN_FLAG, tree));
	return rc;
}

static void clear(void)
{
	err_free(TAKE(err));
	ctl_answer_free(TAKE(answer));
}

static int teardown(void **state)
{
	clear();
	config_free(config);
	return tree_teardown(state);
}

static void archive(void)
{
	char path[96];
	struct archive_counts n;
	struct archive *a;
	struct alpha_db *from;

	snprintf(path, sizeof(path), "%s/" ARCHIVE_FILE, tree);
	ok(archive_open(path, &a));
	ok(alpha_db_open(tree_path("0.3/lp.sqlite3"), &from));
	ok(archive_put(a, from, "/old", &n));
	alpha_db_close(from);
	archive_close(a);
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	err = taken;
	answer = result;
}

static const char *ask(const char *line)
{
	struct command_target target = { .config = config };
	struct command c;

	clear();
	ok(command_parse_line(line, &c));
	cmd_alpha_history(&target, &c, (struct reply){ NULL, on_answer, NULL });
	command_clear(&c);
	return err ? err_text(err) : answer->text;
}

static void pages_follow_each_other(void **state)
{
	(void)state;
	archive();
	assert_string_equal(ask("alpha_history unbondinglocks rows=1 format=csv"),
		"row,id,delegator,amount,withdrawRound,usedBlock,createdAt,doubts,source\n"
		"4,0,0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF,1,1616,,,,/old\n");
	assert_string_equal(ask("alpha_history unbondinglocks before=2 format=csv"),
		"row,id,delegator,amount,withdrawRound,usedBlock,createdAt,doubts,source\n"
		"1,0,0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf,1000000000000000000000,1580,"
		"7400000,,,/old\n");
	assert_non_null(strstr(ask("alpha_history jobs format=json"),
		"\"doubts\":\"streamID, segmentPrice \\\"a lot\\\", transcodeOptions, startBlock"));
	assert_non_null(strstr(ask("alpha_history claims"), "row  id  jobID  claimRoot"));
}

static void where_nothing_was_archived_is_said(void **state)
{
	(void)state;
	assert_non_null(strstr(ask("alpha_history jobs"), "`weir migrate` does that"));
}

static void every_table_is_one_of_the_words(void **state)
{
	(void)state;
	archive();
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++) {
		char line[64] = "alpha_history ";
		size_t n = strlen(line);

		for (const char *p = alpha_table_name(t); *p; p++)
			line[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
		assert_non_null(strstr(ask(line), alpha_column(t, 1)->name));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_follow_each_other),
		TEST(where_nothing_was_archived_is_said),
		TEST(every_table_is_one_of_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

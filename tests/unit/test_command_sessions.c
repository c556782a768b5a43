/* What became of sessions that are over, asked for as an operator does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "db/segments.h"
#include "db/sessions.h"
#include "db/stmt.h"
#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static struct db *db;
static char path[64] = "/tmp/weir-sessions-XXXXXX";
static struct err *err;
static struct ctl_answer *answer;

static void fill(void)
{
	struct stmt *writer;

	ok(sessions_start(db, "O", "abcd", "concert", 1790000000000));
	ok(sessions_end(db, "O", "abcd", 1790000010000, 2, 1, "Timeout"));
	ok(sessions_start(db, "B", "=live", "=live", 1790000020000));
	ok(segments_writer(db, &writer));
	ok(segments_add(writer, &(struct segment_record){"O", "abcd", 0, 1790000002000, 2000, 512,
		1000, NULL}));
	ok(segments_add(writer, &(struct segment_record){"O", "abcd", 1, 1790000004000, 2000, 9000,
		1000, "Timeout"}));
	stmt_free(writer);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	ok(db_open(path, DB_NORMAL, &db));
	fill();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	err_free(err);
	ctl_answer_free(answer);
	db_close(db);
	scratch_unlink_db(path);
	return 0;
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	err = taken;
	answer = result;
}

static const char *ask(command_fn *run, const char *line)
{
	struct command_target target = {.db = db};
	struct command c;

	err_free(TAKE(err));
	ctl_answer_free(TAKE(answer));
	ok(command_parse_line(line, &c));
	run(&target, &c, (struct reply){NULL, on_answer, NULL});
	command_clear(&c);
	return err ? err_text(err) : view_text(answer->text);
}

static void sessions(void **state)
{
	(void)state;
	assert_string_equal(ask(cmd_sessions, "sessions format=csv"),
		"role,session,manifest,started,ended,segments,failed,last_error\n"
		"B,\"'=live\",\"'=live\",2026-09-21T14:13:40.000Z,,,,\n"
		"O,abcd,concert,2026-09-21T14:13:20.000Z,2026-09-21T14:13:30.000Z,2,1,Timeout\n");
	assert_null(strstr(ask(cmd_sessions, "sessions 1 csv"), "abcd"));
}

static void segments(void **state)
{
	(void)state;
	assert_string_equal(ask(cmd_segments, "segments abcd format=csv"),
		"role,segment,at,duration_ms,took_ms,bytes,error\n"
		"O,0,2026-09-21T14:13:22.000Z,2000,512,1000,\n"
		"O,1,2026-09-21T14:13:24.000Z,2000,9000,1000,Timeout\n");
	assert_null(strstr(ask(cmd_segments, "segments abcd 1 csv"), ",512,"));
	assert_non_null(strstr(ask(cmd_segments, "segments nobody"), "no segment of \"nobody\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(segments),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

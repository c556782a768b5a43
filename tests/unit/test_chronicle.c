/* What a node keeps of its last hours, over a restart of it, with a board and a
 * database of its own. */
#include "src/node/chronicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "db/db.h"
#include "db/history.h"
#include "db/kv.h"
#include "proto/trend_codec.h"
#include "src/base/clock.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

struct world {
	char dir[64], path[96];
	struct log *log;
	struct board *board;
	struct history *history;
	struct chronicle *chronicle;
};

static char *kept(struct world *w)
{
	struct db *db;
	char *text;

	ok(db_open(w->path, DB_NORMAL, &db));
	ok(kv_get(db, CHRONICLE_KEY, &text));
	db_close(db);
	return text;
}

static void start(struct world *w)
{
	char *text = kept(w);
	struct db *db;

	ok(db_open(w->path, DB_NORMAL, &db));
	w->history = history_new(w->log, db);
	w->board = board_new(BOARD_SLOTS);
	w->chronicle = chronicle_new(w->log, w->board, w->history, text);
	free(text);
}

static void stop(struct world *w)
{
	chronicle_free(w->chronicle);
	history_free(w->history);
	board_free(w->board);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	log_set_quiet(1);
	snprintf(w->dir, sizeof(w->dir), "/tmp/weir-chronicle-XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	snprintf(w->path, sizeof(w->path), "%s/weir.sqlite", w->dir);
	w->log = log_new("test", NULL);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	int rc = scratch_drop(w->dir);

	log_free(w->log);
	free(w);
	return rc;
}

static struct trend *published(struct world *w)
{
	uint64_t version;
	struct blob *b = board_get(w->board, BOARD_TREND, &version);
	struct trend *t;

	assert_non_null(b);
	assert_int_equal(blob_size(b), sizeof(*t));
	t = malloc(sizeof(*t));
	memcpy(t, blob_data(b), sizeof(*t));
	blob_put(b);
	return t;
}

static struct trend *read_back(struct world *w)
{
	struct trend *t = calloc(1, sizeof(*t));
	char *text = kept(w);

	assert_non_null(text);
	ok(trend_read(t, text, strlen(text)));
	free(text);
	return t;
}

static struct sample all(const struct trend *t)
{
	return trend_sum(t, SPAN_DAY, 86400000, 0);
}

static void tell(struct world *w, enum section s, const char *json)
{
	board_publish(w->board, s, blob_new(json, strlen(json)));
}

/* What a node did is there after its restart, and so is a fresh console's first
 * look; what it was said to have earned before counts for no day. */
static void survives_restart(void **state)
{
	struct world *w = *state;
	struct totals roles[2] = {{.ok = 4, .sessions = 2}, {.ok = 3, .failed = 1, .pixels = 9}};
	struct trend *t;
	struct sample sum;

	start(w);
	tell(w, SECTION_TICKETS, "{\"expected\":\"1 ETH\",\"value_redeemed\":\"2 ETH\"}");
	tell(w, SECTION_TXS, "{\"rows\":[{\"id\":1,\"cost\":\"5 wei\",\"final_ms\":7}]}");
	chronicle_tick(w->chronicle, roles, 2, 50);
	t = published(w); /* at once, if only to say that there is nothing */
	free(t);
	roles[1].ok = 8;
	chronicle_tick(w->chronicle, roles, 2, 80);
	stop(w);
	t = read_back(w);
	sum = all(t);
	assert_int_equal(sum.segments, 4 + 5); /* of two, the busier each time */
	assert_int_equal(sum.cpu_ms, 80);
	assert_true(wei_is_zero(sum.earned) && wei_is_zero(sum.redeemed));
	assert_true(wei_is_zero(sum.gas)); /* final before the node began */
	free(t);

	start(w);
	chronicle_tick(w->chronicle, roles, 0, 0);
	t = published(w);
	assert_int_equal(all(t).segments, 9);
	free(t);
	stop(w);
	t = read_back(w);
	assert_int_equal(all(t).segments, 9);
	free(t);
}

/* A clock that went back between two runs, years or so: what there is stays,
 * and the present follows on it. */
static void clock_went_back(void **state)
{
	struct world *w = *state;
	struct trend *t = calloc(1, sizeof(*t));
	int64_t future = clock_wall_ms() / TREND_FINE_MS + 99999;
	struct str json = STR_INIT;
	struct db *db;

	trend_add(t, &(struct sample){.slot = future, .observed_ms = 10000, .segments = 5});
	trend_write(&json, t, -1);
	ok(db_open(w->path, DB_NORMAL, &db));
	ok(kv_put(db, CHRONICLE_KEY, json.s));
	db_close(db);
	str_clear(&json);
	free(t);
	start(w);
	chronicle_tick(w->chronicle, &(struct totals){.ok = 3}, 1, 0);
	stop(w);
	t = read_back(w);
	assert_int_equal(t->ring[SPAN_HOUR].n, 2);
	assert_int_equal(trend_at(t, SPAN_HOUR, 1)->slot, future + 1);
	assert_int_equal(all(t).segments, 8);
	free(t);
}

static void ruined_value(void **state)
{
	struct world *w = *state;
	struct trend *t;
	struct db *db;

	ok(db_open(w->path, DB_NORMAL, &db));
	ok(kv_put(db, CHRONICLE_KEY, "{\"whole\":true,\"fine\":[[1,2"));
	db_close(db);
	start(w);
	chronicle_tick(w->chronicle, NULL, 0, 0);
	t = published(w);
	assert_int_equal(all(t).observed_ms, 0);
	free(t);
	stop(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(survives_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(clock_went_back, setup, teardown),
		cmocka_unit_test_setup_teardown(ruined_value, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

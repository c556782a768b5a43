/* The last blocks in the database: put, cut by a reorganisation, pruned. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/blocks.h"
#include "src/base/str.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define KEEP 4

static char dir[64], path[96];
static struct db *db;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-blocks-XXXXXX");
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

static void put(int64_t from, int n, uint8_t fork)
{
	struct block_row rows[8];

	for (int i = 0; i < n; i++) {
		uint8_t number = (uint8_t)(from + i);

		rows[i] = (struct block_row){
			.number = { number },
			.hash = { { number, fork } },
			.parent = { { (uint8_t)(number - 1), fork } },
			.l1 = { number / 2 },
			.time_ms = number * 1000,
		};
	}
	ok(blocks_put(db, (struct l2_block){ from }, rows, (size_t)n, KEEP));
}

static void blocks_are(const char *want)
{
	struct block_row rows[8];
	struct str s = STR_INIT;
	size_t n;

	ok(blocks_get(db, rows, ARRAY_SIZE(rows), &n));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].hash.b[0], rows[i].number.v);
		assert_int_equal(rows[i].parent.b[0], rows[i].number.v - 1);
		assert_int_equal(rows[i].l1.v, rows[i].number.v / 2);
		assert_int_equal(rows[i].time_ms, rows[i].number.v * 1000);
		str_printf(&s, "%d%c ", (int)rows[i].number.v,
			'a' + rows[i].hash.b[1]);
	}
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

static void put_and_cut(void **state)
{
	struct block_row one;
	size_t n;

	(void)state;
	blocks_are("");
	put(1, 3, 0);
	blocks_are("1a 2a 3a ");
	put(4, 2, 0);
	blocks_are("2a 3a 4a 5a ");
	put(4, 3, 1); /* 4 and 5 were reorganised away */
	blocks_are("3a 4b 5b 6b ");
	put(5, 0, 0);
	blocks_are("3a 4b ");
	put(100, 1, 2); /* far ahead */
	blocks_are("100c ");
	ok(blocks_get(db, &one, 1, &n));
	assert_int_equal(n, 1);
	assert_int_equal(one.number.v, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(put_and_cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

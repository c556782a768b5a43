#include "src/migrate/tree.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/file.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define SUM_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char dir[64], from[96], to[96];

static void make(const char *name, const char *text, mode_t mode)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", from, name);
	ok(file_write(path, text, strlen(text), mode));
}

static int setup(void **state)
{
	char path[160];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-tree-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(from, sizeof(from), "%s/from", dir);
	snprintf(to, sizeof(to), "%s/to", dir);
	snprintf(path, sizeof(path), "%s/keystore", from);
	if (mkdir(from, 0755) || mkdir(path, 0755))
		return -1;
	make("lp.sqlite3", "abc", 0644);
	make("keystore/UTC--key", "secret", 0400);
	snprintf(path, sizeof(path), "%s/link", from);
	if (symlink("lp.sqlite3", path))
		return -1;
	snprintf(path, sizeof(path), "%s/pipe", from);
	return mkfifo(path, 0600);
}

static int teardown(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

static void test_read(void **state)
{
	struct tree t;
	struct str text = STR_INIT;

	(void)state;
	ok(tree_read(from, &t));
	assert_int_equal(t.n, 5);
	assert_int_equal(t.specials, 1);
	assert_int_equal(t.bytes, 9);
	assert_string_equal(tree_find(&t, "lp.sqlite3")->sha256, SUM_OF_ABC);
	assert_int_equal(tree_find(&t, "lp.sqlite3")->mode, 0644);
	assert_int_equal(tree_find(&t, "link")->kind, TREE_LINK);
	assert_int_equal(tree_find(&t, "pipe")->kind, TREE_SPECIAL);
	assert_int_equal(tree_find(&t, "keystore")->kind, TREE_DIRECTORY);
	assert_null(tree_find(&t, "UTC--key"));
	tree_manifest(&t, &text);
	assert_non_null(strstr(text.s, SUM_OF_ABC "  lp.sqlite3\n"));
	assert_non_null(strstr(text.s, "  keystore/UTC--key\n"));
	str_clear(&text);
	tree_clear(&t);
	refuses(tree_read(to, &t), "there is no such file");
}

/* Nothing of it shows that it was read. */
/* What another works in below is left out, but for the directory itself. */
static void test_read_but(void **state)
{
	struct tree t;
	size_t n;

	(void)state;
	ok(tree_read(from, &t));
	n = t.n;
	tree_clear(&t);
	ok(tree_read_but(from, "UTC--key", &t));
	assert_int_equal(t.n, n - 2);
	assert_null(tree_find(&t, "keystore"));
	tree_clear(&t);
	ok(tree_read_but(from, "lp.sqlite3", &t));
	assert_int_equal(t.n, n);
	tree_clear(&t);
}

static void test_no_trace(void **state)
{
	char path[160];
	struct stat before, after;
	struct timespec old[2] = {{1000000000, 7}, {1000000001, 9}};
	struct tree t;

	(void)state;
	snprintf(path, sizeof(path), "%s/lp.sqlite3", from);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(stat(path, &before), 0);
	ok(tree_read(from, &t));
	ok(tree_copy(&t, from, to));
	tree_clear(&t);
	assert_int_equal(stat(path, &after), 0);
	assert_memory_equal(&before.st_atim, &after.st_atim, sizeof(before.st_atim));
	assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim));
}

static void test_copy(void **state)
{
	char a[SHA256_TEXT_SIZE], b[SHA256_TEXT_SIZE], path[160];
	struct tree t, copy;

	(void)state;
	ok(tree_read(from, &t));
	ok(tree_copy(&t, from, to));
	ok(tree_read(to, &copy));
	tree_sum(&t, a);
	tree_sum(&copy, b);
	assert_string_equal(a, b);
	assert_int_equal(copy.n, 4); /* the pipe stays */
	assert_int_equal(tree_find(&copy, "lp.sqlite3")->mode, 0600);
	assert_int_equal(tree_find(&copy, "keystore")->mode, 0700);
	tree_clear(&copy);
	refuses(tree_copy(&t, from, to), "File exists");
	ok(tree_remove(to));
	ok(tree_remove(to));
	make("lp.sqlite3", "abd", 0644); /* somebody writes it meanwhile */
	refuses(tree_copy(&t, from, to), "changes while it is copied");
	ok(tree_remove(to));
	snprintf(path, sizeof(path), "%s/keystore/UTC--key", from);
	unlink(path);
	make("lp.sqlite3", "abc", 0644);
	refuses(tree_copy(&t, from, to), "UTC--key");
	tree_clear(&t);
}

static void test_sums_differ(void **state)
{
	char a[SHA256_TEXT_SIZE], b[SHA256_TEXT_SIZE];
	struct tree t;

	(void)state;
	ok(tree_read(from, &t));
	tree_sum(&t, a);
	tree_clear(&t);
	make("new", "", 0600);
	ok(tree_read(from, &t));
	tree_sum(&t, b);
	tree_clear(&t);
	assert_string_not_equal(a, b);
}

/* Whole or not at all, and nothing beside it. */
static void test_file_write(void **state)
{
	char path[160];
	struct str text = STR_INIT;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/keystore/new", from);
	ok(file_write(path, "one", 3, 0600));
	ok(file_write(path, "two!", 4, 0640));
	ok(file_read(path, 100, &text));
	assert_string_equal(text.s, "two!");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	str_clear(&text);
	snprintf(path, sizeof(path), "%s/nowhere/new", from);
	refuses(file_write(path, "one", 3, 0600), "No such file");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_read), T(test_read_but), T(test_no_trace), T(test_copy), T(test_sums_differ),
		T(test_file_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Any bytes as the database of an alpha's node: read, or refused in words, and
 * archived all or not at all. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct err *count_row(void *ctx, const struct alpha_row *row)
{
	int64_t *n = ctx;

	for (size_t i = 0; i < ALPHA_COLUMNS_MAX && row->v[i].text; i++)
		assert(strlen(row->v[i].text) <= ALPHA_TEXT_MAX + 2);
	++*n;
	return NULL;
}

static struct err *count_lock(void *ctx, const struct lpdb_lock *k)
{
	(void)k;
	++*(int64_t *)ctx;
	return NULL;
}

static char dir[] = "/tmp/weir-fuzz-alpha-XXXXXX", path[64], archive_path[64];
static struct archive *archive;

static void clear_up(void)
{
	archive_close(archive);
	unlink(archive_path);
	rmdir(dir);
}

static void prepare(void)
{
	struct err *e;

	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s/lp.sqlite3", dir);
	snprintf(archive_path, sizeof(archive_path), "%s/" ARCHIVE_FILE, dir);
	e = archive_open(archive_path, &archive);
	assert(!e);
	atexit(clear_up);
}

static int64_t archived(enum alpha_table t)
{
	int64_t rows;
	struct err *e = archive_count(archive, t, &rows);

	assert(!e);
	return rows;
}

static struct err *show(void *ctx, const struct archive_row *row)
{
	assert(row->id > 0 && row->source && row->doubts);
	++*(int64_t *)ctx;
	return NULL;
}

static void archive_it(struct alpha_db *a)
{
	struct archive_counts n;
	int64_t before[ALPHA_TABLES], shown = 0;
	struct err *e;

	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		before[t] = archived(t);
	e = archive_put(archive, a, "a fuzzer", &n);
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		assert(archived(t) - before[t] == n.fresh[t]);
	err_free(e);
	e = archive_page(archive, ALPHA_JOBS, 0, 3, show, &shown);
	assert(!e && shown <= 3);
}

static void read_all(struct alpha_db *a)
{
	struct alpha_losses losses;
	int64_t n = 0, block;

	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		err_free(alpha_db_each(a, t, count_row, &n));
	err_free(alpha_db_each_lock(a, count_lock, &n));
	err_free(alpha_db_losses(a, &losses));
	(void)!alpha_db_last_block(a, &block);
	(void)alpha_db_is_shared(a);
	archive_it(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alpha_db *a;
	struct err *e;
	int fd;

	if (!archive)
		prepare();
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	e = alpha_db_open(path, &a);
	assert(!e == !!a);
	if (a)
		read_all(a);
	err_free(e);
	alpha_db_close(a);
	unlink(path);
	return 0;
}

#ifndef TESTS_UNIT_ALPHA_TREE_H
#define TESTS_UNIT_ALPHA_TREE_H
/* The directories of tests/data/alpha, copied to where a test may do as it
 * likes, and a picture of a tree to compare with another of later: names, bytes,
 * modes, owners and times. Included after cmocka. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/file.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char tree[64]; /* the copy of all of it */

static inline void tree_copy(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *entry;

	assert_non_null(d);
	assert_int_equal(mkdir(to, 0700), 0);
	while ((entry = readdir(d))) {
		char a[512], b[512];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(a, sizeof(a), "%s/%s", from, entry->d_name);
		snprintf(b, sizeof(b), "%s/%s", to, entry->d_name);
		assert_int_equal(stat(a, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			tree_copy(a, b);
		} else {
			struct str text = STR_INIT;
			int fd = open(b, O_WRONLY | O_CREAT | O_EXCL, 0600);

			ok(file_read(a, 1 << 20, &text));
			assert_int_equal(write(fd, str_cstr(&text), text.len), text.len);
			close(fd);
			str_clear(&text);
		}
	}
	closedir(d);
}

static inline int tree_setup(void **state)
{
	char to[96];

	(void)state;
	snprintf(tree, sizeof(tree), "/tmp/weir-alpha-XXXXXX");
	if (!mkdtemp(tree))
		return -1;
	snprintf(to, sizeof(to), "%s/alpha", tree);
	tree_copy("tests/data/alpha", to);
	snprintf(to, sizeof(to), "%s/tmp", tree);
	return mkdir(to, 0700);
}

static inline int tree_teardown(void **state)
{
	(void)state;
	return scratch_drop(tree);
}

/* "<tree>/alpha/<name>", good until the next call. */
static inline const char *tree_path(const char *name)
{
	static char path[4][512];
	static unsigned next;
	char *p = path[next++ % ARRAY_SIZE(path)];

	snprintf(p, sizeof(path[0]), "%s/alpha/%s", tree, name);
	return p;
}

/* Copies go here, and must be gone at the end. */
static inline const char *tree_tmp(void)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s/tmp", tree);
	return path;
}

static inline void tree_tmp_is_empty(void)
{
	assert_int_equal(rmdir(tree_tmp()), 0);
	assert_int_equal(mkdir(tree_tmp(), 0700), 0);
}

static struct str *tree_picture;

static inline int tree_add(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct str *out = tree_picture;

	(void)type;
	(void)at;
	str_printf(out, "%s %o %u:%u %lld", path, st->st_mode, st->st_uid, st->st_gid,
		(long long)st->st_size);
	str_printf(out, " a%lld.%09ld m%lld.%09ld c%lld.%09ld\n", (long long)st->st_atim.tv_sec,
		st->st_atim.tv_nsec, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		(long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
	if (S_ISREG(st->st_mode))
		ok(file_read(path, 64 << 20, out));
	return 0;
}

/* free() it. nftw() reads the directories: once before, so that their times of
 * reading are later than those of their change, and stay. */
static inline char *tree_take_picture(const char *root)
{
	struct str text = STR_INIT;

	tree_picture = &text;
	assert_int_equal(nftw(root, tree_add, 16, FTW_PHYS), 0);
	return str_take(&text);
}
#endif

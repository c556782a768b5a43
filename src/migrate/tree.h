#ifndef SRC_MIGRATE_TREE_H
#define SRC_MIGRATE_TREE_H
/* A directory as it is: each file with its size, mode and SHA-256, so that a copy
 * can be held against it, and a directory that we made against what we made.
 * Reading changes nothing there, the times of reading included, where the
 * system lets us ask for that. Links are looked at, never followed. Any thread;
 * blocks. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"
#include "src/base/str.h"
#include "src/crypto/sha256.h"

#define TREE_ENTRIES_MAX 200000
#define TREE_DEPTH_MAX 32

enum tree_kind { TREE_FILE, TREE_DIRECTORY, TREE_LINK, TREE_SPECIAL };
struct tree_entry {
	char *path; /* owned; below the directory, without a slash before it */
	enum tree_kind kind;
	mode_t mode;
	uint64_t size;
	char sha256[SHA256_TEXT_SIZE]; /* of a file, or of a link's target */
};
struct tree {
	struct tree_entry *v; /* by path */
	size_t n, specials;
	uint64_t bytes;
};

/* ERR_NOT_FOUND: there is no such directory. */
struct err *tree_read(const char *dir, struct tree *out) must_check;
/* The same without the directories below in which a file of this name lies. */
struct err *tree_read_but(const char *dir, const char *but, struct tree *out) must_check;
void tree_clear(struct tree *t);
const struct tree_entry *tree_find(const struct tree *t, const char *path);
/* Lines of sha256sum(1), to be checked with `sha256sum -c`. */
void tree_manifest(const struct tree *t, struct str *out);
/* Over paths, kinds, sizes and contents. */
void tree_sum(const struct tree *t, char out[static SHA256_TEXT_SIZE]);

/* Copies what tree_read() found in `from` to `to`, which is made: files of mode
 * 0600, directories of 0700, all of it on the disk when it returns. What changed
 * meanwhile is an err of ERR_BUSY. Pipes, sockets and devices are left out. */
struct err *tree_copy(const struct tree *t, const char *from, const char *to) must_check;
/* All of a directory that is ours; none is fine. */
struct err *tree_remove(const char *dir) must_check;

/* Whole or not at all: another name first, on the disk before it gets this one. */
struct err *file_write(const char *path, const void *bytes, size_t n, mode_t mode)
	must_check;
/* What a rename or a new file left to be written of the directory itself. */
struct err *directory_sync(const char *path) must_check;
#endif

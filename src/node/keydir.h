#ifndef SRC_NODE_KEYDIR_H
#define SRC_NODE_KEYDIR_H
/* A directory of keyfiles, as geth and go-livepeer keep them:
 * UTC--<time>--<address>, mode 0600 in a directory of mode 0700. main's thread.
 * Source: go-ethereum accounts/keystore. */
#include <sys/types.h>

#include "src/base/err.h"
#include "src/model/keyfile.h"

#define KEYDIR_MAX 1024 /* files looked at */

struct keydir_entry {
	char *path; /* owned */
	mode_t mode;
	struct keyfile key; /* also when broken its address, if that was read */
	struct err *broken; /* owned: it is no keyfile, and why; else NULL */
};
struct keydir {
	char *path; /* owned */
	struct keydir_entry *v;
	size_t n;
};

/* In the order of file names, as go-livepeer reads them; files whose names
 * start with a dot or end with ~ are none. A directory that is not there has no
 * entries. */
struct err *keydir_read(const char *path, struct keydir *out) must_check;
void keydir_clear(struct keydir *d);
/* One file, wherever it lies; the error is that it could not be read. */
struct err *keydir_read_file(const char *path, struct keydir_entry *out) must_check;
void keydir_entry_clear(struct keydir_entry *e);
/* The first whole one; NULL: no such address. */
const struct keydir_entry *keydir_find(const struct keydir *d, struct eth_addr a);
/* Others may read or write the file: refused; its group: *warn says so. */
struct err *keydir_check_mode(const struct keydir_entry *e, bool *warn) must_check;

/* Whole or not at all: a file of another name, on the disk before it gets
 * this one, and read back before that. Makes the directory. A second file of an
 * account that has one there is refused. *path is the new file's, free() it.
 * now_ms: Unix time. */
struct err *keydir_write(const char *dir, const struct keyfile *k, int64_t now_ms,
	char **path) must_check;
#endif

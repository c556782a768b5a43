#ifndef SRC_BASE_FILE_H
#define SRC_BASE_FILE_H
/* Reading files and directories that are somebody else's: bounded, and without
 * a trace. Their times of reading stay where the system lets us (the file's
 * owner, or root). Any thread; blocks on the disk. */
#include <sys/stat.h>

#include "src/base/err.h"
#include "src/base/str.h"

/* Opens a file to be read; links are followed. Refused: what is no regular file,
 * since a pipe would have nothing to say, and a device no end. ERR_NOT_FOUND:
 * there is none. *st may be NULL. */
struct err *file_open(const char *path, int *fd, struct stat *st) must_check;
/* A whole file, added to *out. ERR_LIMIT: it has over max bytes. */
struct err *file_read(const char *path, size_t max, struct str *out) must_check;

struct file_names {
	char **v; /* owned, in the order of their bytes */
	size_t n;
	bool more; /* there were over max: the rest was left out */
};
/* All names in a directory but "." and "..". ERR_NOT_FOUND: there is none. */
struct err *file_list(const char *dir, size_t max, struct file_names *out) must_check;
void file_names_clear(struct file_names *names);
#endif

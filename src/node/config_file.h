#ifndef SRC_NODE_CONFIG_FILE_H
#define SRC_NODE_CONFIG_FILE_H
/* A config file on the disk: where it is looked for, and how one is written so
 * that there is the old one or the new one whatever happens. Any thread; the
 * file system is all that is touched. */
#include "src/base/err.h"
#include "src/base/str.h"

/* Where weir looks for one: $XDG_CONFIG_HOME/weir/weir.conf, which without that
 * variable is in ~/.config; free() it. */
char *config_file_home(void);
/* The whole file, at most 1 MiB of it. */
struct err *config_file_read(const char *path, struct str *out) must_check;
/* Puts these bytes in the place of a file: mode and owner stay, what was there
 * before is PATH.bak. Whoever reads it meanwhile reads one or the other. */
struct err *config_file_replace(const char *path, const char *text, size_t n) must_check;
/* A new one, mode 0600, and its directory; an existing file is an error. */
struct err *config_file_create(const char *path, const char *text, size_t n) must_check;
#endif
